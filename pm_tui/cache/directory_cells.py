"""Where locations are, held in memory in cells of a tenth of a degree.

To be handed a row by SQLite costs more than all that is done with it then. So whoever asks again
while nobody writes (who moves about offline, widens a circle, filters) is answered from here. The
first question after a write goes to the file, and reads no more than that one needs: beside live
searches, which all write, nothing is gathered only to be thrown away.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from math import cos, floor, pi, radians, sqrt

from pm_tui.cache.directory_file import Features
from pm_tui.cache.directory_rows import Offers, Question, Rows, Spots, spots_of
from pm_tui.cache.sphere import Box, Point, Spot, boxes, within

Cell = tuple[int, int]  # its south and west, in tenths of a degree

_CELLS = 10  # of a degree, one near 11 km high: with smaller ones the file is asked more often
_MOST_CELLS = 10_000  # of a circle: near a pole 200 km have more
_MOST_HELD = 100_000  # cells and points: some 30 MB
_CELL_KM = 11.1  # from south to north
_FIRST_REACH_KM, _LEAST_STEP, _FARTHEST_STEP = 8.0, 1.15, 2.0
_WANTED, _AIM = 1.05, 1.2  # times the limit, in the circle


class Cells:
    """Of one connection, for as long as it lives."""

    def __init__(self, connection: sqlite3.Connection, features: Features) -> None:
        self.connection = connection
        self._rows = Rows(connection, features)
        self._degree = self._rows.degree
        self._written: tuple[int, int] | None = None
        self._forget()

    def _forget(self) -> None:
        self._cells: dict[Cell, list[Point]] = {}
        self._offers: dict[int, str] = {}
        self._newest = 0

    def near(self, asked: Question) -> Spots:
        """As `Rows.near`, which is asked where nothing is held, for a circle of too many cells,
        and where something is held that is later than `latest`."""
        cells = sum(map(_count, boxes(asked.latitude, asked.longitude, asked.radius_km)))
        if self._hold() and cells <= _MOST_CELLS:
            found = self._nearest(asked)
            if self._newest <= asked.latest:
                return spots_of(found)
        return self._rows.near(asked)

    def _hold(self) -> bool:
        """Whether nobody, here or in another process, wrote since the last question. What is held
        is forgotten where somebody did."""
        version = self.connection.execute("PRAGMA data_version").fetchone()[0]
        written = version, self.connection.total_changes
        held, self._written = written == self._written, written
        if not held or len(self._cells) + len(self._offers) > _MOST_HELD:
            self._forget()
        return held

    def _nearest(self, asked: Question) -> list[Spot]:
        """Cells are taken outwards until by their number the circle within them has enough points;
        only then are distances computed."""
        latitude, longitude, radius_km, _latest, limit, offers = asked
        taken: set[Cell] = set()
        points: list[Point] = []
        reach = radius_km if limit is None else min(_FIRST_REACH_KM, radius_km)
        while True:
            cells = [cell for cell in _around(latitude, longitude, reach) if cell not in taken]
            taken.update(cells)
            points += self._points(cells, offers)
            if limit is None or reach >= radius_km:
                return sorted(within(latitude, longitude, radius_km, points, self._degree))[:limit]
            circle = pi * (reach / _CELL_KM) ** 2 / cos(radians(latitude))
            about = len(points) * min(circle / len(taken), 1)
            step = sqrt(_AIM * limit / (about + 1))
            if about >= _WANTED * limit:
                found = within(latitude, longitude, reach, points, self._degree)
                if len(found) >= limit:
                    return sorted(found)[:limit]
                step = _LEAST_STEP
            reach = min(reach * min(max(step, _LEAST_STEP), _FARTHEST_STEP), radius_km)

    def _points(self, cells: list[Cell], offers: Offers | None) -> list[Point]:
        self._read([cell for cell in cells if cell not in self._cells])
        points = [point for cell in cells for point in self._cells[cell]]
        return points if offers is None else [p for p in points if offers(self._offers[p[3]])]

    def _read(self, missing: list[Cell]) -> None:
        for run in _runs(missing):
            cells: dict[Cell, list[Point]] = {cell: [] for cell in run}
            for north, east, location_id, row, at, offers in self._rows.within(_box(run)):
                cell = floor(north * _CELLS / self._degree), floor(east * _CELLS / self._degree)
                if cell in cells:  # not one of those that begin where these end
                    cells[cell].append((north, east, location_id, row, at))
                    self._offers[row] = offers
                    self._newest = max(self._newest, at)
            self._cells |= cells


def _around(latitude: float, longitude: float, radius_km: float) -> list[Cell]:
    return [
        (south, west)
        for box in boxes(latitude, longitude, radius_km)
        for south in range(floor(box.south * _CELLS), floor(box.north * _CELLS) + 1)
        for west in range(floor(box.west * _CELLS), floor(box.east * _CELLS) + 1)
    ]


def _count(box: Box) -> float:
    return ((box.north - box.south) * _CELLS + 1) * ((box.east - box.west) * _CELLS + 1)


def _runs(cells: list[Cell]) -> Iterator[list[Cell]]:
    """Cells side by side, from west to east, to be read at once."""
    run: list[Cell] = []
    for south, west in sorted(cells):
        if run and run[-1] != (south, west - 1):
            yield run
            run = []
        run.append((south, west))
    if run:
        yield run


def _box(run: list[Cell]) -> Box:
    (south, west), (_south, last) = run[0], run[-1]
    return Box(south / _CELLS, (south + 1) / _CELLS, west / _CELLS, (last + 1) / _CELLS)
