"""Home chargers for the snapshots: a few models, answered at once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from pm_tui.api.errors import Unreachable
from pm_tui.api.home_errors import NotAllowed
from pm_tui.api.limits import RateSnapshot
from pm_tui.models.home import Evse, StatusLog
from pm_tui.models.home_contact import Connectivity
from pm_tui.models.result import Origin, Result
from pm_tui.services.home_contact import Contact
from tests.fakes import NOON

MODELS = (("Arc One", "Voltaris"), ("Fjord 11", "Nordlade"), ("Laderaum", "Heimwerk"))
PEOPLE = ("Anna Albers", "Ben Brandt", "Clara Conrad", "David Demir", "Elif Ernst")
WATTS = (0, 7_360, 10_900)


def evse(n: int, at: datetime) -> Evse:
    """Each seventh was never heard of, each eleventh hours ago; each fifth is of the older age."""
    model, make = MODELS[n % 3]
    ago = timedelta(hours=9) if n % 11 == 5 else timedelta(minutes=1 + n % 4)
    charging = n % 4 == 1
    log = {
        "sampled_at": (at - ago).isoformat(),
        "is_plugged_in": n % 2 == 1,
        "is_charging": charging,
        "charge_rate_watts": WATTS[1 + n % 2] if charging else 0,
        "mode": "Charge" if charging else "Idle",
    }
    raw: dict[str, Any] = {
        "id": f"evse{n:010d}K5JSFOXMXW2XLV5M",
        "model": {"id": "emod1", "name": model, "make": {"id": "emak1", "name": make}},
        "user": {"id": "user1", "full_name": PEOPLE[n % len(PEOPLE)]},
        "latest_status_log": None if n % 7 == 3 else log,
    }
    if n % 5:
        place = {"latitude": 52.52 + n / 1000, "longitude": 13.405}
        raw |= {"cpid": f"CP-{n:06d}", "lifecycle_state": "COMMISSIONED", "location": place}
    return Evse.read(raw)


def day() -> tuple[StatusLog, ...]:
    """A night's charge, each quarter of an hour until noon."""
    rows = []
    for quarter in range(36):
        at = NOON - timedelta(minutes=15 * quarter)
        watts = 7_300 + quarter % 3 * 60 if 20 <= quarter < 33 else 0
        meter = 1_250_000 - max(quarter - 20, 0) * 1_800
        raw = {"sampled_at": at.isoformat(), "charge_rate_watts": watts}
        rows.append(StatusLog.read({**raw, "meter_reading_watt_hours": meter}))
    return tuple(rows)


class CannedListing:
    """One page, which is all."""

    def __init__(self, origin: Origin, at: datetime) -> None:
        problem = None if origin == "live" else Unreachable()
        self.rows = [Result(evse(n, at), origin, at, problem) for n in range(30)]
        self.is_over, self.problem, self.skipped = False, problem, 0
        self.fetched_at = at

    async def more(self) -> int:
        self.is_over = True
        return len(self.rows)


class CannedHome:
    """What the view asks of the side of home chargers; it is its own remover."""

    def __init__(self, origin: Origin, at: datetime) -> None:
        self._origin: Origin = origin
        self._at = at
        live = origin == "live"
        self.rate = RateSnapshot(1000, 948, None, None, False, 52) if live else None

    def listing(self) -> CannedListing:
        return CannedListing(self._origin, self._at)

    async def remover(self) -> CannedHome:
        return self

    async def settle(self) -> list[object]:
        return []

    async def open_ones(self) -> list[object]:
        return []

    async def status_log(self, *_asked: object) -> Result[tuple[StatusLog, ...]]:
        return Result(day(), self._origin, self._at)

    async def contact(self, *_asked: object) -> Result[Contact]:
        raw = {"connection_reliability_30d": 97, "signal_strength_rssi_dbm": -71}
        found = Connectivity.read({**raw, "firmware_version": "4.1.0"})
        return Result(Contact(found, ("Idle", "FFR"), {}), self._origin, self._at)

    def take_notices(self) -> list[str]:
        return []

    async def command_log(self, *_asked: object) -> Result[object]:
        raise NotAllowed("You do not have the scope debug:read.")
