"""Find: the question above, the answers below, the chosen one beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static
from textual.worker import Worker, WorkerState

from pm_tui.i18n import N_, _
from pm_tui.models.query import SearchQuery
from pm_tui.tui.screens import find_head
from pm_tui.tui.screens.find_filters import FORM_KEYS, FORM_LETTERS, FiltersInView
from pm_tui.tui.screens.find_map import MapInView
from pm_tui.tui.widgets import location_table
from pm_tui.tui.widgets.charger_text import best_evse
from pm_tui.tui.widgets.filter_field import FilterField
from pm_tui.tui.widgets.location_detail import Known, LocationDetail
from pm_tui.tui.widgets.paged_table import Cells, PagedTable
from pm_tui.tui.widgets.search_form import SearchForm

if TYPE_CHECKING:
    from pm_tui.models.charger import Location
    from pm_tui.services.favourites import Charger, Search
    from pm_tui.services.filters import SortKey
    from pm_tui.services.find import Found

PATIENCE = 0.2  # seconds a wait may last before it must show itself
AGAIN = timedelta(seconds=2)  # the same question is not asked more often
NEVER = datetime.max.replace(tzinfo=UTC)  # no time to believe: nobody knows when
YOUNG = timedelta(seconds=20)  # nothing looks older yet
AGES_EVERY = 30.0  # seconds between two looks at how old the rows have become
# actions on a key that a form's choice may take for a letter
LETTERS = ("book", "edit", "filter", "refresh", "star", "note", "keep_search", "favourites")


class FindView(FiltersInView, MapInView):
    NAME = "find"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("b", "book", N_("Book"), id="find.book"),
        Binding("f", "edit", N_("Search"), id="find.edit"),
        Binding("ctrl+r", "recent", N_("Recent"), show=False, id="find.recent"),
        Binding("slash", "filter", N_("Filter"), id="find.filter", key_display="/"),
        Binding("m", "map", N_("Map"), id="find.map"),
        Binding("enter", "details", N_("Details"), show=False, id="find.details"),
        Binding("r", "refresh", N_("Refresh"), id="find.refresh"),
        Binding("asterisk", "star", N_("Favourite"), show=False, id="find.star", key_display="*"),
        Binding("t", "watch_free", N_("Tell when free"), show=False, id="find.watch"),
        Binding("n", "note", N_("Note"), show=False, id="find.note"),
        Binding(
            "plus", "keep_search", N_("Keep search"), show=False, id="find.keep", key_display="+"
        ),
        Binding("v,f4", "favourites", N_("Favourites"), show=False, id="find.favourites"),
        *FORM_KEYS,
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
        self._label = self._news = ""  # the news: why the last question has no answer
        self._found: Found | None = None
        self._shown: Sequence[Location] = ()
        self._rows: dict[str, int] = {}
        sort = self.app.kept_sort("locations", location_table.COLUMNS, "distance")
        self._sort, self._reverse = cast("SortKey", sort[0]), sort[1]
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
        self._head(find_head.start())
        self.query_one(SearchForm).focus_place()
        self._show_detail(None)
        self._searching_clock = self.set_interval(0.5, self._show_waiting, pause=True)
        self.set_interval(AGES_EVERY, self._age)
        self.call_after_refresh(self.read_favourites)

    def _cells(self, row: int) -> Cells:
        location = self._shown[row]
        at = self._asked_at
        if self._found is not None:
            at = self._found.time_of(location.location_id)
        starred = location.location_id in self.notes
        now, limits = self.app.now(), self.app.limits
        mark = self.mark_of(location.location_id)
        return location_table.cells(location, at, now, limits, starred=starred, mark=mark)

    @property
    def table(self) -> PagedTable[int]:
        return self.query_one("#locations", PagedTable)

    # -- asking --------------------------------------------------------------

    @on(SearchForm.SearchRequested)
    def _ask(self, event: SearchForm.SearchRequested) -> None:
        self.search(event.query, event.label)

    @on(SearchForm.Refused)
    def _refused(self, event: SearchForm.Refused) -> None:
        self._describe(event.text)

    def search(self, query: SearchQuery, label: str, *, again: bool = False) -> None:
        """Ask; what is on screen stays until an answer is here: a remembered one at once where
        there is a young one (unless `again`), the live one when it comes. The same question is
        not sent again while its answer is under way, nor by a held key right after it."""
        running = self._searching is not None and not self._searching.is_finished
        age = self.app.now() - self._asked_at
        if query == self._asking and (running or age < AGAIN):
            return
        self._asking, self._asked, self._news = query, (query, label), ""
        self.search_asked()
        self._typed_at = self._typing()
        self._asked_at = self.app.now()
        self._searching = self._search(query, label, again)
        self.set_timer(PATIENCE, self._show_waiting)
        self._searching_clock.resume()

    @work(exclusive=True, group="search", exit_on_error=False)
    async def _search(self, query: SearchQuery, label: str, again: bool) -> None:
        session = await self.app.session()
        found_ones = session.answers(query, label=label, again=again, may_ask=self.app.may_search)
        async for found in found_ones:
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
            self._settle_for_memory()
            self._describe(_("Search cancelled."))
        elif event.state is WorkerState.ERROR and isinstance(event.worker.error, Exception):
            self.post_message(self.Failed(event.worker.error))

    def _show_waiting(self) -> None:
        if self._searching is not None and not self._searching.is_finished:
            waited = (self.app.now() - self._asked_at).total_seconds()
            self._describe(_("Searching… {s:.0f} s — Esc cancels").format(s=waited))

    def _settle_for_memory(self) -> None:
        """The live answer does not come: the remembered one is all there is."""
        if self._found is not None and self._found.course == "asking":
            self._found = replace(self._found, course="kept")

    @on(Answered)
    def _answered(self, event: Answered) -> None:
        another = event.query != self._query
        self._query, self._label, self._found = event.query, event.label, event.found
        self._news = ""
        self._show_found(from_top=another)
        if self._typed_at == self._typing():  # else the person is at something else by now
            self.table.focus()

    def _typing(self) -> tuple[object, ...]:
        """Where the keys go, and what they have left there."""
        return (self.focused, *(field.value for field in self.query(Input)))

    @on(Failed)
    def _failed(self, event: Failed) -> None:
        self._settle_for_memory()
        text, asked = self.app.explain(event.problem), self._asked
        if self._found is not None and asked is not None and asked[0] != self._query:
            text = f"{asked[1]}: {text}"  # not what is still shown
        self._news = text
        self._describe()

    # -- showing -------------------------------------------------------------

    def _show_found(self, *, from_top: bool = False) -> None:
        """Filter and sort what was found, and show it."""
        from pm_tui.services.filters import Filters, arranged
        from pm_tui.services.recalled import ids_of

        found = self._found
        if found is None:
            return
        filters = Filters(self._reservable, self._operator, self._text)
        self._shown = arranged(
            found.value.locations, filters, self._sort, self._reverse, found.time_of
        )
        self._rows = {key: row for row, key in enumerate(ids_of(self._shown))}
        self.table.mark_sort(self._sort, self._reverse)
        self.table.show(list(self._rows.items()), from_top=from_top)
        self._describe()
        self._show_detail(self.table.chosen)

    def _describe(self, news: str = "") -> None:
        """Two lines above the table: how many, from where and how old; and what to mind."""
        found, query, now, news = self._found, self._query, self.app.now(), news or self._news
        facts, warnings = [], [Content.styled(news, "$text-warning")] if news else []
        lacking: list[Content] = []
        if self._found is not None and self.query_one(SearchForm).is_edited:
            text = _("the form was changed: Enter searches")
            warnings.append(Content.styled(text, "bold $text-accent"))
        if found is not None and query is not None:
            facts = [find_head.origin(found, now, self.app.origin_text(found))]
            facts += find_head.facts(found, query, self._label, now)
            if not self._news:  # else it is about another list
                lacking = list(find_head.warnings(found, query, len(self._shown)))
        between = Content(" · ")
        self._head(Content("\n").join([between.join(facts), between.join(warnings + lacking)]))
        # what is to be minded is read to its end; what is edited is no reason to move the table
        self.query_one("#results-head").set_class(bool(news or lacking), "-minded")

    def _head(self, text: str | Content) -> None:
        self.query_one("#results-head", Static).update(
            text if isinstance(text, Content) else Content(text)
        )

    def _age(self) -> None:
        # (a clock that was set back is a reason as well)
        if self._found is not None and abs(self.app.now() - self._found.fetched_at) > YOUNG:
            self.table.refresh_cells()
            self._describe()
            self._show_detail(self.table.chosen)

    def _show_detail(self, location_id: str | None) -> None:
        self.show_on_map(location_id)
        known = self._known(location_id)
        for detail in self.query(LocationDetail):
            if known is None:
                detail.show_nothing()
            else:
                detail.show_location(known, self.app.now(), self.app.limits)

    def _location(self, location_id: str | None) -> Location | None:
        row = self._rows.get(location_id or "")
        return None if row is None else self._shown[row]

    def _known(self, location_id: str | None) -> Known | None:
        location, found = self._location(location_id), self._found
        if location is None or found is None:
            return None
        at, note = found.time_of(location.location_id), self.notes.get(location.location_id)
        live, query = found.origin == "live", self._query
        if query is None or not query.is_way:
            return Known(location, at, live, note)
        passed_at = query.window_at(location.distance_km)[0]
        return Known(location, at, live, note, along=True, passed_at=passed_at)

    # -- favourites ----------------------------------------------------------

    def chosen_charger(self) -> tuple[Location, datetime] | None:
        known = self._known(self.table.chosen)
        return None if known is None else (known.location, known.fetched_at)

    def asked_search(self) -> tuple[SearchQuery, str] | None:
        return None if self._query is None else (self._query, self._label)

    def notes_changed(self) -> None:
        if self._found is not None:
            self.table.refresh_cells()
            self._show_detail(self.table.chosen)

    def show_charger(self, charger: Charger) -> None:
        known = Known(charger.location, charger.seen_at or NEVER, live=False, note=charger.note)
        self._open_details(known)

    def run_search(self, search: Search) -> None:
        self.query_one(SearchForm).fill(search.query, search.label)
        self.search(search.query, search.label)

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
        focused = self.focused
        in_form = focused is not None and any(
            isinstance(node, SearchForm) for node in focused.ancestors
        )
        return not (in_form and action in (*LETTERS, *FORM_LETTERS)) and super().check_action(
            action, parameters
        )

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
            self.search(*self._asked, again=True)
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
        known = self._known(self.table.chosen)
        if known is None:
            return
        if (detail := self.query_one(LocationDetail)).display:
            detail.focus()
        else:
            self._open_details(known)

    @work(exclusive=True, group="details", exit_on_error=False)
    async def _open_details(self, known: Known) -> None:
        """Over the whole screen; booked from there is what is shown there."""
        from pm_tui.tui.screens.location import LocationScreen

        chosen = await self.app.push_screen_wait(LocationScreen(known))
        if chosen == "book":
            self._book(known.location, known.fetched_at)
        elif chosen == "watch":
            self.watch_location(known.location)

    def action_book(self) -> None:
        known = self._known(self.table.chosen)
        if known is None:
            self.app.notify(_("Choose a location first: search, then move to a row."))
        else:
            self._book(known.location, known.fetched_at)

    def _book(self, location: Location, seen_at: datetime) -> None:
        window = self._query.window_at(location.distance_km) if self._query else (None, None)
        plug = self._query.connector_type if self._query is not None else None
        evse_uid = best_evse(location, plug)
        self.app.open_booking_form(location, evse_uid, *window, seen_at=seen_at)
