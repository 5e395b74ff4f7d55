"""One line on top: the program's name, the views with their keys, and whose data this is."""

from __future__ import annotations

from textual.content import Content
from textual.keys import format_key
from textual.reactive import reactive
from textual.widgets import Static

from pm_tui.i18n import N_, _
from pm_tui.tui.keymap import Keymap

VIEWS = (
    ("find", "1", N_("Find")),
    ("bookings", "2", N_("Bookings")),
    ("report", "3", N_("Reports")),
    ("home", "4", N_("Home")),
)
NAMES_ALL = 80  # columns from which all five are named
INSPECTOR = ("requests", "5", N_("Requests"))  # named while it is up


class TopBar(Static):
    """A single widget, since every widget more is time before the first paint."""

    account = reactive("", layout=False)

    def __init__(self, current: str) -> None:
        super().__init__()
        self._current = current

    def _views(self) -> tuple[tuple[str, str, str], ...]:
        """The inspector is named while it is up; alone where whose data it is had no room."""
        if self._current != INSPECTOR[0]:
            return VIEWS
        return (*VIEWS, INSPECTOR) if self.size.width >= NAMES_ALL else (INSPECTOR,)

    def _key(self, binding_id: str, key: str) -> str:
        """The person's own, where there is one; "" for none."""
        keymap: Keymap = getattr(self.app, "keymap", {})
        keys = keymap.get(binding_id, (key,))
        return f"{format_key(keys[0])} " if keys else ""

    def render(self) -> Content:
        parts = [Content.styled(" pm-tui ", "bold $primary")]
        for mode, key, label in self._views():
            here = mode == self._current
            text = f" {self._key(f'app.{mode}', key)}{_(label)} "
            mark = Content.styled(f"▸{text}" if here else f" {text}", "reverse" if here else "")
            parts.append(mark.stylize(f"@click=app.view('{mode}')"))
        left = Content("").join(parts)
        account = Content.styled(f" {self.account} ", "bold $warning")
        gap = self.size.width - left.cell_length - account.cell_length
        return Content.assemble(left, " " * max(gap, 1), account)
