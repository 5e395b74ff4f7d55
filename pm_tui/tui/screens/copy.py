"""What to take along: one key each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.events import Key
from textual.widgets import OptionList

from pm_tui.i18n import N_, _
from pm_tui.models.text import clean
from pm_tui.tui.screens.base import Dialog
from pm_tui.tui.styles import style
from pm_tui.tui.widgets.key_bar import KeyBar

if TYPE_CHECKING:
    from pm_tui.services.copies import Copy

SHOWN = 120  # characters of a text


class CopyScreen(Dialog["Copy | None"]):
    """Gives the chosen one."""

    CSS_PATH = style("copy")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", N_("Back"), id="dialog.back")
    ]

    def __init__(self, offered: Sequence[Copy]) -> None:
        super().__init__()
        self._offered = offered

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = _("Copy")
            yield OptionList(*map(line, self._offered), id="copies", markup=False)
        yield KeyBar()

    def on_key(self, event: Key) -> None:
        """Its letter chooses a text, wherever the cursor stands."""
        for one in self._offered:
            if event.character == one.key:
                event.stop()
                self.dismiss(one)
                return

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._offered[event.option_index])


def line(one: Copy) -> Content:
    """The key, what it is, and the text unless it is not to be seen; or why there is none."""
    shown = "" if one.secret or one.opens else clean(one.text or one.why_not, SHOWN)
    return Content.assemble(
        Content.styled(f"{one.key}  ", "bold $text-accent"),
        one.label,
        Content.styled(f"  {shown}", "$text-muted"),
    )
