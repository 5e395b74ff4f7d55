"""A checkbox that can be read without colour: the built-in one shows its X either way."""

from __future__ import annotations

from textual.widgets import Checkbox


class Check(Checkbox):
    BUTTON_INNER = " "

    def watch_value(self) -> None:
        self.BUTTON_INNER = "X" if self.value else " "
        super().watch_value()
