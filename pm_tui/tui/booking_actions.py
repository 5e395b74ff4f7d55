"""What a person does with bookings wherever they stand: make, cancel, look again, be told."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from textual import work

from pm_tui import formats
from pm_tui.i18n import _
from pm_tui.models.text import visible_id
from pm_tui.tui.watch_actions import LONG, SHORT, WatchActions

if TYPE_CHECKING:
    from pm_tui.models.charger import Location
    from pm_tui.models.request import BookingRequest


class BookingActions(WatchActions):
    """Mixed into the application; needs its session, clock and settings."""

    # -- making --------------------------------------------------------------

    @work(exclusive=True, group="book", exit_on_error=False)
    async def open_booking_form(
        self,
        location: Location,
        evse_uid: str | None,
        start: datetime | None,
        end: datetime | None,
    ) -> None:
        """Ask for the rest, send it once, and tell how it ended."""
        from pm_tui.tui.screens.booking_form import BookingFormScreen

        session = await self.session()
        request = await self.push_screen_wait(
            BookingFormScreen(
                location,
                evse_uid=evse_uid,
                start=start,
                end=end,
                viewer_zone=self.settings.timezone,
                now=self.now,
                taken_references=self.known.references | await session.references(),
                online=self.connection.state not in ("offline", "spent"),
            )
        )
        if request is not None:
            self._book(request, location)

    # not exclusive: another key must not cancel what is being sent
    @work(group="sending", exit_on_error=False)
    async def _book(self, request: BookingRequest, location: Location) -> None:
        from pm_tui.models.result import Result
        from pm_tui.services.book import JournalUnavailable
        from pm_tui.services.ledger import Place

        session = await self.session()
        name = location.name or visible_id(location.location_id)
        self.notify(_("Sending the booking…"), title=name, markup=False, timeout=SHORT)
        left_at = (self.screen, self.focused)
        try:
            outcome = await session.book(request)
        except JournalUnavailable as problem:
            text = _("{problem} Nothing was sent.").format(problem=problem)
            self.notify(text, title=_("Not booked"), severity="error", markup=False, timeout=LONG)
            return
        if outcome.answer is not None:
            self.known.note_place(location.location_id, Place.of(location))
            self.known.take_one(Result(outcome.answer.value, "live", outcome.answer.received_at))
            self.notify(
                _("Sent. The operator usually answers within 10 seconds."),
                title=_("Booking requested: {name}").format(name=name),
                markup=False,
                timeout=SHORT,
            )
            if left_at != (self.screen, self.focused):
                self.look_soon()
                return  # the person is at something else by now: the message is enough
            await self.switch_mode("bookings")
            from pm_tui.tui.screens.bookings import BookingsView

            if isinstance(self.screen, BookingsView):
                self.screen.choose(outcome.answer.value.id)
        elif outcome.kind == "unknown":
            self.bell()
            self.notify(
                outcome.reason,
                title=_("We do not know yet"),
                severity="warning",
                markup=False,
                timeout=LONG,
            )
        else:
            self.notify(
                outcome.reason, title=_("Not booked"), severity="error", markup=False, timeout=LONG
            )
        self.look_soon()

    # -- cancelling ----------------------------------------------------------

    @work(exclusive=True, group="cancel", exit_on_error=False)
    async def cancel_booking(self, booking_id: str) -> None:
        """Re-read the booking, ask, cancel, tell."""
        from pm_tui.api.errors import ApiError
        from pm_tui.services.session import NothingRemembered
        from pm_tui.tui.screens.cancel import CancelScreen

        session = await self.session()
        try:
            current = await session.booking(booking_id)
            if current.origin != "live":
                raise NothingRemembered(_("Cancelling needs the network."), current.problem)
            self.tell(self.known.take_one(current))
            if current.value.cancel_terms == "impossible":
                word = formats.status_mark(current.value.status).word
                self._refuse(_("This booking is {status}: nothing to cancel.").format(status=word))
                return
            reason = await self.push_screen_wait(CancelScreen(current.value, self.known))
        except (ApiError, NothingRemembered) as problem:
            self._refuse(self.explain(problem))
        else:
            if reason is not None:
                self._send_cancellation(booking_id, reason)

    @work(group="sending", exit_on_error=False)
    async def _send_cancellation(self, booking_id: str, reason: str) -> None:
        from pm_tui.api.errors import ApiError, OutcomeUnknown
        from pm_tui.services.book import JournalUnavailable

        session = await self.session()
        try:
            done = await session.cancel(booking_id, reason)
        except OutcomeUnknown as problem:
            self.notify(self.explain(problem), severity="warning", markup=False, timeout=LONG)
        except (ApiError, JournalUnavailable) as problem:
            self._refuse(self.explain(problem))
        else:
            self.known.take_one(done)
            status = str(formats.status_mark(done.value.status))
            self.notify(self.known.place(done.value), title=status, markup=False, timeout=SHORT)
        self._refresh_lists()
        self.look_soon()

    def _refuse(self, text: str) -> None:
        self.notify(text, title=_("Not cancelled"), severity="error", markup=False, timeout=LONG)
        self._refresh_lists()
