"""The page behind which the desk is: a PIN, by keys or by touch, and what the desk may do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Grid, Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from pm_tui.config import pin
from pm_tui.i18n import _
from pm_tui.tui.kiosk.choices import Choices
from pm_tui.tui.kiosk.pages import Choice
from pm_tui.tui.kiosk.screen import drawn_choice

ERASE, ENTER = "←", "OK"  # which a bare console has letters for
PAD = (*"123456789", ERASE, "0", ENTER)


class PadKey(Static):
    """A large key to touch; the keyboard has its own."""

    ALLOW_SELECT = False

    @dataclass
    class Touched(Message):
        key: str

    def __init__(self, key: str) -> None:
        super().__init__(Content(key), classes="pad-key")
        self._key = key

    def on_click(self) -> None:
        self.post_message(self.Touched(self._key))


class GateScreen(Screen[None], inherit_bindings=False):
    """Asks for the PIN; `open_up` shows what is behind it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "app.focus_next", show=False),
        Binding("shift+tab", "app.focus_previous", show=False),
        Binding("escape", "leave", show=False),
        *(Binding(f"{n}", f"choose({n})", show=False) for n in range(1, 10)),
    ]

    @dataclass
    class Typed(Message):
        """A PIN, to be looked at."""

        pin: str

    @dataclass
    class Chosen(Message):
        """A choice of the desk's, "back" for none."""

        id: str

    def __init__(self) -> None:
        super().__init__()
        self.offered: tuple[str, ...] = ()  # the ids of what may be chosen now
        self._words: Callable[[], str] = lambda: _("Please type the PIN.")
        self._said = self._words()

    def compose(self) -> ComposeResult:
        with Horizontal():
            with Vertical(id="gate-body"):
                yield Static(Content(_("For the desk")), id="gate-title")
                yield Static(Content(self._said), id="gate-text")
                yield Input(id="gate-pin", password=True, max_length=pin.LONGEST, restrict="[0-9]*")
                yield Choices(id="gate-choices", markup=False)
            with Grid(id="gate-pad"):
                for key in PAD:
                    yield PadKey(key)

    def on_mount(self) -> None:
        self._offer([Choice("back", _("Back"))], ["Esc"])
        self.query_one(Input).focus()
        self.set_interval(1, self._say)

    def say(self, words: Callable[[], str], unread: str = "") -> None:
        """Of the PIN that was typed, which is gone from the field; `unread` goes back to it, for it
        was not looked at. The words are asked for each second: they count down."""
        field = self.query_one(Input)
        if unread and not field.value:
            field.value, field.cursor_position = unread, len(unread)
        self._words = words
        self._say()

    def _say(self) -> None:
        if (words := self._words()) != self._said:
            self._said = words
            self.query_one("#gate-text", Static).update(Content(words))

    def open_up(self, choices: Sequence[Choice]) -> None:
        """The PIN was right."""
        self.query_one("#gate-pad").display = False
        self.query_one(Input).display = False
        self.say(str)
        self._offer(choices, [f"{n}" for n in range(1, len(choices) + 1)])
        self.query_one(OptionList).focus()

    def _offer(self, choices: Sequence[Choice], keys: Sequence[str]) -> None:
        self.offered = tuple(one.id for one in choices)
        offered = self.query_one(OptionList)
        offered.clear_options()
        offered.add_options(
            Option(drawn_choice(key, one.label, one.note), id=one.id)
            for key, one in zip(keys, choices, strict=True)
        )
        offered.highlighted = 0

    @on(PadKey.Touched)
    def _touched(self, event: PadKey.Touched) -> None:
        event.stop()
        field = self.query_one(Input)
        if event.key == ENTER:
            self._type_in()
        elif event.key == ERASE:
            field.value = field.value[:-1]
        else:
            field.value = (field.value + event.key)[: pin.LONGEST]

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._type_in()

    def _type_in(self) -> None:
        field = self.query_one(Input)
        typed = field.value
        field.clear()
        if typed:
            self.post_message(self.Typed(typed))

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if event.option_id is not None:
            self.post_message(self.Chosen(event.option_id))

    def action_choose(self, number: int) -> None:
        """The choice with this digit; while the PIN is asked for, digits are the PIN's."""
        choices = self.query_one(OptionList)
        if not self.query_one(Input).display and number <= choices.option_count:
            choice = choices.get_option_at_index(number - 1).id
            self.post_message(self.Chosen(choice or "back"))

    def action_leave(self) -> None:
        self.post_message(self.Chosen("back"))
