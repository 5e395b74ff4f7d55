"""The power of a connector in kW, whatever unit and name the server chose (contract §14 U14)."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import Any

from pm_tui.models import reading
from pm_tui.models.json import JsonObject

# name -> from which number on it means watts (None: never)
_NAMES: tuple[tuple[str, int | None], ...] = (
    ("max_electric_power", 1000),
    ("power_kw", None),
    ("max_power_kw", None),
    ("power", 1000),
    ("max_power", 1000),
    ("power_w", 0),
    ("max_power_w", 0),
)
_MOST_KW = 10_000


def read_power(raw: JsonObject) -> Decimal | None:
    """Power in kW; a name without a unit means watts from 1000 on (OCPI's own unit), else kW."""
    for name, smallest_watt in _NAMES:
        value = raw.get(name)
        if value is not None and not isinstance(value, (dict, list)):
            power = _kilowatts(value, smallest_watt)
            if power is not None:
                return power
    return None


@lru_cache(maxsize=1024, typed=True)  # a network has a dozen different powers
def _kilowatts(value: Any, smallest_watt: int | None) -> Decimal | None:
    power = reading.number(value)
    if power is None or not 0 < power <= 1000 * _MOST_KW:
        return None
    if smallest_watt is not None and power >= smallest_watt:
        power /= 1000
    return power if power <= _MOST_KW else None
