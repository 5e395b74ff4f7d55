"""Filter what is shown while typing; out of the way until it is asked for."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message
from textual.widgets import Input

from pm_tui.i18n import _


class FilterField(Input):
    """Posts `Input.Changed` as any field; closing it empties it."""

    @dataclass
    class Cleared(Message):
        """It was closed while it said `text`, which can be undone."""

        field: FilterField
        text: str

    def __init__(self) -> None:
        super().__init__(placeholder=_("filter what is shown"), id="filter", compact=True)
        self.cursor_blink = False
        # a view gives the focus to its first field while it is put together, hidden or not
        self.can_focus = False

    @property
    def is_open(self) -> bool:
        return self.has_class("-open")

    def open(self) -> None:
        self._set_open(True)
        self.focus()

    def put(self, text: str) -> None:
        """Filter by `text`, in sight where there is one; the focus stays where it is."""
        self._set_open(bool(text))
        self.value = text

    def close(self) -> None:
        if self.value.strip():
            self.post_message(self.Cleared(self, self.value))
        self.put("")

    def _set_open(self, is_open: bool) -> None:
        self.set_class(is_open, "-open")
        self.can_focus = is_open
