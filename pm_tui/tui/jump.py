"""Jump mode: a letter on everything on the screen that can have the focus; pressing it goes there.

The letters lie over what is there and change nothing of it, so that a slow line carries no more
than their few cells. What had the focus keeps it until another letter is pressed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from string import ascii_lowercase, ascii_uppercase
from typing import Any

from rich.segment import Segment
from rich.style import Style
from textual.app import App
from textual.events import Event, Key, MouseDown, Paste, Resize
from textual.geometry import Offset, Region
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from pm_tui.i18n import _
from pm_tui.tui.screens.base import Spoken
from pm_tui.tui.widgets.key_bar import KeyBar
from pm_tui.tui.widgets.too_small import is_too_small

ALL = ascii_lowercase + ascii_uppercase


@dataclass(frozen=True, slots=True)
class JumpLabel:
    """A letter and what it leads to."""

    letter: str
    target: Widget


class Overlay:
    """Texts over what is on a screen, painted by the widgets that have those cells: only they are
    drawn anew. Widgets of its own would have the whole screen laid out and sent again."""

    def __init__(self, screen: Screen[Any]) -> None:
        self._screen = screen
        self._style = Style(bold=True, reverse=True) + screen.rich_style
        self._cells: dict[Widget, dict[Offset, Strip]] = {}

    def put(self, text: str, where: Offset) -> None:
        """One cell after the other, since its widget may be another's neighbour or child."""
        for n, letter in enumerate(text):
            at = Offset(where.x + n, where.y)
            if not self._screen.region.contains_point(at):
                return
            painter, region = self._screen.get_widget_at(*at)
            strip = Strip([Segment(letter, self._style)])
            for one in painter.get_line_filters():
                strip = strip.apply_filter(one, self._screen.background_colors[0])
            self._cells.setdefault(painter, {})[at - region.offset] = strip

    def show(self) -> None:
        for painter in self._cells:
            vars(painter)["render_lines"] = partial(self._render_lines, painter)
        self._refresh()

    def remove(self) -> None:
        """Have what was there drawn again."""
        for painter in self._cells:
            vars(painter).pop("render_lines", None)
        self._refresh()

    def _refresh(self) -> None:
        for painter, cells in self._cells.items():
            inner = painter.content_offset  # from which it counts
            painter.refresh(*(Region(*(at - inner), 1, 1) for at in cells))

    def _render_lines(self, painter: Widget, crop: Region) -> list[Strip]:
        strips = type(painter).render_lines(painter, crop)
        for at, cell in self._cells[painter].items():
            line, x = at.y - crop.y, at.x - crop.x
            if 0 <= line < len(strips) and 0 <= x < crop.width:
                strip = strips[line]
                strips[line] = Strip.join([strip.crop(0, x), cell, strip.crop(x + 1)])
        return strips


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
    _jumped_from: Screen[Any] | None = None
    _overlay: Overlay | None = None

    async def action_jump(self) -> None:
        """Show the letters; once more hides them."""
        if is_too_small(self.size) or not isinstance(self.screen, Spoken):
            return  # the palette is no screen of ours
        seen = {
            widget: area.offset
            for widget in self.screen.focus_chain
            if (area := self.screen.find_widget(widget).visible_region)
        }
        given = zip(letters(map(_name, seen)), seen.items(), strict=True)
        labels, overlay = {}, Overlay(self.screen)
        for letter, (target, where) in given:
            if letter:
                labels[letter] = JumpLabel(letter, target)
                overlay.put(f"[{letter}]", where)
        if labels:
            self._jump = labels
            self._overlay, self._jumped_from = overlay, self.screen
            overlay.show()
            self._hint(self.screen, _("a letter goes there, Esc stays here"))

    async def on_event(self, event: Event) -> None:
        jumping = self._jump is not None and not getattr(event, "is_forwarded", False)
        if jumping and isinstance(event, Key):
            await self._jump_key(event)
            return
        if jumping and isinstance(event, MouseDown | Paste | Resize):
            self._leave_jump(None)  # a click on a letter is one on what it leads to
        await super().on_event(event)

    async def _jump_key(self, event: Key) -> None:
        """A letter that leads nowhere is not let through: it could be a command."""
        label = (self._jump or {}).get(event.character or "")
        self._leave_jump(label)
        is_letter = len(event.key) == 1 and event.key.isalpha()
        if label is None and not is_letter and event.key not in ("escape", *self._own_keys()):
            await super().on_event(event)

    def _own_keys(self) -> list[str]:
        return [key for key, binding in self._bindings if binding.action == "jump"]

    def _leave_jump(self, label: JumpLabel | None) -> None:
        self._jump, overlay, self._overlay = None, self._overlay, None
        screen = self._jumped_from
        if screen is None or overlay is None:
            return
        overlay.remove()
        self._hint(screen, "")
        if label is not None and screen is self.screen and label.target.is_attached:
            screen.set_focus(label.target)

    def _hint(self, screen: Screen[object], text: str) -> None:
        for bar in screen.query(KeyBar):
            bar.note = text


def _name(widget: Widget) -> str:
    """What a person calls it, as far as the code does: `place`, `from`, `locations`."""
    parent = widget.parent.id if isinstance(widget.parent, Widget) else None
    return widget.id or parent or type(widget).__name__
