"""What holds in every view: palette, help, mouse, sizes, focus, colours, languages, faults."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from textual.binding import Binding
from textual.command import CommandInput
from textual.dom import DOMNode
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import Checkbox

from pm_tui import config, i18n
from pm_tui.config import Settings
from pm_tui.services.connection import Connection
from pm_tui.services.session import NothingRemembered, Session
from pm_tui.tui.app import PmTuiApp
from pm_tui.tui.key_places import sections
from pm_tui.tui.keymap import is_command
from pm_tui.tui.screens.base import View
from pm_tui.tui.screens.bookings import BookingsView
from pm_tui.tui.screens.find import FindView
from pm_tui.tui.widgets.location_detail import LocationDetail
from pm_tui.tui.widgets.place_field import PlaceField
from pm_tui.tui.widgets.top_bar import TopBar
from tests.conftest import MakeSettings
from tests.fakes import FixedClock
from tests.sandbox_process import Sandbox
from tests.tui.canned import CannedSession
from tests.tui.driving import Driven, driven, until


def with_an_id(*owners: type[DOMNode]) -> Iterator[Binding]:
    for owner in owners:
        for binding in owner.BINDINGS:
            if isinstance(binding, Binding) and binding.id:
                yield binding


# -- every action is found ------------------------------------------------------


async def test_the_palette_holds_every_binding_of_the_view(settings: Settings) -> None:
    async with driven(settings) as seen:
        await _offers_all(seen, "f3", BookingsView)
        await _offers_all(seen, "f2", FindView)
        await seen.search()
        await seen.press("ctrl+p")  # and a command does what its key does
        await until(lambda: seen.app.screen.query(CommandInput), "the palette")
        field = seen.app.screen.query_one(CommandInput)
        await until(lambda: not field.cursor_blink, "a cursor that stands still")
        await seen.press(*"Sort by Loc")
        await until(lambda: "Sort by Location" in seen.text, "the command")
        await seen.press("enter")
        if seen.app.screen.query(CommandInput):
            await seen.press("enter")
        await until(lambda: isinstance(seen.app.screen, FindView), "the view again")
        await until(lambda: seen.table.sort_key == "name", "the order")


async def _offers_all(seen: Driven, key: str, view: type[View]) -> None:
    await seen.press(key)
    await until(lambda: isinstance(seen.app.screen, view), "the view")
    seen.table.focus()
    await seen.pilot.pause()
    commands = list(seen.app.get_system_commands(seen.app.screen))
    offered = {command.title: command.help for command in commands}
    for binding in with_an_id(PmTuiApp, view, type(seen.table)):
        if is_command(binding.id or ""):
            assert (binding.tooltip or binding.description) in offered, binding
    for column in seen.table.all_columns:
        assert f"Sort by {column.label}" in offered
    assert not any(title == "" for title in offered)


async def test_help_lists_every_binding_with_its_key(settings: Settings) -> None:
    listed = [binding for _title, bindings in sections() for binding in bindings]
    named = [one for one in listed if isinstance(one, Binding) and one.description]
    for binding in with_an_id(PmTuiApp, FindView, BookingsView):
        assert binding in named
    async with driven(settings, size=(80, 24)) as seen:
        await seen.press("f1")
        await until(lambda: seen.screen_name == "HelpScreen", "the help")
        assert "GeoNames" not in seen.text
        await seen.press("end")  # it scrolls where it does not fit
        await until(lambda: "GeoNames" in seen.text, "its end")
        await seen.resize(120, 280)
        told = seen.text
        for binding in named:
            assert binding.description in told
        assert "GeoNames" in told
        await seen.press("escape")
        await until(lambda: seen.screen_name == "FindView", "the view again")


# -- the mouse --------------------------------------------------------------------


async def test_everything_in_reach_of_the_mouse_alone(settings: Settings) -> None:
    async with driven(settings) as seen:
        await seen.fill("#place", "Hamburg")
        await seen.press("enter")
        await until(lambda: len(seen.rows) == 12, "rows")
        await seen.click(seen.table, offset=(10, 5))  # the fifth row
        assert seen.table.cursor_row == 4
        await until(lambda: seen.pane.startswith("Hamburg Ladepark 4\n"), "its details")
        await seen.click("#reservable")
        assert seen.app.screen.query_one("#reservable", Checkbox).value
        await until(lambda: len(seen.rows) < 12, "fewer rows")
        bar = seen.lines[0]
        await seen.click(TopBar, offset=(bar.index("2 Bookings") + 2, 0))
        await until(lambda: seen.screen_name == "BookingsView", "the bookings")
        await seen.click(TopBar, offset=(seen.lines[0].index("1 Find") + 2, 0))
        await until(lambda: seen.screen_name == "FindView", "the search")
        await seen.click(seen.table, offset=(10, 3))  # letters are commands outside the form only
        await until(lambda: "b Book" in seen.lines[-1], "the key")
        at = seen.lines[-1].index("b Book")
        await seen.pilot.click(offset=(at + 2, len(seen.lines) - 1))
        await until(lambda: seen.screen_name == "BookingFormScreen", "the form")
        await seen.click("#cancel")
        await until(lambda: seen.screen_name == "FindView", "the search again")


async def test_a_choice_of_place_is_taken_by_a_click(settings: Settings) -> None:
    async with driven(settings) as seen:
        field = seen.app.screen.query_one(PlaceField)
        await until(lambda: seen.app.gazetteer is not None, "the places")
        await seen.press(*"Potsd")
        await until(lambda: field.is_open, "choices")
        await seen.click("PlaceField OptionList", offset=(3, 1))
        await until(lambda: not field.is_open, "the choice")
        assert field.input.value.startswith("Potsdam")


# -- sizes ------------------------------------------------------------------------


async def test_narrow_and_wide_differ_and_change_while_running(settings: Settings) -> None:
    async with driven(settings, size=(80, 24)) as seen:
        await seen.search()
        assert seen.app.screen.has_class("-narrow")
        assert not seen.app.screen.query_one(LocationDetail).display
        narrow = [column.key for column, _width in seen.table._shown]
        assert {"distance", "name", "free"} <= set(narrow)
        await seen.resize(200, 60)
        assert seen.app.screen.has_class("-wide")
        assert seen.app.screen.query_one(LocationDetail).display
        wide = [column.key for column, _width in seen.table._shown]
        made = [column for column in seen.table.all_columns if not column.extra]
        assert len(wide) == len(made) > len(narrow)
        assert len(seen.rows) == 12
        await seen.resize(80, 24)
        assert [column.key for column, _width in seen.table._shown] == narrow


async def test_nothing_breaks_from_one_cell_to_a_wall_and_back(settings: Settings) -> None:
    async with driven(settings) as seen:
        await seen.search()
        await seen.press("down", "down")
        chosen = seen.table.chosen
        for key, size in (("f2", (1, 1)), ("f3", (2, 5)), ("f2", (500, 3)), ("f1", (20, 6))):
            await seen.press(key)
            await seen.resize(*size)
        await seen.resize(120, 40)
        await seen.press("escape")
        await until(lambda: seen.screen_name == "FindView", "the view")
        await until(lambda: len(seen.rows) == 12 and "Ladepark 0" in seen.text, "the rows")
        assert seen.table.chosen == chosen


async def test_a_full_minute_is_counted_down_where_it_is_seen(make_settings: MakeSettings) -> None:
    clock = FixedClock()
    async with driven(make_settings(), session=CannedSession, now=clock) as seen:
        until_then = clock() + timedelta(seconds=45)
        line = replace(seen.app.connection, blocked_until=until_then)
        seen.app.post_message(seen.app.ConnectionChanged(line))
        await until(lambda: "limit reached, 45 s" in seen.status, "the countdown")
        clock.advance(seconds=12)
        assert "limit reached, 33 s" in seen.status
        clock.advance(seconds=33)
        assert "limit reached" not in seen.status


async def test_a_screen_half_taken_down_hears_no_more_of_the_line(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with driven(settings, session=CannedSession) as seen:
        told: list[Connection] = []
        monkeypatch.setattr(seen.app.screen, "show_connection", told.append)
        line = Connection("offline", seen.app.now())
        for running, heard in ((True, [line]), (False, [line])):
            monkeypatch.setattr(PmTuiApp, "is_running", running)
            seen.app.post_message(seen.app.ConnectionChanged(line))
            await seen.pilot.pause()
            assert told == heard
        monkeypatch.undo()


async def test_too_small_a_terminal_says_so_and_sends_nothing_unseen(
    settings: Settings, gateway: Sandbox
) -> None:
    async with driven(settings) as seen:
        await seen.search()
        await seen.press("b")
        await until(lambda: seen.screen_name == "BookingFormScreen", "the form")
        focused = seen.app.focused
        assert focused is not None
        for width, height in ((59, 24), (120, 15), (1, 1)):
            await seen.resize(width, height)
            await until(lambda: seen.app.screen.query("TooSmall"), "the notice")
            gateway.clear_log()
            await seen.press("ctrl+s", "enter")
            assert seen.screen_name == "BookingFormScreen"
        await seen.resize(59, 15)
        assert "too small" in seen.text and "59 x 15" in seen.text
        assert "Ready to book" not in seen.text
        assert [one for one in gateway.log() if one["method"] == "POST"] == []
        await seen.resize(60, 16)
        await until(lambda: not seen.app.screen.query("TooSmall"), "the form again")
        assert seen.app.focused is focused
        assert "too small" not in seen.text
        # whose data it is comes before the names of the other views
        await seen.press("escape")
        seen.app.screen.query_one(TopBar).account = "a profile with a long name"
        await until(lambda: seen.lines[0].endswith("a profile with a long name "), "all of it")
        assert "▸ 1 Find   2   3   4 " in seen.lines[0]
        await seen.click(TopBar, offset=(seen.lines[0].index(" 2 ") + 1, 0))
        await until(lambda: seen.screen_name == "BookingsView", "another view")


async def test_the_focus_goes_round_in_reading_order_and_is_always_seen(
    settings: Settings,
) -> None:
    async with driven(settings, size=(80, 24)) as seen:
        await seen.search()
        await _goes_round(seen)
        await seen.resize(120, 40)
        assert "detail" in await _goes_round(seen)


async def _goes_round(seen: Driven) -> list[str | None]:
    """The focus, from the place on; gives where it has been."""
    seen.app.screen.query_one(PlaceField).input.focus()
    await seen.pilot.pause()
    visited: list[Widget] = []
    while seen.app.focused not in visited:
        assert seen.app.focused is not None
        visited.append(seen.app.focused)
        assert seen.app.screen.region.contains_region(seen.app.focused.region)
        await seen.press("tab")
    ids = [widget.id for widget in visited]
    fields = ["place", "radius", "plug", "power", "from", "to", "operator", "reservable"]
    assert ids[: len(fields)] == fields
    assert "locations" in ids
    assert seen.app.focused is visited[0]
    await seen.press("shift+tab")
    assert seen.app.focused is visited[-1]
    return ids


# -- colours and languages ----------------------------------------------------------


async def test_without_colour_what_is_chosen_and_checked_still_differs(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with driven(settings) as seen:
        await seen.search()
        off = seen.lines[2]
        await seen.click("#reservable")
        await until(lambda: seen.lines[2] != off, "a mark in characters")
        await seen.click("#reservable")
        await until(lambda: seen.lines[2] == off, "no mark")
        seen.table.focus()
        await seen.press("down")
        assert all(_is_grey(style) for row in seen.styles() for _text, style in row)
        top = seen.table.region.y + 1
        first, chosen, third = ({str(style) for style in seen.look(top + n)} for n in range(3))
        assert chosen - first
        assert not third - first
        assert "▸ 1 Find" in seen.lines[0]  # the view one is in, too


def _is_grey(style: object) -> bool:
    for colour in (getattr(style, "color", None), getattr(style, "bgcolor", None)):
        if colour is not None and colour.triplet is not None:
            red, green, blue = colour.triplet
            if not red == green == blue:
                return False
    return True


async def test_german_from_the_first_line_to_the_form(settings: Settings) -> None:
    i18n.use("de")
    async with driven(replace(settings, language="de")) as seen:
        assert "1 Suche" in seen.lines[0]
        await seen.search("Köln")
        assert "12 Standorte" in seen.head
        assert any(",86" in row and "€" in row for row in seen.rows)
        for key, name in (("b", "BookingFormScreen"), ("escape", "FindView"), ("f1", "HelpScreen")):
            await seen.press(key)
            await until(lambda name=name: seen.screen_name == name, name)  # type: ignore[misc]
            assert seen.text.strip()
        assert "Buchungen" in seen.text


# -- life --------------------------------------------------------------------------


async def test_a_view_changed_while_starting_does_not_lose_the_completion(
    settings: Settings,
) -> None:
    app = PmTuiApp(settings)
    async with app.run_test(size=(120, 40)) as pilot:
        await _press_early(pilot)
        await until(lambda: app.connection.state == "online", "the line")
        await until(lambda: isinstance(app.screen, BookingsView), "the bookings")
        await pilot.press("f2")
        await until(lambda: isinstance(app.screen, FindView), "the search")
        await until(lambda: app.gazetteer is not None, "the places")
        field = app.screen.query_one(PlaceField)
        field.input.focus()
        await pilot.press(*"Berl")
        await until(lambda: field.is_open, "choices")


async def _press_early(pilot: Pilot[None]) -> None:
    await pilot.app.run_action("view('bookings')")


async def test_a_worker_that_dies_says_so_and_the_program_goes_on(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a [bold]fault[/x] of ours")

    async with driven(settings) as seen:
        await seen.search()
        with monkeypatch.context() as patch:
            patch.setattr(Session, "references", broken)
            await seen.press("b")
            await until(lambda: any("fault" in one for one in seen.told), "a word about the form")
        await until(lambda: "[bold]fault[/x]" in seen.text, "the toast")
        await seen.press("b")
        await until(lambda: seen.screen_name == "BookingFormScreen", "the form")


async def test_the_list_of_recent_searches_that_cannot_be_read_does_not_end_the_program(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise NothingRemembered("no memory of searches")

    async with driven(settings) as seen:
        with monkeypatch.context() as patch:
            patch.setattr(Session, "recent_searches", broken)
            await seen.press("ctrl+r")
            await until(
                lambda: any("no memory" in one for one in [*seen.told, seen.head]), "a word"
            )
        assert seen.app.is_running


async def test_a_key_that_is_refused_is_told_in_both_views(
    settings: Settings, gateway: Sandbox
) -> None:
    gateway.fault("error", status=401, text="Invalid API key", times=None)
    async with driven(settings) as seen:
        await seen.fill("#place", "Berlin")
        await seen.press("enter")
        await until(lambda: "not accepted" in seen.head, "the reason")
        assert "Check the key" in seen.head
        await seen.press("f3")
        await until(lambda: "not accepted" in seen.head, "the reason here as well")


async def test_a_key_that_cannot_be_read_is_told_and_leaving_is_orderly(
    settings: Settings, tmp_path: Path
) -> None:
    env = {
        "PM_TUI_API_KEY_FILE": str(tmp_path / "no-such-key"),
        "PM_TUI_CACHE_DIR": str(tmp_path / "cache"),
        "PM_TUI_STATE_DIR": str(tmp_path / "state"),
    }
    app = PmTuiApp(config.load({}, env))
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        seen = Driven(app, pilot)
        await until(lambda: seen.told, "the reason")
        assert any("no-such-key" in one for one in seen.told)
        await seen.fill("#place", "Berlin")
        await seen.press("enter")
        await until(lambda: "no-such-key" in seen.head, "the reason at the search")
        await seen.press("ctrl+q")
    assert app.return_code == 0
