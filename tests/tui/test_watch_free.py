"""“Tell me when it is free”: its cost before it starts, what is watched, the way to the booking."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

import pytest
from textual.widgets import OptionList

from pm_tui.services import free
from pm_tui.services.plan import Look, Why
from pm_tui.tui.app import PmTuiApp
from pm_tui.tui.screens.find import FindView
from pm_tui.tui.widgets.free_text import status_text, told
from tests.conftest import MakeSettings
from tests.fakes import NOON
from tests.sandbox_process import Sandbox
from tests.services.test_free import searches, taken
from tests.services.test_free_plan import location, watch
from tests.tui.driving import Driven, driven, until
from tests.tui.test_memory import MovableClock, clock

__all__ = ["clock"]  # the fixture


def chosen(seen: Driven) -> str:
    view = seen.app.screen
    assert isinstance(view, FindView)
    return seen.rows[view.table.cursor_row]


def test_what_takes_no_reservations_is_told_free_but_not_to_be_booked() -> None:
    for reserves in (True, False):
        place = replace(location(), supports_reservation=reserves)
        free_now = watch(told=place, state="free", free_at=NOON)
        words = told(free_now, NOON, UTC)[1] + str(
            status_text([free_now], Look(None, Why.NOTHING), NOON, UTC)
        )
        assert words.count("F6") == (2 if reserves else 0)
        assert words.count("no reservations") == (0 if reserves else 2)


async def say_what_it_costs(seen: Driven) -> None:
    """The dialog does, before anything is asked, and while nothing can be."""
    await until(lambda: "60 requests at most" in seen.static("#costs"), "the cost")
    assert "every 2 min until" in seen.static("#costs")
    for size in ((80, 24), (120, 40)):
        await seen.resize(*size)
        dialog = seen.app.screen.query_one(".dialog").region
        for shown in ("#costs", "#back", "#watch"):
            region = seen.app.screen.query_one(shown).region
            assert region.height and dialog.contains_region(region), (size, shown)
    assert "ends with this window" in seen.static("#costs")
    line = seen.app.connection
    gone = replace(line, state="offline")
    seen.app.post_message(PmTuiApp.ConnectionChanged(gone))
    await until(lambda: "cannot be watched now" in seen.static("#costs"), "why not")
    await seen.press("ctrl+s")
    assert seen.screen_name == "WatchFreeScreen"
    seen.app.post_message(PmTuiApp.ConnectionChanged(line))
    await until(lambda: "60 requests at most" in seen.static("#costs"), "the line again")


async def test_a_charger_is_watched_told_and_booked(
    lonely: Sandbox,
    make_settings: MakeSettings,
    clock: MovableClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gateway, settings = lonely, make_settings(lonely)
    monkeypatch.setattr(free, "TICK", 0.02)
    async with driven(settings, size=(80, 24), now=clock) as seen:
        await seen.press("f6")
        assert seen.screen_name == "FindView"  # nothing is free: nothing opens
        await seen.search("München")
        await seen.press("down")
        view = seen.app.screen
        assert isinstance(view, FindView)
        known = view.chosen_charger()
        assert known is not None
        location = known[0]
        taken(gateway, location)
        gateway.clear_log()
        await seen.press("t")
        await until(lambda: seen.screen_name == "WatchFreeScreen", "the dialog")
        await say_what_it_costs(seen)
        assert searches(gateway) == 0
        await seen.press("ctrl+s")
        # what is watched is seen in the row and in the bar, and listed
        await until(lambda: "watching 1 charger, next " in seen.status, "the bar")
        await until(lambda: searches(gateway) == 1, "the first look")
        await until(lambda: "◎" in chosen(seen), "the row")
        await seen.press("t")
        await until(lambda: seen.screen_name == "WatchedScreen", "the list, for it is watched")
        await until(lambda: "not free at" in seen.text, "how it stands")
        told = " ".join(word for word in seen.text.split() if word.isalnum())  # on two lines late
        assert "1 of 60 requests" in told
        await seen.press("escape")
        # it becomes free
        gateway.clear_faults()
        clock.move(minutes=2)
        await until(lambda: "F6 books" in seen.status, "the news")
        assert "✓" in chosen(seen)
        assert searches(gateway) == 2
        await seen.press("f6")
        await until(lambda: seen.screen_name == "BookingFormScreen", "the form")
        await until(lambda: location.name and location.name in seen.text, "its name")
        assert seen.app.free_watches == ()
        await seen.press("escape")
        await until(lambda: seen.screen_name == "FindView", "the list of chargers")
        assert "F6" not in seen.status
        # stopped by a key, from the list that a click on the bar opens as well
        taken(gateway, location)
        await seen.press("t")
        await until(lambda: seen.screen_name == "WatchFreeScreen", "the dialog again")
        await seen.press("ctrl+s")
        await until(lambda: "watching 1 charger" in seen.status, "the bar again")
        await seen.click("StatusBar")
        await until(lambda: seen.screen_name == "WatchedScreen", "the list again")
        await seen.press("d")
        assert seen.app.free_watches == ()
        assert seen.app.screen.query_one(OptionList).option_count == 0
        await until(lambda: "press t" in seen.static("#watched-head"), "how to watch one")
