"""What the find view does with chargers that are watched until they are free: begin, and mark."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from textual.binding import ActiveBinding

from pm_tui.tui.screens.find_favourites import FavouritesInView

if TYPE_CHECKING:
    from pm_tui.models.charger import Location


class WatchesInView(FavouritesInView):
    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        """Where there is room the line of keys names these as well: the mouse finds them there, and
        watching in a narrow terminal below the details."""
        found = super().active_bindings
        if not self.has_class("-wide"):
            return found
        return {
            key: active._replace(binding=replace(active.binding, show=True))
            if active.binding.id in ("find.watch", "find.recent")
            else active
            for key, active in found.items()
        }

    def mark_of(self, location_id: str) -> str:
        """What stands before the name of a location that is watched, or has become free."""
        watch = self.app.watch_of(location_id)
        if watch is None:
            return ""
        from pm_tui.tui.widgets.free_text import row_mark

        return row_mark(watch, self.app.now(), self.app.settings.timezone)

    def show_watched(self) -> None:
        super().show_watched()
        self.notes_changed()

    def action_watch_free(self) -> None:
        """Watch the chosen charger until it is free."""
        if chosen := self._chosen_or_say():
            self.watch_location(chosen[0])

    def watch_location(self, location: Location) -> None:
        """As was searched for: with this plug and power."""
        asked = self.asked_search()
        query = None if asked is None else asked[0]
        plug, power = (query.connector_type, query.power_min_kw) if query else (None, None)
        self.app.watch_free(location, plug, power)
