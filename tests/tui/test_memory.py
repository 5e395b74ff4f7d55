"""What the find view remembers: the same question again, favourites, and figures that grow old."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from textual.widgets import Input, OptionList

from pm_tui.api.clock import Clock
from pm_tui.config import Settings
from pm_tui.tui.screens.find import FindView
from tests.conftest import MakeSettings
from tests.sandbox_process import Sandbox
from tests.tui.driving import Driven, driven, until


class MovableClock:
    """The real time, and what a test adds to it."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def move(self, **span: float) -> None:
        self.ahead += timedelta(**span)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> MovableClock:
    """One clock for everything of ours: the screen, the session, the stores and the line."""
    moved = MovableClock()
    monkeypatch.setattr(Clock, "now", lambda _clock: moved())
    return moved


def view(seen: Driven) -> FindView:
    screen = seen.app.screen
    assert isinstance(screen, FindView)
    return screen


def searches(gateway: Sandbox) -> int:
    return len([one for one in gateway.log() if one["path"].endswith("/search")])


async def ask(seen: Driven) -> None:
    """The same question once more, as a person does it."""
    await seen.press("f", "enter")
    await until(lambda: seen.focused == "locations", "an answer")


# -- the same question again -------------------------------------------------------


async def asked_within_seconds(seen: Driven, gateway: Sandbox) -> None:
    """It costs nothing and says so."""
    await ask(seen)
    await until(lambda: "not asked again so soon" in seen.head, "the reason")
    assert searches(gateway) == 1
    await seen.press("r")
    await until(lambda: seen.head.startswith("live"), "the live answer")
    assert searches(gateway) == 2


async def the_live_answer_fails(seen: Driven, gateway: Sandbox) -> None:
    """The remembered one stays, with the reason."""
    gateway.fault("error", match="GET /search", status=400, text="Invalid radius")
    await ask(seen)
    await until(lambda: "Invalid radius" in seen.head, "the reason")
    assert "remembered 1 min ago" in seen.head
    assert "asking" not in seen.head
    assert len(seen.rows) == 12
    gateway.fault("slow", match="GET /search", seconds=30)
    await ask(seen)
    await until(lambda: "asking again" in seen.head, "the question")
    await seen.press("escape")
    await until(lambda: "cancelled" in seen.head, "the end")
    assert "asking" not in seen.head
    assert len(seen.rows) == 12
    gateway.clear_faults()


async def memory_answers_first(seen: Driven, gateway: Sandbox) -> None:
    """The live answer changes nothing but what is new."""
    await seen.press("s")
    await until(lambda: seen.table.sort_key == "name", "by name")
    await seen.press("slash", "a", "enter")
    rows = seen.rows
    await seen.press("G", "up")
    chosen, scrolled = seen.table.chosen, seen.table.scroll_y
    gateway.fault("slow", match="GET /search", seconds=30)
    await ask(seen)
    await until(lambda: "remembered 2 min ago · asking again…" in seen.head, "the mark")
    await until(lambda: "Esc cancels" in seen.head, "the wait")
    assert (seen.table.chosen, seen.table.scroll_y) == (chosen, scrolled)
    gateway.clear_faults()  # and it is answered
    await until(lambda: seen.head.startswith("live"), "the live answer")
    assert (seen.table.chosen, seen.table.scroll_y) == (chosen, scrolled)
    assert seen.table.sort_key == "name"
    assert [row.split()[1:3] for row in seen.rows] == [row.split()[1:3] for row in rows]


async def test_the_same_question_again_costs_nothing_at_once_and_is_answered_from_memory_first(
    settings: Settings, gateway: Sandbox, clock: MovableClock
) -> None:
    async with driven(settings, size=(120, 20), now=clock) as seen:
        await seen.search()
        await asked_within_seconds(seen, gateway)
        clock.move(minutes=1)
        await the_live_answer_fails(seen, gateway)
        clock.move(minutes=1)
        await memory_answers_first(seen, gateway)


# -- ages ----------------------------------------------------------------------------


async def test_a_list_left_open_grows_old_on_screen_and_only_what_changed_is_drawn(
    settings: Settings, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with driven(settings, size=(200, 60), now=clock) as seen:
        await seen.search()
        await until(lambda: "Berlin Ladepark 0" in seen.pane, "the details")
        assert "was" not in seen.rows[0]
        clock.move(minutes=1)
        view(seen)._age()
        assert "1 min" in seen.text
        drawn: list[int] = []
        draw = seen.table.refresh_row

        def refresh_row(row: int) -> None:
            drawn.append(row)
            draw(row)

        monkeypatch.setattr(seen.table, "refresh_row", refresh_row)
        clock.move(seconds=5)
        view(seen)._age()
        assert drawn == []
        clock.move(minutes=24)
        view(seen)._age()
        assert drawn == list(range(12))
        await until(lambda: "25 min ago" in seen.head, "the age")
        assert " was " in seen.rows[0]
        assert seen.rows[0].endswith("25 min")
        assert "as they were 25 min ago" in seen.pane
        assert "was: " in seen.pane
        assert "was €" not in seen.pane
        clock.move(days=3)
        view(seen)._age()
        await until(lambda: "was €" in seen.rows[0], "the price")
        assert "seen 3 d ago" in seen.pane
        assert "address seen" not in seen.pane
        clock.move(days=40)
        view(seen)._age()
        await until(lambda: "(43 d) Berlin Ladepark 0" in seen.rows[0], "the name")
        assert "address seen 43 d ago" in seen.pane
        # a clock set back makes nothing new
        clock.ahead = timedelta(hours=-2)
        view(seen)._age()
        await until(lambda: "remembered, at an unknown time" in seen.pane, "the doubt")
        view(seen)._describe()
        assert not seen.head.startswith("live")
        assert " was " in seen.rows[0]


async def test_the_booking_form_counts_by_the_gateways_clock_and_the_difference_is_told(
    settings: Settings, clock: MovableClock
) -> None:
    clock.move(hours=-1)  # ours is late
    async with driven(settings, now=clock) as seen:
        await until(
            lambda: any("The gateway's clock says" in text for text in seen.told), "the notice"
        )
        await seen.search()
        await seen.press("b")
        await until(lambda: seen.screen_name == "BookingFormScreen", "the form")
        begins = seen.app.screen._begins  # type: ignore[attr-defined]
        assert begins > clock() + timedelta(minutes=75)
        assert len([one for one in seen.told if "clock says" in one]) == 1


# -- favourites ------------------------------------------------------------------------


async def type_in(seen: Driven, key: str, text: str) -> None:
    """What a key asks for."""
    await seen.press(key)
    await answer(seen, text)


async def answer(seen: Driven, text: str) -> None:
    await until(lambda: seen.screen_name == "NoteScreen", "the question")
    await seen.fill("Input", text)
    await seen.press("enter")


async def test_a_charger_is_marked_noted_listed_and_shown_without_a_network(
    settings: Settings, gateway: Sandbox, make_settings: MakeSettings
) -> None:
    async with driven(settings, size=(80, 24)) as seen:
        await seen.press("escape", "v")
        await until(lambda: seen.screen_name == "FavouritesScreen", "the list")
        assert "None yet" in seen.text
        await seen.press("escape")
        await seen.search()
        await seen.press("asterisk")
        await until(lambda: "★ Berlin" in seen.rows[0], "the star")
        await type_in(seen, "n", "Tor 3")
        await until(lambda: "Tor 3" in view(seen).notes.values(), "the note")
        await type_in(seen, "plus", "mornings")
        await until(lambda: any("Search kept" in one for one in seen.told), "the search")
    gateway.clear_log()
    async with driven(make_settings(gateway, offline=True), size=(80, 24)) as seen:
        await seen.press("escape", "v")
        await until(lambda: "★ Berlin Ladepark 0" in seen.text, "the charger")
        assert "Tor 3" in seen.text
        assert "mornings" in seen.text
        await seen.press("enter")
        await until(lambda: seen.screen_name == "LocationScreen", "its details")
        await until(lambda: "★ Tor 3" in seen.pane, "the note")
        assert "DE*ENB*E100000*2" in seen.pane
        await seen.press("escape")
        await until(lambda: seen.screen_name == "FindView", "the view")
        await seen.press("v")
        await until(lambda: seen.screen_name == "FavouritesScreen", "the list")
        await seen.press("end", "enter")
        await until(lambda: seen.rows and "OFFLINE COPY" in seen.head, "the search")
        assert "★ Berlin" in seen.rows[0]
    assert gateway.log() == []


async def test_what_is_removed_can_be_brought_back_and_carried_away(
    settings: Settings, tmp_path: Path
) -> None:
    async with driven(settings) as seen:
        # a star in the form is a letter
        operator = seen.app.screen.query_one("#operator", Input)
        operator.focus()
        await seen.press("asterisk", "plus", "n", "v")
        assert operator.value == "*+nv"
        operator.value = ""
        await seen.search()
        await type_in(seen, "n", "Tor 3")
        await until(lambda: view(seen).notes, "the note")
        await seen.press("v")
        await until(lambda: seen.screen_name == "FavouritesScreen", "the list")
        options = seen.app.screen.query_one(OptionList)
        await until(lambda: options.option_count == 1, "one")
        await seen.press("d")
        await until(lambda: options.option_count == 0, "none")
        assert "what was removed" in seen.text
        await seen.press("u")
        await until(lambda: options.option_count == 1, "one again")
        assert "Tor 3" in seen.text
        await seen.press("escape")
        await until(lambda: seen.screen_name == "FindView", "the view")
        assert list(view(seen).notes.values()) == ["Tor 3"]
        await seen.press("asterisk")
        await until(lambda: seen.screen_name == "ForgetScreen", "the question")
        await seen.press("escape")
        await until(lambda: seen.screen_name == "FindView", "the view")
        assert list(view(seen).notes.values()) == ["Tor 3"]
        # gone after all, and back with its note
        await seen.press("asterisk")
        await until(lambda: seen.screen_name == "ForgetScreen", "the question")
        await seen.press("enter")
        await until(lambda: not view(seen).notes, "no favourite")
        await seen.press("u")
        await until(lambda: list(view(seen).notes.values()) == ["Tor 3"], "the note again")
        await carried(seen, tmp_path / "carried.json")


async def carried(seen: Driven, path: Path) -> None:
    """Out and in through the palette."""
    titles = {one.title: one for one in seen.app.get_system_commands(seen.app.screen)}
    for title in ("Favourite", "Note", "Keep search", "Favourites"):
        assert title in titles
    titles["Export favourites"].callback()
    await answer(seen, str(path))
    await until(path.is_file, "the file")
    titles["Import favourites"].callback()
    await answer(seen, str(path))
    await until(lambda: any("1 known already" in one for one in seen.told), "the result")
    path.write_text("[]")
    titles["Import favourites"].callback()
    await answer(seen, str(path))
    await until(lambda: any("not a file of favourites" in one for one in seen.told), "why not")


# -- one sequence, four lines ----------------------------------------------------------


async def test_online_degraded_offline_and_back_the_screen_says_what_it_knows(
    lonely: Sandbox, make_settings: MakeSettings, clock: MovableClock
) -> None:
    """The same hour at the screen: asked live, an operator lost, the line lost, left alone, asked
    elsewhere, and back."""

    gateway = lonely
    async with driven(make_settings(gateway), size=(200, 60), now=clock) as seen:
        # online
        await seen.search("Berlin")
        assert seen.head.startswith("live")
        assert "● online" in seen.status
        assert "live, " in seen.pane
        live = seen.rows
        assert not any(" was " in row for row in live)

        # degraded: an answer, but not of everybody
        clock.move(minutes=6)
        gateway.fault("cpo_down", match="GET /search", cpo="ION")
        await seen.press("r")
        await until(lambda: "silent" in seen.head, "who is missing")
        assert seen.head.startswith("live")
        assert "◐ degraded" in seen.status
        assert len(seen.rows) < len(live)

        # offline: the last answer to this question, and why
        clock.move(minutes=1)
        gateway.fault("drop", times=None)
        await seen.press("r")
        await until(lambda: "OFFLINE COPY" in seen.head, "the copy")
        assert "1 min old" in seen.head
        assert "○ offline" in seen.status
        assert not any(" was " in row for row in seen.rows)  # a minute is within the limit
        assert "remembered, 1 min ago" in seen.pane

        # left alone: it grows old by itself
        clock.move(minutes=24)
        view(seen)._age()
        await until(lambda: "25 min old" in seen.head, "its age")
        assert all(" was " in row for row in seen.rows)
        assert "as they were 25 min ago" in seen.pane
        assert all(row.endswith("25 min") for row in seen.rows)

        # a question never asked: rows of two ages, and how much of it was searched
        await seen.search("52.60, 13.41")
        assert "OFFLINE COPY" in seen.head
        assert "% of this area was searched before" in seen.head
        ages = {row.split()[-2] for row in seen.rows}
        assert ages == {"25", "31"}  # of the whole answer, and of the one that lacked an operator
        assert "31 min old" in seen.head  # the oldest is told

        # back
        gateway.clear_faults()
        await seen.search("Berlin")
        await until(lambda: seen.head.startswith("live"), "the live answer")
        assert "● online" in seen.status
        assert seen.rows[0].split()[:4] == live[0].split()[:4]
        assert not any(" was " in row for row in seen.rows)
