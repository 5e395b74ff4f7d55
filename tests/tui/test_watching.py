"""What a person sees of the watching: when the next look comes, and what a spent month means."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from textual import events
from textual.app import App

from pm_tui.services.connection import Connection
from pm_tui.services.plan import AWAKE, Look, Why
from pm_tui.services.session import Session
from pm_tui.tui.widgets.next_look import words
from pm_tui.tui.widgets.status_bar import StatusBar, segments
from tests.conftest import MakeSettings
from tests.fakes import NOON, FixedClock
from tests.sandbox_process import Sandbox, clean, start_sandbox
from tests.tui.canned import CannedSession
from tests.tui.driving import Driven, driven, until
from tests.tui.made import booked

BERLIN = ZoneInfo("Europe/Berlin")
SOON = NOON + timedelta(minutes=29)


@pytest.fixture(scope="module")
def meter() -> Iterator[Sandbox]:
    with start_sandbox(rate=100, quota=10_000) as sandbox:
        yield sandbox


@pytest.fixture
def metered(meter: Sandbox) -> Iterator[Sandbox]:
    """With nothing of the month used."""
    with clean(meter) as lent:
        lent.use_quota(0)
        yield lent


def lists(sandbox: Sandbox) -> int:
    return sum(one["path"].endswith("/bookings") for one in sandbox.log())


# -- the next look -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("look", "text"),
    [
        (Look(SOON, Why.STARTS, 1), "next look 10:32, a booking starts"),
        (Look(SOON, Why.AHEAD, 3), "next look 10:32, in case a booking is lost"),
        (Look(SOON, Why.FOLLOWING, 1), "following 1 booking"),
        (Look(SOON, Why.FOLLOWING, 2), "following 2 bookings"),
        (Look(SOON + timedelta(days=1), Why.ASLEEP), "next look 2026-11-22 10:32, asleep"),
        (Look(None, Why.NOTHING), "asleep: nothing open"),
        (Look(None, Why.SPARING), "no looks: sparing the month"),
        (Look(SOON, Why.RETRY), "next try 10:32"),
        (Look(None, Why.OFFLINE), ""),
        (Look(None, Why.SPENT), ""),
        (Look(SOON, Why.FIRST), ""),
    ],
)
def test_the_next_look_in_words(look: Look, text: str) -> None:
    assert words(look, NOON, BERLIN) == text


def test_every_reason_has_words_or_is_told_by_the_line() -> None:
    silent = {why for why in Why if not words(Look(SOON, why, 1), NOON, BERLIN)}
    # what is watched until it is free has a place of its own in the bar
    assert silent == {Why.FIRST, Why.SPENT, Why.OFFLINE, Why.WATCHED}


async def test_the_bar_says_when_the_next_look_comes_paints_it_once_and_drops_it_first(
    make_settings: MakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with driven(make_settings(), session=CannedSession, now=lambda: NOON) as seen:
        await until(lambda: "following 2 bookings" in seen.status, "the reason")
        bar = seen.app.screen.query_one(StatusBar)
        painted: list[object] = []
        with monkeypatch.context() as patched:
            patched.setattr(bar, "refresh", lambda *regions, **_how: painted.append(regions))
            seen.app.planned(Look(SOON, Why.FOLLOWING, 2))
            assert painted == [], "it says the same"
            seen.app.planned(Look(SOON, Why.STARTS, 1))
            assert painted
        seen.app.planned(Look(SOON, Why.FOLLOWING, 2))
        await seen.resize(60, 24)
        await until(lambda: "following" not in seen.status, "less")
        assert "online" in seen.status


async def test_r_looks_now_and_a_held_key_once(
    metered: Sandbox, make_settings: MakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with driven(make_settings(metered)) as seen:
        await seen.press("f3")
        await until(lambda: "asleep: nothing open" in seen.status or "next look" in seen.status)
        monkeypatch.setattr("pm_tui.tui.watch_actions.LOOK_AGAIN", timedelta(hours=1))
        seen.app._looked_at = seen.app.now() - timedelta(hours=2)
        metered.clear_log()
        await seen.press(*"rrrrr")
        await until(lambda: lists(metered) == 1, "the look")
        await until(lambda: seen.idle, "rest")
        assert lists(metered) == 1


# -- who is there ------------------------------------------------------------------


async def test_keys_and_focus_wake_a_window_that_fell_asleep(make_settings: MakeSettings) -> None:
    clock = FixedClock()
    async with driven(make_settings(), session=CannedSession, now=clock) as seen:
        await until(lambda: "following" in seen.status, "the first plan")
        app = seen.app
        assert app.presence().focused
        app.post_message(events.AppBlur())
        await until(lambda: not app.presence().focused, "the blur")
        clock.advance(seconds=AWAKE.total_seconds() + 1)
        assert not app.presence().is_awake(clock())
        app.post_message(events.AppFocus())
        await until(lambda: app.presence().is_awake(clock()), "the focus")
        clock.advance(seconds=AWAKE.total_seconds() + 1)
        assert not app.presence().is_awake(clock())
        await seen.press("tab")
        assert app.presence().is_awake(clock())
        assert not app.presence().shown
        await seen.press("f3")
        await until(lambda: app.presence().shown, "the list")


# -- what is told ------------------------------------------------------------------


@pytest.fixture
def bells(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    rung: list[int] = []
    monkeypatch.setattr(App, "bell", lambda _self: rung.append(1))
    return rung


async def test_two_windows_tell_a_confirmation_an_operators_loss_and_not_what_we_cancelled(
    metered: Sandbox, make_settings: MakeSettings, tmp_path: Path, bells: list[int]
) -> None:
    settings = make_settings(metered)
    far = replace(settings, state_dir=tmp_path / "far", cache_dir=tmp_path / "far-cache")
    async with driven(settings) as one, driven(settings) as other:
        ours, theirs = await booked(settings, "ours-1", "theirs-1")
        for seen in (one, other):
            await until(
                lambda seen=seen: "ours-1" in str(seen.told) and "theirs-1" in str(seen.told),  # type: ignore[misc]
                "both confirmations",
            )
            seen.app.clear_notifications()
        bells.clear()
        async with Session(settings) as verb:
            await verb.cancel(ours.id, "no need")
        await other.press("f3")
        for seen in (one, other):
            await until(lambda seen=seen: status(seen, ours.id) == "CANCELLED", "the end of it")  # type: ignore[misc]
        assert (one.told, other.told, bells) == ([], [], [])
        async with Session(far) as operator:  # nobody of this host
            await operator.cancel(theirs.id, "a cable is broken")
        await other.press("r")
        for seen in (one, other):
            await until(lambda seen=seen: "theirs-1" in str(seen.told), "the loss")  # type: ignore[misc]
            assert "ours-1" not in str(seen.told)
        assert len(bells) == 2
    bells.clear()
    async with driven(settings) as later:
        await until(lambda: status(later, theirs.id) == "CANCELLED", "the first look")
        await later.press("f3", "r")
        await until(lambda: later.idle, "rest")
        assert (later.told, bells) == ([], [])


async def test_what_another_window_cancelled_just_now_is_no_loss_to_whoever_asks_for_it(
    metered: Sandbox, make_settings: MakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pm_tui.services.watcher.TICK", 3600.0)  # it has not heard yet
    settings = make_settings(metered)
    (ours,) = await booked(settings, "ours-2")
    async with driven(settings) as seen:
        await until(lambda: status(seen, ours.id) == "CONFIRMED", "the booking")
        seen.app.clear_notifications()
        async with Session(settings) as verb:
            await verb.cancel(ours.id, "no need")
        seen.app.cancel_booking(ours.id)
        await until(lambda: any("Not cancelled" in text for text in seen.told), "the refusal")
        assert len(seen.told) == 1


def status(seen: Driven, booking_id: str) -> str:
    known = seen.app.known.booking(booking_id)
    return known.status if known is not None else ""


# -- a spent month -----------------------------------------------------------------


def bar_text(connection: Connection) -> str:
    pieces = segments(connection, now=NOON, zone=BERLIN, profile="")
    return "  ".join(piece.plain for piece, _rank in pieces)


def test_a_spent_month_is_a_state_of_its_own_with_the_day_on_which_it_ends() -> None:
    december = datetime(2026, 12, 1, tzinfo=UTC)
    spent = Connection(
        "spent", NOON, blocked_until=december, limit=100, remaining=50, month_used=10_000
    )
    text = bar_text(spent)
    assert "quota spent until Tue 1 Dec (UTC)" in text
    assert "limit reached" not in text
    assert "50/100" not in text
    minute = replace(spent, state="degraded", blocked_until=NOON + timedelta(seconds=40))
    assert "limit reached, 40 s" in bar_text(minute)


async def test_with_the_month_spent_memory_works_and_booking_says_so_first(
    metered: Sandbox, make_settings: MakeSettings
) -> None:
    async with driven(make_settings(metered)) as seen:
        await seen.search("Berlin")
        rows = len(seen.rows)
        metered.use_quota(20_000)
        await seen.press("f3", "r")
        await until(lambda: "quota spent until" in seen.status, "the state")
        await seen.press("f2")
        seen.app.screen.query_one("#locations").focus()
        await seen.press("r")
        await until(lambda: "OFFLINE COPY" in seen.head, "the copy")
        assert len(seen.rows) == rows
        metered.clear_log()
        await seen.press("b")
        await until(lambda: seen.screen_name == "BookingFormScreen", "the form")
        assert "requests are used up until" in seen.static("#booking-offline")
        assert seen.app.screen.query_one("#book").disabled
        await seen.press("escape")
        assert metered.log() == []
        metered.use_quota(0)  # the account manager has raised it
        await seen.press("f3", "r")
        await until(lambda: "● online" in seen.status, "the end of it")
        assert lists(metered) >= 1


async def test_near_the_end_of_the_month_a_search_asks_before_it_spends(
    metered: Sandbox, make_settings: MakeSettings
) -> None:
    async with driven(make_settings(metered)) as seen:
        await seen.search("Berlin")
        metered.use_quota(9_700)
        await (await seen.app.session()).usage()
        await until(lambda: "month 9,70" in seen.status, "the figure")
        metered.clear_log()
        seen.app.screen.query_one("#locations").focus()
        await seen.press("r")
        await until(lambda: seen.screen_name == "SpendScreen", "the question")
        assert "299 requests are left this month" in seen.static("#left")
        await seen.press("escape")
        await until(lambda: seen.screen_name == "FindView" and "OFFLINE COPY" in seen.head)
        assert metered.log() == []
        await seen.press("r")
        await until(lambda: seen.screen_name == "SpendScreen", "the question again")
        await seen.press("enter")
        await until(lambda: "live" in seen.head, "the answer")
        await seen.press("r")  # who said yes is not asked for every search
        await until(lambda: sum(o["path"].endswith("/search") for o in metered.log()) == 2)
        assert seen.screen_name == "FindView"
