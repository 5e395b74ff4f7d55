"""What the find view does with favourites: mark, note, keep a search, list, fetch and save."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from textual import work
from textual.app import SystemCommand

from pm_tui.i18n import _
from pm_tui.models.text import visible_id
from pm_tui.tui.in_turn import opens
from pm_tui.tui.key_names import keyed
from pm_tui.tui.screens.base import View

if TYPE_CHECKING:
    from datetime import datetime

    from pm_tui.models.charger import Location
    from pm_tui.models.query import SearchQuery
    from pm_tui.services.copies import Copy
    from pm_tui.services.favourites import Charger, Kept, Search
    from pm_tui.services.session import Session


class FavouritesInView(View):
    """`notes` are the notes of the favourite chargers, by location id; empty ones count."""

    def __init__(self) -> None:
        super().__init__()
        self.notes: Mapping[str, str] = {}

    # -- what the view has to tell -------------------------------------------

    def chosen_charger(self) -> tuple[Location, datetime] | None:
        """The chosen location and when it was fetched."""
        raise NotImplementedError

    def asked_search(self) -> tuple[SearchQuery, str] | None:
        """The search on screen and its label."""
        raise NotImplementedError

    def notes_changed(self) -> None:
        """`notes` is another."""
        raise NotImplementedError

    def show_charger(self, charger: Charger) -> None:
        """Show a favourite charger."""
        raise NotImplementedError

    def run_search(self, search: Search) -> None:
        """Ask a favourite search."""
        raise NotImplementedError

    def copies(self) -> Sequence[Copy]:
        from pm_tui.services import copies  # not before the first paint

        chosen = self.chosen_charger()
        return () if chosen is None else copies.of_location(chosen[0])

    # -- reading and writing -------------------------------------------------

    @work(group="favourites", exit_on_error=False)
    async def read_favourites(self) -> None:
        """Read the notes anew, and mark the rows."""
        session = await self.app.session()
        from pm_tui.services import favourites  # by now what it needs is imported

        self._take(await favourites.listed(session))

    def _take(self, kept: Kept) -> None:
        self.notes = kept.notes
        self.notes_changed()

    async def _write(self, change: Callable[[Session], Coroutine[Any, Any, None]]) -> bool:
        """Change something, and tell why where it cannot be; whether it was."""
        from pm_tui.services import favourites

        session = await self.app.session()
        try:
            await change(session)
        except favourites.FavouritesUnavailable as problem:
            self.app.notify(str(problem), severity="error", markup=False, timeout=20)
            return False
        self._take(await favourites.listed(session))
        return True

    def _chosen_or_say(self) -> tuple[Location, datetime] | None:
        chosen = self.chosen_charger()
        if chosen is None:
            self.app.notify(_("Choose a location first: search, then move to a row."))
        return chosen

    # -- actions -------------------------------------------------------------

    @work(group="favourites", exit_on_error=False)
    async def action_star(self) -> None:
        """Keep the chosen charger, or forget it again: U brings it back with its note."""
        from pm_tui.services import favourites

        chosen = self._chosen_or_say()
        if chosen is None:
            return
        location, seen_at = chosen
        name = location.name or visible_id(location.location_id)
        if location.location_id not in self.notes:
            if await self._write(lambda one: favourites.add_charger(one, location, seen_at)):
                text = _(
                    "Kept as a favourite; {find.note} writes a note, {find.favourites} lists them "
                    "all."
                )
                self.app.notify(keyed(text), title=name, markup=False)
            return
        kept = await favourites.listed(await self.app.session())
        for charger in kept.chargers:
            if charger.id == location.location_id and await self._forget(charger):
                text = keyed(_("No favourite any more; {app.undo} brings it back as it was."))
                self.app.notify(text, title=name, markup=False)

    async def _forget(self, charger: Charger) -> bool:
        """A note took somebody's time: without one nothing is asked."""
        from pm_tui.services import favourites
        from pm_tui.tui.screens.note import ForgetScreen

        if charger.note:
            name = charger.location.name or charger.id
            if not await self.app.push_screen_wait(ForgetScreen(name, charger.note)):
                return False
        done = await self._write(lambda session: favourites.remove(session, charger))
        if done:
            self._may_come_back(charger)
        return done

    def _may_come_back(self, one: Charger | Search) -> None:
        """A favourite that was removed, which U keeps again."""
        from pm_tui.services import favourites
        from pm_tui.tui.screens.favourites import title_of

        text = _("the favourite “{name}”").format(name=title_of(one))
        self.app.undoable(
            text, lambda: self._write(lambda session: favourites.restore(session, one))
        )

    @work(group="favourites", exclusive=True, exit_on_error=False)
    @opens
    async def action_note(self) -> None:
        """Write a note on the chosen charger, which makes it a favourite."""
        from pm_tui.services import favourites
        from pm_tui.tui.screens.note import NoteScreen

        chosen = self._chosen_or_say()
        if chosen is None:
            return
        location, seen_at = chosen
        name = location.name or visible_id(location.location_id)
        note = await self.app.push_screen_wait(
            NoteScreen(name, self.notes.get(location.location_id, ""))
        )
        if note is not None:
            await self._write(lambda one: favourites.add_charger(one, location, seen_at, note))

    @work(group="favourites", exclusive=True, exit_on_error=False)
    @opens
    async def action_keep_search(self) -> None:
        """Keep the search on screen, with a note."""
        from pm_tui.services import favourites
        from pm_tui.tui.screens.note import NoteScreen

        asked = self.asked_search()
        if asked is None:
            self.app.notify(_("Search first: then the search can be kept."))
            return
        query, label = asked
        kept = await favourites.listed(await self.app.session())
        note = next((one.note for one in kept.searches if one.id == query.key()), "")
        written = await self.app.push_screen_wait(NoteScreen(label or query.key(), note))
        if written is not None and await self._write(
            lambda session: favourites.add_search(session, query, label, written)
        ):
            text = keyed(_("Search kept; {find.favourites} lists the favourites."))
            self.app.notify(text, title=label, markup=False)

    @work(group="favourites", exclusive=True, exit_on_error=False)
    @opens
    async def action_favourites(self) -> None:
        """List them all, to show or to ask one."""
        from pm_tui.services import favourites
        from pm_tui.services.favourites import Charger
        from pm_tui.tui.screens.favourites import FavouritesScreen

        session = await self.app.session()
        kept = await favourites.listed(session)
        screen = FavouritesScreen(session, kept)
        chosen = await self.app.push_screen_wait(screen)
        for one in screen.removed:
            self._may_come_back(one)
        self._take(await favourites.listed(session))
        if isinstance(chosen, Charger):
            self.show_charger(chosen)
        elif chosen is not None:
            self.run_search(chosen)

    # -- files ---------------------------------------------------------------

    def commands(self) -> Iterable[SystemCommand]:
        yield from super().commands()
        yield SystemCommand(
            _("Export favourites"), _("to a plain file (JSON)"), self._export_favourites
        )
        yield SystemCommand(
            _("Import favourites"), _("from such a file; nothing is lost"), self._import_favourites
        )

    @work(group="favourites", exclusive=True, exit_on_error=False)
    async def _export_favourites(self) -> None:
        await self._with_file(_("Export favourites to"), "export")

    @work(group="favourites", exclusive=True, exit_on_error=False)
    async def _import_favourites(self) -> None:
        await self._with_file(_("Import favourites from"), "import")

    async def _with_file(self, title: str, what: str) -> None:
        from pathlib import Path

        from pm_tui.services import favourites_file
        from pm_tui.services.favourites import FavouritesUnavailable
        from pm_tui.tui.screens.note import NoteScreen

        given = await self.app.push_screen_wait(NoteScreen(title, "favourites.json"))
        if not given:
            return
        session = await self.app.session()
        path = Path(given).expanduser()
        try:
            if what == "export":
                text = favourites_file.exported_words(await favourites_file.export(session, path))
            else:
                text = favourites_file.merged_words(await favourites_file.merge(session, path))
                self.read_favourites()
        except (OSError, ValueError, FavouritesUnavailable) as problem:
            text = getattr(problem, "strerror", None) or str(problem)
            self.app.notify(text, title=str(path), severity="error", markup=False, timeout=20)
        else:
            self.app.notify(text, title=str(path), markup=False)
