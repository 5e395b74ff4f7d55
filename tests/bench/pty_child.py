"""A program in a terminal of its own, and everything that it wrote, each piece with its time.

Nothing is interpreted while the program runs, so that the measuring takes no CPU from it: the
pieces are replayed afterwards (`tests.bench.replay`). Only the questions that Textual asks a
terminal are answered at once, as a current one would.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from tests.bench.proc import cpu_seconds

SYNC_END = b"\x1b[?2026l"
_ANSWERS = {
    b"\x1b[?2026$p": b"\x1b[?2026;2$y",  # synchronised output: yes
    b"\x1b[?2048$p": b"\x1b[?2048;0$y",  # resize reports in the stream: no
    b"\x1b[c": b"\x1b[?62;22c",
    b"\x1b[6n": b"\x1b[1;1R",
}
_QUESTION = re.compile(b"|".join(map(re.escape, _ANSWERS)))


@dataclass(frozen=True, slots=True)
class Piece:
    """One read: seconds since the start, bytes, CPU seconds the program had used by then."""

    at: float
    data: bytes
    cpu: float


class PtyChild:
    """A context manager; leaving it ends the program, by force where it must."""

    def __init__(
        self, command: Sequence[str], env: Mapping[str, str], size: tuple[int, int], cwd: str
    ) -> None:
        self.pieces: list[Piece] = []
        self.exit_code: int | None = None
        self._unanswered = b""
        columns, rows = size
        self.started = time.perf_counter()
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            try:
                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
                os.chdir(cwd)
                os.execvpe(command[0], list(command), dict(env))  # noqa: S606 - no shell wanted
            finally:
                os._exit(127)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if not self.wait(0):
            self.signal(signal.SIGKILL)
            self.wait(5)
        os.close(self._fd)

    @property
    def now(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self.started

    @property
    def written(self) -> int:
        """Bytes so far."""
        return sum(len(piece.data) for piece in self.pieces)

    def read(self, timeout: float) -> bool:
        """Take one piece; false when none came within `timeout` seconds or the program ended."""
        if not select.select([self._fd], [], [], max(timeout, 0))[0]:
            return False
        try:
            data = os.read(self._fd, 65536)
        except OSError:  # Linux says EIO when the other side is closed
            data = b""
        if not data:
            time.sleep(0.001)
            return False
        self.pieces.append(Piece(self.now, data, cpu_seconds(self.pid)))
        self._answer(data)
        return True

    def _answer(self, data: bytes) -> None:
        text = self._unanswered + data
        end = 0
        for question in _QUESTION.finditer(text):
            self.send(_ANSWERS[question[0]])
            end = question.end()
        self._unanswered = text[max(end, len(text) - 9) :]

    def send(self, data: bytes) -> None:
        """Type."""
        os.write(self._fd, data)

    def read_for(self, seconds: float) -> None:
        until = self.now + seconds
        while (left := until - self.now) > 0:
            self.read(left)

    def read_until_quiet(self, quiet: float, at_most: float = 10.0) -> None:
        """Read until nothing comes for `quiet` seconds."""
        until = self.now + at_most
        while self.now < until and self.read(quiet):
            pass

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def wait(self, seconds: float) -> bool:
        """Read until the program has ended; false when it has not within `seconds`."""
        until = self.now + seconds
        while self.exit_code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.exit_code = os.waitstatus_to_exitcode(status)
            elif self.now >= until:
                return False
            else:
                self.read(0.01)
        while self.read(0):  # last words
            pass
        return True
