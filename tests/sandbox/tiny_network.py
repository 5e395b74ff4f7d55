"""A network of a few fixed stations, for tests that want to know every charger by name.

`python -m tests.sandbox.tiny_network` serves it as `pm_tui.sandbox` serves the generated one, with
the same options.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from pm_tui.sandbox.__main__ import run
from pm_tui.sandbox.options import add_arguments
from pm_tui.sandbox.stations import Connector, Cpo, Evse, OpeningHours, Station

ENB = Cpo("ENB", "Energienetz Baden")
ION = Cpo("ION", "Ionenfeld")
STW = Cpo("STW", "Stadtwerke Beispielstadt")
CPOS = (ENB, ION, STW)

CCS = Connector("1", "IEC_62196_T2_COMBO", "CABLE", "DC", 150_000)
FAST = Connector("1", "IEC_62196_T2_COMBO", "CABLE", "DC", 300_000)
CHADEMO = Connector("2", "CHADEMO", "CABLE", "DC", 50_000)
TYPE_2 = Connector("1", "IEC_62196_T2", "SOCKET", "AC_3_PHASE", 22_000)

CITIES = (
    ("Berlin", "10115", 52.5200, 13.4050),
    ("München", "80331", 48.1370, 11.5750),
    ("Köln", "50667", 50.9370, 6.9600),
    ("Hamburg", "20095", 53.5510, 9.9940),
)
PER_CITY = 12


def _station(city: int, number: int) -> Station:
    name, postal_code, latitude, longitude = CITIES[city]
    cpo = CPOS[number % 3]
    plain = f"E{city + 1}{number:05d}"
    plugs = ((TYPE_2,), (CCS, CHADEMO), (FAST,), (TYPE_2,))[number % 4]
    hours = tuple((day, "06:00", "22:00") for day in range(1, 7))
    return Station(
        location_id=f"DE-{cpo.party_id}-{plain}",
        name=f"{name} Ladepark {number}",
        cpo=cpo,
        address=f"Hauptstraße {number + 1}",
        postal_code=postal_code,
        city=name,
        # a line to the north, a good kilometre from one to the next
        latitude=latitude + number * 0.01,
        longitude=longitude,
        reservable=number % 5 != 4,
        energy_price=Decimal("0.39") + Decimal(number) / 100,
        evses=tuple(Evse(f"DE*{cpo.party_id}*{plain}*{n}", plugs) for n in range(1, 5)),
        opening=(None, OpeningHours(), OpeningHours(hours))[number % 3],
    )


def distance_km(lat: float, lng: float, station: Station) -> float:
    """Great circle, kilometres."""
    a, b = math.radians(lat), math.radians(station.latitude)
    half = math.sin((b - a) / 2) ** 2
    half += math.cos(a) * math.cos(b) * math.sin(math.radians(station.longitude - lng) / 2) ** 2
    return 2 * 6371.0088 * math.asin(math.sqrt(half))


class TinyNetwork:
    """48 stations around four cities; every fifth is search-only."""

    def __init__(self) -> None:
        stations = [
            _station(city, number) for city in range(len(CITIES)) for number in range(PER_CITY)
        ]
        self._stations = {station.location_id: station for station in stations}

    @property
    def cpos(self) -> Sequence[Cpo]:
        return CPOS

    def near(
        self, latitude: float, longitude: float, radius_km: float
    ) -> list[tuple[float, Station]]:
        rows = [(distance_km(latitude, longitude, s), s) for s in self._stations.values()]
        return sorted(
            (row for row in rows if row[0] <= radius_km), key=lambda r: (r[0], r[1].location_id)
        )

    def get(self, location_id: str) -> Station | None:
        return self._stations.get(location_id)


def _load(stations: Path | None, seed: int) -> TinyNetwork:
    return TinyNetwork()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    sys.exit(run(parser.parse_args(), _load))
