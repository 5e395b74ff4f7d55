"""The generated charger network: all of Germany, made town by town when someone looks there.

Nothing is made at the start. A search makes the towns whose surroundings its circle touches, each
from a random generator of its own, so a town looks the same whenever and after whatever it is
made. A station's number says which town it belongs to, so `get` makes one town and no more.
"""

from __future__ import annotations

import random
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from math import cos, pi, radians, sin

from pm_tui.sandbox import network_sites as sites
from pm_tui.sandbox.network_geo import DEGREE_KM, box_degrees, distance_km
from pm_tui.sandbox.network_names import STREETS
from pm_tui.sandbox.network_operators import OPERATORS, Operator
from pm_tui.sandbox.network_towns import Town, Towns
from pm_tui.sandbox.stations import Cpo, Evse, Station

_FIRST = 100_000  # six digits, as in the documented DE-ENB-E123456


@dataclass(frozen=True, slots=True)
class _Choice:
    """Who runs the sites of one kind in one town: bisect `sums` with a random share of the last."""

    operators: list[Operator]
    sums: list[float]

    def draw(self, rng: random.Random) -> Operator:
        return self.operators[bisect_right(self.sums, rng.random() * self.sums[-1])]


class GeneratedNetwork:
    """A `Network` of some 50,000 stations; the same for the same `seed`."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._towns = Towns(seed, _FIRST)
        self._made: dict[Town, list[Station]] = {}

    @property
    def cpos(self) -> Sequence[Cpo]:
        return [operator.cpo for operator in OPERATORS]

    def near(
        self, latitude: float, longitude: float, radius_km: float
    ) -> list[tuple[float, Station]]:
        """All stations within `radius_km` (great circle) with their distance, nearest first."""
        found = []
        for town in self._touched(latitude, longitude, radius_km):
            for station in self._stations(town):
                away = distance_km(latitude, longitude, station.latitude, station.longitude)
                if away <= radius_km:
                    found.append((away, station))
        found.sort(key=lambda row: (row[0], row[1].location_id))
        return found

    def get(self, location_id: str) -> Station | None:
        _, _, number = location_id.rpartition("-E")
        if not (number.isascii() and number.isdigit()):
            return None
        towns = self._towns.all
        town = towns[max(0, bisect_right(self._firsts, int(number)) - 1)]
        index = int(number) - town.first
        if not 0 <= index < town.count:
            return None
        station = self._stations(town)[index]
        return station if station.location_id == location_id else None

    @cached_property
    def _firsts(self) -> list[int]:
        return [town.first for town in self._towns.all]

    @cached_property
    def _by_latitude(self) -> tuple[list[float], list[Town], float]:
        """Towns with stations from south to north, and how far the largest reaches."""
        towns = sorted((t for t in self._towns.all if t.count), key=lambda town: town.latitude)
        return [t.latitude for t in towns], towns, max(town.reach for town in towns)

    def _touched(self, latitude: float, longitude: float, radius_km: float) -> list[Town]:
        latitudes, towns, widest = self._by_latitude
        high, wide = box_degrees(latitude, radius_km + widest)
        south = bisect_left(latitudes, latitude - high)
        north = bisect_right(latitudes, latitude + high)
        return [
            town
            for town in towns[south:north]
            if abs((town.longitude - longitude + 180) % 360 - 180) <= wide
            and distance_km(latitude, longitude, town.latitude, town.longitude)
            <= radius_km + town.reach
        ]

    def _stations(self, town: Town) -> list[Station]:
        made = self._made.get(town)
        if made is None:
            made = self._made[town] = self._make(town)
        return made

    def _make(self, town: Town) -> list[Station]:
        rng = random.Random(f"{self._seed}:{town.key}")
        here = self._towns.operators_at(town)
        choices = {}
        for kind, _ in sites.KINDS:
            able = [operator for operator in here if kind in operator.weights]
            sums = list(accumulate(operator.weights[kind] for operator in able))
            choices[kind] = _Choice(able, sums)
        kinds = [kind for kind, _ in sites.KINDS]
        odds = list(accumulate(share for _, share in sites.KINDS))
        postcode = self._towns.postal_region(town) + str(int(rng.random() * 10))
        area = f"{int(rng.random() * 100):02d}" if town.people < 40_000 else ""
        stations = []
        for number in range(town.first, town.first + town.count):
            kind = kinds[bisect_right(odds, rng.random() * odds[-1])]
            code = postcode + (area or f"{int(rng.random() * 100):02d}")
            stations.append(_station(town, number, kind, choices[kind].draw(rng), code, rng))
        return stations


def _station(
    town: Town, number: int, kind: sites.Kind, operator: Operator, postcode: str, rng: random.Random
) -> Station:
    cpo = operator.cpo
    latitude, longitude = _spot(town, rng)
    street = sites.pick(STREETS, rng)
    plugs = sites.evses(kind, rng)
    fastest = plugs[-1][0]
    base = operator.dc if fastest.power_type == "DC" else operator.ac
    prefix = f"DE*{cpo.party_id}*E{number}*"
    return Station(
        location_id=f"DE-{cpo.party_id}-E{number}",
        name=sites.name(kind, cpo, town.shown, street, rng),
        cpo=cpo,
        address=f"{street} {1 + int(rng.random() ** 2 * 140)}",
        postal_code=postcode,
        city=town.city,
        latitude=latitude,
        longitude=longitude,
        reservable=rng.random() >= operator.search_only,
        energy_price=sites.price(base, fastest.max_electric_power, rng),
        evses=tuple(Evse(f"{prefix}{n}", each) for n, each in enumerate(plugs, 1)),
        opening=sites.opening(kind, rng),
    )


def _spot(town: Town, rng: random.Random) -> tuple[float, float]:
    """Somewhere in town, denser towards the middle; never beyond its reach."""
    away = town.reach * rng.random() ** 0.75
    angle = 2 * pi * rng.random()
    north = away * sin(angle) / DEGREE_KM
    east = away * cos(angle) / (DEGREE_KM * cos(radians(town.latitude)))
    return round(town.latitude + north, 6), round(town.longitude + east, 6)
