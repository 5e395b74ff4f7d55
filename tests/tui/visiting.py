"""The kiosk with a visitor before it: hands, eyes, and a site with free chargers."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import OptionList, Static

from pm_tui import i18n
from pm_tui.config import Settings
from pm_tui.config.kiosk import KioskSettings
from pm_tui.tui.kiosk.app import KioskApp
from tests.tui.driving import until

SITE = KioskSettings(
    desk="lobby",
    point=(50.937, 6.96),
    radius_km=3.0,
    phone="+49 30 1",
    ask="plate",
    print_command=("true",),
)


@dataclass
class Visitor:
    app: KioskApp
    pilot: Pilot[None]

    @property
    def text(self) -> str:
        return "\n".join(strip.text for strip in self.app.screen._compositor.render_strips())

    @property
    def said(self) -> str:
        return "\n".join(str(one.content) for one in self.app.screen.query(Static))

    @property
    def choices(self) -> list[str]:
        found = self.app.screen.query_one(OptionList)
        return [str(one.prompt) for one in found.options]

    async def press(self, *keys: str) -> None:
        for key in keys:  # each page before the next key: one for a page that is gone is dropped
            await self.pilot.press(key)
            await self.pilot.pause()

    async def touch(self, label: str) -> None:
        """A finger on the choice that says so."""
        await until(lambda: label in self.text, label)
        lines = self.text.splitlines()
        row = next(n for n, line in enumerate(lines) if label in line)
        assert await self.pilot.click(offset=(lines[row].index(label) + 1, row))
        await self.pilot.pause()

    async def at(self, screen: type[Screen[Any]]) -> None:
        """Until that one is on top: what is pushed or closed takes a moment."""
        await until(lambda: isinstance(self.app.screen, screen), screen.__name__)

    async def sees(self, words: str) -> None:
        try:
            await until(lambda: words in self.said, words)
        except AssertionError as vain:
            raise AssertionError(f"{vain}; it says: {self.said}") from None


@asynccontextmanager
async def a_kiosk(
    settings: Settings, size: tuple[int, int] = (80, 24), **changes: Any
) -> AsyncIterator[Visitor]:
    monotonic = changes.pop("monotonic", time.monotonic)
    app = KioskApp(replace(settings, kiosk=replace(SITE, **changes)), monotonic=monotonic)
    async with app.run_test(size=size) as pilot:
        yield Visitor(app, pilot)
    i18n.use("en")
