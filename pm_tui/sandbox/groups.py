"""Spending limits of the fleet groups the sandbox knows (contract/agent-api.md §12).

The server refuses early: a booking whose estimate would cross the limit, not the first one after.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from pm_tui.sandbox.lifecycle import Status
from pm_tui.sandbox.store import Booking, Store
from pm_tui.sandbox.wire import ApiError


@dataclass(frozen=True, slots=True)
class Limits:
    """EUR; None is no limit."""

    monthly: Decimal | None = None
    per_session: Decimal | None = None


GROUPS = {
    "group_abc123": Limits(),
    "group_field": Limits(monthly=Decimal(2500)),
    "group_tight": Limits(monthly=Decimal(60)),
    "group_small": Limits(per_session=Decimal(5)),
}
_EXCEEDED = "Fleet group spending limit exceeded"


def check_spending(store: Store, booking: Booking, now: datetime) -> None:
    """Raises the documented 400. Inside the transaction that will insert the booking."""
    if booking.group_id not in GROUPS:
        return
    limits = GROUPS[booking.group_id]
    price = booking.price(now) or Decimal(0)
    if limits.per_session is not None and price > limits.per_session:
        raise ApiError(400, _EXCEEDED)
    if limits.monthly is not None:
        month = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        spent = sum(
            (
                other.price(now) or Decimal(0)
                for other in store.of_group(booking.group_id, month)
                if other.status(now) is not Status.CANCELLED
            ),
            Decimal(0),
        )
        if spent + price > limits.monthly:
            raise ApiError(400, _EXCEEDED)
