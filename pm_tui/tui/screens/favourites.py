"""The favourites: chargers and searches, with their notes. Needs no network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Label, OptionList

from pm_tui.i18n import N_, _
from pm_tui.services import favourites
from pm_tui.services.ages import Limits
from pm_tui.services.favourites import Charger, Kept, Search
from pm_tui.tui.key_names import keyed
from pm_tui.tui.screens.base import Dialog
from pm_tui.tui.screens.recent import question
from pm_tui.tui.widgets.location_table import STAR

if TYPE_CHECKING:
    from pm_tui.services.copies import Copy
    from pm_tui.services.session import Session

AGES_EVERY = 30.0  # seconds


class FavouritesScreen(Dialog["Charger | Search | None"]):
    """Gives the one to show or to ask. What is `removed` can be brought back
    here, and in the view when this closes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", N_("Back"), id="dialog.back"),
        Binding("n", "note", N_("Note"), id="favourites.note"),
        Binding("d,delete", "remove", N_("Remove"), key_display="d", id="favourites.remove"),
        Binding("u", "undo", N_("Undo"), id="favourites.undo"),
        Binding("t", "watch_free", N_("Tell when free"), id="favourites.watch"),
        Binding("y", "app.copy", N_("Copy"), id="favourites.copy"),
    ]

    def __init__(self, session: Session, kept: Kept) -> None:
        super().__init__()
        self._session, self._kept = session, kept
        self.removed: list[Charger | Search] = []

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = _("Favourites")
            yield Label(id="favourites-head")
            yield OptionList(id="favourites", markup=False)

    def on_mount(self) -> None:
        self.show_favourites()
        self.set_interval(AGES_EVERY, self.show_favourites)

    # -- showing -------------------------------------------------------------

    @property
    def _all(self) -> list[Charger | Search]:
        return [*self._kept.chargers, *self._kept.searches]

    def show_favourites(self) -> None:
        """Show what is kept; the chosen one stays chosen, or the one that took its place."""
        options = self.query_one(OptionList)
        chosen = options.highlighted
        lines = [self._line(one) for one in self._all]
        shown = [options.get_option_at_index(n).prompt for n in range(options.option_count)]
        if lines != shown:
            options.set_options(lines)
            if lines:
                options.highlighted = min(chosen or 0, len(lines) - 1)
        self.query_one(Label).update(Content(self._head()))

    def _head(self) -> str:
        if self._kept.problem:
            return self._kept.problem
        if not self._all and not self.removed:
            text = _(
                "None yet: choose a row and press {find.star}, or press {find.keep} to keep a "
                "search."
            )
            return keyed(text)
        text = _(
            "Enter shows or asks it, {favourites.note} notes, {favourites.remove} removes, "
            "{favourites.watch} tells when free, {favourites.copy} copies"
        )
        words = [keyed(text)]
        if self.removed:
            words.append(keyed(_("{favourites.undo} brings back what was removed")))
        if self._kept.unread:
            n = self._kept.unread
            words.append(_("{n} not readable").format(n=n))
        return " · ".join(words)

    def _line(self, one: Charger | Search) -> Content:
        if isinstance(one, Charger):
            return charger_line(one, self.app.now(), self.app.limits)
        words = [f"? {one.label or one.id}", *question(one.query)]
        return _with_note(Content(" · ".join(words)), one.note)

    def copies(self) -> Sequence[Copy]:
        from pm_tui.services import copies

        one = self._chosen()
        return copies.of_location(one.location) if isinstance(one, Charger) else ()

    # -- acting --------------------------------------------------------------

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._all[event.option_index])

    def _chosen(self) -> Charger | Search | None:
        index = self.query_one(OptionList).highlighted
        return None if index is None else self._all[index]

    @work(exit_on_error=False)
    async def action_note(self) -> None:
        from pm_tui.tui.screens.note import NoteScreen

        one = self._chosen()
        if one is None:
            return
        note = await self.app.push_screen_wait(NoteScreen(title_of(one), one.note))
        if note is not None:
            await self._change(lambda: favourites.restore(self._session, one, note))

    @work(exit_on_error=False)
    async def action_remove(self) -> None:
        one = self._chosen()
        if one is not None and await self._change(lambda: favourites.remove(self._session, one)):
            self.removed.append(one)
            self.show_favourites()

    @work(exit_on_error=False)
    async def action_undo(self) -> None:
        if not self.removed:
            return
        one = self.removed[-1]
        if await self._change(lambda: favourites.restore(self._session, one)):
            self.removed.pop()
            self.show_favourites()

    def action_watch_free(self) -> None:
        one = self._chosen()
        if isinstance(one, Charger):
            self.app.watch_free(one.location)

    async def _change(self, change: Callable[[], object]) -> bool:
        done = change()
        try:
            await done  # type: ignore[misc]
        except favourites.FavouritesUnavailable as problem:
            self.app.notify(str(problem), severity="error", markup=False, timeout=20)
            return False
        self._kept = await favourites.listed(self._session)
        self.show_favourites()
        return True


def title_of(one: Charger | Search) -> str:
    """What a favourite is called."""
    if isinstance(one, Charger):
        return one.location.name or one.id
    return one.label or one.id


def charger_line(one: Charger, now: datetime, limits: Limits) -> Content:
    """Name, operator and city; below, the note, what was free and when."""
    location = one.location
    words = [f"{STAR} {title_of(one)}"]
    words += [text for text in (location.cpo_name, location.city) if text]
    state = _("never told when")
    if one.seen_at is not None:
        status = limits.look("status", one.seen_at, now)
        free = location.evses_available
        count = f"{'?' if free is None else free}/{len(location.evses)}"
        text = _("was {count} free {ago}") if status.old else _("{count} free, {ago}")
        state = text.format(count=count, ago=status.ago)
    return _with_note(Content(" · ".join(words)), one.note, Content.styled(state, "dim"))


def _with_note(line: Content, note: str, *more: Content) -> Content:
    below = [Content.styled(note, "$text-accent")] if note else []
    below += more
    return Content.assemble(line, "\n  ", Content(" · ").join(below)) if below else line
