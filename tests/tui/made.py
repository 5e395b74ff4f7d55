"""Bookings that stand before the application starts: made by the services, without a screen."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

from pm_tui.config import Settings
from pm_tui.models.booking import Booking
from pm_tui.models.query import SearchQuery
from pm_tui.models.request import BookingRequest
from pm_tui.services.session import Session

POINT, OTHER = "DE*ENB*E300000*2", "DE*ENB*E300000*3"
PLACE = "Köln Ladepark 0"
HOUR = timedelta(hours=1)
_days = itertools.count(20)  # each is in a window of its own


def a_wish(reference: str) -> BookingRequest:
    """An hour at `POINT` on a day that nobody else of these tests has."""
    start = (datetime.now(UTC) + timedelta(days=next(_days))).replace(
        hour=9, minute=0, second=0, microsecond=0
    )
    return BookingRequest(
        location_id="DE-ENB-E300000",
        evse_uid=POINT,
        reservation_start=start,
        reservation_end=start + HOUR,
        external_id=reference,
    )


async def booked(settings: Settings, *references: str, wait: bool = True) -> list[Booking]:
    """Bookings of a location that was seen: confirmed ones, or (without `wait`) as they were
    answered."""
    made = []
    async with Session(settings) as session:
        await session.search(SearchQuery(50.937, 6.96))
        for reference in references:
            ended = await session.book(a_wish(reference))
            assert ended.answer is not None, ended.reason
            made.append(ended.answer.value)
        if wait:
            made = [await _confirmed(session, one) for one in made]
    return made


async def _confirmed(session: Session, booking: Booking) -> Booking:
    async for result in session.watch(booking.id):
        booking = result.value
    assert booking.status == "CONFIRMED"
    return booking
