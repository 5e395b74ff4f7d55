"""The desk's view: today's visitors, how their bookings stand, and what the desk does with one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pm_tui.cache.journal import JournalUnavailable
from pm_tui.config.kiosk import KioskSettings
from pm_tui.i18n import _
from pm_tui.models.booking import Booking
from pm_tui.models.charger import Location
from pm_tui.models.result import Result
from pm_tui.models.statuses import STATUSES
from pm_tui.models.text import clean
from pm_tui.services import kiosk_hours, references
from pm_tui.services.account import NothingRemembered
from pm_tui.services.kiosk import Kiosk
from pm_tui.services.kiosk_changes import Unfinished, unfinished
from pm_tui.services.kiosk_stay import (
    How,
    Leaving,
    Left,
    Longer,
    first_ones,
    origins,
    token_number,
    visitors,
)
from pm_tui.services.rebook import interrupted
from pm_tui.services.unsettled import Unsettled, unsettled

if TYPE_CHECKING:
    from collections.abc import Mapping

_MORE = (1, 2, 4, 8)  # quarters of an hour that a stay is made longer by


@dataclass(frozen=True, slots=True)
class Guest:
    """One visitor's booking. `name` (or plate) is there only while this process holds it;
    `goes_on`: it was made longer, and the booking that follows it is the visitor's as well;
    `earlier`: the numbers of the visitor's bookings that are not shown, one of them on the slip."""

    booking: Booking
    number: str
    charger: str
    place: str
    location: Location | None = field(default=None, repr=False)
    name: str = field(default="", repr=False)
    goes_on: bool = False
    earlier: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Day:
    """The day's visitors, those that come next first, what nobody knows the outcome of, and the
    changes that were interrupted."""

    guests: tuple[Guest, ...] = ()
    unclear: tuple[Unsettled, ...] = ()
    changes: tuple[Unfinished, ...] = ()

    @property
    def counts(self) -> tuple[tuple[str, int], ...]:
        """How many visitors there are by status, in the order of a booking's life; a visitor
        whose booking was made longer is one."""
        found = Counter(one.booking.status.upper() for one in self.guests if not one.goes_on)
        order = {status: n for n, status in enumerate(STATUSES)}
        return tuple(sorted(found.items(), key=lambda pair: order.get(pair[0], len(order))))


async def today(kiosk: Kiosk, *, live: bool = True) -> Result[Day]:
    """Today's visitors of this desk, by the chargers' clock: one request, or none and from memory
    where not `live` or the gateway cannot be asked (`problem` says why). Where a booking's outcome
    is not known it is looked for. Raises the `ApiError` that memory cannot stand in for."""
    now = kiosk.session.server_now()
    try:
        found = await visitors(kiosk, live=live)
    except NothingRemembered as nothing:
        found = Result((), "cache", now, nothing.problem or nothing)
    problem, first, before = found.problem, dict[str, str](), dict[str, Booking]()
    unclear: tuple[Unsettled, ...] = ()
    changes: tuple[Unfinished, ...] = ()
    try:
        if found.origin == "live":
            await kiosk.session.settle(found.value)
            await interrupted(kiosk.session, found.value)  # ends what only lacked a word
        unclear = tuple(one for one in await unsettled(kiosk.session) if _is_ours(kiosk, one))
        changes = await unfinished(kiosk)
        first = await origins(kiosk)
        before = await first_ones(kiosk, found.value)
    except JournalUnavailable as broken:
        problem = problem or broken
    ids = {one.location_id for one in found.value if one.location_id}
    known = await kiosk.session.locations(ids)
    places = {location_id: seen.value for location_id, seen in known.items()}
    guests = _guests(kiosk, found.value, first, before, places)
    return Result(Day(guests, unclear, changes), found.origin, found.fetched_at, problem)


def later_ends(
    kiosk: KioskSettings, booking: Booking, now: datetime, closes: datetime | None
) -> tuple[datetime, ...]:
    """What a booking may be made longer to: as a visitor may stay, and not past the closing time.
    Empty where it is at its longest. UTC."""
    end = booking.reservation_end
    if end is None or booking.reservation_start is None:
        return ()
    stay = kiosk_hours.stay(now, kiosk.longest, closes, start=booking.reservation_start)
    steps = [stay.moved(end, quarters) for quarters in _MORE]
    return tuple(sorted({one for one in (*steps, stay.latest) if end < one <= stay.latest}))


# -- words for who sits at the desk ----------------------------------------------


def terms(booking: Booking) -> str:
    """What cancelling costs (contract/agent-api.md §10); why it cannot be, where it cannot."""
    if booking.status.upper() == "ATTENDING":
        return _("A vehicle is plugged in: the booking ends when it is unplugged.")
    if booking.is_final:
        return _("This booking is over: there is nothing to cancel.")
    if booking.cancel_terms == "free":
        return _("Cancelling is free of charge now.")
    if booking.cancel_terms == "fee possible":
        return _("The operator has confirmed: cancelling may cost a fee. Its amount is not told.")
    return _("Whether this costs something is not known.")


def how_longer(done: Longer) -> str:
    words: dict[How, str] = {
        "extended": _("It has been made longer; r shows what the operator says."),
        "kept": _("It could not be made longer and stands as it was."),
        "lost": _("It could not be made longer, and the old time is no longer booked."),
        "waiting": _("The operator has not answered yet. Do not send it again."),
        "unknown": _("It is not certain yet how it stands. Do not send it again: read later."),
    }
    return _with_reason(words[done.how], done.reason if done.how in ("kept", "lost") else "")


def how_left(left: Leaving) -> str:
    words: dict[Left, str] = {
        "left": _("It is cancelled."),
        "over": _("It has ended already."),
        "charging": _("A vehicle is plugged in: the booking ends when it is unplugged."),
        "refused": _("It could not be cancelled and stands."),
        "unknown": _("It is not certain yet whether it is cancelled: read again later."),
    }
    return _with_reason(words[left.how], left.reason if left.how == "refused" else "")


def _with_reason(words: str, reason: str) -> str:
    return f"{words} {clean(reason, 160)}".strip()


def _shown(made: Sequence[Booking]) -> list[Booking]:
    """Of one visitor's bookings those that stand, the last first; or the one to remember."""
    made = sorted(made, key=_weight, reverse=True)
    return [one for one in made if not one.is_final] or made[:1]


def _weight(booking: Booking) -> tuple[bool, datetime]:
    ends = booking.reservation_end or datetime.min.replace(tzinfo=UTC)
    return booking.status.upper() != "CANCELLED", ends


def _guests(
    kiosk: Kiosk,
    bookings: Sequence[Booking],
    first: Mapping[str, str],
    before: Mapping[str, Booking],
    places: Mapping[str, Location],
) -> tuple[Guest, ...]:
    """In the order of `bookings`; `first` says which of them are of one visitor, `before` what one
    of them came of on another day."""
    by_visitor: dict[str, list[Booking]] = {}
    for one in bookings:
        by_visitor.setdefault(first.get(one.id, one.id), []).append(one)
    guests: dict[str, Guest] = {}
    for made in by_visitor.values():
        shown = _shown(made)
        past = [before[one.id] for one in made if one.id in before]
        hidden = (_number(one) for one in (*past, *made) if one not in shown)
        earlier = tuple(dict.fromkeys(filter(None, hidden)))
        for n, one in enumerate(shown):
            goes_on = n > 0
            guest = _guest(kiosk, one, places.get(one.location_id or ""), goes_on=goes_on)
            guests[one.id] = guest if goes_on else replace(guest, earlier=earlier)
    return tuple(guests[one.id] for one in bookings if one.id in guests)


def _guest(kiosk: Kiosk, booking: Booking, place: Location | None, *, goes_on: bool) -> Guest:
    return Guest(
        booking,
        _number(booking),
        clean((booking.evse_uid or "").rpartition("*")[2], 20),
        "" if place is None else place.name or place.cpo_name or "",
        place,
        kiosk.guests.name(booking.id, kiosk.session.now()),
        goes_on,
    )


def _number(booking: Booking) -> str:
    return clean(token_number(booking) or "", 60)


def _is_ours(kiosk: Kiosk, one: Unsettled) -> bool:
    """Whether it concerns a visitor of this desk: a cancellation's wish does not say so."""
    return one.kind == "cancel" or references.is_visitor_of(
        one.wish.external_id, kiosk.settings.desk
    )
