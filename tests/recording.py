"""The recorded session of the README: `python -m tests.recording` plays the tour, writes it down.

The real program on a pseudo-terminal of 100x30, in a sandbox of its own, through the six steps of
its tour. What was to be seen becomes an asciicast (version 2), each frame as what differs from the
one before, so that a player's terminal is asked nothing and its modes are left alone. Waits are
shortened. `asciinema play screenshots/tour.cast` shows it.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from string import hexdigits

from pyte.screens import Char
from rich.cells import cell_len

from tests.sandbox_process import ROOT
from tests.tui.terminal import Terminal

FILE = ROOT / "screenshots" / "tour.cast"
SIZE = (100, 30)
LONGEST = 0.8  # seconds that nothing happens, at most; a reader's pauses are beside it
READING = 2.5  # seconds for a step to be read
TYPING = 0.12  # seconds between two keys
TRIES = 3  # an operator of the sandbox may refuse a booking
Cells = list[list[Char]]


class Recorded(Terminal):
    """A terminal that keeps what was to be seen, and when; `pause` is time for the reader alone."""

    def __init__(self, env: dict[str, str]) -> None:
        self.frames: list[tuple[float, Cells]] = []  # seconds on the record
        self._at, self._seen = 0.0, time.monotonic()
        super().__init__(["pm_tui"], env, SIZE, fresh=True)

    def read(self, seconds: float = 0.05) -> None:
        before = len(self.output)
        super().read(seconds)
        whole = self.output.rfind(b"\x1b[?2026l") > self.output.rfind(b"\x1b[?2026h")
        if len(self.output) > before and whole:
            now = time.monotonic()
            self._at += min(now - self._seen, LONGEST)
            self._seen = now
            self.frames.append((self._at, self._cells()))

    def _cells(self) -> Cells:
        assert self.text  # draws what came
        lines, columns = range(SIZE[1]), range(SIZE[0])
        return [[self._screen.buffer[y][x] for x in columns] for y in lines]

    def pause(self, seconds: float) -> None:
        self._at += seconds
        self._seen = time.monotonic()

    def press(self, keys: str) -> None:
        """One after the other, each drawn before the next."""
        for key in keys:
            self.pause(TYPING)
            before = len(self.output)
            self.type(key)
            self.until(lambda before=before: len(self.output) > before, repr(key))  # type: ignore[misc]

    def step(self, number: int) -> None:
        self.sees(f"Tour {number}/6")
        self.pause(READING)


def play(shown: Recorded) -> None:
    """The tour, as a newcomer takes it."""
    shown.sees("online")
    shown.sees("New here?")
    shown.pause(READING)
    shown.press("\x14")  # Ctrl+T
    shown.step(1)
    shown.press("Berlin")
    shown.type("\r")
    shown.step(2)
    shown.press("m")
    shown.step(3)
    for _ in range(3):
        shown.press("j")
    shown.press("b")
    shown.sees("Ready to book")
    shown.pause(READING)
    shown.press("\x13")  # Ctrl+S
    shown.sees("Tour 4/6")
    shown.step(5)
    shown.press("3")
    shown.sees("reads this month")
    shown.pause(READING)
    shown.press("r")
    shown.sees("worth a look")  # all of it is read
    shown.step(6)
    shown.press("?")
    shown.sees("That was the tour")
    shown.pause(READING)
    shown.press("\x1b")
    shown.loses("Every action is in the")


def cast(frames: list[tuple[float, Cells]]) -> str:
    """The asciicast of these frames."""
    header = {"version": 2, "width": SIZE[0], "height": SIZE[1], "title": "The tour of pm-tui"}
    lines = [json.dumps(header), json.dumps([0.0, "o", "\x1b[?25l\x1b[2J"])]
    shown: Cells = [[Char(" ")] * SIZE[0] for _ in range(SIZE[1])]
    for at, cells in frames:
        if text := "".join(_changes(shown, cells)):
            lines.append(json.dumps([round(at, 3), "o", text], ensure_ascii=False))
        shown = cells
    return "\n".join(lines) + "\n"


def _changes(before: Cells, now: Cells) -> Iterator[str]:
    """What brings a terminal from one frame to the next."""
    look = ""
    for y, (old, new) in enumerate(zip(before, now, strict=True), 1):
        pen = 0  # the column that the next letter goes to
        for x, (was, cell) in enumerate(zip(old, new, strict=True), 1):
            if was == cell or not cell.data:  # nothing stands behind a wide letter
                continue
            if x != pen:
                yield f"\x1b[{y};{x}H"
            if (wanted := _look(cell)) != look:
                yield wanted
                look = wanted
            yield cell.data
            pen = x + cell_len(cell.data)


def _look(cell: Char) -> str:
    """The command for the colours and the style of a letter."""
    codes = ["0"]
    styles = (("1", cell.bold), ("3", cell.italics), ("4", cell.underscore), ("7", cell.reverse))
    codes += [code for code, on in styles if on]
    for code, colour in (("38;2", cell.fg), ("48;2", cell.bg)):
        if len(colour) == 6 and set(colour) <= set(hexdigits):
            codes += [code, *(str(int(colour[n : n + 2], 16)) for n in (0, 2, 4))]
    return f"\x1b[{';'.join(codes)}m"


def take(file: Path) -> None:
    """Record it; `AssertionError` tells what was waited for in vain."""
    with tempfile.TemporaryDirectory() as home:
        kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
        env = kept | {
            "HOME": home,
            "LOGNAME": "demo",
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "PM_TUI_TIMEZONE": "Europe/Berlin",
            "PM_TUI_LANGUAGE": "en",
        }
        shown = Recorded(env)
        try:
            play(shown)
            frames = list(shown.frames)
            shown.type("\x11")  # Ctrl+Q: its sandbox ends with it
            shown.wait()
        finally:
            shown.close()
    file.write_text(cast(frames), encoding="utf-8")


def main(arguments: list[str]) -> None:
    file = Path(arguments[0]) if arguments else FILE
    for left in reversed(range(TRIES)):
        try:
            take(file)
        except AssertionError as problem:
            if not left:
                raise
            print(problem, file=sys.stderr)
        else:
            print(file, file.stat().st_size)
            return


if __name__ == "__main__":
    main(sys.argv[1:])
