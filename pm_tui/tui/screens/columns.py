"""The columns of a table: which are shown, in which order, how wide. The table follows at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Label, OptionList

from pm_tui.i18n import N_, _
from pm_tui.tui.key_names import keyed
from pm_tui.tui.screens.base import Dialog
from pm_tui.tui.widgets.columns import Column, Layout, as_made
from pm_tui.tui.widgets.key_bar import KeyBar

if TYPE_CHECKING:
    from pm_tui.tui.widgets.paged_table import PagedTable

LABEL_WIDTH = 20


class ColumnsScreen(Dialog[None]):
    """What is changed here is kept when it closes, and can be undone then as a whole."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "choose", N_("Show"), id="columns.toggle"),
        Binding("K,shift+up", "move(-1)", N_("Up"), id="columns.up", key_display="K"),
        Binding("J,shift+down", "move(1)", N_("Down"), id="columns.down", key_display="J"),
        Binding(
            "less_than_sign,left", "size(-1)", N_("Narrower"), id="columns.narrower",
            key_display="<",
        ),
        Binding(
            "greater_than_sign,right", "size(1)", N_("Wider"), id="columns.wider",
            key_display=">",
        ),
        Binding("escape,C,q", "dismiss(None)", N_("Back"), id="columns.back", key_display="esc"),
        Binding("u", "undo", N_("Undo"), id="columns.undo"),
        Binding("0", "reset", N_("As made"), tooltip=N_("As it was made"), id="columns.reset"),
    ]  # fmt: skip

    def __init__(self, table: PagedTable[Any]) -> None:
        super().__init__()
        self._table = table
        self._first = table.layout_chosen
        self._before: list[Layout] = []

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = _("Columns")
            text = _(
                "What has no room here is left out. {columns.reset} resets, {columns.undo} undoes."
            )
            yield Label(Content(keyed(text)))
            yield OptionList(*self._lines(), markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(OptionList).highlighted = 0

    def on_unmount(self) -> None:
        table, first = self._table, self._first
        if table.layout_chosen == first:
            return
        remember(self.app.remember, table)

        def back() -> None:
            table.lay_out(first)
            remember(self.app.remember, table)

        self.app.undoable(_("the columns as they were"), back)

    # -- showing -------------------------------------------------------------

    @property
    def _layout(self) -> Layout:
        chosen = self._table.layout_chosen
        return chosen if chosen.order else as_made(self._table.all_columns)

    def _lines(self) -> list[Content]:
        known = {column.key: column for column in self._table.all_columns}
        return [self._line(known[key]) for key in self._layout.order]

    def _line(self, column: Column) -> Content:
        layout = self._layout
        is_shown = column.key in layout.shown
        label = Content(f"[{'X' if is_shown else ' '}] {_(column.label):<{LABEL_WIDTH}}")
        now = self._table.width_of(column.key)
        if not is_shown:
            width = ""
        elif not now:
            width = _("no room")
        elif column.key in layout.widths or not column.grow:
            width = _("{n} wide").format(n=now)
        else:
            width = _("{n} wide, grows").format(n=now)
        return Content.assemble(label, Content.styled(width, "$text-muted"))

    def _change(self, layout: Layout, *, step: bool = True) -> None:
        if layout == self._table.layout_chosen:
            return
        if step:
            self._before.append(self._table.layout_chosen)
        chosen = self._chosen
        self._table.lay_out(layout)
        options = self.query_one(OptionList)
        options.set_options(self._lines())
        options.highlighted = self._layout.order.index(chosen)

    @property
    def _chosen(self) -> str:
        return self._layout.order[self.query_one(OptionList).highlighted or 0]

    # -- acting --------------------------------------------------------------

    @on(OptionList.OptionSelected)
    def action_choose(self) -> None:
        self._change(self._layout.toggled(self._chosen))

    def action_move(self, by: int) -> None:
        self._change(self._layout.moved(self._chosen, by))

    def action_size(self, by: int) -> None:
        """From the width that it has now; one that has none is made wider from what it needs."""
        key = self._chosen
        made = next(one.width for one in self._table.all_columns if one.key == key)
        layout = self._layout
        if key in layout.shown:
            now = layout.widths.get(key) or self._table.width_of(key) or made
            self._change(layout.sized(key, now + by))

    def action_reset(self) -> None:
        self._change(Layout())

    def action_undo(self) -> None:
        if self._before:
            self._change(self._before.pop(), step=False)


def remember(keep: Callable[[str, Any], None], table: PagedTable[Any]) -> None:
    """Keep how a table is arranged, under its name."""
    keep(f"columns.{table.id}", table.layout_chosen.raw)
