"""How the full screen was left, and how it is found again: the view, the order of each table, the
theme, and any value that a part of the screen has a name for."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from textual import on
from textual.app import App
from textual.timer import Timer

from pm_tui.services.habits import Habits
from pm_tui.tui.widgets.paged_table import Column, PagedTable

if TYPE_CHECKING:
    from pm_tui.config import Settings

T = TypeVar("T")

SAVED_AFTER = 1.0  # seconds: a key held in a table must not write a file for each step
VIEW, THEME = "view", "theme"
NOT_REOPENED = frozenset({"batch"})  # a table is not read again by itself


class MemoryActions(App[None]):
    """Mixed into the application. With `[memory] on = false` it forgets at the end."""

    _saving: Timer | None = None

    def take_up(self, settings: Settings) -> None:
        """Read how it was left: before Textual sets up, which wants to know the first view."""
        self.habits = Habits(settings.state_dir if settings.memory else None)
        view = self.recall(VIEW, str, self.DEFAULT_MODE)
        if view in self.MODES and view not in NOT_REOPENED:
            vars(self)["DEFAULT_MODE"] = view  # of this application alone

    def on_mount(self) -> None:
        self.watch(self, "theme", self._theme_chosen, init=False)
        self.mode_change_signal.subscribe(self, self._view_changed)
        self._tell_notices()

    async def on_unmount(self) -> None:
        await asyncio.to_thread(self.habits.save)

    # -- named values --------------------------------------------------------

    def recall(self, name: str, kind: type[T], default: T) -> T:
        """What was kept under `name`, if it is of `kind`; `default` where nothing was."""
        return self.habits.recall(name, kind, default)

    def remember(self, name: str, value: Any) -> None:
        """Keep a value that JSON can hold (None forgets it); it is written soon, or at the end."""
        if self.habits.remember(name, value) and self._saving is None:
            self._saving = self.set_timer(SAVED_AFTER, self._save)

    async def _save(self) -> None:
        self._saving = None
        await asyncio.to_thread(self.habits.save)
        self._tell_notices()

    def _tell_notices(self) -> None:
        told, self.habits.notices = self.habits.notices, []
        for notice in told:
            self.notify(notice, severity="warning", markup=False, timeout=15)

    # -- what is kept without being asked ------------------------------------

    def kept_theme(self) -> str | None:
        """The theme that was chosen last, if there still is one of that name."""
        theme = self.recall(THEME, str, "")
        return theme if theme in self.available_themes else None

    def _theme_chosen(self, theme: str) -> None:
        self.remember(THEME, theme)

    def _view_changed(self, view: str) -> None:
        if view not in NOT_REOPENED:
            self.remember(VIEW, view)

    def kept_sort(
        self, table: str, columns: Sequence[Column], key: str, *, reverse: bool = False
    ) -> tuple[str, bool]:
        """By which column a table was sorted, and whether the other way round; else as given."""
        match self.recall(f"sort.{table}", list, []):
            case [str(kept), bool(turned)] if any(kept == column.key for column in columns):
                return kept, turned
        return key, reverse

    @on(PagedTable.SortRequested)
    def _sort_chosen(self, event: PagedTable.SortRequested) -> None:
        self.remember(f"sort.{event.table.id}", [event.key, event.reverse])
