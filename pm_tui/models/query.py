"""A search, checked before a request is spent on it (contract/agent-api.md §3, §9)."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qsl

from pm_tui.i18n import N_, _
from pm_tui.models.times import wire_time

# code -> plug as people call it in English; `_` where it is shown
CONNECTOR_TYPES: dict[str, str] = {
    "IEC_62196_T2": N_("Type 2"),
    "IEC_62196_T2_COMBO": "CCS",
    "CHADEMO": "CHAdeMO",
    "IEC_62196_T1": N_("Type 1"),
    "IEC_62196_T1_COMBO": N_("CCS Type 1"),
    "TESLA_S": "Tesla",
    "DOMESTIC_F": "Schuko",
}

MAX_RADIUS_KM = 200
_MAX_LIMIT = 10_000
_CODE = re.compile(r"[A-Z0-9_]{1,40}")


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A search around a point: degrees, km, kW, aware times.

    Raises `ValueError` with a translated text for what the server would refuse anyway.
    """

    latitude: float
    longitude: float
    radius_km: float = 25
    connector_type: str | None = None
    power_min_kw: float | None = None
    start: datetime | None = None
    end: datetime | None = None
    limit: int = 500

    def __post_init__(self) -> None:
        if not -90 <= self.latitude <= 90:  # NaN fails every comparison, so it ends here too
            raise ValueError(_("The latitude must be between -90 and 90."))
        if not -180 <= self.longitude <= 180:
            raise ValueError(_("The longitude must be between -180 and 180."))
        if not 0 < self.radius_km <= MAX_RADIUS_KM:
            raise ValueError(_("The radius must be above 0 and at most 200 km."))
        if self.connector_type is not None and not _CODE.fullmatch(self.connector_type):
            raise ValueError(_("This is not a connector type."))
        if self.power_min_kw is not None and not 0 <= self.power_min_kw <= 10_000:
            raise ValueError(_("The minimum power must be between 0 and 10,000 kW."))
        if not 1 <= self.limit <= _MAX_LIMIT:
            raise ValueError(_("The number of results must be between 1 and 10,000."))
        self._check_window()

    def _check_window(self) -> None:
        if self.start is None and self.end is None:
            return
        if self.start is None or self.end is None:
            raise ValueError(_("A time window needs both a start and an end."))
        if self.start.utcoffset() is None or self.end.utcoffset() is None:
            raise ValueError(_("The times of the window need a time zone."))
        # in UTC: two times of one zone are compared by their clock faces, wrong at a clock change
        if self.end.astimezone(UTC) <= self.start.astimezone(UTC):
            raise ValueError(_("The end must be after the start."))

    def params(self) -> dict[str, str]:
        """The query parameters of `GET /search`."""
        found = {
            "lat": _digits(self.latitude),
            "lng": _digits(self.longitude),
            "radius": _digits(self.radius_km),
            "limit": str(self.limit),
        }
        if self.connector_type is not None:
            found["connector_type"] = self.connector_type
        if self.power_min_kw is not None:
            found["power_min"] = _digits(self.power_min_kw)
        if self.start is not None and self.end is not None:
            found["start_time"] = wire_time(self.start)
            found["end_time"] = wire_time(self.end)
        return found

    def key(self) -> str:
        """A text that is equal for searches that ask the same (to six decimals, about 0.1 m)."""
        return "&".join(f"{name}={value}" for name, value in sorted(self.params().items()))

    @property
    def is_way(self) -> bool:
        """Whether it is one along a way (`models.route`)."""
        return False

    def window_at(self, _km: float | None) -> tuple[datetime | None, datetime | None]:
        """The window at a location found: along a way every one has its own."""
        return self.start, self.end

    @staticmethod
    def from_key(key: str) -> SearchQuery:
        """The search that `key` stands for; `ValueError` when it stands for none."""
        told = dict(parse_qsl(key))
        power, start, end = told.get("power_min"), told.get("start_time"), told.get("end_time")
        try:
            query = SearchQuery(
                float(told["lat"]),
                float(told["lng"]),
                radius_km=float(told["radius"]),
                connector_type=told.get("connector_type"),
                power_min_kw=None if power is None else float(power),
                start=None if start is None else datetime.fromisoformat(start),
                end=None if end is None else datetime.fromisoformat(end),
                limit=int(told["limit"]),
            )
            if "route" not in told:
                return query
            from pm_tui.models.route import along

            return along(query, told["route"], float(told["speed"]))
        except KeyError as missing:
            raise ValueError(f"not the key of a search: {missing} is missing") from missing


def _digits(value: float) -> str:
    """At most six decimals, no exponent, no `-0`."""
    rounded = round(value, 6)
    if rounded == math.trunc(rounded):
        return str(math.trunc(rounded))
    return f"{rounded:.6f}".rstrip("0")
