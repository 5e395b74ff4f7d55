"""A table of lines that costs what is on the screen: a row is made when its line is drawn.

Textual's own table wants every cell before it shows one, and renders each by itself: the end of
5,000 rows took seconds, and each page of a large terminal a fifth of one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.cache import LRUCache
from textual.events import Click, Leave, MouseMove, Resize
from textual.geometry import Region, Size, clamp
from textual.message import Message
from textual.reactive import Reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

TITLES = -1  # the row of the titles, which does not scroll
AIR = 1  # cells between two columns, which belong to the one on the left
KEPT = 400  # lines: more than any screen shows


class Look(NamedTuple):
    """How a line is drawn: `under` what its cells say themselves, and `over` that."""

    under: Style
    over: Style

    def of(self, style: Style | None) -> Style:
        return self.under + self.over if style is None else self.under + style + self.over


class RowTable(ScrollView, can_focus=True):
    """Knows of its rows only how many there are and, one at a time, what stands in them."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "table--cursor",
        "table--hover",
        "table--titles",
        "table--titles-hover",
    }
    DEFAULT_CSS = """
    RowTable {
        background: $surface;
        color: $foreground;
        height: auto;
        max-height: 100%;

        &:focus {
            background-tint: $foreground 5%;
            & > .table--cursor {
                background: $block-cursor-background;
                color: $block-cursor-foreground;
                text-style: $block-cursor-text-style;
            }
            & > .table--titles { background-tint: $foreground 5%; }
        }
        & > .table--titles { background: $panel; color: $foreground; text-style: bold; }
        &:ansi > .table--titles { background: ansi_bright_blue; color: ansi_default; }
        & > .table--titles-hover { background: $accent 30%; }
        & > .table--cursor {
            background: $block-cursor-blurred-background;
            color: $block-cursor-blurred-foreground;
            text-style: $block-cursor-blurred-text-style;
        }
        & > .table--hover { background: $block-hover-background; }
    }
    """
    # beside those of whatever scrolls; none of them can be changed
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select_cursor", "Select", show=False),
        Binding("up", "cursor_up", "Cursor up", show=False),
        Binding("down", "cursor_down", "Cursor down", show=False),
        Binding("ctrl+home", "scroll_top", "Top", show=False),
        Binding("ctrl+end", "scroll_bottom", "Bottom", show=False),
    ]

    cursor_row: Reactive[int] = Reactive(0, repaint=False)
    hover_row: Reactive[int | None] = Reactive(None, repaint=False)
    """The one below the mouse, until a key is pressed."""

    @dataclass
    class RowSelected(Message):
        """Enter, or a click on the row that the cursor is on."""

        table: RowTable
        row: int

        @property
        def control(self) -> RowTable:
            """For `on` with a selector."""
            return self.table

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._lines: LRUCache[tuple[int, Look], Strip] = LRUCache(KEPT)
        self._looks: dict[str, Look] = {}
        self._tall = 0  # the rows that fitted before it took another size

    # -- what there is ---------------------------------------------------------

    @property
    def row_count(self) -> int:
        """How many rows there are, the titles not among them."""
        raise NotImplementedError

    @property
    def widths(self) -> Sequence[int]:
        """The cells of each column."""
        raise NotImplementedError

    def get_row_at(self, row: int) -> Sequence[Text]:
        """What stands in a row (or in `TITLES`), none wider than its column."""
        raise NotImplementedError

    def press_title(self, column: int, button: int) -> None:
        """The title of a column was clicked."""

    def rows_changed(self) -> None:
        """Others, more or fewer, or other columns: draw them all anew."""
        self.virtual_size = Size(sum(self.widths) + len(self.widths) * AIR, self.row_count + 1)
        self._lines.clear()
        self.refresh()

    def rows_differ(self, rows: Iterable[int]) -> None:
        """Something else stands in some rows."""
        self._lines.clear()
        for row in rows:
            self.refresh_row(row)

    # -- drawing ---------------------------------------------------------------

    @property
    def rows_seen(self) -> range:
        """Those that have a line on the screen."""
        top = self.scroll_offset.y
        return range(top, min(top + max(self.size.height - 1, 0), self.row_count))

    def refresh_row(self, row: int) -> None:
        """Draw a row again, if it has a line on the screen; `TITLES` always has."""
        if row == TITLES or row in self.rows_seen:
            y = 0 if row == TITLES else row + 1 - self.scroll_offset.y
            self.refresh(Region(0, y, self.size.width, 1))

    def on_resize(self, event: Resize) -> None:
        self._lines.clear()
        was_seen = 0 <= self.cursor_row - self.scroll_offset.y < self._tall
        self._tall = self.page or self._tall
        if was_seen:
            self.scroll_to_cursor()

    def render_lines(self, crop: Region) -> list[Strip]:
        self._looks = self._find_looks()  # once for all of the lines
        return super().render_lines(crop)

    def _find_looks(self) -> dict[str, Look]:
        base, none = self.rich_style, Style.null()
        cursor, hover, titles, above = map(
            self.get_component_rich_style,
            ("table--cursor", "table--hover", "table--titles", "table--titles-hover"),
        )

        def over(style: Style) -> Style:
            """On a ground of another colour no text keeps its own."""
            return Style.from_color(style.color)

        return {
            "row": Look(base, none),
            "cursor": Look(base + cursor, over(cursor)),
            "hover": Look(base + hover, over(hover)),
            "titles": Look(titles, none),
            "titles hover": Look(titles + hover + above, over(above)),
        }

    def render_line(self, y: int) -> Strip:
        width, (left, top) = self.size.width, self.scroll_offset
        row = TITLES if y == 0 else y - 1 + top
        self._looks = self._looks or self._find_looks()  # a mouse may ask for a line by itself
        if row >= self.row_count:
            return Strip.blank(width, self._looks["row"].under)
        line = self._line(row, max(width, self.virtual_size.width))
        return line.crop(left, left + width)

    def _line(self, row: int, width: int) -> Strip:
        is_hovered = row == self.hover_row
        if row == TITLES:
            look = self._looks["titles hover" if is_hovered else "titles"]
            return line_of(self.get_row_at(row), self.widths, look, width, self.app.console)
        kind = "cursor" if row == self.cursor_row else "hover" if is_hovered else "row"
        look = self._looks[kind]
        line = self._lines.get((row, look))
        if line is None:
            line = line_of(self.get_row_at(row), self.widths, look, width, self.app.console)
            self._lines[row, look] = line
        return line

    # -- the cursor ------------------------------------------------------------

    def validate_cursor_row(self, row: int) -> int:
        return clamp(row, 0, max(self.row_count - 1, 0))

    def watch_cursor_row(self, old: int, new: int) -> None:
        self.refresh_row(old)
        self.refresh_row(new)

    def move_cursor(self, *, row: int) -> None:
        """Put the cursor on the row nearest to `row`, and have it on the screen."""
        self.hover_row = None
        self.cursor_row = row
        self.scroll_to_cursor()

    @property
    def page(self) -> int:
        """The rows that fit on the screen."""
        return max(self.scrollable_content_region.height - 1, 0)

    def scroll_to_cursor(self) -> None:
        """No further than it takes."""
        top, row = self.scroll_offset.y, self.cursor_row
        if self.page:
            self.scroll_to_row(clamp(top, row - self.page + 1, row))

    def scroll_to_row(self, row: int) -> None:
        """Have it on the first line, or as near to that as there are rows below it."""
        # forced: that there is a bar, if there is one, is found out when it is laid out
        self.scroll_to(y=row, animate=False, force=True)

    def action_cursor_up(self) -> None:
        self.move_cursor(row=self.cursor_row - 1)

    def action_cursor_down(self) -> None:
        self.move_cursor(row=self.cursor_row + 1)

    def action_page_up(self) -> None:
        self.scroll_to_row(self.scroll_offset.y - self.page)
        self.move_cursor(row=self.cursor_row - self.page)

    def action_page_down(self) -> None:
        self.scroll_to_row(self.scroll_offset.y + self.page)
        self.move_cursor(row=self.cursor_row + self.page)

    def action_scroll_top(self) -> None:
        self.move_cursor(row=0)

    def action_scroll_bottom(self) -> None:
        self.move_cursor(row=self.row_count - 1)

    def action_select_cursor(self) -> None:
        if self.row_count:
            self.post_message(self.RowSelected(self, self.cursor_row))

    # -- the mouse -------------------------------------------------------------

    def watch_hover_row(self, old: int | None, new: int | None) -> None:
        for row in (old, new):
            if row is not None:
                self.refresh_row(row)

    def on_mouse_move(self, event: MouseMove) -> None:
        self.hover_row = self._row_at(event)

    def on_leave(self, event: Leave) -> None:
        self.hover_row = None

    def on_click(self, event: Click) -> None:
        row = self._row_at(event)
        if row == TITLES:
            right = 0
            for column, width in enumerate(self.widths):
                right += width + AIR
                if event.get_content_offset_capture(self).x + self.scroll_offset.x < right:
                    self.press_title(column, event.button)
                    return
        elif row is not None:
            event.stop()
            if row == self.cursor_row:
                self.action_select_cursor()
            self.move_cursor(row=row)

    def _row_at(self, event: Click | MouseMove) -> int | None:
        at = event.get_content_offset(self)
        if at is None:
            return None
        row = TITLES if at.y == 0 else at.y - 1 + self.scroll_offset.y
        return row if row < self.row_count else None


def line_of(
    texts: Sequence[Text], widths: Sequence[int], look: Look, width: int, console: Console
) -> Strip:
    """The texts in columns of `widths`, `width` cells in all."""
    pieces: list[Segment] = []
    blank = look.of(None)
    for text, cells in zip(texts, widths, strict=True):
        own = console.get_style(text.style)
        if text.spans:
            pieces += (Segment(part, look.of(style)) for part, style, _ in text.render(console))
        else:
            pieces.append(Segment(text.plain, look.of(own)))
        pieces.append(Segment(" " * (cells + AIR - text.cell_len), blank))
    return Strip(pieces).adjust_cell_length(width, blank).simplify()
