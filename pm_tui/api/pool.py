"""What the gate asks of a count that several processes share; who keeps it is not its matter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Word:
    """What the windows, verbs and cron jobs of one account on this host know together.

    `wait` is how many seconds the one who asked must wait, 0 when its request is counted;
    `blocked` for how long a 429 keeps everybody, `spent` when it is the month's. `sent` are the
    requests of the last minute, of which the oldest leaves it in `frees_in` seconds. The month's
    figures are what `/usage` told, raised by what was sent since; None: not told. `opened_at` is
    when a person last said to try all the same (aware).
    """

    wait: float = 0.0
    sent: int = 0
    frees_in: float = 0.0
    blocked: float = 0.0
    spent: bool = False
    month_used: int | None = None
    month_limit: int | None = None
    background_today: int = 0
    opened_at: datetime | None = None


class Pool(Protocol):
    """A count that several processes share. Only `reserve` is waited for."""

    async def reserve(self, background: bool, limit: int) -> Word:
        """Count one request, or say how long to wait. A count that cannot be reached says yes."""

    def unsent(self, background: bool) -> None:
        """The last reserved request never left."""

    def heard(self, remaining: int, resets_in: float) -> None:
        """What an answer's headers said is left of the minute; `resets_in` in seconds."""

    def closed(self, seconds: float, spent: bool) -> None:
        """A 429 came: nobody sends for so long."""

    def opened(self) -> None:
        """A person wants to try all the same."""
