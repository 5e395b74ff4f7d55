"""The parameters of `GET /search`, checked (contract/agent-api.md §3 and §15)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pm_tui.sandbox.wire import ApiError, parse_stamp

DEFAULT_RADIUS = 50.0
MAX_RADIUS = 200.0
DEFAULT_LIMIT = 50
MAX_LIMIT = 500
STANDARDS = frozenset(
    {
        "IEC_62196_T2",
        "IEC_62196_T2_COMBO",
        "CHADEMO",
        "IEC_62196_T1_COMBO",
        "TESLA_S",
        # the list of the contract's §9 is open, and the register has these
        "IEC_62196_T1",
        "DOMESTIC_F",
    }
)


@dataclass(frozen=True, slots=True)
class Window:
    starts: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """Degrees, kilometres, kilowatts."""

    latitude: float
    longitude: float
    radius_km: float
    connector_type: str | None
    power_min_kw: float
    window: Window | None
    limit: int

    @classmethod
    def of(cls, params: Mapping[str, str]) -> SearchQuery:
        return cls(
            latitude=_degrees(params, "lat", "latitude", 90),
            longitude=_degrees(params, "lng", "longitude", 180),
            radius_km=_radius(params),
            connector_type=_connector_type(params),
            power_min_kw=_power(params),
            window=_window(params),
            limit=whole(params, "limit", DEFAULT_LIMIT, MAX_LIMIT),
        )


def _number(params: Mapping[str, str], name: str) -> float | None:
    text = params.get(name)
    if text is None:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or "_" in text:
        raise ApiError(400, f"Invalid {name}: must be a number")
    return value


def _degrees(params: Mapping[str, str], name: str, word: str, most: int) -> float:
    value = _number(params, name)
    if value is None:
        raise ApiError(400, f"Missing required parameter: {name}")
    if not -most <= value <= most:
        raise ApiError(400, f"Invalid {word}: must be between -{most} and {most}")
    return value


def _radius(params: Mapping[str, str]) -> float:
    value = _number(params, "radius")
    if value is None:
        return DEFAULT_RADIUS
    if not 0 < value <= MAX_RADIUS:
        raise ApiError(400, "Invalid radius: must be greater than 0 and at most 200")
    return value


def _power(params: Mapping[str, str]) -> float:
    value = _number(params, "power_min")
    if value is not None and value < 0:
        raise ApiError(400, "Invalid power_min: must not be negative")
    return value or 0.0


def _connector_type(params: Mapping[str, str]) -> str | None:
    value = params.get("connector_type")
    if value is not None and value not in STANDARDS:
        raise ApiError(
            400, "Invalid connector_type: must be one of " + ", ".join(sorted(STANDARDS))
        )
    return value


def _window(params: Mapping[str, str]) -> Window | None:
    starts, ends = params.get("start_time"), params.get("end_time")
    if starts is None and ends is None:
        return None
    if starts is None or ends is None:
        raise ApiError(400, "start_time and end_time must be given together")
    window = Window(parse_stamp(starts, "start_time"), parse_stamp(ends, "end_time"))
    if window.ends <= window.starts:
        raise ApiError(400, "end_time must be after start_time")
    return window


def whole(params: Mapping[str, str], name: str, default: int, most: int) -> int:
    """A whole number from 1 to `most`; larger is a 400, not cut (§15)."""
    text = params.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= most):
        raise ApiError(400, f"Invalid {name}: must be an integer between 1 and {most}")
    return int(text)
