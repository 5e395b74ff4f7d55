"""The kiosk and its keeper on a real terminal: signals, kills, and the end by the PIN alone."""

from __future__ import annotations

import os
import random
import re
import signal
from pathlib import Path

import pytest
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS

from pm_tui.config import pin
from pm_tui.config.kiosk import KioskSettings
from pm_tui.config.kiosk_file import with_kiosk
from pm_tui.tui.kiosk.driver import IGNORED
from tests.tui.terminal import Terminal, children, end, is_gone, terminal
from tests.tui.test_terminal import env as env

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")
PIN = "408215"
F10 = "\x1b[21~"
SEED = 20261121
KEYS = [
    key.encode()
    for key in (*ANSI_SEQUENCES_KEYS, "\x1b[200~pasted\x1b[201~", "\x1b[<0;10;9M", "\x1b[<0;10;9m")
]


@pytest.fixture
def kiosk(env: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """It asks nobody and starts no sandbox."""
    site = KioskSettings(
        desk="lobby", point=(52.52, 13.405), languages=("en",), phone="+49 30 1", pin=pin.kept(PIN)
    )
    config = tmp_path / "config.toml"
    config.write_text(with_kiosk("offline = true\n", None, site))
    config.chmod(0o600)
    log = str(tmp_path / "textual.log")
    return env | {"PM_TUI_CONFIG": str(config), "TEXTUAL_LOG": log, "TEXTUAL_ALLOW_SIGNALS": "1"}


def the_child(shown: Terminal) -> int:
    (child,) = children(shown.process.pid)
    return child


def test_only_the_pin_ends_it(kiosk: dict[str, str], tmp_path: Path) -> None:
    with terminal(kiosk, "kiosk", size=(80, 24)) as shown:
        shown.sees("Welcome")
        first = the_child(shown)
        chance = random.Random(SEED)
        pieces = [*KEYS, *(bytes([n]) for n in range(256) if n != 0x1B)]
        noise = b"".join(chance.choices(pieces, k=4000))[:8000]
        for number in IGNORED:
            os.kill(first, number)
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP, signal.SIGTTOU):
            shown.process.send_signal(number)
        shown.type("\x03\x1a\x1c\x11\x10\x04")  # what a keyboard has for these, and for the palette
        before = len(shown.output)
        for piece in range(40):  # whatever bytes: as a broken keyboard, or a cat on it
            shown.type(noise[piece * 200 : piece * 200 + 200])
            shown.read(0.01)
        assert the_child(shown) == first
        assert not re.search(rb"\x1b\](?:0|2|8|52);", shown.output[before:]), (
            "no title, no clipboard"
        )
        os.kill(first, signal.SIGKILL)
        shown.sees("starts again by itself")
        shown.type("\x03\x1aecho nobody reads this\r")
        shown.sees("Welcome")
        second = the_child(shown)
        assert second != first
        assert "echo" not in shown.text
        os.kill(second, signal.SIGTERM)  # the keeper was not asked to end
        shown.until(lambda: is_gone(second), "the end of the second")
        shown.until(lambda: children(shown.process.pid), "the third")
        shown.sees("I am leaving")
        # should the noise have guessed at PINs, nobody waits for it here
        (tmp_path / "state" / "kiosk" / "pins.json").unlink(missing_ok=True)
        shown.type(F10)
        shown.sees("Please type the PIN")
        shown.type(f"{PIN}\r")
        shown.sees("3  End the kiosk")
        shown.type("3")
        assert shown.wait() == 0
        assert shown.left_on == []
        assert b"Traceback" not in shown.output
    assert not (tmp_path / "textual.log").exists()


def test_systemd_stops_both_and_neither_outlives_the_other(kiosk: dict[str, str]) -> None:
    with terminal(kiosk, "kiosk", size=(80, 24)) as shown:
        shown.sees("Welcome")
        child = the_child(shown)
        shown.process.send_signal(signal.SIGTERM)
        assert shown.wait() == 128 + signal.SIGTERM
        assert shown.left_on == []
        assert is_gone(child)
    with terminal(kiosk, "kiosk", size=(80, 24)) as shown:
        shown.sees("Welcome")
        child = the_child(shown)
        shown.process.kill()
        try:
            shown.until(lambda: is_gone(child), "the end of a child without a keeper")
        finally:
            end(child)
