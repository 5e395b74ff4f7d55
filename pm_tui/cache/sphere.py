"""Distances on the globe, and boxes of degrees that surely hold a circle. Degrees and km."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import asin, cos, degrees, pi, radians, sin, sqrt

EARTH_KM = 6371.0088  # mean radius (IUGG)
HALF_ROUND_KM = pi * EARTH_KM  # no two points are farther apart
_ACROSS_KM = 2 * EARTH_KM
_RADIANS = pi / 180
_HALF = pi / 360
_MARGIN = 1e-4  # degrees; an R*Tree holds 32-bit floats, 180° in steps of 1.5e-5


Point = tuple[float, float, str, int, int]  # north and east, and three things that go with it
Spot = tuple[float, str, int, int]  # km away, and these


@dataclass(frozen=True, slots=True)
class Box:
    """Degrees, both ends included; never across the antimeridian."""

    south: float
    north: float
    west: float
    east: float


def is_place(latitude: float, longitude: float) -> bool:
    """Whether both are finite and on the globe."""
    return -90 <= latitude <= 90 and -180 <= longitude <= 180  # which no NaN is


def distances_from(latitude: float, longitude: float) -> Callable[[float, float], float]:
    """A function that gives the great-circle distance (km) from here; made once for many points."""
    cos_here = cos(radians(latitude))

    def km(other_latitude: float, other_longitude: float) -> float:
        turn = sin((other_longitude - longitude) * _HALF)
        rise = sin((other_latitude - latitude) * _HALF)
        haversine = rise * rise + cos_here * cos(other_latitude * _RADIANS) * (turn * turn)
        return _ACROSS_KM * asin(sqrt(haversine)) if haversine < 1 else HALF_ROUND_KM

    return km


def within(
    latitude: float,
    longitude: float,
    radius_km: float,
    points: Iterable[Point],
    degree: float,
) -> list[Spot]:
    """Of `points` (latitude and longitude in parts of a `degree`, and what goes with them) those
    within `radius_km`, each with its distance (km) in the place of where it is. As `distances_from`
    tells, to the bit; for hundreds of points at once, since calls cost more than the sums."""
    cos_here = cos(radians(latitude))
    most = sin(min(radius_km / EARTH_KM, pi) / 2) ** 2
    return [
        (_ACROSS_KM * asin(sqrt(haversine)) if haversine < 1 else HALF_ROUND_KM, a, b, c)
        for north, east, a, b, c in points
        if (
            haversine := (rise := sin((north / degree - latitude) * _HALF)) * rise
            + cos_here
            * cos(north / degree * _RADIANS)
            * ((turn := sin((east / degree - longitude) * _HALF)) * turn)
        )
        <= most
    ]


def boxes(latitude: float, longitude: float, radius_km: float) -> list[Box]:
    """One box around the circle, two where it crosses the antimeridian, a whole cap at a pole."""
    angle = radius_km / EARTH_KM
    rise = degrees(angle) + _MARGIN
    south, north = latitude - rise, latitude + rise
    if south <= -90 or north >= 90:
        return [Box(max(south, -90.0), min(north, 90.0), -180.0, 180.0)]
    # the meridians that touch the circle do so nearer to the pole than its centre
    turn = degrees(asin(min(1.0, sin(angle) / cos(radians(latitude))))) + _MARGIN
    west, east = longitude - turn, longitude + turn
    if turn >= 180:
        return [Box(south, north, -180.0, 180.0)]
    if west < -180:
        return [Box(south, north, west + 360, 180.0), Box(south, north, -180.0, east)]
    if east > 180:
        return [Box(south, north, west, 180.0), Box(south, north, -180.0, east - 360)]
    return [Box(south, north, west, east)]
