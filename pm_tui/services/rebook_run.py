"""The two orders in which a rebooking is done, each step written down in the journal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pm_tui.api.errors import ApiError, BadRequest, NotFound, OutcomeUnknown
from pm_tui.api.record import because
from pm_tui.i18n import _
from pm_tui.models.booking import Booking
from pm_tui.models.result import Result
from pm_tui.services import rebook_parts as parts
from pm_tui.services.book import Ended
from pm_tui.services.rebook_parts import Outcome, Rebooked, Rebooking, Step
from pm_tui.services.references import next_reference
from pm_tui.services.session import Session


@dataclass(frozen=True, slots=True)
class Run:
    """One go at a rebooking. Raises `JournalUnavailable`, and an `ApiError` where what is open
    could not be looked up: both leave what is done as it is."""

    session: Session
    rebooking: Rebooking
    on_step: Callable[[Step], None]
    on_seen: Callable[[Result[Booking]], None]

    async def new_first(self) -> Rebooked:
        ended = await self._book_new()
        if ended.kind != "booked" or ended.booking_id is None:
            return _from(ended, "unknown" if ended.kind == "unknown" else "kept")
        new = await self._decided(ended.booking_id)
        if new.status.upper() in parts.GONE:
            return await self._not_agreed(ended, new)
        if new.is_waiting:
            text = _("The new one waits for its operator; the old one stands until then.")
            return Rebooked("waiting", ended.external_id, new.id, text)
        if await self._is_dropped():
            text = _("The change was dropped meanwhile: both bookings stand.")
            return Rebooked("both", ended.external_id, new.id, text)
        try:
            await self._cancel_old()
        except OutcomeUnknown as problem:
            return Rebooked("unknown", ended.external_id, new.id, _say(problem), problem)
        except ApiError as problem:
            text = _("The new one stands, and the old one as well: {reason}")
            text = text.format(reason=_say(problem))
            if not isinstance(problem, BadRequest | NotFound):
                return Rebooked("waiting", ended.external_id, new.id, text, problem)
            await parts.close(self.session, self.rebooking)
            return Rebooked("both", ended.external_id, new.id, text, problem)
        return Rebooked("rebooked", ended.external_id, new.id)

    async def old_first(self) -> Rebooked:
        reference = self.rebooking.request.external_id or ""
        await parts.write_down(self.session, self.rebooking)
        try:
            await self._cancel_old()
        except OutcomeUnknown as problem:
            return Rebooked("unknown", reference, None, _say(problem), problem)
        except ApiError as problem:
            await parts.close(self.session, self.rebooking)
            return Rebooked("kept", reference, None, _say(problem), problem)
        if await self._is_dropped():
            return _dropped(reference)
        ended = await self._book_new()
        if ended.kind == "unknown":
            return _from(ended, "unknown")
        if ended.booking_id is not None:
            new = await self._decided(ended.booking_id)
            if new.status.upper() not in parts.GONE:
                return await self._agreed(ended, new)
            text = _("The operator did not agree to the new one.")
            ended = Ended("refused", ended.external_id, reason=text)
        return await self._restore(ended)

    async def _not_agreed(self, ended: Ended, new: Booking) -> Rebooked:
        """The new one came first and is gone; an earlier run may have seen it stand."""
        written = await parts.intents_of(self.session, self.rebooking.part)
        text = _("The operator did not agree to the new one.")
        if "cancel" in parts.steps_in(written, "confirmed"):
            return await self._restore(Ended("refused", ended.external_id, reason=text))
        if "cancel" in parts.steps_in(written, "sending", "unknown"):
            text += " " + _("Whether the old one still stands is not known yet.")
            return Rebooked("unknown", ended.external_id, new.id, text)
        await parts.close(self.session, self.rebooking)
        text = _("The operator did not agree to the new one; the old one stands.")
        return Rebooked("kept", ended.external_id, new.id, text)

    async def _agreed(self, ended: Ended, new: Booking) -> Rebooked:
        if new.is_waiting:
            text = _(
                "The old one is cancelled, and the new one waits for its operator. Should it be "
                "refused, going on books the old time again where possible."
            )
            return Rebooked("waiting", ended.external_id, new.id, text)
        await parts.close_agreed(self.session, self.rebooking.part)
        return _from(ended, "rebooked")

    async def _restore(self, refused: Ended) -> Rebooked:
        """The new one is not to be had and the old one is gone: take the old window again."""
        if await self._is_dropped():
            return _dropped(refused.external_id)
        self.on_step("restore")
        part, old = self.rebooking.part, self.rebooking.old_request
        taken = await self.session.references()
        reference = next_reference(old.external_id, old.reservation_start, taken)
        again = old.model_copy(update={"external_id": reference})
        with because("change"):
            ended = await self.session.book(again, once=f"{part}:again", part_of=part)
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

    async def _is_dropped(self) -> bool:
        """Another window may have ended it while this one waited."""
        return await parts.is_dropped(self.session, self.rebooking.part)

    # -- the steps -----------------------------------------------------------

    async def _book_new(self) -> Ended:
        self.on_step("book")
        part = self.rebooking.part
        request = self.rebooking.request
        with because("change"):
            return await self.session.book(request, once=f"{part}:new", part_of=part)

    async def _decided(self, booking_id: str) -> Booking:
        self.on_step("wait")
        async for result in self.session.watch(booking_id):
            booking = result.value
            if result.origin != "live" and result.problem is not None:
                raise result.problem  # what is remembered must not decide over the old one
            self.on_seen(result)
        return booking

    async def _cancel_old(self) -> None:
        self.on_step("cancel")
        old_id, part = self.rebooking.old.id, self.rebooking.part
        written = await parts.intents_of(self.session, part)
        if "cancel" in parts.steps_in(written, "confirmed"):
            return  # and nothing that fails now can mean that it stands
        with because("change"):
            current = await self.session.booking(old_id)
        if current.origin == "live" and current.value.status.upper() == "CANCELLED":
            await parts.note_cancelled(self.session, self.rebooking)
            self.on_seen(current)
            return
        with because("change"):
            cancelled = await self.session.cancel(
                old_id, parts.REASON, once=f"{part}:old", part_of=part
            )
        self.on_seen(cancelled)


def _from(ended: Ended, outcome: Outcome) -> Rebooked:
    return Rebooked(outcome, ended.external_id, ended.booking_id, ended.reason, ended.problem)


def _dropped(reference: str) -> Rebooked:
    text = _("The change was dropped meanwhile. Nothing is booked now.")
    return Rebooked("lost", reference, None, text)


def _say(problem: ApiError) -> str:
    return " ".join(filter(None, (str(problem), problem.advice)))
