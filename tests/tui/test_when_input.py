"""What the keys do in a time field, and what the line below it says."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from textual import on
from textual.app import ComposeResult
from textual.pilot import Pilot
from textual.widgets import Button, Static

from pm_tui.tui.styles import style
from pm_tui.tui.themes import Dressed
from pm_tui.tui.widgets.when_input import WhenInput

BERLIN = ZoneInfo("Europe/Berlin")
LISBON = ZoneInfo("Europe/Lisbon")
NOW = datetime(2026, 11, 21, 9, 3, 27, tzinfo=UTC)  # Saturday, 10:03 in Berlin
START = datetime(2026, 11, 24, 14, 30, tzinfo=BERLIN)


class Host(Dressed):
    CSS_PATH = style("when_input")

    def __init__(
        self,
        value: datetime | None = START,
        *,
        base: datetime | None = None,
        optional: bool = False,
        viewer: ZoneInfo = BERLIN,
    ) -> None:
        super().__init__()
        self.start, self.base, self.optional, self.viewer = value, base, optional, viewer
        self.changes: list[datetime | None] = []

    def compose(self) -> ComposeResult:
        yield WhenInput(
            self.start,
            zone=BERLIN,
            viewer_zone=self.viewer,
            now=lambda: NOW,
            base=self.base,
            optional=self.optional,
        )

    @on(WhenInput.Changed)
    def note(self, event: WhenInput.Changed) -> None:
        assert event.control is self.field
        self.changes.append(event.value)

    @property
    def field(self) -> WhenInput:
        return self.query_one(WhenInput)

    @property
    def echo(self) -> str:
        return str(self.query_one(".when-echo", Static).content)


async def typed(pilot: Pilot[None], text: str) -> None:
    """`text` in place of what is there, without a wait for every letter."""
    pilot.app.query_one(WhenInput).line.value = text
    await pilot.pause()


async def test_a_given_moment_is_told_back_with_the_viewers_zone_beside_it() -> None:
    app = Host(viewer=LISBON)
    async with app.run_test(size=(80, 24)):
        assert app.field.line.value == "Tue 24 Nov 14:30"
        assert app.echo == "Tue 24 Nov 14:30 CET (13:30 WET)"
        assert app.changes == []
        assert not app.field.line.cursor_blink


async def test_typing_replaces_the_whole_and_is_understood_as_it_grows() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*"tomorrow 9")
        await pilot.pause()
        assert app.field.value == datetime(2026, 11, 22, 9, tzinfo=BERLIN)
        assert app.echo == "Sun 22 Nov 09:00 CET"
        assert app.changes[-1] == app.field.value


async def test_what_is_not_understood_says_so_and_has_no_value() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        await typed(pilot, "[bold]soon[/x]")
        assert app.field.value is None
        assert app.field.has_class("-wrong")
        assert app.echo.startswith("Not understood")
        assert app.changes[-1] is None
        await typed(pilot, "+2h")
        assert not app.field.has_class("-wrong")


MOVES = [
    ("up", "24T14:35"),
    ("down", "24T14:25"),
    ("left left left up", "24T15:30"),
    ("home up", "25T14:30"),
    ("home down down", "22T14:30"),
    ("home up right right up", "25T15:30"),
    ("greater_than_sign", "24T14:45"),
    ("less_than_sign less_than_sign", "24T14:00"),
    ("right_parenthesis", "24T15:30"),
    ("left_parenthesis", "24T13:30"),
    ("pageup", "25T14:30"),
    ("pagedown", "23T14:30"),
]


async def test_keys_move_the_moment() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        for keys, meant in MOVES:
            app.field.value = START
            await pilot.press("end", *keys.split())
            moved = datetime.fromisoformat(f"2026-11-{meant}").replace(tzinfo=BERLIN)
            assert (keys, app.field.value) == (keys, moved)
            assert app.field.line.value.endswith(meant[3:])
            await pilot.pause()
            assert app.changes[-1] == moved


async def test_from_nothing_the_keys_begin_with_now() -> None:
    app = Host(None, optional=True)
    async with app.run_test(size=(80, 24)) as pilot:
        assert (app.echo, app.field.has_class("-wrong")) == ("", False)
        await pilot.press(">")
        assert app.field.value == datetime(2026, 11, 21, 10, 15, tzinfo=BERLIN)


async def test_an_hour_that_comes_twice_is_asked_about_and_answered_with_a_key() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        await typed(pilot, "31.10.2027 2:30")
        assert app.field.value is None
        assert "twice" in app.echo
        assert app.query_one(".when-choices").display
        await pilot.press("end", "b")
        await pilot.pause()
        assert app.field.value is not None
        assert app.field.value.tzname() == "CET"
        assert not app.query_one(".when-choices").display


@pytest.mark.parametrize(("which", "zone"), [(0, "CEST"), (1, "CET")])
async def test_an_hour_that_comes_twice_is_answered_with_the_mouse(which: int, zone: str) -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        await typed(pilot, "31.10.2027 2:30")
        await pilot.click(list(app.query(".when-choice").results(Button))[which])
        await pilot.pause()
        assert app.field.value is not None
        assert app.field.value.tzname() == zone
        assert app.echo.startswith(f"Sun 31 Oct 2027 02:30 {zone} +0")
        assert app.field.line.has_focus
        app.field.line.value += " "  # read again from its text it is still the same
        await pilot.pause()
        assert app.field.value.tzname() == zone


async def test_both_hours_of_the_clock_change_are_two_changes() -> None:
    app = Host(datetime(2027, 10, 31, 1, 30, tzinfo=BERLIN))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(")", ")", ")")
        await pilot.pause()
        assert [change and change.strftime("%H:%M %Z") for change in app.changes] == [
            "02:30 CEST",
            "02:30 CET",
            "03:30 CET",
        ]


async def test_an_hour_that_does_not_exist_is_refused_with_a_way_out() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        await typed(pilot, "28.3.2027 2:30")
        assert app.field.value is None
        assert "does not exist" in app.echo
        await pilot.press("tab", "enter")
        await pilot.pause()
        assert app.field.value == datetime(2027, 3, 28, 3, tzinfo=BERLIN)


async def test_an_end_counts_from_its_base_and_follows_it_while_it_is_typed() -> None:
    app = Host(None, base=START)
    async with app.run_test(size=(80, 24)) as pilot:
        await typed(pilot, "+90m")
        assert app.field.value == datetime(2026, 11, 24, 16, tzinfo=BERLIN)
        assert app.echo.endswith("· 1 h 30 min")
        app.field.base = datetime(2026, 11, 24, 20, tzinfo=BERLIN)
        assert app.field.value == datetime(2026, 11, 24, 21, 30, tzinfo=BERLIN)
        await typed(pilot, "19:00")
        assert app.field.value == datetime(2026, 11, 25, 19, tzinfo=BERLIN)


async def test_what_the_field_wrote_stays_when_the_base_moves() -> None:
    app = Host(START, base=START)
    async with app.run_test(size=(80, 24)) as pilot:
        app.field.base = datetime(2026, 11, 30, 9, tzinfo=BERLIN)
        await pilot.pause()
        assert app.field.value == START
        await typed(pilot, "x")
        assert app.field.value is None
        app.field.value = START
        await pilot.pause()
        assert app.field.value == START
        assert app.changes[-1] == START
