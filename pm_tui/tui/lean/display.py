"""The application's way to the terminal: only what became different is written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from rich.color import ColorSystem
from rich.console import Console, RenderableType
from textual import on
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.app import App
from textual.binding import Binding, BindingType
from textual.command import CommandPalette
from textual.screen import Screen
from textual.widgets import Input

from pm_tui.i18n import N_
from pm_tui.tui.lean.shown import Shown, Span

if TYPE_CHECKING:
    from pm_tui.config import Settings

LEAN_TICK = 5.0


class _Written(CompositorUpdate):
    """An update that is rendered already."""

    def __init__(self, text: str) -> None:
        self._text = text

    def render_segments(self, console: Console) -> str:
        return self._text


class Sparing(App[None]):
    """Mixed into the application."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+l", "redraw", N_("Draw the screen again"), show=False, id="app.redraw")
    ]

    lean = False  # whether a slow line lies between us and the terminal
    tick = 1.0  # seconds between two looks of what counts down on the screen

    def __init__(self) -> None:
        super().__init__()
        self._glass = Shown()

    def spare(self, settings: Settings) -> None:
        """What is not there for nothing over a slow line: the finer colours (a quarter of a key's
        bytes; sixteen would save hardly more), seconds that pass, and what glides."""
        self.lean = settings.lean
        if self.lean:
            self.tick, self.animation_level = LEAN_TICK, "none"
            if self.console._color_system is ColorSystem.TRUECOLOR:
                self.console._color_system = ColorSystem.EIGHT_BIT

    def forget_screen(self) -> None:
        """The terminal was cleared, or may show what is not ours."""
        self._glass.forget()

    def on_resize(self) -> None:
        """Terminals move and cut what they show then, also when they are back at their old size
        by the time that anyone looks."""
        self.action_redraw()

    def action_redraw(self) -> None:
        """Draw all of the screen again, whatever the terminal shows."""
        self.forget_screen()
        if self._screen_stacks.get(self._current_mode):
            self.screen.refresh()

    @on(CommandPalette.Opened)
    def _palette_opened(self) -> None:
        for field in self.screen.query(Input):
            field.cursor_blink = False  # as in every field of ours

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        if self.is_headless or self.is_inline or self._batch_count or self._closed:
            super()._display(screen, renderable)
        elif isinstance(renderable, LayoutUpdate | ChopsUpdate) and self._running:
            text = self._glass.paint(
                _size(renderable),
                _spans(renderable),
                self._colors,
                whole=self._sync_available,
            )
            if text:
                super()._display(screen, _Written(text))  # type: ignore[arg-type]  # as Textual's
            else:
                self.post_display_hook()
        else:
            super()._display(screen, renderable)

    @property
    def _colors(self) -> ColorSystem:
        return self.console._color_system or ColorSystem.TRUECOLOR


def _size(update: LayoutUpdate | ChopsUpdate) -> tuple[int, int]:
    if isinstance(update, LayoutUpdate):
        return update.region.size
    return max((ends[-1] for ends in update.chop_ends if ends), default=0), len(update.chops)


def _spans(update: LayoutUpdate | ChopsUpdate) -> Iterator[Span]:
    """The pieces of lines of an update, as Textual would write them."""
    if isinstance(update, LayoutUpdate):
        for line, strips in enumerate(update.strips, update.region.y):
            yield line, update.region.x, (segment for strip in strips for segment in strip)
        return
    for line, first, last in update.spans:
        for end, (column, strip) in zip(
            update.chop_ends[line], update.chops[line].items(), strict=False
        ):
            if strip is None or column > last or end <= first:
                continue
            whole = first <= column < last and end <= last
            yield line, column, strip if whole else strip.crop(0, min(end, last) - column)
