"""Making a booking: the form, what becomes of it, and where the person is then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from textual import on, work
from textual.message import Message

from pm_tui.i18n import _
from pm_tui.models.text import visible_id
from pm_tui.tui.calendar_actions import CalendarActions
from pm_tui.tui.draft_actions import DraftActions
from pm_tui.tui.in_turn import opens
from pm_tui.tui.unclear_actions import LONG, SHORT

if TYPE_CHECKING:
    from pm_tui.models.charger import Location
    from pm_tui.models.request import BookingRequest
    from pm_tui.services.book import Ended
    from pm_tui.services.drafts import FormDraft
    from pm_tui.tui.screens.booking_form import BookingFormScreen
    from pm_tui.tui.screens.bookings import BookingsView


class MakingActions(CalendarActions, DraftActions):
    """Mixed into the application."""

    @dataclass
    class BookingEnded(Message):
        """A booking that was sent has an outcome; `form` may have been left since."""

        form: BookingFormScreen
        location: Location
        ended: Ended

    @work(exclusive=True, group="book", exit_on_error=False)
    @opens
    async def open_booking_form(
        self,
        location: Location,
        evse_uid: str | None,
        start: datetime | None,
        end: datetime | None,
        draft: FormDraft | None = None,
        *,
        seen_at: datetime | None = None,
    ) -> None:
        """Ask for the rest, or go on with a draft. The form stays until the outcome is known, or
        until it is left. `seen_at`: when `location` was as it is given."""
        from pm_tui.tui.screens.booking_form import BookingFormScreen

        session = await self.session()
        draft = draft or await self.wanted_draft(location)
        form = BookingFormScreen(
            location,
            evse_uid=evse_uid,
            start=start,
            end=end,
            viewer_zone=self.settings.timezone,
            now=session.server_now,
            taken_references=self.known.references | await session.references(),
            online=self.connection.can_send,
            budgets=await self.budgets_now(),
            draft=draft,
            seen=None if seen_at is None else self.limits.look("status", seen_at, self.now()),
        )
        await self.push_screen(form)

    def on_booking_form_screen_submitted(self, event: BookingFormScreen.Submitted) -> None:
        self._book(event.form, event.request, event.location)

    # not exclusive: another key must not cancel what is being sent
    @work(group="sending", exit_on_error=False)
    async def _book(
        self, form: BookingFormScreen, request: BookingRequest, location: Location
    ) -> None:
        from pm_tui.services.book import Ended, JournalUnavailable

        session = await self.session()
        await self.drop_draft(location.location_id)  # before: never twice by a draft
        try:
            ended = await session.book(request)
        except JournalUnavailable as problem:
            reason = _("{problem} Nothing was sent.").format(problem=problem)
            ended = Ended("refused", request.external_id or "", reason=reason, problem=problem)
        if ended.kind == "unknown":
            await self.read_unsettled()
        if ended.kind == "refused" and form.last_draft is not None:
            await self.keep_draft(form.last_draft)
        self.post_message(self.BookingEnded(form, location, ended))

    @on(BookingEnded)
    async def _booking_ended(self, event: BookingEnded) -> None:
        form, ended = event.form, event.ended
        there = form if self.screen is form else None
        if ended.kind == "booked":
            await self._show_booked(there, event.location, ended)
        elif ended.kind == "unknown":
            self.bell()
            self._show_unknown(there, event.location, ended)
        elif there is not None:
            there.show_refused(ended.reason, self._field_to_mend(ended.problem))
        else:
            title = _("Not booked: {name}").format(name=_name(event.location))
            self.notify(ended.reason, title=title, severity="error", markup=False, timeout=LONG)
        self.look_soon()

    async def _show_booked(
        self, form: BookingFormScreen | None, location: Location, ended: Ended
    ) -> None:
        from pm_tui.models.result import Result
        from pm_tui.services.ledger import Place

        if ended.answer is not None:
            self.known.note_place(location.location_id, Place.of(location))
            self.known.take_one(Result(ended.answer.value, "live", ended.answer.received_at))
        self.notify(
            _("Sent. The operator usually answers within 10 seconds."),
            title=_("Booking requested: {name}").format(name=_name(location)),
            markup=False,
            timeout=SHORT,
        )
        if form is None:
            return  # the person is at something else by now: the message is enough
        form.dismiss(None)
        view = await self._to_bookings()
        if view is not None and ended.booking_id is not None:
            view.choose(ended.booking_id)

    def _show_unknown(
        self, form: BookingFormScreen | None, location: Location, ended: Ended
    ) -> None:
        unsettled = next((one for one in self.known.unsettled if one.id == ended.intent_id), None)
        text = ended.reason if unsettled is None else self._unknown_text(unsettled)
        if form is not None:
            form.show_unknown(ended.intent_id or "", text)
            return
        title = _("We do not know yet: {name}").format(name=_name(location))
        self.notify(text, title=title, severity="warning", markup=False, timeout=LONG)

    async def on_booking_form_screen_left_unknown(
        self, event: BookingFormScreen.LeftUnknown
    ) -> None:
        view = await self._to_bookings()
        if view is not None:
            view.choose_unsettled(event.intent_id)

    async def _to_bookings(self) -> BookingsView | None:
        from pm_tui.tui.screens.bookings import BookingsView

        await self.switch_mode("bookings")
        return self.screen if isinstance(self.screen, BookingsView) else None

    @staticmethod
    def _field_to_mend(problem: Exception | None) -> str | None:
        from pm_tui.api.errors import Conflict, SpendingLimit

        if isinstance(problem, Conflict):
            return "evse_uid"
        return "token_strategy" if isinstance(problem, SpendingLimit) else None


def _name(location: Location) -> str:
    return location.name or visible_id(location.location_id)
