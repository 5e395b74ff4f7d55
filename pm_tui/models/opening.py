"""Opening hours of a location: OCPI's `opening_times` (contract §15 speaks OCPI), or a text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from pm_tui.models import reading
from pm_tui.models.json import JsonObject

_CLOCK = re.compile(r"([01]?\d|2[0-3]):[0-5]\d|24:00", re.ASCII)
_MOST_PERIODS = 50


@dataclass(frozen=True, slots=True)
class OpeningPeriod:
    """Open on a weekday (1 Monday to 7 Sunday), local clock times `HH:MM`; `end` may be `24:00`."""

    weekday: int
    begin: str
    end: str


@dataclass(frozen=True, slots=True)
class Opening:
    """What is known: `always` for 24/7, else the periods of a week, else a text to show."""

    always: bool | None = None
    periods: tuple[OpeningPeriod, ...] | None = None
    text: str | None = None


UNKNOWN = Opening()
ALWAYS = Opening(always=True)


def read_opening(raw: JsonObject) -> Opening:
    """The opening hours of a location's JSON object."""
    value = reading.first(raw, ("opening_times", "opening_hours"))
    if value is None:
        return UNKNOWN
    if isinstance(value, str):
        return ALWAYS if value.strip() == "24/7" else Opening(text=reading.text(value))
    hours: Any = value
    if isinstance(value, dict):
        if value.get("twentyfourseven") is True:
            return ALWAYS
        hours = value.get("regular_hours")
    if not isinstance(hours, list):
        return UNKNOWN
    periods = [_period(item) for item in hours[:_MOST_PERIODS]]
    known = tuple(period for period in periods if period is not None)
    # a week of which a day could not be read must not pass for a week with that day closed
    return Opening(always=False, periods=known) if len(known) == len(hours) > 0 else UNKNOWN


def _period(raw: Any) -> OpeningPeriod | None:
    if not isinstance(raw, dict):
        return None
    weekday = reading.count(raw.get("weekday"))
    begin, end = _clock(raw.get("period_begin")), _clock(raw.get("period_end"))
    if weekday is None or not 1 <= weekday <= 7 or begin is None or end is None:
        return None
    return OpeningPeriod(weekday, begin, end)


def _clock(value: Any) -> str | None:
    is_clock = isinstance(value, str) and _CLOCK.fullmatch(value)
    return value.zfill(5) if is_clock else None
