"""The real program in a real terminal: nothing dangerous is written, and every end is orderly."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import canary
from tests.canary import KEY as CANARY
from tests.conftest import NOBODY
from tests.sandbox_process import Sandbox
from tests.tui.terminal import LIGHT, Terminal, children, end, is_gone, state, terminal

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """A home of its own and no key: the program starts its sandbox by itself."""
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    return kept | {
        "HOME": str(tmp_path),
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "PM_TUI_CACHE_DIR": str(tmp_path / "cache"),
        "PM_TUI_STATE_DIR": str(tmp_path / "state"),
        "PM_TUI_TIMEZONE": "Europe/Berlin",
        "PM_TUI_LANGUAGE": "en",
    }


@pytest.fixture
def account(env: dict[str, str], gateway: Sandbox) -> dict[str, str]:
    return env | {"PM_TUI_API_KEY": gateway.api_key, "PM_TUI_BASE_URL": gateway.base_url}


@pytest.fixture
def started(env: dict[str, str]) -> Iterator[Terminal]:
    """The program with its sandbox up."""
    with terminal(env) as shown:
        shown.sees("online")
        assert "SANDBOX" in shown.text
        yield shown


def the_child(shown: Terminal) -> int:
    (child,) = children(shown.process.pid)
    return child


def assert_gone(child: int) -> None:
    deadline = time.monotonic() + 10
    while not is_gone(child):
        if time.monotonic() > deadline:
            end(child)
            raise AssertionError("the sandbox was left behind")
        time.sleep(0.02)


# -- what is written ------------------------------------------------------------------


def test_a_hostile_search_writes_nothing_that_acts_on_the_terminal(
    account: dict[str, str], gateway: Sandbox
) -> None:
    gateway.texts("hostile")
    with terminal(account) as shown:
        shown.sees("online")
        before = len(shown.output)
        shown.type("Berlin\r")
        shown.sees("12 locations")
        for _row in range(11):
            shown.type("\x1b[B")
            shown.read(0.05)
        shown.type("b")
        shown.sees("Ready to book")
        shown.type("\x1b")
        shown.loses("Ready to book")
        shown.type("\x12")  # Ctrl+R
        shown.sees("Last searches")
        shown.type("\x1b")
        shown.loses("Last searches")
        shown.type("\x11")  # Ctrl+Q
        assert shown.wait() == 0
        written = shown.output[before:]
        assert shown.left_on == []
    text = written.decode("utf-8")  # every byte is part of a character
    assert "\x1b]52" not in text
    assert not re.search("[\x80-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]", text)
    # titles, links and the rest of OSC, DCS and APC are never written in the middle of a run
    assert not re.search("\x1b[\\]P_^X](?!10;|11;)", text.replace("\x1b]22;", ""))
    assert "owned title" not in re.sub("\x1b\\[[0-9;]*m", "", text) or "\x1b]0;" not in text
    assert not re.search("[\x00-\x06\x0e-\x1a\x1c-\x1f\x7f]", text)
    assert gateway.api_key not in shown.output.decode("utf-8", "replace")


def test_lean_writes_fewer_colours_and_does_not_hear_where_the_mouse_passes(
    account: dict[str, str],
) -> None:
    with terminal(account | {"SSH_CONNECTION": "192.0.2.1 40000 192.0.2.2 22"}) as shown:
        shown.sees("online")
        shown.type("Berlin\r")
        shown.sees("12 locations")
        shown.scribble("\x1b[2J\x1b[HMessage from root")
        assert "12 locations" not in shown.text
        shown.type("\x0c")  # Ctrl+L: all of it again
        shown.sees("12 locations")
        shown.loses("Message from root")
        shown.type("\x11")
        assert shown.wait() == 0
        assert shown.left_on == []
    assert b"\x1b[?1002h" in shown.output and b"\x1b[?1003h" not in shown.output
    assert b"48;5;" in shown.output and b"48;2;" not in shown.output


def test_mouse_reports_that_are_no_text_do_not_end_the_program(account: dict[str, str]) -> None:
    with terminal(account) as shown:
        shown.sees("online")
        # a terminal that was re-attached falls back to these: a column past 95 is no UTF-8
        for report in (b"\x1b[M \xff!", b"\x1b[M \xf0\x85", b"\x1b[M#\x9f!"):
            shown.type(report)
            shown.read(0.2)

        def in_the_bookings() -> bool:
            shown.type("\x1bOR")  # F3; the first may be lost with the report before it
            shown.read(0.3)
            return "▸ 2 Bookings" in shown.text

        shown.until(in_the_bookings, "the bookings")
        shown.type("\x11")
        assert shown.wait() == 0


def test_resized_to_nothing_and_to_a_wall_it_draws_again(account: dict[str, str]) -> None:
    with terminal(account) as shown:
        shown.sees("online")
        shown.type("Berlin\r")
        shown.sees("12 locations")
        for columns, lines in ((1, 1), (0, 0), (500, 200), (59, 24), (1, 200)):
            shown.resize(columns, lines)
            for _frame in range(5):
                shown.read(0.05)
        shown.resize(59, 15)
        shown.sees("59 x 15")
        shown.resize(120, 40)
        shown.sees("12 locations")
        shown.loses("too small")
        shown.type("\x11")
        assert shown.wait() == 0
        assert shown.left_on == []
        assert b"Traceback" not in shown.output


# -- how it ends ------------------------------------------------------------------------


def test_the_quit_key(started: Terminal) -> None:
    child = the_child(started)
    # a late answer to what the ground is does not get into the field
    assert b"\x1b]11;?" in started.output
    started.type("\x1b]11;rgb:0f0f/1515/1b1b\x1b\\Wien\t7\t\t11")
    started.sees("Wien ")
    # nor does what is typed ahead get into the field before
    started.until(lambda: re.search(r"│ 7 .*│ 11 ", started.text), "the other fields")
    assert "1b1b" not in started.text
    # it turns light while it runs, and nothing of that gets there either
    assert b"\x1b[?2031h" in started.output
    assert b"48;2;251;250;246" not in started.output
    started.ground = LIGHT
    started.type("\x1b[?997;")
    started.type("2n")
    started.until(lambda: b"48;2;251;250;246" in started.output, "the light theme")
    assert "Wien" in started.text and "997" not in started.text
    # stopped and continued
    started.process.send_signal(signal.SIGTSTP)
    # it gives the terminal back before it stops: continued in between it would stop for ever
    started.until(lambda: state(started.process.pid) == "T", "the stop")
    started.until(lambda: not started.left_on, "the terminal as it was")
    started.process.send_signal(signal.SIGCONT)
    started.until(lambda: "2031" in started.left_on, "the reports again")
    started.sees("Wien")
    started.type("\x11")
    assert started.wait() == 0
    assert started.left_on == []
    assert_gone(child)


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)], ids=["TERM", "HUP"]
)
def test_a_signal(started: Terminal, number: signal.Signals, code: int) -> None:
    child = the_child(started)
    started.process.send_signal(number)
    assert started.wait() == code
    assert started.left_on == []
    assert b"Traceback" not in started.output
    assert_gone(child)


def test_killed_outright_it_leaves_no_sandbox_behind(started: Terminal) -> None:
    child = the_child(started)
    started.process.kill()
    assert started.wait() == -signal.SIGKILL
    assert_gone(child)


def test_a_resolver_that_never_answers_does_not_delay_the_end(
    env: dict[str, str], tmp_path: Path
) -> None:
    env |= {"PM_TUI_API_KEY": CANARY, "PM_TUI_BASE_URL": "https://gateway.example.org/api"}
    with terminal(env, "screen", program="tests.api.hung_resolver") as shown:
        shown.sees("Place")
        shown.until((tmp_path / "asked").exists, "the first look-up")
        shown.type("\x11")
        assert shown.wait() == 0
        assert shown.left_on == []


def test_a_signal_while_it_is_starting(env: dict[str, str]) -> None:
    with terminal(env) as shown:
        shown.sees("Place")
        shown.process.terminate()
        assert shown.wait() in (143, -signal.SIGTERM)
        assert shown.left_on == []


def test_a_signal_in_the_middle_of_a_search(account: dict[str, str], gateway: Sandbox) -> None:
    with terminal(account) as shown:
        shown.sees("online")
        gateway.fault("slow", match="GET /search", seconds=30)
        shown.type("Berlin\r")
        shown.sees("Searching…")
        shown.process.terminate()
        assert shown.wait() == 143
        assert shown.left_on == []
        assert b"Traceback" not in shown.output


@pytest.fixture
def crashing(env: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """An account whose key is in a file, without a gateway."""
    key = canary.given(tmp_path / "key", CANARY)
    return env | {"PM_TUI_API_KEY_FILE": str(key), "PM_TUI_BASE_URL": NOBODY}


def reports(folder: Path) -> list[Path]:
    return sorted(folder.glob("crash-*.txt"))


def assert_harmless(text: str) -> None:
    """No key in any form, no local variables, nothing that acts on a terminal."""
    assert canary.found_in(text.encode()) == set()
    assert "locals" not in text
    assert re.fullmatch("[\n -~]*", text)


def test_a_crash_is_written_down_and_told_without_the_key(
    crashing: dict[str, str], tmp_path: Path
) -> None:
    with terminal(crashing, program="tests.tui.crashing", size=(80, 24)) as shown:
        shown.sees("offline")
        shown.type("\x1b[20~")  # F9
        assert shown.wait() == 1
        assert shown.left_on == []
        _screen, _leave, said = shown.output.decode("utf-8", "replace").rpartition("\x1b[?1049l")
    (report,) = reports(tmp_path / "state")
    assert report.stat().st_mode & 0o777 == 0o600
    text = report.read_text()
    assert_harmless(text)
    for part in ("pm-tui ", "python ", "sqlite ", "textual ", " UTC\n", "action_break"):
        assert part in text
    assert "RuntimeError: a fault of ours \\x1b]52;c;aGk=\\x07 with ******** and ********" in text
    lines = [line.rstrip() for line in re.sub("\x1b\\[[0-9;?<>=]*[a-z]", "", said).splitlines()]
    first, second = (line for line in lines if line)
    assert first.startswith("pm-tui: unexpected error: RuntimeError: a fault of ours ")
    assert first.endswith(str(report))
    assert "pm-tui recover" in second


def test_a_crash_that_cannot_be_written_down_is_told_whole(
    crashing: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    crashing |= {"PM_TUI_STATE_DIR": str(tmp_path / "file" / "state")}
    with terminal(crashing, program="tests.tui.crashing") as shown:
        shown.sees("offline")
        shown.type("\x1b[20~")  # F9
        assert shown.wait() == 1
        assert shown.left_on == []
        _screen, _leave, said = shown.output.decode("utf-8", "replace").rpartition("\x1b[?1049l")
    assert "Traceback (most recent call last):" in said
    assert "action_break" in said
    assert "pm-tui recover" in said
    assert canary.found_in(said.encode()) == set()


def test_a_worker_that_dies_is_written_down_once(crashing: dict[str, str], tmp_path: Path) -> None:
    with terminal(crashing, program="tests.tui.crashing") as shown:
        shown.sees("offline")
        for _again in range(2):
            shown.type("\x1b[19~")  # F8
            shown.sees("unexpected error: KeyError")
        shown.type("\x11")
        assert shown.wait() == 0
    (report,) = reports(tmp_path / "state")
    assert_harmless(report.read_text())
    assert "the full screen goes on" in report.read_text()


def test_a_crash_ends_the_sandbox_too(env: dict[str, str]) -> None:
    with terminal(env, program="tests.tui.crashing") as shown:
        shown.sees("online")
        child = the_child(shown)
        shown.type("\x1b[20~")  # F9
        assert shown.wait() == 1
        assert shown.left_on == []
    assert_gone(child)


def test_what_is_no_terminal_is_refused_in_a_line(env: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pm_tui"],
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 2
    assert b"\x1b" not in done.stdout + done.stderr
    assert len(done.stderr.splitlines()) == 1
