"""The list of large things to touch."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from textual.widgets import OptionList


class Choices(OptionList):
    def _move_page(self, direction: Any) -> None:
        """Textual counts pages in lines, which it knows only once the options are laid out: a page
        key that comes before (in a flood, right behind another page) must not end the kiosk."""
        with suppress(KeyError, IndexError):
            super()._move_page(direction)
