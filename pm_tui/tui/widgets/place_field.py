"""The place: a town, a district or a point, completed while typing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from pm_tui.i18n import N_
from pm_tui.tui.keymap import Keyed

Completer = Callable[[str], Sequence[str]]


class PlaceInput(Keyed, Input):
    """Keeps the focus while the choices below it are moved through."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "choose(1)", N_("Next choice"), show=False, id="choices.next"),
        Binding("up", "choose(-1)", N_("Choice before"), show=False, id="choices.before"),
        Binding("escape", "close", N_("Close the choices"), show=False, id="choices.close"),
    ]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Up, down and escape are ours only while there are choices."""
        if action in ("choose", "close"):
            return isinstance(self.parent, PlaceField) and self.parent.is_open
        return super().check_action(action, parameters)

    def action_choose(self, step: int) -> None:
        if isinstance(self.parent, PlaceField):
            self.parent.move(step)

    def action_close(self) -> None:
        if isinstance(self.parent, PlaceField):
            self.parent.close()


class PlaceField(Vertical):
    """`completer` gives the choices for what is typed."""

    FIELD: ClassVar[type[PlaceInput]] = PlaceInput
    FIELD_ID: ClassVar[str] = "place"
    LEAST: ClassVar[int] = 2  # characters typed before there are choices

    def __init__(self, completer: Completer, *, title: str, placeholder: str) -> None:
        super().__init__()
        self._completer = completer
        self._title, self._placeholder = title, placeholder
        self._choices: OptionList | None = None
        self._accepted = ""

    def compose(self) -> ComposeResult:
        field = self.FIELD(placeholder=self._placeholder, id=self.FIELD_ID)
        field.border_title = self._title
        field.cursor_blink = False
        yield field

    @property
    def input(self) -> Input:
        return self.query_one(PlaceInput)

    @property
    def is_open(self) -> bool:
        return self._choices is not None and self._choices.display

    def set(self, text: str) -> None:
        """Fill in a place without opening the choices."""
        self._accepted = text
        self.input.value = text

    def move(self, step: int) -> None:
        if self._choices is not None:
            if step > 0:
                self._choices.action_cursor_down()
            else:
                self._choices.action_cursor_up()

    def close(self) -> None:
        if self._choices is not None:
            self._choices.display = False

    def accept(self) -> bool:
        """Take the choice under the cursor; false when there is none."""
        choices = self._choices
        if choices is None or not self.is_open or choices.highlighted is None:
            return False
        self.set(str(choices.get_option_at_index(choices.highlighted).id))
        self.input.cursor_position = len(self.input.value)
        self.close()
        return True

    async def choices_for(self, text: str) -> Sequence[str]:
        """What is offered for `text`."""
        return self._completer(text)

    @on(Input.Changed)
    async def _complete(self, event: Input.Changed) -> None:
        text = event.value.strip()
        if event.value == self._accepted or not self.input.has_focus:
            self.close()
            return
        found = await self.choices_for(text) if len(text) >= self.LEAST else ()
        if self.input.value != event.value:
            return  # typed on meanwhile: the next message is about that
        if not found or list(found) == [text]:
            self.close()
            return
        if self._choices is None:
            self._choices = OptionList(compact=True, markup=False)
            self._choices.can_focus = False
            await self.mount(self._choices)
        self._choices.clear_options()
        self._choices.add_options(Option(Content(name), id=name) for name in found)
        self._choices.highlighted = None
        self._choices.display = True

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.set(str(event.option.id))
        self.close()

    def on_descendant_blur(self) -> None:
        # a click on a choice blurs the field first: leave time for it to arrive
        self.set_timer(0.2, self._close_unless_focused)

    def _close_unless_focused(self) -> None:
        if not self.input.has_focus:
            self.close()
