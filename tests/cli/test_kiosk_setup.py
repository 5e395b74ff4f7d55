"""`pm-tui kiosk setup`: a private file, whole or untouched, from options or from questions."""

from __future__ import annotations

import io
import tomllib
from pathlib import Path
from typing import Any

import pytest

from pm_tui.cli import main
from pm_tui.config import pin
from tests.cli.conftest import Run

PIN = "408215"


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "etc" / "config.toml"
    path.parent.mkdir()
    path.write_text("mouse = false\n")
    monkeypatch.setenv("PM_TUI_CONFIG", str(path))
    return path


@pytest.fixture
def type_in(monkeypatch: pytest.MonkeyPatch) -> Any:
    def typed(text: str, *, terminal: bool = False) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO(text))
        monkeypatch.setattr("pm_tui.cli.kiosk_setup.can_ask", lambda: terminal)

    return typed


def written(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads(path.read_text())
    return found


def setup(*more: str) -> int:
    return main(["kiosk", "setup", *more])


def test_options_are_written_and_kept(
    config: Path, type_in: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    type_in(f"{PIN}\n")
    line = ("--point", "52.52,13.405", "--radius", "0.5", "--desk", "reception", "--pin-stdin")
    more = ("--languages", "en,de", "--hours", "mo-fr 7:00-19:00; sa 9:00-13:00", "--longest", "8")
    assert setup(*line, *more, "--phone", "+49 30 1", "--print-command", "lp -d 'a b'") == 0
    found = written(config)
    assert found["mouse"] is False
    kiosk = found["kiosk"]
    assert pin.matches(PIN, kiosk.pop("pin"))
    assert kiosk == {
        "desk": "reception",
        "point": [52.52, 13.405],
        "radius": 0.5,
        "languages": ["en", "de"],
        "hours": ["mo-fr 7:00-19:00", "sa 9:00-13:00"],
        "longest": "8 h",
        "phone": "+49 30 1",
        "ask": "nothing",
        "print_command": ["lp", "-d", "a b"],
    }
    assert config.stat().st_mode & 0o777 == 0o600
    assert list(config.parent.iterdir()) == [config]
    told = capsys.readouterr()
    assert str(config) in told.out
    assert PIN not in told.out + told.err + config.read_text()
    before = written(config)["kiosk"]["pin"]
    assert setup("--hours", "", "--ask", "plate") == 0
    after = written(config)["kiosk"]
    assert (after["pin"], after["ask"], after["desk"]) == (before, "plate", "reception")
    assert "hours" not in after


@pytest.mark.parametrize(
    ("line", "typed", "missing"),
    [
        ("--desk x", "", "a site, a PIN"),
        ("--point 52.5,13.4 --pin-stdin", PIN, "the desk's name"),
        ("--point 52.5,13.4 --desk x", "", "a PIN"),
        ("--point 52.5,13.4 --desk x --pin-stdin", "1234", "6 to 12 digits"),
        ("--point Berlin --desk x", "", "LAT,LNG"),
        ("--point 52.5,13.4 --longest nan", "", "--longest"),
        ("--point 52.5,13.4 --location A", "", "not allowed"),
        ("--desk שלום", "", "a letter a–z or a digit"),
        ("--radius 0 --desk x", "", "--radius"),
        ("", "", "--help"),
    ],
)
def test_what_is_missing_or_wrong_is_said_and_nothing_written(
    config: Path, type_in: Any, capsys: pytest.CaptureFixture[str], line: str, typed: str,
    missing: str,
) -> None:  # fmt: skip
    type_in(typed)
    assert setup(*line.split()) == 2
    told = capsys.readouterr()
    assert missing in told.err
    assert "1234" not in told.err
    assert config.read_text() == "mouse = false\n"


def test_a_site_by_its_chargers(config: Path, type_in: Any, run: Run) -> None:
    type_in(PIN)
    ids = ("DE-ENB-E100000", "DE-ION-E100001")
    line = ("kiosk", "setup", "--desk", "x", "--pin-stdin", "--location", *ids)
    code, _out, told = run(*line)
    assert code == 4
    assert "DE-ENB-E100000 was never seen here" in told
    assert run("search", "52.52,13.405")[0] == 0
    type_in(PIN)
    assert run(*line)[0] == 0
    kiosk = written(config)["kiosk"]
    assert kiosk["locations"] == list(ids)
    assert kiosk["point"] == [52.525, 13.405]
    assert 0.6 < kiosk["radius"] < 1


def test_questions(config: Path, type_in: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pins = iter([PIN, "999999", PIN, PIN])
    monkeypatch.setattr("getpass.getpass", lambda prompt: next(pins))
    typed = ["nowhere at all", "52.52,13.405", "2", "reception", "", "x", "-", "", "", "name", ""]
    type_in("\n".join([*typed, ""]), terminal=True)
    assert setup() == 0
    kiosk = written(config)["kiosk"]
    assert (kiosk["radius"], kiosk["desk"], kiosk["ask"]) == (2.0, "reception", "name")
    assert pin.matches(PIN, kiosk["pin"])
    assert "hours" not in kiosk
    type_in("\n" * 12, terminal=True)
    assert setup() == 0
    assert written(config)["kiosk"] == kiosk, "Enter keeps what there was"
    type_in("1,1\n", terminal=True)
    assert setup() == 1
    assert written(config)["kiosk"] == kiosk


def test_what_is_wrong_is_named_as_it_was_asked(
    config: Path, type_in: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("getpass.getpass", lambda prompt: PIN)
    asked = {
        "The site": ("A", "52.5,13.4"),
        "How far its chargers are": ("far", "99", "2"),
        "The desk's name": ("שלום", "x"),
        "Languages, the first one greets": ("fr", "en"),
        "Opening hours": ("never", "-"),
        "The longest stay": ("long", "0.1", "4"),
        "Whom a visitor calls": ("x" * 101, "-"),
        "What a visitor may leave": ("shoes", "name"),
        "A command that prints": ("lp 'a", "-"),
    }
    typed = [one for tries in asked.values() for one in tries]
    type_in("\n".join([*typed, ""]), terminal=True)
    assert setup() == 0
    told = capsys.readouterr().err
    assert [name for name in asked if f"pm-tui: {name}" not in told] == ["The site"]
    assert "A was never seen here" in told and "--" not in told


def test_a_kiosk_does_not_start_without_what_it_needs(
    config: Path, type_in: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["kiosk"]) == 2
    assert "needs a site, the desk's name, a PIN" in capsys.readouterr().err
    type_in(PIN)
    assert setup("--point", "52.52,13.405", "--desk", "x", "--pin-stdin") == 0
    assert main(["kiosk"]) == 2
    assert "a terminal" in capsys.readouterr().err


def test_the_help_says_that_no_action_is_needed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["kiosk", "--help"]) == 0
    assert "[ACTION] ..." in capsys.readouterr().out
