"""A table that costs what it shows: rows enter the built-in table a page at a time.

The built-in table measures every cell it is given, which makes thousands of rows slow to appear.
This one keeps the rows as plain data, hands over the first page at once and the next ones as the
cursor comes near them. Sorting and filtering happen on the data, never in the widget.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Generic, TypeVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.coordinate import Coordinate
from textual.events import Click, Resize
from textual.message import Message
from textual.widgets import DataTable
from textual.widgets.data_table import CellKey, ColumnKey, RowKey

from pm_tui.i18n import N_, _
from pm_tui.tui.keymap import Keyed
from pm_tui.tui.widgets.columns import Column as Column
from pm_tui.tui.widgets.columns import Layout, fit, kept

PAGE = 100  # rows handed over at a time: more than any screen shows

T = TypeVar("T")
Cells = Mapping[str, Text]  # by column key


class PagedTable(Keyed, DataTable[Text], Generic[T]):
    """Items by key; `cells` renders one, and is called for those only that come near the screen.

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
        super().__init__(id=id, cursor_type="row", cell_padding=0, zebra_stripes=False)
        self.all_columns = tuple(columns)
        self.layout_chosen = Layout()
        self._render_item = cells
        self._shown: list[tuple[Column, int]] = []
        self._items: list[tuple[str, T]] = []
        self._loaded = 0
        self._filling = False
        self.sort_key = ""
        self.sort_is_reversed = False

    # -- what is shown -------------------------------------------------------

    def show(self, items: Sequence[tuple[str, T]], *, from_top: bool = False) -> None:
        """Show `items` in this order; the chosen row stays chosen where it is still there, unless
        another question or order calls for the first one."""
        chosen, top, below_top = self.chosen, round(self.scroll_y), self._below_top
        old_keys = [key for key, _item in self._items]
        # a server may tell one row twice, and a table with a key twice ends the program
        self._items = list(dict(items).items())
        if self._shown and old_keys == [key for key, _item in self._items]:
            self.refresh_cells()
            if from_top:
                self.move_cursor(row=0)
            return
        self._fill("" if from_top else chosen, 0 if from_top else top, below_top)
        if self.chosen != chosen:
            self.post_message(self.Chosen(self, self.chosen))

    @property
    def _below_top(self) -> int:
        return self.cursor_row - round(self.scroll_y)

    def _fill(self, chosen: str | None, top: int, below_top: int) -> None:
        """Show the same part of the list where the chosen row is in it, else that row as far
        below the top as it was."""
        with self.app.batch_update():
            self._empty(columns=False)
            index = next((i for i, (key, _item) in enumerate(self._items) if key == chosen), 0)
            self._load(index + PAGE)
            if self._items:
                self.move_cursor(row=index, scroll=False)
                stays = top <= index < top + self.scrollable_content_region.height - 1
                self.scroll_to(y=top if stays else max(index - below_top, 0), animate=False)

    def refresh_cells(self) -> None:
        """Render the rows at hand again, and draw only what became different (ages do)."""
        for index in range(self._loaded):
            self._refresh_row(index)

    def refresh_item(self, key: str) -> None:
        """The same for one row, if it is at hand."""
        for index, (other, _item) in enumerate(self._items[: self._loaded]):
            if other == key:
                self._refresh_row(index)
                return

    def _refresh_row(self, index: int) -> None:
        cells = self._render_item(self._items[index][1])
        for place, (column, width) in enumerate(self._shown):
            cell = self._cell(cells, column, width)
            where = Coordinate(index, place)
            old = self.get_cell_at(where)
            if old != cell or old.style != cell.style:
                self.update_cell_at(where, cell)

    def _empty(self, *, columns: bool) -> None:
        self._loaded = 0
        self._filling = True
        self.clear(columns=columns)
        self._filling = False

    def _load(self, until: int) -> None:
        if self._filling:  # the built-in table moves its cursor while it is emptied and filled
            return
        self._filling = True
        for key, item in self._items[self._loaded : until]:
            cells = self._render_item(item)
            row = [self._cell(cells, column, width) for column, width in self._shown]
            self.add_row(*row, key=key)
        self._loaded = max(self._loaded, min(until, len(self._items)))
        self._filling = False

    def _update_column_widths(self, updated_cells: set[CellKey]) -> None:
        """The built-in table's. Our columns have their widths, so no cell is measured: that was
        most of the second that a jump to the end of 5,000 rows took."""

    def _update_dimensions(self, new_rows: Iterable[RowKey]) -> None:
        """As above; each row has one line, and no label."""
        super()._update_dimensions(())

    @staticmethod
    def _cell(cells: Cells, column: Column, width: int) -> Text:
        text = cells[column.key]
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
        if shown == self._shown or width <= 0:
            return
        chosen, top, below_top = self.chosen, round(self.scroll_y), self._below_top
        self._shown = shown
        with self.app.batch_update():
            self._empty(columns=True)
            for column, cells in shown:
                # one cell of air between the columns belongs to the column on its left
                self.add_column(self._header(column, cells), width=cells + 1, key=column.key)
            self._fill(chosen, top, below_top)

    def _header(self, column: Column, width: int) -> Text:
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
        return self._items[self.cursor_row][0] if 0 <= self.cursor_row < self._loaded else None

    def choose(self, key: str) -> None:
        """Put the cursor on the row with `key`, if it is there."""
        for index, (other, _item) in enumerate(self._items):
            if other == key:
                self._load(index + PAGE)
                self.move_cursor(row=index)
                return

    def watch_cursor_coordinate(self, old: Coordinate, new: Coordinate) -> None:
        super().watch_cursor_coordinate(old, new)
        if new.row >= self._loaded - PAGE // 2:
            self._load(new.row + PAGE)
        self._mind_the_end(new.row)
        if old.row != new.row and self._loaded:
            self.post_message(self.Chosen(self, self.chosen))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if self._loaded < len(self._items) and new_value + self.size.height * 2 > self._loaded:
            self._load(self._loaded + PAGE)
        self._mind_the_end(round(new_value))

    def _mind_the_end(self, row: int) -> None:
        if not self._filling and row + self.size.height > len(self._items):
            self.post_message(self.EndIsNear(self))

    def action_scroll_bottom(self) -> None:
        self._load(len(self._items))
        super().action_scroll_bottom()

    def _set_hover_cursor(self, active: bool) -> None:
        # the built-in table redraws the row below the mouse at every key, mouse or not
        if active or self._show_hover_cursor:
            super()._set_hover_cursor(active)

    def width_of(self, key: str) -> int:
        """The cells that a column has now; 0 while it has no room."""
        return next((width for column, width in self._shown if column.key == key), 0)

    def rename(self, key: str, label: str) -> None:
        """Another title for a column; seen when the header is drawn next (`mark_sort`)."""

        def named(column: Column) -> Column:
            return replace(column, label=label) if column.key == key else column

        self.all_columns = tuple(named(column) for column in self.all_columns)
        self._shown = [(named(column), width) for column, width in self._shown]

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

    def on_click(self, event: Click) -> None:
        """The right button on the titles; the left one sorts (Textual calls both handlers)."""
        if event.button == 3 and event.style.meta.get("row") == -1:
            event.prevent_default().stop()
            self.action_columns()

    # -- the order -----------------------------------------------------------

    def mark_sort(self, key: str, reverse: bool) -> None:
        """Say in the header by what the rows are sorted."""
        self.sort_key, self.sort_is_reversed = key, reverse
        for column, width in self._shown:
            self.columns[ColumnKey(column.key)].label = self._header(column, width)
        self._update_count += 1
        self.refresh()

    def action_sort_next(self) -> None:
        keys = [column.key for column, _width in self._shown]
        place = keys.index(self.sort_key) if self.sort_key in keys else -1
        self.post_message(self.SortRequested(self, keys[(place + 1) % len(keys)], False))

    def action_sort_reverse(self) -> None:
        if self.sort_key:
            self.post_message(self.SortRequested(self, self.sort_key, not self.sort_is_reversed))

    def on_data_table_header_selected(self, event: DataTable.HeaderSelected) -> None:
        self.request_sort(str(event.column_key.value))

    def request_sort(self, key: str) -> None:
        """Ask for the order of a column; once more for the other way round."""
        again = key == self.sort_key
        self.post_message(self.SortRequested(self, key, again and not self.sort_is_reversed))
