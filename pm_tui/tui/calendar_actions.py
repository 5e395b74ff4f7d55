"""The bookings of a list as a calendar file, wherever one asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import work

from pm_tui.i18n import _, ngettext
from pm_tui.tui.starting_actions import StartingActions
from pm_tui.tui.unclear_actions import LONG

if TYPE_CHECKING:
    from pm_tui.models.booking import Booking


class CalendarActions(StartingActions):
    """Mixed into the application."""

    @work(exclusive=True, group="calendar", exit_on_error=False)
    async def write_calendar(self, bookings: Sequence[Booking]) -> None:
        """Ask for the path, write, say where."""
        from pathlib import Path

        from pm_tui.services import calendar_file
        from pm_tui.tui.screens.note import NoteScreen

        if not bookings:
            self.notify(_("There is no booking here."))
            return
        n = len(bookings)
        title = ngettext(
            "Calendar file of the booking shown", "Calendar file of the {n} bookings shown", n
        )
        screen = NoteScreen(title.format(n=n), calendar_file.FILE)
        given = await self.push_screen_wait(screen)
        if not given:
            return
        session = await self.session()
        path = Path(given).expanduser().absolute()
        try:
            text = await calendar_file.write(session, bookings, path)
        except OSError as problem:
            text = problem.strerror or str(problem)
            self.notify(text, title=str(path), severity="error", markup=False, timeout=LONG)
        else:
            self.notify(text, title=str(path), markup=False, timeout=LONG)
