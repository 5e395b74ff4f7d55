"""What a charger looks like on the map, and what several of them in one cell look like together.

Colour is never needed: the shape is the power, its inside whether it is free, and a number of
several is underlined where one of them is free.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from math import floor
from typing import Literal

from pm_tui.tui.map.plane import Window

State = Literal["free", "unknown", "taken"]  # the best first
STATES: tuple[State, ...] = ("free", "unknown", "taken")
FAST, FASTEST = 23, 150  # kW; below is what comes out of a wall, from the last on a motorway's

# by power class, then by state
SIGNS = ({"free": "●", "unknown": "◌", "taken": "○"},
         {"free": "■", "unknown": "▣", "taken": "□"},
         {"free": "◆", "unknown": "◈", "taken": "◇"})  # fmt: skip
PLAIN = ({"free": "A", "unknown": "-", "taken": "a"},
         {"free": "D", "unknown": "=", "taken": "d"},
         {"free": "H", "unknown": "%", "taken": "h"})  # fmt: skip
MOST = 9  # that have a number of their own; beyond it is a plus
BEYOND = "+"


@dataclass(frozen=True, slots=True)
class Mark:
    """A charger at a point of the plane (km)."""

    key: str
    x: float
    y: float
    power: int  # its class: an index of `SIGNS`
    state: State


def power_class(kw: Decimal | None) -> int:
    """Of the strongest connector; what is not known counts as weak."""
    if kw is None or kw < FAST:
        return 0
    return 1 if kw < FASTEST else 2


def state_of(free: int | None, *, old: bool) -> State:
    """From how many points are free; a figure that is `old` is none any more."""
    if free is None or old:
        return "unknown"
    return "free" if free else "taken"


@dataclass(frozen=True, slots=True)
class Sign:
    """What is drawn in a cell; `shared`: several are there."""

    text: str
    state: State
    shared: bool = False


def sign(marks: Sequence[Mark], *, ascii: bool = False) -> Sign:  # noqa: A002
    """Of all that are in one cell (at least one is): one as it is, several as their number and
    the best state there is among them."""
    first = marks[0]
    if len(marks) == 1:
        shapes = PLAIN if ascii else SIGNS
        return Sign(shapes[first.power][first.state], first.state)
    found = {mark.state for mark in marks}
    best = next(state for state in STATES if state in found)
    return Sign(str(len(marks)) if len(marks) <= MOST else BEYOND, best, shared=True)


Row = dict[int, list[int]]  # column -> indexes of marks
LEVELS = 6  # that are kept: going in and out again costs nothing


@dataclass(slots=True)
class Marks:
    """All of them, in the table's order, and for each level of zoom who shares a cell with whom:
    made once a level, so that moving the window looks at nothing that is not seen."""

    all: Sequence[Mark] = ()
    ascii: bool = False
    _grids: dict[int, dict[int, Row]] = field(default_factory=dict)
    _signs: dict[int, dict[int, dict[int, Sign]]] = field(default_factory=dict)
    _places: dict[str, int] | None = None

    def rows(self, window: Window) -> dict[int, Row]:
        """The cells of the lattice that hold marks, by row; seen or not."""
        grid = self._grids.get(window.level)
        if grid is None:
            grid = {}
            wide, high = window.cell_km
            for index, mark in enumerate(self.all):
                row, column = floor(-mark.y / high), floor(mark.x / wide)
                grid.setdefault(row, {}).setdefault(column, []).append(index)
            while len(self._grids) >= LEVELS:
                oldest = next(iter(self._grids))
                del self._grids[oldest], self._signs[oldest]
            self._grids[window.level], self._signs[window.level] = grid, {}
        return grid

    def seen(self, window: Window) -> Iterator[tuple[int, int, Sign]]:
        """Column and row (of the lattice) of each cell in the window that holds marks, and what
        they look like there."""
        grid = self.rows(window)
        signs = self._signs[window.level]
        right = window.left + window.width
        for row in range(window.top, window.top + window.height):
            indexes = grid.get(row)
            if not indexes:
                continue
            drawn = signs.get(row)
            if drawn is None:
                drawn = signs[row] = {
                    column: sign([self.all[at] for at in there], ascii=self.ascii)
                    for column, there in indexes.items()
                }
            for column, found in drawn.items():
                if window.left <= column < right:
                    yield column, row, found

    def get(self, key: str | None) -> Mark | None:
        if self._places is None:
            self._places = {mark.key: index for index, mark in enumerate(self.all)}
        index = self._places.get(key or "")
        return None if index is None else self.all[index]

    def nearest(self, x: float, y: float) -> Mark | None:
        """To a point, the first in the table's order among equals."""
        return min(self.all, key=lambda one: (one.x - x) ** 2 + (one.y - y) ** 2, default=None)

    def beside(self, mark: Mark, columns: int, rows: int, window: Window) -> Mark | None:
        """The next one to the left, right (`columns` -1, 1), above or below (`rows` -1, 1) that is
        in another cell: what lies straight ahead before what is nearer aside."""
        here = window.cell(mark.x, mark.y)
        best, least = None, 0.0
        for one in self.all:
            ahead = (one.x - mark.x) * columns - (one.y - mark.y) * rows
            if ahead <= 0:
                continue
            aside = abs((one.x - mark.x) * rows) + abs((one.y - mark.y) * columns)
            away = ahead + 2 * aside + (ahead if aside > ahead else 0) * 2
            if (best is None or away < least) and window.cell(one.x, one.y) != here:
                best, least = one, away
        return best

    def mate(self, mark: Mark, window: Window) -> Mark:
        """The next one in the same cell; itself where it is alone."""
        column, row = window.cell(mark.x, mark.y)
        there = [self.all[index] for index in self.rows(window).get(row, {}).get(column, [])]
        keys = [one.key for one in there]
        return there[(keys.index(mark.key) + 1) % len(keys)] if mark.key in keys else mark
