"""How often to look: closely while something is about to change, and not at all when nothing can.

The month's quota is shared by every window (10,000 requests; contract/agent-api.md §13), so the
documented poll every 5 seconds is kept to the minutes that need it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pm_tui.models.booking import Booking

FIRST_LOOKS = (1.0, 2.0, 3.0)  # seconds: a confirmation typically takes 1 to 10 (contract §8)
STEADY = 5.0
PATIENCE = 120.0  # seconds to wait for a confirmation before saying "still pending" (§14 U17)


def follow_delays() -> Iterator[float]:
    """Seconds to wait after each look at a booking that waits for its operator."""
    waited = 0.0
    for delay in FIRST_LOOKS:
        waited += delay
        yield delay
    while waited < PATIENCE:
        waited += STEADY
        yield STEADY


UNDECIDED = timedelta(minutes=2)  # how long a new booking is followed closely
NEAR = timedelta(minutes=15)  # before a start: when a loss hurts and can still be mended
SLOWLY, ROUTINE, AT_MOST = 60.0, 120.0, 900.0  # seconds
OFFLINE_FIRST, OFFLINE_AT_MOST = 15.0, 300.0


def next_look(bookings: Iterable[Booking], now: datetime, *, shown: bool) -> float | None:
    """Seconds until the list should be read again; None when nothing can change that matters.

    `shown`: the list is on screen. A booking that waits for its operator is followed as
    `follow_delays` says for its first two minutes, then every minute; one whose window is near or
    running every two minutes; otherwise at the next moment at which a state can change.
    """
    wishes = [AT_MOST] if shown else []
    for booking in bookings:
        wish = _wish(booking, now)
        if wish is not None:
            wishes.append(wish)
    return min(wishes, default=None)


def _wish(booking: Booking, now: datetime) -> float | None:
    if booking.is_final:
        return None
    if booking.is_waiting:
        if booking.created_at is None or now - booking.created_at > UNDECIDED:
            return SLOWLY
        age = (now - booking.created_at).total_seconds()
        return next((delay for delay in FIRST_LOOKS if age < delay), STEADY)
    start, end = booking.reservation_start, booking.reservation_end
    if start is None or start - NEAR <= now <= (end or start) + NEAR:
        return ROUTINE
    if start > now:
        return min((start - NEAR - now).total_seconds() + 1, AT_MOST)
    return AT_MOST  # over, but the operator has not said so yet


def retry_delay(failures: int) -> float:
    """Seconds until the line is tried again after so many failures in a row."""
    return float(min(OFFLINE_FIRST * 2 ** min(failures - 1, 10), OFFLINE_AT_MOST))
