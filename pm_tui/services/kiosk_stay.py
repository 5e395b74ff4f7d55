"""What a visitor or the desk does with a booking that stands: find it, make it longer, end it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Literal

from pm_tui.api.errors import ApiError, BadRequest, OutcomeUnknown
from pm_tui.i18n import _
from pm_tui.models.booking import Booking
from pm_tui.models.request import BookingRequest
from pm_tui.models.result import Result
from pm_tui.models.zones import CHARGERS_ZONE
from pm_tui.services import rebook, references
from pm_tui.services.account import NothingRemembered
from pm_tui.services.book import Ended
from pm_tui.services.kiosk import Kiosk
from pm_tui.services.rebook import CannotRebook as CannotRebook
from pm_tui.services.rebook import Step
from pm_tui.services.rebook_parts import CLASH, SAFE, old_id
from pm_tui.services.rules import earliest_start

if TYPE_CHECKING:
    from pm_tui.cache.intent import Intent

# extended: the new end is booked (its operator may still have to agree); kept: only the old time
# stands; lost: nothing stands any more; waiting, unknown: not decided, or nobody knows
How = Literal["extended", "kept", "lost", "waiting", "unknown"]
# charging: a vehicle is plugged in, and leaving means unplugging it (contract §10); over: ended
# before; refused: it stands
Left = Literal["left", "charging", "over", "refused", "unknown"]
# a rebooking gives up the old time first: it must begin late enough that it can be had back
ROOM = timedelta(minutes=5)
REASON = "Visitor left"  # sent to the operator, so not translated
_LONGER = "kiosk:longer:"  # how the wish for what follows a booking begins; its id comes next
_NUMBER_NAMES = ("visual", "number", "uid", "code")  # in this order, what a person is shown


@dataclass(frozen=True, slots=True)
class Longer:
    """How making it longer ended; `booking_id` is of the booking that now has the new end."""

    how: How
    booking_id: str | None = None
    reason: str = ""
    problem: Exception | None = None


@dataclass(frozen=True, slots=True)
class Leaving:
    how: Left
    reason: str = ""
    problem: Exception | None = None


def token_number(booking: Booking) -> str | None:
    """What a visitor types to be known again: the token's number, whose name the documents do not
    give (contract/agent-api.md §14 U26); without one the operator's reference."""
    for wanted in _NUMBER_NAMES:
        for name, told in booking.token.items():
            if wanted in name.casefold():
                return told
    return booking.cpo_reservation_id


async def visitors(kiosk: Kiosk, *, live: bool = False) -> Result[tuple[Booking, ...]]:
    """Today's visitors of this desk, those that come next first: the bookings with its reference
    whose window touches this day or, late in the evening, begins within the longest stay from now
    on, as that of a visitor does who has just booked. From memory, unless `live`; then it raises as
    `Session.bookings` does."""
    now = kiosk.session.server_now()
    midnight = datetime.combine(now.astimezone(CHARGERS_ZONE).date(), time(), CHARGERS_ZONE)
    horizon = max(midnight + timedelta(days=1), now + kiosk.settings.longest)
    try:
        # made the day before, at the longest: a stay lasts a day at most
        since = midnight - timedelta(days=1)
        read = await kiosk.session.bookings(since=since, offline=not live)
    except NothingRemembered:
        if live:
            raise
        return Result((), "cache", now)

    def is_ours(booking: Booking) -> bool:
        start, end = booking.reservation_start, booking.reservation_end
        if start is None or end is None or not (start < horizon and midnight < end):
            return False
        return references.is_visitor_of(booking.external_id, kiosk.settings.desk)

    found = [one for one in read.value.bookings if is_ours(one)]
    found.sort(key=lambda one: (one.reservation_start or now, one.reservation_end or now))
    return Result(tuple(found), read.origin, read.fetched_at, read.problem)


def is_number(typed: str) -> bool:
    """Whether anything was typed that a number can be made of; else nothing was tried."""
    return bool(_plain(typed))


async def find(kiosk: Kiosk, number: str) -> Result[Booking] | None:
    """The booking of the visitor with this token number; where that is over and was made longer,
    the one that goes on. Only the whole number counts: nobody finds another's by its beginning.
    Asks nobody. Raises `JournalUnavailable`."""
    wanted = _plain(number)
    known = await visitors(kiosk)
    before = await first_ones(kiosk, known.value)
    for booking in known.value:
        theirs = (booking, before.get(booking.id, booking))
        if wanted and wanted in (_plain(token_number(one) or "") for one in theirs):
            standing = await _last(kiosk, booking) if booking.is_final else booking
            if not standing.is_final:
                return Result(standing, known.origin, known.fetched_at)
    return None


async def until(kiosk: Kiosk, booking: Booking) -> datetime | None:
    """The end (UTC) of a visitor's time: of the last booking that stands and came of this one.
    Asks nobody. Raises `JournalUnavailable`."""
    return (await _last(kiosk, booking)).reservation_end


async def extend(
    kiosk: Kiosk,
    booking: Booking,
    end: datetime,
    on_step: Callable[[Step], None] = lambda step: None,
) -> Longer:
    """Make a booking last until `end`.

    One that has not begun is rebooked (contract/agent-api.md §2). One that has, or is about to,
    cannot be: a new one starts 15 minutes ahead at the earliest, and the charger would be given
    up meanwhile. Then the old one stands, and one that follows it is booked, once.

    Raises `CannotRebook` (nothing was sent), `JournalUnavailable`, and the `ApiError` of what
    could not be looked up.
    """
    session, name = kiosk.session, kiosk.guests.name(booking.id, kiosk.session.now())
    asked, booking = booking, await _last(kiosk, booking)
    if booking.id != asked.id and booking.reservation_end == end:
        return Longer("extended", booking.id)  # asked for twice
    first = earliest_start(session.server_now())
    start, old_end = booking.reservation_start, booking.reservation_end
    if start is None or old_end is None or end <= old_end:
        raise CannotRebook(_("The new end must be later than the present one."))
    if start >= first + ROOM and booking.cancel_terms != "impossible":
        change = await rebook.unfinished(session, booking)
        change = change or await rebook.prepare(session, booking, start, end, None)
        longer = longer_of(await rebook.go_on(session, change, on_step))
    elif old_end < first:
        raise CannotRebook(_("Less than 15 minutes are left: too late to make it longer."))
    else:
        on_step("book")
        longer = _followed(await _follow(kiosk, booking, old_end, end))
    if longer.booking_id is not None:
        kiosk.guests.note(longer.booking_id, name, end)
    return longer


async def leave(kiosk: Kiosk, booking: Booking) -> Leaving:
    """End a booking, and what was to follow it. Raises `JournalUnavailable` (nothing was sent)."""
    for booking_id in await _following(kiosk, booking.id):
        if (followed := await _cancel(kiosk, booking_id)).how in ("unknown", "refused"):
            return followed
        if followed.how != "charging":
            kiosk.guests.forget(booking_id)
    left = await _cancel(kiosk, booking.id)
    if left.how in ("left", "over"):
        kiosk.guests.forget(booking.id)
    return left


async def origins(kiosk: Kiosk) -> dict[str, str]:
    """For every booking that was made because another was to last longer, the visitor's first
    one, by ids. Asks nobody. Raises `JournalUnavailable`."""
    before = {new: old for old, made in (await _came_of(kiosk)).items() for new in made}
    first: dict[str, str] = {}
    for new in before:
        seen, at = {new}, before[new]
        while at in before and at not in seen:
            seen.add(at)
            at = before[at]
        first[new] = at
    return first


async def first_ones(kiosk: Kiosk, bookings: Sequence[Booking]) -> dict[str, Booking]:
    """For those of `bookings` that came of one that is not among them, as past midnight, the
    visitor's first one as it is remembered, by their ids: its number is on the slip. Asks nobody.
    Raises `JournalUnavailable`."""
    first, here = await origins(kiosk), {one.id for one in bookings}
    found: dict[str, Booking] = {}
    for one in bookings:
        if (origin := first.get(one.id, one.id)) not in here:
            with suppress(NothingRemembered):
                found[one.id] = (await kiosk.session.booking(origin, offline=True)).value
    return found


# -- below ---------------------------------------------------------------------


def _plain(number: str) -> str:
    return re.sub(r"[^0-9a-z]", "", number.casefold())


def longer_of(done: rebook.Rebooked) -> Longer:
    """How a change ended, for who wanted to stay longer."""
    hows: dict[rebook.Outcome, How] = {
        "rebooked": "extended",
        "both": "extended",  # the desk sees the old one in its list
        "kept": "kept",
        "restored": "kept",
        "lost": "lost",
        "waiting": "waiting",
        "unknown": "unknown",
    }
    return Longer(hows[done.outcome], done.booking_id, done.reason, done.problem)


def _followed(ended: Ended) -> Longer:
    hows: dict[str, How] = {"booked": "extended", "refused": "kept", "unknown": "unknown"}
    return Longer(hows[ended.kind], ended.booking_id, ended.reason, ended.problem)


async def _follow(kiosk: Kiosk, booking: Booking, start: datetime, end: datetime) -> Ended:
    before = await rebook.wish_behind(kiosk.session, booking)
    taken = await kiosk.session.references()
    day = start.astimezone(CHARGERS_ZONE).date()
    changes = {
        "reservation_start": start,
        "reservation_end": end,
        "external_id": references.visitor(kiosk.settings.desk, day, taken),
    }
    request = BookingRequest.model_validate({**before.model_dump(), **changes})
    # one that its operator has refused since may be followed by another, one that stands not
    gone = await _following(kiosk, booking.id)
    once = "/".join((_LONGER + booking.id, *gone[:1]))
    return await kiosk.session.book(request, once=once)


async def _following(kiosk: Kiosk, booking_id: str) -> list[str]:
    """The bookings that came of this one, because it was made longer or moved; the last first."""
    after = await _came_of(kiosk)
    found = [booking_id]
    for known in found:  # which grows meanwhile
        found += [one for one in after.get(known, ()) if one not in found]
    return found[:0:-1]


async def _came_of(kiosk: Kiosk) -> dict[str, list[str]]:
    """By the id of a booking, those that were made after it for the same visitor."""
    desk = await kiosk.session.desk()
    account = kiosk.session.settings.account

    def look() -> dict[str, list[str]]:
        after: dict[str, list[str]] = {}
        for one in desk.journal.intents(account):
            before = _follows(one)
            if before is not None and one.state == "confirmed" and one.booking_id is not None:
                after.setdefault(before, []).append(one.booking_id)
        return after

    return await desk.worker(look)


def _follows(intent: Intent) -> str | None:
    """The id of the booking that this one follows or replaces."""
    if intent.kind != "book":
        return None
    if (intent.once or "").startswith(_LONGER):
        return (intent.once or "").removeprefix(_LONGER).partition("#")[0].partition("/")[0]
    part = intent.part_of or ""
    return old_id(part) if part.startswith((SAFE, CLASH)) else None


async def _last(kiosk: Kiosk, booking: Booking) -> Booking:
    """The last booking of this visitor that stands, as far as is remembered."""
    for booking_id in await _following(kiosk, booking.id):
        try:
            known = await kiosk.session.booking(booking_id, offline=True)
        except NothingRemembered:
            continue
        if not known.value.is_final:
            return known.value
    return booking


async def _cancel(kiosk: Kiosk, booking_id: str) -> Leaving:
    try:
        await kiosk.session.cancel(booking_id, REASON, once=f"kiosk:leave:{booking_id}")
    except OutcomeUnknown as problem:
        return Leaving("unknown", str(problem), problem)
    except BadRequest as problem:  # the state does not allow it (contract §10): which one is it?
        return await _not_cancelled(kiosk, booking_id, problem)
    except ApiError as problem:
        return Leaving("refused", str(problem), problem)
    return Leaving("left")


async def _not_cancelled(kiosk: Kiosk, booking_id: str, refusal: BadRequest) -> Leaving:
    try:
        current = await kiosk.session.booking(booking_id)
    except (ApiError, NothingRemembered):
        return Leaving("refused", str(refusal), refusal)
    if current.origin == "live" and current.value.is_final:
        return Leaving("over")
    if current.origin == "live" and current.value.status.upper() == "ATTENDING":
        return Leaving("charging")
    return Leaving("refused", str(refusal), refusal)
