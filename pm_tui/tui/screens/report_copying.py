"""The part of the report view that offers what can be taken along of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pm_tui.tui.screens.report_reading import ReportReading
from pm_tui.tui.widgets.paged_table import PagedTable

if TYPE_CHECKING:
    from pm_tui.models.booking import Booking
    from pm_tui.services.copies import Copy
    from pm_tui.services.report import Row
    from pm_tui.services.report_behind import Finding


class ReportCopying(ReportReading):
    """Each list as it is shown, by key: filtered, and in its order."""

    _shown_rows: dict[str, Row]
    _shown_findings: dict[str, Finding]
    _shown_bookings: dict[str, Booking]

    @property
    def _table(self) -> PagedTable[Any]:
        """The one that is up."""
        raise NotImplementedError

    def copies(self) -> Sequence[Copy]:
        """Of the rows, of what is worth a look, or of the bookings behind one of them."""
        if self._result is None:
            return ()
        from pm_tui.services import copies_report as offered

        chosen = self._table.chosen or ""
        if self.has_class("-inside"):
            bookings = list(self._shown_bookings.values())
            return (*self._of_booking(chosen), *offered.of_bookings(bookings))
        if self.has_class("-listing"):
            found = self._shown_findings
            return offered.of_findings(list(found.values()), found.get(chosen))
        if self._result.value.by != self._asked.by:
            return ()  # another grouping is being summed, and its name stands above the table
        rows = self._shown_rows
        return offered.of_rows(self._result, list(rows.values()), rows.get(chosen))

    def _of_booking(self, chosen: str) -> Sequence[Copy]:
        from pm_tui.services import copies

        booking = self._shown_bookings.get(chosen)
        if booking is None:
            return ()
        known, app = self.app.known, self.app
        # a file's bookings need not be this account's: nobody knows where they can be read
        base_url = "" if self._file is not None else app.base_url
        zone = known.zone(booking)
        return copies.of_booking(booking, known.place(booking), zone, base_url, app.now())

    def action_copy(self) -> None:
        self.app.action_copy()
