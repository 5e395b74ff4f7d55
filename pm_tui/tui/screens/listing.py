"""A view of one list: a table, a filter over its rows, and the details of the chosen one."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.widgets import Input

from pm_tui.tui.screens.base import View
from pm_tui.tui.widgets.filter_field import FilterField
from pm_tui.tui.widgets.paged_table import PagedTable


class Listing(View):
    """`LIST` is the table's id. Where there is no room beside the list (class `-narrow`), the
    details take its place until Escape (class `-details`)."""

    LIST: ClassVar[str]
    _sort: str
    _reverse: bool
    _text = ""  # of the filter, casefolded

    def show_rows(self, *, from_top: bool = False) -> None:
        """Show what there is, filtered and sorted."""
        raise NotImplementedError

    def action_details(self) -> None:
        """Look into the chosen row."""
        raise NotImplementedError

    @on(PagedTable.SortRequested)
    def _sort_requested(self, event: PagedTable.SortRequested) -> None:
        self._sort, self._reverse = event.key, event.reverse
        self.show_rows(from_top=True)

    @on(PagedTable.RowSelected)
    def _row_selected(self) -> None:
        self.action_details()

    @on(Input.Changed, "#filter")
    def _text_changed(self, event: Input.Changed) -> None:
        self._text = event.value.strip().casefold()
        self.show_rows()

    @on(Input.Submitted, "#filter")
    def _text_done(self) -> None:
        self.query_one(f"#{self.LIST}").focus()

    def action_filter(self) -> None:
        self.query_one(FilterField).open()

    def action_back(self) -> None:
        """Escape steps back: from the details, from the filter, to the list."""
        field = self.query_one(FilterField)
        if self.has_class("-details"):
            self.remove_class("-details")
        elif field.is_open:
            field.close()
        self.query_one(f"#{self.LIST}").focus()
