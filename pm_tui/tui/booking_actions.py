"""What a person is told of bookings, and cancelling them, wherever one stands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from textual import work

from pm_tui import formats
from pm_tui.i18n import _, ngettext
from pm_tui.models.text import visible_id
from pm_tui.tui.key_names import keyed
from pm_tui.tui.unclear_actions import LONG, SHORT
from pm_tui.tui.watch_actions import WatchActions

if TYPE_CHECKING:
    from pm_tui.models.booking import Booking
    from pm_tui.models.result import Result
    from pm_tui.services.ledger import Change
    from pm_tui.services.session import Session

BURST = timedelta(seconds=5)  # confirmations that come closer together are told together
NAMED = 3  # bookings in one toast


class BookingActions(WatchActions):
    """Mixed into the application; needs its session, clock and settings."""

    _confirmed: tuple[Booking, ...] = ()  # and not yet told
    _confirmed_at = datetime.min.replace(tzinfo=UTC)
    _confirmed_due = False

    def tell(self, changes: Sequence[Change]) -> None:
        """Confirmations and losses ring and show; the rest is in the list. Confirmations that
        follow each other closely, as those of a whole table do, ring once; so do many losses that
        are found together, as after a night."""
        self._tell_lost([one.booking for one in changes if one.kind == "lost"])
        self._confirmed += tuple(one.booking for one in changes if one.kind == "confirmed")
        if not self._confirmed or self._confirmed_due:
            return
        wait = (self._confirmed_at + BURST - self.now()).total_seconds()
        if wait <= 0:
            self._tell_confirmed()
        else:
            self._confirmed_due = True
            self.set_timer(wait, self._tell_confirmed)

    def _tell_lost(self, lost: Sequence[Booking]) -> None:
        hint = keyed(_("Look for another charger: {app.find}, then search again."))
        ahead = [one for one in lost if (one.reservation_end or self.now()) >= self.now()]
        if len(lost) <= NAMED:
            for booking in lost:  # of what is over nobody needs another
                called = self._called(booking)
                told = f"{called} · {hint}" if booking in ahead else called
                self._tell_status(booking, told, "error")
            return
        lines = [f"{formats.status_mark(one.status)} {self._called(one)}" for one in lost[:NAMED]]
        more = len(lost) - NAMED
        lines += [ngettext("and {n} more", "and {n} more", more).format(n=more)]
        lines += [hint] if ahead else []
        title, text = _("{n} bookings are lost").format(n=len(lost)), "\n".join(lines)
        self.notify(text, title=title, severity="error", markup=False, timeout=LONG)
        self.ring(title, text)

    async def take_read(self, session: Session, read: Result[Booking]) -> None:
        """Take over a booking that a person has just had read, and tell what is different."""
        from pm_tui.services.cancelled_here import note_own

        await note_own(session, self.known, [read.value])
        self.tell(self.known.take_one(read))

    def _tell_confirmed(self) -> None:
        told, self._confirmed = self._confirmed, ()
        self._confirmed_at, self._confirmed_due = self.now(), False
        lines = [self._called(booking) for booking in told[:NAMED]]
        if more := len(told) - len(lines):
            lines.append(ngettext("and {n} more", "and {n} more", more).format(n=more))
        elif self.current_mode != "bookings":
            lines.append(keyed(_("{app.bookings} shows it; {app.copy} there copies its token.")))
        self._tell_status(told[0], "\n".join(lines), "information")

    def _tell_status(self, booking: Booking, text: str, severity: Any) -> None:
        status = str(formats.status_mark(booking.status))
        self.notify(text, title=status, severity=severity, markup=False, timeout=LONG)
        self.ring(status, text)

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
            await self.take_read(session, current)
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
