"""What a visitor at the reception does: find a charger of the site and book it, once.

The bookings are `ad_hoc` with the reference `visitor-{desk}-{date}` (contract/agent-api.md §5,
§11). Who the visitor is never reaches the gateway or the disk.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from uuid import uuid4

from pm_tui.api.errors import Conflict, NotFound
from pm_tui.config.kiosk import KioskSettings
from pm_tui.models.booking import Booking
from pm_tui.models.charger import Connector, Location
from pm_tui.models.query import SearchQuery
from pm_tui.models.request import BookingRequest
from pm_tui.models.result import Result
from pm_tui.models.text import clean
from pm_tui.models.zones import CHARGERS_ZONE
from pm_tui.services import kiosk_open, references
from pm_tui.services.account import NothingRemembered
from pm_tui.services.book import Ended
from pm_tui.services.kiosk_open import Left
from pm_tui.services.rules import earliest_start
from pm_tui.services.session import Session
from pm_tui.services.settle import explain

LONGEST_NAME = 40
# of these a vehicle leaves sooner or later; any other state is none to wait for
_BUSY = ("CHARGING", "RESERVED", "BLOCKED")


@dataclass(frozen=True, slots=True)
class Point:
    """A charging point of the site as a visitor sees it; `is_free` now and, as far as is known
    here, in the visitor's time; `is_booked`: it is not, whatever it is now. Only a free one is to
    be booked (contract/agent-api.md §3)."""

    location_id: str
    evse_uid: str
    place: str
    number: str
    is_free: bool
    connectors: tuple[Connector, ...] = ()
    address: str = ""
    estimated_price: Decimal | None = None
    currency: str | None = None
    is_booked: bool = False


@dataclass(frozen=True, slots=True)
class Visit:
    """One visitor from the first key to the booking. The id is what keeps an impatient one from
    two bookings; `name` (or plate) is theirs and stays in this process. `refused` grows: by the
    point, the earliest end (UTC) until which it could not be had."""

    id: str = field(default_factory=lambda: uuid4().hex)
    name: str = field(default="", repr=False)
    refused: dict[str, datetime] = field(default_factory=dict, compare=False)


class Guests:
    """Who stands behind which booking, in memory alone and no longer than the booking."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, datetime]] = {}

    def note(self, booking_id: str, name: str, until: datetime) -> None:
        """Keep `name` until then; an empty one is nothing to keep."""
        if name := clean(name, LONGEST_NAME).strip():
            self._known[booking_id] = (name, until)

    def name(self, booking_id: str, now: datetime) -> str:
        """The name behind a booking; "" where there is none, or none any more."""
        self.tidy(now)
        return self._known.get(booking_id, ("", now))[0]

    def tidy(self, now: datetime) -> None:
        """Forget those whose booking has ended."""
        if any(until <= now for _name, until in self._known.values()):
            self._known = {one: held for one, held in self._known.items() if held[1] > now}

    def forget(self, booking_id: str) -> None:
        self._known.pop(booking_id, None)


class Kiosk:
    """For one desk. Sends nothing of itself: an idle kiosk costs no request."""

    def __init__(self, session: Session, settings: KioskSettings) -> None:
        self.session, self.settings = session, settings
        self.guests = Guests()

    async def wake(self) -> Left | None:
        """After a start: find out what became of what an earlier run left. None, and no request,
        where it left nothing. Takes as long as it takes. Raises `JournalUnavailable`."""
        began = await kiosk_open.wake(self)
        if began is None:
            return None
        await kiosk_open.settle(self)
        return await kiosk_open.since(self, began)

    async def points(self, end: datetime, visit: Visit | None = None) -> Result[tuple[Point, ...]]:
        """The site's charging points that can be reserved from the earliest start until `end`,
        free ones first, nearest first. A search tells how a point is at this moment, not in that
        time: what we have booked ourselves, or was refused to `visit`, is not free. Raises as
        `Session.search` does."""
        if self.settings.point is None:
            raise ValueError("a kiosk without a site")
        latitude, longitude = self.settings.point
        start = earliest_start(self.session.server_now())
        radius = self.settings.radius_km
        query = SearchQuery(latitude, longitude, radius_km=radius, start=start, end=end)
        found = await self.session.search(query, label=self.settings.desk)
        taken = await self._booked(start, end)
        refused = visit.refused if visit is not None else {}
        taken |= {point for point, until in refused.items() if until <= end}
        points = [
            replace(point, is_free=False, is_booked=True) if point.evse_uid in taken else point
            for location in found.value.locations
            if not self.settings.locations or location.location_id in self.settings.locations
            for point in _points(location)
        ]
        points.sort(key=lambda point: not point.is_free)
        return Result(tuple(points), found.origin, found.fetched_at, found.problem)

    async def _booked(self, start: datetime, end: datetime) -> set[str]:
        """The points for which a booking of this account is remembered that stands and overlaps
        that time. Asks nobody."""
        try:
            known = await self.session.bookings(offline=True)
        except NothingRemembered:
            return set()
        return {
            one.evse_uid
            for one in known.value.bookings
            if one.evse_uid is not None
            and not one.is_final
            and one.reservation_start is not None
            and one.reservation_end is not None
            and one.reservation_start < end
            and start < one.reservation_end
        }

    async def book(self, visit: Visit, point: Point, end: datetime) -> Ended:
        """Book `point` from the earliest start until `end`; for one visit at most once: asked
        again it tells how the first one stands, and only after a refusal tries anew. Nor is it
        sent while another one is looked for (the rule in `kiosk_open`).

        Raises `JournalUnavailable` (nothing was sent), and pydantic's `ValidationError` where
        `end` is not after the start.
        """
        for one in await kiosk_open.unclear(self, besides=visit):
            if kiosk_open.is_looked_for(one):
                return Ended("unknown", one.external_id or "", reason=explain(one))
        start = earliest_start(self.session.server_now())
        taken = await self.session.references()
        day = start.astimezone(CHARGERS_ZONE).date()
        request = BookingRequest(
            location_id=point.location_id,
            evse_uid=point.evse_uid,
            reservation_start=start,
            reservation_end=end,
            external_id=references.visitor(self.settings.desk, day, taken),
            token_strategy="ad_hoc",  # noqa: S106 - the name of a strategy
        )
        ended = await self.session.book(request, once=kiosk_open.wish_of(visit))
        if ended.booking_id is not None:
            self.guests.note(ended.booking_id, visit.name, end)
        elif isinstance(ended.problem, Conflict | NotFound):
            _refuse(visit, point.evse_uid, end)
        return ended


def anew(visit: Visit, booking: Booking) -> Visit:
    """The visit goes on with another charger after its operator said no. Raises `ValueError`
    while the booking stands or may yet: that would be a second one."""
    if not booking.is_final:
        raise ValueError("the booking of this visit stands")
    if booking.evse_uid is not None and booking.reservation_end is not None:
        _refuse(visit, booking.evse_uid, booking.reservation_end)
    return Visit(name=visit.name, refused=visit.refused)


def _refuse(visit: Visit, evse_uid: str, end: datetime) -> None:
    visit.refused[evse_uid] = min(end, visit.refused.get(evse_uid, end))


def _points(location: Location) -> Iterator[Point]:
    if location.supports_reservation is not True:
        return
    for evse in location.evses:
        status = (evse.status or "").upper()
        if evse.evse_uid and (status == "AVAILABLE" or status in _BUSY):
            own = evse.estimated_price is not None
            yield Point(
                location.location_id,
                evse.evse_uid,
                location.name or location.cpo_name or "",
                clean(evse.evse_uid.rpartition("*")[2], 20),
                status == "AVAILABLE",
                evse.connectors,
                location.address or "",
                evse.estimated_price if own else location.estimated_price,
                evse.currency if own else location.currency,
            )
