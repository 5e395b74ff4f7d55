"""A search along a way: straight legs between places, and how far aside of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote, unquote

from pm_tui.i18n import _
from pm_tui.models.query import SearchQuery, _digits

SPEED_KMH = 80.0  # along straight legs: a fifth less than on the road that is longer than they are
SPEEDS = (10.0, 200.0)
MOST_STOPS = 12
MOST_ASIDE_KM = 100.0
FEW = 3  # requests that a search may take without a question
SEPARATOR = " > "
_SPEED = re.compile(r"@\s*([0-9]+(?:[.,][0-9]+)?)\s*(?:km/h)?\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Stop:
    """A place on the way (degrees)."""

    label: str
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class RouteQuery(SearchQuery):
    """`latitude` and `longitude` are those of the first stop, `radius_km` is how far aside of the
    legs. `start` is when one sets out, `end` as much later as one wants to stay at a charger. Found
    locations have as `distance_km` the kilometres along the way.

    Raises `ValueError` as `SearchQuery` does.
    """

    stops: tuple[Stop, ...] = ()
    speed_kmh: float = SPEED_KMH

    def __post_init__(self) -> None:
        SearchQuery.__post_init__(self)
        if not 2 <= len(self.stops) <= MOST_STOPS:
            raise ValueError(_("A way goes through 2 to {n} places.").format(n=MOST_STOPS))
        if self.radius_km > MOST_ASIDE_KM:
            raise ValueError(
                _("Along a way the radius is at most {n:g} km.").format(n=MOST_ASIDE_KM)
            )
        if not SPEEDS[0] <= self.speed_kmh <= SPEEDS[1]:
            raise ValueError(_("The speed must be between 10 and 200 km/h."))
        if any(one == other for one, other in zip(self.stops, self.stops[1:], strict=False)):
            raise ValueError(_("Two places in a row are the same."))

    @property
    def is_way(self) -> bool:
        return True

    @property
    def label(self) -> str:
        """The places, in their order."""
        return SEPARATOR.join(stop.label for stop in self.stops)

    @property
    def typed(self) -> str:
        """As a person types it: with the speed where it is another than usual."""
        own = "" if self.speed_kmh == SPEED_KMH else f" @{self.speed_kmh:g}"
        return self.label + own

    def window_at(self, km: float | None) -> tuple[datetime | None, datetime | None]:
        return self.window_between(km or 0.0, km or 0.0)

    def window_between(
        self, begin_km: float, end_km: float
    ) -> tuple[datetime | None, datetime | None]:
        """From when one comes to `begin_km` of the way until one has stayed at `end_km`."""
        if self.start is None or self.end is None:
            return None, None
        stay = self.end - self.start
        begin, end = (
            self.start + timedelta(minutes=round(km / self.speed_kmh * 60))
            for km in (begin_km, end_km)
        )
        return begin, end + stay

    def key(self) -> str:
        stops = ";".join(
            f"{_digits(stop.latitude)},{_digits(stop.longitude)},{quote(stop.label)}"
            for stop in self.stops
        )
        # (quoted twice: who reads the key unquotes it once as a whole)
        way = f"&route={quote(stops, safe=';,')}&speed={_digits(self.speed_kmh)}"
        return SearchQuery.key(self) + way


def parts_of(text: str) -> tuple[list[str], float]:
    """`Berlin > Leipzig @100` as its places and its speed (km/h); one place is no way. Raises
    `ValueError` for a way with nothing between two arrows."""
    names = [name.strip() for name in re.split("[>→]", text)]
    speed = SPEED_KMH
    if len(names) > 1 and (found := _SPEED.search(names[-1])):
        names[-1], speed = names[-1][: found.start()].strip(), float(found[1].replace(",", "."))
    if len(names) > 1 and not all(names):
        raise ValueError(_("A place is missing: write Berlin > Leipzig > München."))
    return names, speed


def along(query: SearchQuery, stops: str, speed_kmh: float) -> RouteQuery:
    """The way with these stops, as a key has them, and all else as in `query`. Raises
    `ValueError`."""
    found = []
    for one in stops.split(";"):
        latitude, longitude, label = one.split(",", 2)
        found.append(Stop(unquote(label), float(latitude), float(longitude)))
    return route(query, found, speed_kmh)


def route(query: SearchQuery, stops: Sequence[Stop], speed_kmh: float = SPEED_KMH) -> RouteQuery:
    """A search along `stops` for what `query` asks for around a point. Raises `ValueError`."""
    return RouteQuery(
        stops[0].latitude,
        stops[0].longitude,
        query.radius_km,
        query.connector_type,
        query.power_min_kw,
        query.start,
        query.end,
        query.limit,
        tuple(stops),
        speed_kmh,
    )
