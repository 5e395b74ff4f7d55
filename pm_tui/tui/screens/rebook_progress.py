"""A change of a booking on its way: each step as it is taken, and how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Static

from pm_tui.i18n import N_, _
from pm_tui.tui.screens.base import Dialog
from pm_tui.tui.styles import style
from pm_tui.tui.widgets import rebook_text
from pm_tui.tui.widgets.key_bar import KeyBar

if TYPE_CHECKING:
    from pm_tui.tui.widgets.rebook_text import Change


Answer = Literal["go on", "not now", "drop"]


class GoOnScreen(Dialog[Answer]):
    """Asks whether to go on with a change that was interrupted: what is done, what is left, and
    what stands when it is dropped. Leaving it as it is is the default."""

    CSS_PATH = style("rebook")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss('not now')", N_("Not now"), id="dialog.back"),
        Binding("D", "dismiss('drop')", N_("Drop the change"), id="rebook.drop"),
        Binding("ctrl+s", "dismiss('go on')", N_("Go on"), id="dialog.do"),
    ]

    def __init__(self, change: Change, what: str) -> None:
        super().__init__()
        self._change, self._what = change, what

    def compose(self) -> ComposeResult:
        change = self._change
        with VerticalScroll(classes="dialog", can_focus=False) as box:
            box.border_title = _("This change was not finished")
            yield Static(Content(self._what), classes="rebook-what")
            yield Static(Content("\n").join(rebook_text.step_lines(change)), id="rebook-steps")
            yield Static(Content(self._advice()), id="rebook-advice")
            dropping = rebook_text.dropping(change.rebooking.standing)
            yield Static(Content(dropping), id="rebook-dropping")
            with Horizontal(classes="buttons"):
                yield Button(_("Not now"), compact=True, id="not-now")
                yield Button(_("Go on"), variant="primary", compact=True, id="go-on")
                yield Button(_("Drop it"), variant="error", compact=True, id="drop")
        yield KeyBar()

    def _advice(self) -> str:
        if self._change.rebooking.unclear:
            return _(
                "What is marked ? may have happened. Going on looks first and sends nothing twice."
            )
        return _("Going on takes the steps that are left; what is done is not done again.")

    def on_mount(self) -> None:
        self.query_one("#not-now").focus()

    @on(Button.Pressed)
    def _answered(self, event: Button.Pressed) -> None:
        answers: dict[str | None, Answer] = {"go-on": "go on", "drop": "drop"}
        self.dismiss(answers.get(event.button.id, "not now"))


class RebookProgressScreen(Dialog[None]):
    """Shows `change`. Leaving it stops nothing."""

    CSS_PATH = style("rebook")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", N_("Close"), id="dialog.back")
    ]

    def __init__(self, change: Change, what: str) -> None:
        super().__init__()
        self.change, self._what = change, what

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = _("Changing a booking")
            yield Static(Content(self._what), classes="rebook-what")
            yield Static(id="rebook-steps")
            yield Static(id="rebook-ending")
            yield Static(id="rebook-advice")
            with Horizontal(classes="buttons"):
                yield Button(_("Close"), compact=True, id="close")
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one("#close").focus()
        self._show()

    def show(self) -> None:
        """Show the change as it stands now."""
        if self.query("#rebook-advice"):  # else it is shown as soon as that is there
            self._show()

    def _show(self) -> None:
        change = self.change
        lines = list(rebook_text.step_lines(change))
        self.query_one("#rebook-steps", Static).update(Content("\n").join(lines))
        ending, advice = "", _("Closing this stops nothing: how it ended is told then.")
        if change.ending is not None:
            ending = rebook_text.heading(change.ending)
            advice = "\n".join(filter(None, (change.reason, rebook_text.advice(change.ending))))
        self.query_one("#rebook-ending", Static).update(Content(ending))
        self.query_one("#rebook-ending").display = bool(ending)
        self.query_one("#rebook-advice", Static).update(Content(advice))

    @on(Button.Pressed)
    def action_leave(self) -> None:
        self.change.watched = False  # at once: what ends in this moment is told elsewhere
        self.dismiss(None)
