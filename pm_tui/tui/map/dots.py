"""Lines and circles of braille dots, two across and four down in a cell.

Half of what a library for this would bring is its own idea of axes, colours and whole frames to
write; what is needed are two curves, cut at the edges, in time that grows with the pane and never
with the curve.
"""

from __future__ import annotations

from math import ceil, floor, hypot, sqrt

_BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
_BRAILLE = 0x2800
_PLAIN = {"leg": "*"}  # in ASCII a cell has one mark for all of its dots


class Dots:
    """`width` x `height` cells. Points are in dots, from the corner on the top left; a dot counts
    from its own corner to the next one's. What is drawn later names the kind of the cell."""

    def __init__(self, width: int, height: int, *, ascii: bool = False) -> None:  # noqa: A002
        self.width, self.height = width, height
        self._ascii = ascii
        self._masks = [0] * (width * height)
        self._kinds = [""] * (width * height)

    def put(self, x: int, y: int, kind: str) -> None:
        """One dot; outside it is nothing."""
        if 0 <= x < self.width * 2 and 0 <= y < self.height * 4:
            at = (y >> 2) * self.width + (x >> 1)
            self._masks[at] |= _BITS[y & 3][x & 1]
            self._kinds[at] = kind

    def cells(self) -> tuple[list[str], list[str]]:
        """What each cell shows, row by row, and of what kind it is; a space where nothing was
        drawn."""
        if self._ascii:
            texts = [
                _PLAIN.get(kind, ".") if mask else " "
                for mask, kind in zip(self._masks, self._kinds, strict=True)
            ]
        else:
            texts = [chr(_BRAILLE + mask) if mask else " " for mask in self._masks]
        return texts, self._kinds

    def circle(
        self, x: float, y: float, radius: float, kind: str, every: int = 1, phase: int = 0
    ) -> None:
        """A circle around a point, of `every` such dot; `phase` moves with the window, that the
        dots stay where they are on the ground. However large it is, only what is seen is gone
        through: columns where it is flat, rows where it is steep."""
        flat = radius * sqrt(0.5)
        for along, other, last, limit, swap in (
            (x, y, self.width * 2, self.height * 4, False),
            (y, x, self.height * 4, self.width * 2, True),
        ):
            first = max(0, ceil(along - flat - 0.5))
            for at in range(first, min(last, floor(along + flat - 0.5) + 1)):
                if (at + phase) % every:
                    continue
                rise = sqrt(max(radius * radius - (at + 0.5 - along) ** 2, 0.0))
                for there in (floor(other - rise), floor(other + rise)):
                    if 0 <= there < limit:
                        self.put(*((there, at) if swap else (at, there)), kind)

    def line(self, start: tuple[float, float], end: tuple[float, float], kind: str) -> None:
        """A straight line."""
        cut = clipped(start, end, self.width * 2, self.height * 4)
        if cut is None:
            return
        (x, y), (to_x, to_y) = cut
        steps = max(ceil(max(abs(to_x - x), abs(to_y - y))), 1)
        for step in range(steps + 1):
            share = step / steps
            self.put(floor(x + (to_x - x) * share), floor(y + (to_y - y) * share), kind)


Point = tuple[float, float]


def clipped(start: Point, end: Point, width: float, height: float) -> tuple[Point, Point] | None:
    """The part of a line within a rectangle from (0, 0) (Liang and Barsky); None when there is
    none."""
    x, y = start
    far_x, far_y = end[0] - x, end[1] - y
    if hypot(far_x, far_y) == 0:
        return (start, end) if 0 <= x <= width and 0 <= y <= height else None
    enters, leaves = 0.0, 1.0
    for step, room in ((-far_x, x), (far_x, width - x), (-far_y, y), (far_y, height - y)):
        if step == 0:
            if room < 0:
                return None
            continue
        share = room / step
        if step < 0:
            enters = max(enters, share)
        else:
            leaves = min(leaves, share)
    if enters > leaves:
        return None
    return (
        (x + far_x * enters, y + far_y * enters),
        (x + far_x * leaves, y + far_y * leaves),
    )
