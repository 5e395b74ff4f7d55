"""The sandbox's clock: the system's, moved forward on demand so that tests need not wait."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def _system() -> datetime:
    return datetime.now(UTC)


class Clock:
    """Aware UTC time. It only ever moves forward, or bookings would travel back in status."""

    def __init__(
        self, offset: timedelta = timedelta(), source: Callable[[], datetime] = _system
    ) -> None:
        self._offset = offset
        self._source = source

    @property
    def offset(self) -> timedelta:
        return self._offset

    def now(self) -> datetime:
        return self._source() + self._offset

    def advance(self, seconds: float) -> None:
        if seconds < 0:
            raise ValueError("the sandbox's clock only moves forward")
        self._offset += timedelta(seconds=seconds)
