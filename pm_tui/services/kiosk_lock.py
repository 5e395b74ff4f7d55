"""Wrong PINs and wrong numbers at the kiosk: each makes the next try wait longer.

1, 2, 4 ... 60 seconds by a clock that nobody can set, kept in a private file: neither another
page nor another start of the program begins anew.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from pm_tui.config import pin
from pm_tui.services.files import write_private

LONGEST_WAIT = 60.0  # seconds: six digits then take two years
FORGIVEN = 120.0  # seconds without a wrong number make up for one


class TooSoon(Exception):
    """Not looked at: the wait after the last wrong one is not over. `seconds` are left of it."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"{seconds:.0f} s")
        self.seconds = seconds


class Tries:
    """How often something was wrong. With `forgiven` (seconds) each such time makes up for one:
    for what many people type; else only a right one does. Methods read and write a file."""

    def __init__(
        self,
        path: Path,
        *,
        forgiven: float | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._path, self._forgiven, self._monotonic = path, forgiven, monotonic
        self._failures, self._at = 0, 0.0
        self._lock = threading.Lock()

    def wait(self) -> float:
        """Seconds until the next try is looked at; 0: now."""
        self._read()
        if not (failures := self._unforgiven()):
            return 0.0
        wait = min(2.0 ** (failures - 1), LONGEST_WAIT)
        return max(self._at + wait - self._monotonic(), 0.0)

    def failed(self) -> None:
        """Another wrong one."""
        self._read()
        self._failures, self._at = min(self._unforgiven() + 1, 99), self._monotonic()
        self._write()

    def passed(self) -> None:
        """A right one: what was wrong before is forgotten."""
        self._failures = 0
        self._write()

    def look(self, is_right: Callable[[], bool]) -> bool:
        """Whether it is right. Counted as wrong before it is looked at, so that pulling the plug
        in between wins nothing. Raises `TooSoon`."""
        with self._lock:
            if (seconds := self.wait()) > 0:
                raise TooSoon(seconds)
            self.failed()
            if right := is_right():
                self.passed()
            return right

    def _read(self) -> None:
        # what another process of this desk has counted counts as well
        with suppress(OSError, ValueError, TypeError, KeyError):
            told = json.loads(self._path.read_bytes())
            failures, at = int(told["failures"]), float(told["at"])
            if failures >= 0:
                self._failures, self._at = failures, at
        now = self._monotonic()
        if self._at > now:
            self._at = now  # the machine has started anew, and its clock with it: wait again
            self._write()

    def _unforgiven(self) -> int:
        """How many count still. The wait after the last one is not begun again by it."""
        gone = 0 if self._forgiven is None else (self._monotonic() - self._at) // self._forgiven
        return max(self._failures - int(gone), 0)

    def _write(self) -> None:
        body = json.dumps({"failures": self._failures, "at": self._at})
        with suppress(OSError):  # a full disk: what is in memory has to do
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_private(self._path, body.encode())


def of_pins(state_dir: Path, monotonic: Callable[[], float]) -> Tries:
    return Tries(state_dir / "kiosk" / "pins.json", monotonic=monotonic)


def of_numbers(state_dir: Path, monotonic: Callable[[], float]) -> Tries:
    path = state_dir / "kiosk" / "numbers.json"
    return Tries(path, forgiven=FORGIVEN, monotonic=monotonic)


async def opens(tries: Tries, typed: str, kept: str) -> bool:
    """Whether `typed` is the PIN that `kept` was made of. In a thread: the hash takes a tenth of
    a second. Raises `TooSoon`."""
    return await asyncio.to_thread(tries.look, lambda: pin.matches(typed, kept))
