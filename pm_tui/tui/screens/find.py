"""Find: the question above, the answers below, the chosen one beside them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static
from textual.worker import Worker, WorkerState

from pm_tui import formats
from pm_tui.i18n import N_, _, ngettext
from pm_tui.models.query import SearchQuery
from pm_tui.models.zones import CHARGERS_ZONE
from pm_tui.tui.screens.base import View
from pm_tui.tui.widgets import location_table
from pm_tui.tui.widgets.filter_field import FilterField
from pm_tui.tui.widgets.location_detail import LocationDetail
from pm_tui.tui.widgets.paged_table import Cells, PagedTable
from pm_tui.tui.widgets.search_form import SearchForm

if TYPE_CHECKING:
    from pm_tui.models.charger import Location
    from pm_tui.services.filters import SortKey
    from pm_tui.services.find import Found

PATIENCE = 0.2  # seconds a wait may last before it must show itself
SLOW_MS = 1000  # an operator that keeps everybody waiting
AGAIN = timedelta(seconds=2)  # the same question is not asked more often
AGES_EVERY = 30.0  # seconds between two looks at how old the rows have become


class FindView(View):
    NAME = "find"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("b", "book", N_("Book"), id="find.book"),
        Binding("f", "edit", N_("Search"), id="find.edit"),
        Binding("ctrl+r", "recent", N_("Recent"), id="find.recent"),
        Binding("slash", "filter", N_("Filter"), id="find.filter", key_display="/"),
        Binding("enter", "details", N_("Details"), show=False, id="find.details"),
        Binding("r", "refresh", N_("Refresh"), id="find.refresh"),
        Binding("escape", "back", N_("Back"), show=False, id="find.back"),
    ]

    @dataclass
    class Answered(Message):
        query: SearchQuery
        label: str
        found: Found

    @dataclass
    class Failed(Message):
        problem: Exception

    def __init__(self) -> None:
        super().__init__()
        self._query: SearchQuery | None = None
        self._label = ""
        self._found: Found | None = None
        self._shown: list[Location] = []
        self._sort: SortKey = "distance"
        self._reverse = False
        self._reservable, self._operator, self._text = False, "", ""
        self._searching: Worker[None] | None = None
        self._asked_at = self.app.now()
        self._asking: SearchQuery | None = None  # what is under way
        self._asked: tuple[SearchQuery, str] | None = None  # the last, answered or not
        self._typed_at: tuple[object, ...] = ()

    # -- what is on it -------------------------------------------------------

    def compose_view(self) -> ComposeResult:
        yield SearchForm(now=self.app.now, gazetteer=lambda: self.app.gazetteer)
        yield Static(id="results-head")
        yield FilterField()
        with Horizontal(id="results"):
            yield PagedTable(location_table.COLUMNS, self._cells, id="locations")
            yield LocationDetail(id="detail")

    def on_mount(self) -> None:
        self._head(_("Type a place and press Enter. Ctrl+R brings back the last searches."))
        self.query_one(SearchForm).focus_place()
        self._show_detail(None)
        self._searching_clock = self.set_interval(0.5, self._show_waiting, pause=True)
        self.set_interval(AGES_EVERY, self._age)

    def _cells(self, location: Location) -> Cells:
        found = self._found
        at = self._asked_at if found is None else found.time_of(location.location_id)
        live = found is not None and found.origin == "live"
        return location_table.cells(location, at, self.app.now(), live=live)

    @property
    def table(self) -> PagedTable[Location]:
        return self.query_one("#locations", PagedTable)

    # -- asking --------------------------------------------------------------

    @on(SearchForm.SearchRequested)
    def _ask(self, event: SearchForm.SearchRequested) -> None:
        self.search(event.query, event.label)

    @on(SearchForm.Refused)
    def _refused(self, event: SearchForm.Refused) -> None:
        self._describe(event.text)

    def search(self, query: SearchQuery, label: str) -> None:
        """Ask; what is on screen stays until the answer is here. The same question again is not
        sent while its answer is under way, nor by a held key right after it."""
        running = self._searching is not None and not self._searching.is_finished
        age = self.app.now() - self._asked_at
        if query == self._asking and (running or age < AGAIN):
            return
        self._asking, self._asked = query, (query, label)
        self._typed_at = self._typing()
        self._asked_at = self.app.now()
        self._searching = self._search(query, label)
        self.set_timer(PATIENCE, self._show_waiting)
        self._searching_clock.resume()

    @work(exclusive=True, group="search", exit_on_error=False)
    async def _search(self, query: SearchQuery, label: str) -> None:
        session = await self.app.session()
        remembered = {} if await self.app.may_spend() else {"offline": True}
        found = await session.search(query, label=label, **remembered)
        self.post_message(self.Answered(query, label, found))

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        if event.worker is not self._searching:
            self.app.tell_failure(event)
            return
        if event.state in (WorkerState.ERROR, WorkerState.CANCELLED, WorkerState.SUCCESS):
            self._searching_clock.pause()
        if event.state is not WorkerState.SUCCESS and event.worker.is_finished:
            self._asking = None  # it may be asked again at once
        if event.state is WorkerState.CANCELLED:
            self._describe(_("Search cancelled."))
        elif event.state is WorkerState.ERROR and isinstance(event.worker.error, Exception):
            self.post_message(self.Failed(event.worker.error))

    def _show_waiting(self) -> None:
        if self._searching is not None and not self._searching.is_finished:
            waited = (self.app.now() - self._asked_at).total_seconds()
            self._describe(_("Searching… {s:.0f} s — Esc cancels").format(s=waited))

    @on(Answered)
    def _answered(self, event: Answered) -> None:
        another = event.query != self._query
        self._query, self._label, self._found = event.query, event.label, event.found
        self._show_found(from_top=another)
        if self._typed_at == self._typing():  # else the person is at something else by now
            self.table.focus()

    def _typing(self) -> tuple[object, ...]:
        """Where the keys go, and what they have left there."""
        return (self.focused, *(field.value for field in self.query(Input)))

    @on(Failed)
    def _failed(self, event: Failed) -> None:
        self._describe(self.app.explain(event.problem))

    # -- showing -------------------------------------------------------------

    def _show_found(self, *, from_top: bool = False) -> None:
        """Filter and sort what was found, and show it."""
        from pm_tui.services.filters import Filters, apply, sort_locations

        if self._found is None:
            return
        filters = Filters(self._reservable, self._operator, self._text)
        kept = apply(self._found.value.locations, filters)
        self._shown = list(
            sort_locations(kept, self._sort, self._reverse, time_of=self._found.time_of)
        )
        self.table.mark_sort(self._sort, self._reverse)
        rows = [(location.location_id, location) for location in self._shown]
        self.table.show(rows, from_top=from_top)
        self._describe()
        self._show_detail(self.table.chosen)

    def _describe(self, news: str = "") -> None:
        """Two lines above the table: how many, from where and how old; and what to mind."""
        found, query = self._found, self._query
        facts = list(self._facts(found, query)) if found and query else []
        warnings = [Content.styled(news, "$text-warning")] if news else []
        warnings += self._warnings(found) if found else []
        between = Content(" · ")
        self._head(Content("\n").join([between.join(facts), between.join(warnings)]))

    def _facts(self, found: Found, query: SearchQuery) -> Iterator[Content]:
        of = len(found.value.locations)
        count = ngettext("{n} location", "{n} locations", of).format(n=formats.number(of))
        if of >= query.limit:
            reach = found.value.locations[-1].distance_km
            count = _("{n} nearest, out to {reach}").format(
                n=formats.number(of), reach=formats.distance(reach)
            )
            if found.value.total is not None and found.value.total > of:
                count += " " + _("of {total}").format(total=formats.number(found.value.total))
        yield self.app.origin_text(found)
        yield Content(count)
        yield Content(
            _("{radius} round {place}").format(
                radius=f"{formats.number(query.radius_km, 1, trim=True)} km",
                place=self._label or "?",
            )
        )
        if query.start is not None and query.end is not None:
            start = formats.when(query.start, CHARGERS_ZONE, now=self.app.now())
            length = formats.duration(query.end - query.start)
            yield Content(_("free from {start} for {length}").format(start=start, length=length))

    def _warnings(self, found: Found) -> Iterator[Content]:
        hidden = len(found.value.locations) - len(self._shown)
        if self.query_one(SearchForm).is_edited:
            yield Content.styled(_("the form was changed: Enter searches"), "bold $text-accent")
        if hidden:
            yield Content.styled(
                _("{n} hidden by the filters").format(n=formats.number(hidden)), "bold $text-accent"
            )
        if not found.value.locations:
            yield Content(_("Nothing found: try a larger radius, another plug or less power."))
        if found.problem is not None:
            yield Content.styled(str(found.problem), "$text-warning")
        if found.origin == "cache" and not found.exact:
            yield Content.styled(self._coverage(found), "$text-warning")
        silent = [one for one in found.value.cpo_results if one.error]
        if silent:
            names = ", ".join(f"{one.cpo_name or one.cpo_party_id} ({one.error})" for one in silent)
            text = ngettext(
                "{n} operator silent: {names}", "{n} operators silent: {names}", len(silent)
            )
            yield Content.styled(text.format(n=len(silent), names=names), "$text-warning")
        slow = [
            one
            for one in found.value.cpo_results
            if not one.error and one.duration_ms is not None and one.duration_ms >= SLOW_MS
        ]
        if slow:
            names = ", ".join(one.cpo_name or one.cpo_party_id or "?" for one in slow)
            yield Content.styled(_("slow: {names}").format(names=names), "$text-muted")
        if found.value.skipped:
            unread = _("{n} not readable").format(n=found.value.skipped)
            yield Content.styled(unread, "$text-warning")

    def _coverage(self, found: Found) -> str:
        if not found.areas:
            return _("only chargers seen before; there may be more")
        if self._query is not None and self._query.start is not None:
            return _("whether they are free then is not known")
        return _("this area was searched whole before")

    def _head(self, text: str | Content) -> None:
        self.query_one("#results-head", Static).update(
            text if isinstance(text, Content) else Content(text)
        )

    def _age(self) -> None:
        if self._found is not None and self._found.age(self.app.now()) > timedelta(seconds=20):
            self.table.refresh_cells()
            self._describe()
            self._show_detail(self.table.chosen)

    def _show_detail(self, location_id: str | None) -> None:
        for detail in self.query(LocationDetail):
            found = self._found
            location = self._location(location_id)
            if found is None or location is None:
                detail.show_location(None, self.app.now(), self.app.now(), live=False)
            else:
                at = found.time_of(location.location_id)
                detail.show_location(location, at, self.app.now(), live=found.origin == "live")

    def _location(self, location_id: str | None) -> Location | None:
        return next((one for one in self._shown if one.location_id == location_id), None)

    # -- choosing ------------------------------------------------------------

    @on(PagedTable.Chosen)
    def _chosen(self, event: PagedTable.Chosen) -> None:
        self.show_soon(lambda: self._show_detail(self.table.chosen))

    @on(PagedTable.SortRequested)
    def _sort_requested(self, event: PagedTable.SortRequested) -> None:
        self._sort, self._reverse = cast("SortKey", event.key), event.reverse
        self._show_found(from_top=True)

    @on(PagedTable.RowSelected)
    def _row_selected(self) -> None:
        self.action_details()

    @on(SearchForm.Edited)
    def _edited(self) -> None:
        if self._found is not None:
            self._describe()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A letter typed into the form, where a choice has the focus too, is no command."""
        letters = ("book", "edit", "filter", "refresh")
        focused = self.focused
        in_form = focused is not None and any(
            isinstance(node, SearchForm) for node in focused.ancestors
        )
        return not (in_form and action in letters) and super().check_action(action, parameters)

    @on(SearchForm.FilterChanged)
    def _filter_changed(self, event: SearchForm.FilterChanged) -> None:
        self._reservable, self._operator = event.reservable_only, event.operator
        self._show_found()

    @on(Input.Changed, "#filter")
    def _text_changed(self, event: Input.Changed) -> None:
        self._text = event.value.strip()
        self._show_found()

    @on(Input.Submitted, "#filter")
    def _text_done(self) -> None:
        self.table.focus()

    # -- actions -------------------------------------------------------------

    def action_edit(self) -> None:
        self.query_one(SearchForm).focus_place()

    def action_filter(self) -> None:
        self.query_one(FilterField).open()

    def action_refresh(self) -> None:
        if self._asked is not None:
            self.search(*self._asked)
        else:
            self.query_one(SearchForm).ask()

    def action_back(self) -> None:
        """Escape steps back: from a running search, from the filter, to the table."""
        field = self.query_one(FilterField)
        if self._searching is not None and not self._searching.is_finished:
            self._searching.cancel()
            return
        if field.is_open:
            field.close()
        self.table.focus()

    def action_details(self) -> None:
        """Beside the table where there is room; over it where there is not."""
        location = self._location(self.table.chosen)
        if location is None or self._found is None:
            return
        if self.has_class("-wide"):
            self.query_one(LocationDetail).focus()
            return
        from pm_tui.tui.screens.location import LocationScreen

        at = self._found.time_of(location.location_id)
        self.app.push_screen(
            LocationScreen(location, at, live=self._found.origin == "live"), self._after_details
        )

    def _after_details(self, book: bool | None) -> None:
        if book:
            self.action_book()

    def action_book(self) -> None:
        location = self._location(self.table.chosen)
        if location is None:
            self.app.notify(_("Choose a location first: search, then move to a row."))
            return
        window = (self._query.start, self._query.end) if self._query else (None, None)
        self.app.open_booking_form(location, self._best_evse(location), *window)

    def _best_evse(self, location: Location) -> str | None:
        """The first free charging point with the plug that was asked for."""
        plug = self._query.connector_type if self._query is not None else None
        fitting = [evse for evse in location.evses if plug is None or plug in evse.connector_types]
        free = [evse for evse in fitting if evse.available]
        return next((evse.evse_uid for evse in (*free, *fitting)), None)

    @work(exclusive=True, group="recent", exit_on_error=False)
    async def action_recent(self) -> None:
        from pm_tui.tui.screens.recent import RecentScreen

        session = await self.app.session()
        kept = await session.recent_searches()
        chosen = await self.app.push_screen_wait(RecentScreen(kept, self.app.now()))
        if chosen is not None:
            query = SearchQuery.from_key(chosen.key)
            self.query_one(SearchForm).fill(query, chosen.label)
            self.search(query, chosen.label)
