"""The globe laid flat around a point, and the window of cells through which it is seen.

Azimuthal equidistant: distances from the middle are true, so that a ring of kilometres is a circle.
Kilometres go east and north. Cells lie on a lattice that does not move with the window: whatever
shares a cell goes on sharing it while the window is moved.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import asin, atan2, ceil, cos, degrees, floor, hypot, log2, radians, sin

EARTH_KM = 6371.0088  # mean radius (IUGG)
STEPS = 8  # zoom levels for twice as much
WIDEST = 17 * STEPS  # 131 km a dot: a continent in the smallest pane
CLOSEST = 0  # a metre a dot
CLOSEST_FIT = 5 * STEPS  # 32 m a dot: a single charger is seen with the streets around it
DOTS = (2, 4)  # across and down in a braille cell, which is twice as high as wide: dots are square


@dataclass(frozen=True, slots=True)
class Plane:
    """Laid flat around this point (degrees)."""

    latitude: float
    longitude: float

    def km(self, latitude: float, longitude: float) -> tuple[float, float]:
        """Kilometres east and north of the middle."""
        here, there = radians(self.latitude), radians(latitude)
        turn = radians(longitude - self.longitude)
        east = cos(there) * sin(turn)
        north = cos(here) * sin(there) - sin(here) * cos(there) * cos(turn)
        sine = hypot(east, north)
        if sine == 0:
            return 0.0, 0.0  # (the other side of the globe has no place of its own either)
        cosine = sin(here) * sin(there) + cos(here) * cos(there) * cos(turn)
        stretch = EARTH_KM * atan2(sine, cosine) / sine
        return east * stretch, north * stretch

    def degrees(self, x: float, y: float) -> tuple[float, float]:
        """Latitude and longitude of a point given in kilometres."""
        away = hypot(x, y)
        if away == 0:
            return self.latitude, self.longitude
        here, angle = radians(self.latitude), away / EARTH_KM
        north = cos(angle) * sin(here) + y * sin(angle) * cos(here) / away
        turn = atan2(x * sin(angle), away * cos(here) * cos(angle) - y * sin(here) * sin(angle))
        longitude = (self.longitude + degrees(turn) + 180) % 360 - 180
        return degrees(asin(max(-1.0, min(1.0, north)))), longitude


def dot_km(level: int) -> float:
    """Kilometres from one dot to the next."""
    return float(2 ** (level / STEPS)) / 1000


@dataclass(frozen=True, slots=True)
class Window:
    """`width` x `height` cells of the lattice of `level`, from (`left`, `top`) on."""

    level: int
    left: int
    top: int
    width: int
    height: int

    @property
    def cell_km(self) -> tuple[float, float]:
        """How wide and high a cell is."""
        dot = dot_km(self.level)
        return dot * DOTS[0], dot * DOTS[1]

    def cell(self, x: float, y: float) -> tuple[int, int]:
        """Column and row, on the lattice, of the cell that holds a point."""
        wide, high = self.cell_km
        return floor(x / wide), floor(-y / high)

    def centre(self, column: float, row: float) -> tuple[float, float]:
        """The point in the middle of a cell of the lattice."""
        wide, high = self.cell_km
        return (column + 0.5) * wide, -(row + 0.5) * high

    def holds(self, column: int, row: int, margin: int = 0) -> bool:
        """Whether a cell of the lattice is seen, and no nearer than `margin` to the edge."""
        return (
            margin <= column - self.left < self.width - margin
            and margin <= row - self.top < self.height - margin
        )

    @property
    def middle(self) -> tuple[float, float]:
        """The point in the middle of the window."""
        return self.centre(self.left + (self.width - 1) / 2, self.top + (self.height - 1) / 2)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north, in kilometres."""
        wide, high = self.cell_km
        west, north = self.left * wide, -self.top * high
        return west, north - self.height * high, west + self.width * wide, north

    def moved(self, columns: int, rows: int) -> Window:
        return replace(self, left=self.left + columns, top=self.top + rows)

    def around(self, x: float, y: float) -> Window:
        """The same with this point in the middle."""
        column, row = self.cell(x, y)
        return replace(self, left=column - self.width // 2, top=row - self.height // 2)

    def sized(self, width: int, height: int) -> Window:
        """Another size around the same middle."""
        return replace(self, width=width, height=height).around(*self.middle)

    def zoomed(self, levels: int, at: tuple[int, int] | None = None) -> Window:
        """Wider by so many levels (below 0: closer); the cell `at` (of the window, not of the
        lattice) keeps what it shows, else the middle does."""
        level = min(max(self.level + levels, CLOSEST), WIDEST)
        column, row = at if at is not None else (self.width // 2, self.height // 2)
        x, y = self.centre(self.left + column, self.top + row)
        other = replace(self, level=level)
        there_column, there_row = other.cell(x, y)
        return replace(other, left=there_column - column, top=there_row - row)


def fitting(points: Iterable[tuple[float, float]], width: int, height: int) -> Window:
    """The closest window that shows all of `points`, with hardly any air around."""
    listed = list(points) or [(0.0, 0.0)]
    west, east = min(x for x, _y in listed), max(x for x, _y in listed)
    south, north = min(y for _x, y in listed), max(y for _x, y in listed)
    dots = (max(width - 2, 1) * DOTS[0], max(height - 2, 1) * DOTS[1])
    dot = max((east - west) / dots[0], (north - south) / dots[1])
    level = CLOSEST_FIT if dot <= 0 else max(ceil(STEPS * log2(dot * 1000)), CLOSEST_FIT)
    middle = ((west + east) / 2, (south + north) / 2)
    window = Window(min(level, WIDEST), 0, 0, width, height).around(*middle)
    # the lattice may lie so that a corner just falls out
    while window.level < WIDEST and not (
        window.holds(*window.cell(west, north)) and window.holds(*window.cell(east, south))
    ):
        window = replace(window, level=window.level + 1).around(*middle)
    return window
