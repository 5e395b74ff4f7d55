"""Lists of thousands cost what is on the screen, and show what they should wherever one goes."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from rich.text import Text
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from pm_tui.tui.widgets.paged_table import Cells, Column, PagedTable

COLUMNS = (Column("name", "Name", 12, grow=1), Column("age", "Age", 6, right=True))
SIZE = (40, 12)
SEEN = SIZE[1] - 1  # rows
Items = Sequence[tuple[str, int]]


class Shelf(App[None]):
    """Nothing but a table, and what was asked of it."""

    def __init__(self) -> None:
        super().__init__()
        self.made = 0
        self.age = 0
        self.chosen: list[str | None] = []
        self.near = 0
        self.said: Text | None = None  # in the place of a name
        self.asked: list[str] = []
        self.selected: list[int] = []

    def compose(self) -> ComposeResult:
        yield PagedTable(COLUMNS, self.cells, id="rows")

    def cells(self, item: int) -> Cells:
        self.made += 1
        style = "red" if self.age % 2 and item % 2 else ""
        name = self.said.copy() if self.said else Text(f"row {item}", style)
        return {"name": name, "age": Text(f"{item % 3 * self.age}")}

    @property
    def table(self) -> PagedTable[int]:
        return self.query_one(PagedTable)

    def on_paged_table_chosen(self, event: PagedTable.Chosen) -> None:
        self.chosen.append(event.key)

    def on_paged_table_end_is_near(self) -> None:
        self.near += 1

    def on_paged_table_sort_requested(self, event: PagedTable.SortRequested) -> None:
        self.asked.append(event.key)

    def on_row_table_row_selected(self, event: PagedTable.RowSelected) -> None:
        self.selected.append(event.row)

    def lines(self) -> list[str]:
        """What is drawn; only now is it."""
        strips = self.screen._compositor.render_strips()
        return [strip.text[: SIZE[0] - 2] for strip in strips]

    def expected(self, items: Items) -> list[str]:
        """What should be, by what the table itself says of its place."""
        top = self.table.scroll_offset.y
        width = SIZE[0] - 2 - 6 - 2
        rows = [
            f"{f'row {item}':<{width}} {item % 3 * self.age:>6} "
            for _key, item in items[top : top + SEEN]
        ]
        return [*rows, *[" " * (SIZE[0] - 2)] * (SEEN - len(rows))]


def listed(numbers: Sequence[int]) -> list[tuple[str, int]]:
    return [(f"key {n}", n) for n in numbers]


@asynccontextmanager
async def shelf(count: int) -> AsyncIterator[tuple[Shelf, Pilot[None], list[tuple[str, int]]]]:
    app, items = Shelf(), listed(range(count))
    async with app.run_test(size=SIZE) as pilot:
        app.table.focus()
        app.table.show(items)
        await pilot.pause()
        assert app.lines()[1:] == app.expected(items)
        app.made, app.near = 0, 0
        app.chosen.clear()
        yield app, pilot, items


async def test_the_end_of_thousands_costs_a_screen() -> None:
    async with shelf(5000) as (app, pilot, items):
        table = app.table
        await pilot.press("end")
        assert app.lines()[-1].startswith("row 4999 ")
        assert (table.chosen, app.chosen, app.near > 0) == ("key 4999", ["key 4999"], True)
        await pilot.press("pageup", "up")
        assert table.cursor_row == 4999 - SEEN - 1
        assert app.lines()[1:] == app.expected(items)
        table.choose("key 2500")
        await pilot.pause()
        assert table.chosen == "key 2500" and app.lines()[1].startswith("row 2500 ")
        await pilot.press("pagedown", "down", "home")
        assert app.lines()[1:] == app.expected(items)
        assert app.lines()[1].startswith("row 0 ")
        assert app.made < 8 * SEEN
        table.choose("key 4000")
        await pilot.pause()
        app.lines()
        app.made = 0
        app.age = 7
        table.refresh_cells()
        assert app.made == SEEN  # not those that were looked at before
        assert app.lines()[1:] == app.expected(items)
        table.choose("key 0")
        await pilot.pause()
        assert app.lines()[1:] == app.expected(items)  # nor are they what they were


async def test_a_list_that_changes_far_down_keeps_the_row_and_its_line() -> None:
    async with shelf(5000) as (app, pilot, items):
        table = app.table
        table.choose("key 4000")
        await pilot.press("up", "up")
        line = next(n for n, text in enumerate(app.lines()) if text.startswith("row 3998 "))
        kept = items[1000:]
        table.show(kept)
        await pilot.pause()
        assert (table.chosen, table.cursor_row) == ("key 3998", 2998)
        assert app.lines()[line].startswith("row 3998 ")
        table.show(items[3990:4002])  # fewer than were above it
        await pilot.pause()
        assert table.chosen == "key 3998"
        assert app.lines()[1:] == app.expected(items[3990:4002])
        table.show(items[:3])  # without it
        await pilot.pause()
        assert (table.chosen, table.scroll_offset.y, table.virtual_size.height) == ("key 0", 0, 4)
        assert app.lines()[1:] == app.expected(items[:3])
        table.show([])
        await pilot.press("down", "end", "enter", "pageup")
        assert table.chosen is None and app.lines()[1:] == app.expected([])
        table.show(items)
        await pilot.pause()
        assert app.chosen[-2:] == [None, "key 0"]
        assert app.lines()[1:] == app.expected(items)


async def test_a_row_is_one_line_whatever_is_in_it() -> None:
    async with shelf(3) as (app, pilot, _items):
        app.said = Text.assemble("a\nb\t\x9b2J", ("東京" * 9, "red"))
        app.table.refresh_cells()
        await pilot.pause()
        line = app.screen._compositor.render_strips()[2]
        assert line.text.startswith("a b  2J東京") and "…" in line.text
        assert line.cell_length == SIZE[0]
        plain, coloured, *_rest = [style.color for _text, style, _c in line if style]
        assert plain != coloured


async def test_the_mouse_moves_chooses_and_sorts(monkeypatch: pytest.MonkeyPatch) -> None:
    async with shelf(300) as (app, pilot, _items):
        table = app.table
        await pilot.press("end")
        top = table.scroll_offset.y
        await pilot.click(table, offset=(3, 4))
        assert (table.cursor_row, app.selected) == (top + 3, [])
        await pilot.hover(table, offset=(3, 6))
        assert table.hover_row == top + 5
        strips = app.screen._compositor.render_strips()
        grounds = {style.bgcolor for _text, style, _c in map(next, map(iter, strips)) if style}
        assert len(grounds) == 4  # of the titles, the cursor, the mouse and the rest
        await pilot.press("up")
        assert table.hover_row is None
        await pilot.click(table, offset=(3, 3))
        assert app.selected == [top + 2]
        monkeypatch.setattr(table, "action_columns", lambda: app.asked.append("columns"))
        await pilot.click(table, offset=(3, 0))
        await pilot.click(table, offset=(35, 0))
        await pilot.click(table, offset=(3, 0), button=3)
        assert app.asked == ["name", "age", "columns"]
        table.mark_sort("age", True)
        assert app.lines()[0].rstrip().endswith("Age▼")


@pytest.mark.parametrize("seed", range(3))
async def test_wherever_one_goes_the_lines_are_those_of_the_rows(seed: int) -> None:
    rng = random.Random(seed)
    async with shelf(60) as (app, pilot, items):
        table = app.table
        for _step in range(40):
            chosen, cursor_seen = table.chosen, True
            match rng.choice(("show", "show", "key", "key", "choose", "scroll", "age")):
                case "show":
                    numbers = rng.sample(range(120), rng.choice((0, 3, SEEN, 40, 90)))
                    items = listed(numbers if rng.random() < 0.5 else sorted(numbers))
                    table.show(items)
                    keys = [key for key, _item in items]
                    first = keys[0] if keys else None
                    assert table.chosen == (chosen if chosen in keys else first)
                    cursor_seen = False
                case "key":
                    await pilot.press(rng.choice(("up", "down", "end", "g", "pageup", "pagedown")))
                case "choose":
                    key = f"key {rng.randrange(120)}"
                    table.choose(key)
                    known = key in [key for key, _item in items]
                    assert table.chosen == (key if known else chosen)
                    cursor_seen = known
                case "scroll":
                    table.scroll_relative(y=rng.randint(-30, 30), animate=False)
                    cursor_seen = False
                case "age":
                    app.age += 1
                    table.refresh_cells()
                    cursor_seen = False
            await pilot.pause()
            assert app.lines()[1:] == app.expected(items)
            assert 0 <= table.scroll_offset.y <= max(len(items) - SEEN, 0)
            assert not items or not cursor_seen or table.cursor_row in table.rows_seen
