"""Change a booking, which the API cannot (contract/agent-api.md §2): the new first, then the old.

The old booking is cancelled only when the operator has confirmed the new one. Where the two are
the same point at overlapping times that order is impossible (409), so the old one goes first; if
the new one is refused then, the old window is booked again. Every step is an intent of the
journal and part of one undertaking: whatever interrupts it, `resume` goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import uuid4

from pm_tui.api.errors import ApiError, BadRequest, NotFound, OutcomeUnknown
from pm_tui.cache.intent import Intent
from pm_tui.cache.journal import Journal
from pm_tui.i18n import _
from pm_tui.models.booking import Booking
from pm_tui.models.request import BookingRequest
from pm_tui.models.zones import CHARGERS_ZONE
from pm_tui.services.book import Ended, next_try, request_of
from pm_tui.services.references import LONGEST, parse, suggest
from pm_tui.services.session import Session
from pm_tui.services.settle import NEVER_SENT

# the new one stands and the old is gone; the old one stands; both do; the old window was booked
# again; neither stands; not decided yet; nobody knows yet
Outcome = Literal["rebooked", "kept", "both", "restored", "lost", "waiting", "unknown"]
GONE = ("CANCELLED", "EXPIRED", "NO_SHOW")
REASON = "Rebooked"  # sent to the operator, so not translated
SAFE, CLASH = "rebook:safe:", "rebook:clash:"  # how `part_of` begins; old id and a name follow
NOT_NEEDED = "the new one was turned down"


class CannotRebook(ValueError):
    """Nothing was sent; the text says why."""


@dataclass(frozen=True, slots=True)
class Rebooking:
    """What is to happen. `clash`: the old one has to be cancelled first, with the risk to end
    with the old window only if it is still free, and perhaps with a fee."""

    part: str
    old: Booking
    old_request: BookingRequest
    request: BookingRequest
    clash: bool


@dataclass(frozen=True, slots=True)
class Rebooked:
    """How it ended, and why; `waiting` and `unknown` are to be resumed."""

    outcome: Outcome
    external_id: str
    booking_id: str | None = None
    reason: str = ""
    problem: Exception | None = None


async def prepare(
    session: Session, old: Booking, start: datetime, end: datetime, evse_uid: str | None
) -> Rebooking:
    """The rebooking of `old` to another window or point of its location. Sends nothing."""
    if old.cancel_terms == "impossible":
        raise CannotRebook(_("This booking is {status}.").format(status=old.status))
    before = await wish_behind(session, old)
    evse = evse_uid or before.evse_uid
    taken = await session.references() | {old.external_id or ""}
    changes: dict[str, object] = {
        "evse_uid": evse,
        "reservation_start": start,
        "reservation_end": end,
        "external_id": _next_reference(before.external_id, start, taken),
        # a connector's number means something on its own point only
        "connector_id": before.connector_id if evse == before.evse_uid else None,
    }
    request = BookingRequest.model_validate(
        {**before.model_dump(), **changes, "allow_foreign": True}
    )
    clash = (
        evse == before.evse_uid
        and request.reservation_start < before.reservation_end
        and before.reservation_start < request.reservation_end
    )
    part = f"{CLASH if clash else SAFE}{old.id}:{uuid4().hex[:12]}"
    return Rebooking(part, old, before, request, clash)


async def unfinished(session: Session, old: Booking) -> Rebooking | None:
    """A rebooking of `old` that was interrupted."""
    for part, intents in await _open_parts(session):
        if _old_id(part) == old.id:
            request = request_of(next(one for one in intents if _is_new(one)))
            before = await wish_behind(session, old)
            return Rebooking(part, old, before, request, part.startswith(CLASH))
    return None


async def interrupted(session: Session) -> list[str]:
    """The ids of the bookings whose rebooking was interrupted."""
    return [_old_id(part) for part, _intents in await _open_parts(session)]


async def carry_out(session: Session, rebooking: Rebooking) -> Rebooked:
    """Do what is left to do. Raises `JournalUnavailable`, and an `ApiError` where what is open
    could not be looked up: both leave what is done as it is."""
    if rebooking.clash:
        return await _old_first(session, rebooking)
    return await _new_first(session, rebooking)


async def wish_behind(session: Session, old: Booking) -> BookingRequest:
    """What was asked for when `old` was made: by our journal, else by what the gateway echoes."""
    desk = await session.desk()

    def look() -> list[Intent]:
        intents = desk.journal.intents(session.settings.account)
        return [one for one in intents if one.kind == "book" and one.booking_id == old.id]

    for intent in await desk.worker(look):
        return request_of(intent)
    told = {
        name: getattr(old, name) for name in BookingRequest.model_fields if name != "allow_foreign"
    }
    missing = [name for name in ("location_id", "evse_uid") if not told[name]]
    if missing or old.reservation_start is None or old.reservation_end is None:
        raise CannotRebook(
            _("The gateway does not say what this booking is for: book the new one by hand first.")
        )
    return BookingRequest.model_validate({**told, "allow_foreign": True})


# -- the two orders ------------------------------------------------------------


async def _new_first(session: Session, rebooking: Rebooking) -> Rebooked:
    ended = await session.book(
        rebooking.request, once=f"{rebooking.part}:new", part_of=rebooking.part
    )
    if ended.kind != "booked" or ended.booking_id is None:
        return _from(ended, "unknown" if ended.kind == "unknown" else "kept")
    new = await _decided(session, ended.booking_id)
    if new.status.upper() in GONE:
        await _close(session, rebooking)
        text = _("The operator did not agree to the new one; the old one stands.")
        return Rebooked("kept", ended.external_id, new.id, text)
    if new.is_waiting:
        text = _("The new one waits for its operator; the old one stands until then.")
        return Rebooked("waiting", ended.external_id, new.id, text)
    try:
        await _cancel_old(session, rebooking)
    except OutcomeUnknown as problem:
        return Rebooked("unknown", ended.external_id, new.id, _say(problem), problem)
    except ApiError as problem:
        text = _("The new one stands, and the old one as well: {reason}")
        text = text.format(reason=_say(problem))
        if not isinstance(problem, BadRequest | NotFound):
            return Rebooked("waiting", ended.external_id, new.id, text, problem)
        await _close(session, rebooking)
        return Rebooked("both", ended.external_id, new.id, text, problem)
    return Rebooked("rebooked", ended.external_id, new.id)


async def _old_first(session: Session, rebooking: Rebooking) -> Rebooked:
    reference = rebooking.request.external_id or ""
    await _write_down(session, rebooking)
    try:
        await _cancel_old(session, rebooking)
    except OutcomeUnknown as problem:
        return Rebooked("unknown", reference, None, _say(problem), problem)
    except ApiError as problem:
        await _close(session, rebooking)
        return Rebooked("kept", reference, None, _say(problem), problem)
    ended = await session.book(
        rebooking.request, once=f"{rebooking.part}:new", part_of=rebooking.part
    )
    if ended.kind == "unknown":
        return _from(ended, "unknown")
    if ended.booking_id is not None:
        new = await _decided(session, ended.booking_id)
        if new.status.upper() not in GONE:
            return _from(ended, "rebooked")
        text = _("The operator did not agree to the new one.")
        ended = Ended("refused", ended.external_id, reason=text)
    return await _restore(session, rebooking, ended)


async def _restore(session: Session, rebooking: Rebooking, refused: Ended) -> Rebooked:
    """The new one is not to be had and the old one is gone: take the old window again."""
    taken = await session.references()
    again = rebooking.old_request.model_copy(
        update={
            "external_id": _next_reference(
                rebooking.old_request.external_id, rebooking.old_request.reservation_start, taken
            )
        }
    )
    ended = await session.book(again, once=f"{rebooking.part}:again", part_of=rebooking.part)
    if ended.kind == "unknown":
        return _from(ended, "unknown")
    if ended.kind == "booked":
        text = _("The new one was refused ({reason}); the old time was booked again.")
        text = text.format(reason=refused.reason)
        return Rebooked("restored", ended.external_id, ended.booking_id, text, refused.problem)
    text = _(
        "The new one was refused ({reason}), and the old time is not to be had any more "
        "({again}). Nothing is booked now."
    ).format(reason=refused.reason, again=ended.reason)
    return Rebooked("lost", ended.external_id, None, text, ended.problem)


async def _decided(session: Session, booking_id: str) -> Booking:
    async for result in session.watch(booking_id):
        booking = result.value
        if result.origin != "live" and result.problem is not None:
            raise result.problem  # what is remembered must not decide over the old one
    return booking


async def _cancel_old(session: Session, rebooking: Rebooking) -> None:
    old_id = rebooking.old.id
    current = await session.booking(old_id)
    if current.origin == "live" and current.value.status.upper() == "CANCELLED":
        await _note_cancelled(session, rebooking)
        return
    await session.cancel(old_id, REASON, once=f"{rebooking.part}:old", part_of=rebooking.part)


async def _note_cancelled(session: Session, rebooking: Rebooking) -> None:
    """It is cancelled, by an interrupted run or by somebody else."""
    desk = await session.desk()

    def note() -> None:
        intent = _plan_cancel(desk.journal, session.settings.account, rebooking)
        desk.journal.confirmed(intent.id, rebooking.old.id)

    await desk.worker(note)


async def _close(session: Session, rebooking: Rebooking) -> None:
    """Nothing is left to do: the old one stands."""
    desk = await session.desk()

    def close() -> None:
        intent = _plan_cancel(desk.journal, session.settings.account, rebooking)
        desk.journal.refused(intent.id, NOT_NEEDED)

    await desk.worker(close)


async def _write_down(session: Session, rebooking: Rebooking) -> None:
    """The new one, before the old one is touched: whoever resumes must know what was wanted."""
    desk = await session.desk()

    def plan() -> None:
        request = rebooking.request
        desk.journal.plan(
            "book",
            session.settings.account,
            request.body(),
            external_id=request.external_id,
            once=f"{rebooking.part}:new",
            part_of=rebooking.part,
        )

    await desk.worker(plan)


# -- reading the journal -------------------------------------------------------


def _plan_cancel(journal: Journal, account: str, rebooking: Rebooking) -> Intent:
    def plan(once: str | None) -> Intent:
        return journal.plan(
            "cancel",
            account,
            {"reason": REASON},
            booking_id=rebooking.old.id,
            once=once,
            part_of=rebooking.part,
        )

    return next_try(plan, f"{rebooking.part}:old")


async def _open_parts(session: Session) -> list[tuple[str, list[Intent]]]:
    """The rebookings that are not over, the newest first."""
    desk = await session.desk()

    def find() -> dict[str, list[Intent]]:
        parts: dict[str, list[Intent]] = {}
        for intent in desk.journal.intents(session.settings.account):
            if intent.part_of is not None and intent.part_of.startswith((SAFE, CLASH)):
                parts.setdefault(intent.part_of, []).append(intent)
        return parts

    found = await desk.worker(find)
    return [(part, found[part]) for part in reversed(found) if not _is_over(part, found[part])]


def _old_id(part: str) -> str:
    return part.removeprefix(SAFE).removeprefix(CLASH).rpartition(":")[0]


def _is_new(intent: Intent) -> bool:
    return (intent.once or "").partition("#")[0].endswith(":new")


def _is_over(part: str, intents: Sequence[Intent]) -> bool:
    """Whether nothing is left to do: also where nothing has been done yet."""
    if any(one.reason == NOT_NEEDED for one in intents):
        return True
    if any(one.state in ("sending", "unknown") for one in intents):
        return False
    new = any(_is_new(one) and one.state == "confirmed" for one in intents)
    gone = any(one.kind == "cancel" and one.state == "confirmed" for one in intents)
    if not part.startswith(CLASH):
        return gone or not new
    again = any(
        one.kind == "book"
        and not _is_new(one)
        and one.state in ("confirmed", "refused")
        and one.reason != NEVER_SENT
        for one in intents
    )
    return not gone or new or again


def _next_reference(old: str | None, start: datetime, taken: Collection[str]) -> str | None:
    """By the convention where the old one was; else the old one with a number behind it. None:
    the old booking had none, and one is made."""
    known = parse(old)
    if known is not None:
        day = start.astimezone(CHARGERS_ZONE).date()
        return suggest(known.department, known.employee, day, taken)
    if not old:
        return None
    number, reference = 2, old
    while reference in taken or reference == old:
        reference = f"{old[: LONGEST - 5]}-{number}"
        number += 1
    return reference


def _from(ended: Ended, outcome: Outcome) -> Rebooked:
    return Rebooked(outcome, ended.external_id, ended.booking_id, ended.reason, ended.problem)


def _say(problem: ApiError) -> str:
    return " ".join(filter(None, (str(problem), problem.advice)))
