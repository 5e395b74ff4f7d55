"""The one screen of a kiosk: a title, a text, perhaps a field, and large things to touch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from pm_tui.tui.kiosk.pages import Page
from pm_tui.tui.widgets.qr import drawn

LONGEST_TYPED = 40


class KioskScreen(Screen[None], inherit_bindings=False):
    """Shows a `Page`. Of Textual's own keys it has Tab alone: none leads anywhere else."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "app.focus_next", show=False),
        Binding("shift+tab", "app.focus_previous", show=False),
        Binding("f2", "language", show=False),
        *(Binding(f"{n}", f"choose({n})", show=False) for n in range(1, 10)),
    ]

    @dataclass
    class Chosen(Message):
        """`id` of the choice, and what stands in the field (""  where there is none)."""

        id: str
        typed: str

    class Ready(Message):
        """All that a page needs is there."""

    class Language(Message):
        """The other language is wanted."""

    def compose(self) -> ComposeResult:
        yield Static(id="kiosk-language")
        with Horizontal():
            with VerticalScroll(id="kiosk-body", can_focus=False):
                yield Static(id="kiosk-title")
                yield Static(id="kiosk-text")
                yield Input(id="kiosk-field", max_length=LONGEST_TYPED)
                yield OptionList(id="kiosk-choices", markup=False)
            yield Static(id="kiosk-code")

    def on_mount(self) -> None:
        self.post_message(self.Ready())

    def show(self, page: Page, language: str) -> None:
        """Put `page` in place of what was there; nothing of the old one stays."""
        self.query_one("#kiosk-language", Static).update(Content(language))
        self.query_one("#kiosk-title", Static).update(Content(page.title))
        self.query_one("#kiosk-text", Static).update(Content(page.text))
        code = self.query_one("#kiosk-code", Static)
        lines = drawn(page.code, dark=self.app.current_theme.dark) if page.code else []
        code.update(Content("\n".join(lines)))
        code.display = bool(lines)
        field = self.query_one(Input)
        field.clear()
        field.placeholder = page.field or ""
        field.display = page.field is not None
        choices = self.query_one(OptionList)
        choices.clear_options()
        choices.add_options(
            Option(drawn_choice(n, one.label, one.note), id=one.id, disabled=one.disabled)
            for n, one in enumerate(page.choices, 1)
        )
        choices.display = bool(page.choices)
        if page.field is not None:
            field.focus()
        elif page.choices:
            choices.highlighted = next(
                (n for n, one in enumerate(page.choices) if not one.disabled), None
            )
            choices.focus()
        self.query_one("#kiosk-body").scroll_home(animate=False)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if event.option_id is not None:
            self.post_message(self.Chosen(event.option_id, self.query_one(Input).value))

    @on(Input.Submitted)
    def _typed(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_choose(1)

    def action_choose(self, number: int) -> None:
        """The choice with this digit."""
        choices = self.query_one(OptionList)
        if number <= choices.option_count:
            option = choices.get_option_at_index(number - 1)
            if not option.disabled and option.id is not None:
                self.post_message(self.Chosen(option.id, self.query_one(Input).value))

    def action_language(self) -> None:
        self.post_message(self.Language())

    def on_click(self, event: Click) -> None:
        if event.widget is not None and event.widget.id == "kiosk-language":
            self.action_language()


def drawn_choice(number: int, label: str, note: str, rows: int = 3) -> Content:
    """Three lines, so that a finger meets it: the label with its digit, what is to be said of it,
    and air; without air where there is no room for it."""
    air = "\n" * (rows - 2)
    return Content.assemble((f" {number}  {label}", "bold"), f"\n    {note}{air}")
