"""A visitor's way through the kiosk, step by step, for `tests.screenshots`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from textual.pilot import Pilot

from pm_tui import i18n
from pm_tui.config import Settings
from pm_tui.config.kiosk import KioskSettings
from pm_tui.tui.kiosk.app import KioskApp
from pm_tui.tui.kiosk.desk import DeskScreen
from tests.sandbox_process import Sandbox

SITE = KioskSettings(
    desk="Empfang",
    point=(53.553685, 9.994334),
    radius_km=0.5,
    locations=("DE-ENB-E135866",),
    phone="040 1234-0",
    ask="plate",
    print_command=("true",),
)
SMALLEST, SMALL, WIDE = (60, 20), (80, 24), (120, 40)
ANSWERS = 60.0  # seconds by the gateway's clock after which its operators have answered
Shoot = Callable[[Pilot[None], str, str], Awaitable[None]]


def kiosk_app(settings: Settings) -> KioskApp:
    return KioskApp(replace(settings, kiosk=SITE))


async def visit(app: KioskApp, sandbox: Sandbox, shoot: Shoot) -> None:
    """One visitor who reads German, and English at the sizes at the ends; then the desk."""
    async with app.run_test(size=SMALL) as pilot:
        await shoot(pilot, "kiosk-start-80x24", "Mein Auto laden")
        await pilot.press("1")
        await shoot(pilot, "kiosk-until-80x24", "Wann fahren Sie ab?")
        await pilot.press("1")
        await shoot(pilot, "kiosk-charger-80x24", "frei")
        await _resized(pilot, WIDE, "f2")
        await shoot(pilot, "kiosk-charger-120x40", "free")
        await _resized(pilot, SMALL, "f2", "1", *"HHPM42E")
        await shoot(pilot, "kiosk-plate-80x24", "HHPM42E")
        await pilot.press("enter")
        await shoot(pilot, "kiosk-confirm-80x24", "Ist das richtig?")
        await pilot.press("1")
        await shoot(pilot, "kiosk-waiting-80x24", "noch nicht geantwortet")
        await asyncio.to_thread(sandbox.advance, ANSWERS)
        await shoot(pilot, "kiosk-done-80x24", "Bestätigt")
        await _resized(pilot, SMALLEST, "f2")
        await shoot(pilot, "kiosk-done-60x20", "Confirmed")
        await _resized(pilot, SMALL, "end", "enter")
        await app.push_screen(DeskScreen())
        await shoot(pilot, "kiosk-desk-80x24", "HHPM42E")
    i18n.use("en")


async def _resized(pilot: Pilot[None], size: tuple[int, int], *keys: str) -> None:
    await pilot.resize_terminal(*size)
    await pilot.press(*keys)
