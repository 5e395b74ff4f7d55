"""How the full screen was left is how it is found: view, order, columns, theme, search."""

from __future__ import annotations

from pathlib import Path

from pm_tui.cache.notebook import HABITS
from pm_tui.config import Settings
from tests.conftest import MakeSettings
from tests.sandbox_process import Sandbox
from tests.tui.driving import driven, until


async def test_the_next_window_is_as_this_one_was_left(
    gateway: Sandbox, make_settings: MakeSettings
) -> None:
    settings = make_settings(gateway, memory=True)
    async with driven(settings, (80, 24)) as seen:
        await seen.search("Berlin")
        await seen.press("s")
        await until(lambda: seen.table.sort_key == "name", "another order")
        assert "Address" not in seen.text
        # the address in the place of the operator, the name narrower
        table = seen.table
        await seen.press("C")
        assert "[ ] Address" in seen.text
        await seen.press("down", "less_than_sign", "less_than_sign", "down", "down", "space")
        row = next(n for n, line in enumerate(seen.lines) if "[ ] Address" in line)
        await seen.click(None, offset=(20, row))
        await seen.press(*"KKKKKKK")
        await until(lambda: table.width_of("address") > 0, "the new column")
        shown = [column.key for column, _width in table._shown]
        assert "operator" not in shown
        assert shown.index("address") == 2
        width = table.width_of("name")
        await seen.press("escape")
        seen.app.theme = "nord"
        await seen.press("f3")
        await until(lambda: seen.screen_name == "BookingsView", "the bookings")
    async with driven(settings, (80, 24)) as seen:
        assert seen.screen_name == "BookingsView"
        assert seen.app.theme == "nord"
        await seen.press("f2")
        await until(lambda: seen.screen_name == "FindView" and seen.app.screen.is_mounted, "find")
        await seen.search("Berlin")
        assert [column.key for column, _width in seen.table._shown] == shown
        assert (seen.table.sort_key, seen.table.sort_is_reversed) == ("name", False)
        assert seen.table.width_of("name") == width
        # as it was made, which u takes back as a whole
        assert await seen.pilot.click(seen.table, offset=(8, 0), button=3)
        await until(lambda: seen.screen_name == "ColumnsScreen", "the columns")
        await seen.click(None, offset=(seen.lines[-1].index("As made"), 23))
        await seen.press("escape")
        assert seen.table.sort_key == "name"  # the right button sorts nothing
        await until(lambda: "address" not in [c.key for c, _w in seen.table._shown], "as made")
        await seen.press("u")
        await until(lambda: [c.key for c, _w in seen.table._shown] == shown, "as it was")


async def test_without_memory_nothing_is_written_and_nothing_read(
    settings: Settings, tmp_path: Path
) -> None:
    async with driven(settings) as seen:
        await seen.press("f3")
        await until(lambda: seen.screen_name == "BookingsView", "the bookings")
    assert not list(tmp_path.rglob(HABITS))
