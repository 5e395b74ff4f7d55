"""What calls a person: kept in a list, rung once, and never more than text to the terminal."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from textual.app import App

from pm_tui.config.notices import NoticeSettings
from pm_tui.models.booking import Booking
from pm_tui.models.result import Result
from pm_tui.models.times import wire_time
from pm_tui.sandbox.texts import HOSTILE
from pm_tui.services.ledger import Change, Place
from pm_tui.services.starting import starting
from pm_tui.tui import desktop
from pm_tui.tui.desktop import Way
from pm_tui.tui.screens.cancel import CancelScreen
from tests.conftest import MakeSettings
from tests.fakes import NOON, FixedClock
from tests.tui.driving import driven, until

NASTY = "Park\x1b]52;c;AAAA\x07\x9c;9;4;1 [bold]x"


def a_booking(minutes: float, status: str = "CONFIRMED", **more: Any) -> Booking:
    start = NOON + timedelta(minutes=minutes)
    raw = {"id": f"b{minutes:g}", "status": status, "reservation_start": wire_time(start)}
    return Booking.read(raw | {"location_id": "here", "external_id": "visitor-1"} | more)


async def test_it_rings_once_and_is_listed(
    make_settings: MakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TMUX", "STY", "TERM_PROGRAM", "LC_TERMINAL", "KITTY_WINDOW_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-kitty")
    rung: list[int] = []
    monkeypatch.setattr(App, "bell", lambda _self: rung.append(1))
    clock = FixedClock()
    async with driven(make_settings(offline=True), now=clock) as seen:
        app = seen.app
        written: list[str] = []
        assert app._driver is not None
        monkeypatch.setattr(app._driver, "write", written.append)

        def notes() -> list[str]:
            return [one for one in written if "]99;" in one]

        app.known.note_place("here", Place(NASTY))
        app.known.take_one(Result(a_booking(20), "live", clock()))
        app.tell_starting()
        clock.advance(minutes=8)
        for _n in range(3):
            app.tell_starting()
        await until(lambda: len(notes()) == 1, "the notice")
        assert "Starts in 12 min" in notes()[0]
        assert len(rung) == 1
        # confirmed and lost, each once
        app.tell([Change(a_booking(500, "CANCELLED"), "CONFIRMED")])
        await until(lambda: len(notes()) == 2, "the loss")
        app.tell([Change(a_booking(600), "PENDING")])
        await until(lambda: len(notes()) == 3, "the confirmation")
        assert len(rung) == 3
        assert "confirmed" in notes()[2]
        for one in notes():
            inside = re.sub(r"\x1b\]99;[a-z0-9=:-]*;|\x1b\\", "", one)
            assert inside.isprintable(), "two commands, and text"
        # without the wish there is neither
        app.settings = replace(app.settings, notices=NoticeSettings(bell=False, desktop="off"))
        app._way = None
        clock.advance(seconds=10)  # past what is told together
        app.tell([Change(a_booking(700), "PENDING")])
        await app.workers.wait_for_complete([w for w in app.workers if w.group == "desktop"])
        assert (len(rung), len(notes())) == (3, 3)
        # all of it can be read later, the newest first, and what comes is added
        await seen.press("escape", "N")
        await until(lambda: seen.screen_name == "NoticesScreen", "the list")
        kept = seen.pane
        assert kept.index("confirmed") < kept.index("Starts in 12 min")
        assert "[bold]x" in kept
        assert "Look for another charger" in kept
        app.notify("one more", markup=False)
        await until(lambda: "one more" in seen.pane, "the new one")
        await seen.press("N")
        await until(lambda: seen.screen_name == "FindView", "the view")
        app.notify("and one that nobody reads", markup=False)


@pytest.mark.parametrize("size", [(80, 16), (60, 16), (80, 24)])
async def test_messages_leave_a_dialogs_buttons_free_and_go_by_a_key(
    make_settings: MakeSettings, size: tuple[int, int]
) -> None:
    async with driven(make_settings(offline=True), size) as seen:
        screen = CancelScreen(a_booking(60), seen.app.known)
        await seen.app.push_screen(screen)
        words = "Depot Spandau 1 · visitor-7 · Look for another charger: 1, then search again."
        for n in range(3):
            seen.app.notify(f"{n} {words} " * 3, title=f"Lost {n}", markup=False, timeout=20)
        await until(lambda: len(seen.toasts) == 3 and "Lost 2" in seen.text, "the last, whole")
        assert seen.are_free("Button")
        await seen.press("ctrl+g")
        await until(lambda: not seen.toasts, "nothing over the dialog")
        assert seen.app.screen is screen
        assert len(seen.app.notices) == 3


# -- without the application -----------------------------------------------------------


def test_only_what_is_confirmed_and_near_begins_soon() -> None:
    rows = [a_booking(n) for n in (15, 5, 0, -1, 15.1)]
    rows += [a_booking(3, status) for status in ("PENDING", "CANCELLED", "ATTENDING", "weird")]
    assert [one.id for one in starting(rows, NOON)] == ["b0", "b5", "b15"]
    assert starting([Booking.read({"id": "x", "status": "CONFIRMED"})], NOON) == []


@pytest.mark.parametrize("kind", ["osc9", "osc777", "osc99"])
def test_no_text_ends_its_sequence_early(kind: Any) -> None:
    for hostile, tmux in product([*HOSTILE, NASTY], [False, True]):
        told = desktop.sequence(Way(kind, tmux), hostile, f"{hostile}\n{hostile}")
        if tmux:
            assert told.startswith("\x1bPtmux;\x1b\x1b]")
            assert told.endswith("\x1b\\")
            told = told.removeprefix("\x1bPtmux;").removesuffix("\x1b\\")
            told = told.replace("\x1b\x1b", "\x1b")
        number = kind.removeprefix("osc")
        commands = re.findall(rf"\x1b\]{number};([^\x1b]*)\x1b\\", told)
        assert "".join(f"\x1b]{number};{one}\x1b\\" for one in commands) == told
        assert len(commands) == (2 if kind == "osc99" else 1)
        assert all(one.isprintable() for one in commands)
        assert len(told) < 700
        if kind == "osc9":  # a number in front would be another command
            assert commands[0].startswith("pm-tui: ")
    if kind == "osc777":
        assert desktop.sequence(Way(kind), "a;b", "c;d").endswith("]777;notify;a,b;c;d\x1b\\")


@pytest.mark.parametrize(
    ("env", "kind"),
    [
        ({"TERM": "xterm-256color"}, None),
        ({"TERM": "xterm-kitty"}, "osc99"),
        ({"TERM": "xterm-256color", "KITTY_WINDOW_ID": "1"}, "osc99"),
        ({"TERM": "foot-extra"}, "osc777"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, "osc777"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "ghostty"}, "osc777"),
        ({"TERM": "xterm-256color", "LC_TERMINAL": "iTerm2"}, "osc9"),
        ({"TERM": "screen.xterm-kitty", "STY": "1.pts"}, None),
    ],
)
def test_the_terminal_says_by_its_name_what_it_understands(
    env: dict[str, str], kind: str | None
) -> None:
    found = desktop.way("auto", env)
    assert (found and found.kind) == kind
    assert desktop.way("off", env) is None
    if "STY" not in env:
        assert desktop.way("osc9", env) == Way("osc9")


def test_through_tmux_only_where_it_lets_through() -> None:
    env = {"TERM": "tmux-256color", "TMUX": "/tmp/x,1,0", "TMUX_PANE": "%1", "KITTY_WINDOW_ID": "1"}
    asked: list[list[str]] = []

    def tmux(allowed: str, outer: str) -> desktop.Ask:
        def ask(line: list[str]) -> str:
            asked.append(line)
            return allowed if "show-options" in line else outer

        return ask

    assert desktop.way("auto", env, tmux("off", "foot")) is None
    assert desktop.way("osc777", env, tmux("", "foot")) is None
    assert desktop.way("auto", env, tmux("on", "foot")) == Way("osc777", through_tmux=True)
    assert desktop.way("auto", env, tmux("on", "xterm")) is None, "kitty is where tmux was started"
    assert desktop.way("osc9", env, tmux("all", "xterm")) == Way("osc9", through_tmux=True)
    assert all("%1" in line for line in asked)
