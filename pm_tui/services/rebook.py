"""Change a booking, which the API cannot (contract/agent-api.md §2): the new first, then the old.

The old booking is cancelled only when the operator has confirmed the new one. Where the two are
the same point at overlapping times that order is impossible (409), so the old one goes first; if
the new one is refused then, the old window is booked again. Every step is an intent of the
journal and part of one undertaking: whatever interrupts it, `unfinished` finds it again and
`go_on` goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from uuid import uuid4

from pm_tui import formats
from pm_tui.i18n import _
from pm_tui.models.booking import Booking
from pm_tui.models.request import BookingRequest
from pm_tui.models.result import Result
from pm_tui.services import rebook_parts as parts
from pm_tui.services.book import request_of
from pm_tui.services.rebook_parts import CannotRebook as CannotRebook
from pm_tui.services.rebook_parts import Outcome as Outcome
from pm_tui.services.rebook_parts import Rebooked as Rebooked
from pm_tui.services.rebook_parts import Rebooking as Rebooking
from pm_tui.services.rebook_parts import Standing as Standing
from pm_tui.services.rebook_parts import Step as Step
from pm_tui.services.rebook_run import Run
from pm_tui.services.references import next_reference
from pm_tui.services.session import Session

OnStep = Callable[[Step], None]
OnSeen = Callable[[Result[Booking]], None]


def clashes(old: BookingRequest, evse_uid: str, start: datetime, end: datetime) -> bool:
    """Whether the new one cannot be booked while the old one stands: the same point at
    overlapping times."""
    return evse_uid == old.evse_uid and start < old.reservation_end and old.reservation_start < end


async def prepare(
    session: Session, old: Booking, start: datetime, end: datetime, evse_uid: str | None
) -> Rebooking:
    """The rebooking of `old` to another window or point of its location. Sends nothing. Raises
    `CannotRebook`, and pydantic's `ValidationError` for a window that is none."""
    _refuse_over(old)
    before = await wish_behind(session, old)
    evse = evse_uid or before.evse_uid
    taken = await session.references() | {old.external_id or ""}
    changes: dict[str, object] = {
        "evse_uid": evse,
        "reservation_start": start,
        "reservation_end": end,
        "external_id": next_reference(before.external_id, start, taken),
        # a connector's number means something on its own point only
        "connector_id": before.connector_id if evse == before.evse_uid else None,
    }
    request = BookingRequest.model_validate(
        {**before.model_dump(), **changes, "allow_foreign": True}
    )
    clash = clashes(before, evse, request.reservation_start, request.reservation_end)
    part = f"{parts.CLASH if clash else parts.SAFE}{old.id}:{uuid4().hex[:12]}"
    return Rebooking(part, old, before, request, clash)


async def unfinished(session: Session, old: Booking) -> Rebooking | None:
    """A rebooking of `old` that was interrupted, with what is done of it."""
    for part, intents in await parts.open_parts(session):
        if parts.old_id(part) == old.id:
            request = request_of(next(one for one in intents if parts.step_of(one) == "book"))
            before = await wish_behind(session, old)
            return Rebooking(
                part,
                old,
                before,
                request,
                clash=part.startswith(parts.CLASH),
                begun=True,
                done=parts.steps_in(intents, "confirmed"),
                unclear=parts.steps_in(intents, "sending", "unknown"),
            )
    return None


async def interrupted(session: Session, listed: Iterable[Booking] = ()) -> list[str]:
    """The ids of the bookings whose rebooking was interrupted. Where a reading of the list shows
    that all that was missing is the operator's word, it is over and not named."""
    agreed = {
        one.id for one in listed if not one.is_waiting and one.status.upper() not in parts.GONE
    }
    left = []
    for part, intents in await parts.open_parts(session):
        news = {one.booking_id for one in intents if parts.step_of(one) == "book"}
        only_waits = part.startswith(parts.CLASH) and not parts.steps_in(intents, "unknown")
        if only_waits and news & agreed:
            await parts.close_agreed(session, part)
        else:
            left.append(parts.old_id(part))
    return left


async def carry_out(
    session: Session,
    rebooking: Rebooking,
    on_step: OnStep = lambda step: None,
    on_seen: OnSeen = lambda result: None,
) -> Rebooked:
    """Do what is left to do. `on_step` is told each step as it begins, `on_seen` each reading of
    one of the bookings that it takes.

    Raises `JournalUnavailable`, and an `ApiError` where what is open could not be looked up: both
    leave what is done as it is. `CannotRebook` where the old one has changed since it was asked
    about, or where the change was dropped meanwhile: nothing is sent then.
    """
    if not rebooking.begun:
        await _refuse_stale(session, rebooking)
    elif await parts.is_dropped(session, rebooking.part):
        raise CannotRebook(_("This change was dropped, perhaps in another window."))
    run = Run(session, rebooking, on_step, on_seen)
    return await (run.old_first() if rebooking.clash else run.new_first())


async def go_on(
    session: Session,
    rebooking: Rebooking,
    on_step: OnStep = lambda step: None,
    on_seen: OnSeen = lambda result: None,
) -> Rebooked:
    """As `carry_out`, after a look for what an earlier run left unknown (which may take the grace
    time)."""
    if rebooking.begun and await session.unsettled():
        on_step("settle")
        await session.recover()
    return await carry_out(session, rebooking, on_step, on_seen)


async def drop(session: Session, rebooking: Rebooking) -> None:
    """End an interrupted rebooking for good: nothing is sent, and what stands at the gateway
    (`Rebooking.standing`) stays as it is. What may have been sent is settled as any other. Raises
    `CannotRebook` while it is being sent, and `JournalUnavailable`."""
    await parts.drop(session, rebooking.part)


async def _refuse_stale(session: Session, rebooking: Rebooking) -> None:
    """Between the question and its answer another window may have done something to the old one,
    and a second rebooking of it would book twice."""
    for part, _intents in await parts.open_parts(session):
        if parts.old_id(part) == rebooking.old.id and part != rebooking.part:
            raise CannotRebook(
                _("This booking is being changed already, perhaps in another window.")
            )
    current = await session.booking(rebooking.old.id)
    if current.origin != "live" and current.problem is not None:
        raise current.problem
    _refuse_over(current.value)


def _refuse_over(old: Booking) -> None:
    if old.cancel_terms == "impossible":
        text = _("This booking is {status}: it cannot be changed any more.")
        raise CannotRebook(text.format(status=formats.status_mark(old.status).word))


async def wish_behind(session: Session, old: Booking) -> BookingRequest:
    """What was asked for when `old` was made: by our journal, else by what the gateway echoes.
    Raises `CannotRebook` where neither tells."""
    desk = await session.desk()

    def look() -> list[BookingRequest]:
        intents = desk.journal.intents(session.settings.account)
        return [
            request_of(one) for one in intents if one.kind == "book" and one.booking_id == old.id
        ]

    for request in await desk.worker(look):
        return request
    told = {
        name: getattr(old, name) for name in BookingRequest.model_fields if name != "allow_foreign"
    }
    missing = [name for name in ("location_id", "evse_uid") if not told[name]]
    if missing or old.reservation_start is None or old.reservation_end is None:
        raise CannotRebook(
            _("The gateway does not say what this booking is for: book the new one by hand first.")
        )
    return BookingRequest.model_validate({**told, "allow_foreign": True})
