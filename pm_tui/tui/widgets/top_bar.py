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
        account = Content.styled(f" {self.account} ", "bold $warning")
        room = self.size.width - account.cell_length
        left = self._names(short=False)
        if left.cell_length > room:  # whose data it is comes before the names of other views
            left = self._names(short=True)
        return Content.assemble(left, " " * max(room - left.cell_length, 1), account)

    def _names(self, *, short: bool) -> Content:
        """The views with their keys; `short` names the others by their keys alone."""
        parts = [Content.styled(" pm-tui ", "bold $primary")]
        for mode, binding, label in self._views():
            here, key = mode == self._current, self._key(f"app.{mode}", binding)
            text = f" {key}{_(label)} " if here or not (short and key) else f" {key}"
            mark = Content.styled(f"▸{text}" if here else f" {text}", "reverse" if here else "")
            parts.append(mark.stylize(f"@click=app.view('{mode}')"))
        return Content("").join(parts)
