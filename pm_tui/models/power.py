"""The power of a connector in kW, whatever unit and name the server chose (contract §14 U14)."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import Any

from pm_tui.models import reading
from pm_tui.models.json import JsonObject

_KILOWATT = ("power_kw", "max_power_kw")
_WATT = ("power_w", "max_power_w")
_EITHER = ("max_electric_power", "power", "max_power")
_MOST_KW = 10_000


def read_power(raw: JsonObject) -> Decimal | None:
    """Power in kW; a name without a unit means watts from 1000 on (OCPI's own unit), else kW."""
    for names, smallest_watt in ((_EITHER, 1000), (_KILOWATT, None), (_WATT, 0)):
        for name in names:
            value = raw.get(name)
            if isinstance(value, int | float | str | Decimal):
                power = _kilowatts(value, smallest_watt)
                if power is not None:
                    return power
    return None


@lru_cache(maxsize=1024)  # a network has a dozen different powers
def _kilowatts(value: Any, smallest_watt: int | None) -> Decimal | None:
    power = reading.number(value)
    if power is None or not 0 < power <= 1000 * _MOST_KW:
        return None
    if smallest_watt is not None and power >= smallest_watt:
        power /= 1000
    return power if power <= _MOST_KW else None
