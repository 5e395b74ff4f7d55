"""A visitor's way at a kiosk that is killed at one of its steps; see `run_child`.

The steps are the writings of the journal, as in `rebook_child`, and what comes before and after.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from datetime import timedelta
from typing import Any

from pm_tui import config
from pm_tui.api import agent
from pm_tui.config.kiosk import KioskSettings
from pm_tui.models.booking import Booking
from pm_tui.services import book, kiosk_open, kiosk_stay, watch
from pm_tui.services.kiosk import Kiosk, Visit
from pm_tui.services.session import Session
from tests.services.rebook_child import kill_at

# one for each way: a charging point is booked once at a time
HOUR = timedelta(hours=1)
SITES = {
    name: KioskSettings(desk="lobby", point=point, radius_km=25.0)
    for name, point in {
        "told": (52.52, 13.405),
        "lost": (53.551, 9.994),
        "leaving": (50.937, 6.96),
        "longer": (48.137, 11.575),
    }.items()
}


async def answered(session: Session, booking_id: str | None) -> Booking:
    """The booking when its operator has said yes or no."""
    async for result in session.watch(booking_id or ""):
        booking = result.value
    return booking


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


async def main(spec: dict[str, Any]) -> None:
    async with Session(config.load({})) as session:
        kiosk = Kiosk(session, SITES[spec["way"]])
        end = session.server_now().replace(microsecond=0) + HOUR
        point = [one for one in (await kiosk.points(end)).value if one.is_free][spec["point"]]
        await kiosk_open.wake(kiosk)  # opens the journal, whose own writing is none of the steps
        known = None
        if spec["way"] in ("leaving", "longer"):
            known = await answered(session, (await kiosk.book(Visit(), point, end)).booking_id)
        if spec["way"] == "longer" and known is not None:  # what follows it is changed by moving it
            followed = await kiosk_stay.extend(kiosk, known, end + HOUR)
            await answered(session, followed.booking_id)
        step, when = spec["step"], spec["when"]
        if step == "choosing":
            die()
        await kiosk_open.begin(kiosk)
        if step == "begun":
            die()
        if isinstance(step, int):
            kill_at(step, when)
        if known is not None and spec["way"] == "longer":
            await kiosk_stay.extend(kiosk, known, end + 2 * HOUR)
        elif known is not None:
            await kiosk_stay.leave(kiosk, known)
        else:
            ended = await kiosk.book(Visit(), point, end)
            async for _result in session.watch(ended.booking_id or ""):
                if step == "waiting":
                    die()
        await kiosk_open.told(kiosk)
        die()


if __name__ == "__main__":
    agent._BOOKING_TOTAL = 5.0
    book.FIRST_LOOK = 0.0
    watch.FIRST_LOOKS = (0.05,) * 40  # type: ignore[assignment]
    asyncio.run(main(json.loads(sys.argv[1])))
