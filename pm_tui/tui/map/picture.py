"""The map as rows of characters: rings, legs, names of towns, chargers, in this order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import ceil, cos, floor, hypot, log10, pi, sin

from pm_tui import formats
from pm_tui.tui.map.dots import Dots
from pm_tui.tui.map.marks import Marks
from pm_tui.tui.map.plane import Plane, Window, dot_km

RINGS = 3  # about so many between the middle and the edge
MOST_RINGS = 9
SPARSE = 3  # every so many dots of a ring: it must not be louder than what it measures
BEARINGS = [n * pi / 8 for n in (0, 8, 4, 12, 1, 15, 7, 9, 2, 14, 6, 10)]  # east first, then west
TRIES = 60  # towns that are looked at for one picture, the biggest first
ASIDE = (0, 1, -1, 2, -2)  # rows from where it is that a name may stand
CELLS_A_NAME = 80

HERE, HERE_PLAIN = "✚", "X"


@dataclass(frozen=True, slots=True)
class Town:
    """A place with a name, at a point of the plane (km)."""

    name: str
    x: float
    y: float


@dataclass(slots=True)
class Scene:
    """What there is to be seen, on a plane. `towns` come the biggest first. Rings go around
    `middle`, where one is; `edge_km` is as far as was searched. A way has `legs`: points with the
    kilometres along it, and its `stops`."""

    plane: Plane = field(default_factory=lambda: Plane(0.0, 0.0))
    marks: Marks = field(default_factory=Marks)
    towns: Sequence[Town] = ()
    middle: tuple[float, float] | None = None
    edge_km: float | None = None
    legs: Sequence[tuple[float, float, float]] = ()
    stops: Sequence[Town] = ()

    @property
    def extent(self) -> Iterator[tuple[float, float]]:
        """Every point that must be seen when all is to be seen."""
        yield from ((mark.x, mark.y) for mark in self.marks.all)
        yield from ((x, y) for x, y, _km in self.legs)
        if self.middle is not None:
            yield self.middle
            if not self.marks.all and self.edge_km is not None:
                yield from ((-self.edge_km, -self.edge_km), (self.edge_km, self.edge_km))


@dataclass(slots=True)
class Picture:
    """`width` x `height` characters, row by row, and of what kind each is. A kind that ends in
    `-shared` is underlined where it is drawn."""

    width: int
    height: int
    texts: list[str]
    kinds: list[str]

    def put(self, column: int, row: int, text: str, kind: str) -> None:
        if 0 <= column < self.width and 0 <= row < self.height:
            at = row * self.width + column
            self.texts[at], self.kinds[at] = text, kind

    def line(self, row: int) -> tuple[list[str], list[str]]:
        """The characters of a row and their kinds."""
        part = slice(row * self.width, (row + 1) * self.width)
        return self.texts[part], self.kinds[part]


def runs(texts: Sequence[str], kinds: Sequence[str]) -> Iterator[tuple[str, str]]:
    """As few pieces of one kind as there can be: a space looks the same in any that is not
    underlined, so it goes on with what stands before it."""
    start = 0
    kind = ""
    for at, (text, own) in enumerate(zip(texts, kinds, strict=True)):
        if text == " " and not kind.endswith("-shared"):
            continue
        if own != kind:
            if at > start:
                yield "".join(texts[start:at]), kind
            start, kind = at, own
    if len(texts) > start:
        yield "".join(texts[start:]), kind


def ring_step(window: Window) -> float:
    """Kilometres between two rings: 1, 2 or 5 times a power of ten."""
    dot = dot_km(window.level)
    room = min(window.width * 2, window.height * 4) / 2 * dot / RINGS
    power = 10.0 ** floor(log10(room))
    return power * max(step for step in (1, 2, 5) if step * power <= room * 1.0001)


def draw(scene: Scene, window: Window) -> Picture:
    """What `window` shows of `scene`; in ASCII where its marks are."""
    ascii_only = scene.marks.ascii
    width, height = window.width, window.height
    dots = Dots(width, height, ascii=ascii_only)
    rings = list(_rings(scene, window)) if scene.middle is not None else []
    x, y = _dots(window, *(scene.middle or (0.0, 0.0)))
    dot = dot_km(window.level)
    for radius in rings:
        dots.circle(x, y, radius / dot, "ring", SPARSE, _phase(window))
    if scene.edge_km is not None and scene.middle is not None:
        dots.circle(x, y, scene.edge_km / dot, "edge")
    for start, end in pairwise(scene.legs):
        dots.line(_dots(window, *start[:2]), _dots(window, *end[:2]), "leg")

    picture = Picture(width, height, *dots.cells())
    labels = _Labels(picture)
    signs = []
    for column, row, found in scene.marks.seen(window):
        signs.append((column - window.left, row - window.top, found))
        labels.keep(column - window.left, row - window.top)
    here = HERE_PLAIN if ascii_only else HERE
    points = [*([scene.middle] if scene.middle else []), *((one.x, one.y) for one in scene.stops)]
    for column, row in (window.cell(*point) for point in points):
        labels.keep(column - window.left, row - window.top)
        picture.put(column - window.left, row - window.top, here, "here")
    _name_towns(labels, window, scene.stops)
    for radius in rings:
        _name_ring(labels, window, scene.middle or (0.0, 0.0), radius)
    _name_legs(labels, window, scene.legs)
    _name_towns(labels, window, scene.towns)
    for column, row, found in signs:
        kind = f"{found.state}-shared" if found.shared else found.state
        picture.put(column, row, found.text, kind)
    return picture


def _phase(window: Window) -> int:
    return window.left * 2 + window.top * 4


def _dots(window: Window, x: float, y: float) -> tuple[float, float]:
    """A point in dots from the window's corner."""
    dot = dot_km(window.level)
    return x / dot - window.left * 2, -y / dot - window.top * 4


def _rings(scene: Scene, window: Window) -> Iterator[float]:
    """The radii of the rings that pass through the window."""
    x, y = scene.middle or (0.0, 0.0)
    west, south, east, north = window.bounds
    nearest = hypot(max(west - x, 0, x - east), max(south - y, 0, y - north))
    farthest = max(hypot(a - x, b - y) for a in (west, east) for b in (south, north))
    step = ring_step(window)
    first = max(1, ceil(nearest / step))
    last = floor(farthest / step)
    apart = max(1, ceil((last - first + 1) / MOST_RINGS))
    yield from (n * step for n in range(first, last + 1) if n % apart == 0)


class _Labels:
    """Puts texts where nothing is written yet."""

    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        self._kept = bytearray(picture.width * picture.height)

    def keep(self, column: int, row: int) -> None:
        """Nothing may be written there."""
        if 0 <= column < self._picture.width and 0 <= row < self._picture.height:
            self._kept[row * self._picture.width + column] = 1

    def put(self, column: int, row: int, text: str, kind: str) -> bool:
        """Write `text` from there on, with a cell of air around, if there is room for all of it."""
        picture = self._picture
        if not (0 <= row < picture.height and 0 <= column <= picture.width - len(text)):
            return False
        base = row * picture.width
        first, last = max(column - 1, 0), min(column + len(text) + 1, picture.width)
        if any(self._kept[base + first : base + last]):
            return False
        for at, letter in enumerate(text):
            picture.put(column + at, row, letter, kind)
            self._kept[base + column + at] = 1
        return True


def _name_ring(labels: _Labels, window: Window, middle: tuple[float, float], radius: float) -> None:
    """Where it first fits, going round."""
    text = formats.number(radius, 3, trim=True) + " km"
    for bearing in BEARINGS:
        x, y = middle[0] + radius * cos(bearing), middle[1] + radius * sin(bearing)
        column, row = window.cell(x, y)
        if labels.put(column - window.left - len(text) // 2, row - window.top, text, "label"):
            return


def _name_legs(labels: _Labels, window: Window, legs: Sequence[tuple[float, float, float]]) -> None:
    """Kilometres along the way, beside it, about as often as there would be rings."""
    step = ring_step(window)
    for (x, y, km), (to_x, to_y, to_km) in pairwise(legs):
        for n in range(floor(km / step) + 1, floor(to_km / step) + 1):
            share = (n * step - km) / (to_km - km)
            column, row = window.cell(x + (to_x - x) * share, y + (to_y - y) * share)
            text = formats.number(n * step, 3, trim=True) + " km"
            labels.put(column - window.left + 2, row - window.top, text, "label")


def _name_towns(labels: _Labels, window: Window, towns: Sequence[Town]) -> None:
    """The biggest that are seen, each as near to where it is as there is room."""
    room = max(window.width * window.height // CELLS_A_NAME, 3)
    west, south, east, north = window.bounds
    tries = 0
    for town in towns:
        if not (west <= town.x <= east and south <= town.y <= north):
            continue
        tries += 1
        column, row = window.cell(town.x, town.y)
        column, row, length = column - window.left, row - window.top, len(town.name)
        starts = (column - length // 2, column + 1, column - length)
        places = ((start, row + rise) for rise in ASIDE for start in starts)
        if any(labels.put(start, at, town.name, "town") for start, at in places):
            room -= 1
        if not room or tries == TRIES:
            return
