"""The map beside the table, by keys and mouse, at a real gateway."""

from __future__ import annotations

from dataclasses import replace

from textual import events
from textual.geometry import Offset

from pm_tui.config import Settings
from pm_tui.tui.screens.find import FindView
from pm_tui.tui.widgets.location_detail import LocationDetail
from pm_tui.tui.widgets.map_pane import MapPane
from tests.conftest import MakeSettings
from tests.sandbox_process import Sandbox
from tests.tui.driving import Driven, driven, until


def pane(seen: Driven) -> MapPane:
    return seen.app.screen.query_one(MapPane)


def drawn(seen: Driven) -> str:
    """What the map shows."""
    at = pane(seen).content_region
    return "\n".join(line[at.x : at.right] for line in seen.lines[at.y : at.bottom])


def signs(seen: Driven) -> int:
    """How many chargers are told of in what is drawn of the map."""
    picture = pane(seen)._picture
    return sum(
        1 if not kind.endswith("-shared") else 10 if text == "+" else int(text)
        for text, kind in zip(picture.texts, picture.kinds, strict=True)
        if kind.partition("-")[0] in ("free", "taken", "unknown")
    )


async def test_the_map_shows_the_rows_of_the_table_and_each_follows_the_other(
    settings: Settings,
) -> None:
    async with driven(settings, size=(120, 40)) as seen:
        await seen.press("escape", "m")
        await until(lambda: "Nothing was searched yet" in drawn(seen), "why it is empty")
        await seen.search()
        await until(lambda: signs(seen) == 12, "all twelve chargers")
        assert "km" in drawn(seen)
        assert seen.focused == "locations"

        # the table's cursor moves, and the map's with it
        await seen.press("down")
        await until(lambda: pane(seen).chosen == seen.table.chosen, "the second one")

        # the other way round: they stand in a line to the north, a kilometre apart
        pane(seen).focus()
        row = seen.table.cursor_row
        await seen.press("up")
        await until(lambda: seen.table.cursor_row > row, "one more to the north")
        assert pane(seen).chosen == seen.table.chosen
        row = seen.table.cursor_row
        await seen.press("j")
        await until(lambda: seen.table.cursor_row < row, "back to the south")

        # closer, moved away, and all of it again
        whole = pane(seen).window
        await seen.press("plus", "plus", "plus")
        await until(lambda: signs(seen) < 12, "fewer")
        await seen.press("shift+left", "L")
        await seen.press("0")
        await until(lambda: signs(seen) == 12, "all again")
        assert pane(seen).window == whole

        # Enter is the table's, Escape goes back to it
        await seen.press("enter")
        assert seen.focused == "detail"
        pane(seen).focus()
        await seen.press("escape")
        assert seen.focused == "locations"

        # filtered is filtered there too, and the empty map says why
        await seen.press("slash", *"ionen")
        await until(lambda: signs(seen) == 4, "the four that are left")
        await seen.press(*"xyz")
        await until(lambda: "hidden by the filters" in drawn(seen), "why there is none")
        await seen.press("escape", "escape")
        await until(lambda: signs(seen) == 12, "all again")

        # and away with it
        await seen.press("m")
        assert not pane(seen).display
        await seen.press("m")
        await until(lambda: pane(seen).display and signs(seen) == 12, "the map again")


async def test_the_mouse_chooses_drags_and_zooms(settings: Settings) -> None:
    async with driven(settings, size=(120, 40)) as seen:
        await seen.search()
        await seen.press("m")
        await until(lambda: signs(seen) == 12, "the chargers")
        the_map = pane(seen)
        window = the_map.window
        assert window is not None
        northmost = the_map._scene.marks.all[-1]
        column, row = window.cell(northmost.x, northmost.y)
        # a cell beside it (the border is one)
        there = Offset(column - window.left + 2, row - window.top + 1)
        await seen.click(the_map, offset=there)
        await until(lambda: seen.table.chosen == northmost.key, "the nearest in the table")
        assert the_map.window == window

        await seen.pilot.mouse_down(the_map, offset=(10, 5))
        await seen.pilot.hover(the_map, offset=(13, 7))
        await seen.pilot.mouse_up(the_map, offset=(13, 7))
        await until(lambda: the_map.window == window.moved(-3, -2), "the map dragged along")
        assert seen.table.chosen == northmost.key

        await seen.press("0")
        await until(lambda: the_map.window == window, "all of it")
        the_map._zoom_at(wheel(the_map, 10, 5), -2)
        await until(lambda: the_map.window == window.zoomed(-2, (9, 4)), "closer to there")


def wheel(widget: MapPane, x: int, y: int) -> events.MouseScrollUp:
    at = widget.region.offset + Offset(x, y)
    return events.MouseScrollUp(widget, x, y, 0, 0, 0, False, False, False, at.x, at.y)


async def test_it_has_a_place_in_every_size_and_none_of_them_loses_the_focus(
    settings: Settings,
) -> None:
    async with driven(settings, size=(80, 24)) as seen:
        await seen.search()
        await seen.press("m")
        await until(lambda: signs(seen) == 12, "the chargers")
        assert not seen.app.screen.query_one(LocationDetail).display
        assert seen.table.region.right <= pane(seen).region.x  # side by side
        assert seen.table.size.width >= 46 and pane(seen).size.width >= 30
        await seen.press("down", "enter")
        await until(lambda: seen.screen_name == "LocationScreen", "the details over all")
        await seen.press("escape")
        await until(lambda: seen.screen_name == "FindView", "the table")
        for width, height in ((120, 30), (200, 60), (60, 16), (120, 40)):
            await in_another_size(seen, width, height)
            assert seen.focused == "locations"
        await in_another_size(seen, 60, 16)
        assert pane(seen).size.height > 5, "the form makes room"
        assert "Radius" not in seen.text
        await seen.press("f")
        await until(lambda: seen.focused == "place" and "Radius" in seen.text, "until it is used")
        await seen.press("escape")
        await until(lambda: seen.focused == "locations" and "Radius" not in seen.text, "the room")
        await seen.press("m")
        await until(lambda: "Radius" in seen.text, "the form, where there is no map")


async def in_another_size(seen: Driven, width: int, height: int) -> None:
    await seen.resize(width, height)
    await until(lambda: signs(seen), "the chargers")
    has_room = width >= 110 and height >= 40
    detail = seen.app.screen.query_one(LocationDetail)
    await until(lambda: detail.display is has_room, "the details, where there is room")
    await until(lambda: pane(seen).region.bottom <= height - 2, "all of it on the screen")


async def test_old_figures_are_free_no_more(remembered: Settings) -> None:
    async with driven(remembered) as seen:
        await seen.press("escape")
        await seen.search()
        await seen.press("m")
        await until(lambda: signs(seen) == 12, "what is remembered")
        view = seen.app.screen
        assert isinstance(view, FindView)
        assert "free" in pane(seen)._picture.kinds
        now = seen.app.now
        seen.app.now = lambda: now() + seen.app.limits.status
        view._age()
        await until(lambda: "free" not in pane(seen)._picture.kinds, "the same as unknown")
        assert signs(seen) == 12


async def test_left_open_it_opens_with_the_first_rows_the_next_time(
    make_settings: MakeSettings, gateway: Sandbox
) -> None:
    settings = make_settings(gateway, memory=True)
    async with driven(settings) as seen:
        await seen.press("escape", "m")
        await until(lambda: pane(seen).display, "the map")
    async with driven(replace(settings, ascii=True)) as seen:
        await seen.search()
        await until(lambda: signs(seen) == 12, "the map of the last time")
        assert drawn(seen).isascii()
        seen.table.focus()
        await seen.press("m")
        assert not pane(seen).display
    async with driven(settings) as seen:
        await seen.search()
        await until(lambda: seen.rows, "rows")
        assert not seen.app.screen.query(MapPane)
