"""The themes we ship can be read, and the one that suits the terminal is worn."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

import pytest
from rich._palettes import STANDARD_PALETTE
from textual import constants
from textual.app import InvalidThemeError
from textual.message import Message

from pm_tui import config
from pm_tui.config import Settings
from pm_tui.services.session import Session
from pm_tui.tui.app import PmTuiApp
from pm_tui.tui.ground import PIECE, GroundParser, GroundTold, is_light
from pm_tui.tui.themes import CONTRAST, DARK, LIGHT, OURS
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
    ("env", "flags", "theme", "asks"),
    [
        ({}, {}, DARK, True),
        ({"COLORFGBG": "0;15"}, {}, LIGHT, False),
        ({"COLORFGBG": "15;default;0"}, {}, DARK, False),
        ({"COLORFGBG": "nonsense"}, {"theme": "auto"}, DARK, True),
        ({"TERM": "linux"}, {}, DARK, False),
        ({"COLORFGBG": "0;15"}, {"theme": "nord"}, "nord", False),
        ({}, {"theme": DARK}, DARK, False),
        ({}, {"theme": "there-is-none"}, DARK, False),
    ],
)
def test_what_was_chosen_is_worn_else_what_suits_the_terminal(
    env: dict[str, str], flags: dict[str, str], theme: str, asks: bool
) -> None:
    app = PmTuiApp(settings(env, **flags))
    assert app.theme == theme
    assert app.asks_for_ground == asks
    background = app.get_css_variables()["background"]
    assert app.stylesheet._variables["background"] == background


def test_sixteen_colours_get_those_that_are_far_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "COLOR_SYSTEM", "standard")
    assert PmTuiApp(settings()).theme == CONTRAST
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


def fed(*pieces: str, ticks: bool = False) -> list[Any]:
    """What comes of the pieces: keys by name, and whether the ground is light."""
    parser = GroundParser()

    def told(messages: Iterable[Message]) -> list[Any]:
        return [
            one.light if isinstance(one, GroundTold) else getattr(one, "key", one)
            for one in messages
        ]

    found: list[Any] = []
    for piece in pieces:
        found += told(parser.feed(piece))
        if ticks:
            parser._held_at -= PIECE
            found += told(parser.tick())
    return found


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


@pytest.mark.parametrize(
    ("told", "light"),
    [("ffff/ffff/ffff", True), ("0/0/0", False), ("fd/f6/e3", True), ("00/2b/36", False)],
)
def test_light_and_dark(told: str, light: bool) -> None:
    assert is_light(told) is light


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
