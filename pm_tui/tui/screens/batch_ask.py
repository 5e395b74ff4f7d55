"""The two questions about a table: send it, stop it. The answer that changes nothing has the
focus."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Static

from pm_tui.i18n import N_, _
from pm_tui.tui.key_names import keyed
from pm_tui.tui.screens.base import Dialog
from pm_tui.tui.styles import style
from pm_tui.tui.widgets.key_bar import KeyBar

if TYPE_CHECKING:
    from pm_tui.services.batch import Batch


class Question(Dialog[bool]):
    """True for yes; never by the key that brought the question, which may be held down."""

    CSS_PATH = style("batch")

    def __init__(self, title: str, lines: list[str], no: str, yes: str) -> None:
        super().__init__()
        self._title, self._lines, self._no, self._yes = title, lines, no, yes

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = self._title
            yield Static(Content("\n".join(filter(None, self._lines))))
            with Horizontal(classes="buttons"):
                yield Button(self._no, id="no", compact=True)
                yield Button(self._yes, variant="primary", id="yes", compact=True)
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one("#no").focus()

    @on(Button.Pressed)
    def _answered(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "yes")


class BookTableScreen(Question):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(False)", N_("Not now"), id="dialog.back"),
        Binding("b", "dismiss(True)", N_("Book"), id="batch.yes"),
    ]

    def __init__(self, batch: Batch) -> None:
        from pm_tui.services import batch_text

        super().__init__(
            batch_text.question(batch),
            [batch_text.pace(batch), _("A booking costs money: what is sent is booked.")],
            _("Not now"),
            batch_text.what(batch),
        )


class StopTableScreen(Question):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(False)", N_("Go on"), id="dialog.back"),
        Binding("x", "dismiss(True)", N_("Stop"), id="batch.stop_now"),
    ]

    def __init__(self) -> None:
        super().__init__(
            _("Stop after the row that is being sent?"),
            [
                _("The rest is not sent. Repeating the table later sends only the rest."),
                keyed(
                    _("To look at something else press {app.find} or {app.bookings}: it goes on.")
                ),
            ],
            _("Go on"),
            _("Stop"),
        )
