"""What is known of the account's bookings, from whatever source, and what became different.

No I/O: the session reads, the ledger compares. A change is told once, whoever found it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Literal, Self
from zoneinfo import ZoneInfo

from pm_tui.config.reports import PATTERNS
from pm_tui.models.booking import Booking
from pm_tui.models.charger import Location
from pm_tui.models.result import Result
from pm_tui.models.text import visible_id
from pm_tui.models.zones import CHARGERS_ZONE
from pm_tui.services.bookings import BookingList
from pm_tui.services.report_reference import PatternError, Reader, Reference

if TYPE_CHECKING:
    from pm_tui.services.unsettled import Unsettled

Kind = Literal["confirmed", "lost", "other"]
OVERTAKEN = timedelta(minutes=2)  # how much later than a newer answer an older one may arrive
EARLY = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Place:
    """What is known of where a booking is; `zone` None: not told."""

    name: str | None = None
    zone: ZoneInfo | None = None

    @classmethod
    def of(cls, location: Location) -> Self:
        return cls(location.name, ZoneInfo(location.time_zone) if location.time_zone else None)

    @property
    def clock(self) -> ZoneInfo:
        """The zone in which times there are typed and told; where it is not known, that of most
        chargers."""
        return self.zone or CHARGERS_ZONE


@dataclass(frozen=True, slots=True)
class Change:
    """A booking that stands differently than when it was last seen. `ours`: cancelled by a person
    of this host, who knows."""

    booking: Booking
    before: str
    ours: bool = False

    @property
    def kind(self) -> Kind:
        status = self.booking.status.upper()
        if status == "CONFIRMED":
            return "confirmed"
        if self.ours:
            return "other"
        return "lost" if status in ("CANCELLED", "EXPIRED", "NO_SHOW") else "other"


class Ledger:
    """`result` is the last reading of the whole list, `problem` why there is none; `unsettled` is
    what nobody knows the outcome of; `cancelled_here` are the ids of what was cancelled from this
    host (`cancelled_here.note_own`)."""

    def __init__(self, patterns: Sequence[str] = PATTERNS) -> None:
        self._patterns = patterns  # of references, as reports read them
        self.result: Result[BookingList] | None = None
        self.problem = ""
        self.unsettled: tuple[Unsettled, ...] = ()
        self._bookings: dict[str, Booking] = {}
        self._seen_at: dict[str, datetime] = {}
        self._live: set[str] = set()
        self._places: dict[str, Place] = {}
        self.waiting_since: dict[str, datetime] = {}  # when we first saw it wait, by our clock
        self.cancelled_here: set[str] = set()
        self._told_before: dict[str, str] = {}  # by other windows, and not yet read by this one
        self.half_changed: frozenset[str] = frozenset()  # ids whose rebooking was interrupted

    @property
    def bookings(self) -> list[Booking]:
        return list(self._bookings.values())

    def booking(self, booking_id: str) -> Booking | None:
        return self._bookings.get(booking_id)

    def heard(self, told: Mapping[str, str]) -> None:
        """The status in which a person was last told each booking before this window was opened:
        what differs from it is told by the first live reading."""
        new = {one: status for one, status in told.items() if one not in self._bookings}
        self._told_before |= new

    @property
    def shown(self) -> dict[str, str]:
        """The statuses that are told with this, by booking id."""
        pending = self._told_before
        return {one.id: one.status for one in self._bookings.values() if one.id not in pending}

    def newly_cancelled(self, bookings: Iterable[Booking]) -> list[str]:
        """The ids of those that would be told as cancelled."""
        return [
            one.id
            for one in bookings
            if _is_cancelled(one.status)
            and (before := self._status_before(one.id)) is not None
            and not _is_cancelled(before)
        ]

    def _status_before(self, booking_id: str) -> str | None:
        known = self._bookings.get(booking_id)
        return self._told_before.get(booking_id, known.status if known else None)

    def take(self, result: Result[BookingList], places: Mapping[str, Place]) -> list[Change]:
        """A new reading of the list, and what it changed. What we did ourselves was taken by
        `take_one` when it was done, and is no change any more."""
        self.result, self.problem = result, ""
        self._places |= places
        if result.origin == "live":
            self._live = {booking.id for booking in result.value.bookings} - set(
                result.value.seen_at
            )
        else:
            self._live = set()
        return [
            change
            for booking in result.value.bookings
            for change in self._note(
                booking,
                result.value.seen_at.get(booking.id, result.fetched_at),
                live=result.origin == "live",
            )
        ]

    def fail(self, problem: str) -> None:
        """The list could not be read: what is known is from before, and says so."""
        self.problem = problem
        self._live = set()

    def take_one(self, result: Result[Booking]) -> list[Change]:
        """A new reading of one booking."""
        if result.origin == "live":
            self._live.add(result.value.id)
        return list(self._note(result.value, result.fetched_at, live=result.origin == "live"))

    def _note(self, booking: Booking, at: datetime, *, live: bool) -> Iterable[Change]:
        known_at = self._seen_at.get(booking.id)
        if known_at is not None and at < known_at:
            overtaken = booking.id not in self._live or known_at - at < OVERTAKEN
            if overtaken:  # further back it is our clock that was set, and this is news
                return []
        before = self._status_before(booking.id)
        if booking.is_waiting and known_at is None and booking.id in self._live:
            self.waiting_since[booking.id] = at
        self._bookings[booking.id], self._seen_at[booking.id] = booking, at
        if booking.id in self._told_before:
            if not live:  # memory may be older than what was told: it changes nothing
                return []
            del self._told_before[booking.id]
        if before is None or before == booking.status:
            return []
        ours = _is_cancelled(booking.status) and booking.id in self.cancelled_here
        return [Change(booking, before, ours)]

    def note_place(self, location_id: str, place: Place) -> None:
        self._places[location_id] = place

    @property
    def known_places(self) -> set[str]:
        """The ids of the locations that need not be looked up again."""
        return set(self._places)

    # -- for showing ---------------------------------------------------------

    def place(self, booking: Booking) -> str:
        """The name of the place, else what stands for it."""
        known = self._places.get(booking.location_id or "", Place())
        return known.name or booking.location_city or visible_id(booking.location_id or "") or "–"

    def who(self, booking: Booking) -> Reference:
        """What its `external_id` says, as reports read it; nothing where it follows no pattern."""
        told = None
        if self._reader is not None:
            told = self._reader.read(booking.external_id, booking.fleet_group_id)
        return told or Reference()

    @cached_property
    def _reader(self) -> Reader | None:
        with suppress(PatternError):  # told where reports are made
            return Reader(self._patterns)
        return None

    def zone(self, booking: Booking) -> ZoneInfo:
        """The charger's time zone."""
        return self._places.get(booking.location_id or "", Place()).clock

    def time_of(self, booking_id: str) -> datetime:
        """When this booking was last told (UTC)."""
        return self._seen_at.get(booking_id, EARLY)

    def is_live(self, booking_id: str) -> bool:
        """Whether the last reading of the list brought it from the gateway."""
        return booking_id in self._live

    @property
    def references(self) -> set[str]:
        """Every `external_id` seen."""
        return {one.external_id for one in self._bookings.values() if one.external_id}

    def sort(
        self, bookings: Iterable[Booking], key: str, reverse: bool, now: datetime
    ) -> list[Booking]:
        """By a column of the list; what is unknown comes last, either way. `starts` puts what is
        to come first, the next one on top, and what is over behind it, the last one on top."""

        def nearness(booking: Booking) -> tuple[bool, timedelta] | None:
            start, end = booking.reservation_start, booking.reservation_end
            if start is None:
                return None
            over = booking.is_final or (end or start) < now
            return (over, now - start if over else start - now)

        def value(booking: Booking) -> object:
            values: dict[str, object] = {
                "status": booking.status,
                "window": booking.reservation_start,
                "starts": nearness(booking),
                "location": self.place(booking).casefold(),
                "price": booking.client_price,
                "external_id": booking.external_id,
                "age": self.time_of(booking.id),
                "department": _folded(self.who(booking).department),
                "employee": _folded(self.who(booking).employee),
                "made": booking.created_at,
                "city": _folded(booking.location_city),
                "evse": booking.evse_uid,
                "token": booking.token_strategy,
                "id": booking.id,
            }
            return values[key]

        everything = list(bookings)
        known = [booking for booking in everything if value(booking) is not None]
        unknown = [booking for booking in everything if value(booking) is None]
        return sorted(known, key=value, reverse=reverse) + unknown  # type: ignore[arg-type]


def _is_cancelled(status: str) -> bool:
    return status.upper() == "CANCELLED"


def _folded(text: str | None) -> str | None:
    return None if text is None else text.casefold()
