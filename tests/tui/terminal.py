"""The program in a real pseudo terminal: what it writes, byte for byte, and how it leaves.

The terminal answers the questions that Textual asks, keeps the modes that were switched on, and
draws with pyte.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyte

from tests import canary, warm

PATIENCE = 30.0  # seconds
QUERIES = (
    (re.compile(rb"\x1b\[0?c"), b"\x1b[?62;22c"),
    (re.compile(rb"\x1b\[6n"), b"\x1b[1;1R"),
    (re.compile(rb"\x1b\[\?2026\$p"), b"\x1b[?2026;2$y"),
    (re.compile(rb"\x1b\[\?2048\$p"), b"\x1b[?2048;0$y"),
)
GROUND = re.compile(rb"\x1b\]11;\?\x1b\\")
DARK, LIGHT = (b"\x1b]11;rgb:%s\x1b\\" % one for one in (b"0f0f/1515/1b1b", b"fbfb/fafa/f6f6"))
MODE = re.compile(rb"\x1b\[\?([0-9;]+)([hl])")
# alternate screen, mouse (clicks, drags, motion, SGR), focus reports, bracketed paste, reports of
# other colours
MODES = ("1049", "1000", "1002", "1003", "1006", "1015", "1004", "2004", "2031")
# what pyte would take for text or for another command
FOREIGN = re.compile(
    rb"\x1b\[[<>=][0-9;:]*[A-Za-z]|\x1b\[\?[0-9;]*(?:\$p|n)|\x1b\[\?u|\x1b\[[0-9;]*(?: q|t)"
    rb"|\x1b[P_^X].*?(?:\x1b\\|\x07)|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)",
    re.DOTALL,
)
PARTIAL = re.compile(rb"\x1b(?:[P_^X\]][^\x07]*|\[?[<>=?]?[0-9;:$ ]*)?\Z")


class Terminal:
    """A module in a terminal of so many columns and lines; `output` is all that it wrote, `ground`
    the answer to what the colour of the ground is."""

    ground = DARK

    def __init__(
        self, command: Sequence[str], env: Mapping[str, str], size: tuple[int, int], fresh: bool
    ):
        columns, lines = size
        self.output = b""
        self._answered = self._drawn = 0
        self._screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self._screen)
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self._before = termios.tcgetattr(slave)
        self._fd: int = master
        self._slave: int = slave  # kept open, so that the line's settings can be read at the end
        self.process = warm.start(
            *command, env=env, streams=(slave,) * 3, terminal=True, fresh=fresh
        )

    def read(self, seconds: float = 0.05) -> None:
        """Take what is written within `seconds`, and answer what is asked."""
        ready, _, _ = select.select([self._fd], [], [], seconds)
        if not ready:
            return
        with contextlib.suppress(OSError):  # the other side is closed
            self.output += os.read(self._fd, 65536)
        for query, reply in (*QUERIES, (GROUND, self.ground)):
            for found in query.finditer(self.output, self._answered):
                if found.end() > self._answered:
                    os.write(self._fd, reply)
        self._answered = max(self._answered, len(self.output) - 16)

    def until(self, condition: Callable[[], object], what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            self.read()
            if time.monotonic() > deadline:
                raise AssertionError(f"waited in vain for {what}; on screen:\n{self.text}")

    def sees(self, text: str) -> None:
        """Wait until `text` is drawn."""
        self.until(lambda: text in self.text, repr(text))

    def loses(self, text: str) -> None:
        """Wait until `text` is drawn no longer, not even after the next frames."""

        def gone() -> bool:
            for _ in range(4):
                if text in self.text:
                    return False
                self.read()
            return True

        self.until(gone, f"the end of {text!r}")

    def type(self, data: str | bytes) -> None:
        os.write(self._fd, data.encode() if isinstance(data, str) else data)

    @property
    def text(self) -> str:
        """What is on the screen now."""
        new = self.output[self._drawn :]
        if (partial := PARTIAL.search(new)) is not None:
            new = new[: partial.start()]
        self._drawn += len(new)
        self._stream.feed(FOREIGN.sub(b"", new))
        return "\n".join(self._screen.display)

    def scribble(self, text: str) -> None:
        """Another program writes on the same terminal."""
        assert self.text
        self._stream.feed(text.encode())

    def wait(self) -> int:
        """The exit code; below zero when a signal ended it."""
        self.until(lambda: self.process.poll() is not None, "the end")
        for _ in range(20):
            before = len(self.output)
            self.read(0.02)
            if len(self.output) == before:
                break
        return int(self.process.returncode)

    @property
    def left_on(self) -> list[str]:
        """What the program switched on and did not switch off."""
        state: dict[str, bool] = {}
        for numbers, letter in MODE.findall(self.output):
            for number in numbers.decode().split(";"):
                state[number] = letter == b"h"
        on = [mode for mode in MODES if state.get(mode)]
        if state.get("25") is False:
            on.append("hidden cursor")
        pushed = len(re.findall(rb"\x1b\[>\d*u", self.output))
        if pushed > len(re.findall(rb"\x1b\[<\d*u", self.output)):
            on.append("kitty keyboard")
        if termios.tcgetattr(self._slave)[:4] != self._before[:4]:
            on.append("raw line")
        return on

    def resize(self, columns: int, lines: int) -> None:
        """As dragging the window does."""
        size = struct.pack("HHHH", lines, columns, 0, 0)
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, size)  # the kernel sends SIGWINCH
        self._screen.resize(max(lines, 1), max(columns, 1))

    def hang_up(self) -> None:
        """The other end of the line is gone, as after an SSH drop; nothing can be read any more."""
        for descriptor in (self._slave, self._fd):
            os.close(descriptor)
        self._fd = self._slave = -1

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self._fd >= 0:
            self.hang_up()
        canary.keep("terminals", self.output)


@contextmanager
def terminal(
    env: Mapping[str, str],
    *arguments: str,
    program: str = "pm_tui",
    size: tuple[int, int] = (120, 40),
    fresh: bool = False,
) -> Iterator[Terminal]:
    """The program, started; killed and gone afterwards, whatever happened."""
    opened = Terminal([program, *arguments], env, size, fresh)
    try:
        yield opened
    finally:
        opened.close()


def children(pid: int) -> list[int]:
    """The direct children of a process, now."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                stat = (entry / "stat").read_text().rpartition(")")[2].split()
                if int(stat[1]) == pid and stat[0] != "Z":
                    found.append(int(entry.name))
    return found


def is_gone(pid: int) -> bool:
    return state(pid) in ("", "Z")


def state(pid: int) -> str:
    """One letter of /proc: R runs, S sleeps, T is stopped, Z has ended; none of what is no more."""
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""


def end(pid: int) -> None:
    """A process that a test started and that is still there."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
