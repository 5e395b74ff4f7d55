"""Stand-ins for what a test cannot wait for or make happen: time and faults, nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

# a Saturday morning in winter: 10:03 in Berlin, no clock change near
NOON = datetime(2026, 11, 21, 9, 3, 27, tzinfo=UTC)


class FixedClock:
    """A clock that stands until it is moved; aware, UTC."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def advance(self, **span: float) -> None:
        """As `timedelta(**span)`."""
        self.at += timedelta(**span)


class BreakingClock(FixedClock):
    """A clock that raises `problem` once it is set: a fault in the middle of anything."""

    problem: Exception | None = None

    def __call__(self) -> datetime:
        if self.problem is not None:
            raise self.problem
        return super().__call__()
