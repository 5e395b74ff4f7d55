"""How much of a circle earlier searches have covered, and of when that is.

Pure. One search that held the whole circle is proof; what several hold together is measured by
points spread evenly over it, and never called the whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from math import cos, pi, radians, sin, sqrt

from pm_tui.cache.directory import Area
from pm_tui.cache.sphere import EARTH_KM, distances_from

POINTS = 400  # a point is a quarter of a percent
_GOLDEN = pi * (3 - sqrt(5))  # the angle that spreads points evenly, whatever their number
_SLACK_KM = 0.001  # of a circle within a circle: floats, not geography


@dataclass(frozen=True, slots=True)
class Coverage:
    """`share` from 0 to 1, and 1 only where a single search held it all; `areas` are the searches
    that it rests on, the last one first."""

    share: float
    areas: tuple[Area, ...] = ()

    @property
    def percent(self) -> int:
        """Rounded down; 100 is proved, not rounded."""
        return 100 if self.share == 1 else min(int(self.share * 100), 99)

    @property
    def oldest(self) -> datetime | None:
        """The time of the oldest search that it rests on."""
        return min((area.fetched_at for area in self.areas), default=None)


NOTHING = Coverage(0.0)


def cover(latitude: float, longitude: float, radius_km: float, areas: Iterable[Area]) -> Coverage:
    """What `areas` (complete ones, the last searched first) hold of the circle. A later search
    comes before an earlier one, which is needed only for what the later ones leave open."""
    km = distances_from(latitude, longitude)
    known = [(area, km(area.latitude, area.longitude)) for area in areas]
    for area, away in known:
        if away + radius_km <= area.radius_km + _SLACK_KM:
            return Coverage(1.0, (area,))
    left = _spread(radius_km) if known else []
    used = []
    for area, away in known:
        if not left or away > area.radius_km + radius_km:
            continue
        still = _outside(area, latitude, longitude, left)
        if len(still) < len(left):
            used.append(area)
            left = still
    covered = POINTS - len(left) if used else 0
    return Coverage(min(covered / POINTS, 1 - 1 / POINTS), tuple(used))


# A point of the circle: how far it lies towards the centre, the north and the east, as a unit
# vector. So it need not become degrees and back: to the area it is one product of vectors.
_Point = tuple[float, float, float]


@lru_cache(8)
def _spread(radius_km: float) -> list[_Point]:
    """Points that each stand for the same part of a circle (a sunflower's pattern)."""
    reach = radius_km / EARTH_KM
    points = []
    for n in range(POINTS):
        away, bearing = reach * sqrt((n + 0.5) / POINTS), n * _GOLDEN
        points.append((cos(away), sin(away) * cos(bearing), sin(away) * sin(bearing)))
    return points


def _outside(area: Area, latitude: float, longitude: float, points: list[_Point]) -> list[_Point]:
    """Those of `points` of a circle around this place that `area` does not hold."""
    here, there = radians(latitude), radians(area.latitude)
    turn = radians(area.longitude - longitude)
    centre = sin(here) * sin(there) + cos(here) * cos(there) * cos(turn)
    north = cos(here) * sin(there) - sin(here) * cos(there) * cos(turn)
    east = cos(there) * sin(turn)
    edge = cos(min(area.radius_km / EARTH_KM, pi))
    return [one for one in points if one[0] * centre + one[1] * north + one[2] * east < edge]
