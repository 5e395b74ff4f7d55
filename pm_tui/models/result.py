"""A value and how old it is: nothing crosses from the services to a screen without this."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, Literal, TypeVar

T = TypeVar("T")
Origin = Literal["live", "cache"]


@dataclass(frozen=True, slots=True)
class Result(Generic[T]):
    """`value` as it was at `fetched_at` (aware, UTC).

    `problem` tells why the value is not live when a live answer was wanted.
    """

    value: T
    origin: Origin
    fetched_at: datetime
    problem: Exception | None = None

    def age(self, now: datetime) -> timedelta:
        """How old the value is at `now` (aware); never negative, whatever the clocks say."""
        return max(now - self.fetched_at, timedelta())
