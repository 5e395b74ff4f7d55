"""What the find view does with its map: open it, fill it with the rows, follow the chosen one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from math import cos, radians
from typing import TYPE_CHECKING

from textual import on, work
from textual.events import DescendantFocus
from textual.message import Message

from pm_tui.i18n import _, ngettext
from pm_tui.models.route import RouteQuery
from pm_tui.tui.screens.find_watches import WatchesInView
from pm_tui.tui.widgets.search_form import SearchForm

if TYPE_CHECKING:
    from pm_tui.models.charger import Location
    from pm_tui.models.query import SearchQuery
    from pm_tui.services.ages import Limits
    from pm_tui.services.find import Found
    from pm_tui.services.places import Gazetteer
    from pm_tui.tui.map.marks import Mark
    from pm_tui.tui.map.picture import Scene, Town
    from pm_tui.tui.map.plane import Plane
    from pm_tui.tui.widgets.map_pane import MapPane
    from pm_tui.tui.widgets.paged_table import PagedTable

SHOWN = "map"  # the name under which it is remembered
HIGH = 24  # lines of results from which there is room for the details above the map
SHORT = 20  # lines of the terminal under which the map has the room of the form, until that is used
AGAIN = timedelta(seconds=25)  # after so long what is free may have become too old to say so
AROUND_KM = 100  # towns are named so far beyond what was searched
PIECES = 16  # straight ones that a leg is drawn with
DEGREE_KM = 111.0


class MapInView(WatchesInView):
    """Mixed into the find view. The map shows the rows that the table shows, as old as they are."""

    if TYPE_CHECKING:
        _found: Found | None
        _query: SearchQuery | None
        _shown: Sequence[Location]

        @property
        def table(self) -> PagedTable[int]: ...

        def action_details(self) -> None: ...

    class Mapped(Message):
        """The rows have been put on a plane."""

        def __init__(self, scene: Scene, unplaced: int, rows: Sequence[Location]) -> None:
            super().__init__()
            self.scene, self.unplaced, self.rows = scene, unplaced, rows

    _map: MapPane | None = None  # made when it is first asked for
    _map_rows: Sequence[Location] | None = None  # what is on it, or on its way there
    _map_query: SearchQuery | None = None
    _map_at: datetime | None = None

    # -- opening -------------------------------------------------------------

    async def action_map(self) -> None:
        """Show the map or put it away; it stays so."""
        if self._map is None:
            from pm_tui.tui.widgets.map_pane import MapPane

            self._map = MapPane(id="map", ascii=self.app.settings.ascii)
            self.set_class(True, "-map")
            self._mind_the_height()
            await self.query_one("#results").mount(self._map)
        else:
            had_focus = self.focused is self._map
            self.set_class(not self.has_class("-map"), "-map")
            self._mind_the_form()
            if had_focus:
                self.table.focus()
        self.app.remember(SHOWN, self.has_class("-map") or None)
        self._map_rows = None
        self.show_on_map(self.table.chosen)

    def on_resize(self) -> None:  # (Textual calls the one of the base class as well)
        self.call_after_refresh(self._mind_the_height)

    def _mind_the_height(self) -> None:
        """Where it is low the map takes the place of the details."""
        if self._map is not None:
            results = self.query_one("#results")
            self.set_class(results.size.height < HIGH, "-low")
            self._mind_the_form()

    @on(DescendantFocus)
    def _mind_the_form(self) -> None:
        """Where it is lower still that of the form. (`:focus-within` would style all of the form
        anew for each key that moves in it.)"""
        if self._map is None:
            return
        form = self.query_one(SearchForm)
        used = self.focused is not None and form in self.focused.ancestors
        short = self.has_class("-map") and self.app.size.height < SHORT
        form.display = used or not short

    # -- filling -------------------------------------------------------------

    def show_on_map(self, location_id: str | None) -> None:
        """The rows, or the chosen one, or how old they are, may be others."""
        if self._map is None and self._found is not None and self.app.recall(SHOWN, bool, False):
            self.call_later(self.action_map)  # as it was left, with the first rows
        if self._map is None or not self.has_class("-map"):
            return
        now = self.app.now()
        if self._found is None or self._query is None:
            self._show_empty(_("Nothing was searched yet: type a place above and press Enter."))
        elif self._map_rows is not self._shown or now - (self._map_at or now) > AGAIN:
            self._map_rows, self._map_at = self._shown, now
            self._fill_map(self._found, self._query, self._shown)
        else:
            self._map.follow(location_id)

    def _show_empty(self, message: str) -> None:
        from pm_tui.tui.map.picture import Scene

        if self._map is not None:
            self._map.show(Scene(), None, message=message, anew=True)

    @work(exclusive=True, group="map", exit_on_error=False)
    async def _fill_map(self, found: Found, query: SearchQuery, rows: Sequence[Location]) -> None:
        # in a thread: thousands of rows and places take longer than a frame
        now, limits, gazetteer = self.app.now(), self.app.limits, self.app.gazetteer
        scene, unplaced = await asyncio.to_thread(
            scene_of, found, query, rows, limits, now, gazetteer
        )
        self.post_message(self.Mapped(scene, unplaced, rows))

    @on(Mapped)
    def _mapped(self, event: Mapped) -> None:
        if self._map is None or event.rows is not self._shown or self._found is None:
            return
        message = ""
        if not self._shown:
            hidden = len(self._found.value.locations)
            message = _("All are hidden by the filters.") if hidden else _("Nothing found here.")
        anew, self._map_query = self._query != self._map_query, self._query
        self._map.show(event.scene, self.table.chosen, message=message, anew=anew)
        n = event.unplaced
        text = ngettext("{n} without a position", "{n} without a position", n).format(n=n)
        self._map.border_subtitle = text if n else ""

    # -- choosing ------------------------------------------------------------

    def on_map_pane_picked(self, event: MapPane.Picked) -> None:
        """The table goes along, and the rest follows from that."""
        self.table.choose(event.key)
        if self._map is not None:
            self._map.follow(event.key)
        if event.again:
            self.action_details()


def scene_of(
    found: Found,
    query: SearchQuery,
    rows: Sequence[Location],
    limits: Limits,
    now: datetime,
    gazetteer: Gazetteer | None,
) -> tuple[Scene, int]:
    """The rows on a plane around the point that was asked about, and how many have no position."""
    from pm_tui.tui.map.marks import Marks
    from pm_tui.tui.map.picture import Scene
    from pm_tui.tui.map.plane import Plane

    plane = Plane(*_middle(query))
    marks = list(_marks(plane, found, rows, limits, now))
    scene = Scene(plane, Marks(marks))
    reach = query.radius_km
    if isinstance(query, RouteQuery):
        _lay_way(scene, query)
        reach = max(abs(at) for leg in scene.legs for at in leg[:2])
    else:
        if len(found.value.locations) >= query.limit and found.reach_km is not None:
            reach = found.reach_km  # beyond it there are more that were not told
        scene.middle, scene.edge_km = (0.0, 0.0), reach
    named = {stop.name for stop in scene.stops}
    towns = _towns(plane, reach + AROUND_KM, gazetteer)
    scene.towns = [town for town in towns if town.name not in named]
    return scene, len(rows) - len(marks)


def _middle(query: SearchQuery) -> tuple[float, float]:
    """The point around which the plane is: of a way halfway between its outermost stops."""
    stops = query.stops if isinstance(query, RouteQuery) else ()
    if not stops:
        return query.latitude, query.longitude
    latitudes = [stop.latitude for stop in stops]
    longitudes = [stop.longitude for stop in stops]
    return (min(latitudes) + max(latitudes)) / 2, (min(longitudes) + max(longitudes)) / 2


def _lay_way(scene: Scene, query: RouteQuery) -> None:
    """The legs, which are no straight lines on every plane, and their stops."""
    from pm_tui.services.corridor import way_of
    from pm_tui.tui.map.picture import Town

    legs: list[tuple[float, float, float]] = []
    for leg in way_of(query).legs:
        for n in range(PIECES + 1):
            km = leg.length_km * n / PIECES
            legs.append((*scene.plane.km(*leg.at(km)), leg.begins_km + km))
    scene.legs = legs
    scene.stops = [
        Town(stop.label, *scene.plane.km(stop.latitude, stop.longitude)) for stop in query.stops
    ]


def _marks(
    plane: Plane, found: Found, rows: Sequence[Location], limits: Limits, now: datetime
) -> Iterable[Mark]:
    from pm_tui.tui.map.marks import Mark, power_class, state_of

    for row in rows:
        if row.latitude is None or row.longitude is None:
            continue
        old = limits.look("status", found.time_of(row.location_id), now).old
        power = power_class(row.max_power_kw)
        state = state_of(row.evses_available, old=old)
        yield Mark(row.location_id, *plane.km(row.latitude, row.longitude), power, state)


def _towns(plane: Plane, reach_km: float, gazetteer: Gazetteer | None) -> Iterable[Town]:
    from pm_tui.tui.map.picture import Town

    if gazetteer is None:
        return
    high = reach_km / DEGREE_KM
    wide = high / max(cos(radians(plane.latitude)), 0.1)
    box = (plane.latitude - high, plane.latitude + high)
    for place in gazetteer.within(*box, plane.longitude - wide, plane.longitude + wide):
        yield Town(place.name, *plane.km(place.latitude, place.longitude))
