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
from pm_tui.services.session import Session
from pm_tui.services.unsettled import Unsettled
from pm_tui.tui.screens.booking_form import BookingFormScreen
from pm_tui.tui.widgets.booking_detail import BookingDetail
from tests.conftest import MakeSettings
from tests.sandbox_process import Sandbox
from tests.tui.driving import Driven, driven, until
from tests.tui.made import a_wish, booked


async def to_form(seen: Driven, place: str, row: int) -> BookingFormScreen:
    """Search, choose a row and open the form. Every test has a row of its own: they share the
    gateway, and its charging points are booked once."""
    await seen.search(place)
    return await form_of(seen, row)


async def form_of(seen: Driven, down: int) -> BookingFormScreen:
    """The form of a row below the chosen one."""
    await seen.press(*["down"] * down, "b")
    await until(lambda: seen.screen_name == "BookingFormScreen", "the form")
    form = seen.app.screen
    assert isinstance(form, BookingFormScreen)
    await until(lambda: "Ready to book" in seen.static("#booking-summary"), "a form that is ready")
    return form


async def book_row(seen: Driven, down: int, reference: str) -> None:
    """Through the form into the list of bookings."""
    form = await form_of(seen, down)
    form.query_one("#external_id", Input).value = reference
    await seen.press("ctrl+s")
    await until(lambda: seen.screen_name == "BookingsView", "the list")
    await until(lambda: reference in references(seen), "the booking in it")


async def book(seen: Driven, place: str, row: int, reference: str) -> None:
    await seen.search(place)
    await book_row(seen, row, reference)


def made(sandbox: Sandbox, reference: str) -> list[dict[str, Any]]:
    return [one for one in sandbox.bookings() if one["external_id"] == reference]


def cancels(sandbox: Sandbox) -> list[str]:
    """The ids whose cancellation was asked for."""
    paths = [one["path"].split("/") for one in sandbox.log()]
    return [parts[-2] for parts in paths if parts[-1] == "cancel"]


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


async def test_pressed_twice_and_clicked_it_is_one_booking(
    settings: Settings, gateway: Sandbox
) -> None:
    async with driven(settings) as seen:
        form = await to_form(seen, "Köln", 0)
        form.query_one("#token_strategy", Select).value = "ad_hoc"
        form.query_one("#external_id", Input).value = "twice-1"
        await seen.pilot.pause()
        gateway.clear_log()
        await seen.press("ctrl+s", "ctrl+s", "enter", "ctrl+s")
        await until(lambda: seen.screen_name == "BookingsView", "the list")
        # from the row it was to confirmed, and told
        await confirmed(seen)
        await until(lambda: any("✓ confirmed" in one for one in seen.told), "the toast")
        assert any("Köln Ladepark 0 · twice-1" in one for one in seen.told)
        assert "✓ confirmed" in seen.rows[0]
        await until(lambda: "twice-1" in detail(seen), "its details")
        for part in ("Köln Ladepark 0", "Operator's number", "token.uid"):
            assert part in detail(seen)
        assert "live" in seen.head
    (one,) = made(gateway, "twice-1")
    assert one["token_strategy"] == "ad_hoc"
    sent = [(one["method"], one["path"].rpartition("/")[2]) for one in gateway.log()]
    assert sent.count(("POST", "bookings")) == 1


async def test_a_window_that_is_taken_a_form_that_is_left_and_an_operator_that_refuses(
    settings: Settings, gateway: Sandbox
) -> None:
    async with driven(settings) as seen:
        rung: list[bool] = []
        seen.app.bell = lambda: rung.append(True)  # type: ignore[method-assign]
        # taken: told with what to do
        gateway.fault("error", match="POST /bookings", status=409, text="EVSE is not free")
        form = await to_form(seen, "Köln", 2)
        form.query_one("#external_id", Input).value = "left-1"
        await seen.press("ctrl+s")
        await until(lambda: "Not booked" in seen.static("#booking-outcome"), "the refusal")
        text = seen.static("#booking-outcome")
        assert "EVSE is not free" in text
        assert "another charging point" in text
        assert seen.focused == "evse"
        assert made(gateway, "left-1") == []
        # sent again, and left meanwhile: it goes on and is told
        gateway.fault("slow", match="POST /bookings", seconds=30)
        await seen.press("ctrl+s", "escape")
        assert seen.screen_name == "FindView"
        gateway.clear_faults()  # and it is answered
        await until(lambda: any("Booking requested" in one for one in seen.told), "the end of it")
        assert seen.screen_name == "FindView"
        assert len(made(gateway, "left-1")) == 1
        # the operator refuses the next one: a loss that nobody asked for rings and shows
        gateway.fault("refused", match="POST /bookings")
        rung.clear()
        await book_row(seen, 1, "refused-1")
        await until(lambda: any("✗ cancelled" in one for one in seen.told), "the toast")
        assert any("Look for another charger" in one for one in seen.told)
        assert rung


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
        await until(lambda: "x Decide" in seen.lines[-1], "the key")
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
        await until(lambda: "Decide" not in seen.lines[-1], "nothing to decide")
        await seen.press("x")
        await until(lambda: any("Nothing is unclear" in one for one in seen.told), "the reason")
        assert seen.screen_name == "BookingsView"
    assert made(gateway, "gone-1") == []


async def left_unclear(settings: Settings, gateway: Sandbox, reference: str) -> None:
    """An earlier run booked, and never heard the answer."""
    gateway.fault("accept_then_reset", match="POST /bookings")
    gateway.fault("error", match="GET /bookings", times=None)
    async with Session(settings) as session:
        assert (await session.book(a_wish(reference))).kind == "unknown"
    gateway.clear_faults()


async def test_what_an_earlier_run_left_is_read_offline_with_its_age_and_settled_later(
    make_settings: MakeSettings, gateway: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pm_tui.services.book.FIRST_LOOK", 0.0)
    (known,) = await booked(make_settings(gateway), "offline-1")
    await left_unclear(make_settings(gateway), gateway, "open-1")
    gateway.clear_log()
    async with driven(make_settings(gateway, offline=True)) as seen:
        await seen.press("f3")
        # what is unclear is on top
        await until(lambda: unclear(seen) == ["open-1"], "it on top")
        assert "1 outcome unknown" in seen.status
        # the others are read with their ages, and cancelling says why not
        assert "OFFLINE COPY" in seen.head
        assert " old" in seen.head
        seen.table.choose(known.id)
        await until(lambda: "offline-1" in detail(seen), "its details")
        assert "remembered" in detail(seen)
        await seen.press("c")
        await until(lambda: any("needs the network" in one for one in seen.told), "the reason")
        assert seen.screen_name == "BookingsView"
    assert gateway.log() == []
    async with driven(make_settings(gateway)) as seen:
        await until(lambda: any("it was booked, once" in one for one in seen.told), "settled")
    assert len(made(gateway, "open-1")) == 1


async def to_list(seen: Driven, booking: Booking) -> None:
    """Into the list, to this booking."""
    await seen.press("f3")
    await until(lambda: booking.external_id in references(seen), "the booking in the list")
    seen.table.choose(booking.id)
    await until(lambda: str(booking.external_id) in detail(seen), "its details")


async def ask_to_cancel(seen: Driven, terms: str) -> None:
    await seen.press("c")
    await until(lambda: seen.screen_name == "CancelScreen", "the question")
    assert terms in seen.static("#terms")


async def test_cancelling_says_what_it_costs_can_be_left_and_is_sent_once(
    settings: Settings, gateway: Sandbox
) -> None:
    (fee,) = await booked(settings, "fee-1")
    gateway.fault("never_confirms", match="POST /bookings")
    (free,) = await booked(settings, "free-1", wait=False)
    gateway.clear_log()
    async with driven(settings) as seen:
        # what waits for its operator
        await to_list(seen, free)
        await ask_to_cancel(seen, "free of charge")
        await until(lambda: "Köln Ladepark 0" in seen.text, "what it is about")
        assert seen.app.focused is seen.app.screen.query_one("#keep")  # Enter alone loses nothing
        await seen.fill("#words", "guest did not come")
        await seen.press("ctrl+s")
        await until(lambda: seen.screen_name == "BookingsView", "the list")
        await until(lambda: "✗ cancelled" in detail(seen), "the end")
        assert cancels(gateway) == [free.id]
        # what is confirmed: left twice, then sent, whose answer is lost
        await to_list(seen, fee)
        for leave in ("escape", "enter"):
            await ask_to_cancel(seen, "may cost a fee")
            await seen.press(leave)
            await until(lambda: seen.screen_name == "BookingsView", "the list")
        assert cancels(gateway) == [free.id]
        gateway.fault("lost_body", match="POST /bookings/*/cancel")
        await ask_to_cancel(seen, "may cost a fee")
        seen.app.clear_notifications()  # nothing lies over the button
        await seen.click("#cancel")
        await until(
            lambda: seen.screen_name == "BookingsView" and "✗ cancelled" in detail(seen), "the end"
        )
        # cancelled already: there is nothing left to ask
        await seen.press("c")
        await until(lambda: any("Not cancelled" in one for one in seen.told), "the refusal")
        assert seen.screen_name == "BookingsView"
    for reference in ("free-1", "fee-1"):
        (one,) = made(gateway, reference)
        assert one["status"] == "CANCELLED"


async def test_the_list_filters_sorts_and_hides_what_is_over(
    settings: Settings, gateway: Sandbox
) -> None:
    _first, second = await booked(settings, "list-a", "list-b", wait=False)
    async with driven(settings, size=(80, 24)) as seen:
        await seen.press("f3")
        await seen.press("slash")
        await seen.fill("#filter", "list-")
        await until(lambda: len(seen.rows) == 2, "both")
        await seen.press("b", "enter")
        await until(lambda: len(seen.rows) == 1, "one")
        assert " of " in seen.head
        # the details take the list's place where it is narrow
        panel = seen.app.screen.query_one(BookingDetail)
        assert not panel.display
        await seen.press("enter")
        assert panel.display
        await until(lambda: "list-b" in seen.text, "its details")
        assert not seen.table.display
        await seen.resize(120, 40)
        assert seen.table.display and panel.display, "room for both"
        await seen.resize(80, 24)
        await seen.press("escape")
        assert seen.table.display and not panel.display
        assert seen.app.focused is seen.table
        # all of them, in another order
        await seen.press("escape")
        await until(lambda: len(seen.rows) > 1, "all")
        everything = len(seen.rows)
        seen.table.request_sort("location")
        await until(lambda: seen.table.sort_key == "location", "the order")
        places = [seen.app.known.place(booking) for _key, booking in seen.table._items]
        assert places == sorted(places, key=str.casefold)
        # without what is over
        seen.table.choose(second.id)
        await ask_to_cancel(seen, "")  # by now it may be confirmed
        await seen.press("ctrl+s")
        await until(lambda: seen.screen_name == "BookingsView", "the list")
        await until(lambda: any("cancelled" in row for row in seen.rows), "the end")
        await seen.press("o")
        await until(lambda: len(seen.rows) < everything, "only what is open")
        assert not any("cancelled" in row for row in seen.rows)


async def test_nothing_booked_yet_says_how_to_begin(settings: Settings, gateway: Sandbox) -> None:
    gateway.fault("raw", match="GET /bookings", times=None, text='{"bookings": []}')
    async with driven(settings) as seen:
        await seen.press("f3")
        await until(lambda: "No bookings yet" in seen.head, "the first step")
        await seen.press("c")
        await until(lambda: any("There is no booking here" in one for one in seen.told), "a word")
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
