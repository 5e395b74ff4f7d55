"""Which bookings begin soon, as far as is known: nothing is asked for it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from pm_tui.models.booking import Booking

SOON = timedelta(minutes=15)


def starting(bookings: Iterable[Booking], now: datetime) -> list[Booking]:
    """The confirmed ones that begin within `SOON` of `now` and have not begun, the next first."""
    found = [
        (one.reservation_start, one.id, one)
        for one in bookings
        if one.status.upper() == "CONFIRMED"
        and one.reservation_start is not None
        and timedelta() <= one.reservation_start - now <= SOON
    ]
    return [one for _start, _id, one in sorted(found, key=lambda row: row[:2])]
