"""Reports: what a period cost, by whatever is asked, and the bookings behind each row.

What is shown comes from memory and says how old it is; the gateway is read when a person asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import ScreenResume
from textual.widgets import Input, Static

from pm_tui.i18n import N_, _
from pm_tui.tui import report_words
from pm_tui.tui.report_question import BY_WORDS
from pm_tui.tui.screens.report_copying import ReportCopying
from pm_tui.tui.styles import style
from pm_tui.tui.widgets import report_table
from pm_tui.tui.widgets.filter_field import FilterField
from pm_tui.tui.widgets.paged_table import Cells, PagedTable

if TYPE_CHECKING:
    from pm_tui.models.booking import Booking
    from pm_tui.models.result import Result
    from pm_tui.services.report import Report, Row
    from pm_tui.services.report_behind import Finding

AGES_EVERY = 30.0  # seconds
READING = "report-read"


class ReportView(ReportCopying):
    NAME = "report"
    CSS_PATH = style("report")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("less_than_sign", "earlier", N_("Earlier"), id="report.earlier", key_display="<"),
        Binding("greater_than_sign", "later", N_("Later"), id="report.later", key_display=">"),
        Binding("p", "kind", N_("Month, quarter, year"), show=False, id="report.kind"),
        Binding("d", "dates", N_("Choose the dates"), show=False, id="report.dates"),
        Binding("b", "next_grouping", N_("Group"), tooltip=N_("Group by the next"), id="report.by"),
        Binding("B", "last_grouping", N_("Group by, back"), show=False, id="report.by_back"),
        Binding("a", "states", N_("All states, or completed"), show=False, id="report.states"),
        Binding("r", "read", N_("Read"), tooltip=N_("Read from the gateway"), id="report.read"),
        Binding("c", "compare", N_("Read the period before too"), show=False, id="report.compare"),
        Binding("n", "findings", N_("What is worth a look"), show=False, id="report.findings"),
        Binding("e", "export", N_("File"), tooltip=N_("Write a file"), id="report.export"),
        Binding("y", "copy", N_("Copy"), id="report.copy"),
        Binding("t", "file", N_("The fleet's billing table"), show=False, id="report.file"),
        Binding("x", "stop", N_("Stop"), id="report.stop"),
        Binding("slash", "filter", N_("Filter"), show=False, id="report.filter", key_display="/"),
        Binding("O", "own", N_("Back to the account's own"), show=False, id="report.own"),
        Binding("escape", "back", N_("Back"), show=False, id="report.back"),
    ]

    def __init__(self) -> None:
        super().__init__()
        sort = self.app.kept_sort
        self._sort, self._reverse = sort("report-rows", report_table.COLUMNS, "")
        self._text = ""
        self._longest: Mapping[str | None, Decimal] = {}
        self._order, self._turned = sort("report-bookings", report_table.BOOKING_COLUMNS, "made")
        self._shown_rows, self._shown_findings, self._shown_bookings = {}, {}, {}
        self._listing = False  # what is worth a look, in the place of the rows
        self._found_by, self._found_turned = sort(
            "report-findings", report_table.FINDING_COLUMNS, ""
        )

    def compose_view(self) -> ComposeResult:
        yield Static(id="report-head")
        yield FilterField()
        yield PagedTable(report_table.COLUMNS, self._cells, id="report-rows")
        yield PagedTable(
            report_table.FINDING_COLUMNS, report_table.finding_cells, id="report-findings"
        )
        yield Static(id="report-reason")
        yield PagedTable(report_table.BOOKING_COLUMNS, self._booking_cells, id="report-bookings")
        yield Static(id="report-months")

    def on_mount(self) -> None:
        self.query_one("#report-rows").focus()
        self._look()
        self.set_interval(AGES_EVERY, self._show_head)

    @on(ScreenResume)
    def _look_again(self) -> None:
        if self.is_mounted:
            self._look()

    def _cells(self, row: Row) -> Cells:
        assert self._result is not None  # noqa: S101  (there are rows)
        width = self.query_one("#report-rows", PagedTable).width_of("bar")
        return report_table.cells(row, self._result.value, self._longest, width)

    def _booking_cells(self, booking: Booking) -> Cells:
        assert self._result is not None  # noqa: S101  (there are bookings)
        return report_table.booking_cells(booking, self._result.value.zone)

    # -- showing -------------------------------------------------------------

    def _show(self, *, from_top: bool = False) -> None:
        if not self.is_mounted or not self.query("#report-months"):
            return
        inside = self._inside is not None and self._result is not None
        listing = self._listing and not inside and self._result is not None
        if (self.has_class("-inside"), self.has_class("-listing")) != (inside, listing):
            self.set_class(inside, "-inside").set_class(listing, "-listing")
            self.call_after_refresh(self._table.focus)
        rows = [] if self._result is None else report_table.keyed(self._result.value)
        self._longest = {} if self._result is None else report_table.largest(self._result.value)
        table = self.query_one("#report-rows", PagedTable)
        table.rename("key", BY_WORDS[self._asked.by])
        table.mark_sort(self._sort, self._reverse)
        kept = [item for item in rows if self._wanted(item[1])]
        self._shown_rows = dict(report_table.in_order(kept, self._sort, self._reverse))
        table.show(list(self._shown_rows.items()), from_top=from_top)
        self._show_findings()
        self._show_bookings()
        self.refresh_bindings()  # there is something to copy, or no longer
        lines = report_words.months(self._months)
        strip = self.query_one("#report-months", Static)
        strip.set_class(bool(lines), "-known")
        strip.update(Content("\n").join(lines))
        self._show_head()

    def _show_findings(self, *, from_top: bool = False) -> None:
        table = self.query_one("#report-findings", PagedTable)
        table.mark_sort(self._found_by, self._found_turned)
        listed = report_table.findings_in_order(
            self._findings.values(), self._found_by, self._found_turned
        )
        kept = (one for one in listed if self._text in one.text.casefold())
        self._shown_findings = {one.key: one for one in kept}
        table.show(list(self._shown_findings.items()), from_top=from_top)
        self._show_reason()

    @property
    def _findings(self) -> dict[str, Finding]:
        from pm_tui.services.report_behind import findings

        if self._result is None:
            return {}
        return {one.key: one for one in findings(self._result.value)}

    @on(PagedTable.Chosen)
    def _show_reason(self) -> None:
        """The whole of the line under the cursor, which may be cut in the table."""
        chosen = self.query_one("#report-findings", PagedTable).chosen
        found = self._findings.get(chosen or "")
        self.query_one("#report-reason", Static).update(Content(found.text if found else ""))

    def _show_bookings(self, *, from_top: bool = False) -> None:
        table = self.query_one("#report-bookings", PagedTable)
        table.mark_sort(self._order, self._turned)
        listed = report_table.bookings_in_order(self._bookings, self._order, self._turned)
        self._shown_bookings = {one.id: one for one in listed}
        table.show(list(self._shown_bookings.items()), from_top=from_top)

    def _wanted(self, row: Row) -> bool:
        from pm_tui.services.report_words import label

        return self._text in label(row.key, self._asked.by).casefold()

    @property
    def _table(self) -> PagedTable[object]:
        name = "findings" if self.has_class("-listing") else "rows"
        name = "bookings" if self.has_class("-inside") else name
        return self.query_one(f"#report-{name}", PagedTable)

    def _show_head(self) -> None:
        if not self.query("#report-head"):
            return
        first = report_words.title(self._asked)
        result = self._result
        if result is not None and (result.value.has_begun or self._file is not None):
            first += Content(" · ") + self._origin(result)
        lines = [first]
        if self._progress is not None:
            lines.append(report_words.reading(self._progress))
        elif self._is_reading:
            lines.append(Content(_("Reading…")))
        if self._problem:
            lines.append(Content.styled(self._problem, "$text-warning"))
        if self._text and self._result is not None and self._inside is None:
            lines.append(report_words.filtered(*self._fitting))
        if self._result is not None:
            lines += report_words.figures(self._result.value, self._inside, self._listing)
        elif not self._is_reading and self._file is None:
            can_send = self.app.connection.can_send
            lines.append(report_words.nothing_yet(self._asked.period, not can_send))
        self.query_one("#report-head", Static).update(Content("\n").join(lines))

    @property
    def _fitting(self) -> tuple[int, int]:
        """How many of the lines below fit the filter, and how many there are."""
        if self.has_class("-listing"):
            return len(self._shown_findings), len(self._findings)
        assert self._result is not None  # noqa: S101  (there are rows)
        return len(self._shown_rows), len(self._result.value.rows)

    def _origin(self, result: Result[Report]) -> Content:
        """What was read before is no copy for want of a network while there is one."""
        if self._file is not None:
            zone = self.app.settings.timezone
            return report_words.of_file(self._file.name, result, self.app.now(), zone)
        if result.origin == "live" or not self.app.connection.can_send:
            return self.app.origin_text(result)
        return report_words.as_read(result, self.app.now(), self.app.settings.timezone)

    @on(PagedTable.SortRequested)
    def _sort_requested(self, event: PagedTable.SortRequested) -> None:
        if event.table.id == "report-bookings":
            self._order, self._turned = event.key, event.reverse
            self._show_bookings(from_top=True)
        elif event.table.id == "report-findings":
            self._found_by, self._found_turned = event.key, event.reverse
            self._show_findings(from_top=True)
        else:
            self._sort, self._reverse = event.key, event.reverse
            self._show(from_top=True)

    @on(PagedTable.RowSelected, "#report-rows")
    @on(PagedTable.RowSelected, "#report-findings")
    def _row_selected(self) -> None:
        self.action_inside()

    @on(Input.Changed, "#filter")
    def _text_changed(self, event: Input.Changed) -> None:
        self._text = event.value.strip().casefold()
        self._show()

    @on(Input.Submitted, "#filter")
    def _text_done(self) -> None:
        self._table.focus()

    # -- actions -------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        file = self._file is not None
        if action == "stop" and not self._is_reading:
            return False
        if action == "copy" and self._result is None:
            return False
        if action == "filter" and self.has_class("-inside"):  # it filters the rows
            return False
        if (action in ("read", "compare") and file) or (action == "own" and not file):
            return False
        return super().check_action(action, parameters)

    @work(exclusive=True, group="report-inside", exit_on_error=False)
    async def action_inside(self) -> None:
        """The bookings of the chosen line."""
        result, line = self._result, self._chosen_line
        if result is None or line is None or not line.bookings:
            return
        bookings = await self._behind(await self._source(), line)
        if result is self._result and result.value.by == self._asked.by:
            self._inside = line
            self._take(result, self._months, bookings, from_top=False)

    @property
    def _chosen_line(self) -> Row | Finding | None:
        """None while another grouping is being summed: the rows are still the old ones."""
        result = self._result
        if result is None or result.value.by != self._asked.by or self.has_class("-inside"):
            return None
        chosen = self._table.chosen or ""
        if self.has_class("-listing"):
            return self._findings.get(chosen)
        return dict(report_table.keyed(result.value)).get(chosen)

    def action_findings(self) -> None:
        """The list of what is worth a look; from it, or from what it opened, back to the rows."""
        if self._result is not None or self._is_summing:
            self._listing = not self._listing
            self._inside, self._bookings = None, ()
            self._show()

    def action_filter(self) -> None:
        self.query_one(FilterField).open()

    def action_back(self) -> None:
        """Out of the filter, the bookings, what is worth a look, a reading or a file."""
        field = self.query_one(FilterField)
        if field.is_open:
            field.close()
        elif self._inside is not None:
            self._inside, self._bookings = None, ()
            self._show()
        elif self.has_class("-listing"):  # not where a period has nothing to list
            self.action_findings()
        elif self._is_reading:
            self.action_stop()
        else:
            self.action_own()
        self._table.focus()

    @work(exit_on_error=False)
    async def action_export(self) -> None:
        from pm_tui.tui.report_export import export

        await export(self.app, await self._source(), self._result)
