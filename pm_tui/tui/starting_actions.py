"""Telling that a booking begins soon: once each, from what is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pm_tui import formats
from pm_tui.i18n import _
from pm_tui.tui.booking_actions import BookingActions
from pm_tui.tui.key_names import keyed
from pm_tui.tui.unclear_actions import LONG

if TYPE_CHECKING:
    from pm_tui.models.booking import Booking
    from pm_tui.models.result import Result
    from pm_tui.services.ages import Limits
    from pm_tui.services.bookings import BookingList
    from pm_tui.services.ledger import Place

LOOK_EVERY = 20.0  # seconds; nothing is drawn and nobody is asked


class StartingActions(BookingActions):
    """Mixed into the application."""

    if TYPE_CHECKING:
        limits: Limits

    def on_mount(self) -> None:
        self._starting_told: set[tuple[str, object]] = set()
        self.set_interval(LOOK_EVERY, self.tell_starting)

    def read(self, result: Result[BookingList], places: dict[str, Place]) -> None:
        super().read(result, places)
        self.tell_starting()

    def tell_starting(self) -> None:
        """A booking whose start was moved is told again."""
        if not hasattr(self, "_ledger"):
            return  # nothing is known yet, and this is no reason to import it
        from pm_tui.services.starting import starting

        for booking in starting(self.known.bookings, self.now()):
            key = (booking.id, booking.reservation_start)
            if key not in self._starting_told:
                self._starting_told.add(key)
                self._tell_start(booking)

    def _tell_start(self, booking: Booking) -> None:
        known, now = self.known, self.now()
        if booking.reservation_start is None:
            return
        title = _("Starts in {span}").format(span=formats.duration(booking.reservation_start - now))
        at = formats.when(
            booking.reservation_start, known.zone(booking), self.settings.timezone, now=now
        )
        lines = [self._called(booking), at]
        aged = self.limits.look("booking", known.time_of(booking.id), now)
        if aged.old:  # what is old is not told as new
            lines.append(
                keyed(_("as it was known {ago}; {bookings.look} in the list looks"), ago=aged.ago)
            )
        elif self.current_mode != "bookings":
            lines.append(keyed(_("{app.bookings} shows it; {app.copy} there copies its token.")))
        text = "\n".join(lines)
        self.notify(text, title=title, markup=False, timeout=LONG)
        self.ring(title, text)
