"""The month's budgets where a person meets them: in the form, above the list, in the details; and
the calendar file of a list."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from icalendar import Calendar
from textual.widgets import Input

from pm_tui.config import Settings
from pm_tui.config.caps import CapKind, CapSettings
from tests.tui.driving import driven, until
from tests.tui.test_bookings import to_form

LIMITS: dict[tuple[CapKind, str], Decimal] = {
    ("employee", "kira"): Decimal(0),
    ("department", "tolls"): Decimal(100_000),
}


async def test_budgets_before_a_booking_and_beside_it_and_the_list_as_a_calendar(
    settings: Settings, tmp_path: Path
) -> None:
    async with driven(replace(settings, caps=CapSettings(limits=LIMITS))) as seen:
        form = await to_form(seen, "Hamburg", 5)
        form.query_one("#external_id", Input).value = "tolls-otto-20261124"
        await seen.pilot.pause()
        assert "budget" not in seen.text  # all is well
        form.query_one("#external_id", Input).value = "tolls-kira-20261124"
        await until(lambda: "the month's budget is used up" in seen.text.replace("\n", " "), "it")
        assert "known to this client only" in seen.text
        assert "Ready to book" in seen.static("#booking-summary")  # a warning keeps nobody
        await seen.press("ctrl+s")
        await until(lambda: seen.screen_name == "BookingsView", "the list")
        await until(lambda: "✗ 1 budget used up" in seen.head, "the line above the list")
        await until(lambda: "Budget this month: ✗ used up kira:" in seen.pane, "the details")
        assert "tolls: €" in seen.pane and "known to this client only" in seen.pane

        await seen.press("slash")
        await seen.fill("#filter", "tolls-kira")
        await seen.press("enter")  # what is shown is what is written
        await until(lambda: len(seen.rows) == 1, "one booking")
        file = tmp_path / "list.ics"
        titles = {one.title: one for one in seen.app.get_system_commands(seen.app.screen)}
        titles["Calendar file of these bookings"].callback()
        await until(lambda: seen.screen_name == "NoteScreen", "the question")
        await seen.press("escape")
        await until(lambda: seen.screen_name == "BookingsView", "the list")
        y, line = next((n, text) for n, text in enumerate(seen.lines) if "i: calendar" in text)
        assert await seen.pilot.click(offset=(line.index("i: calendar") + 2, y))
        await until(lambda: seen.screen_name == "NoteScreen", "the question")
        await seen.press("escape")
        await until(lambda: seen.screen_name == "BookingsView", "the list")
        await seen.press("i")
        await until(lambda: seen.screen_name == "NoteScreen", "the question")
        assert "Calendar file of the booking shown" in seen.text
        await seen.fill("Input", str(file))
        await seen.press("enter")
        await until(file.exists, "the file")
        (event,) = Calendar.from_ical(file.read_bytes()).walk("VEVENT")
        assert "Reference: tolls-kira-20261124" in event["DESCRIPTION"]
        assert "Hamburg" in event["SUMMARY"]
        await until(lambda: f"{file}: 1 booking written" in seen.told, "where it is")
