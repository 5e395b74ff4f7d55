"""A table of bookings: chosen, checked row by row, sent, and how each row ended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.events import ScreenResume
from textual.widgets import Button, Input, Static

from pm_tui.i18n import N_, _
from pm_tui.tui import batch_words
from pm_tui.tui.key_names import with_key
from pm_tui.tui.screens.base import View
from pm_tui.tui.styles import style
from pm_tui.tui.widgets import batch_table
from pm_tui.tui.widgets.filter_field import FilterField
from pm_tui.tui.widgets.paged_table import Cells, PagedTable
from pm_tui.tui.widgets.path_field import PathField
from pm_tui.tui.widgets.text_pane import TextPane

if TYPE_CHECKING:
    from pm_tui.services.batch import Row
    from pm_tui.services.connection import Connection
    from pm_tui.services.copies import Copy
    from pm_tui.tui.batch_actions import BatchJob


class BatchView(View):
    """What it shows is the application's `batch_job`, which goes on when another view is shown."""

    NAME = "bookings"  # it belongs to them, and leads back there
    CSS_PATH = style("batch")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "send", N_("Book"), tooltip=N_("Book the table"), id="batch.send"),
        Binding("r", "check", N_("Read"), tooltip=N_("Read again"), id="batch.check"),
        Binding("slash", "filter", N_("Filter"), id="batch.filter", key_display="/"),
        Binding("x", "stop", N_("Stop"), id="batch.stop"),
        Binding("y", "copy", N_("Copy"), id="batch.copy"),
        Binding("escape", "back", N_("Back"), show=False, id="batch.back"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._sort, self._reverse = self.app.kept_sort("batch-rows", batch_table.COLUMNS, "state")
        self._text = ""
        self._shown: dict[str, Row] = {}
        self._last_sent = ""

    def compose_view(self) -> ComposeResult:
        yield PathField()
        yield Static(id="batch-head")
        yield TextPane(id="batch-help")
        yield FilterField()
        yield PagedTable(batch_table.COLUMNS, self._cells, id="batch-rows")
        yield TextPane(id="batch-detail")
        with Horizontal(id="batch-foot"):
            yield Static(id="batch-progress")
            yield Button(with_key(_("Stop"), "batch.stop"), id="batch-stop", compact=True)
            yield Button("", variant="primary", id="batch-send", compact=True)

    def on_mount(self) -> None:
        self.set_class(True, "-choosing")
        self._path.input.focus()
        self.query_one("#batch-help", TextPane).show(batch_words.help_lines())
        self.show_batch()

    @on(ScreenResume)
    def _look_again(self) -> None:
        self.show_batch()

    def show_connection(self, connection: Connection) -> None:
        super().show_connection(connection)
        if self._is_whole and self.app.batch_job is not None:
            self._show_words(self.app.batch_job)

    @property
    def _is_whole(self) -> bool:
        """Not while it is put together, nor while the program ends with a table on its way."""
        return self.is_mounted and len(self.query("#batch-head, #batch-send")) == 2

    @property
    def _path(self) -> PathField:
        return self.query_one(PathField)

    # -- showing -------------------------------------------------------------

    def show_batch(self, *, from_top: bool = False) -> None:
        """Show how the table stands now."""
        if not self._is_whole:
            return
        job = self.app.batch_job
        if self.has_class("-choosing") != (job is None):
            self.set_class(job is None, "-choosing")
            # what is hidden until the next refresh cannot take the focus now
            self.call_after_refresh(self._focus_first)
        self.refresh_bindings()
        if job is None:
            self.query_one("#batch-head", Static).update(self.app.batch_note)
            return
        if from_top or job.run is None:
            self._show_rows(job, from_top=from_top)
        else:
            self._show_progress(job)
        self._show_words(job)
        self._show_detail()

    def _focus_first(self) -> None:
        choosing = self.has_class("-choosing")
        (self._path.input if choosing else self.query_one("#batch-rows")).focus()

    def _state(self, row: Row) -> str:
        job = self.app.batch_job
        before = job.booked_before if job is not None else ()
        over = job is not None and job.over
        return batch_table.state_of(row, known=row.number in before, over=over)

    def _cells(self, row: Row) -> Cells:
        job = self.app.batch_job
        return batch_table.cells(row, self._state(row), job.places if job is not None else {})

    def _show_rows(self, job: BatchJob, *, from_top: bool = False) -> None:
        rows = [row for row in job.batch.rows if self._wanted(job, row)]
        states = {row.number: self._state(row) for row in rows}
        rows = batch_table.in_order(rows, self._sort, self._reverse, states, job.places)
        self._shown = {str(row.number): row for row in rows}
        table = self.query_one("#batch-rows", PagedTable)
        table.mark_sort(self._sort, self._reverse)
        table.show(list(self._shown.items()), from_top=from_top)

    def _wanted(self, job: BatchJob, row: Row) -> bool:
        place = batch_table.place_name(row, job.places)
        words = (place, batch_table.reference(row), *row.cells.values())
        return any(self._text in word.casefold() for word in words)

    def _show_progress(self, job: BatchJob) -> None:
        """The rows that changed; the cursor goes along unless the person has moved it."""
        table = self.query_one("#batch-rows", PagedTable)
        now = next((str(row.number) for row in job.batch.rows if row.state == "sending"), "")
        if job.over:
            table.refresh_cells()
        for key in dict.fromkeys((self._last_sent, now)):
            table.refresh_item(key)
        if now and table.chosen == (self._last_sent or table.chosen):
            table.choose(now)
        self._last_sent = now or self._last_sent

    def _show_words(self, job: BatchJob) -> None:
        self.query_one("#batch-head", Static).update(
            Content("\n").join(batch_words.head(self.app, job))
        )
        foot = self.query_one("#batch-progress", Static)
        foot.update(Content(batch_words.progress(job)))
        send, stop = self.query_one("#batch-send", Button), self.query_one("#batch-stop", Button)
        stop.display = job.is_sending
        send.display = job.run is None and not self.app.why_not_sent(job)
        if send.display:
            send.label = batch_words.send_label(job)

    def _show_detail(self) -> None:
        job = self.app.batch_job
        key = self.query_one("#batch-rows", PagedTable).chosen
        row = self._shown.get(key or "")
        pane = self.query_one("#batch-detail", TextPane)
        if job is None or row is None:
            pane.show([])
            return
        zone, now = self.app.settings.timezone, self.app.now()
        lines = [*batch_table.detail(row, self._state(row), job.places, zone, now)]
        booking = self.app.known.booking(row.booking_id)
        if booking is not None and booking.status.upper() == "CANCELLED":
            text = _("Cancelled since. To book it again give the row another external_id.")
            lines.insert(1, Content.styled(text, "$text-warning"))
        pane.show(lines, key)

    # -- at the keyboard -----------------------------------------------------

    @on(Input.Submitted, "#batch-path")
    def _path_given(self, event: Input.Submitted) -> None:
        event.stop()
        if self._path.accept() and event.input.value.endswith("/"):
            return  # the choices go on in that folder
        if self._path.input.value.strip():
            self._path.close()
            self.app.check_table(self._path.input.value)

    @on(PagedTable.Chosen)
    def _chosen(self) -> None:
        self.show_soon(self._show_detail)

    @on(PagedTable.SortRequested)
    def _sort_requested(self, event: PagedTable.SortRequested) -> None:
        self._sort, self._reverse = event.key, event.reverse
        if self.app.batch_job is not None:
            self._show_rows(self.app.batch_job, from_top=True)

    @on(Input.Changed, "#filter")
    def _text_changed(self, event: Input.Changed) -> None:
        self._text = event.value.strip().casefold()
        if self.app.batch_job is not None:
            self._show_rows(self.app.batch_job)

    @on(Input.Submitted, "#filter")
    def _text_done(self) -> None:
        self.query_one("#batch-rows").focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A key that would do nothing is not offered."""
        job = self.app.batch_job
        wanted = {
            "send": job is not None and job.run is None,
            "check": job is not None and not job.is_sending,
            "filter": job is not None,
            "stop": job is not None and job.is_sending,
            "copy": job is not None,
        }
        return wanted.get(action, True)

    def copies(self) -> Sequence[Copy]:
        from pm_tui.services.copies_batch import of_batch

        job = self.app.batch_job
        if job is None:
            return ()
        chosen = self._shown.get(self.query_one("#batch-rows", PagedTable).chosen or "")
        return of_batch(job.batch, list(self._shown.values()), chosen)

    def action_copy(self) -> None:
        self.app.action_copy()

    def action_filter(self) -> None:
        self.query_one(FilterField).open()

    @on(Button.Pressed, "#batch-send")
    def action_send(self) -> None:
        self.app.send_table()

    @on(Button.Pressed, "#batch-stop")
    def action_stop(self) -> None:
        self.app.stop_table()

    def action_check(self) -> None:
        if self.app.batch_job is not None:
            self.app.check_table(str(self.app.batch_job.path))

    async def action_back(self) -> None:
        """Out of the filter, out of the table, out of this view; while it is sending: stop?"""
        field, job = self.query_one(FilterField), self.app.batch_job
        if field.is_open:
            field.close()
            self.query_one("#batch-rows").focus()
        elif job is None:
            await self.app.action_view("bookings")
        elif job.is_sending:
            self.app.stop_table()
        else:
            self.app.forget_table()
