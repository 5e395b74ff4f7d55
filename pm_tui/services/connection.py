"""What is known of the line to the gateway, for whoever shows it.

Standard library only: the screen shows a connection before the client is imported.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

State = Literal["starting", "online", "degraded", "spent", "offline"]


@dataclass(frozen=True, slots=True)
class Connection:
    """`degraded`: the gateway answers, but not as it should (5xx, limits, some operators missing);
    `spent`: it answers nothing until `blocked_until`, the month's requests are used up.

    `since` is when `state` began, `last_sync` the last good answer; both UTC. `limit`, `remaining`
    and `reset_at` are the minute's as the last answer told them; `month_used` and `month_limit`
    the account's from `/usage`, raised by what we sent since `month_told_at`. None: not known, or
    for the last that another window was told. `unsettled` counts
    the bookings and cancellations whose outcome nobody knows.
    """

    state: State
    since: datetime
    problem: str = ""
    last_sync: datetime | None = None
    limit: int | None = None
    remaining: int | None = None
    reset_at: datetime | None = None
    blocked_until: datetime | None = None
    month_used: int | None = None
    month_limit: int | None = None
    month_told_at: datetime | None = None
    requests_open: int = 0
    unsettled: int = 0

    @property
    def can_send(self) -> bool:
        """Whether a booking has a chance now; what was seen before can be read in any case."""
        return self.state not in ("offline", "spent")
