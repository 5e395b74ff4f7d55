"""A booking half filled in survives Escape and the end of the program, and is sent by a person or
by nobody."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from textual.widgets import Input, Select

from pm_tui.cache.notebook import LEFT
from pm_tui.tui.screens.booking_form import BookingFormScreen
from pm_tui.tui.widgets.token_fields import TokenFields
from tests.conftest import MakeSettings
from tests.sandbox_process import Sandbox
from tests.tui.driving import Driven, driven, until


def value(seen: Driven, field: str) -> str:
    return seen.app.screen.query_one(f"#{field}", Input).value


async def is_open(seen: Driven, name: str) -> None:
    await until(lambda: seen.screen_name == name and seen.app.screen.is_mounted, name)


async def form(seen: Driven) -> BookingFormScreen:
    """The form, as soon as it knows what it says."""
    await is_open(seen, "BookingFormScreen")
    screen = seen.app.screen
    assert isinstance(screen, BookingFormScreen)
    await until(lambda: screen._first is not None, "what it says at first")
    return screen


async def throw_away_twice(seen: Driven, kept: Callable[[], str]) -> None:
    """And bring back, in the list of drafts and in the view; it is in the list at the end."""
    seen.table.focus()
    await seen.press("D")
    await until(lambda: "sales · emp007" in seen.text, "the draft")
    await seen.press("d")
    await until(lambda: "emp007" not in kept(), "no draft")
    await seen.press("u")  # here, and in the view as well
    await until(lambda: "sales · emp007" in seen.text, "the draft in its list again")
    assert "emp007" in kept()
    await seen.press("d")
    await until(lambda: "emp007" not in kept(), "no draft")
    await seen.press("escape", "u")
    await until(lambda: "emp007" in kept(), "the draft again")
    await seen.press("D")
    await until(lambda: "sales · emp007" in seen.text, "the draft")


async def fill_half_in(seen: Driven) -> None:
    """And leave it."""
    await seen.press("b")
    screen = await form(seen)
    screen.query_one("#token_strategy", Select).value = "driver_token"
    await until(lambda: screen.query("#customer_id"), "the customer id")
    await seen.fill("#customer_id", "cust_emp007")
    await seen.fill("#department", "sales")
    await seen.press("escape")
    await is_open(seen, "FindView")


async def test_a_half_filled_booking_outlives_escape_and_the_program_and_is_sent_once(
    lonely: Sandbox, make_settings: MakeSettings, tmp_path: Path
) -> None:
    def kept() -> str:
        return "".join(file.read_text() for file in tmp_path.rglob(LEFT))

    def bookings() -> int:
        asked = [one for one in lonely.log() if one["method"] == "POST"]
        return len([one for one in asked if one["path"].endswith("/bookings")])

    settings = make_settings(lonely, memory=True)
    async with driven(settings) as seen:
        await seen.search("Berlin")
        # half filled in, and left
        await fill_half_in(seen)
        await until(lambda: "cust_emp007" in kept(), "a draft")
        # begun anew and left as it was: nothing to keep. What was there comes back by an undo
        await seen.press("b")
        await is_open(seen, "DraftScreen")
        assert "sales" in seen.text
        await seen.press("escape")
        await form(seen)
        assert value(seen, "department") == ""
        assert "cust_emp007" not in kept()
        await seen.press("escape")
        await is_open(seen, "FindView")
        assert "drafts" not in kept()
        await seen.press("u")
        await until(lambda: "cust_emp007" in kept(), "the draft again")
        # gone on with; the program ends in the middle of it
        await seen.press("b")
        await is_open(seen, "DraftScreen")
        await seen.press("enter")
        screen = await form(seen)
        await until(lambda: value(seen, "customer_id") == "cust_emp007", "what was typed")
        await seen.fill("#employee", "emp42")
        await until(lambda: "emp42" in kept(), "what a crash would leave")
        await seen.fill("#employee", "emp007")
        await seen.press("ctrl+q")
    assert '"emp007"' in kept()
    async with driven(settings) as seen:
        await until(lambda: any("half filled in" in one for one in seen.told), "a word of it")
        # thrown away and brought back, then gone on with, from the list of them
        await throw_away_twice(seen, kept)
        assert bookings() == 0  # nothing was sent by itself
        await seen.press("enter")
        screen = await form(seen)
        await until(lambda: value(seen, "customer_id") == "cust_emp007", "what was typed")
        assert screen.query_one(TokenFields).strategy == "driver_token"
        assert value(seen, "external_id").startswith("sales-emp007-")  # suggested anew
        # refused: it is a draft again, until it is booked
        lonely.fault("error", match="POST /bookings", status=409, text="taken")
        await seen.press("ctrl+s")
        await until(lambda: "Not booked" in seen.text, "the refusal")
        await until(lambda: "cust_emp007" in kept(), "the draft again")
        lonely.clear_faults()
        await seen.press("ctrl+s")
        await is_open(seen, "BookingsView")
        assert "cust_emp007" not in kept()
    assert len(lonely.bookings()) == 1
