"""The towns around which the generated network is built, and how many stations each gets."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cached_property
from math import sqrt

from pm_tui.data import places_lines
from pm_tui.sandbox.network_geo import distance_km
from pm_tui.sandbox.network_names import POSTAL_REGIONS
from pm_tui.sandbox.network_operators import OPERATORS, REACH_KM, Operator

STATIONS = 50_000
_SMALL = 300  # people we take a place of unknown population to have


@dataclass(frozen=True, slots=True)
class Town:
    """A town, or a district whose `city` is the one it belongs to. Stations lie within `reach`.

    Its stations have the numbers from `first` to `first + count - 1`.
    """

    name: str
    city: str
    state: str
    latitude: float
    longitude: float
    people: float
    first: int
    count: int

    @property
    def key(self) -> str:
        """What tells it from every other town; the seed of its stations."""
        return f"{self.name}/{self.latitude:.5f}/{self.longitude:.5f}"

    @property
    def shown(self) -> str:
        return self.name if self.name == self.city else f"{self.city}-{self.name}"

    @property
    def reach(self) -> float:
        """Kilometres from the centre to the last house."""
        return reach_km(self.people)


def reach_km(people: float) -> float:
    return 0.6 + 0.0065 * sqrt(people)


class Towns:
    """All of them, read once; cheap, because nothing is built yet."""

    def __init__(self, seed: int, first: int) -> None:
        self._seed = seed
        self._first = first

    @cached_property
    def all(self) -> list[Town]:
        """Most people first, each with its share of the stations."""
        rows = [line.split("\t") for line in places_lines()]
        people = [float(row[5]) or _SMALL for row in rows]
        cities = [_city(row[0], row[6]) for row in rows]
        # GeoNames counts the people of a district twice: there and in its city
        own: dict[str, float] = {}
        parts: dict[str, float] = {}
        for row, city, number in zip(rows, cities, people, strict=True):
            if city == row[0]:
                own.setdefault(city, number)
            parts[city] = parts.get(city, 0) + number
        shares = [
            number * own[city] / parts[city] if city in own and own[city] > 50_000 else number
            for number, city in zip(people, cities, strict=True)
        ]
        rate = STATIONS / sum(shares)
        rng = random.Random(f"{self._seed}:counts")
        towns = []
        first = self._first
        for row, city, number, share in zip(rows, cities, people, shares, strict=True):
            count = int(share * rate + rng.random())
            towns.append(
                Town(row[0], city, row[2], float(row[3]), float(row[4]), number, first, count)
            )
            first += count
        return towns

    def operators_at(self, town: Town) -> list[Operator]:
        """Who builds here."""
        return [
            operator
            for operator in OPERATORS
            if not operator.homes or town.state in operator.homes or self._near(operator, town)
        ]

    def _near(self, operator: Operator, town: Town) -> bool:
        return any(
            distance_km(*self._centres[home], town.latitude, town.longitude) < REACH_KM
            for home in operator.homes
            if home in self._centres
        )

    def postal_region(self, town: Town) -> str:
        """The first two digits of its postcode, roughly: those of the nearest region's middle."""
        return min(
            POSTAL_REGIONS,
            key=lambda region: distance_km(
                *self._centres[POSTAL_REGIONS[region]], town.latitude, town.longitude
            ),
        )

    @cached_property
    def _centres(self) -> dict[str, tuple[float, float]]:
        """The best known town of each name."""
        centres: dict[str, tuple[float, float]] = {}
        for town in self.all:
            centres.setdefault(town.name, (town.latitude, town.longitude))
        return centres


def _city(name: str, aliases: str) -> str:
    """`Berlin` for Kreuzberg, which is also known as `Berlin-Kreuzberg`; else its own name."""
    for alias in aliases.split("|"):
        if alias.endswith(f"-{name}"):
            return alias[: -len(name) - 1]
    return name
