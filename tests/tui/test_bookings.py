"""Booking, watching and cancelling in the real application, against a real gateway."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input, Select

from pm_tui.config import Settings
from pm_tui.models.booking import Booking
from pm_tui.services.unsettled import Unsettled
from pm_tui.tui.screens.booking_form import BookingFormScreen
from pm_tui.tui.widgets.booking_detail import BookingDetail
from tests.conftest import MakeSettings
from tests.sandbox_process import Sandbox, start_sandbox
from tests.tui.driving import Driven, driven, until


async def to_form(seen: Driven, place: str, row: int) -> BookingFormScreen:
    """Search, choose a row and open the form. Every test has a row of its own: they share the
    gateway, and its charging points are booked once."""
    await seen.search(place)
    await seen.press(*["down"] * row, "b")
    await until(lambda: seen.screen_name == "BookingFormScreen", "the form")
    form = seen.app.screen
    assert isinstance(form, BookingFormScreen)
    await until(lambda: "Ready to book" in seen.static("#booking-summary"), "a form that is ready")
    return form


async def book(seen: Driven, place: str, row: int, reference: str) -> None:
    """Through the form into the list of bookings."""
    form = await to_form(seen, place, row)
    form.query_one("#external_id", Input).value = reference
    await seen.press("ctrl+s")
    await until(lambda: seen.screen_name == "BookingsView", "the list")
    await until(lambda: reference in seen.text, "the booking in it")


def made(sandbox: Sandbox, reference: str) -> list[dict[str, Any]]:
    return [one for one in sandbox.bookings() if one["external_id"] == reference]


def references(seen: Driven) -> set[str | None]:
    """Those of the bookings in the list."""
    items = [item for _key, item in seen.table._items]
    return {item.external_id for item in items if isinstance(item, Booking)}


def unclear(seen: Driven) -> list[str | None]:
    """The references of the rows on top whose outcome is not known."""
    rows = [item for _key, item in seen.table._items if isinstance(item, Unsettled)]
    assert [item for _key, item in seen.table._items[: len(rows)]] == rows
    return [row.wish.external_id for row in rows]


def detail(seen: Driven) -> str:
    return seen.pane


async def confirmed(seen: Driven) -> None:
    await until(lambda: "✓ confirmed" in detail(seen), "the confirmation")


async def test_from_a_row_to_confirmed_and_told(settings: Settings, gateway: Sandbox) -> None:
    async with driven(settings) as seen:
        form = await to_form(seen, "Köln", 0)
        form.query_one("#token_strategy", Select).value = "ad_hoc"
        form.query_one("#external_id", Input).value = "visitor-desk-1"
        await seen.press("ctrl+s")
        await until(lambda: seen.screen_name == "BookingsView", "the list")
        await confirmed(seen)
        await until(lambda: any("✓ confirmed" in one for one in seen.told), "the toast")
        assert any("Köln Ladepark 0 · visitor-desk-1" in one for one in seen.told)
        assert "✓ confirmed" in seen.rows[0]
        await until(lambda: "visitor-desk-1" in detail(seen), "its details")
        assert "Köln Ladepark 0" in detail(seen)
        assert "Operator's number" in detail(seen)
        assert "token.uid" in detail(seen)
        assert "live" in seen.head
    (one,) = made(gateway, "visitor-desk-1")
    assert one["token_strategy"] == "ad_hoc"


async def test_pressed_twice_and_clicked_it_is_one_booking(
    settings: Settings, gateway: Sandbox
) -> None:
    async with driven(settings) as seen:
        form = await to_form(seen, "Köln", 1)
        form.query_one("#external_id", Input).value = "twice-1"
        await seen.pilot.pause()
        gateway.clear_log()
        await seen.press("ctrl+s", "ctrl+s", "enter", "ctrl+s")
        await until(lambda: seen.screen_name == "BookingsView", "the list")
        await confirmed(seen)
    assert len(made(gateway, "twice-1")) == 1
    sent = [(one["method"], one["path"].rpartition("/")[2]) for one in gateway.log()]
    assert sent.count(("POST", "bookings")) == 1


async def test_a_window_that_is_taken_is_told_with_what_to_do(
    settings: Settings, gateway: Sandbox
) -> None:
    async with driven(settings) as seen:
        gateway.fault("error", match="POST /bookings", status=409, text="EVSE is not free")
        await to_form(seen, "Köln", 2)
        await seen.press("ctrl+s")
        await until(lambda: "Not booked" in seen.static("#booking-outcome"), "the refusal")
        text = seen.static("#booking-outcome")
        assert "EVSE is not free" in text
        assert "another charging point" in text
        assert seen.focused == "evse"
        await seen.press("ctrl+s")  # the gateway's fault was for once
        await until(lambda: seen.screen_name == "BookingsView", "the list")


async def test_left_while_it_is_sent_it_goes_on_and_is_told(
    settings: Settings, gateway: Sandbox
) -> None:
    async with driven(settings) as seen:
        form = await to_form(seen, "Köln", 7)
        form.query_one("#external_id", Input).value = "left-1"
        await seen.pilot.pause()
        gateway.fault("slow", match="POST /bookings", seconds=30)
        await seen.press("ctrl+s", "escape")
        assert seen.screen_name == "FindView"
        gateway.clear_faults()  # and it is answered
        await until(lambda: any("Booking requested" in one for one in seen.told), "the end of it")
        assert seen.screen_name == "FindView"
    assert len(made(gateway, "left-1")) == 1


async def test_an_answer_that_is_lost_is_told_as_unknown_never_as_failed_and_found_later(
    settings: Settings, gateway: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pm_tui.services.book.FIRST_LOOK", 0.0)
    async with driven(settings) as seen:
        form = await to_form(seen, "Köln", 3)
        form.query_one("#external_id", Input).value = "lost-1"
        await seen.pilot.pause()
        gateway.fault("accept_then_reset", match="POST /bookings")
        gateway.fault("error", match="GET /bookings", times=None)
        await seen.press("ctrl+s")
        await until(lambda: "We do not know yet" in seen.static("#booking-outcome"), "the truth")
        said = seen.static("#booking-outcome")
        assert "r reads it now" in said  # what is being done
        assert "Do not book this point and time again" in said
        assert not any("Not booked" in one for one in seen.told)
        await seen.press("enter")
        await until(lambda: seen.screen_name == "BookingsView", "the list")
        await until(lambda: seen.rows and "? booked?" in seen.rows[0], "it on top")
        assert "1 outcome unknown" in seen.status
        await until(lambda: "lost-1" in detail(seen), "its details")
        assert "We do not know yet." in detail(seen)
        await seen.press("s", "s", "o", "slash", *"zzz", "enter")
        assert ["? booked?" in row for row in seen.rows] == [True]  # whatever order and filter
        await seen.press("c")
        await until(lambda: any("Nobody knows yet" in one for one in seen.told), "why not")
        await seen.press("escape", "o")
        gateway.clear_faults()
        await seen.press("r")
        await until(lambda: "lost-1" in references(seen), "the booking")
        await until(lambda: "unknown" not in seen.status, "nothing open")
        await until(lambda: any("it was booked, once" in one for one in seen.told), "the toast")
        assert unclear(seen) == []
    assert len(made(gateway, "lost-1")) == 1


async def test_absent_twice_a_person_decides_and_enter_alone_gives_nothing_up(
    settings: Settings, gateway: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pm_tui.services.book.FIRST_LOOK", 0.0)
    for module in ("settle", "unsettled"):
        monkeypatch.setattr(f"pm_tui.services.{module}.GRACE", timedelta(seconds=1))
    monkeypatch.setattr("pm_tui.services.plan.SETTLE_GAP", 3.0)  # long enough to be seen
    async with driven(settings) as seen:
        form = await to_form(seen, "Köln", 5)
        form.query_one("#external_id", Input).value = "gone-1"
        await seen.pilot.pause()
        gateway.fault("drop", match="POST /bookings")
        await seen.press("ctrl+s")
        await until(lambda: "once more at" in seen.static("#booking-outcome"), "what is being done")
        # the second look comes by itself, and the form says so
        await until(
            lambda: "Nothing more happens" in seen.static("#booking-outcome"), "the second look"
        )
        await until(lambda: any("We still do not know" in one for one in seen.told), "the toast")
        await seen.press("ctrl+s")
        await until(lambda: seen.screen_name == "BookingsView", "the list")
        await until(lambda: unclear(seen) == ["gone-1"], "it on top")
        await seen.press("x")
        await until(lambda: seen.screen_name == "DecideScreen", "the question")
        assert "pay twice" in seen.static("#risk")
        await seen.press("enter")
        assert unclear(seen) == ["gone-1"]
        await seen.press("x")
        await until(lambda: seen.screen_name == "DecideScreen", "the question")
        await seen.click("#not")
        await until(lambda: "unknown" not in seen.status, "nothing open")
        assert unclear(seen) == []
    assert made(gateway, "gone-1") == []


async def test_what_an_earlier_run_left_open_is_on_top_at_the_start_and_offline(
    make_settings: MakeSettings, gateway: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pm_tui.services.book.FIRST_LOOK", 0.0)
    async with driven(make_settings(gateway)) as seen:
        form = await to_form(seen, "Köln", 6)
        form.query_one("#external_id", Input).value = "open-1"
        await seen.pilot.pause()
        gateway.fault("accept_then_reset", match="POST /bookings")
        gateway.fault("error", match="GET /bookings", times=None)
        await seen.press("ctrl+s")
        await until(lambda: "We do not know yet" in seen.static("#booking-outcome"), "the truth")
    gateway.clear_faults()
    async with driven(make_settings(gateway, offline=True)) as seen:
        await seen.press("f3")
        await until(lambda: unclear(seen) == ["open-1"], "it on top")
        assert "1 outcome unknown" in seen.status
    async with driven(make_settings(gateway)) as seen:
        await until(lambda: any("it was booked, once" in one for one in seen.told), "settled")
    assert len(made(gateway, "open-1")) == 1


async def test_cancelling_while_it_waits_is_free(settings: Settings, gateway: Sandbox) -> None:
    async with driven(settings) as seen:
        gateway.fault("never_confirms", match="POST /bookings")
        await book(seen, "München", 0, "free-1")
        await seen.press("c")
        await until(lambda: seen.screen_name == "CancelScreen", "the question")
        assert "free of charge" in seen.static("#terms")
        assert "München Ladepark 0" in seen.text
        assert seen.app.focused is seen.app.screen.query_one("#keep")  # Enter alone loses nothing
        await seen.fill("#words", "guest did not come")
        await seen.press("ctrl+s")
        await until(lambda: seen.screen_name == "BookingsView", "the list")
        await until(lambda: "✗ cancelled" in detail(seen), "the end")
    cancels = [one for one in gateway.log() if one["path"].endswith("/cancel")]
    assert len(cancels) == 1
    (one,) = made(gateway, "free-1")
    assert one["status"] == "CANCELLED"


async def test_cancelling_what_is_confirmed_may_cost_and_can_be_left(
    settings: Settings, gateway: Sandbox
) -> None:
    async with driven(settings) as seen:
        await book(seen, "München", 1, "fee-1")
        await confirmed(seen)
        gateway.clear_log()
        for leave in (["escape"], ["enter"]):
            await seen.press("c")
            await until(lambda: seen.screen_name == "CancelScreen", "the question")
            assert "may cost a fee" in seen.static("#terms")
            await seen.press(*leave)
            await until(lambda: seen.screen_name == "BookingsView", "the list")
        assert [one for one in gateway.log() if one["method"] == "POST"] == []
        gateway.fault("lost_body", match="POST /bookings/*/cancel")
        await seen.press("c")
        await until(lambda: seen.screen_name == "CancelScreen", "the question")
        await seen.click("#cancel")
        await until(
            lambda: seen.screen_name == "BookingsView" and "✗ cancelled" in detail(seen), "the end"
        )
        # cancelled already: there is nothing left to ask
        await seen.press("c")
        await until(lambda: any("Not cancelled" in one for one in seen.told), "the refusal")
        assert seen.screen_name == "BookingsView"
    (one,) = made(gateway, "fee-1")
    assert one["status"] == "CANCELLED"


async def test_a_loss_that_nobody_asked_for_rings_and_shows(
    settings: Settings, gateway: Sandbox
) -> None:
    async with driven(settings) as seen:
        rung: list[bool] = []
        seen.app.bell = lambda: rung.append(True)  # type: ignore[method-assign]
        gateway.fault("refused", match="POST /bookings")
        await book(seen, "München", 2, "refused-1")
        await until(lambda: any("✗ cancelled" in one for one in seen.told), "the toast")
        assert any("Look for another charger" in one for one in seen.told)
        assert rung


async def test_the_list_filters_sorts_and_hides_what_is_over(
    settings: Settings, gateway: Sandbox
) -> None:
    async with driven(settings) as seen:
        await book(seen, "Hamburg", 0, "list-a")
        await confirmed(seen)
        await seen.press("f2")
        await book(seen, "Hamburg", 1, "list-b")
        await confirmed(seen)
        await seen.press("slash", *"list-")
        await until(lambda: len(seen.rows) == 2, "both")
        await seen.press(*"b", "enter")
        await until(lambda: len(seen.rows) == 1, "one")
        assert " of " in seen.head
        await seen.press("escape")
        await until(lambda: len(seen.rows) > 1, "all")
        everything = len(seen.rows)
        seen.table.request_sort("location")
        await until(lambda: seen.table.sort_key == "location", "the order")
        places = [seen.app.known.place(booking) for _key, booking in seen.table._items]
        assert places == sorted(places, key=str.casefold)
        seen.table.choose(next(b.id for _k, b in seen.table._items if b.external_id == "list-b"))
        await seen.press("c")
        await until(lambda: seen.screen_name == "CancelScreen", "the question")
        await seen.press("ctrl+s")
        await until(lambda: seen.screen_name == "BookingsView", "the list")
        await until(lambda: "cancelled" in seen.text, "the end")
        await seen.press("o")
        await until(lambda: len(seen.rows) < everything, "only what is open")
        assert not any("cancelled" in row for row in seen.rows)


async def test_details_take_the_lists_place_where_it_is_narrow(
    settings: Settings, gateway: Sandbox
) -> None:
    async with driven(settings, size=(80, 24)) as seen:
        await book(seen, "Hamburg", 2, "narrow-1")
        panel = seen.app.screen.query_one(BookingDetail)
        assert not panel.display
        await seen.press("enter")
        assert panel.display
        assert "narrow-1" in seen.text
        await seen.press("escape")
        assert not panel.display
        assert seen.app.focused is seen.table


async def test_offline_the_bookings_are_read_with_their_ages_and_cancelling_says_why_not(
    settings: Settings, make_settings: MakeSettings, gateway: Sandbox
) -> None:
    async with driven(settings) as seen:
        await book(seen, "Hamburg", 3, "offline-1")
        await confirmed(seen)
    async with driven(make_settings(gateway, offline=True)) as seen:
        await seen.press("f3")
        await until(lambda: seen.rows, "the remembered ones")
        assert "OFFLINE COPY" in seen.head
        assert " old" in seen.head
        assert "remembered" in detail(seen)
        await seen.press("c")
        await until(lambda: any("needs the network" in one for one in seen.told), "the reason")
        assert seen.screen_name == "BookingsView"


async def test_nothing_booked_yet_says_how_to_begin(make_settings: MakeSettings) -> None:
    with start_sandbox() as fresh:
        async with driven(make_settings(fresh)) as seen:
            await seen.press("f3")
            await until(lambda: "No bookings yet" in seen.head, "the first step")
            await seen.press("c")
            await until(
                lambda: any("There is no booking here" in one for one in seen.told), "a word"
            )
            assert seen.rows == []


async def test_a_disk_that_cannot_be_written_refuses_booking_but_reading_goes_on(
    make_settings: MakeSettings, gateway: Sandbox, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    settings = replace(make_settings(gateway), state_dir=tmp_path / "file" / "state")
    async with driven(settings) as seen:
        await seen.search("Berlin")
        await seen.press("f3")
        await until(lambda: "live" in seen.head, "the list")
        await until(lambda: any("state" in one for one in seen.told), "the trouble")
        await seen.press("f2", "b")
        await until(lambda: seen.screen_name == "BookingFormScreen", "the form")
        seen.app.clear_notifications()
        await seen.press("ctrl+s")
        await until(lambda: "cannot be used" in seen.static("#booking-outcome"), "why not")
        assert "Nothing was sent" in seen.static("#booking-outcome")
    assert [one for one in gateway.log() if one["method"] == "POST"] == []
