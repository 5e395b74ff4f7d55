"""What a person does with bookings wherever they stand: look again, be told, cancel."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from textual import work

from pm_tui import formats
from pm_tui.i18n import _, ngettext
from pm_tui.models.text import visible_id
from pm_tui.tui.unclear_actions import LONG, SHORT, UnclearActions

if TYPE_CHECKING:
    from pm_tui.models.booking import Booking
    from pm_tui.models.result import Result
    from pm_tui.services.bookings import BookingList
    from pm_tui.services.connection import Connection
    from pm_tui.services.ledger import Change, Ledger, Place
    from pm_tui.services.session import Session

LOOK_AGAIN = timedelta(seconds=2)
BURST = timedelta(seconds=5)  # confirmations that come closer together are told together
NAMED = 3  # bookings in one toast


class BookingActions(UnclearActions):
    """Mixed into the application; needs its session, clock and settings."""

    if TYPE_CHECKING:
        connection: Connection

        async def read_usage(self) -> None: ...
        def explain(self, problem: BaseException) -> str: ...

    _journal_told = ""
    _looked_at = datetime.min.replace(tzinfo=UTC) + LOOK_AGAIN
    _look_due = False
    _confirmed: tuple[Booking, ...] = ()  # and not yet told
    _confirmed_at = datetime.min.replace(tzinfo=UTC)
    _confirmed_due = False

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
        known, now = self.known, self.now()
        wish = next_look(known.bookings, now, shown=shown, first_seen=known.waiting_since)
        dues = [one.next_look for one in known.unsettled if one.next_look is not None]
        if not dues:
            return wish
        due = max((min(dues) - now).total_seconds(), LOOK_AGAIN.total_seconds())
        return due if wish is None else min(wish, due)

    async def _read_bookings(self) -> bool:
        from pm_tui.api.errors import ApiError
        from pm_tui.services.session import NothingRemembered

        session = await self.session()
        await self.read_unsettled()  # the journal is here, whatever the line does
        try:
            result = await session.known_bookings(background=True)
        except (ApiError, NothingRemembered) as problem:
            self._unread(problem)
            return False
        ids = {one.location_id for one in result.value.bookings if one.location_id}
        self._take(result, await session.places(ids - self.known.known_places))
        if result.origin == "live":
            await self._follow_up(session, result.value.bookings)
        await self.read_unsettled()
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
        """Confirmations and losses ring and show; the rest is in the list. Confirmations that
        follow each other closely, as those of a whole table do, ring once."""
        for change in changes:
            if change.kind == "lost":
                hint = _("Look for another charger: 1, then search again.")
                self._tell_status(
                    change.booking, f"{self._called(change.booking)} · {hint}", "error"
                )
        self._confirmed += tuple(one.booking for one in changes if one.kind == "confirmed")
        if not self._confirmed or self._confirmed_due:
            return
        wait = (self._confirmed_at + BURST - self.now()).total_seconds()
        if wait <= 0:
            self._tell_confirmed()
        else:
            self._confirmed_due = True
            self.set_timer(wait, self._tell_confirmed)

    def _tell_confirmed(self) -> None:
        told, self._confirmed = self._confirmed, ()
        self._confirmed_at, self._confirmed_due = self.now(), False
        lines = [self._called(booking) for booking in told[:NAMED]]
        if more := len(told) - len(lines):
            lines.append(ngettext("and {n} more", "and {n} more", more).format(n=more))
        self._tell_status(told[0], "\n".join(lines), "information")

    def _tell_status(self, booking: Booking, text: str, severity: Any) -> None:
        status = str(formats.status_mark(booking.status))
        self.notify(text, title=status, severity=severity, markup=False, timeout=LONG)
        self.bell()

    def _called(self, booking: Booking) -> str:
        return f"{self.known.place(booking)} · {booking.external_id or visible_id(booking.id)}"

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
