"""Changing a booking in the real application: in the safe order, in a clash, and interrupted."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from textual.widgets import Checkbox, Select

from pm_tui.config import Settings
from pm_tui.models.booking import Booking
from pm_tui.models.query import SearchQuery
from pm_tui.models.request import BookingRequest
from pm_tui.services.rebook import Rebooking, carry_out, prepare
from pm_tui.services.session import Session
from pm_tui.tui.screens.rebook import RebookScreen
from pm_tui.tui.widgets.when_input import WhenInput
from tests.conftest import MakeSettings
from tests.sandbox_process import Sandbox
from tests.tui.driving import Driven, driven, until

POINT, OTHER = "DE*ENB*E300000*2", "DE*ENB*E300000*3"
HOUR = timedelta(hours=1)
_days = itertools.count(20)  # each test books in a window of its own


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("pm_tui.services.book.FIRST_LOOK", 0.0)
    monkeypatch.setattr("pm_tui.services.settle.GRACE", timedelta(seconds=0.3))
    monkeypatch.setattr("pm_tui.services.watch.FIRST_LOOKS", (0.05,) * 40)
    monkeypatch.setattr("pm_tui.services.watch.PATIENCE", 0)
    yield


async def booked(settings: Settings, reference: str) -> Booking:
    """A confirmed booking, made elsewhere, of a location that was seen."""
    start = (datetime.now(UTC) + timedelta(days=next(_days))).replace(
        hour=9, minute=0, second=0, microsecond=0
    )
    request = BookingRequest(
        location_id="DE-ENB-E300000",
        evse_uid=POINT,
        reservation_start=start,
        reservation_end=start + HOUR,
        external_id=reference,
    )
    async with Session(settings) as session:
        await session.search(SearchQuery(50.937, 6.96))
        ended = await session.book(request)
        assert ended.answer is not None, ended.reason
        async for result in session.watch(ended.answer.value.id):
            booking = result.value
    assert booking.status == "CONFIRMED"
    return booking


async def another(settings: Settings, old: Booking, *, clash: bool = False) -> Rebooking:
    """Another point at the same time; for a clash the same point a quarter of an hour later."""
    assert old.reservation_start and old.reservation_end
    late = timedelta(minutes=15) if clash else timedelta()
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


async def test_another_point_is_booked_and_confirmed_before_the_old_one_is_cancelled(
    settings: Settings, gateway: Sandbox
) -> None:
    old = await booked(settings, "move-emp1-20261201")
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
        await seen.press("escape")
        await until(lambda: seen.screen_name == "BookingsView", "the list")
        await until(lambda: seen.table.chosen not in (None, old.id), "the new one chosen")
        assert not any("cancelled" in one for one in seen.told), "what we did is no loss"
    assert status(gateway, old.id) == "CANCELLED"
    (new,) = standing(gateway, old)
    assert (new["evse_uid"], new["status"]) == (OTHER, "CONFIRMED")


async def test_an_operator_that_refuses_leaves_the_old_one_and_it_is_told(
    settings: Settings, gateway: Sandbox
) -> None:
    old = await booked(settings, "move-emp2-20261201")
    async with driven(settings) as seen:
        await to_dialog(seen, old)
        await choose_other(seen)
        gateway.fault("refused", match="POST /bookings")
        gateway.clear_log()
        await seen.press("ctrl+s")
        await ended(seen, "the old booking stands")
        assert "operator did not agree" in seen.static("#rebook-advice")
        assert "Nothing is lost" in seen.static("#rebook-advice")
        assert "✗ 2 Wait" in seen.static("#rebook-steps")
        assert sent(gateway) == ["book"]
    assert [one["id"] for one in standing(gateway, old)] == [old.id]


async def test_an_operator_that_takes_its_time_is_waited_for_by_going_on(
    settings: Settings, gateway: Sandbox
) -> None:
    old = await booked(settings, "move-emp3-20261201")
    async with driven(settings) as seen:
        await to_dialog(seen, old)
        await choose_other(seen)
        gateway.fault("never_confirms", match="POST /bookings")
        await seen.press("ctrl+s")
        await ended(seen, "Not finished yet")
        assert "m on the old booking goes on" in seen.static("#rebook-advice")
        await seen.press("escape")
        await until(lambda: "1 change not finished" in seen.head, "the mark in the list")
    assert status(gateway, old.id) == "CONFIRMED"


async def test_an_old_one_that_cannot_be_cancelled_leaves_both_and_says_what_to_do(
    settings: Settings, gateway: Sandbox
) -> None:
    old = await booked(settings, "move-emp4-20261201")
    async with driven(settings) as seen:
        await to_dialog(seen, old)
        await choose_other(seen)
        gateway.fault("error", match="POST /bookings/*/cancel", status=400, text="Too late")
        await seen.press("ctrl+s")
        await ended(seen, "Both bookings stand")
        assert "Too late" in seen.static("#rebook-advice")
        assert "Cancel the one that is not needed" in seen.static("#rebook-advice")
    assert len(standing(gateway, old)) == 2


# -- a clash -------------------------------------------------------------------


async def test_a_clash_is_told_and_needs_a_yes_of_its_own(
    settings: Settings, gateway: Sandbox
) -> None:
    old = await booked(settings, "clash-emp1-20261201")
    async with driven(settings) as seen:
        dialog = await to_dialog(seen, old)
        start = dialog.query_one("#start", WhenInput)
        start.line.focus()
        await seen.press("greater_than_sign")
        assert "has to be cancelled first" in seen.static("#rebook-order")
        assert "Somebody may take the point" in seen.static("#rebook-order")
        risk = dialog.query_one("#rebook-risk", Checkbox)
        assert risk.visible and not risk.value
        gateway.clear_log()
        await seen.press("ctrl+s", "ctrl+s")
        assert seen.screen_name == "RebookScreen"
        assert "may be cancelled first" in seen.static("#booking-summary")
        assert seen.focused == "rebook-risk"
        await seen.press("escape")
        await until(lambda: seen.screen_name == "BookingsView", "the list")
        assert sent(gateway) == []

        dialog = await to_dialog(seen, old)
        start = dialog.query_one("#start", WhenInput)
        start.line.focus()
        await seen.press("greater_than_sign")
        dialog.query_one("#rebook-risk", Checkbox).value = True
        await until(lambda: "Ready to change" in seen.static("#booking-summary"), "the yes")
        await seen.press(*["greater_than_sign"] * 4)  # behind the old one: no clash any more
        assert "The new one first" in seen.static("#rebook-order")
        await seen.press("less_than_sign", "less_than_sign")
        risk = dialog.query_one("#rebook-risk", Checkbox)
        assert risk.visible and not risk.value, "the yes was given to other times"
        seen.app.clear_notifications()
        await seen.click("#rebook-risk")
        await until(lambda: "Ready to change" in seen.static("#booking-summary"), "the yes")
        await seen.press("ctrl+s")
        await ended(seen, "✓ Changed")
        assert sent(gateway) == ["cancel", "book"]
    (new,) = standing(gateway, old)
    assert new["id"] != old.id


async def confirmed_clash(seen: Driven, old: Booking) -> None:
    dialog = await to_dialog(seen, old)
    dialog.query_one("#start", WhenInput).line.focus()
    await seen.press("greater_than_sign")
    dialog.query_one("#rebook-risk", Checkbox).value = True
    await until(lambda: "Ready to change" in seen.static("#booking-summary"), "the yes")
    await seen.press("ctrl+s")


@pytest.mark.parametrize(
    ("times", "words", "advice"),
    [
        (1, "the old time was booked again", "a new booking"),
        (2, "Nothing is booked any more", "another charger"),
    ],
)
async def test_a_clash_that_is_refused_says_what_is_left(
    settings: Settings, gateway: Sandbox, times: int, words: str, advice: str
) -> None:
    old = await booked(settings, f"clash-emp{times + 1}-20261201")
    async with driven(settings) as seen:
        rung: list[bool] = []
        seen.app.bell = lambda: rung.append(True)  # type: ignore[method-assign]
        gateway.fault("error", match="POST /bookings", status=409, times=times)
        await confirmed_clash(seen, old)
        await ended(seen, words)
        assert advice in seen.static("#rebook-advice")
        assert rung
    assert len(standing(gateway, old)) == 2 - times


# -- once ----------------------------------------------------------------------


async def test_pressed_and_clicked_twice_and_resized_it_is_one_change(
    settings: Settings, gateway: Sandbox
) -> None:
    old = await booked(settings, "once-emp1-20261201")
    async with driven(settings) as seen:
        await to_list(seen, old)
        await seen.press("m", "m")
        await until(lambda: seen.screen_name == "RebookScreen", "the dialog")
        await until(lambda: seen.static("#booking-summary"), "its first check")
        await choose_other(seen)
        gateway.clear_log()
        gateway.fault("slow", match="POST /bookings", seconds=3)
        await seen.press("ctrl+s", "ctrl+s", "enter")
        await seen.pilot.resize_terminal(80, 24)
        await until(lambda: seen.screen_name in ("RebookProgressScreen", "BookingsView"), "sending")
        if seen.screen_name == "RebookProgressScreen":
            await seen.press("escape")
        await until(lambda: seen.screen_name == "BookingsView", "the list")
        await until(lambda: any("goes on" in one for one in seen.told), "a word that it goes on")
        await seen.press("m", "m")
        await until(lambda: any("being changed now" in one for one in seen.told), "one at a time")
        await seen.press("r", "f2", "f3")  # no other key stops it
        await until(lambda: any("✓ Changed" in one for one in seen.told), "the end, as a toast")
    assert sent(gateway) == ["book", "cancel"]
    assert len(standing(gateway, old)) == 1


async def test_a_dialog_that_is_left_changes_nothing(settings: Settings, gateway: Sandbox) -> None:
    old = await booked(settings, "once-emp2-20261201")
    async with driven(settings) as seen:
        for leave in ("escape", "click"):
            await to_dialog(seen, old)
            await choose_other(seen)
            gateway.clear_log()
            seen.app.clear_notifications()
            await seen.pilot.pause()
            await (seen.press("escape") if leave == "escape" else seen.click("#keep"))
            await until(lambda: seen.screen_name == "BookingsView", "the list")
        assert sent(gateway) == []
    assert [one["id"] for one in standing(gateway, old)] == [old.id]


# -- what cannot be changed ------------------------------------------------------


async def test_offline_and_over_it_says_why_not_before_anything_is_typed(
    settings: Settings, make_settings: MakeSettings, gateway: Sandbox
) -> None:
    old = await booked(settings, "not-emp1-20261201")
    async with driven(settings) as seen:
        await to_list(seen, old)
    async with driven(make_settings(gateway, offline=True)) as seen:
        await to_list(seen, old)
        await seen.press("m")
        await until(lambda: any("needs the network" in one for one in seen.told), "the reason")
        assert seen.screen_name == "BookingsView"
    async with Session(settings) as session:
        await session.cancel(old.id, "not needed")
    async with driven(settings) as seen:
        await to_list(seen, old)
        await seen.press("m")
        await until(lambda: any("cannot be changed any more" in one for one in seen.told), "why")
        assert seen.screen_name == "BookingsView"


async def test_changed_elsewhere_while_the_dialog_was_open_nothing_is_sent(
    settings: Settings, gateway: Sandbox
) -> None:
    old = await booked(settings, "not-emp2-20261201")
    async with driven(settings) as seen:
        await to_dialog(seen, old)
        await choose_other(seen)
        move = await another(settings, old)
        async with Session(settings) as session:
            assert (await carry_out(session, move)).outcome == "rebooked"
        gateway.clear_log()
        await seen.press("ctrl+s")
        await ended(seen, "nothing was sent")
        assert sent(gateway) == []
    assert len(standing(gateway, old)) == 1


async def test_a_wrong_time_is_told_where_it_is_typed(settings: Settings, gateway: Sandbox) -> None:
    old = await booked(settings, "not-emp3-20261201")
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
        for part in ("Change (Ctrl+S)", "Keep it (Esc)", "The new one first", "✗ There is"):
            await until(lambda part=part: part in seen.text, f"{part} at 80x24")  # type: ignore[misc]


# -- interrupted -----------------------------------------------------------------


async def interrupted_one(settings: Settings, gateway: Sandbox, reference: str) -> Booking:
    """The new one stands; the answer to the old one's cancellation was lost."""
    old = await booked(settings, reference)
    move = await another(settings, old)
    gateway.fault("drop", match="POST /bookings/*/cancel")
    async with Session(settings) as session:
        assert (await carry_out(session, move)).outcome == "unknown"
    return old


async def test_an_interrupted_change_is_named_and_goes_on_where_it_stopped(
    settings: Settings, gateway: Sandbox
) -> None:
    old = await interrupted_one(settings, gateway, "left-emp1-20261201")
    gateway.clear_log()
    async with driven(settings) as seen:
        await until(lambda: any("A change was not finished" in one for one in seen.told), "notice")
        assert any("Köln Ladepark 0" in one for one in seen.told)
        await to_list(seen, old)
        await until(lambda: "m says what is left" in seen.pane, "the word in the details")
        assert "1 change not finished" in seen.head
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
        await seen.press("escape")
        await until(lambda: "not finished" not in seen.head, "nothing left")
    assert status(gateway, old.id) == "CANCELLED"
    assert len(standing(gateway, old)) == 1


async def test_an_interrupted_change_is_dropped_for_good(
    settings: Settings, gateway: Sandbox
) -> None:
    old = await interrupted_one(settings, gateway, "left-emp4-20261201")
    async with driven(settings, (80, 24)) as seen:
        await to_list(seen, old)
        await until(lambda: "not finished" in seen.head, "the mark")
        await seen.press("m")
        await until(lambda: seen.static("#rebook-steps"), "the question")
        seen.app.clear_notifications()  # nothing lies over the buttons
        for part in ("Dropping it sends nothing", "Not now", "Drop it"):
            await until(lambda part=part: part in seen.text, f"{part} at 80x24")  # type: ignore[misc]
        gateway.clear_log()
        assert await seen.pilot.click("#drop")
        await until(lambda: any("The change was dropped" in one for one in seen.told), "the word")
        await until(lambda: "not finished" not in seen.head, "nothing left")
        await seen.press("m")  # it is a booking like any other
        await until(lambda: seen.screen_name == "RebookScreen", "the dialog")
    assert sent(gateway) == []
    assert len(standing(gateway, old)) == 2


async def test_closed_midway_it_is_found_again_and_goes_on(
    settings: Settings, gateway: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = await booked(settings, "left-emp2-20261201")
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


async def test_half_of_a_clash_stays_in_sight_and_goes_on(
    settings: Settings, gateway: Sandbox
) -> None:
    old = await booked(settings, "left-emp3-20261201")
    move = await another(settings, old, clash=True)
    gateway.fault("error", match="POST /bookings", status=500)
    gateway.fault("error", match="GET /bookings", times=None)
    async with Session(settings) as session:
        await carry_out(session, move)
    gateway.clear_faults()
    assert standing(gateway, old) == []
    async with driven(settings) as seen:
        await to_list(seen, old)
        await until(lambda: "1 change not finished" in seen.head, "the mark")
        await seen.press("o")
        await seen.pilot.pause()
        assert old.id in {key for key, _row in seen.table._items}, "open, though it is cancelled"
