"""Searching along a way in the find view, at a real gateway."""

from __future__ import annotations

from datetime import timedelta

from textual.widgets import Input, OptionList

from pm_tui.config import Settings
from pm_tui.tui.screens.booking_form import BookingFormScreen
from pm_tui.tui.screens.find import FindView
from pm_tui.tui.widgets.map_pane import MapPane
from pm_tui.tui.widgets.place_field import PlaceField
from pm_tui.tui.widgets.search_form import SearchForm
from tests.sandbox_process import Sandbox
from tests.tui.driving import Driven, driven, until

WAY = "München > Berlin"


def searches(gateway: Sandbox) -> int:
    return len([one for one in gateway.log() if one["path"].endswith("/search")])


def parts(seen: Driven) -> tuple[int, int]:
    view = seen.app.screen
    found = view._found if isinstance(view, FindView) else None
    return (0, 0) if found is None else (found.done, found.parts)


async def test_a_way_is_completed_asked_for_found_in_its_order_and_booked_when_one_passes(
    settings: Settings, gateway: Sandbox
) -> None:
    async with driven(settings, size=(120, 40)) as seen:
        await until(lambda: seen.app.gazetteer is not None, "the places")
        field = seen.app.screen.query_one(PlaceField)
        await seen.press(*"munch", "greater_than_sign", *"berl")
        await until(lambda: field.is_open, "choices")
        offered = [str(one.id) for one in field.query_one(OptionList).options]
        assert offered[0] == "munch > Berlin"
        await seen.fill("#from", "+2h")
        await seen.fill("#to", "+30min")
        await seen.fill("#place", f"{WAY} @100")
        gateway.clear_log()
        seen.app.screen.query_one(SearchForm).ask()
        await until(lambda: seen.screen_name == "WayScreen", "what it takes")
        await until(lambda: "6 requests cover the whole way" in seen.text, "how many")
        assert searches(gateway) == 0
        await seen.press("enter")
        await until(lambda: seen.rows and parts(seen) == (6, 6) and seen.idle, "all of it")
        assert searches(gateway) == 6
        view = seen.app.screen
        assert isinstance(view, FindView)
        assert [one.city for one in view._shown] == ["München"] * 10 + [
            "Berlin"
        ] * 10  # the reservable ones
        assert "beside München > Berlin, 505" in seen.head
        assert "at 100 km/h" in seen.head
        assert "not searched whole" not in seen.head
        await seen.press("end")
        await until(lambda: "Along the way: 50" in seen.pane, "its details")
        assert "You pass: " in seen.pane

        await seen.press("m")
        the_map = view.query_one(MapPane)
        await until(lambda: "leg" in the_map._picture.kinds, "the way on the map")
        assert "Berlin" in "".join(the_map._picture.texts)
        assert "200 km" in "".join(the_map._picture.texts)

        await seen.press("b")
        await until(lambda: seen.screen_name == "BookingFormScreen", "the form")
        form = seen.app.screen
        assert isinstance(form, BookingFormScreen)
        asked = view._query
        assert asked is not None and asked.start is not None
        assert timedelta(hours=5) < form._begins - asked.start < timedelta(hours=6)
        assert form._ends - form._begins == timedelta(minutes=30)


async def test_a_way_can_be_declined_stopped_and_asked_again_from_the_last_searches(
    settings: Settings, gateway: Sandbox
) -> None:
    async with driven(settings) as seen:
        await seen.search("Berlin")
        gateway.clear_log()
        await seen.fill("#place", WAY)
        await seen.press("escape")
        seen.app.screen.query_one(SearchForm).ask()
        await until(lambda: "From memory" in seen.text, "what it takes")
        await seen.press("escape")  # leaves all as it was
        await until(lambda: "Search cancelled" in seen.head, "no search")
        assert "OFFLINE COPY" not in seen.head
        assert len(seen.rows) == 12
        await seen.resize(80, 24)
        seen.app.screen.query_one(SearchForm).ask()
        await until(lambda: "From memory" in seen.text, "what it takes, whole where it is narrow")
        await seen.click("#memory")
        await until(lambda: "OFFLINE COPY" in seen.head, "what is remembered")
        await seen.resize(120, 40)
        assert len(seen.rows) == 12
        assert "not searched whole: km 0–" in seen.head
        assert searches(gateway) == 0

        # the third part does not come, and Escape leaves it at what there is
        gateway.fault("slow", match="GET /search", skip=2, seconds=30)
        await seen.press("r")
        await until(lambda: "From memory" in seen.text, "what it takes")
        await seen.press("enter")
        await until(lambda: "2 of 6 parts" in seen.head and "Searching" in seen.head, "two")
        assert [row for row in seen.rows if "München" in row]
        await seen.press("escape")
        await until(lambda: "Search cancelled" in seen.head, "the end")
        assert "not searched whole" in seen.head
        gateway.clear_faults()

        await seen.press("r")
        await until(lambda: "From memory" in seen.text, "what it takes")
        await seen.press("enter")
        await until(lambda: parts(seen) == (6, 6) and seen.idle, "all of it")
        await seen.press("ctrl+r")
        await until(lambda: seen.screen_name == "RecentScreen", "the list")
        assert seen.text.index(WAY) < seen.text.index("Berlin · ")
        await seen.press("enter")
        await until(lambda: "not asked again so soon" in seen.head, "the same from memory")
        assert seen.app.screen.query_one("#place", Input).value == WAY


async def test_what_is_no_way_is_told_and_a_short_one_is_not_asked_about(
    settings: Settings, gateway: Sandbox
) -> None:
    async with driven(settings) as seen:
        form = seen.app.screen.query_one(SearchForm)
        gateway.clear_log()
        for place, radius, says in (
            ("Berlin > ", "25", "A place is missing"),
            ("Berlin > Berlin", "25", "the same"),
            ("Berlin > Nirgendwohausen", "25", "not a place we know"),
            ("Berlin > Leipzig @900", "25", "speed"),
            ("Berlin > Leipzig", "150", "at most 100 km"),
        ):
            form.query_one("#place", Input).value = place
            form.query_one("#radius", Input).value = radius
            form.ask()
            await until(lambda says=says: says in seen.head, says)  # type: ignore[misc]
        assert searches(gateway) == 0
        await seen.fill("#radius", "20")
        await seen.fill("#place", "Berlin > Potsdam > Leipzig")
        form.ask()
        await until(lambda: parts(seen) == (3, 3), "the whole way")
        assert len(seen.rows) == 12
        assert seen.screen_name == "FindView"
        assert searches(gateway) == 3
