"""How much of a circle earlier searches have covered, and of when that is.

Pure. One search that held the whole circle is proof; what several hold together is measured by
points spread evenly over it, and never called the whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from math import asin, atan2, cos, degrees, pi, radians, sin, sqrt

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
    left = _spread(latitude, longitude, radius_km) if known else []
    used = []
    for area, away in known:
        if not left or away > area.radius_km + radius_km:
            continue
        distance = distances_from(area.latitude, area.longitude)
        still = [point for point in left if distance(*point) > area.radius_km]
        if len(still) < len(left):
            used.append(area)
            left = still
    covered = POINTS - len(left) if used else 0
    return Coverage(min(covered / POINTS, 1 - 1 / POINTS), tuple(used))


def _spread(latitude: float, longitude: float, radius_km: float) -> list[tuple[float, float]]:
    """Points that each stand for the same part of the circle (a sunflower's pattern), as places
    on the globe."""
    here = radians(latitude)
    sin_here, cos_here, reach = sin(here), cos(here), radius_km / EARTH_KM
    points = []
    for part, sin_bearing, cos_bearing in _sunflower():
        away = reach * part
        sin_away, cos_away = sin(away), cos(away)
        sin_there = sin_here * cos_away + cos_here * sin_away * cos_bearing
        turn = atan2(sin_bearing * sin_away * cos_here, cos_away - sin_here * sin_there)
        there = degrees(asin(sin_there))
        points.append((there, (longitude + degrees(turn) + 180) % 360 - 180))
    return points


@cache
def _sunflower() -> list[tuple[float, float, float]]:
    """Of each point: its part of the radius, and the sine and cosine of its bearing."""
    return [(sqrt((n + 0.5) / POINTS), sin(n * _GOLDEN), cos(n * _GOLDEN)) for n in range(POINTS)]
