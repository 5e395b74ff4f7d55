"""What is watched until it is free, and what has become free."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Label, OptionList

from pm_tui.i18n import N_, _
from pm_tui.tui.key_names import keyed
from pm_tui.tui.screens.base import Dialog
from pm_tui.tui.widgets.free_text import lines, when_text
from pm_tui.tui.widgets.key_bar import KeyBar

if TYPE_CHECKING:
    from pm_tui.services.copies import Copy
    from pm_tui.services.free import FreeWatcher
    from pm_tui.services.free_plan import Watch


class WatchedScreen(Dialog["Watch | None"]):
    """Gives the one to book. `show_watches` when something is another."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", N_("Back"), id="dialog.back"),
        Binding("b", "book", N_("Book"), id="watched.book"),
        Binding("d,delete", "stop", N_("Stop watching"), key_display="d", id="watched.stop"),
        Binding("y", "app.copy", N_("Copy"), id="watched.copy"),
    ]

    def __init__(self, watcher: FreeWatcher) -> None:
        super().__init__()
        self._watcher = watcher

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = _("Watched until free")
            yield Label(id="watched-head")
            yield OptionList(id="watched", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        self.show_watches()

    def show_watches(self) -> None:
        """The chosen one stays chosen, or the one that took its place."""
        options = self.query_one(OptionList)
        chosen = options.highlighted
        now, zone = self.app.now(), self.app.settings.timezone
        options.set_options([lines(watch, now, zone) for watch in self._watcher.watches])
        if options.option_count:
            options.highlighted = min(chosen or 0, options.option_count - 1)
        head = keyed(_("Nothing: choose a charger in a list and press {find.watch}."))
        if self._watcher.watches:
            head = keyed(_("Enter books, {watched.stop} stops watching or puts away"))
        if self._watcher.waiting:
            head = f"{when_text(self._watcher.look, now, zone)} · {head}"
        self.query_one(Label).update(Content(head))

    def _chosen(self) -> Watch | None:
        index = self.query_one(OptionList).highlighted
        return None if index is None else self._watcher.watches[index]

    def copies(self) -> Sequence[Copy]:
        from pm_tui.services import copies

        watch = self._chosen()
        return () if watch is None else copies.of_location(watch.location)

    @on(OptionList.OptionSelected)
    def action_book(self) -> None:
        if (watch := self._chosen()) is not None:
            self.dismiss(watch)

    def action_stop(self) -> None:
        if (watch := self._chosen()) is not None:
            self._watcher.stop(watch.id)
