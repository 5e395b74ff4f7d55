"""What the find view does with its form as a whole: finds it as it was left, empties it, and keeps
its filters under names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import work
from textual.binding import Binding
from textual.widgets import Input

from pm_tui.i18n import N_, _
from pm_tui.models.query import SearchQuery
from pm_tui.tui.in_turn import opens
from pm_tui.tui.key_names import keyed
from pm_tui.tui.screens.find_watches import WatchesInView
from pm_tui.tui.widgets.filter_field import FilterField
from pm_tui.tui.widgets.search_form import RADIUS, SearchForm

if TYPE_CHECKING:
    from pm_tui.services.search_fields import Fields

# (the leaf names them: help and palette read its bindings)
FORM_KEYS = [
    Binding("P", "profiles", N_("Filter profiles"), show=False, id="find.profiles"),
    Binding(
        "D",
        "drafts",
        N_("Drafts"),
        tooltip=N_("Half-filled bookings"),
        show=False,
        id="find.drafts",
    ),
    Binding("X", "clear_form", N_("Empty the form"), show=False, id="find.clear"),
]
# those of them, and of the view, that a form's choice may take for a letter
FORM_LETTERS = ("profiles", "clear_form", "drafts", "map", "watch_free")


class FiltersInView(WatchesInView):
    if TYPE_CHECKING:

        def search(self, query: SearchQuery, label: str) -> None: ...

    def on_mount(self) -> None:
        if self.app.settings.memory:
            self.call_after_refresh(self._take_up_search)

    # -- the form as it was left ---------------------------------------------

    @property
    def _new_form(self) -> Fields:
        """The form as the program shows it first."""
        from pm_tui.services.search_fields import Fields

        return Fields(radius=RADIUS)

    def form_fields(self) -> Fields:
        """The form and the filter of what is shown."""
        from dataclasses import replace

        fields = self.query_one(SearchForm).fields
        return replace(fields, text=self.query_one(FilterField).value.strip())

    def fill_form(self, fields: Fields) -> None:
        """Let form and filter say `fields`; nothing is asked by that."""
        self.query_one(SearchForm).restore(fields)
        self.query_one(FilterField).put(fields.text)

    @work(group="form", exit_on_error=False)
    async def _take_up_search(self) -> None:
        """The last search stands in the form, and is asked when a person asks it."""
        from pm_tui.services.search_fields import last_search

        fields = await last_search(await self.app.session())
        if fields.place and self.form_fields() == self._new_form:
            self.fill_form(fields)
            place = self.query_one("#place", Input)
            if place.has_focus:
                place.action_select_all()  # who types asks for another one

    def search_asked(self) -> None:
        """A search is on its way: the form is as the next window finds it."""
        if self.app.settings.memory:
            self._keep_search(self.query_one(SearchForm).fields)

    @work(group="form", exit_on_error=False)
    async def _keep_search(self, fields: Fields) -> None:
        from pm_tui.services.search_fields import keep_search

        await keep_search(await self.app.session(), fields)

    # -- actions -------------------------------------------------------------

    def action_clear_form(self) -> None:
        """As it was when the program was new; undone by U."""
        before = self.form_fields()
        if before == self._new_form:
            return
        self.fill_form(self._new_form)
        self.query_one(SearchForm).focus_place()
        self.app.undoable(_("the search form as it was"), lambda: self.fill_form(before))
        # (in a field the undoing key is a letter)
        text = _("The form is empty: type a place. Esc, then {app.undo} brings it back.")
        self.app.notify(keyed(text), markup=False)

    def action_drafts(self) -> None:
        self.app.list_drafts()

    @work(group="profiles", exclusive=True, exit_on_error=False)
    @opens
    async def action_profiles(self) -> None:
        """Filters kept under names: the chosen one goes into the form, with the place as it is."""
        from dataclasses import replace

        from pm_tui.services import filter_profiles
        from pm_tui.tui.screens.profiles import ProfilesScreen

        session = await self.app.session()
        before = self.form_fields()
        known = await filter_profiles.listed(session)
        screen = ProfilesScreen(session, known, before)
        chosen = await self.app.push_screen_wait(screen)
        for profile, place in screen.gone:
            text = _("the filter profile “{name}”").format(name=profile.name)
            self.app.undoable(
                text,
                lambda one=profile, at=place: filter_profiles.keep(session, one, at),  # type: ignore[misc]
            )
        if chosen is None:
            return
        wanted = chosen.fields.ahead(self.app.now())
        self.fill_form(replace(wanted, place=before.place))
        self.app.undoable(_("the filters as they were"), lambda: self.fill_form(before))
        text = keyed(_("Enter searches with it; {app.undo} brings back what was there."))
        if wanted != chosen.fields:
            text = _("Its time window is over and was left out.") + " " + text
        self.app.notify(text, title=chosen.name, markup=False)
        self.query_one(SearchForm).focus_place()

    @work(exclusive=True, group="recent", exit_on_error=False)
    @opens
    async def action_recent(self) -> None:
        from pm_tui.tui.screens.recent import RecentScreen

        session = await self.app.session()
        kept = await session.recent_searches()
        chosen = await self.app.push_screen_wait(RecentScreen(kept, self.app.now()))
        if chosen is not None:
            query = SearchQuery.from_key(chosen.key)
            self.query_one(SearchForm).fill(query, chosen.label)
            self.search(query, chosen.label)
