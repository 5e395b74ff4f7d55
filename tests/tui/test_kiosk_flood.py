"""Everything that a keyboard and a mouse can send to the kiosk, by the thousand: it stays."""

from __future__ import annotations

import asyncio
import importlib
import os
import pkgutil
import random
import string
import subprocess
import webbrowser
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import textual.widgets
from textual import events, keys
from textual.app import App
from textual.binding import Binding
from textual.dom import DOMNode
from textual.driver import Driver

import pm_tui.tui
from pm_tui.config import pin
from pm_tui.config.kiosk import KioskSettings
from pm_tui.models.booking import Booking
from pm_tui.models.charger import Connector
from pm_tui.services import kiosk_hours
from pm_tui.services.kiosk import Point
from pm_tui.tui.kiosk import pages
from pm_tui.tui.kiosk.app import KioskApp
from pm_tui.tui.kiosk.choices import Choices
from pm_tui.tui.kiosk.gate import GateScreen
from pm_tui.tui.kiosk.pages import Page
from pm_tui.tui.kiosk.screen import KioskScreen
from tests.conftest import MakeSettings
from tests.tui.driving import until
from tests.tui.visiting import Visitor, a_kiosk

NOW = datetime.now(UTC)  # an end that is over would be refused
SEED = 20261121
KEYS, TOUCHES, PASTES = 4_000, 2_000, 200
TOGETHER = 40  # keys from one page on, and what follows from it
POINT = Point("DE-1", "DE*1*E1*1", "Site", "1", True, (Connector("1", "IEC_62196_T2"),))
BOOKING = Booking.read(
    {
        "id": "b1",
        "status": "CONFIRMED",
        "reservation_start": NOW.isoformat(),
        "reservation_end": (NOW + timedelta(hours=1)).isoformat(),
    }
)
STAY = kiosk_hours.stay(NOW, timedelta(hours=4), None)
PAGES: list[Callable[[], Page]] = [
    lambda: pages.until(STAY),
    lambda: pages.pick(STAY, STAY.ends[0]),
    pages.looking,
    lambda: pages.chargers([POINT]),
    lambda: pages.name("name"),
    lambda: pages.confirm(POINT, STAY, STAY.ends[0]),
    pages.booking_it,
    pages.waiting,
    lambda: pages.done(KioskSettings(), BOOKING, POINT, "4711", "https://example.org/way"),
    lambda: pages.sorry("no", "+49", again=True),
    lambda: pages.number("I need longer", True),
    lambda: pages.leave(BOOKING, STAY.ends[0]),
    lambda: pages.longer(BOOKING, BOOKING.reservation_end, STAY),
    lambda: pages.told("told", "words"),
    pages.please_wait,
    pages.still_there,
]


def modules(package: Any) -> Iterator[Any]:
    for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        yield importlib.import_module(found.name)


def every_key() -> list[str]:
    """Of every binding that Textual or we have, and every key that a terminal can tell."""
    for _module in (*modules(textual.widgets), *modules(pm_tui.tui)):
        pass
    importlib.import_module("textual.command")
    found = {key.value for key in keys.Keys}

    def gather(kind: type[DOMNode]) -> None:
        for binding in Binding.make_bindings(kind.__dict__.get("BINDINGS", ())):
            found.add(binding.key)
        for child in kind.__subclasses__():
            gather(child)

    gather(DOMNode)
    bare = [*string.ascii_lowercase, *string.digits, *(f"f{n}" for n in range(1, 25)), "escape"]
    found |= {f"{held}+{key}" for held in ("ctrl", "shift", "alt", "super") for key in bare}
    assert {"ctrl+q", "ctrl+c", "ctrl+p", "ctrl+z", "f1", "f10", "ctrl+backslash"} <= found
    return sorted(found) + list(string.printable)


class Sender:
    """Sends as the driver does, and waits until all of it is handled."""

    def __init__(self, visitor: Visitor) -> None:
        assert visitor.app._driver is not None
        self.visitor, self.driver = visitor, visitor.app._driver

    def key(self, key: str) -> None:
        character = key if len(key) == 1 else None
        self.driver.process_message(events.Key(key, character))

    def touch(self, chance: random.Random) -> None:
        kinds: list[type[events.MouseEvent]] = [
            events.MouseDown, events.MouseUp, events.MouseMove, events.MouseScrollDown
        ]  # fmt: skip
        kind = chance.choice(kinds)
        x, y = chance.randrange(80), chance.randrange(24)
        held = [chance.random() < 0.2 for _ in range(3)]
        self.driver.process_message(
            kind(None, x, y, 0, 0, chance.randrange(4), held[0], held[1], held[2], x, y)
        )

    def paste(self, text: str) -> None:
        self.driver.process_message(events.Paste(text))

    async def all_handled(self) -> None:
        """The application has got and passed on what was sent, and the screen has acted on it."""
        for _turn in range(3):  # from the driver's thread into the application's queue
            await asyncio.sleep(0)
        for node in (self.visitor.app, self.visitor.app.screen):
            done = asyncio.Event()
            if node.call_later(done.set):
                await asyncio.wait_for(done.wait(), 10)


def puts(app: KioskApp, page: Callable[[], Page]) -> None:
    """As if a visitor had come to this page."""
    app.stay, app._end, app._point, app.booking = STAY, STAY.ends[0], POINT, BOOKING
    app._points = (POINT,)
    app.go(page)


def a_plan(
    chance: random.Random, everything: list[str], places: list[Callable[[], Page]]
) -> list[tuple[str, Callable[[], Page]]]:
    """Each key at several times, in an order of its own, and from each page on."""
    times, rest = divmod(KEYS, len(everything))
    assert times >= 5
    keys = everything * times + chance.sample(everything, rest)
    chance.shuffle(keys)
    return [(key, places[number // TOGETHER % len(places)]) for number, key in enumerate(keys)]


def is_locked(app: KioskApp) -> None:
    assert app.is_running
    assert not app._exit
    assert not app.ended
    kinds = [type(screen) for screen in app.screen_stack]
    assert kinds in ([KioskScreen], [KioskScreen, GateScreen])
    if isinstance(app.screen, GateScreen):
        assert app.screen.offered == ("back",)
    assert app.clipboard == ""
    assert not app._notifications
    assert app.theme == "textual-dark"


@pytest.fixture
def escapes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What would have led out, by name."""
    tried: list[str] = []

    def forbid(place: Any, name: str) -> None:
        monkeypatch.setattr(place, name, lambda *_a, **_k: tried.append(name))

    for place, name in (
        (os, "kill"),
        (os, "system"),
        (webbrowser, "open"),
        (subprocess, "Popen"),
        (asyncio, "create_subprocess_exec"),
        (App, "exit"),
        (App, "panic"),
        (App, "suspend"),
        (App, "save_screenshot"),
        (App, "deliver_text"),
        (App, "deliver_binary"),
        (App, "search_themes"),
        (Driver, "open_url"),
    ):
        forbid(place, name)
    return tried


async def test_a_flood_of_keys_touches_and_pastes_leads_nowhere(
    make_settings: MakeSettings,
    escapes: list[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    chance, seconds = random.Random(SEED), [0.0]
    settings = make_settings(offline=True)  # nobody is asked
    kiosk = a_kiosk(
        settings, monotonic=lambda: seconds[0], pin=pin.kept("408215"), print_command=()
    )
    async with kiosk as visitor:
        app, send = visitor.app, Sender(visitor)
        await visitor.sees("Willkommen")
        await until(lambda: not app.workers, "the look at the journal")
        everything = every_key()
        plan = a_plan(chance, everything, [app._first_page, *PAGES])
        for number, (key, page) in enumerate(plan):
            if number % TOGETHER == 0:
                await send.all_handled()
                is_locked(app)
                app.close_gate()
                puts(app, page)
            send.key(key)
        await send.all_handled()
        is_locked(app)
        for number in range(TOUCHES):
            if number % 100 == 0:
                await send.all_handled()
                is_locked(app)
                seconds[0] += chance.choice((0, 0, 0, 46))
                app.look_for_somebody()
                if chance.random() < 0.5:
                    puts(app, chance.choice(PAGES))
                if chance.random() < 0.3:
                    app.action_gate()
            send.touch(chance)
        for number in range(PASTES):
            if number % 100 == 0:
                await send.all_handled()
                is_locked(app)
                puts(app, chance.choice(PAGES))
            send.paste("".join(chance.choices(string.printable + "\x1b\x00\x9bü", k=60)))
        await send.all_handled()
        is_locked(app)
        assert escapes == []
        monkeypatch.undo()
        # and it still does what it is for
        app.close_gate()
        app._start()
        await visitor.sees("Willkommen")
        await visitor.press("2")
        await visitor.sees("Nummer")
    written = {path.relative_to(tmp_path).parts[0] for path in tmp_path.rglob("*")}
    assert written <= {"state", "cache", "config.toml"}
    assert not [path for path in tmp_path.rglob("*") if path.suffix in (".svg", ".txt", ".log")]


def test_a_page_key_before_anything_is_laid_out_moves_nothing() -> None:
    choices = Choices("one", "two")
    choices.highlighted = 0
    # Textual's own raises `KeyError`: a flood had ended the kiosk by it
    choices.action_page_down()  # type: ignore[no-untyped-call]
    assert choices.highlighted == 0
