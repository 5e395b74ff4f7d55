"""What a list of thousands of rows costs: `python -m tests.bench table [ROWS]`.

Prints the milliseconds of processor time until the table is drawn again (the median), and how many
rows were rendered for it.
"""

from __future__ import annotations

import asyncio
import statistics
import time
import tracemalloc
from collections.abc import Callable, Sequence
from datetime import timedelta

from textual.app import App, ComposeResult
from textual.pilot import Pilot

from pm_tui.models.charger import Location
from pm_tui.services.ages import Limits
from pm_tui.tui.widgets import location_table
from pm_tui.tui.widgets.paged_table import Cells, PagedTable
from tests.bench.pan import rows
from tests.fakes import NOON

SIZES = ((80, 24), (200, 60))
TIMES = 7
Action = Callable[[], None]
LIMITS = Limits(*[timedelta(minutes=5)] * 4)


class Shelf(App[None]):
    """Nothing but a table."""

    def __init__(self) -> None:
        super().__init__()
        self.made = 0
        self.age = timedelta(0)

    def compose(self) -> ComposeResult:
        yield PagedTable(location_table.COLUMNS, self._cells, id="rows")

    def _cells(self, row: Location) -> Cells:
        self.made += 1
        return location_table.cells(row, NOON, NOON + self.age, LIMITS)

    @property
    def table(self) -> PagedTable[Location]:
        return self.query_one(PagedTable)

    def grow_old(self) -> None:
        self.age += timedelta(minutes=1)
        self.table.refresh_cells()


def nothing() -> None:
    """The table stays as the time before left it."""


async def measure(items: Sequence[tuple[str, Location]], size: tuple[int, int]) -> None:
    app = Shelf()
    async with app.run_test(size=size) as pilot:
        table = app.table
        table.focus()
        middle, key = len(items) // 2, items[len(items) // 2][0]

        end = table.action_scroll_bottom

        def empty() -> None:
            table.show([])

        def anew() -> None:
            table.show([])
            table.show(items)

        def top() -> None:
            table.move_cursor(row=0)

        def scroll() -> None:
            table.scroll_relative(y=1, animate=False)

        steps: tuple[tuple[str, Action, Action], ...] = (
            ("first show", empty, lambda: table.show(items)),
            ("another order", anew, lambda: table.show(items[::-1])),
            ("End", anew, end),
            ("Home", end, table.action_scroll_top),
            (f"to row {middle}", anew, lambda: table.choose(key)),
            ("a key", top, table.action_cursor_down),
            ("a line scrolled", nothing, scroll),
            ("page down", nothing, table.action_page_down),
            ("a key at the end", end, table.action_cursor_up),
            ("page up at the end", end, table.action_page_up),
            ("ages at the end", end, app.grow_old),
        )
        print(f"{len(items)} rows at {size[0]}x{size[1]}")
        for name, before, act in steps:
            taken, made = await spent(pilot, app, before, act)
            print(f"  {name:<20} {taken:7.1f} ms {made:6} rows rendered")


async def spent(pilot: Pilot[None], app: Shelf, before: Action, act: Action) -> tuple[float, int]:
    """Milliseconds of processor time, and rows, of `act` and what is drawn for it."""
    taken: list[float] = []
    made: list[int] = []
    for _time in range(TIMES):
        before()
        await pilot.pause()
        app.made, begin = 0, time.process_time()
        act()
        await pilot.pause()
        taken.append((time.process_time() - begin) * 1000)
        made.append(app.made)
    return statistics.median(taken), round(statistics.median(made))


async def memory(items: Sequence[tuple[str, Location]]) -> None:
    app = Shelf()
    async with app.run_test(size=SIZES[0]) as pilot:
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        acts: tuple[tuple[str, Action], ...] = (
            ("shown", lambda: app.table.show(items)),
            ("at the end", app.table.action_scroll_bottom),
        )
        for name, act in acts:
            act()
            await pilot.pause()
            held = tracemalloc.get_traced_memory()[0] - before
            print(f"  {name:<20} {held / 2**20:7.1f} MiB more")
        tracemalloc.stop()


def main(argv: Sequence[str]) -> None:
    count = int(argv[0]) if argv else 5000
    items = [(row.location_id, row) for row in rows(count)]
    for size in SIZES:
        asyncio.run(measure(items, size))
    asyncio.run(memory(items))
