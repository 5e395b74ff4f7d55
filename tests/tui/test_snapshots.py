"""How the views look, at three sizes. `pytest tests/tui/test_snapshots.py --snapshot-update`
accepts what they look like now."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, cast

import pytest
from textual import _doc
from textual.strip import Strip

from pm_tui import config
from pm_tui.config import Settings
from pm_tui.models.result import Origin
from pm_tui.services.session import Session
from pm_tui.tui.app import PmTuiApp
from pm_tui.tui.widgets.map_pane import MapPane
from tests.fakes import NOON
from tests.tui.canned import CannedSession, location
from tests.tui.driving import Driven, until

SIZES = [(80, 24), (120, 40), (200, 60)]
Steps = Callable[[Driven], Awaitable[None]]
_taken: dict[tuple[Steps, Origin], dict[tuple[int, int], str]] = {}
pytestmark = [
    pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}"),
]


@pytest.fixture
def steady(monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings that name no folder of this machine; nothing of them is ever written."""
    for name in ("NO_COLOR", "COLORTERM", "TEXTUAL_THEME"):
        monkeypatch.delenv(name, raising=False)
    env = {"HOME": "/nowhere", "PM_TUI_CONFIG": "/dev/null", "PM_TUI_TIMEZONE": "Europe/Berlin"}
    env |= {"PM_TUI_CACHE_DIR": "/nowhere/cache", "PM_TUI_STATE_DIR": "/nowhere/state"}
    return config.load({"language": "en", "memory": False}, env)


@pytest.fixture
def looks(
    snap_compare: Any, steady: Settings, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., bool]:
    """Run `steps` in a fresh application and compare the screen with the one accepted. One
    application is looked at in all sizes: the first that asks has the pictures taken."""

    def compare(steps: Steps, origin: Origin = "live") -> bool:
        def session() -> Session:
            return cast(Session, CannedSession(origin))

        app = PmTuiApp(steady, now=lambda: NOON, session=session)
        if (steps, origin) not in _taken:
            _taken[steps, origin] = asyncio.run(pictures(app, steps))
        picture = _taken[steps, origin][size]
        monkeypatch.setattr(_doc, "take_svg_screenshot", lambda **_how: picture)
        return bool(snap_compare(app))

    return compare


async def pictures(app: PmTuiApp, steps: Steps) -> dict[tuple[int, int], str]:
    """The screen after `steps` in each size."""
    made = {}
    async with app.run_test(size=SIZES[0]) as pilot:
        seen = Driven(app, pilot)
        await until(lambda: app.connection.state != "starting", "the line")
        await until(lambda: app.known.result is not None, "the bookings")
        await until(lambda: app.gazetteer is not None, "the places")
        await until(lambda: app.screen.query("#filter"), "the whole view")
        await steps(seen)
        for size in SIZES:
            await pilot.resize_terminal(*size)
            await settled(seen)
            made[size] = app.export_screenshot(title=app.title, simplify=True)
    return made


async def settled(seen: Driven) -> None:
    """Wait until three looks in a row see the same."""
    looks: list[list[Strip]] = []

    def same() -> bool:
        looks.append(seen.app.screen._compositor.render_strips())
        return len(looks) > 3 and looks[-3] == looks[-2] == looks[-1]

    await until(same, "a quiet screen")


async def nothing(seen: Driven) -> None:
    """As it starts."""


async def found(seen: Driven) -> None:
    await seen.fill("#place", "Berlin")
    await seen.press("escape")
    await seen.fill("#place", "Berlin")
    await seen.press("enter")
    await until(lambda: len(seen.rows) == 42, "the rows")
    await seen.press("down")


async def with_the_map(seen: Driven) -> None:
    await found(seen)
    await seen.press("m")
    await until(lambda: "free" in seen.app.screen.query_one(MapPane)._picture.kinds, "the map")


async def in_the_form(seen: Driven) -> None:
    await found(seen)
    await seen.press("home", "b")
    await until(lambda: seen.screen_name == "BookingFormScreen", "the form")
    await until(lambda: "Ready to book" in seen.static("#booking-summary"), "a form that is ready")


async def in_the_bookings(seen: Driven) -> None:
    await seen.press("f3")
    await until(lambda: len(seen.rows) == 8, "the list")


async def asked_to_cancel(seen: Driven) -> None:
    await in_the_bookings(seen)
    confirmed = next(one for one in seen.app.known.bookings if one.status == "CONFIRMED")
    seen.table.choose(confirmed.id)
    await seen.press("c")
    await until(lambda: seen.screen_name == "CancelScreen", "the question")


async def asked_to_change(seen: Driven) -> None:
    await in_the_bookings(seen)
    confirmed = next(one for one in seen.app.known.bookings if one.status == "CONFIRMED")
    seen.table.choose(confirmed.id)
    await seen.press("m")
    await until(lambda: seen.screen_name == "RebookScreen", "the dialog")
    await until(lambda: seen.static("#booking-summary"), "its first check")
    seen.app.screen.query_one("#start WhenLine").focus()
    await seen.press("greater_than_sign")


async def asked_to_change_later(seen: Driven) -> None:
    await asked_to_change(seen)
    await seen.press(*["right_parenthesis"] * 2)
    await until(lambda: "Ready to change" in seen.static("#booking-summary"), "no clash")


async def with_a_checked_table(seen: Driven) -> None:
    path = Path.home() / "week.csv"
    rows = [location(n) for n in range(9)]
    lines = [
        f"{one['location_id']},{one['evses'][0]['evse_uid']},2026-11-24 {7 + n}:00,"
        f"2026-11-24 {12 + n if n != 4 else 9}:30,fleet-emp{n:03}-20261124"
        for n, one in enumerate(rows)
    ]
    path.write_text("\n".join(["location_id,evse_uid,from,to,external_id", *lines]) + "\n")
    await seen.press("f3", "t")
    await until(lambda: seen.focused == "batch-path", "the field")
    await seen.fill("#batch-path", str(path))
    await seen.press("enter")
    await until(lambda: seen.rows and seen.focused == "batch-rows", "the rows")


async def in_a_report(seen: Driven) -> None:
    await seen.press("f7")
    await until(lambda: seen.screen_name == "ReportView" and seen.rows, "the rows")
    await seen.press("less_than_sign", "down")


async def at_home(seen: Driven) -> None:
    await seen.press("f8")
    await until(lambda: len(seen.rows) == 30, "the chargers")


async def at_home_without_a_scope(seen: Driven) -> None:
    await at_home(seen)
    await seen.press("down", "enter", "c")
    await until(lambda: "do not allow" in seen.pane and "samples" in seen.pane, "what it did")


async def in_the_help(seen: Driven) -> None:
    await seen.press("f1")
    await until(lambda: seen.screen_name == "HelpScreen", "the help")


def test_find_before_the_first_question(looks: Callable[..., bool]) -> None:
    assert looks(nothing)


def test_find_with_results(looks: Callable[..., bool]) -> None:
    assert looks(found)


def test_find_with_the_map(looks: Callable[..., bool]) -> None:
    assert looks(with_the_map)


def test_find_offline(looks: Callable[..., bool]) -> None:
    assert looks(found, origin="cache")


def test_the_bookings(looks: Callable[..., bool]) -> None:
    assert looks(in_the_bookings)


def test_the_booking_form(looks: Callable[..., bool]) -> None:
    assert looks(in_the_form)


def test_the_cancel_dialog(looks: Callable[..., bool]) -> None:
    assert looks(asked_to_cancel)


def test_a_change_that_clashes(looks: Callable[..., bool]) -> None:
    assert looks(asked_to_change)


def test_a_change_in_the_safe_order(looks: Callable[..., bool]) -> None:
    assert looks(asked_to_change_later)


def test_a_report_that_is_not_complete(looks: Callable[..., bool]) -> None:
    assert looks(in_a_report)


def test_home_offline(looks: Callable[..., bool]) -> None:
    assert looks(at_home, origin="cache")


def test_home_with_a_log_and_without_the_scope_of_commands(looks: Callable[..., bool]) -> None:
    assert looks(at_home_without_a_scope)


def test_the_help(looks: Callable[..., bool]) -> None:
    assert looks(in_the_help)


def test_a_checked_table(
    looks: Callable[..., bool], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert looks(with_a_checked_table)
