"""What a person does with bookings wherever they stand: make, cancel, look again, be told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from textual import work
from textual.app import App

from pm_tui import formats
from pm_tui.i18n import _
from pm_tui.models.text import visible_id

if TYPE_CHECKING:
    from pm_tui.config import Settings
    from pm_tui.models.charger import Location
    from pm_tui.models.request import BookingRequest
    from pm_tui.models.result import Result
    from pm_tui.services.bookings import BookingList
    from pm_tui.services.connection import Connection
    from pm_tui.services.ledger import Change, Ledger, Place
    from pm_tui.services.session import Session

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
            failures = 0 if await self._read_bookings() else failures + 1
            with suppress(TimeoutError):
                await asyncio.wait_for(self._look.wait(), self._delay(failures))

    def _delay(self, failures: int) -> float | None:
        from pm_tui.services.watch import next_look, retry_delay

        if self.settings.offline:
            return None
        if failures:
            return retry_delay(failures)
        shown = self.current_mode == "bookings"
        return next_look(self.known.bookings, self.now(), shown=shown)

    async def _read_bookings(self) -> bool:
        from pm_tui.api.errors import ApiError
        from pm_tui.services.book import JournalUnavailable
        from pm_tui.services.session import NothingRemembered

        session = await self.session()
        try:
            result = await session.known_bookings()
        except (ApiError, NothingRemembered) as problem:
            self._unread(problem)
            return False
        ids = {one.location_id for one in result.value.bookings if one.location_id}
        if session.usage_is_old():
            await self.read_usage()
        if result.origin == "live":
            try:
                await session.settle(result.value.bookings)
            except JournalUnavailable as problem:
                self._tell_journal(problem)  # reading goes on, booking will refuse
        self._take(result, await session.places(ids - self.known.known_places))
        return result.origin == "live"

    def _tell_journal(self, problem: Exception) -> None:
        if self._journal_told != str(problem):
            self._journal_told = str(problem)
            title = _("Booking is not possible here")
            self.notify(str(problem), title=title, severity="error", markup=False, timeout=LONG)

    def _take(self, result: Result[BookingList], places: dict[str, Place]) -> None:
        self.tell(self.known.take(result, places))
        self._refresh_lists()

    def _unread(self, problem: Exception) -> None:
        self.known.problem = self.explain(problem)
        self._refresh_lists()

    def _refresh_lists(self) -> None:
        from pm_tui.tui.screens.bookings import BookingsView

        if isinstance(self.screen, BookingsView):
            self.screen.show_bookings()

    def look_soon(self) -> None:
        """Read the list now rather than later."""
        if hasattr(self, "_look"):
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
                now=self.now,
                taken_references=self.known.references | await session.references(),
                online=self.connection.state not in ("offline",),
            )
        )
        if request is not None:
            await self._book(request, location)

    async def _book(self, request: BookingRequest, location: Location) -> None:
        from pm_tui.models.result import Result
        from pm_tui.services.book import JournalUnavailable
        from pm_tui.services.ledger import Place

        session = await self.session()
        name = location.name or visible_id(location.location_id)
        self.notify(_("Sending the booking…"), title=name, markup=False, timeout=SHORT)
        try:
            outcome = await session.book(request)
        except JournalUnavailable as problem:
            text = _("{problem} Nothing was sent.").format(problem=problem)
            self.notify(text, title=_("Not booked"), severity="error", markup=False, timeout=LONG)
            return
        if outcome.answer is not None:
            zone = ZoneInfo(location.time_zone) if location.time_zone else None
            self.known.note_place(location.location_id, Place(location.name, zone))
            self.known.take_one(Result(outcome.answer.value, "live", outcome.answer.received_at))
            self.notify(
                _("Sent. The operator usually answers within 10 seconds."),
                title=_("Booking requested: {name}").format(name=name),
                markup=False,
                timeout=SHORT,
            )
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
        from pm_tui.api.errors import ApiError, OutcomeUnknown
        from pm_tui.services.book import JournalUnavailable
        from pm_tui.services.session import NothingRemembered
        from pm_tui.tui.screens.cancel import CancelScreen

        session = await self.session()
        try:
            current = await session.booking(booking_id)
            if current.origin != "live":
                raise NothingRemembered(_("Cancelling needs the network."), current.problem)
            self.known.take_one(current)
            if current.value.cancel_terms == "impossible":
                word = formats.status_mark(current.value.status).word
                self._refuse(_("This booking is {status}: nothing to cancel.").format(status=word))
                return
            reason = await self.push_screen_wait(CancelScreen(current.value, self.known))
            if reason is None:
                return
            self.known.expect(booking_id)
            done = await session.cancel(booking_id, reason)
        except OutcomeUnknown as problem:
            self.notify(self.explain(problem), severity="warning", markup=False, timeout=LONG)
        except (ApiError, NothingRemembered, JournalUnavailable) as problem:
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
