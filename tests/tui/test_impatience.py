"""What an impatient person, a careless server and a failing line must not bring about."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from textual import events

from pm_tui.api.errors import Unauthorized
from pm_tui.config import Settings
from pm_tui.models.search import SearchAnswer
from pm_tui.services.find import Found
from pm_tui.services.session import NothingRemembered
from pm_tui.tui.screens.booking_form import BookingFormScreen
from pm_tui.tui.screens.find import FindView
from pm_tui.tui.widgets.booking_table import COLUMNS as BOOKING_COLUMNS
from pm_tui.tui.widgets.filter_field import FilterField
from pm_tui.tui.widgets.location_table import COLUMNS as LOCATION_COLUMNS
from tests.conftest import MakeSettings
from tests.fakes import NOON
from tests.sandbox_process import Sandbox
from tests.tui.canned import CannedSession, bookings, location
from tests.tui.driving import driven, until


@pytest.mark.parametrize("view", ["find", "bookings"])
async def test_every_column_sorts_both_ways(settings: Settings, view: str) -> None:
    async with driven(settings, size=(200, 60)) as seen:
        await seen.search()
        if view == "bookings":
            await seen.press("f3")
            await until(lambda: seen.screen_name == "BookingsView", "the bookings")
        for column in LOCATION_COLUMNS if view == "find" else BOOKING_COLUMNS:
            for reverse in (False, True):
                seen.table.post_message(seen.table.SortRequested(seen.table, column.key, reverse))
                await until(
                    lambda key=column.key, way=reverse: (  # type: ignore[misc]
                        (seen.table.sort_key, seen.table.sort_is_reversed) == (key, way)
                    ),
                    "the order",
                )


async def test_a_location_told_twice_is_one_row(make_settings: MakeSettings) -> None:
    class Careless(CannedSession):
        async def search(self, query: Any, *, label: str = "") -> Found:
            rows = [location(1), location(1), location(2)]
            return Found(SearchAnswer.read({"results": rows}), "live", self.at)

    async with driven(make_settings(), session=Careless) as seen:
        await seen.fill("#place", "Berlin")
        await seen.press("enter")
        await until(lambda: len(seen.rows) == 2, "two rows")


async def test_keys_typed_while_waiting_go_where_they_were_meant(
    make_settings: MakeSettings,
) -> None:
    answer = asyncio.Event()

    class Slow(CannedSession):
        async def search(self, query: Any, *, label: str = "") -> Found:
            await answer.wait()
            return await super().search(query, label=label)

    async with driven(make_settings(), session=Slow) as seen:
        await seen.fill("#place", "Berlin")
        await seen.press("enter")
        await seen.press("H", "a")
        answer.set()
        await until(lambda: seen.rows, "rows")
        await seen.press("m", "b")
        assert seen.focused == "place"
        assert seen.screen_name == "FindView"


async def test_a_key_right_behind_that_of_a_view_filters_nothing_unseen(
    make_settings: MakeSettings,
) -> None:
    async with driven(make_settings(), session=CannedSession) as seen:
        for view in ("f3", "f7", "f8", "f9"):
            before = seen.app.screen
            seen.app.post_message(events.Key(view, None))
            await until(lambda old=before: seen.app.screen is not old, "the view")  # type: ignore[misc]
            for _ in range(5):
                seen.app.post_message(events.Key("z", "z"))
                await asyncio.sleep(0)
            await until(lambda: seen.app.focused is not None, "the focus")
            await seen.pilot.pause()
            assert seen.app.screen.query_one(FilterField).value == ""


async def test_a_question_without_an_answer_is_not_taken_for_what_is_shown(
    make_settings: MakeSettings,
) -> None:
    class Forgetful(CannedSession):
        async def search(self, query: Any, *, label: str = "") -> Found:
            if label != "Berlin":
                raise NothingRemembered("Nothing is remembered of this area.", None)
            return await super().search(query, label=label)

    async with driven(make_settings(), session=lambda: Forgetful("cache")) as seen:
        await seen.search("Berlin")
        await seen.fill("#place", "Passau")
        await seen.press("enter")
        await until(lambda: "Passau: Nothing" in seen.static("#results-head"), "what is missing")
        view = seen.app.screen
        assert isinstance(view, FindView)
        view._age()  # after a while the list says how old it is, and this stays
        assert "Passau: Nothing" in seen.static("#results-head")
        assert "round Berlin" in seen.static("#results-head")


async def test_one_palette_at_a_time(make_settings: MakeSettings) -> None:
    async with driven(make_settings(), session=CannedSession) as seen:
        await seen.press("ctrl+p", "f1", "ctrl+p")
        await until(lambda: seen.screen_name == "HelpScreen", "the help over it")
        await seen.press("escape", "escape", "ctrl+p", "escape")
        await until(lambda: seen.screen_name == "FindView", "the view")


async def test_another_key_does_not_cancel_what_is_being_sent(
    make_settings: MakeSettings,
) -> None:
    log: list[str] = []
    answered = asyncio.Event()

    class Slow(CannedSession):
        async def book(self, request: Any) -> Any:
            log.append("sent")
            try:
                await answered.wait()
            except asyncio.CancelledError:
                log.append("cancelled")
                raise
            raise RuntimeError("the end of this test")

    async with driven(make_settings(), session=Slow) as seen:
        await seen.fill("#place", "Berlin")
        await seen.press("enter")
        await until(lambda: seen.rows, "rows")
        await seen.press("b")
        await until(lambda: seen.screen_name == "BookingFormScreen", "the form")
        await seen.press("ctrl+s")
        await until(lambda: log, "the booking")
        await seen.press("b")
        await until(lambda: seen.screen_name == "BookingFormScreen", "another form")
        assert log == ["sent"]
        answered.set()


async def test_the_same_question_is_not_sent_again_and_again(
    settings: Settings, gateway: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pm_tui.tui.screens.find.AGAIN", timedelta(minutes=1))
    async with driven(settings) as seen:
        await seen.search()
        gateway.clear_log()
        await seen.press(*"rrrrrrrrrr")
        await until(lambda: seen.idle, "rest")
    assert [line for line in gateway.log() if line["path"].endswith("/search")] == []


async def test_a_dialog_that_closes_costs_no_request(
    make_settings: MakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[bool] = []
    async with driven(make_settings(), session=CannedSession, now=lambda: NOON) as seen:
        await until(lambda: seen.app.known.result is not None, "the first reading")
        await seen.press("f3")
        await until(lambda: seen.rows, "the bookings")
        monkeypatch.setattr(seen.app, "look_soon", lambda: looks.append(True))
        for _again in range(3):
            await seen.press("f1")
            await until(lambda: seen.screen_name == "HelpScreen", "help")
            await seen.press("escape")
            await until(lambda: seen.screen_name == "BookingsView", "the list")
    assert looks == []


async def test_a_key_that_was_revoked_leaves_nothing_live(make_settings: MakeSettings) -> None:
    revoked: list[bool] = []

    class Revoked(CannedSession):
        async def known_bookings(self, **options: Any) -> Any:
            if revoked:
                raise Unauthorized("revoked", status=401)
            return await super().known_bookings(**options)

    async with driven(make_settings(), session=Revoked) as seen:
        await seen.press("f3")
        await until(lambda: seen.rows, "the bookings")
        revoked.append(True)
        await seen.press("r")
        await until(lambda: "revoked" in seen.head, "the reason")
        assert not seen.app.known.is_live(bookings()[0].id)


async def test_a_form_follows_the_line(make_settings: MakeSettings) -> None:
    async with driven(make_settings(), session=CannedSession) as seen:
        await seen.fill("#place", "Berlin")
        await seen.press("enter")
        await until(lambda: seen.rows, "rows")
        await seen.press("b")
        await until(lambda: seen.screen_name == "BookingFormScreen", "the form")
        form = seen.app.screen
        assert isinstance(form, BookingFormScreen)
        for state, online in (("offline", False), ("online", True)):
            connection = replace(seen.app.connection, state=state)  # type: ignore[arg-type]
            seen.app.post_message(seen.app.ConnectionChanged(connection))
            await until(lambda online=online: form.online is online, state)  # type: ignore[misc]
