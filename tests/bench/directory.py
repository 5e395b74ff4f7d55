"""Offline search over every charging site of a country.

    python -m tests.bench directory PATH [--questions 300] [--rounds 5] [--json]

PATH is a register of charging stations as `pm-tui sandbox --stations` reads it. Its sites are put
into a directory as a search would have left them. Then circles around and between them are asked
for offline, through the service and in its threads as the program does.

An answer is the `Found` that the service hands over: count, order, distances, ages and coverage of
all that was found, and the content of the first rows read from the disk. "30 rows" is when the
screen has also read these (a screen of 120x40) into what its table draws; "in full" is when every
row is read, which goes on behind in the stores' thread and is waited for here. The first answer is
that of a new process: everything is imported, nothing of the disk's content is in its memory.
Times are wall clock. Every question is asked once before, "somewhere new", where memory holds only
what other questions left there, and then once in each round: "each time" counts all of these, "its
best" the least of each question, since others who use the machine add to a time and never take from
it. The load, the CPU time and how long a fixed loop takes tell how far to trust a run. Each answer
is compared with brute force over all sites; a wrong one ends the run.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from pm_tui.cache.sphere import distances_from
from pm_tui.cache.stores import Stores
from pm_tui.models.charger import Location
from pm_tui.models.json import loads
from pm_tui.models.query import SearchQuery
from pm_tui.sandbox.register import RegisterNetwork
from pm_tui.sandbox.stations import Station
from pm_tui.services import find
from pm_tui.services.recalled import ids_of
from tests.bench.report import p95

ROWS = 30  # that a screen of 120x40 shows
STATUSES = ("AVAILABLE", "AVAILABLE", "CHARGING", "RESERVED", "OUTOFORDER")
FIRST, WARM = 10.0, 5.0  # ms: the aims
CCS = "IEC_62196_T2_COMBO"


class Timed(NamedTuple):
    """Milliseconds: until the answer is there, of the CPU for it, until its first rows are read,
    until all of them are."""

    answer: float
    cpu: float
    rows: float
    full: float


def row(station: Station, dice: random.Random) -> dict[str, Any]:
    """A location as a search answers it."""
    return {
        "location_id": station.location_id,
        "name": station.name,
        "address": station.address,
        "city": station.city,
        "postal_code": station.postal_code,
        "country": "DEU",
        "coordinates": {
            "latitude": f"{station.latitude:.6f}",
            "longitude": f"{station.longitude:.6f}",
        },
        "time_zone": station.time_zone,
        "distance_km": 1.5,
        "cpo_name": station.cpo.name,
        "cpo_party_id": station.cpo.party_id,
        "supports_reservation": station.reservable,
        "pricing": {"estimated_price": float(station.energy_price * 20), "currency": "EUR"},
        "evses": [
            {
                "evse_uid": evse.uid,
                "status": dice.choice(STATUSES),
                "connectors": [
                    {
                        "id": one.id,
                        "standard": one.standard,
                        "format": one.format,
                        "power_type": one.power_type,
                        "max_electric_power": one.max_electric_power,
                    }
                    for one in evse.connectors
                ],
            }
            for evse in station.evses
        ],
    }


def sites(path: Path) -> list[Location]:
    dice = random.Random(7)
    network = RegisterNetwork(path, 1)
    # (near 200 km around each of a few points is all of the country)
    found = {
        station.location_id: station
        for latitude, longitude in ((54, 9.5), (54, 13), (52, 8), (52, 13), (50, 8), (50, 12),
                                    (48.5, 8.5), (48.5, 12), (51, 10.5), (51, 6.5), (47.5, 10))
        for _km, station in network.near(latitude, longitude, 200)
    }  # fmt: skip
    # through JSON, as an answer comes
    return [
        Location.read(loads(json.dumps(row(station, dice)).encode())) for station in found.values()
    ]


def fill(folder: Path, locations: Sequence[Location]) -> None:
    stores = Stores.open(folder / "cache", folder / "state")
    now = datetime.now(UTC) - timedelta(hours=3)
    stores.directory.add(find.entries(locations), now)
    for latitude, longitude in ((52.5, 13.4), (48.1, 11.6), (51.0, 10.0)):
        stores.directory.add_area(latitude, longitude, 100, "*|0|*", True, now)
    stores.close()


def questions(locations: Sequence[Location], count: int, **more: Any) -> list[SearchQuery]:
    """As people ask: where there is something, sooner in a town than in a forest."""
    dice = random.Random(3)
    found = []
    for _n in range(count):
        near = dice.choice(locations)
        latitude = (near.latitude or 0) + dice.gauss(0, 0.05)
        query = SearchQuery(latitude, (near.longitude or 0) + dice.gauss(0, 0.08), **more)
        found.append(SearchQuery.from_key(query.key()))  # with as many digits as are sent
    return found


def answer(
    stores: Stores, query: SearchQuery, worker: ThreadPoolExecutor
) -> tuple[list[str], Timed]:
    """Ask as a session does; the ids found, and how long it took."""
    began = time.perf_counter()

    def so_far() -> float:
        return (time.perf_counter() - began) * 1000

    def recall() -> tuple[find.Found | None, float]:
        began = time.thread_time()
        found = find.recall(stores, query, None, worker.submit)
        return found, (time.thread_time() - began) * 1000

    found, cpu = worker.submit(recall).result()
    answered = so_far()
    locations = () if found is None else found.value.locations
    locations[:ROWS]
    rows = so_far()
    locations[ROWS:]
    times = Timed(answered, cpu, rows, so_far())
    return [*ids_of(locations)], times


def wanted(locations: Sequence[Location], query: SearchQuery) -> list[str]:
    """The ids that belong into the answer, by looking at every site."""
    km = distances_from(query.latitude, query.longitude)
    power = Decimal(0 if query.power_min_kw is None else query.power_min_kw)

    def fits(one: Location) -> bool:
        return any(
            query.connector_type in (None, connector.standard)
            and connector.power_kw is not None
            and connector.power_kw >= power
            for evse in one.evses
            for connector in evse.connectors
        )

    inside = sorted(
        (away, one.location_id)
        for one in locations
        if (away := km(one.latitude or 0, one.longitude or 0)) <= query.radius_km and fits(one)
    )
    return [location_id for _away, location_id in inside][: query.limit]


def check(ids: Sequence[str], query: SearchQuery, locations: Sequence[Location]) -> None:
    if list(ids) != wanted(locations, query):
        raise SystemExit(f"a wrong answer: {query}")


def first(folder: Path) -> dict[str, float]:
    """The first answer of this process, with everything imported."""
    query = SearchQuery.from_key(sys.stdin.read())
    began = time.perf_counter()
    stores = Stores.open(folder / "cache", folder / "state")
    opened = (time.perf_counter() - began) * 1000
    with ThreadPoolExecutor(1) as worker:
        _ids, timed = answer(stores, query, worker)
    return {"open": opened, "answer": timed.answer, "rows": timed.rows}


def warm(folder: Path) -> dict[str, Any]:
    """Every question of every kind once before and in each round; the ids that it found at last."""
    asked = json.loads(sys.stdin.read())
    kinds = {name: [*map(SearchQuery.from_key, keys)] for name, keys in asked["kinds"].items()}
    stores = Stores.open(folder / "cache", folder / "state")
    timed: dict[str, list[list[Timed]]] = {name: [] for name in kinds}
    ids: dict[str, list[list[str]]] = {}
    with ThreadPoolExecutor(1) as worker:
        for _n in range(asked["rounds"] + 1):
            for name, queries in kinds.items():
                answers = [answer(stores, query, worker) for query in queries]
                timed[name].append([times for _ids, times in answers])
                ids[name] = [found for found, _times in answers]
    stores.close()
    return {"timed": timed, "ids": ids, "loop": loop()}


IN_A_PROCESS = {"--first": first, "--warm": warm}


def in_a_process(flag: str, folder: Path, told: str) -> dict[str, Any]:
    """What the program does is measured where nothing but the program is: this process holds every
    site as an object, and among these each new one is made more slowly."""
    line = [sys.executable, "-m", "tests.bench", "directory", flag, str(folder)]
    done = subprocess.run(line, input=told, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def measure(path: Path, count: int, rounds: int) -> dict[str, Any]:
    locations = sites(path)
    kinds = {
        "25 km": questions(locations, count),
        "25 km, CCS from 150 kW": questions(
            locations, count // 2, connector_type=CCS, power_min_kw=150
        ),
        "200 km": questions(locations, count // 5, radius_km=200),
    }
    with tempfile.TemporaryDirectory(prefix="pm-tui-bench-") as name:
        folder = Path(name)
        fill(folder, locations)
        starts = [in_a_process("--first", folder, query.key()) for query in kinds["25 km"][:11]]
        keys = {name: [query.key() for query in queries] for name, queries in kinds.items()}
        told = in_a_process("--warm", folder, json.dumps({"kinds": keys, "rounds": rounds}))
        size = sum(file.stat().st_size for file in (folder / "cache").glob("*.db"))
    for name, queries in kinds.items():
        for query, ids in zip(queries, told["ids"][name], strict=True):
            check(ids, query, locations)
    return {
        "sites": len(locations),
        "bytes": size,
        "first": {key: statistics.median(one[key] for one in starts) for key in starts[0]},
        "warm": {
            name: {
                "hits": statistics.median(map(len, told["ids"][name])),
                "somewhere new": figures(new),
                "each time": figures([times for one in again for times in one]),
                "its best": figures([least(same) for same in zip(*again, strict=True)]),
            }
            for name, (new, *again) in told["timed"].items()
        },
        "loop": told["loop"],
    }


def loop() -> float:
    """Milliseconds that a million additions take, the least of five: how fast this machine is."""
    took = []
    for _n in range(5):
        began = time.perf_counter()
        sum(range(1_000_000))
        took.append((time.perf_counter() - began) * 1000)
    return min(took)


def least(same: Sequence[Sequence[float]]) -> Timed:
    return Timed(*(min(values) for values in zip(*same, strict=True)))


def figures(runs: Sequence[Sequence[float]]) -> dict[str, float]:
    found = {}
    for name, values in zip(Timed._fields, zip(*runs, strict=True), strict=True):
        found[name], found[f"{name}_p95"] = statistics.median(values), p95(values)
    return found


def main(arguments: Sequence[str]) -> None:
    if len(arguments) == 2 and (work := IN_A_PROCESS.get(arguments[0])):
        print(json.dumps(work(Path(arguments[1]))))
        return
    parser = argparse.ArgumentParser(prog="python -m tests.bench directory", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("path", type=Path)
    parser.add_argument("--questions", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    load = os.getloadavg()[0]
    told = measure(chosen.path, chosen.questions, chosen.rounds)
    told["machine"] = (
        f"{os.cpu_count()} CPUs, load {load:.1f} before, {os.getloadavg()[0]:.1f} after"
    )
    print(json.dumps(told, indent=1) if chosen.json else "\n".join(lines(told)))


def lines(told: dict[str, Any]) -> list[str]:
    start = told["first"]
    text = [
        f"{told['sites']:,} sites, {told['bytes'] / 2**20:.0f} MB; {told['machine']},"
        f" a loop of a million {told['loop']:.1f} ms",
        "every answer is what brute force over all sites finds",
        "",
        f"first answer of a process {start['answer']:.1f} ms, 30 rows {start['rows']:.1f} ms   "
        + verdict(start["answer"], FIRST),
        f"  (opening the stores before it: {start['open']:.1f} ms)",
        "",
        f"{'p50 and p95, ms':40}{'hits':>6}"
        + "".join(f"{name:>15}" for name in ("answer", "its CPU", "30 rows", "in full")),
    ]
    for kind, one in told["warm"].items():
        for which in ("somewhere new", "each time", "its best"):
            columns = "".join(
                f"{one[which][what]:8.1f}{one[which][f'{what}_p95']:7.1f}" for what in Timed._fields
            )
            aim = verdict(one[which]["answer_p95"], WARM) if which != "somewhere new" else ""
            text.append(f"{f'{kind}, {which}':40}{one['hits']:6.0f}{columns}   {aim}".rstrip())
    return text


def verdict(value: float, aim: float) -> str:
    return f"{'ok' if value <= aim else 'over':5} <= {aim:g} ms"
