"""The path of a table, completed while typing as a shell does it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from pm_tui.i18n import N_, _
from pm_tui.tui.widgets.place_field import PlaceField, PlaceInput


class PathInput(PlaceInput):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "take", N_("Take the choice"), show=False, id="choices.take")
    ]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Tab takes a choice while there are some, and goes on to the next widget else."""
        if action == "take":
            return isinstance(self.parent, PathField) and self.parent.is_open
        return super().check_action(action, parameters)

    def action_take(self) -> None:
        if isinstance(self.parent, PathField):
            self.parent.take()


class PathField(PlaceField):
    FIELD = PathInput
    FIELD_ID = "batch-path"
    LEAST = 1

    def __init__(self) -> None:
        super().__init__(
            _complete, title=_("Table (CSV)"), placeholder=_("path of the file: ~/fleet/week.csv")
        )

    def on_mount(self) -> None:
        self.input.select_on_focus = False  # a path is mended more often than typed anew

    async def choices_for(self, text: str) -> Sequence[str]:
        # a folder may lie on a disk that takes its time
        return await asyncio.to_thread(_complete, text)

    def take(self) -> None:
        """The choice under the cursor, or the first one."""
        if self._choices is not None and self._choices.highlighted is None:
            self.move(1)
        self.accept()

    def accept(self) -> bool:
        accepted = super().accept()
        if accepted and self.input.value.endswith("/"):
            self._accepted = ""  # goes on with what is in the folder
        return accepted


def _complete(text: str) -> list[str]:
    from pm_tui.services.table_paths import complete

    return complete(text)
