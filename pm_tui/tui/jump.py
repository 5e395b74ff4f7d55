"""Jump mode: a letter on everything on the screen that can have the focus; pressing it goes there.

The letters lie over what is there and change nothing of it, so that a slow line carries no more
than their few cells. What had the focus keeps it until another letter is pressed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from string import ascii_lowercase, ascii_uppercase

from textual import on
from textual.app import App
from textual.content import Content
from textual.events import Event, Key, MouseDown, Paste, Resize
from textual.geometry import Offset
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from pm_tui.i18n import _
from pm_tui.tui.screens.base import Spoken
from pm_tui.tui.widgets.key_bar import KeyBar
from pm_tui.tui.widgets.too_small import is_too_small

ALL = ascii_lowercase + ascii_uppercase


class JumpLabel(Static):
    """A letter over the upper left corner of what it leads to."""

    @dataclass
    class Pressed(Message):
        label: JumpLabel

    def __init__(self, letter: str, target: Widget, where: Offset) -> None:
        super().__init__(Content(f"[{letter}]"))
        self.letter, self.target = letter, target
        self.absolute_offset = where

    def on_mouse_down(self, event: MouseDown) -> None:
        event.stop()
        self.post_message(self.Pressed(self))


def letters(names: Iterable[str]) -> list[str]:
    """A letter for each, of its name where one is left: the same screen has always the same.

    "" for what comes after the last letter.
    """
    given: list[str] = []
    for name in names:
        wished = [letter for letter in name.lower() if letter in ascii_lowercase]
        free = (letter for letter in (*wished, *ALL) if letter not in given)
        given.append(next(free, ""))
    return given


class Jumping(App[None]):
    """Mixed into the application."""

    _jump: dict[str, JumpLabel] | None = None  # while there are letters on the screen

    async def action_jump(self) -> None:
        """Show the letters; once more hides them."""
        if is_too_small(self.size) or not isinstance(self.screen, Spoken):
            return  # the palette is no screen of ours
        seen = {
            widget: where.offset
            for widget in self.screen.focus_chain
            if (where := self.screen.find_widget(widget).visible_region)
        }
        given = zip(letters(map(_name, seen)), seen.items(), strict=True)
        labels = [JumpLabel(letter, target, where) for letter, (target, where) in given if letter]
        if labels:
            self._jump = {label.letter: label for label in labels}
            self._hint(self.screen, _("a letter goes there, Esc stays here"))
            await self.screen.mount(*labels)

    async def on_event(self, event: Event) -> None:
        jumping = self._jump is not None and not getattr(event, "is_forwarded", False)
        if jumping and isinstance(event, Key):
            await self._jump_key(event)
            return
        if jumping and isinstance(event, MouseDown | Paste | Resize) and not self._on_label(event):
            await self._leave_jump(None)
        await super().on_event(event)

    async def _jump_key(self, event: Key) -> None:
        """A letter that leads nowhere is not let through: it could be a command."""
        label = (self._jump or {}).get(event.character or "")
        await self._leave_jump(label)
        is_letter = len(event.key) == 1 and event.key.isalpha()
        if label is None and not is_letter and event.key not in ("escape", *self._own_keys()):
            await super().on_event(event)

    def _own_keys(self) -> list[str]:
        return [key for key, binding in self._bindings if binding.action == "jump"]

    def _on_label(self, event: Event) -> bool:
        if not isinstance(event, MouseDown):
            return False
        return isinstance(self.screen.get_widget_at(event.x, event.y)[0], JumpLabel)

    @on(JumpLabel.Pressed)
    async def _label_pressed(self, event: JumpLabel.Pressed) -> None:
        await self._leave_jump(event.label)

    async def _leave_jump(self, label: JumpLabel | None) -> None:
        labels, self._jump = list((self._jump or {}).values()), None
        if not labels:
            return
        screen = labels[0].screen
        self._hint(screen, "")
        if label is not None and screen is self.screen and label.target.is_attached:
            screen.set_focus(label.target)
        await screen.remove_children([one for one in labels if one.is_attached])

    def _hint(self, screen: Screen[object], text: str) -> None:
        for bar in screen.query(KeyBar):
            bar.note = text


def _name(widget: Widget) -> str:
    """What a person calls it, as far as the code does: `place`, `from`, `locations`."""
    parent = widget.parent.id if isinstance(widget.parent, Widget) else None
    return widget.id or parent or type(widget).__name__
