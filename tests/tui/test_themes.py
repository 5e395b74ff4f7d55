"""The themes we ship can be read, and the one that suits the terminal is worn."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

import pytest
from rich._palettes import STANDARD_PALETTE
from textual import constants, events
from textual.app import InvalidThemeError
from textual.message import Message
from textual.widgets import Input

from pm_tui import config
from pm_tui.config import Settings
from pm_tui.services.session import Session
from pm_tui.tui import themes
from pm_tui.tui.app import PmTuiApp
from pm_tui.tui.ground import (
    CUT,
    PATIENCE,
    PIECE,
    GroundChanged,
    GroundParser,
    GroundTold,
    is_light,
)
from pm_tui.tui.themes import CONTRAST, DARK, LIGHT, OURS
from pm_tui.tui.widgets.paged_table import PagedTable
from tests.fakes import NOON
from tests.tui.canned import CannedSession
from tests.tui.contrast import faint
from tests.tui.driving import Driven, driven, until
from tests.tui.test_snapshots import found, in_a_report, in_the_form


@pytest.fixture(autouse=True)
def _nobodys_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PM_TUI_STATE_DIR", str(tmp_path))  # where a choice may be remembered
    for name in ("NO_COLOR", "COLORTERM", "TEXTUAL_THEME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLORTERM", "truecolor")


def settings(env: dict[str, str] | None = None, **flags: str) -> Settings:
    told = {"HOME": "/nowhere", "PM_TUI_CONFIG": "/dev/null", "PM_TUI_TIMEZONE": "Europe/Berlin"}
    told |= {name: os.environ[name] for name in ("PM_TUI_STATE_DIR",)}
    told["PM_TUI_CACHE_DIR"] = told["PM_TUI_STATE_DIR"]
    return config.load({"language": "en", "memory": False, **flags}, told | (env or {}))


# -- what can be read ---------------------------------------------------------------


async def test_every_text_of_ours_can_be_read_in_every_theme_of_ours() -> None:
    """At least 4.5 to 1, on what is drawn; the theme of sixteen colours when it has no more."""

    def session() -> Session:
        return cast(Session, CannedSession("live"))

    async with driven(settings(theme=DARK), session=session, now=lambda: NOON) as seen:
        for way in (in_a_report, found_chargers, in_the_form):
            await way(seen)
            for theme in OURS:
                await wear(seen, theme.name)
                drawn = seen.styles()
                assert faint(drawn) == set(), theme.name
                if theme.name == CONTRAST:
                    assert faint(drawn, STANDARD_PALETTE) == set()


async def wear(seen: Driven, theme: str) -> None:
    seen.app.theme = theme
    ground = seen.app.current_theme.background
    assert ground is not None
    colour = seen.app.get_theme(theme).to_color_system().generate()["background"]  # type: ignore[union-attr]
    await until(lambda: seen.app.screen.background_colors[0].hex == colour, theme)
    await seen.pilot.pause()


async def found_chargers(seen: Driven) -> None:
    await seen.press("f2")
    await until(lambda: seen.screen_name == "FindView", "the view")
    await found(seen)


# -- which one is worn ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("env", "flags", "theme", "does"),
    [
        ({}, {}, DARK, "asks, hears"),
        ({"COLORFGBG": "0;15"}, {}, LIGHT, "hears"),
        ({"COLORFGBG": "15;default;0"}, {}, DARK, "hears"),
        ({"COLORFGBG": "nonsense"}, {"theme": "auto"}, DARK, "asks, hears"),
        ({"TERM": "linux"}, {}, DARK, ""),
        ({"COLORFGBG": "0;15"}, {"theme": "nord"}, "nord", ""),
        ({}, {"theme": DARK}, DARK, ""),
        ({}, {"theme": "there-is-none"}, DARK, ""),
    ],
)
def test_what_was_chosen_is_worn_else_what_suits_the_terminal(
    env: dict[str, str], flags: dict[str, str], theme: str, does: str
) -> None:
    app = PmTuiApp(settings({"LANG": "C.UTF-8"} | env, **flags))
    assert app.theme == theme
    assert app.asks_for_ground == ("asks" in does)
    assert app.hears_ground == ("hears" in does)
    background = app.get_css_variables()["background"]
    assert app.stylesheet._variables["background"] == background


def test_sixteen_colours_get_those_that_are_far_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "COLOR_SYSTEM", "standard")
    app = PmTuiApp(settings())
    assert app.theme == CONTRAST
    assert not app.hears_ground, "there is one theme for both grounds"
    assert PmTuiApp(settings(theme="pm-tui-light")).theme == LIGHT
    monkeypatch.setenv("TEXTUAL_THEME", "gruvbox")
    assert PmTuiApp(settings()).theme == "gruvbox"
    assert PmTuiApp(settings(theme=DARK)).theme == DARK


def test_without_colour_no_theme_is_black_on_black(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "ansi-dark" in PmTuiApp(settings()).available_themes
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(constants, "COLOR_SYSTEM", "standard")
    app = PmTuiApp(settings(theme="ansi-dark"))
    assert app.theme == DARK
    with pytest.raises(InvalidThemeError):
        app.theme = "ansi-light"


# -- the terminal's answer --------------------------------------------------------------


def told(messages: Iterable[Message]) -> list[Any]:
    """Keys by name, whether the ground is light, and what a report of a change prefers."""
    found: list[Any] = []
    for one in messages:
        if isinstance(one, GroundChanged):
            found.append("light" if one.light else "dark")
        else:
            found.append(one.light if isinstance(one, GroundTold) else getattr(one, "key", one))
    return found


def fed(*pieces: str, ticks: bool = False) -> list[Any]:
    """What comes of the pieces."""
    parser = GroundParser()
    found: list[Any] = []
    for piece in pieces:
        found += told(parser.feed(piece))
        if ticks:
            parser._held_at -= PIECE
            found += told(parser.tick())
    return found


NOW_LIGHT = "\x1b[?997;2n"
WHITE = "\x1b]11;rgb:ffff/ffff/ffff\x1b\\"


@pytest.mark.parametrize(
    ("pieces", "found"),
    [
        ((WHITE,), [True]),
        (("\x1b]11;rgb:1e/20/24\x07",), [False]),
        (("a", "b" + WHITE + "c"), ["a", True, "b", "c"]),
        (tuple(WHITE), [True]),
        (("\x1b", "]11;rgba:ff/ff/f0/ff\x1b", "\\x"), [True, "x"]),
        (("\x1b]11;what\x07q",), ["q"]),
        (("\x1b[A", "\x1bOP"), ["up", "f1"]),
        (("\x1b[", "A"), ["up"]),
        (("a" + NOW_LIGHT + "b\x1b[?997;1n",), ["light", "dark", "a", "b"]),
        (tuple(NOW_LIGHT + "x"), ["light", "x"]),
        (("\x1b[?99", "7;2nq", WHITE + NOW_LIGHT), ["light", "q", True, "light"]),
        (("\x1b[?997;3n\x1b[?997;0nq",), ["q"]),
    ],
)
def test_an_answer_is_taken_out_of_the_keys_in_whatever_pieces(
    pieces: tuple[str, ...], found: list[Any]
) -> None:
    assert fed(*pieces) == found


def test_the_escape_key_waits_a_moment_and_is_not_lost() -> None:
    parser = GroundParser()
    assert list(parser.feed("\x1b")) == []
    parser._held_at -= PIECE
    assert list(parser.tick()) == []  # Textual's own wait begins
    assert [getattr(one, "key", "") for one in parser.feed("\x1b[B")] == ["escape", "down"]


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("first", range(1, len(NOW_LIGHT)))
def test_nothing_of_a_report_is_typed_however_late_its_rest_comes(first: int, late: bool) -> None:
    """Without a question before it, so that no Escape key waits."""
    parser = GroundParser()
    parser._asked.at -= PATIENCE
    found = told(parser.feed("a" + NOW_LIGHT[:first]))
    if late:
        if parser._timeout_time is not None:
            parser._timeout_time = 0.0
        found += told(parser.tick())
    found += told(parser.feed(NOW_LIGHT[first:] + "b"))
    # of the first byte alone nobody can know
    assert found == ["a", *(["escape"] if late and first == 1 else []), "light", "b"]


@pytest.mark.parametrize(("begun", "kept"), [("\x1b[?997;", []), ("\x1b[", ["["])])
def test_a_report_that_is_never_complete_is_dropped(begun: str, kept: list[str]) -> None:
    parser = GroundParser()
    assert told(parser.feed("a" + begun)) == ["a"]
    parser._held_at -= CUT
    found = told(parser.tick())
    if parser._timeout_time is not None:
        parser._timeout_time = 0.0
    found += told(parser.tick())
    assert [{"left_square_bracket": "["}[key] for key in found] == kept
    assert told(parser.feed("b")) == ["b"]


@pytest.mark.parametrize(
    ("told", "light"),
    [("ffff/ffff/ffff", True), ("0/0/0", False), ("fd/f6/e3", True), ("00/2b/36", False)],
)
def test_light_and_dark(told: str, light: bool) -> None:
    assert is_light(told) is light


async def test_the_theme_goes_with_the_terminal_while_it_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def session() -> Session:
        return cast(Session, CannedSession("live"))

    env = {"COLORFGBG": "15;0"}
    async with driven(settings(env), session=session, now=lambda: NOON) as seen:
        app, asked = seen.app, list[float]()
        monkeypatch.setattr(app._driver, "ask_ground", lambda: asked.append(1), raising=False)

        async def heard(message: Message, theme: str) -> None:
            app.post_message(message)
            await until(lambda: app.theme == theme and app._message_queue.empty(), theme)

        # a terminal that was not asked and reports: at once, and what is typed stays as it is
        await found(seen)
        await seen.press("down", "down", "slash", *"e")
        field, row = app.focused, seen.app.screen.query_one("#locations", PagedTable).cursor_row
        assert isinstance(field, Input)
        await heard(GroundChanged(light=True), LIGHT)
        assert len(asked) == 1
        assert (app.focused, field.value) == (field, "e")
        assert seen.app.screen.query_one("#locations", PagedTable).cursor_row == row
        # one that tells its colour: that decides, not what a desktop prefers
        await heard(GroundTold(light=True), LIGHT)
        await heard(GroundChanged(light=False), LIGHT)
        assert len(asked) == 2
        await heard(GroundTold(light=False), DARK)
        # whoever reports need not be asked when the window is looked at again
        monkeypatch.setattr(themes, "ASK_AGAIN", 0.0)
        await heard(events.AppFocus(), DARK)
        assert len(asked) == 2
        app._reports = False
        await heard(events.AppFocus(), DARK)
        assert len(asked) == 3
        monkeypatch.setattr(themes, "ASK_AGAIN", 3600.0)
        await heard(events.AppFocus(), DARK)
        assert len(asked) == 3
        # what a person chose stays, also when it is what the terminal suits by now
        app.theme = LIGHT
        for light in (True, False):
            await heard(GroundTold(light=light), LIGHT)
        commands = {one.title: one for one in app.get_system_commands(app.screen)}
        commands["Theme of the terminal"].callback()
        assert app.theme == DARK
        await heard(GroundTold(light=True), LIGHT)
        titles = {one.title for one in app.get_system_commands(app.screen)}
        assert "Theme of the terminal" not in titles


async def test_a_light_terminal_is_followed_until_a_theme_is_chosen() -> None:
    app = PmTuiApp(settings(), session=lambda: cast(Session, CannedSession("live")))
    async with app.run_test():
        seen: list[str] = []
        app.watch(app, "theme", lambda: seen.append(app.by_itself), init=False)
        app.post_message(GroundTold(light=True))
        await until(lambda: app.theme == LIGHT, "the light one")
        assert seen == [LIGHT]  # so that it is not taken for a person's choice
        app.theme = DARK
        app.post_message(GroundTold(light=True))
        await until(lambda: app._message_queue.empty(), "that is read")
        assert app.theme == DARK
