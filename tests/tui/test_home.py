"""Home chargers in the real application, against the sandbox's ev.energy: few runs, many keys."""

from __future__ import annotations

import re

import pytest
from textual.widgets import Button, Input

from pm_tui.services import home_words
from pm_tui.services.session import Session
from pm_tui.tui.screens.home import HomeView
from pm_tui.tui.widgets.qr import drawn
from tests.conftest import MakeSettings
from tests.sandbox_process import Sandbox
from tests.tui.driving import Driven, driven, until

SCOPES = ["evse:read", "evse:write", "user:read", "charging_session:read", "debug:read"]


@pytest.fixture
def fleet(gateway: Sandbox) -> Sandbox:
    gateway.home(evses=300, scopes=SCOPES, back=True)
    return gateway


def at_home(fleet: Sandbox) -> int:
    """The requests to ev.energy so far; the bookings are read beside them."""
    return sum(not one["path"].startswith("/api/") for one in fleet.log())


def view(seen: Driven) -> HomeView:
    found = seen.app.screen
    assert isinstance(found, HomeView)
    return found


def pages(fleet: Sandbox) -> int:
    return sum(one["path"].endswith("/evses") for one in fleet.log())


async def opened(seen: Driven) -> HomeView:
    await seen.press("f8")
    await until(lambda: len(seen.rows) == 100, "the first page")
    return view(seen)


async def test_pages_filter_order_and_what_one_did(fleet: Sandbox, make_home: MakeSettings) -> None:
    async with driven(make_home(fleet)) as seen:
        await opened(seen)
        assert pages(fleet) == 1 and "the first 100 chargers · live" in seen.head
        await seen.press("slash")
        await seen.fill("#filter", "albers")
        await seen.press("enter", "down", "down")
        await until(lambda: "10 of the first 100" in seen.head, "the filter")
        assert pages(fleet) == 1, "what is not asked for is not fetched to fill a short list"
        await seen.press("escape")
        assert re.search(r" home \d+/1,000 this hour ", seen.status), "beside the minute"
        await seen.press(*["pagedown"] * 2)
        await until(lambda: "the first 200" in seen.head, "the page that comes near")
        assert pages(fleet) == 2, "nothing is fetched that is not near the screen"
        fleet.fault("accept_then_hang", "GET /home/evses")
        await seen.press("a")
        await until(lambda: "reading… (Esc stops)" in seen.head, "that it reads")
        await seen.press("escape")
        await until(lambda: "a: read all" in seen.head, "that it stopped")
        assert "the first 200" in seen.head, "what was read stays"
        await seen.press("a")
        await until(lambda: seen.head.startswith("300 chargers"), "all of it")
        await seen.press("slash")
        await seen.fill("#filter", "ida albers")
        await until(lambda: "3 of 300" in seen.head, "the filter")
        await seen.press("escape")
        await seen.press("s")
        await until(lambda: seen.table.sort_key == "model", "the order")
        assert seen.rows[0].startswith("Arc One")

        row = next(r for r in view(seen)._shown.values() if r.value.id.startswith("evse0000000006"))
        seen.table.choose(row.value.id)
        before = at_home(fleet)
        await until(lambda: row.value.id in seen.pane, "its facts")
        assert "Enter reads the log" in seen.pane and at_home(fleet) == before
        await seen.press("enter", "less_than_sign")
        await until(lambda: "288 samples" in seen.pane, "the day before")
        await until(lambda: "% reliable" in seen.pane and "Firmware: " in seen.pane, "the line")
        assert "Grid modes: idle" in seen.pane
        await seen.press("greater_than_sign", "greater_than_sign")
        await until(lambda: "288 samples" not in seen.pane and " samples" in seen.pane, "today")
        y = next(n for n, line in enumerate(seen.lines) if "c commands" in line)
        await seen.pilot.click(offset=(seen.lines[y].index("c commands"), y))
        await until(lambda: "start charging" in seen.pane, "what it was told")
        await seen.press("e")
        await until(lambda: "kWh  €" in seen.pane, "its sessions")
        fleet.home(scopes=SCOPES[:-1])
        await seen.press("c")
        await until(lambda: "do not allow this" in seen.pane, "the scope that is missing")
        assert row.value.id in seen.pane, "all else goes on"


async def test_what_was_asked_for_is_brought_into_sight(
    fleet: Sandbox, make_home: MakeSettings
) -> None:
    async with driven(make_home(fleet), size=(80, 24)) as seen:
        home = await opened(seen)
        await seen.press("a")
        await until(lambda: len(seen.rows) == 300, "all of them")
        seen.table.choose(next(key for key in home._shown if "0000000006" in key))
        await seen.press("enter")
        await until(lambda: "Grid modes" in seen.pane, "what stands above")
        await seen.press("c")
        await until(lambda: "start charging" in seen.text, "what it was told")
        assert "What it was told" in seen.text
        await seen.press("e")
        await until(lambda: "kWh  €" in seen.text, "its sessions")
        assert "Charging sub-sessions" in seen.text
        assert re.search("by the schedule|not steered, at home", seen.text)


async def test_a_place_is_set_and_a_charger_taken_off(
    fleet: Sandbox, make_home: MakeSettings
) -> None:
    async with driven(make_home(fleet), size=(80, 24)) as seen:
        home = await opened(seen)
        await seen.press("down", "down", "l")
        await until(lambda: seen.screen_name == "PlaceScreen", "the question where")
        await seen.fill("#place", "north")
        await seen.press("ctrl+s")
        await until(lambda: "52.52,13.41" in seen.static("#wrong"), "what is wrong")
        await seen.fill("#place", "52.5, 13.4")
        await seen.press("ctrl+s")
        await until(lambda: (it := home.chosen) and it.value.location == (52.5, 13.4), "the place")
        chosen = home.chosen
        assert chosen is not None
        saved = f"{home_words.name(chosen.value)}: Location saved: 52.50000, 13.40000"
        await until(lambda: saved in seen.toasts, "that it is saved")

        await seen.press("D")
        await until(lambda: seen.screen_name == "DecommissionScreen", "the question")
        off = seen.app.screen.query_one("#off", Button)
        assert off.disabled and "Albers" in seen.text
        await seen.fill("#typed", "nonsense")
        await seen.press("ctrl+s")
        assert seen.screen_name == "DecommissionScreen" and off.disabled
        assert "Nothing was sent" in seen.static("#wrong")
        seen.app.clear_notifications()
        await seen.resize(60, 16)
        await until(lambda: not seen.toasts, "the view without the news over it")
        for there in ("no longer controls it", f"({chosen.value.id[-6:]})", "nonsense"):
            assert there in seen.text
        frame = [line.strip(" │") for line in seen.lines]
        assert "Keep the charger     Take it off" in frame and "✗" in "".join(frame)
        for n in range(3):
            seen.app.notify(f"{n} " + "long news " * 20, timeout=20)
        await until(lambda: len(seen.toasts) == 3 and "2 long news" in seen.text, "more news")
        assert seen.are_free("Button")
        seen.app.clear_notifications()
        await seen.resize(80, 24)
        await seen.fill("#typed", "non")
        await until(lambda: not seen.static("#wrong"), "another try")
        seen.app.screen.query_one("#typed", Input).value = chosen.value.id[-6:]
        await until(lambda: not off.disabled, "the word that counts")
        fleet.fault("accept_then_close", "DELETE *")  # the answer is lost, the charger gone
        await seen.press("ctrl+s")
        await until(lambda: chosen.value.id not in home._shown, "the row that left")
        deletes = [one for one in fleet.log() if one["method"] == "DELETE"]
        assert len(deletes) == 1


async def test_links_to_take_on_and_to_connect_anew(
    fleet: Sandbox, make_home: MakeSettings
) -> None:
    async with driven(make_home(fleet), size=(80, 24)) as seen:
        await opened(seen)
        await seen.press("n")
        await until(lambda: seen.screen_name == "AskOnboardScreen", "for whom")
        await seen.press("ctrl+s")
        await until(lambda: seen.screen_name == "LinkScreen", "the link")
        assert "onboarding-page" in seen.text and "q shows" in seen.static("#qr")
        await seen.press("q")
        assert "▄▄▄▄▄" in seen.text and "onboarding-page" not in seen.text
        await seen.press("escape", "R")
        await until(
            lambda: seen.screen_name == "LinkScreen" and "reconnect-page" in seen.text, "it"
        )
        titles = [one.border_title for one in seen.app.screen.query(".dialog")]
        assert titles == ["A link to connect this charger anew"]
        await seen.press("escape")
        fleet.fault("html", "POST *")
        for before in ("made a moment ago", "answer to the last one was lost"):
            await seen.press("R")  # another one is a question, and the default is none
            await until(lambda: seen.screen_name == "AnotherLinkScreen", "the question")
            assert before in seen.static("#before")
            if before.startswith("made"):
                await seen.press("ctrl+s")
                await until(lambda: "in the list first" in seen.text, "what to do")
        await seen.press("enter")
        await until(lambda: seen.screen_name == "HomeView", "the list")
        posts = [one for one in fleet.log() if one["method"] == "POST" and "/evses/" in one["path"]]
        assert len(posts) == 2, "each is sent once"


async def test_without_credentials_and_without_a_network(
    fleet: Sandbox, make_home: MakeSettings, make_settings: MakeSettings
) -> None:
    async with driven(make_settings(fleet), size=(80, 24)) as seen:
        await seen.press("f8")
        await until(lambda: "No credentials" in seen.head, "what is missing")
        assert "PM_TUI_HOME_TOKEN" in seen.text and "pm-tui config example" in seen.text
        # not all keys fit: whole ones are left out, and what names them stays
        await until(lambda: seen.lines[-1].rstrip().endswith("? Help"), "the keys")
        assert "Take off" not in seen.lines[-1]
        await seen.press("f3")
        await until(lambda: "booking" in seen.head, "all else")
    async with Session.open(make_home(fleet)) as session:
        await session.home.listing().more()
    async with driven(make_home(fleet, offline=True)) as seen:
        await opened(seen)
        assert "OFFLINE COPY of" in seen.head and "100 chargers" in seen.head
        await seen.press("enter")
        await until(lambda: "Nothing is remembered of it" in seen.pane, "what is not remembered")


def test_a_code_is_square_has_air_and_turns_with_the_theme() -> None:
    dark, light = (drawn("https://x.example/?a=" + "b" * 40, dark=one) for one in (True, False))
    assert len(set(map(len, dark))) == 1 and abs(len(dark[0]) - 2 * len(dark)) <= 1
    assert set(dark[0]) == {"█"} and set(light[0]) == {" "}
    with pytest.raises(ValueError, match="too long"):
        drawn("x" * 4000, dark=True)
