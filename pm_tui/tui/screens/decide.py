"""What a person decides where the program cannot: whether something happened that nobody saw."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Static

from pm_tui.i18n import N_, _
from pm_tui.tui.screens.base import Dialog
from pm_tui.tui.styles import style
from pm_tui.tui.widgets.booking_table import window
from pm_tui.tui.widgets.key_bar import KeyBar
from pm_tui.tui.widgets.unsettled_text import doing, must_not

if TYPE_CHECKING:
    from pm_tui.services.ledger import Ledger
    from pm_tui.services.unsettled import Unsettled

Decision = Literal["wait", "look", "did not happen"]


class DecideScreen(Dialog[Decision]):
    """Waiting is the default: Enter and Escape alone give nothing up."""

    CSS_PATH = style("bookings")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss('wait')", N_("Keep waiting"), id="dialog.back"),
        Binding("r", "dismiss('look')", N_("Look now"), id="decide.look"),
        Binding("ctrl+s", "dismiss('did not happen')", N_("It did not happen"), id="dialog.do"),
    ]

    def __init__(self, unsettled: Unsettled, known: Ledger) -> None:
        super().__init__()
        self._unsettled, self._known = unsettled, known

    def compose(self) -> ComposeResult:
        booking = self._unsettled.kind == "book"
        with VerticalScroll(classes="dialog", can_focus=False) as box:
            box.border_title = _("Was it booked?") if booking else _("Was it cancelled?")
            yield Static(Content(self._what()), id="what")
            yield Static(Content(self._unsettled.why), classes="paragraph")
            now, viewer = self.app.now(), self.app.settings.timezone
            yield Static(Content(doing(self._unsettled, now, viewer)), classes="paragraph")
            yield Static(Content(self._risk()), id="risk", classes="paragraph")
            with Horizontal(classes="buttons"):
                yield Button(_("Keep waiting"), id="wait", compact=True)
                yield Button(_("Look now"), id="look", compact=True)
                told = _("It was not booked") if booking else _("It was not cancelled")
                yield Button(told, variant="error", id="not", compact=True)
        yield KeyBar()

    def _what(self) -> str:
        wish, known = self._unsettled.wish, self._known
        what = (known.place(wish), window(wish, known.zone(wish)), wish.external_id or "")
        return "\n".join(filter(None, what))

    def _risk(self) -> str:
        if self._unsettled.kind == "cancel":
            return must_not(self._unsettled)
        text = _(
            "Say that it was not booked only when you know it, from the operator or from the "
            "charger: the point can then be booked again, and if it was booked after all, you "
            "pay twice."
        )
        if not self._unsettled.must_decide:
            text += " " + _("It has not been looked for twice yet.")
        return text

    def on_mount(self) -> None:
        self.query_one("#wait").focus()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        decisions: dict[str | None, Decision] = {"look": "look", "not": "did not happen"}
        self.dismiss(decisions.get(event.button.id, "wait"))
