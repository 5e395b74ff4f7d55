"""Requests: every one that this window has sent, and what each was good for.

Nothing is asked for it, and nothing of it is drawn while another view is up.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.events import ScreenResume, ScreenSuspend
from textual.message import Message
from textual.widgets import Static

from pm_tui import formats
from pm_tui.i18n import N_, _, ngettext
from pm_tui.tui.key_names import after_key, keyed
from pm_tui.tui.screens.listing import Listing
from pm_tui.tui.styles import style
from pm_tui.tui.widgets import request_month, request_table
from pm_tui.tui.widgets.filter_field import FilterField
from pm_tui.tui.widgets.paged_table import Cells, PagedTable
from pm_tui.tui.widgets.request_detail import RequestDetail

if TYPE_CHECKING:
    from pm_tui.api.record import Sent
    from pm_tui.services.connection import Connection
    from pm_tui.services.copies import Copy
    from pm_tui.services.request_log import Log
    from pm_tui.services.session import Session

TOGETHER = 0.5  # seconds within which several requests are drawn as one change
REASONS = 4  # in the line above the table


class RequestsView(Listing):
    NAME = "requests"
    LIST = "requests"
    CSS_PATH = style("requests")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "details", N_("Details"), show=False, id="requests.details"),
        Binding("slash", "filter", N_("Filter"), id="requests.filter", key_display="/"),
        Binding("y", "app.copy", N_("Copy"), tooltip=N_("Copy as a curl line"), id="requests.copy"),
        Binding("escape", "back", N_("Back"), show=False, id="requests.back"),
    ]

    class Sending(Message):
        """Something was sent, or memory answered."""

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, RequestsView.Sending)

    def __init__(self) -> None:
        super().__init__()
        self._session: Session | None = None
        self._log: Log | None = None
        self._shown: dict[str, Sent] = {}
        kept = self.app.kept_sort
        self._sort, self._reverse = kept("requests", request_table.COLUMNS, "time", reverse=True)
        self._due = False

    def compose_view(self) -> ComposeResult:
        yield Static(id="requests-head")
        yield FilterField()
        with Horizontal(id="request-results"):
            yield PagedTable(request_table.COLUMNS, self._cells, id="requests")
            yield RequestDetail(id="request-detail")

    def on_mount(self) -> None:
        self.query_one(PagedTable).focus()
        self.show_rows()

    # -- listening while it is looked at ------------------------------------------

    @on(ScreenResume)
    def _looked_at(self) -> None:
        self._listen()

    @work(exclusive=True, exit_on_error=False)
    async def _listen(self) -> None:
        self._session = await self.app.session()
        if self.is_current:
            self._session.record.on_change = self._sent
            self.show_rows()

    @on(ScreenSuspend)
    def _left(self) -> None:
        if self._session is not None:
            self._session.record.on_change = None

    def _sent(self) -> None:
        self.post_message(self.Sending())

    @on(Sending)
    def _soon(self) -> None:
        if not self._due:
            self._due = True
            self.set_timer(TOGETHER, self._now_due)

    def _now_due(self) -> None:
        self._due = False
        if self.is_current:
            self.show_rows()

    def show_connection(self, connection: Connection) -> None:
        """Other windows count on the same month."""
        super().show_connection(connection)
        shown = None if self._log is None or self._log.month is None else self._log.month.used
        if self.is_current and self._session is not None and connection.month_used != shown:
            self._soon()

    # -- showing -------------------------------------------------------------

    def _cells(self, sent: Sent) -> Cells:
        return request_table.cells(sent, self.app.settings.timezone)

    def show_rows(self, *, from_top: bool = False) -> None:
        """Show what was sent, filtered and sorted."""
        if not self.is_mounted:
            return
        from pm_tui.services import request_log  # not before the first paint

        rows: Sequence[Sent] = ()
        if self._session is not None:
            self._log = request_log.read(self._session)
            rows = self._log.rows
        zone = self.app.settings.timezone
        kept = request_log.arranged(rows, self._text, self._sort, self._reverse, request_table.word)
        self._shown = {str(one.number): one for one in kept}
        table = self.query_one("#requests", PagedTable)
        table.mark_sort(self._sort, self._reverse)
        table.show(list(self._shown.items()), from_top=from_top)
        lines = [Content(" · ").join(self._head())]
        if self._log is not None and self._log.month is not None:
            lines.append(request_month.line(self._log.month, self.app.now(), zone))
        self.query_one("#requests-head", Static).update(Content("\n").join(lines))
        self._show_detail()

    def _head(self) -> list[Content]:
        if self._log is None:
            return [Content(_("Opening the session…"))]
        sums, n = self._log.sums, len(self._shown)
        if not self._log.rows and not sums.from_memory:
            return [Content(_("Nothing was asked yet. Each request will stand here, and why."))]
        count = ngettext("{n} request", "{n} requests", sums.requests)
        count = count.format(n=formats.number(sums.requests))
        if n != len(self._log.rows):
            count = _("{n} of {count}").format(n=n, count=count)
        pieces = [count, request_table.size(sums.size + sums.received)]
        if sums.unsent:
            pieces.append(_("{n} never left").format(n=sums.unsent))
        if sums.from_memory:
            text = ngettext(
                "{n} answer from memory: 0 requests",
                "{n} answers from memory: 0 requests",
                sums.from_memory,
            )
            pieces.append(text.format(n=sums.from_memory))
        if self._log.forgotten:
            text = _("the last {n} are listed").format(n=formats.number(len(self._log.rows)))
            pieces.append(text)
        reasons = [f"{request_table.word(why)} {times}" for why, times in sums.by_why[:REASONS]]
        if len(sums.by_why) > REASONS:
            reasons.append("…")
        why = [Content.styled(", ".join(reasons), "$text-muted")] if reasons else []
        # for the mouse: the messages are a log as well
        told = Content(after_key("app.notices", _("what was told"))).stylize("@click=app.notices")
        return [*map(Content, pieces), *why, told]

    def _show_detail(self) -> None:
        now, zone = self.app.now(), self.app.settings.timezone
        self.query_one(RequestDetail).show_request(self.chosen, self._why_nothing(), now, zone)

    def _why_nothing(self) -> str:
        if self._text:
            return _("Nothing fits the filter: Esc leaves it.")
        if self._log is not None and self._log.rows:
            return _("Choose a row to see the request.")
        text = _(
            "This window has sent nothing yet: {app.find} searches, {app.bookings} reads the "
            "bookings."
        )
        return keyed(text)

    @property
    def chosen(self) -> Sent | None:
        return self._shown.get(self.query_one("#requests", PagedTable).chosen or "")

    def copies(self) -> Sequence[Copy]:
        from pm_tui.services import copies

        return () if self.chosen is None else copies.of_request(self.chosen)

    @on(PagedTable.Chosen)
    def _chosen(self) -> None:
        self.show_soon(self._show_detail)

    # -- actions -------------------------------------------------------------

    def action_details(self) -> None:
        """Where there is no room beside the list, the details take its place until Escape."""
        if self.has_class("-narrow"):
            self.add_class("-details")
        self.query_one(RequestDetail).focus()
