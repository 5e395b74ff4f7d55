"""Every failure has its code and one line; no traceback, no key."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pm_tui.api import errors, home_errors
from pm_tui.cli import main
from pm_tui.cli.exits import CliError
from pm_tui.config import ConfigError, load
from pm_tui.services.session import NothingRemembered
from tests.canary import KEY
from tests.cli.conftest import NOW, FakeSession


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigError("c"), 2),
        (CliError(5, "x"), 5),
        (errors.Unauthorized(), 3),
        (errors.Suspended(), 3),
        (errors.NotFound(), 4),
        (errors.Conflict(), 5),
        (errors.RateLimited(NOW), 6),
        (errors.QuotaSpent(NOW), 6),
        (errors.Unreachable(), 7),
        (errors.OfflineByChoice(), 7),
        (errors.TlsProblem(), 7),
        (errors.Timeout(), 7),
        (errors.OutcomeUnknown(), 8),
        (errors.BadRequest(), 1),
        (errors.SpendingLimit(), 1),
        (errors.ServerTrouble(), 1),
        (errors.BadAnswer(), 1),
        (errors.LoginPage(), 1),
        (home_errors.TokenRefused(), 3),
        (home_errors.NotAllowed(), 3),
        (home_errors.NoSuchDevice(), 4),
        (home_errors.HourSpent(NOW), 6),
        (home_errors.ForeignLink(), 1),
        (home_errors.NoSuchSerial(), 4),
        (home_errors.NotTakenOn(), 1),
        (home_errors.WrongVersion(), 1),
        (home_errors.BadPage(), 1),
        (NothingRemembered("n"), 7),
        (NothingRemembered("n", errors.Unreachable()), 7),
        (NothingRemembered("n", errors.RateLimited(NOW)), 6),
        (NothingRemembered("n", errors.ServerTrouble()), 1),
        (PermissionError(13, "Permission denied", "/x"), 1),
        (RuntimeError("two\nlines \x1b[31m"), 1),
        (KeyError("k"), 1),
        (KeyboardInterrupt(), 130),
    ],
    ids=repr,
)
def test_codes(
    session: FakeSession,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    code: int,
) -> None:
    session.answers["usage"] = error
    assert main(["usage"]) == code
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == (0 if code == 130 else 1)
    assert "Traceback" not in told.err
    assert "\x1b" not in told.err
    assert session.open_count == 0


def test_every_leaf_of_the_tree_has_a_row_above() -> None:
    def leaves(kind: type[errors.ApiError]) -> set[type[errors.ApiError]]:
        return {kind}.union(*(leaves(sub) for sub in kind.__subclasses__()))

    marks = [mark for mark in test_codes.pytestmark if mark.name == "parametrize"]  # type: ignore[attr-defined]
    tested = {type(row[0]) for row in marks[0].args[1]}
    assert leaves(errors.ApiError) - {errors.ApiError} <= tested


def test_the_line_says_what_to_do(session: FakeSession, capsys: pytest.CaptureFixture[str]) -> None:
    session.answers["usage"] = errors.RateLimited(NOW, "slow down")
    main(["usage"])
    text = capsys.readouterr().err
    assert "Too many requests in this minute. (slow down)" in text
    assert "Requests go on from 2026-11-24T12:00:00Z." in text


def test_a_fault_of_ours_names_its_place(
    session: FakeSession, capsys: pytest.CaptureFixture[str]
) -> None:
    session.answers["usage"] = RuntimeError("oh")
    main(["usage"])
    assert "unexpected error: RuntimeError: oh (conftest.py:" in capsys.readouterr().err


def test_a_fault_of_ours_is_written_down_without_the_key(
    session: FakeSession,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("PM_TUI_API_KEY", KEY)
    monkeypatch.setenv("PM_TUI_STATE_DIR", str(tmp_path / "state"))
    load().api_key()
    session.answers["usage"] = LookupError(f"not {KEY}")
    assert main(["usage"]) == 1
    told = capsys.readouterr().err
    (report,) = (tmp_path / "state").glob("crash-*.txt")
    assert told.count("\n") == 1 and told.endswith(f"{report}\n")
    assert "LookupError: not ********" in report.read_text()
    assert KEY not in told + report.read_text()


def python(*arguments: str, **options: object) -> list[str]:
    return [sys.executable, "-m", "pm_tui", *arguments]


def test_a_reader_that_leaves_is_no_error(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        python("completion", "zsh"), stdout=writing, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(writing)
    assert done.stderr == ""
    assert done.returncode == 141


def test_a_full_disk_is_one_line() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            python("completion", "zsh"), stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 1
    assert done.stderr == "pm-tui: No space left on device\n"


def test_a_terminal_that_lacks_letters_gets_question_marks() -> None:
    env = {**os.environ, "PYTHONIOENCODING": "ascii", "LANG": "C"}
    done = subprocess.run(python("config", "example"), capture_output=True, env=env, check=True)
    assert b"PM_TUI_?" in done.stdout


@pytest.mark.parametrize("term", ["xterm", "dumb"])
def test_without_a_terminal_the_screen_is_refused_politely(term: str) -> None:
    env = {**os.environ, "TERM": term}
    done = subprocess.run(
        python(), capture_output=True, text=True, env=env, stdin=subprocess.DEVNULL, check=False
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "pm-tui search, bookings" in done.stderr


def test_files_are_private_from_the_start() -> None:
    old = os.umask(0o022)
    try:
        main(["--version"])
        assert os.umask(0o022) == 0o077
    finally:
        os.umask(old)
