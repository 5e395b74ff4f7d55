"""Nothing of one visitor is left for the next: in memory, in files, on the screen."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from textual.widgets import Input

from pm_tui.config import Settings
from pm_tui.config.kiosk import Ask
from pm_tui.services.kiosk import Guests
from pm_tui.tui.kiosk.desk import DeskScreen
from tests import traces
from tests.sandbox_process import Sandbox
from tests.tui.driving import PATIENCE, until
from tests.tui.visiting import Visitor, a_kiosk

# read backwards: the search must not find what is searched for in this file
NAME, PLATE, LEFT = "trabrettiz", "1174zxbb", "tsefsinretni"


@pytest.fixture(scope="module")
def shared_gateway(own_gateway: Sandbox) -> Sandbox:
    return own_gateway  # others book at the same places and times


async def to_the_field(visitor: Visitor, ask: Ask, backwards: str) -> None:
    """As far as the name, or plate, and type it."""
    visitor.app.settings = replace(
        visitor.app.settings, kiosk=replace(visitor.app.settings.kiosk, ask=ask)
    )
    await visitor.press("1", "1")
    await until(lambda: any("free" in one for one in visitor.choices), "free chargers")
    await visitor.press("3" if ask == "name" else "4", *backwards[::-1])
    assert backwards[::-1] in visitor.text, "drawn, as a terminal would"


def keepers(*backwards: str) -> set[str]:
    return {type(one).__qualname__ for one in traces.holders(*backwards)}


async def test_nothing_of_a_visitor_is_left_for_the_next(
    settings: Settings, gateway: Sandbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with a_kiosk(settings, languages=("en",), print_command=()) as visitor:
        await visitor.sees("Welcome")
        for ask, typed in (("name", NAME), ("plate", PLATE)):
            await to_the_field(visitor, ask, typed)  # type: ignore[arg-type]
            await visitor.press("enter", "1")
            await visitor.sees("Confirmed")
            await visitor.press("1")
            await visitor.sees("Welcome")
        await to_the_field(visitor, "name", LEFT)
        await visitor.press("tab", "end", "enter")  # who leaves in the middle
        await visitor.sees("Welcome")
        await visitor.app.push_screen(DeskScreen())
        await until(lambda: NAME[::-1] in visitor.text, "the desk sees the name")
        await visitor.press("l")
        await visitor.sees("Until when?")
        await visitor.press("escape")
        await visitor.at(DeskScreen)
        await visitor.press("c")
        await visitor.sees("Cancel this booking?")
        visitor.app.start_over()
        await visitor.sees("Welcome")
        await until(lambda: len(visitor.app.screen_stack) == 1, "the first page alone")
        deadline = time.monotonic() + PATIENCE
        await until(lambda: not visitor.app.workers, "everything that is under way")
        while (found := keepers(NAME, PLATE, LEFT)) != {Guests.__qualname__}:
            assert time.monotonic() < deadline, f"not only who is booked: {found}"
            await asyncio.sleep(1)  # a look at the whole memory is dear
        kiosk = await visitor.app.kiosk()
        kiosk.guests.tidy(kiosk.session.now() + timedelta(days=1))
        assert keepers(NAME, PLATE, LEFT) == set(), "and then they are gone"

        field = visitor.app.screen.query_one(Input)
        assert (field.value, field._suggestion, field.selection.start) == ("", "", 0)
        await visitor.press("2", "up", "ctrl+z", "ctrl+v")
        await visitor.sees("type the number")
        frames = visitor.text + visitor.app.export_screenshot() + visitor.said
    everything = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert everything
    for typed in (NAME, PLATE, LEFT):
        assert typed not in (frames + caplog.text)[::-1].casefold()
        held = [path for path, told in everything.items() if typed.encode() in told[::-1].lower()]
        assert held == []
        assert typed not in str(gateway.bookings())[::-1].casefold()
