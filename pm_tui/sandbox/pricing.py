"""What a session is estimated to cost, and what it costs in the end (contract §12)."""

from __future__ import annotations

import random
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

from pm_tui.sandbox.stations import Evse, Station

CURRENCY = "EUR"
RESERVATION_FEE = Decimal("1.20")
COMMISSION = Decimal("1.08")
TYPICAL = timedelta(hours=1)

_CENT = Decimal("0.01")


def power_kw(evse: Evse) -> Decimal:
    return Decimal(max(c.max_electric_power for c in evse.connectors)) / 1000


def estimate(station: Station, evse: Evse, length: timedelta = TYPICAL) -> Decimal:
    """EUR, whole cents: nobody charges at full power all the time, and batteries are finite."""
    power = power_kw(evse)
    hours = Decimal(int(length.total_seconds())) / 3600
    energy = min(power * hours * Decimal("0.6"), Decimal(48 if power >= 43 else 36))
    return _cents((energy * station.energy_price + RESERVATION_FEE) * COMMISSION)


def final(estimated: Decimal, rng: random.Random) -> Decimal:
    """The price after the session, near the estimate and never equal to it."""
    price = _cents(estimated * Decimal(str(round(rng.uniform(0.55, 1.2), 4))))
    return price if price != estimated else price + _CENT


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, ROUND_HALF_UP)
