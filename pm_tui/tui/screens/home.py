"""Home chargers: the list as far as it was looked at, the chosen one beside it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.events import ScreenResume
from textual.widgets import Static
from textual.worker import Worker

from pm_tui.i18n import N_, _, ngettext
from pm_tui.tui.home_actions import HomeActions
from pm_tui.tui.key_names import keyed
from pm_tui.tui.screens.listing import Listing
from pm_tui.tui.styles import style
from pm_tui.tui.widgets import home_table
from pm_tui.tui.widgets.filter_field import FilterField
from pm_tui.tui.widgets.home_detail import (
    HomeDetail,
    Opened,
    Part,
    commands_title,
    sessions_title,
)
from pm_tui.tui.widgets.paged_table import Cells, PagedTable
from pm_tui.tui.widgets.status_bar import StatusBar

if TYPE_CHECKING:
    from typing import Any

    from pm_tui.models.home import Evse
    from pm_tui.models.result import Result

AGES_EVERY = 30.0  # seconds
COMMAND_DAYS = 7


class HomeView(HomeActions, Listing):
    NAME = "home"
    LIST = "homes"
    CSS_PATH = style("home")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter", "details", N_("Details"), tooltip=N_("Details and log"), id="home.details"
        ),
        Binding("slash", "filter", N_("Filter"), id="home.filter", key_display="/"),
        Binding("r", "read_again", N_("Refresh"), id="home.refresh"),
        Binding(
            "a", "read_all", N_("Read all"), tooltip=N_("Read the whole list"), id="home.all"
        ),
        Binding(
            "less_than_sign", "day(-1)", N_("Day before"), show=False, id="home.before",
            key_display="<",
        ),
        Binding(
            "greater_than_sign", "day(1)", N_("Day after"), show=False, id="home.after",
            key_display=">",
        ),
        Binding("c", "commands", N_("Commands"), show=False, id="home.commands"),
        Binding("e", "sessions", N_("Charging sub-sessions"), show=False, id="home.sessions"),
        Binding(
            "R", "reconnect", N_("Reconnect"), tooltip=N_("Link to connect it anew"), show=False,
            id="home.reconnect",
        ),
        Binding("l", "place", N_("Location"), tooltip=N_("Set its location"), id="home.location"),
        Binding("n", "onboard", N_("Onboard"), tooltip=N_("Onboarding link"), id="home.onboard"),
        Binding(
            "D", "decommission", N_("Take off"), tooltip=N_("Decommission"), id="home.decommission"
        ),
        Binding("escape", "back", N_("Back"), show=False, id="home.back"),
    ]  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self._sort, self._reverse = self.app.kept_sort("homes", home_table.COLUMNS, "")
        self._shown: dict[str, Result[Evse]] = {}
        self._opened: Opened | None = None
        self._reading: Worker[Any] | None = None
        self._problem = ""

    def compose_view(self) -> ComposeResult:
        yield Static(id="home-head")
        yield FilterField()
        with Horizontal(id="home-results"):
            yield PagedTable(home_table.COLUMNS, self._cells, id="homes")
            yield HomeDetail(id="home-detail")

    def on_mount(self) -> None:
        self.query_one(PagedTable).focus()
        self.show_rows()
        self.set_interval(AGES_EVERY, self.show_rows)
        if self.app.settings.home.access is None:
            self.add_class("-details")  # how to set them, in the place of the list
        else:
            self._more()

    @on(ScreenResume)
    def _look_again(self) -> None:
        self.show_rows()

    @property
    def threshold(self) -> timedelta:
        return self.app.settings.home.reach

    def _cells(self, row: Result[Evse]) -> Cells:
        return home_table.cells(row, self.app.now(), self.threshold, self.app.limits)

    # -- reading -------------------------------------------------------------

    @on(PagedTable.EndIsNear)
    def _end_is_near(self) -> None:
        """Not while only some are shown, or in another order: then a page may bring nothing that
        is seen, and reading on is the person's choice."""
        if self.listing is not None and not (self._problem or self._text or self._sort):
            self._more()

    def _more(self, *, all_of_it: bool = False, anew: bool = False) -> None:
        """Another page, unless one is on its way."""
        if self._reading is None or self._reading.is_finished:
            self._problem = ""
            self._reading = self._read(all_of_it, anew)
            self._head()

    @work(exit_on_error=False, group="home")
    async def _read(self, all_of_it: bool, anew: bool) -> None:
        try:
            listing = self.listing
            if listing is None or anew:
                listing = (await self.home()).listing()
                await self.settle()
            while not listing.is_over:
                await listing.more()
                self.listing = listing  # what was shown before stays until there is something
                if not all_of_it:
                    break
                self.show_rows()
        except Exception as problem:  # what it was stands above the list, a fault of ours as well
            self._problem = self.app.explain(problem)
        finally:
            self._reading = None
            self.tell_notices()
            self.show_rows()

    # -- showing -------------------------------------------------------------

    def show_rows(self, *, from_top: bool = False) -> None:
        """Show what was read, filtered and sorted."""
        if not self.is_mounted or not self.query("#home-head"):  # nor while the program ends
            return
        from pm_tui.services.home_sort import arranged  # not before the first paint

        rows = [] if self.listing is None else self.listing.rows
        now = self.app.now()
        kept = arranged(rows, self._text, self._sort, self._reverse, now, self.threshold)
        self._shown = {row.value.id: row for row in kept}
        table = self.query_one("#homes", PagedTable)
        table.mark_sort(self._sort, self._reverse)
        table.show(list(self._shown.items()), from_top=from_top)
        self._head()
        self._show_detail()

    def _head(self) -> None:
        listing = self.listing
        read = 0 if listing is None else len(listing.rows)
        pieces: list[Content] = []
        if listing is not None and (read or listing.is_over):
            count = ngettext("{n} charger", "{n} chargers", read).format(n=read)
            if not listing.is_over:
                count = _("the first {count}").format(count=count)
            n = len(self._shown)
            text = count if n == read else _("{n} of {count}").format(n=n, count=count)
            pieces.append(Content(text if read else self._why_nothing()))
            if listing.fetched_at is not None:
                pieces.append(self.app.origin_text(self._oldest()))
            if listing.skipped:
                text = ngettext("{n} unreadable", "{n} unreadable", listing.skipped)
                pieces.append(Content.styled(text.format(n=listing.skipped), "$text-warning"))
            if self._reading is not None:
                pieces.append(Content(_("reading… (Esc stops)")).stylize("@click=screen.back"))
            elif not listing.is_over:
                pieces.append(Content(_("a: read all")).stylize("@click=screen.read_all"))
        elif self.app.settings.home.access is None:
            pieces.append(Content(_("No credentials for home chargers")))
        elif not self._problem:
            pieces.append(Content(_("Reading the home chargers…")))
        if self._problem:
            pieces.append(Content.styled(self._problem, "bold $text-error"))
        elif listing is not None and listing.problem is not None:
            pieces.append(Content.styled(str(listing.problem), "$text-warning"))
        if self._asks_for_link:
            pieces.append(Content(_("asking for the link…")))
        if self.unclear:
            n = len(self.unclear)
            text = ngettext("{n} outcome unknown", "{n} outcomes unknown", n).format(n=n)
            pieces.append(Content.styled(text, "bold $text-error"))
        self.query_one("#home-head", Static).update(Content(" · ").join(pieces))

    def _oldest(self) -> Result[Evse]:
        assert self.listing is not None  # noqa: S101  (for mypy: only called with rows)
        return min(self.listing.rows, key=lambda row: row.fetched_at)

    def _show_detail(self) -> None:
        if not self.query("#home-detail"):
            return
        for status in self.query(StatusBar):
            status.hour = self.rate
        pane = self.query_one(HomeDetail)
        row = self.chosen
        if row is None:
            pane.show_nothing(self._why_nothing())
            return
        if self._opened is None or self._opened.row.value.id != row.value.id:
            today = self.app.now().astimezone(self.app.settings.timezone).date()
            self._opened = Opened(row, today)
        self._opened.row = row
        pane.show_device(self._opened, self.app.now(), self.app.settings.timezone, self.threshold)

    def _why_nothing(self) -> str:
        if self.app.settings.home.access is None:
            from pm_tui.services.home_line import how_to_set

            return how_to_set()
        if self._text:
            return _("Nothing fits the filter: Esc leaves it.")
        if self.listing is not None and self.listing.is_over:
            return keyed(
                _("There are no home chargers yet: {home.onboard} makes a link to take one on.")
            )
        return _("Choose a row to see the charger.")

    @property
    def chosen(self) -> Result[Evse] | None:
        return self._shown.get(self.query_one("#homes", PagedTable).chosen or "")

    @on(PagedTable.Chosen)
    def _chosen(self) -> None:
        self.show_soon(self._show_detail)

    # -- looking into one ------------------------------------------------------

    def action_details(self) -> None:
        """Its log of the day and how it is reached; where there is no room beside the list, in the
        list's place."""
        if self.has_class("-narrow"):
            self.add_class("-details")
        self.query_one(HomeDetail).focus()
        self._show_detail()
        opened = self._opened
        if opened is None:
            return
        if not opened.log.is_asked:
            self._read_log(opened)
        if not opened.contact.is_asked:
            self._fill(opened.contact, lambda: self._contact(opened.row.value.id))

    async def _contact(self, evse_id: str) -> Result[Any]:
        return await (await self.home()).contact(evse_id)

    def action_day(self, by: int) -> None:
        """The log of another day; there is none of tomorrow."""
        opened = self._opened
        if opened is None:
            return
        day = opened.day + timedelta(days=by)
        if day <= self.app.now().astimezone(self.app.settings.timezone).date():
            opened.day, opened.log = day, Part()
            self._read_log(opened)

    def _read_log(self, opened: Opened) -> None:
        from pm_tui.services.home_chart import day_of

        begin, end = day_of(opened.day, self.app.settings.timezone)
        until = min(end - timedelta(seconds=1), self.app.now())

        async def ask() -> Result[Any]:
            return await (await self.home()).status_log(opened.row.value.id, begin, until)

        self._fill(opened.log, ask)

    def action_commands(self) -> None:
        if (opened := self._opened) is None:
            return

        async def ask() -> Result[Any]:
            now = self.app.now()
            since = now - timedelta(days=COMMAND_DAYS)
            return await (await self.home()).command_log(opened.row.value.id, since, now)

        self._look_into(opened.commands, commands_title(), ask)

    def action_sessions(self) -> None:
        if (opened := self._opened) is None:
            return

        async def ask() -> Result[Any]:
            return await (await self.home()).sub_sessions(opened.row.value.id)

        self._look_into(opened.sessions, sessions_title(), ask)

    def _look_into(self, part: Part, title: str, ask: Callable[[], Awaitable[Result[Any]]]) -> None:
        """Below all else: what was asked for is brought into sight, also once it is there."""
        if self.has_class("-narrow"):
            self.add_class("-details")
        self.query_one(HomeDetail).focus()
        self._fill(part, ask, title)

    @work(exit_on_error=False, group="home-part")
    async def _fill(
        self, part: Part, ask: Callable[[], Awaitable[Result[Any]]], title: str = ""
    ) -> None:
        part.is_asked, part.problem = True, ""
        self._show_detail()
        self._reach(part, title)
        try:
            part.result = await ask()
        except Exception as problem:  # told where the answer would stand
            part.problem = self.app.explain(problem)
        finally:  # also when it was given up: then it can be asked for again
            part.is_asked = part.result is not None or bool(part.problem)
            self._show_detail()
            self._reach(part, title)

    def _reach(self, part: Part, title: str) -> None:
        opened = self._opened
        if title and opened and (part is opened.commands or part is opened.sessions):
            self.call_after_refresh(lambda: self.query_one(HomeDetail).reach(title))

    # -- other actions -----------------------------------------------------------

    def action_back(self) -> None:
        """Out of what is narrowest; what is being read is given up on the way."""
        self.workers.cancel_group(self, "home-part")
        if self._reading is not None:
            self._reading.cancel()
        if self.app.settings.home.access is not None:  # else the details say what is missing
            super().action_back()

    def action_read_again(self) -> None:
        """From the first page; what is shown stays until it comes."""
        self._more(anew=True)

    def action_read_all(self) -> None:
        self._more(all_of_it=True)

    def replace_row(self, row: Result[Evse]) -> None:
        """A charger that was read by itself, or is gone."""
        if self.listing is not None:
            self.listing.put(row)
        self.show_rows()
