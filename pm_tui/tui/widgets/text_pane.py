"""Lines of text that scroll, and that repaint only what became different.

A detail beside a table changes with every key. The built-in way (a text in a scrolling box) lays
the screen out anew and repaints all of it: 14 kB a key over SSH. This draws single lines.
"""

from __future__ import annotations

from collections.abc import Iterable

from textual.content import Content
from textual.events import Resize
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual

from pm_tui.i18n import _
from pm_tui.tui.key_names import keyed


class TextPane(ScrollView, can_focus=True):
    """Focusable, so that a long text can be scrolled by key."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._text: list[Content] = []
        self._wrapped: list[Content] = []
        self._key: object = None

    def offer_copying(self) -> None:
        """Say in the frame how what is shown here is taken along; a click does it."""
        self.border_subtitle = Content(keyed(_("{app.copy} copies"))).stylize("@click=app.copy")

    def show(self, lines: Iterable[Content], key: object = None) -> None:
        """Show `lines`; another `key` than before is another thing, read from its beginning."""
        self._text = list(lines)
        if key != self._key:
            self._key = key
            if self.scroll_offset.y:
                self.scroll_to(y=0, animate=False, immediate=True)
        self._wrap()

    def reach(self, line: str) -> None:
        """Scroll so far that `line` is the first one to be seen, or as far as the text goes."""
        for y, piece in enumerate(self._wrapped):
            if piece.plain == line:
                self.scroll_to(y=y, animate=False, immediate=True)
                return

    def on_resize(self, event: Resize) -> None:
        self._wrap()

    def watch_show_vertical_scrollbar(self) -> None:
        """It takes room from the text without making the pane another size."""
        self.call_after_refresh(self._wrap)

    def _wrap(self) -> None:
        width, height = self.content_size
        if width <= 0:
            return
        before = self._wrapped
        self._wrapped = self._pieces(width)
        if len(self._wrapped) > height:
            # the scroll bar comes with the longer text, and takes its part of every line
            width = max(width - self.styles.scrollbar_size_vertical, 1)
            self._wrapped = self._pieces(width)
        # another size lays out and repaints the whole screen: not for a text that fits anyway
        self.virtual_size = Size(width, max(len(self._wrapped), height))
        for y in range(max(len(before), len(self._wrapped))):
            old = before[y] if y < len(before) else Content("")
            new = self._wrapped[y] if y < len(self._wrapped) else Content("")
            if not old.is_same(new):
                self.refresh_line(y)

    def _pieces(self, width: int) -> list[Content]:
        return [piece for line in self._text for piece in (line.wrap(width) or [Content("")])]

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        style = self.visual_style
        y += self.scroll_offset.y
        if y >= len(self._wrapped):
            return Strip.blank(width, style.rich_style)
        strips = Visual.to_strips(self, self._wrapped[y], width, 1, style, pad=True)
        return strips[0] if strips else Strip.blank(width, style.rich_style)
