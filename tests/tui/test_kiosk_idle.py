"""A kiosk that nobody comes to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from pm_tui.config import Settings
from pm_tui.config.kiosk import KioskSettings
from pm_tui.config.opening import read
from pm_tui.tui.kiosk.app import KioskApp
from tests.sandbox_process import Sandbox
from tests.tui.driving import until

MORNING = datetime(2026, 11, 21, 5, tzinfo=UTC)  # a Saturday, six o'clock at the chargers
STEP = 20  # seconds


async def test_an_idle_day_spends_no_request(settings: Settings, gateway: Sandbox) -> None:
    """On a clock of its own: the desk opens and closes, nobody is there, and nobody is asked."""
    past, drawn = [0.0], 0
    site = KioskSettings(
        desk="lobby",
        point=(52.52, 13.4),
        languages=("en",),
        hours=(read("mo-su 8:00-18:00", "hours"),),
    )
    app = KioskApp(
        replace(settings, kiosk=site),
        now=lambda: MORNING + timedelta(seconds=past[0]),
        monotonic=lambda: past[0],
    )
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: app._shown is not None and not app.workers, "the first page")
        page = app._shown
        for _look in range(24 * 60 * 60 // STEP):
            past[0] += STEP
            app.look_for_somebody()
            drawn += page is not app._shown
            page = app._shown
        await pilot.pause()
        assert gateway.log() == []
    print(f"an idle day: {len(gateway.log())} requests, {drawn} pages drawn")
    assert drawn == 2, "opened, and closed"
