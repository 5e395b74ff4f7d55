"""How often to look: closely while something is about to change, and not at all when nothing can.

The month's quota is shared by every window (10,000 requests; contract/agent-api.md §13), so the
documented poll every 5 seconds is kept to the minutes that need it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
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
PENDING_LONG = timedelta(hours=1)  # how long one that still waits is asked for every minute
NEAR = timedelta(minutes=15)  # before a start: when a loss hurts and can still be mended
LATE = timedelta(hours=6)  # after the end: until then an operator may still tell how it ended
SLOWLY, ROUTINE, AT_MOST = 60.0, 120.0, 900.0  # seconds
OFFLINE_FIRST, OFFLINE_AT_MOST = 15.0, 300.0


def next_look(
    bookings: Iterable[Booking],
    now: datetime,
    *,
    shown: bool,
    first_seen: Mapping[str, datetime] | None = None,
) -> float | None:
    """Seconds until the list should be read again; None when nothing can change that matters.

    `shown`: the list is on screen. A booking that waits for its operator is followed as
    `follow_delays` says for two minutes from when we first saw it (`first_seen`, by id: the
    server's clock may not be ours), then every minute for an hour; one whose window is near or
    running every two minutes; otherwise at the next moment at which a state can change. Whatever
    a status says, nothing is asked for long after its window: one forgotten row must not spend the
    month.
    """
    seen = first_seen or {}
    wishes = [AT_MOST] if shown else []
    for booking in bookings:
        wish = _wish(booking, now, seen.get(booking.id, booking.created_at))
        if wish is not None:
            wishes.append(wish)
    return min(wishes, default=None)


def _wish(booking: Booking, now: datetime, since: datetime | None) -> float | None:
    start, end = booking.reservation_start, booking.reservation_end
    last = end or start
    if booking.is_final or (last is not None and last + LATE < now):
        return None
    if booking.is_waiting and since is not None and now - since <= PENDING_LONG:
        age = (now - since).total_seconds()
        if now - since > UNDECIDED:
            return SLOWLY
        return next((delay for delay in FIRST_LOOKS if 0 <= age < delay), STEADY)
    if start is None:
        return AT_MOST
    if start - NEAR <= now:
        return ROUTINE if now <= (end or start) + NEAR else AT_MOST
    return min((start - NEAR - now).total_seconds() + 1, AT_MOST)


def retry_delay(failures: int) -> float:
    """Seconds until the line is tried again after so many failures in a row."""
    return float(min(OFFLINE_FIRST * 2 ** min(failures - 1, 10), OFFLINE_AT_MOST))
