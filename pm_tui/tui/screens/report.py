"""Reports: what a period cost, by whatever is asked, and the bookings behind each row.

What is shown comes from memory and says how old it is; the gateway is read when a person asks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import ScreenResume
from textual.message import Message
from textual.widgets import Input, Static
from textual.worker import Worker, WorkerState

from pm_tui.i18n import N_, _
from pm_tui.tui import report_words
from pm_tui.tui.report_question import BY_WORDS, Question
from pm_tui.tui.screens.base import View
from pm_tui.tui.styles import style
from pm_tui.tui.widgets import report_table
from pm_tui.tui.widgets.filter_field import FilterField
from pm_tui.tui.widgets.paged_table import Cells, PagedTable

if TYPE_CHECKING:
    from pm_tui.models.booking import Booking
    from pm_tui.models.result import Result
    from pm_tui.services.report import Report, Row
    from pm_tui.services.report_months import Month
    from pm_tui.services.report_read import Progress, Readout
    from pm_tui.services.session import Session

AGES_EVERY = 30.0  # seconds
READING = "report-read"


class ReportView(View):
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
        Binding("e", "export", N_("File"), tooltip=N_("Write a file"), id="report.export"),
        Binding("x", "stop", N_("Stop"), id="report.stop"),
        Binding("slash", "filter", N_("Filter"), show=False, id="report.filter", key_display="/"),
        Binding("escape", "back", N_("Back"), show=False, id="report.back"),
    ]

    @dataclass
    class Progressed(Message):
        """A reading has come further."""

        progress: Progress

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, ReportView.Progressed)

    def __init__(self) -> None:
        super().__init__()
        from pm_tui.services.report_period import Period

        zone = self.app.settings.report_zone
        self._asked = Question(Period.read("this", zone, self.app.now()))
        self._result: Result[Report] | None = None
        self._months: Sequence[Month] = ()
        self._problem = ""
        self._progress: Progress | None = None
        self._done: Readout | None = None  # the last reading of the period, and when it began
        self._began: datetime | None = None
        self._sort, self._reverse = "", False
        self._text = ""
        self._longest: Mapping[str | None, Decimal] = {}
        self._inside: Row | None = None
        self._bookings: Sequence[Booking] = ()
        self._order, self._turned = "made", False

    def compose_view(self) -> ComposeResult:
        yield Static(id="report-head")
        yield FilterField()
        yield PagedTable(report_table.COLUMNS, self._cells, id="report-rows")
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
        return report_table.booking_cells(booking, self._asked.period.zone)

    # -- what is asked of memory ----------------------------------------------

    @work(exclusive=True, group="report-look", exit_on_error=False)
    async def _look(self, *, from_top: bool = False) -> None:
        """Sum what is remembered; nothing is sent."""
        from pm_tui.services.session import NothingRemembered

        session, asked = await self.app.session(), self._asked
        result: Result[Report] | None
        try:
            result = await session.summed(
                asked.period, asked.by, status=asked.status, done=self._done, since=self._began
            )
        except NothingRemembered:
            result = None
        months = await session.report_months(asked.period, status=asked.status)
        bookings: Sequence[Booking] = ()
        if result is not None and self._inside is not None:
            bookings = await self._behind(session, self._inside)
        self._take(result, months, bookings, from_top=from_top)

    async def _behind(self, session: Session, row: Row) -> list[Booking]:
        found = await session.report_bookings(
            self._asked.period, self._asked.by, row.key, status=self._asked.status
        )
        return [
            one
            for one in found
            if one.client_price is None or one.client_price_currency == row.currency
        ]

    def _take(
        self,
        result: Result[Report] | None,
        months: Sequence[Month],
        bookings: Sequence[Booking],
        *,
        from_top: bool,
    ) -> None:
        """The one place at which what was summed gets on the screen."""
        self._result, self._months, self._bookings = result, months, bookings
        self._longest = {} if result is None else report_table.largest(result.value)
        self._show(from_top=from_top)

    # -- what is asked of the gateway ------------------------------------------

    @work(exclusive=True, group=READING, exit_on_error=False)
    async def _read(self, *, compare: bool) -> None:
        session, period, began = await self.app.session(), self._asked.period, self.app.now()
        periods = [period, period.previous()] if compare else [period]
        for one in periods:
            done = await session.read_report(
                one,
                on_progress=self._tell_progress,
                may_ask=partial(self.app.may_spend, report=True),
            )
            if one == self._asked.period:
                self._done, self._began = done, began
            if done.problem is not None:
                self._problem = self.app.explain(done.problem)
                break
            if done.stopped:
                break

    def _tell_progress(self, progress: Progress) -> None:
        self.post_message(self.Progressed(progress))

    @on(Progressed)
    def _progressed(self, event: Progressed) -> None:
        if self._is_reading:
            self._progress = event.progress
            self._show_head()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        if event.worker.group != READING:
            self.app.tell_failure(event)
            return
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            self._problem = self.app.explain(event.worker.error)
        if event.worker.is_finished:
            self._progress = None
            self._look()
        self.refresh_bindings()
        self._show_head()

    @property
    def _is_reading(self) -> bool:
        return any(one.group == READING and not one.is_finished for one in self.workers)

    # -- showing -------------------------------------------------------------

    def _show(self, *, from_top: bool = False) -> None:
        if not self.is_mounted or not self.query("#report-months"):
            return
        inside = self._inside is not None and self._result is not None
        if self.has_class("-inside") != inside:
            self.set_class(inside, "-inside")
            self.call_after_refresh(self._table.focus)
        rows = [] if self._result is None else report_table.keyed(self._result.value)
        table = self.query_one("#report-rows", PagedTable)
        table.rename("key", BY_WORDS[self._asked.by])
        table.mark_sort(self._sort, self._reverse)
        kept = [item for item in rows if self._wanted(item[1])]
        table.show(report_table.in_order(kept, self._sort, self._reverse), from_top=from_top)
        self._show_bookings()
        lines = report_words.months(self._months)
        strip = self.query_one("#report-months", Static)
        strip.set_class(bool(lines), "-known")
        strip.update(Content("\n").join(lines))
        self._show_head()

    def _show_bookings(self, *, from_top: bool = False) -> None:
        table = self.query_one("#report-bookings", PagedTable)
        table.mark_sort(self._order, self._turned)
        listed = report_table.bookings_in_order(self._bookings, self._order, self._turned)
        table.show([(one.id, one) for one in listed], from_top=from_top)

    def _wanted(self, row: Row) -> bool:
        from pm_tui.services.report_words import label

        return self._text in label(row.key, self._asked.by).casefold()

    @property
    def _table(self) -> PagedTable[object]:
        return self.query_one(
            "#report-bookings" if self.has_class("-inside") else "#report-rows", PagedTable
        )

    def _show_head(self) -> None:
        if not self.query("#report-head"):
            return
        first = report_words.title(self._asked)
        if self._result is not None:
            first += Content(" · ") + self._origin(self._result)
        lines = [first]
        if self._progress is not None:
            lines.append(report_words.reading(self._progress))
        elif self._is_reading:
            lines.append(Content(_("Reading…")))
        if self._problem:
            lines.append(Content.styled(self._problem, "$text-warning"))
        if self._result is not None:
            lines += report_words.figures(self._result.value, self._inside)
        elif not self._is_reading:
            can_send = self.app.connection.can_send
            lines.append(report_words.nothing_yet(self._asked.period, not can_send))
        self.query_one("#report-head", Static).update(Content("\n").join(lines))

    def _origin(self, result: Result[Report]) -> Content:
        """What was read before is no copy for want of a network while there is one."""
        if result.origin == "live" or not self.app.connection.can_send:
            return self.app.origin_text(result)
        return report_words.as_read(result, self.app.now(), self.app.settings.timezone)

    @on(PagedTable.SortRequested)
    def _sort_requested(self, event: PagedTable.SortRequested) -> None:
        if event.table.id == "report-bookings":
            self._order, self._turned = event.key, event.reverse
            self._show_bookings(from_top=True)
        else:
            self._sort, self._reverse = event.key, event.reverse
            self._show(from_top=True)

    @on(PagedTable.RowSelected, "#report-rows")
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

    def _turn(self, asked: Question) -> None:
        """Another question: what is shown of the last period goes; a reading of it is stopped, and
        what it read is kept."""
        if asked.period != self._asked.period:
            self.workers.cancel_group(self, READING)
            self._result = self._done = self._began = None
        if asked.by != self._asked.by:
            self._sort = ""
        self._asked = asked
        self._inside, self._problem = None, ""
        self._look(from_top=True)

    def action_earlier(self) -> None:
        self._step(-1)

    def action_later(self) -> None:
        self._step(1)

    def _step(self, by: int) -> None:
        from pm_tui.services.report_period import PeriodError

        try:
            self._turn(self._asked.moved(by))
        except PeriodError as end:
            self.app.notify(str(end), markup=False)

    def action_kind(self) -> None:
        zone = self._asked.period.zone
        self._turn(self._asked.widened(self.app.now().astimezone(zone).date()))

    @work(exit_on_error=False)
    async def action_dates(self) -> None:
        from pm_tui.tui.screens.report_ask import PeriodScreen

        now = self.app.now()
        if period := await self.app.push_screen_wait(PeriodScreen(self._asked.period, now)):
            self._turn(replace(self._asked, period=period))

    def action_next_grouping(self) -> None:
        self._turn(self._asked.grouped(1))

    def action_last_grouping(self) -> None:
        self._turn(self._asked.grouped(-1))

    def action_states(self) -> None:
        self._turn(self._asked.with_states_turned())

    def action_read(self) -> None:
        self._start_reading(compare=False)

    def action_compare(self) -> None:
        self._start_reading(compare=True)

    def _start_reading(self, *, compare: bool) -> None:
        if self._is_reading:
            return  # a held key reads once
        self._problem, self._inside = "", None
        self._done = self._began = None
        self._read(compare=compare)

    def action_stop(self) -> None:
        self.workers.cancel_group(self, READING)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "stop" and not self._is_reading:
            return False
        return super().check_action(action, parameters)

    @work(exclusive=True, group="report-inside", exit_on_error=False)
    async def action_inside(self) -> None:
        """The bookings of the chosen row."""
        result = self._result
        # while another grouping is being summed the rows are still the old ones
        if result is None or result.value.by != self._asked.by or self.has_class("-inside"):
            return
        chosen = self.query_one("#report-rows", PagedTable).chosen
        row = dict(report_table.keyed(result.value)).get(chosen or "")
        if row is None or not row.bookings:
            return
        bookings = await self._behind(await self.app.session(), row)
        if result is self._result and result.value.by == self._asked.by:
            self._inside = row
            self._take(result, self._months, bookings, from_top=False)

    def action_filter(self) -> None:
        self.query_one(FilterField).open()

    def action_back(self) -> None:
        """Out of the bookings, out of the filter, or a reading stopped."""
        field = self.query_one(FilterField)
        if field.is_open:
            field.close()
        elif self._inside is not None:
            self._inside, self._bookings = None, ()
            self._show()
        elif self._is_reading:
            self.action_stop()
        self._table.focus()

    @work(exit_on_error=False)
    async def action_export(self) -> None:
        from pm_tui.tui.report_export import export

        await export(self.app, self._result)
