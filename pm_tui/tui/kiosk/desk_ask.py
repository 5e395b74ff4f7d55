"""A question of the desk's view, with large answers."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from pm_tui.tui.kiosk.choices import Choices
from pm_tui.tui.kiosk.pages import Page
from pm_tui.tui.kiosk.screen import drawn_choice


class DeskAsk(ModalScreen["str | None"], inherit_bindings=False):
    """Gives the id of the answer; "" or None: nothing is to be done."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", show=False),
        *(Binding(f"{n}", f"choose({n})", show=False) for n in range(1, 10)),
    ]

    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page = page

    def compose(self) -> ComposeResult:
        rows = 3 if len(self._page.choices) < 4 else 2
        with VerticalScroll(can_focus=False):
            yield Static(Content(self._page.title), id="desk-question")
            yield Static(Content(self._page.text))
            yield Choices(
                *(
                    Option(drawn_choice(f"{n}", one.label, one.note, rows), id=f"{n}")
                    for n, one in enumerate(self._page.choices, 1)
                ),
                markup=False,
            )

    def on_mount(self) -> None:
        self.query_one(OptionList).focus(scroll_visible=False)

    def on_screen_suspend(self) -> None:
        self._page = Page("")  # it is over; nothing is ever opened above it
        for text in self.query(Static):
            text.update("")

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_choose(int(event.option_id or 0))

    def action_choose(self, number: int) -> None:
        """The answer with this digit."""
        if 0 < number <= len(self._page.choices):
            self.dismiss(self._page.choices[number - 1].id)
