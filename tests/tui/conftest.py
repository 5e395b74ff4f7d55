"""Every test of the screen waits for nothing but conditions."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from textual._compositor import Compositor
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.pilot import Pilot

from pm_tui.config import Settings
from pm_tui.tui import app
from tests.conftest import MakeSettings
from tests.sandbox_process import Sandbox, start_sandbox
from tests.tui import driving
from tests.tui.driving import driven


@pytest.fixture(autouse=True)
def _in_haste(hasty: None, monkeypatch: pytest.MonkeyPatch) -> None:
    # the sandbox of the tests confirms in half a second, not in ten
    monkeypatch.setattr("pm_tui.services.watch.FIRST_LOOKS", (0.1, 0.2, 0.4))
    monkeypatch.setattr("pm_tui.services.watch.STEADY", 0.4)
    # and keys come as quick as a machine presses them
    monkeypatch.setattr("pm_tui.tui.screens.find.AGAIN", timedelta(0))
    monkeypatch.setattr("pm_tui.tui.watch_actions.LOOK_AGAIN", timedelta(0))


@pytest.fixture(autouse=True)
def _drawn_when_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """A headless terminal shows its frames to nobody, and drawing them is half of a test's time:
    what is drawn is drawn for `Driven.lines` and pictures, and once at the end of each test.
    Frames as they come, and their bytes, are looked at on real terminals (`terminal.py`)."""
    draw = Compositor.render_update

    def render_update(self: Compositor, full: bool = False, **how: Any) -> Any:
        if full:
            return draw(self, full, **how)
        self._dirty_regions.clear()
        return None

    monkeypatch.setattr(Compositor, "render_update", render_update)


_read: dict[object, list[RuleSet]] = {}


@pytest.fixture(autouse=True)
def _styles_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rules of a style sheet are never written to, and the same text with the same variables
    of a theme makes the same ones: read once for each of them, not for each application."""
    parse = Stylesheet._parse_rules

    def parse_rules(
        self: Stylesheet, css: str, read_from: tuple[str, str], *rest: Any, **more: Any
    ) -> list[RuleSet]:
        key = (css, read_from, rest, tuple(more.items()), tuple(self._variables.items()))
        if key not in _read:
            _read[key] = parse(self, css, read_from, *rest, **more)
        return _read[key]

    monkeypatch.setattr(Stylesheet, "_parse_rules", parse_rules)


_load_places = functools.cache(app._load_gazetteer)


@pytest.fixture(autouse=True)
def _places_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is ever written to them either."""
    monkeypatch.setattr(app, "_load_gazetteer", _load_places)


@pytest.fixture(autouse=True)
def _only_who_is_busy_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Pilot, "_wait_for_screen", driving.quiet)


@pytest.fixture
def lonely() -> Iterator[Sandbox]:
    """A sandbox of the test's own: no bookings of others are followed, whose good answers would
    call a line good again that a test calls bad."""
    with start_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
async def remembered(gateway: Sandbox, make_settings: MakeSettings) -> Settings:
    """An account that has searched Berlin and read its bookings, and is offline now."""
    async with driven(make_settings(gateway)) as seen:
        await seen.search("Berlin")
        await seen.press("f3")
    return make_settings(gateway, offline=True)
