"""Filter what is shown while typing; out of the way until it is asked for."""

from __future__ import annotations

from textual.widgets import Input

from pm_tui.i18n import _


class FilterField(Input):
    """Posts `Input.Changed` as any field; closing it empties it."""

    def __init__(self) -> None:
        super().__init__(placeholder=_("filter what is shown"), id="filter", compact=True)
        self.cursor_blink = False

    @property
    def is_open(self) -> bool:
        return self.has_class("-open")

    def open(self) -> None:
        self.add_class("-open")
        self.focus()

    def close(self) -> None:
        self.remove_class("-open")
        self.value = ""
