"""The geometry of a way: where along it a place lies, and which circles cover it. Pure.

Legs are arcs of great circles; all is in kilometres. A place belongs to the way when it is no
farther from a leg than the corridor is wide to one side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import acos, asin, atan2, ceil, cos, degrees, hypot, radians, sin, sqrt

from pm_tui.cache.sphere import EARTH_KM, distances_from
from pm_tui.models.query import MAX_RADIUS_KM, SearchQuery
from pm_tui.models.route import RouteQuery, Stop
from pm_tui.services.find import Gap

# the largest circle that is asked for at first. Fewer requests would do with the gateway's 200 km,
# but it answers with so many at most, the nearest ones: what lies along the way would be lost
LARGEST_KM = 60.0
SLACK = 1.002  # of a radius, and so much more: what is rounded must not leave a gap
SLACK_KM = 0.05


@dataclass(frozen=True, slots=True)
class Leg:
    """From one stop to the next; `begins_km` along the way."""

    start: Stop
    end: Stop
    begins_km: float
    length_km: float
    bearing: float  # at the start, radians from the north

    def at(self, km: float) -> tuple[float, float]:
        """The point (degrees) so far from the start."""
        here, away = radians(self.start.latitude), km / EARTH_KM
        there = asin(sin(here) * cos(away) + cos(here) * sin(away) * cos(self.bearing))
        turn = atan2(sin(self.bearing) * sin(away) * cos(here), cos(away) - sin(here) * sin(there))
        return degrees(there), (self.start.longitude + degrees(turn) + 180) % 360 - 180

    def beside(self, latitude: float, longitude: float) -> tuple[float, float]:
        """How far from the start the nearest point of the leg is, and how far aside of it."""
        away = distances_from(self.start.latitude, self.start.longitude)(latitude, longitude)
        turn = _bearing(self.start.latitude, self.start.longitude, latitude, longitude)
        turn -= self.bearing
        if cos(turn) <= 0:
            return 0.0, away
        angle = away / EARTH_KM
        aside = asin(max(-1.0, min(1.0, sin(angle) * sin(turn))))
        ahead = acos(max(-1.0, min(1.0, cos(angle) / cos(aside)))) * EARTH_KM
        if ahead >= self.length_km:
            from_end = distances_from(self.end.latitude, self.end.longitude)
            return self.length_km, from_end(latitude, longitude)
        return ahead, abs(aside) * EARTH_KM


@dataclass(frozen=True, slots=True)
class Arc:
    """A part of a leg that one circle covers, all that is within `aside_km` of it included.
    `begin_km`, `end_km` and `centre_km` from the leg's start; `first` and `last`: the stop at that
    end, with all around it, is this circle's as well."""

    leg: Leg
    begin_km: float
    end_km: float
    centre_km: float
    aside_km: float
    first: bool
    last: bool

    @property
    def radius_km(self) -> float:
        before, behind = self.centre_km - self.begin_km, self.end_km - self.centre_km
        least = hypot(max(before, behind), self.aside_km)
        if self.first:
            least = max(least, before + self.aside_km)
        if self.last:
            least = max(least, behind + self.aside_km)
        return least * SLACK + SLACK_KM

    @property
    def span(self) -> Gap:
        """From where to where along the whole way."""
        return self.leg.begins_km + self.begin_km, self.leg.begins_km + self.end_km

    def halves(self) -> tuple[Arc, ...]:
        """Two that cover the same with smaller circles; nothing where those would not be."""
        half = (self.end_km - self.begin_km) / 2
        if half <= self.aside_km / 2 or half < 0.5:
            return ()
        middle = self.begin_km + half
        return (
            replace(self, end_km=middle, centre_km=self.begin_km + half / 2, last=False),
            replace(self, begin_km=middle, centre_km=middle + half / 2, first=False),
        )

    def covered(self, reach_km: float) -> Gap | None:
        """What part of its span, along the whole way, a circle of only `reach_km` covers."""
        if reach_km >= self.radius_km / SLACK - SLACK_KM:
            return self.span
        if reach_km <= self.aside_km:
            return None
        half = sqrt(reach_km**2 - self.aside_km**2)
        begin = self.leg.begins_km + max(self.begin_km, self.centre_km - half)
        end = self.leg.begins_km + min(self.end_km, self.centre_km + half)
        # the stop at an end is only whole with all around it
        if self.first and self.centre_km + self.aside_km > reach_km:
            begin = max(begin, self.leg.begins_km + self.centre_km + self.aside_km - reach_km)
        behind = self.leg.length_km - self.centre_km
        if self.last and behind + self.aside_km > reach_km:
            end = min(end, self.leg.begins_km + self.centre_km + reach_km - self.aside_km)
        return (begin, end) if begin < end else None


@dataclass(frozen=True, slots=True)
class Way:
    """The legs of a route."""

    legs: tuple[Leg, ...]
    aside_km: float

    @property
    def length_km(self) -> float:
        return self.legs[-1].begins_km + self.legs[-1].length_km

    def beside(self, latitude: float, longitude: float) -> tuple[float, float]:
        """How many kilometres along the way the nearest point is, and how far aside."""
        best, least = 0.0, float("inf")
        for leg in self.legs:
            ahead, aside = leg.beside(latitude, longitude)
            if aside < least - 1e-9:
                best, least = leg.begins_km + ahead, aside
        return best, least

    def arcs(self) -> list[Arc]:
        """As few as cover it, none with a circle above `LARGEST_KM` unless the corridor is that
        wide."""
        radius = min(max(LARGEST_KM, 1.5 * self.aside_km), MAX_RADIUS_KM * 0.99)
        radius = (radius - SLACK_KM) / SLACK
        half = sqrt(radius**2 - self.aside_km**2)  # of its leg, that a circle covers on each side
        end = min(radius - self.aside_km, half)  # where a stop with all around it is in it as well
        found: list[Arc] = []
        for number, leg in enumerate(self.legs):
            last = number == len(self.legs) - 1  # else the next leg's first circle has the stop
            ends = end + (end if last else half)
            count = max(1, 1 + ceil((leg.length_km - ends) / (2 * half) - 1e-9))
            share = min(leg.length_km / (ends + 2 * half * (count - 1)), 1.0)
            begin, centre = 0.0, end * share
            for n in range(count):
                is_last = n == count - 1
                stop = leg.length_km if is_last else centre + half * share
                found.append(Arc(leg, begin, stop, centre, self.aside_km, n == 0, last and is_last))
                begin, centre = stop, centre + 2 * half * share
        return found


def way_of(query: RouteQuery) -> Way:
    """The legs between the stops of `query`."""
    legs: list[Leg] = []
    begins = 0.0
    for start, end in zip(query.stops, query.stops[1:], strict=False):
        here = (start.latitude, start.longitude)
        there = (end.latitude, end.longitude)
        length = distances_from(*here)(*there)
        legs.append(Leg(start, end, begins, length, _bearing(*here, *there)))
        begins += length
    return Way(tuple(legs), query.radius_km)


def question(query: RouteQuery, arc: Arc) -> SearchQuery:
    """What is asked for one part of the way: chargers that can be reserved all the time in which
    one may be there."""
    start, end = query.window_between(*arc.span)
    latitude, longitude = arc.leg.at(arc.centre_km)
    return SearchQuery(
        round(latitude, 6),
        round(longitude, 6),
        radius_km=round(min(arc.radius_km, MAX_RADIUS_KM), 3),
        connector_type=query.connector_type,
        power_min_kw=query.power_min_kw,
        start=start,
        end=end,
        limit=query.limit,
    )


def gaps(length_km: float, covered: Sequence[Gap]) -> tuple[Gap, ...]:
    """What is left of the way when all of `covered` is taken away; crumbs are not counted."""
    found: list[Gap] = []
    at = 0.0
    for begin, end in sorted(covered):
        if begin > at + SLACK_KM:
            found.append((at, begin))
        at = max(at, end)
    if length_km > at + SLACK_KM:
        found.append((at, length_km))
    return tuple(found)


def _bearing(latitude: float, longitude: float, to_latitude: float, to_longitude: float) -> float:
    """In which direction one sets out, radians from the north."""
    here, there = radians(latitude), radians(to_latitude)
    turn = radians(to_longitude - longitude)
    return atan2(
        sin(turn) * cos(there), cos(here) * sin(there) - sin(here) * cos(there) * cos(turn)
    )
