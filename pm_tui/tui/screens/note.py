"""A line of text asked for, and the question before a note is thrown away."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Input, Label

from pm_tui.i18n import N_, _
from pm_tui.tui.screens.base import Dialog
from pm_tui.tui.widgets.key_bar import KeyBar

LONGEST = 200


class NoteScreen(Dialog["str | None"]):
    """Gives what was typed, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", N_("Back"), id="dialog.back")
    ]

    def __init__(self, title: str, text: str = "", *, hint: str = "") -> None:
        super().__init__()
        self._title, self._text, self._hint = title, text, hint

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = Content(self._title)
            hint = self._hint or _("a note for yourself")
            line = Input(self._text, placeholder=hint, max_length=LONGEST)
            line.cursor_blink = False
            yield line
            yield Label(_("Enter keeps it, Esc leaves everything as it was."))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        self.dismiss(event.value.strip())


class ForgetScreen(Dialog[bool]):
    """Whether a favourite with a note may go."""

    AUTO_FOCUS = "#forget"  # which can be undone
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(False)", N_("Keep"), id="dialog.back"),
        Binding("ctrl+s", "dismiss(True)", N_("Forget"), id="dialog.do"),
    ]

    def __init__(self, name: str, note: str) -> None:
        super().__init__()
        self._charger, self._note = name, note

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = Content(self._charger)
            yield Label(_("Its note goes with it:"))
            yield Label(Content(self._note))
            with Horizontal(classes="buttons"):
                yield Button(_("Keep"), compact=True, id="keep")
                yield Button(_("Forget"), variant="error", compact=True, id="forget")
        yield KeyBar()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "forget")
