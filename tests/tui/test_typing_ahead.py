"""Keys that come in one piece, as over a slow line: each goes where it was meant to go."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from textual.events import Key
from textual.keys import _character_to_key
from textual.widgets import Input

from pm_tui.config import Settings
from tests.conftest import MakeSettings
from tests.tui.canned import CannedSession
from tests.tui.driving import Driven, driven, until


def burst(seen: Driven, *keys: str) -> None:
    """Text as it is, and the names of keys in angle brackets, all at once."""
    for told in keys:
        named = told.startswith("<")
        for key in [told[1:-1]] if named else told:
            name = key if named or key.isalnum() else _character_to_key(key)
            seen.app.post_message(Key(name, None if named else key))


def value(seen: Driven, selector: str) -> str:
    return seen.app.screen.query_one(selector, Input).value


async def test_text_goes_to_what_the_keys_before_it_have_opened(
    settings: Settings, tmp_path: Path
) -> None:
    async with driven(settings, size=(120, 40)) as seen:
        await until(lambda: seen.app.gazetteer is not None, "the places")
        burst(seen, "Berlin", "<tab>", "9", "<tab>", "<tab>", "50", *["<shift+tab>"] * 2, "1")
        await until(lambda: value(seen, "#radius") == "1", "the radius")
        assert value(seen, "#place") == "Berlin" and value(seen, "#power") == "50"
        # a choice is there to be taken although it is typed before it can be seen
        burst(seen, "<shift+tab>", "Pot", "<down>", "<enter>", *["<tab>"] * 3, "x", "<backspace>")
        await until(lambda: value(seen, "#power") == "", "the power")
        assert value(seen, "#place").startswith("Potsdam") and value(seen, "#radius") == "1"
        await seen.fill("#radius", "25")
        await seen.search()
        name = seen.rows[-1].split()[1]
        choice = ("<enter>", "<down>", "<enter>")
        burst(seen, "/", name, "<enter>", "<down>", "<up>", "b")  # of what was left by the filter
        burst(seen, *["<tab>"] * 4, *choice, "<tab>", "emp042", "<tab>", "<tab>", "Nord")
        await until(lambda: seen.screen_name == "BookingFormScreen", "the form")
        await until(lambda: seen.app.screen.query("#customer_id"), "its field")
        await until(lambda: value(seen, "#department") == "Nord", "the last")
        assert value(seen, "#customer_id") == "emp042"
        assert name in str(seen.static("#booking-title"))
        assert seen.screen_name == "BookingFormScreen" and len(seen.app.screen_stack) == 2
        burst(seen, "<escape>", "n", "under trees", "<enter>", "<f3>", "t")
        (tmp_path / "week.csv").write_text("")
        burst(seen, f"{tmp_path}/w", "<tab>", "x")
        await until(lambda: value(seen, "#batch-path") == f"{tmp_path}/week.csvx", "the path")
        burst(seen, "<f2>", "v", "<enter>")
        await until(lambda: "under trees" in seen.pane, "the favourite")
        burst(seen, "<escape>", "<f7>", "d", "2026-09")
        await until(lambda: value(seen, "#period") == "2026-09", "the days")


async def test_what_does_not_open_holds_no_key_for_long(
    make_settings: MakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = asyncio.Event()

    class Slow(CannedSession):
        async def references(self) -> frozenset[str]:
            await read.wait()
            return frozenset()

    async with driven(make_settings(), session=Slow) as seen:
        await seen.fill("#place", "Berlin")
        burst(seen, "<enter>")
        await until(lambda: seen.rows and seen.focused == "locations", "rows")
        burst(seen, "b", *["<tab>"] * 5, "Nord")
        await until(lambda: len(seen.app._held) == 9, "keys that wait")
        assert seen.focused == "locations"
        read.set()
        await until(lambda: value(seen, "#department") == "Nord", "the form")
        read.clear()
        monkeypatch.setattr("pm_tui.tui.in_turn.PATIENCE", 0.05)
        burst(seen, "<escape>", "<down>", "b", "<f3>")
        await until(lambda: seen.screen_name == "BookingsView", "another view")
