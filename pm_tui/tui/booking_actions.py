"""What a person does with bookings wherever they stand: make, cancel, look again, be told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from textual import work
from textual.app import App

from pm_tui import formats
from pm_tui.i18n import _
from pm_tui.models.text import visible_id

if TYPE_CHECKING:
    from pm_tui.config import Settings
    from pm_tui.models.booking import Booking
    from pm_tui.models.charger import Location
    from pm_tui.models.request import BookingRequest
    from pm_tui.models.result import Result
    from pm_tui.services.bookings import BookingList
    from pm_tui.services.connection import Connection
    from pm_tui.services.ledger import Change, Ledger, Place
    from pm_tui.services.session import Session

LOOK_AGAIN = timedelta(seconds=2)
LONG, SHORT = 20.0, 6.0  # seconds a toast stays: what must be read, what is good to know


class BookingActions(App[None]):
    """Mixed into the application; needs its session, clock and settings."""

    if TYPE_CHECKING:
        settings: Settings
        now: Callable[[], datetime]
        connection: Connection

        async def session(self) -> Session: ...
        async def read_usage(self) -> None: ...
        def explain(self, problem: BaseException) -> str: ...

    _journal_told = ""
    _looked_at = datetime.min.replace(tzinfo=UTC) + LOOK_AGAIN
    _look_due = False

    @property
    def known(self) -> Ledger:
        """What is known of the bookings; made when first asked for, after the first paint."""
        if not hasattr(self, "_ledger"):
            from pm_tui.services.ledger import Ledger

            self._ledger = Ledger()
        return self._ledger

    # -- watching ------------------------------------------------------------

    @work(exclusive=True, group="watch", exit_on_error=False)
    async def watch_bookings(self) -> None:
        """Read the list whenever something in it can have changed, or when asked."""
        self._look = asyncio.Event()
        failures = 0
        while True:
            self._look.clear()
            try:
                read = await self._read_bookings()
            except Exception as problem:  # the watcher must outlive whatever it trips over
                self.log.error("watching the bookings", problem)
                self._unread(problem)
                read = False
            failures = 0 if read else failures + 1
            with suppress(TimeoutError):
                await asyncio.wait_for(self._look.wait(), self._delay(failures))

    def _delay(self, failures: int) -> float | None:
        from pm_tui.services.watch import next_look, retry_delay

        if self.settings.offline:
            return None
        if failures:
            return retry_delay(failures)
        shown = self.current_mode == "bookings"
        known = self.known
        return next_look(known.bookings, self.now(), shown=shown, first_seen=known.waiting_since)

    async def _read_bookings(self) -> bool:
        from pm_tui.api.errors import ApiError
        from pm_tui.services.session import NothingRemembered

        session = await self.session()
        try:
            result = await session.known_bookings(background=True)
        except (ApiError, NothingRemembered) as problem:
            self._unread(problem)
            return False
        ids = {one.location_id for one in result.value.bookings if one.location_id}
        self._take(result, await session.places(ids - self.known.known_places))
        if result.origin == "live":
            await self._follow_up(session, result.value.bookings)
        return result.origin == "live"

    async def _follow_up(self, session: Session, bookings: Sequence[Booking]) -> None:
        """What a reading of the list is good for besides, once it is on screen."""
        from pm_tui.services.book import JournalUnavailable

        try:
            await session.settle(bookings)
        except JournalUnavailable as problem:
            self._tell_journal(problem)  # reading goes on, booking will refuse
        if session.usage_is_old():
            await self.read_usage()

    def _tell_journal(self, problem: Exception) -> None:
        if self._journal_told != str(problem):
            self._journal_told = str(problem)
            title = _("Booking is not possible here")
            self.notify(str(problem), title=title, severity="error", markup=False, timeout=LONG)

    def _take(self, result: Result[BookingList], places: dict[str, Place]) -> None:
        self.tell(self.known.take(result, places))
        self._refresh_lists()

    def _unread(self, problem: Exception) -> None:
        self.known.fail(self.explain(problem))
        self._refresh_lists()

    def _refresh_lists(self) -> None:
        from pm_tui.tui.screens.bookings import BookingsView

        if isinstance(self.screen, BookingsView):
            self.screen.show_bookings()

    def look_soon(self) -> None:
        """Read the list now rather than later; a held key asks no more than once in two seconds."""
        wait = (self._looked_at + LOOK_AGAIN - self.now()).total_seconds()
        if wait <= 0:
            self._look_now()
        elif not self._look_due:
            self._look_due = True
            self.set_timer(wait, self._look_now)

    def _look_now(self) -> None:
        self._look_due = False
        if hasattr(self, "_look"):
            self._looked_at = self.now()
            self._look.set()

    def tell(self, changes: Sequence[Change]) -> None:
        """Confirmations and losses ring and show; the rest is in the list."""
        for change in changes:
            if change.kind == "other":
                continue
            booking = change.booking
            place = self.known.place(booking)
            status = str(formats.status_mark(booking.status))
            text = f"{place} · {booking.external_id or visible_id(booking.id)}"
            if change.kind == "lost":
                text += " · " + _("Look for another charger: 1, then search again.")
            severity: Any = "error" if change.kind == "lost" else "information"
            self.notify(text, title=status, severity=severity, markup=False, timeout=LONG)
            self.bell()

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
                now=session.server_now,
                taken_references=self.known.references | await session.references(),
                online=self.connection.state not in ("offline",),
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
