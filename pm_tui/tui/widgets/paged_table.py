"""A list of items as a table: columns that follow the width, an order, and the chosen item.

The rows stay plain data; what is drawn of them is made when it is drawn (`RowTable`). Sorting and
filtering happen on the data, never in the widget.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Generic, TypeVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.cache import LRUCache
from textual.events import Resize
from textual.message import Message

from pm_tui.i18n import N_, _
from pm_tui.tui.keymap import Keyed
from pm_tui.tui.widgets.columns import Column as Column
from pm_tui.tui.widgets.columns import Layout, fit, kept
from pm_tui.tui.widgets.row_table import KEPT, TITLES, RowTable

NO_TEXT = dict.fromkeys((*range(32), *range(127, 160)), " ")

T = TypeVar("T")
Cells = Mapping[str, Text]  # by column key


class PagedTable(Keyed, RowTable, Generic[T]):
    """Items by key; `cells` renders one, and is called for those only that are on the screen.

    `sort_key` and `sort_is_reversed` only mark the header: the owner of the items sorts them.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("g,home", "scroll_top", N_("First row"), show=False, id="table.top"),
        Binding("G,end", "scroll_bottom", N_("Last row"), show=False, id="table.bottom"),
        Binding("pagedown", "page_down", N_("Page down"), show=False, id="table.page_down"),
        Binding("pageup", "page_up", N_("Page up"), show=False, id="table.page_up"),
        Binding("s", "sort_next", N_("Sort"), id="table.sort"),
        Binding("S", "sort_reverse", N_("Reverse order"), show=False, id="table.reverse"),
        Binding("C", "columns", N_("Columns"), show=False, id="table.columns"),
    ]

    @dataclass
    class SortRequested(Message):
        """The person asked for another order."""

        table: PagedTable[Any]
        key: str
        reverse: bool

    @dataclass
    class Chosen(Message):
        """The cursor stands on another row; None when there is none."""

        table: PagedTable[Any]
        key: str | None

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, PagedTable.Chosen) and message.table is self.table

    @dataclass
    class EndIsNear(Message):
        """The last rows that there are come near the screen: whoever has more may bring them."""

        table: PagedTable[Any]

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, PagedTable.EndIsNear) and message.table is self.table

    def __init__(
        self,
        columns: Sequence[Column],
        cells: Callable[[T], Cells],
        *,
        id: str,  # noqa: A002 - Textual's name
    ) -> None:
        super().__init__(id=id)
        self.all_columns = tuple(columns)
        self.layout_chosen = Layout()
        self._render_item = cells
        self._shown: list[tuple[Column, int]] = []
        self._items: list[tuple[str, T]] = []
        self._made: LRUCache[int, list[Text]] = LRUCache(KEPT)  # the cells, by row
        self.sort_key = ""
        self.sort_is_reversed = False

    # -- what is shown -------------------------------------------------------

    def show(self, items: Sequence[tuple[str, T]], *, from_top: bool = False) -> None:
        """Show `items` in this order; the chosen row stays chosen where it is still there, unless
        another question or order calls for the first one."""
        chosen = self.chosen
        old_keys = [key for key, _item in self._items]
        # a server may tell one row twice
        self._items = list(dict(items).items())
        if old_keys == [key for key, _item in self._items]:
            self.refresh_cells()
            if from_top:
                self.move_cursor(row=0)
            return
        self._place("" if from_top else chosen)
        if self.chosen != chosen:
            self.post_message(self.Chosen(self, self.chosen))

    def _place(self, chosen: str | None) -> None:
        """Show the same part of the list where the chosen row is in it, else that row as far
        below the top as it was; the first part where it is gone."""
        top = self.scroll_offset.y
        below_top = self.cursor_row - top
        self._made.clear()
        self.rows_changed()
        index = self._index(chosen)
        self.cursor_row = index or 0
        if index is None:
            self.scroll_to_row(0)
            return
        stays = top <= index < top + self.page
        self.scroll_to_row(top if stays else index - below_top)
        if index:
            self._mind_the_end(index)

    def _index(self, key: str | None) -> int | None:
        return next((n for n, (other, _item) in enumerate(self._items) if other == key), None)

    @property
    def row_count(self) -> int:
        return len(self._items)

    @property
    def widths(self) -> Sequence[int]:
        return [width for _column, width in self._shown]

    def get_row_at(self, row: int) -> Sequence[Text]:
        """The cells of a row; the last ones that were asked for are kept until `refresh_cells`."""
        if row == TITLES:
            return [self._title(column, width) for column, width in self._shown]
        made = self._made.get(row)
        if made is None:
            cells = self._render_item(self._items[row][1])
            made = [self._cell(cells, column, width) for column, width in self._shown]
            self._made[row] = made
        return made

    def refresh_cells(self) -> None:
        """Render the rows on the screen again, and draw only those that became different (by their
        ages, mostly). The others are rendered when they are seen."""
        before = {row: self._made.get(row) for row in self.rows_seen}
        self._made.clear()
        self._draw_what_differs(before)

    def refresh_item(self, key: str) -> None:
        """The same for one row."""
        row = self._index(key)
        if row is not None:
            before = {row: self._made.get(row)}
            self._made.discard(row)
            self._draw_what_differs(before)

    def _draw_what_differs(self, before: Mapping[int, Sequence[Text] | None]) -> None:
        self.rows_differ(row for row, old in before.items() if not _same(old, self.get_row_at(row)))

    @staticmethod
    def _cell(cells: Cells, column: Column, width: int) -> Text:
        text = cells[column.key]
        if not text.plain.isprintable():  # a row is one line, whatever is said in it
            text.plain = text.plain.translate(NO_TEXT)
        text.truncate(width, overflow="ellipsis")
        if column.right:
            text.align("right", width)
        return text

    def on_resize(self, event: Resize) -> None:
        self._lay_out_columns()

    def _lay_out_columns(self) -> None:
        width = self.size.width - self.styles.scrollbar_size_vertical
        layout = self.layout_chosen
        shown = fit(layout.of(self.all_columns), width, refill=bool(layout.order))
        if shown != self._shown and width > 0:
            self._shown = shown
            self._made.clear()
            self.rows_changed()

    def _title(self, column: Column, width: int) -> Text:
        mark = "" if column.key != self.sort_key else ("▼" if self.sort_is_reversed else "▲")
        text = Text(_(column.label), overflow="ellipsis", no_wrap=True)
        text.truncate(max(width - len(mark), 1))
        text.append(mark)
        if column.right:
            text.align("right", width)
        return text

    # -- the cursor ----------------------------------------------------------

    @property
    def chosen(self) -> str | None:
        """The key of the row under the cursor."""
        return self._items[self.cursor_row][0] if self.cursor_row < len(self._items) else None

    def choose(self, key: str) -> None:
        """Put the cursor on the row with `key`, if it is there."""
        index = self._index(key)
        if index is not None:
            self.move_cursor(row=index)

    def watch_cursor_row(self, old: int, new: int) -> None:
        super().watch_cursor_row(old, new)
        self._mind_the_end(new)
        if self._items:
            self.post_message(self.Chosen(self, self.chosen))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._mind_the_end(round(new_value))

    def _mind_the_end(self, row: int) -> None:
        if row + self.size.height > len(self._items):
            self.post_message(self.EndIsNear(self))

    def width_of(self, key: str) -> int:
        """The cells that a column has now; 0 while it has no room."""
        return next((width for column, width in self._shown if column.key == key), 0)

    def rename(self, key: str, label: str) -> None:
        """Another title for a column."""

        def named(column: Column) -> Column:
            return replace(column, label=label) if column.key == key else column

        self.all_columns = tuple(named(column) for column in self.all_columns)
        self._shown = [(named(column), width) for column, width in self._shown]
        self.refresh_row(TITLES)

    # -- the columns ---------------------------------------------------------

    def on_mount(self) -> None:
        recall = getattr(self.app, "recall", None)
        if recall is not None:
            raw = recall(f"columns.{self.id}", list, [])
            self.layout_chosen = kept(raw, self.all_columns)

    def lay_out(self, layout: Layout) -> None:
        """Show the columns that `layout` says; cursor and scroll stay where they are."""
        self.layout_chosen = layout
        self._lay_out_columns()

    def action_columns(self) -> None:
        """Choose, order and size the columns."""
        from pm_tui.tui.screens.columns import ColumnsScreen

        self.app.push_screen(ColumnsScreen(self))

    def press_title(self, column: int, button: int) -> None:
        """The left button sorts, the right one asks which columns there are to be."""
        if button == 3:
            self.action_columns()
        else:
            self.request_sort(self._shown[column][0].key)

    # -- the order -----------------------------------------------------------

    def mark_sort(self, key: str, reverse: bool) -> None:
        """Say in the header by what the rows are sorted."""
        self.sort_key, self.sort_is_reversed = key, reverse
        self.refresh_row(TITLES)

    def action_sort_next(self) -> None:
        keys = [column.key for column, _width in self._shown]
        place = keys.index(self.sort_key) if self.sort_key in keys else -1
        self.post_message(self.SortRequested(self, keys[(place + 1) % len(keys)], False))

    def action_sort_reverse(self) -> None:
        if self.sort_key:
            self.post_message(self.SortRequested(self, self.sort_key, not self.sort_is_reversed))

    def request_sort(self, key: str) -> None:
        """Ask for the order of a column; once more for the other way round."""
        again = key == self.sort_key
        self.post_message(self.SortRequested(self, key, again and not self.sort_is_reversed))


def _same(old: Sequence[Text] | None, new: Sequence[Text]) -> bool:
    return old is not None and all(
        one == other and one.style == other.style for one, other in zip(old, new, strict=True)
    )
