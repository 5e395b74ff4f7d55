"""The status of an EVSE at a moment: chance by the clock, and on top of it our own bookings."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from hashlib import blake2b

from pm_tui.sandbox.lifecycle import TERMINAL, Status
from pm_tui.sandbox.store import Booking

_BUCKET = 15 * 60
_DAY = 86_400
BROKEN = frozenset({"OUTOFORDER", "INOPERATIVE"})

# out of 1000; the rest is AVAILABLE
_SHORT = (("CHARGING", 230), ("BLOCKED", 20), ("RESERVED", 15), ("UNKNOWN", 20))


def evse_status(seed: int, evse_uid: str, now: datetime | None) -> str:
    """An OCPI status: broken ones for a day, busy ones for a quarter of an hour.

    Every EVSE has its own phase, so that they do not all change at once. Without a time they
    never change.
    """
    seconds = 0 if now is None else int(now.timestamp()) + _chance(f"{seed}/phase/{evse_uid}", _DAY)
    day = _chance(f"{seed}/day/{evse_uid}/{seconds // _DAY}", 1000)
    if day < 35:
        return "OUTOFORDER" if day < 25 else "INOPERATIVE"
    chance = _chance(f"{seed}/now/{evse_uid}/{seconds // _BUCKET}", 1000)
    for status, share in _SHORT:
        if chance < share:
            return status
        chance -= share
    return "AVAILABLE"


def _chance(purpose: str, below: int) -> int:
    """A number that depends on the purpose only; `random.Random` would cost 10 µs a seed."""
    return int.from_bytes(blake2b(purpose.encode(), digest_size=8).digest()) % below


def taken(bookings: Iterable[Booking], now: datetime) -> dict[str, str]:
    """The EVSEs that bookings hold, with the status that this gives them."""
    result: dict[str, str] = {}
    for booking in bookings:
        status = booking.status(now)
        if status not in TERMINAL:
            result[booking.evse_uid] = "CHARGING" if status is Status.ATTENDING else "RESERVED"
    return result
