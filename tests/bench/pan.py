"""What drawing the map costs: `python -m tests.bench map [PLACES]`.

Prints the milliseconds (processor time, median) of putting the rows on a plane, of the first
picture of a zoom level, and of each picture while the window is moved.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from pm_tui.models.charger import Location
from pm_tui.models.query import SearchQuery
from pm_tui.models.search import SearchAnswer
from pm_tui.services.ages import Limits
from pm_tui.services.find import Found
from pm_tui.services.places import Gazetteer
from pm_tui.tui.map.marks import Marks
from pm_tui.tui.map.picture import Scene, draw
from pm_tui.tui.map.plane import fitting
from pm_tui.tui.screens.find_map import scene_of
from tests.bench.canned import CENTRE, location
from tests.fakes import NOON

SIZES = ((30, 9), (52, 16), (90, 42), (198, 55))
MOVES = 40
RADIUS_KM = 150.0


def rows(count: int) -> list[Location]:
    """Spread over a circle as chargers are: thicker towards its middle."""
    rng = random.Random(count)
    found = []
    for n in range(count):
        raw: dict[str, Any] = location(n)
        latitude, longitude = CENTRE[0] + rng.gauss(0, 0.6), CENTRE[1] + rng.gauss(0, 1.0)
        raw["coordinates"] = {"latitude": f"{latitude:.6f}", "longitude": f"{longitude:.6f}"}
        found.append(Location.read(raw))
    return found


def spent(work: Callable[[], object], times: int = 1) -> float:
    """Milliseconds of processor time, the median of `times`."""
    taken = []
    for _ in range(times):
        begin = time.process_time()
        work()
        taken.append((time.process_time() - begin) * 1000)
    return statistics.median(taken)


def main(argv: Sequence[str]) -> None:
    count = int(argv[0]) if argv else 5000
    chargers = rows(count)
    found = Found(SearchAnswer(None, chargers), "live", NOON)
    query = SearchQuery(*CENTRE, radius_km=RADIUS_KM)
    limits = Limits(*[timedelta(minutes=5)] * 4)
    gazetteer = Gazetteer()
    made: list[Scene] = []
    first = spent(lambda: made.append(scene_of(found, query, chargers, limits, NOON, gazetteer)[0]))
    again = spent(lambda: scene_of(found, query, chargers, limits, NOON, gazetteer), 5)
    scene = made[0]
    print(f"{count} places, {len(scene.towns)} towns")
    print(f"on the plane: {first:.1f} ms, again {again:.1f} ms (in a thread)")
    for width, height in SIZES:
        for zoom in (0, -8, -16, -24):
            scene.marks = Marks(scene.marks.all)
            window = fitting(scene.extent, width, height).zoomed(zoom)
            level = spent(lambda window=window: draw(scene, window))  # type: ignore[misc]
            moves = iter(range(MOVES))
            pan = spent(
                lambda window=window, moves=moves: draw(scene, window.moved(next(moves), 1)),  # type: ignore[misc]
                MOVES,
            )
            seen = sum(1 for _ in scene.marks.seen(window))
            print(
                f"{width:>4}x{height:<3} {2 ** (-zoom / 8):>4g} times closer: {seen:>5} cells, "
                f"first {level:6.1f} ms, a move {pan:5.1f} ms"
            )
