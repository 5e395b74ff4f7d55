"""Finding a charger by keys, at a real gateway: ask, complete, filter, sort, read, remember."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.widgets import Input, OptionList

from pm_tui.config import Settings
from pm_tui.services.connection import Connection
from pm_tui.services.session import Session
from pm_tui.tui.app import PmTuiApp
from pm_tui.tui.screens.find import FindView
from pm_tui.tui.widgets.location_detail import LocationDetail
from pm_tui.tui.widgets.place_field import PlaceField
from pm_tui.tui.widgets.search_form import SearchForm
from tests.conftest import NOBODY
from tests.sandbox_process import Sandbox
from tests.tui.driving import Driven, driven, until


def names(seen: Driven) -> list[str]:
    return [location.name or "" for location in view(seen)._shown]


def view(seen: Driven) -> FindView:
    screen = seen.app.screen
    assert isinstance(screen, FindView)
    return screen


def detail(seen: Driven) -> str:
    return seen.pane


async def test_a_place_typed_and_entered_is_found_live(
    settings: Settings, gateway: Sandbox
) -> None:
    async with driven(settings) as seen:
        assert "Type a place" in seen.head
        await seen.press(*"Berlin", "enter")
        await until(lambda: seen.rows, "rows")
        assert len(seen.rows) == 12
        assert seen.rows[0].split()[:4] == ["0.6", "Berlin", "Ladepark", "0"]
        assert "12 locations" in seen.head
        assert "25 km round Berlin" in seen.head
        assert "live" in seen.head
        assert seen.focused == "locations"
        await until(lambda: "Berlin Ladepark 0" in detail(seen), "its details")
        await seen.press("j")
        await until(lambda: "Ionenfeld" in detail(seen), "the next one's details")
        assert "estimate" in detail(seen)
        assert "● online" in seen.status
        await seen.press("enter")  # they stand beside the table: there is room
        assert seen.focused == "detail"
        assert seen.screen_name == "FindView"
        await seen.press("escape")
        assert seen.focused == "locations"
    (asked,) = [one for one in gateway.log() if one["path"].endswith("/search")]
    assert asked["status"] == 200


async def test_the_completion_is_left_with_escape_chosen_with_down_and_forgives_umlauts(
    settings: Settings,
) -> None:
    async with driven(settings) as seen:
        field = seen.app.screen.query_one(PlaceField)
        await until(lambda: seen.app.gazetteer is not None, "the places")
        await seen.press(*"Berl")
        await until(lambda: field.is_open, "choices")
        await seen.press("escape")
        assert not field.is_open
        assert field.input.value == "Berl", "what is typed stays"
        assert seen.app.focused is field.input
        await seen.fill("#place", "")
        await seen.press(*"munch")
        await until(lambda: field.is_open, "choices")
        choices = field.query_one(OptionList)
        offered = [str(choices.get_option_at_index(n).id) for n in range(choices.option_count)]
        assert offered[0] == "München"
        await seen.press("down", "enter")
        assert field.input.value == "München"
        assert not field.is_open
        assert seen.rows == []  # chosen, not yet asked
        await seen.press("enter")
        await until(lambda: seen.rows, "rows")
        assert "round München" in seen.head


REFUSED = [
    ("#place", "Nirgendwohausen", "not a place we know"),
    ("#place", "", "Where?"),
    ("#place", "95, 200", "latitude"),
    ("#radius", "far", "not a number"),
    ("#radius", "900", "radius"),
    ("#from", "yesterdayish", "Not understood as a time"),
    ("#to", "+2h", "start"),
]


async def test_what_cannot_be_asked_is_told_at_its_field_and_not_sent(
    settings: Settings, gateway: Sandbox
) -> None:
    async with driven(settings) as seen:
        gateway.clear_log()
        form = seen.app.screen.query_one(SearchForm)
        for selector, text, says in REFUSED:
            for name, value in (("place", "Berlin"), ("radius", "25"), ("from", ""), ("to", "")):
                form.query_one(f"#{name}", Input).value = value
            form.query_one(selector, Input).value = text
            form.ask()
            await until(lambda says=says: says in seen.head, says)  # type: ignore[misc]
            field = "#from" if selector == "#to" else selector  # an end alone lacks its start
            assert form.query_one(field).has_class("-wrong")
            assert seen.app.focused is form.query_one(field)
            assert len(form.query("Input.-wrong")) == 1
        assert seen.rows == []
    assert [one for one in gateway.log() if one["path"].endswith("/search")] == []


async def test_plug_power_and_window_go_along(settings: Settings, gateway: Sandbox) -> None:
    async with driven(settings) as seen:
        await seen.fill("#power", "200")
        await seen.fill("#from", "+2h")
        await seen.fill("#to", "+1h")
        await seen.search("Berlin")
        assert {row.split()[-4] for row in seen.rows}  # rendered
        assert {str(one.max_power_kw) for one in view(seen)._shown} == {"300"}
        assert "for 1 h" in seen.head
        await seen.fill("#to", "")  # as long as the empty field says
        await seen.press("enter")
        await until(lambda: "for 2 h" in seen.head, "the usual length")
    asked, _longer = [one for one in gateway.log() if one["path"].endswith("/search")]
    assert "power_min" in str(asked)


async def test_text_reservable_and_operator_narrow_without_asking_again(
    settings: Settings, gateway: Sandbox
) -> None:
    async with driven(settings) as seen:
        await seen.search()
        gateway.clear_log()
        await seen.press("slash")
        assert isinstance(seen.app.focused, Input)
        assert seen.app.focused.id == "filter"
        await seen.press(*"ionen")
        await until(lambda: len(seen.rows) == 4, "four rows")
        assert "12 locations" in seen.head
        assert "8 hidden by the filters" in seen.head
        await seen.press("enter")
        assert seen.focused == "locations"
        await seen.press("escape")
        await until(lambda: len(seen.rows) == 12, "all rows")
        assert not seen.app.screen.query_one("#filter").has_class("-open")
        seen.app.screen.query_one("#reservable").focus()
        await seen.press("space")
        await until(lambda: len(seen.rows) == 10, "the reservable ones")
        await seen.fill("#operator", "ION")
        await until(lambda: len(seen.rows) == 3, "those of the operator")
        assert [one for one in gateway.log() if one["path"].endswith("/search")] == []


async def test_sorting_by_key_and_by_a_click_on_the_header_turns_round(settings: Settings) -> None:
    async with driven(settings) as seen:
        await seen.search()
        by_distance = names(seen)
        await seen.press("s")
        await until(lambda: seen.table.sort_key == "name", "by name")
        assert names(seen) == sorted(by_distance)
        header = seen.lines[seen.table.region.y]
        assert "Location▲" in header
        await seen.press("S")
        await until(lambda: seen.table.sort_is_reversed, "reversed")
        assert names(seen) == sorted(by_distance, reverse=True)
        assert "Location▼" in seen.lines[seen.table.region.y]
        header = seen.lines[seen.table.region.y]
        at = header.index("~Price") - seen.table.region.x
        await seen.click(seen.table, offset=(at, 0))
        await until(lambda: seen.table.sort_key == "price", "by price")
        prices = [one.estimated_price or 0 for one in view(seen)._shown]
        assert prices == sorted(prices)
        await seen.click(seen.table, offset=(at, 0))
        await until(lambda: seen.table.sort_is_reversed, "reversed")
        assert [one.estimated_price for one in view(seen)._shown] == prices[::-1]


async def test_another_order_begins_at_its_top_and_a_refresh_keeps_the_row(
    settings: Settings,
) -> None:
    async with driven(settings) as seen:
        await seen.search()
        await seen.press("down", "down", "down")
        await seen.press("s")
        await until(lambda: seen.table.sort_key == "name", "by name")
        assert seen.table.cursor_row == 0
        await seen.press("down", "down")
        chosen = seen.table.chosen
        view = seen.app.screen
        assert isinstance(view, FindView)
        found = view._found
        await seen.press("r")
        await until(lambda: view._found is not found, "the new answer")
        assert seen.table.chosen == chosen
        await until(lambda: str(chosen) in detail(seen), "its details")


async def test_details_cover_the_screen_where_there_is_none_and_book_from_there(
    settings: Settings,
) -> None:
    async with driven(settings, size=(80, 24)) as seen:
        await seen.search()
        assert not seen.app.screen.query_one(LocationDetail).display
        await seen.press("enter")
        await until(lambda: seen.screen_name == "LocationScreen", "the details")
        await until(lambda: "DE*ENB*E100000*2" in detail(seen), "the charging points")
        assert "Hauptstraße 1" in seen.text
        await seen.press("escape")
        await until(lambda: seen.screen_name == "FindView", "the table again")
        await seen.press("enter")
        await until(lambda: seen.screen_name == "LocationScreen", "the details")
        await seen.press("b")
        await until(lambda: seen.screen_name == "BookingFormScreen", "the form")


async def test_a_recent_search_is_asked_again_with_two_keys(settings: Settings) -> None:
    async with driven(settings) as seen:
        await seen.search("Berlin")
        await seen.search("Hamburg")
        await seen.press("ctrl+r")
        await until(lambda: seen.screen_name == "RecentScreen", "the list")
        listed = seen.text
        assert listed.index("Hamburg") < listed.index("Berlin · ")
        await seen.press("down", "enter")
        await until(lambda: seen.screen_name == "FindView" and "Berlin" in seen.rows[0], "Berlin")
        assert seen.app.screen.query_one(PlaceField).input.value == "Berlin"
        await seen.press("ctrl+r")
        await until(lambda: seen.screen_name == "RecentScreen", "the list")
        await seen.press("escape")
        await until(lambda: seen.screen_name == "FindView", "back")


# -- waiting, failing, offline -------------------------------------------------


async def test_a_slow_search_says_so_and_escape_gives_it_up(
    settings: Settings, gateway: Sandbox
) -> None:
    async with driven(settings) as seen:
        await seen.search("Berlin")
        gateway.fault("slow", match="GET /search", seconds=30)
        await seen.fill("#place", "Hamburg")
        await seen.press("enter")
        await until(lambda: "Searching…" in seen.head, "the waiting text")
        assert "Esc cancels" in seen.head
        assert len(seen.rows) == 12  # what is on screen stays
        await seen.press("escape")
        await until(lambda: "cancelled" in seen.head, "the end")
        assert "25 km round Berlin" in seen.head
        assert "Ladepark" in seen.rows[0]
        await seen.press("escape", "r")
        await until(lambda: "live" in seen.head and "cancelled" not in seen.head, "Berlin again")


async def test_the_second_question_takes_the_place_of_the_first(
    settings: Settings, gateway: Sandbox
) -> None:
    async with driven(settings) as seen:
        gateway.fault("slow", match="GET /search", seconds=30)
        await seen.fill("#place", "Berlin")
        await seen.press("enter")
        await until(lambda: "Searching…" in seen.head, "the waiting text")
        await seen.search("Köln")
        assert "round Köln" in seen.head


async def test_a_gateway_that_goes_away_leaves_the_same_rows_with_their_age(
    settings: Settings, gateway: Sandbox
) -> None:
    async with driven(settings) as seen:
        await seen.search()
        before = names(seen)
        gateway.fault("drop", times=None)
        await seen.press("r")
        await until(lambda: "OFFLINE COPY" in seen.head, "the copy")
        assert " old" in seen.head
        assert names(seen) == before
        assert "○ offline" in seen.status
        await until(lambda: "remembered" in detail(seen), "its age")
        gateway.clear_faults()
        await seen.press("r")
        await until(lambda: "live" in seen.head, "live again")
        assert "● online" in seen.status


async def test_an_operator_that_does_not_answer_is_named(
    settings: Settings, gateway: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    states: list[str] = []
    told = PmTuiApp._tell_connection

    def noted(app: PmTuiApp, connection: Connection) -> None:
        states.append(connection.state)
        told(app, connection)

    monkeypatch.setattr(PmTuiApp, "_tell_connection", noted)
    async with driven(settings) as seen:
        gateway.fault("cpo_down", match="GET /search", cpo="ION")
        await seen.search()
        assert "silent" in seen.head
        assert "Ionenfeld" in seen.head or "ION" in seen.head
        assert "degraded" in states  # until the next answer that is whole


async def test_started_offline_what_was_seen_is_there_and_says_how_old_it_is(
    remembered: Settings, gateway: Sandbox
) -> None:
    gateway.clear_log()
    async with driven(remembered) as seen:
        assert "○ offline" in seen.status
        await seen.search("Berlin")
        assert len(seen.rows) == 12
        assert "OFFLINE COPY" in seen.head
        assert " old" in seen.head
        await seen.search("52.60, 13.41")  # never asked, but all round it was seen
        assert "OFFLINE COPY" in seen.head
        assert "% of this area was searched before" in seen.head
        await seen.fill("#place", "Hamburg")
        await seen.press("enter")
        await until(lambda: "Nothing is remembered" in seen.head, "the plain truth")
        await seen.press("escape", "b")
        await until(lambda: seen.screen_name == "BookingFormScreen", "the form")
        assert "Offline: a booking needs the network" in seen.text
    assert gateway.log() == []


async def test_without_a_network_and_without_memory_the_reason_and_advice_are_told(
    settings: Settings,
) -> None:
    async with driven(replace(settings, base_url=NOBODY)) as seen:
        await seen.fill("#place", "Berlin")
        await seen.press("enter")
        await until(lambda: "Nothing is remembered" in seen.head, "the reason")
        assert "cannot be reached" in seen.head


async def test_a_search_that_breaks_inside_says_so_and_the_program_goes_on(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with driven(settings) as seen:
        await seen.search()

        async def broken(*_: object, **__: object) -> None:
            raise RuntimeError("a [bold]fault[/x] of ours")

        with monkeypatch.context() as patch:
            patch.setattr(Session, "search", broken)
            await seen.press("r")
            await until(lambda: "fault" in seen.head, "the failure")
        assert "a [bold]fault[/x] of ours" in seen.head
        assert len(seen.rows) == 12
        await seen.press("r")
        await until(lambda: "fault" not in seen.head, "recovery")


async def test_what_is_wrong_with_a_window_is_read_to_its_end(
    settings: Settings, gateway: Sandbox
) -> None:
    async with driven(settings, size=(80, 24)) as seen:
        await seen.search("Berlin")
        gateway.clear_log()
        wrong: tuple[tuple[str, tuple[str, ...]], ...] = (
            ("31.10.2027 2:30", ("happens twice", "+02:00", "+01:00")),
            ("28.3.2027 2:30", ("go forward", "03:00")),
            ("2020-01-01 10:00", ("The end has passed.",)),
        )
        for start, told in wrong:
            await seen.fill("#from", start)
            await seen.fill("#to", "+1h")
            await seen.press("enter")
            await until(lambda: told[0] in seen.head, start)  # noqa: B023  awaited at once
            text = " ".join(" ".join(seen.lines).split())
            for word in told:
                assert word in text, (start, seen.lines[:12])
        assert not [one for one in gateway.log() if "/search" in one["path"]]
