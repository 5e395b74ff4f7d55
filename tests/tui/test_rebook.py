"""Changing a booking in the real application: in the safe order, in a clash, and interrupted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from textual.widgets import Checkbox, Select

from pm_tui.config import Settings
from pm_tui.models.booking import Booking
from pm_tui.services.rebook import Rebooking, carry_out, prepare
from pm_tui.services.session import Session
from pm_tui.tui.screens.rebook import RebookScreen
from pm_tui.tui.widgets.when_input import WhenInput
from tests.conftest import MakeSettings
from tests.sandbox_process import Sandbox
from tests.tui.driving import Driven, driven, until
from tests.tui.made import OTHER, booked

QUARTER = timedelta(minutes=15)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("pm_tui.services.book.FIRST_LOOK", 0.0)
    monkeypatch.setattr("pm_tui.services.settle.GRACE", timedelta(seconds=0.3))
    monkeypatch.setattr("pm_tui.services.watch.FIRST_LOOKS", (0.2,) * 10)
    monkeypatch.setattr("pm_tui.services.watch.PATIENCE", 0)
    yield


async def another(settings: Settings, old: Booking, *, clash: bool = False) -> Rebooking:
    """Another point at the same time; for a clash the same point a quarter of an hour later."""
    assert old.reservation_start and old.reservation_end
    late = QUARTER if clash else timedelta()
    async with Session(settings) as session:
        start, end = old.reservation_start + late, old.reservation_end + late
        return await prepare(session, old, start, end, None if clash else OTHER)


async def to_list(seen: Driven, old: Booking) -> None:
    await seen.press("f3")
    await until(lambda: old.id in {key for key, _row in seen.table._items}, "the booking")
    seen.table.choose(old.id)
    await until(lambda: seen.table.chosen == old.id, "the choice")


async def to_dialog(seen: Driven, old: Booking) -> RebookScreen:
    await to_list(seen, old)
    await seen.press("m")
    await until(lambda: seen.screen_name == "RebookScreen", "the dialog")
    await until(lambda: seen.static("#booking-summary"), "its first check")
    dialog = seen.app.screen
    assert isinstance(dialog, RebookScreen)
    return dialog


async def choose_other(seen: Driven) -> None:
    seen.app.screen.query_one("#evse", Select).value = OTHER
    await until(lambda: "Ready to change" in seen.static("#booking-summary"), "a move")


async def ended(seen: Driven, words: str) -> None:
    await until(lambda: seen.screen_name == "RebookProgressScreen", "the steps")
    await until(lambda: seen.static("#rebook-ending"), words)
    assert words in seen.static("#rebook-ending")


def sent(gateway: Sandbox) -> list[str]:
    return [
        "cancel" if one["path"].endswith("/cancel") else "book"
        for one in gateway.log()
        if one["method"] == "POST"
    ]


def status(gateway: Sandbox, booking_id: str) -> str:
    return str(next(one["status"] for one in gateway.bookings() if one["id"] == booking_id))


def standing(gateway: Sandbox, old: Booking) -> list[dict[str, Any]]:
    """What is booked on the day of `old` and not cancelled."""
    assert old.reservation_start
    day = old.reservation_start.isoformat()[:10]
    return [
        one
        for one in gateway.bookings()
        if one["reservation_start"].startswith(day) and one["status"] != "CANCELLED"
    ]


# -- the safe order ------------------------------------------------------------


async def change(seen: Driven, old: Booking, words: str) -> None:
    """Another point, to its end; then back to the list."""
    await to_dialog(seen, old)
    await choose_other(seen)
    await seen.press("ctrl+s")
    await ended(seen, words)


async def back(seen: Driven) -> None:
    await seen.press("escape")
    await until(lambda: seen.screen_name == "BookingsView", "the list")


async def test_another_point_is_booked_and_confirmed_before_the_old_one_is_cancelled(
    settings: Settings, gateway: Sandbox
) -> None:
    (old,) = await booked(settings, "move-emp1-20261201")
    async with driven(settings) as seen:
        await to_dialog(seen, old)
        assert "Köln Ladepark 0 · move-emp1-20261201" in seen.static("#booking-title")
        assert "Nothing is different yet" in seen.static("#booking-summary")
        await choose_other(seen)
        assert "The new one first" in seen.static("#rebook-order")
        assert "may cost a fee" in seen.static("#rebook-order")
        assert "estimate" in seen.static("#booking-price")
        assert "as last seen" in seen.static("#rebook-seen")
        assert not seen.app.screen.query_one("#rebook-risk").visible
        gateway.clear_log()
        await seen.press("ctrl+s")
        await ended(seen, "✓ Changed")
        assert seen.static("#rebook-steps").splitlines() == [
            "✓ 1 Book the new one",
            "✓ 2 Wait for its operator (2 minutes at most)",
            "✓ 3 Cancel the old one",
        ]
        assert sent(gateway) == ["book", "cancel"]
        await back(seen)
        await until(lambda: seen.table.chosen not in (None, old.id), "the new one chosen")
        assert not any("cancelled" in one for one in seen.told), "what we did is no loss"
        # what is over says why it cannot be changed, before anything is typed
        await to_list(seen, old)
        await seen.press("m")
        await until(lambda: any("cannot be changed any more" in one for one in seen.told), "why")
        assert seen.screen_name == "BookingsView"
    assert status(gateway, old.id) == "CANCELLED"
    (new,) = standing(gateway, old)
    assert (new["evse_uid"], new["status"]) == (OTHER, "CONFIRMED")


async def test_a_change_that_does_not_go_to_its_end_says_what_stands_and_what_to_do(
    settings: Settings, gateway: Sandbox
) -> None:
    old, both = await booked(settings, "move-emp2-20261201", "move-emp4-20261201")
    async with driven(settings) as seen:
        # the operator refuses: the old one stands
        gateway.fault("refused", match="POST /bookings")
        gateway.clear_log()
        await change(seen, old, "the old booking stands")
        assert "operator did not agree" in seen.static("#rebook-advice")
        assert "Nothing is lost" in seen.static("#rebook-advice")
        assert "✗ 2 Wait" in seen.static("#rebook-steps")
        assert sent(gateway) == ["book"]
        assert [one["id"] for one in standing(gateway, old)] == [old.id]
        await back(seen)
        # the old one cannot be cancelled: both stand
        gateway.fault("error", match="POST /bookings/*/cancel", status=400, text="Too late")
        await change(seen, both, "Both bookings stand")
        assert "Too late" in seen.static("#rebook-advice")
        assert "Cancel the one that is not needed" in seen.static("#rebook-advice")
        assert len(standing(gateway, both)) == 2
        await back(seen)
        # the operator takes its time: it is waited for by going on
        gateway.fault("never_confirms", match="POST /bookings")
        await change(seen, old, "Not finished yet")
        assert "m on the old booking goes on" in seen.static("#rebook-advice")
        await back(seen)
        await until(lambda: "1 change not finished" in seen.head, "the mark in the list")
    assert status(gateway, old.id) == "CONFIRMED"


# -- a clash -------------------------------------------------------------------


async def to_clash(seen: Driven, old: Booking) -> RebookScreen:
    """The same point a quarter of an hour later."""
    dialog = await to_dialog(seen, old)
    dialog.query_one("#start", WhenInput).line.focus()
    await seen.press("greater_than_sign")
    return dialog


async def test_a_clash_is_told_and_needs_a_yes_of_its_own(
    settings: Settings, gateway: Sandbox
) -> None:
    (old,) = await booked(settings, "clash-emp1-20261201")
    async with driven(settings) as seen:
        dialog = await to_clash(seen, old)
        assert "has to be cancelled first" in seen.static("#rebook-order")
        assert "Somebody may take the point" in seen.static("#rebook-order")
        risk = dialog.query_one("#rebook-risk", Checkbox)
        assert risk.visible and not risk.value
        gateway.clear_log()
        await seen.press("ctrl+s", "ctrl+s")
        assert seen.screen_name == "RebookScreen"
        assert "may be cancelled first" in seen.static("#booking-summary")
        assert seen.focused == "rebook-risk"
        await back(seen)
        assert sent(gateway) == []

        dialog = await to_clash(seen, old)
        risk = dialog.query_one("#rebook-risk", Checkbox)
        risk.value = True
        await until(lambda: "Ready to change" in seen.static("#booking-summary"), "the yes")
        await seen.press(*["greater_than_sign"] * 4)  # behind the old one: no clash any more
        assert "The new one first" in seen.static("#rebook-order")
        await seen.press("less_than_sign", "less_than_sign")
        assert risk.visible and not risk.value, "the yes was given to other times"
        seen.app.clear_notifications()
        await seen.click("#rebook-risk")
        await until(lambda: "Ready to change" in seen.static("#booking-summary"), "the yes")
        await seen.press("ctrl+s")
        await ended(seen, "✓ Changed")
        assert sent(gateway) == ["cancel", "book"]
    (new,) = standing(gateway, old)
    assert new["id"] != old.id


async def test_a_clash_that_is_refused_says_what_is_left(
    settings: Settings, gateway: Sandbox
) -> None:
    olds = await booked(settings, "clash-emp2-20261201", "clash-emp3-20261201")
    endings = [
        (1, "the old time was booked again", "a new booking"),
        (2, "Nothing is booked any more", "another charger"),
    ]
    async with driven(settings) as seen:
        rung: list[bool] = []
        seen.app.bell = lambda: rung.append(True)  # type: ignore[method-assign]
        for old, (times, words, advice) in zip(olds, endings, strict=True):
            dialog = await to_clash(seen, old)
            dialog.query_one("#rebook-risk", Checkbox).value = True
            await until(lambda: "Ready to change" in seen.static("#booking-summary"), "the yes")
            gateway.fault("error", match="POST /bookings", status=409, times=times)
            rung.clear()
            await seen.press("ctrl+s")
            await ended(seen, words)
            assert advice in seen.static("#rebook-advice")
            assert rung
            assert len(standing(gateway, old)) == 2 - times
            await back(seen)


# -- once ----------------------------------------------------------------------


async def test_pressed_and_clicked_twice_and_resized_it_is_one_change(
    settings: Settings, gateway: Sandbox
) -> None:
    (old,) = await booked(settings, "once-emp1-20261201")
    async with driven(settings) as seen:
        await to_list(seen, old)
        await seen.press("m", "m")
        await until(lambda: seen.screen_name == "RebookScreen", "the dialog")
        await until(lambda: seen.static("#booking-summary"), "its first check")
        await choose_other(seen)
        gateway.clear_log()
        gateway.fault("slow", match="POST /bookings", seconds=30)
        await seen.press("ctrl+s", "ctrl+s", "enter")
        await seen.resize(80, 24)
        await until(lambda: seen.screen_name in ("RebookProgressScreen", "BookingsView"), "sending")
        if seen.screen_name == "RebookProgressScreen":
            await seen.press("escape")
        await until(lambda: seen.screen_name == "BookingsView", "the list")
        await until(lambda: any("goes on" in one for one in seen.told), "a word that it goes on")
        await seen.press("m", "m")
        await until(lambda: any("being changed now" in one for one in seen.told), "one at a time")
        await seen.press("r", "f2", "f3")  # no other key stops it
        gateway.clear_faults()  # and it is answered
        await until(lambda: any("✓ Changed" in one for one in seen.told), "the end, as a toast")
    assert sent(gateway) == ["book", "cancel"]
    assert len(standing(gateway, old)) == 1


# -- what is not changed -----------------------------------------------------------


async def test_offline_it_says_why_not_before_anything_is_typed(
    make_settings: MakeSettings, gateway: Sandbox
) -> None:
    (old,) = await booked(make_settings(gateway), "not-emp1-20261201")
    async with driven(make_settings(gateway, offline=True)) as seen:
        await to_list(seen, old)
        await seen.press("m")
        await until(lambda: any("needs the network" in one for one in seen.told), "the reason")
        assert seen.screen_name == "BookingsView"


async def test_a_wrong_time_is_told_where_it_is_typed_and_what_changed_elsewhere_is_not_sent(
    settings: Settings, gateway: Sandbox
) -> None:
    (old,) = await booked(settings, "not-emp3-20261201")
    async with driven(settings, size=(80, 24)) as seen:
        dialog = await to_dialog(seen, old)
        await seen.fill("#end WhenLine", "1 Jan 2020 10:00")
        await until(lambda: "must follow" in seen.text, "the finding")
        await seen.press("ctrl+s")
        assert seen.app.focused is dialog.query_one("#end", WhenInput).line
        await seen.fill("#end WhenLine", "soon")
        await seen.press("ctrl+s")
        assert seen.screen_name == "RebookScreen"
        seen.app.clear_notifications()  # of the old one, confirmed meanwhile
        parts = ("Change (Ctrl+S)", "Keep it (Esc)", "The new one first", "✗ There is")
        await until(lambda: all(part in seen.text for part in parts), "all of it at 80x24")
        # left by the mouse: nothing is changed
        gateway.clear_log()
        await seen.click("#keep")
        await until(lambda: seen.screen_name == "BookingsView", "the list")
        assert sent(gateway) == []
        assert [one["id"] for one in standing(gateway, old)] == [old.id]
        # changed elsewhere while the dialog was open
        await to_dialog(seen, old)
        await choose_other(seen)
        async with Session(settings) as session:
            assert (await carry_out(session, await another(settings, old))).outcome == "rebooked"
        gateway.clear_log()
        await seen.press("ctrl+s")
        await ended(seen, "nothing was sent")
        assert sent(gateway) == []
    assert len(standing(gateway, old)) == 1


# -- interrupted -----------------------------------------------------------------


async def interrupted_one(settings: Settings, gateway: Sandbox, reference: str) -> Booking:
    """The new one stands; the answer to the old one's cancellation was lost."""
    (old,) = await booked(settings, reference)
    move = await another(settings, old)
    gateway.fault("drop", match="POST /bookings/*/cancel")
    async with Session(settings) as session:
        assert (await carry_out(session, move)).outcome == "unknown"
    return old


async def half_of_a_clash(settings: Settings, gateway: Sandbox, reference: str) -> Booking:
    """The old one was given back, and nobody knows whether the new one was booked."""
    (old,) = await booked(settings, reference)
    move = await another(settings, old, clash=True)
    gateway.fault("error", match="POST /bookings", status=500)
    gateway.fault("error", match="GET /bookings", times=None)
    async with Session(settings) as session:
        await carry_out(session, move)
    gateway.clear_faults()
    assert standing(gateway, old) == []
    return old


async def go_on(seen: Driven, old: Booking, gateway: Sandbox) -> None:
    """Asked, left by the default, asked again, and gone on with where it stopped."""
    await to_list(seen, old)
    await until(lambda: "m says what is left" in seen.pane, "the word in the details")
    await seen.press("m")
    await until(lambda: seen.static("#rebook-steps"), "the question")
    steps = seen.static("#rebook-steps").splitlines()
    assert [one[0] for one in steps if "Book the new one" in one] == ["✓"]
    # unclear, until the looks of the list have told that it did not happen
    assert [one[0] in "?·" for one in steps if "Cancel the old one" in one] == [True]
    assert seen.focused == "not-now"
    await seen.press("enter")  # the default: nothing
    await until(lambda: seen.screen_name == "BookingsView", "the list")
    assert sent(gateway) == []
    await seen.press("m")
    await until(lambda: seen.screen_name == "GoOnScreen", "the question")
    await seen.press("ctrl+s")
    await ended(seen, "✓ Changed")
    assert sent(gateway) == ["cancel"]
    await back(seen)


async def drop(seen: Driven, old: Booking) -> None:
    """Dropped for good with the mouse, at 80x24."""
    await to_list(seen, old)
    await seen.resize(80, 24)
    await seen.press("m")
    await until(lambda: seen.static("#rebook-steps"), "the question")
    seen.app.clear_notifications()  # nothing lies over the buttons
    parts = ("Dropping it sends nothing", "Not now", "Drop it")
    await until(lambda: all(part in seen.text for part in parts), "all of it at 80x24")
    assert await seen.pilot.click("#drop")
    await until(lambda: any("The change was dropped" in one for one in seen.told), "the word")


async def test_an_interrupted_change_is_named_gone_on_with_or_dropped_for_good(
    settings: Settings, gateway: Sandbox
) -> None:
    first = await interrupted_one(settings, gateway, "left-emp1-20261201")
    second = await interrupted_one(settings, gateway, "left-emp4-20261201")
    half = await half_of_a_clash(settings, gateway, "left-emp3-20261201")
    gateway.clear_log()
    async with driven(settings) as seen:
        notice = "A change was not finished: Köln Ladepark 0"
        await until(lambda: sum(notice in one for one in seen.told) == 3, "a notice of each")
        await to_list(seen, half)
        await until(lambda: "3 changes not finished" in seen.head, "the mark")
        await seen.press("o")
        await seen.pilot.pause()
        assert half.id in {key for key, _row in seen.table._items}, "open, though it is cancelled"
        await go_on(seen, first, gateway)
        await until(lambda: "2 changes not finished" in seen.head, "what is left")
        gateway.clear_log()
        await drop(seen, second)
        await until(lambda: "1 change not finished" in seen.head, "what is left")
        await seen.press("m")  # it is a booking like any other
        await until(lambda: seen.screen_name == "RebookScreen", "the dialog")
        assert sent(gateway) == []
    assert status(gateway, first.id) == "CANCELLED"
    assert len(standing(gateway, first)) == 1
    assert len(standing(gateway, second)) == 2


async def test_closed_midway_it_is_found_again_and_goes_on(
    settings: Settings, gateway: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    (old,) = await booked(settings, "left-emp2-20261201")
    async with driven(settings) as seen:
        await to_dialog(seen, old)
        await choose_other(seen)
        gateway.fault("accept_then_hang", match="POST /bookings")
        gateway.clear_log()
        await seen.press("ctrl+s")
        await until(lambda: sent(gateway) == ["book"], "the request")
        await until(lambda: "» 1 Book the new one" in seen.static("#rebook-steps"), "the step")
        await until(lambda: len(standing(gateway, old)) == 2, "what the gateway made of it")
    gateway.clear_faults()
    # a process that ended is known to be gone; the one of these tests goes on
    monkeypatch.setattr("pm_tui.cache.journal.is_gone", lambda _claimer: True)
    async with driven(settings) as seen:
        await until(lambda: any("A change was not finished" in one for one in seen.told), "notice")
        await to_list(seen, old)
        await seen.press("m")
        await until(lambda: seen.screen_name == "GoOnScreen", "the question")
        await seen.press("ctrl+s")
        await ended(seen, "✓ Changed")
        assert sent(gateway) == ["book", "cancel"]
    assert len(standing(gateway, old)) == 1
