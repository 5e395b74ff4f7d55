"""A kiosk that nobody comes to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pm_tui.config import Settings
from pm_tui.config.opening import read
from tests.sandbox_process import Sandbox
from tests.tui.driving import until
from tests.tui.test_kiosk import SITE, a_kiosk

MORNING = datetime(2026, 11, 21, 5, tzinfo=UTC)  # a Saturday, six o'clock at the chargers


async def test_an_idle_day_spends_no_request(settings: Settings, gateway: Sandbox) -> None:
    """Every second of it, on a clock of its own: the desk opens and closes, nobody is there."""
    past = [0.0]
    shown: list[str] = []
    kiosk = a_kiosk(
        settings,
        now=lambda: MORNING + timedelta(seconds=past[0]),
        monotonic=lambda: past[0],
        languages=("en",),
        hours=(read("mo-su 8:00-18:00", "hours"),),
    )
    async with kiosk as visitor:
        await until(lambda: not visitor.app.workers, "the look at the journal")
        drawn = visitor.app._show

        def show() -> None:
            drawn()
            shown.append(visitor.said)

        visitor.app._show = show  # type: ignore[method-assign]
        for _second in range(24 * 60 * 60):
            past[0] += 1
            visitor.app.look_for_somebody()
        await visitor.pilot.pause()
        assert [("closed" in one) for one in shown] == [False, True], "opened, and closed again"
        assert gateway.log() == []
        assert not visitor.app._notifications
    print(f"requests of an idle day: {len(gateway.log())}; drawn anew: {len(shown)}")
    assert SITE.hours == ()
