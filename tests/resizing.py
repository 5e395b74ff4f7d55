"""A terminal that is dragged about: `python -m tests.resizing [--seconds 60] [--seed 1]`.

In each place of the program something is half done, then the terminal takes sizes at random, from
one cell to 500x200, in bursts that do not wait for a frame. Each time it is 80x24 again the same
thing must have the focus and say the same. Prints what it did; ends with 1 where anything was lost.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from textual.widgets import Checkbox, Input, OptionList, Select

from pm_tui import config
from pm_tui.tui.widgets.paged_table import PagedTable
from tests.sandbox_process import Sandbox, start_sandbox
from tests.tui.driving import Driven, driven, until

HOME = (80, 24)
NAMED = ((40, 12), (500, 200), (60, 20), (200, 60), (59, 15), (1, 1), (120, 40), (80, 8))
BURST = 6  # sizes at most between two looks


def state(seen: Driven) -> dict[str, object]:
    """What a person would miss: where the focus is, and what fields, lists and tables say."""
    screen, focused = seen.app.screen, seen.app.focused
    found: dict[str, object] = {
        "screen": type(screen).__name__,
        "focus": None if focused is None else (type(focused).__name__, focused.id),
    }
    for one in screen.query(Input):
        found[f"input {one.id}"] = (one.value, tuple(one.selection))
    for choice in screen.query(Select):
        found[f"choice {choice.id}"] = choice.value
    for check in screen.query(Checkbox):
        found[f"check {check.id}"] = check.value
    for options in screen.query(OptionList):
        found[f"list {options.id}"] = options.highlighted
    for table in screen.query(PagedTable):
        found[f"table {table.id}"] = (table.chosen, table.cursor_row, table.sort_key)
    return found


async def back(seen: Driven) -> None:
    """At the first size, with nothing covered."""
    await seen.resize(*HOME)
    await until(lambda: not seen.app.screen.query("TooSmall"), "the end of what covers it")
    await seen.pilot.pause()


# -- places, and what is half done there ------------------------------------------------


async def in_the_form(seen: Driven) -> None:
    await seen.fill("#place", "Berlin, half typed")
    field = seen.app.screen.query_one("#place", Input)
    await seen.press("home", "shift+right", "shift+right")
    assert field.selection.end == 2


async def in_the_table(seen: Driven) -> None:
    await seen.search("Berlin")
    await seen.press(*["down"] * 7)


async def in_the_filter(seen: Driven) -> None:
    await seen.press("slash", *"haupt")


async def in_a_dialog(seen: Driven) -> None:
    await seen.press("escape", "C")
    await until(lambda: seen.screen_name == "ColumnsScreen", "the columns")
    await seen.press("down", "down")


async def in_a_booking(seen: Driven) -> None:
    await seen.press("escape", "b")
    await until(lambda: seen.screen_name == "BookingFormScreen", "the form")
    await seen.fill("#department", "sales")
    await seen.fill("#employee", "emp0")
    await until(lambda: seen.focused == "employee", "the focus")


PLACES: tuple[Callable[[Driven], Awaitable[None]], ...] = (
    in_the_form,
    in_the_table,
    in_the_filter,
    in_a_dialog,
    in_a_booking,
)


@dataclass
class Run:
    """What was done and what was lost."""

    seconds: float
    rng: random.Random
    resizes: int = 0
    looks: int = 0
    lost: list[str] = field(default_factory=list)
    slowest: float = 0.0

    def sizes(self) -> Iterator[tuple[int, int]]:
        yield from NAMED
        while True:
            yield self.rng.randint(1, 500), self.rng.randint(1, 200)

    async def place(self, seen: Driven, begin: Callable[[Driven], Awaitable[None]]) -> None:
        await begin(seen)
        await seen.pilot.pause()
        before, sizes = state(seen), self.sizes()
        until_then = time.monotonic() + self.seconds / len(PLACES)
        while time.monotonic() < until_then:
            began = time.monotonic()
            for _n in range(self.rng.randint(1, BURST)):
                width, height = next(sizes)
                await seen.pilot.resize_terminal(width, height)
                self.resizes += 1
            self.slowest = max(self.slowest, time.monotonic() - began)
            await back(seen)
            self.looks += 1
            after = state(seen)
            changed = [f"{key}: {before.get(key)} -> {after.get(key)}" for key in before]
            self.lost += [
                f"{begin.__name__}: {line}"
                for key, line in zip(before, changed, strict=True)
                if before[key] != after.get(key)
            ]


async def drag(sandbox: Sandbox, folder: Path, run: Run) -> None:
    (folder / "config.toml").touch(mode=0o600)
    env = {
        "HOME": str(folder),
        "PM_TUI_CONFIG": str(folder / "config.toml"),
        "PM_TUI_CACHE_DIR": str(folder / "cache"),
        "PM_TUI_STATE_DIR": str(folder / "state"),
        "PM_TUI_API_KEY": sandbox.api_key,
        "PM_TUI_BASE_URL": sandbox.base_url,
        "PM_TUI_LANGUAGE": "en",
    }
    async with driven(config.load({}, env), HOME) as seen:
        for begin in PLACES:
            await run.place(seen, begin)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.resizing", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    run = Run(arguments.seconds, random.Random(arguments.seed))
    with start_sandbox() as sandbox, tempfile.TemporaryDirectory() as folder:
        asyncio.run(drag(sandbox, Path(folder), run))
    print(
        f"{run.resizes} sizes in {arguments.seconds:g} s, seed {arguments.seed}, in {len(PLACES)} "
        f"places; looked {run.looks} times; slowest burst {run.slowest * 1000:.0f} ms; "
        f"{len(run.lost)} lost"
    )
    for line in dict.fromkeys(run.lost):
        print(" ", line)
    return 1 if run.lost else 0


if __name__ == "__main__":
    sys.exit(main())
