"""The hour of ev.energy: 1000 requests in any 60 minutes unless it says otherwise (§5).

The hour rolls and nobody says when it is full again, so that "nothing left" in a header is only
shown: what closes the gate is our own count, or a 429.
"""

from __future__ import annotations

from pm_tui.api.clock import Clock
from pm_tui.api.errors import RateLimited
from pm_tui.api.home_errors import HourSpent
from pm_tui.api.limits import RateGate

HOURLY = 1000


class HourGate(RateGate):
    """As `RateGate`, for an hour and without a month."""

    span = 3600.0
    has_month = False
    leaf: type[RateLimited] = HourSpent

    def __init__(self, limit: int = HOURLY, *, clock: Clock | None = None) -> None:
        super().__init__(limit, clock=clock)

    @property
    def _told_reset(self) -> float:
        return 0.0
