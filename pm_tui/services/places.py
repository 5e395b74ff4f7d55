"""The gazetteer: a place's name or coordinates as a user types them, offline.

It must be there before the second key press, so nothing is parsed that is not asked for: the file
stays a list of lines, and every search runs over one long folded string in which a line break
marks the start of a name. The lines come most people first, so the first hits of a kind are the
best known places and a search may stop early.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, chain
from unicodedata import normalize

from pm_tui.data import places_lines
from pm_tui.i18n import _

_GERMAN = {"ä": "ae", "ö": "oe", "ü": "ue"}
_BARE = {"ä": "a", "ö": "o", "ü": "u", "é": "e", "è": "e", "ê": "e", "ú": "u", "á": "a"}
_BREAKS = "-./()',;_’"
_QUALIFIED = re.compile(r"(.+?)\s*(?:,\s*|\(\s*)([^()]+?)\s*\)?\s*")

# how people shorten or translate what stands after a town's name; "" is the whole country
_REGIONS = {
    **dict.fromkeys(("de", "d", "brd", "deutschland", "germany"), ""),
    **dict.fromkeys(("bw", "bawue"), "baden wuerttemberg"),
    **dict.fromkeys(("by", "bavaria"), "bayern"),
    **dict.fromkeys(("be",), "berlin"),
    **dict.fromkeys(("bb",), "brandenburg"),
    **dict.fromkeys(("hb",), "bremen"),
    **dict.fromkeys(("hh",), "hamburg"),
    **dict.fromkeys(("he", "hesse"), "hessen"),
    **dict.fromkeys(("mv", "meckpomm"), "mecklenburg vorpommern"),
    **dict.fromkeys(("ni", "nds", "lower saxony"), "niedersachsen"),
    **dict.fromkeys(("nw", "nrw", "north rhine westphalia"), "nordrhein westfalen"),
    **dict.fromkeys(("rp", "rlp", "rhineland palatinate"), "rheinland pfalz"),
    **dict.fromkeys(("sl",), "saarland"),
    **dict.fromkeys(("sh",), "schleswig holstein"),
    **dict.fromkeys(("sn", "saxony"), "sachsen"),
    **dict.fromkeys(("st", "lsa", "saxony anhalt"), "sachsen anhalt"),
    **dict.fromkeys(("th", "thuringia"), "thueringen"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """Coordinates are WGS 84 degrees, of the centre; a population of 0 is unknown."""

    name: str
    state: str
    latitude: float
    longitude: float
    population: int
    qualifier: str = ""

    @property
    def label(self) -> str:
        """The name, with what tells it from its namesakes where it has any."""
        return f"{self.name} ({self.qualifier})" if self.qualifier else self.name


def _fold(text: str, letters: dict[str, str]) -> str:
    """Lower case, one space between words, no accents, `St.` written out; lines stay lines."""
    text = text.lower().replace("ß", "ss")
    for letter, plain in letters.items():
        text = text.replace(letter, plain)
    for mark in _BREAKS:
        if mark in text:
            text = text.replace(mark, " ")
    while "  " in text:
        text = text.replace("  ", " ")
    text = text.replace(" \n", "\n").replace("\n ", "\n")
    return text.replace("\nst ", "\nsankt ").replace(" st ", " sankt ")


class _Index:
    """Folded names, one a line, and the row of the file that each belongs to."""

    def __init__(self, names: list[str], rows: list[int], letters: dict[str, str]) -> None:
        self.text = _fold("\n" + "\n".join(names) + "\n", letters)
        self._rows = rows
        # where each name starts: a match's position tells the name it lies in
        self._starts = list(accumulate((len(n) + 1 for n in self.names), initial=0))

    @cached_property
    def names(self) -> list[str]:
        return self.text.split("\n")[1:-1]

    def row(self, position: int) -> int:
        return self._rows[bisect_right(self._starts, position) - 1]

    def find(self, needle: str) -> Iterator[int]:
        """The rows whose names hold `needle` (a leading line break: start with it)."""
        position = self.text.find(needle)
        while position >= 0:
            yield self.row(position)
            # on at the next name; its line break may start the next match
            position = self.text.find(needle, self.text.index("\n", position + 1))

    def match(self, pattern: str) -> Iterator[int]:
        return (self.row(found.start()) for found in re.finditer(pattern, self.text))


class Gazetteer:
    """German places by name. Loads at the first question; cheap to make."""

    def complete(self, text: str, limit: int = 8) -> list[Place]:
        """What `text` may be the beginning of, best first, at most `limit` places.

        Whole names come first, then names that start so, then words within a name, then any part
        of it, each by population; only when there is none of them, names spelt nearly so.
        """
        return [self._place(row) for row in _first(self._rows(text), limit)]

    def find(self, text: str) -> Place | None:
        """The place that `text` names, or else the best known one whose name starts so.

        Knows aliases, and `Neustadt, Sachsen` or `Neustadt (Sachsen)` as the one in that state.
        None if there is none; a name that is only spelt nearly so is not guessed at, because
        nobody asks back here.
        """
        rows = chain(self._whole(text), self._starting(text), self._qualified(text))
        row = next(rows, None)
        return None if row is None else self._place(row)

    def within(self, south: float, north: float, west: float, east: float) -> Iterator[Place]:
        """The places in a box of degrees (never across the antimeridian), most people first."""
        for row, (latitude, longitude) in enumerate(self._points):
            if south <= latitude <= north and west <= longitude <= east:
                yield self._place(row)

    @cached_property
    def _points(self) -> list[tuple[float, float]]:
        cells = (line.split("\t", 5) for line in self._lines)
        return [(float(cell[3]), float(cell[4])) for cell in cells]

    @cached_property
    def _lines(self) -> list[str]:
        return places_lines()

    @cached_property
    def _indexes(self) -> list[tuple[_Index, _Index]]:
        """Names and aliases, once with `ae` for `ä` and once with `a`."""
        names, aliases, owners = [], [], []
        for row, line in enumerate(self._lines):
            names.append(line[: line.index("\t")])
            if not line.endswith("\t"):
                more = line[line.rindex("\t") + 1 :].split("|")
                aliases += more
                owners += [row] * len(more)
        rows = list(range(len(names)))
        return [
            (_Index(names, rows, letters), _Index(aliases, owners, letters))
            for letters in (_GERMAN, _BARE)
        ]

    def _place(self, row: int) -> Place:
        name, qualifier, state, latitude, longitude, people, _aliases = self._lines[row].split("\t")
        return Place(name, state, float(latitude), float(longitude), int(people), qualifier)

    def _qualified(self, text: str) -> Iterator[int]:
        """Rows for `Neustadt, Sachsen`, `Neustadt (Sa`, `Berlin, Germany` or a place's label."""
        if not (parts := _QUALIFIED.fullmatch(text.strip())):
            return
        wanted = _folds(parts[2])[0]
        wanted = _REGIONS.get(wanted, wanted)
        later = []
        for row in chain(self._whole(parts[1]), self._starting(parts[1])):
            place = self._place(row)
            if _folds(place.label) == _folds(text):
                yield row
            elif any(_folds(of)[0].startswith(wanted) for of in (place.state, place.qualifier)):
                later.append(row)
        yield from later

    def _searches(self, text: str) -> list[tuple[str, tuple[_Index, _Index]]]:
        """What to look for and where; who types dots does not mean the name without them."""
        german, bare = _folds(text)
        pairs = self._indexes
        if not german:
            return []
        dots = any(letter in normalize("NFC", text.lower()) for letter in _GERMAN)
        return [(german, pairs[0])] if dots else [(german, pairs[0]), (bare, pairs[1])]

    def _whole(self, text: str) -> Iterator[int]:
        """Rows that are called exactly so, by name or alias, best known first."""
        for folded, pair in self._searches(text):
            yield from sorted({r for index in pair for r in index.find(f"\n{folded}\n")})

    def _rows(self, text: str) -> Iterator[int]:
        known = False
        for row in chain(
            self._whole(text), self._starting(text), self._holding(text), self._qualified(text)
        ):
            known = True
            yield row
        if not known:
            yield from self._near_misses(_folds(text)[0])

    def _starting(self, text: str) -> Iterator[int]:
        """Rows whose names, or words in them, start so; `bad homburg v d h` and `badenbaden`."""
        searches = self._searches(text)
        if not searches:
            return
        german, (names, _aliases) = searches[0]
        for which in (0, 1):  # names, then aliases
            for folded, pair in searches:
                yield from pair[which].find(f"\n{folded}")
        for folded, pair in searches:
            for index in pair:
                yield from index.find(f" {folded}")
        yield from names.match("\n" + r"[^ \n]* ".join(map(re.escape, german.split())))
        yield from names.match("\n" + " ?".join(map(re.escape, german.replace(" ", ""))))

    def _holding(self, text: str) -> Iterator[int]:
        for folded, pair in self._searches(text):
            for index in pair:
                yield from index.find(folded)

    def _near_misses(self, folded: str) -> Iterator[int]:
        """Rows spelt nearly so. Comparing is slow: only names that begin or end alike."""
        if len(folded) < 4:
            return
        import difflib

        wanted = difflib.SequenceMatcher(b=folded, autojunk=False)
        scored = []
        for row, name in enumerate(self._indexes[0][0].names):
            if abs(len(name) - len(folded)) > 2:
                continue
            if name[:2] != folded[:2] and name[-3:] != folded[-3:]:
                continue
            wanted.set_seq1(name)
            if wanted.quick_ratio() >= 0.8 and (ratio := wanted.ratio()) >= 0.8:
                scored.append((-round(ratio, 1), row))
        yield from (row for _ratio, row in sorted(scored))


def _folds(text: str) -> tuple[str, str]:
    """`text` as both indexes have it."""
    line = "\n" + " ".join(normalize("NFC", text).split()) + "\n"
    return _fold(line, _GERMAN).strip(), _fold(line, _BARE).strip()


def _first(rows: Iterable[int], limit: int) -> list[int]:
    """The first `limit` different rows."""
    seen: dict[int, None] = {}
    if limit > 0:
        for row in rows:
            seen[row] = None
            if len(seen) == limit:
                break
    return list(seen)


_POINT = r"[+-]?[0-9]+(?:\.[0-9]+)?"
_COMMA = r"[+-]?[0-9]+,[0-9]+"


def _pair(number: str, separator: str) -> re.Pattern[str]:
    """Two numbers, each with the letter of its hemisphere before it, after it or not at all."""
    one, two = (
        rf"(?P<pre{i}>[NSEWO])?\s*(?P<n{i}>{number})\s*°?\s*(?P<post{i}>[NSEWO])?" for i in (1, 2)
    )
    return re.compile(rf"{one}(?:{separator}){two}", re.IGNORECASE)


_PAIRS = (
    _pair(_POINT, r"\s*[,;/]\s*|\s+"),
    # with decimal commas a bare comma cannot part the numbers
    _pair(rf"(?:{_COMMA}|{_POINT})", r"\s*[;/]\s*|,?\s+"),
)
_GEO = re.compile(rf"geo:({_POINT},{_POINT})(?:,{_POINT})?(?:[;?].*)?", re.IGNORECASE)


def parse_point(text: str) -> tuple[float, float] | None:
    """Latitude and longitude in WGS 84 degrees; None if `text` is not a pair of coordinates.

    Reads `52.52, 13.405`, `52.52 13.405`, `52,52; 13,405`, `52.52N 13.4E` (in either order, `O`
    is east, as in German) and `geo:52.52,13.405` (RFC 5870; altitude and parameters are ignored).
    Raises ValueError with a text for the user when it is a pair that lies outside -90..90 or
    -180..180 (`contract/agent-api.md` section 3).
    """
    text = text.strip().replace("−", "-")
    if geo := _GEO.fullmatch(text):
        text = geo[1]
    for pattern in _PAIRS:
        if found := pattern.fullmatch(text):
            return _read(found)
    return None


def _read(found: re.Match[str]) -> tuple[float, float] | None:
    numbers, sides = [], []
    for i in ("1", "2"):
        number, before, after = found["n" + i], found["pre" + i], found["post" + i]
        side = (before or after or "").upper().replace("O", "E")
        if (before and after) or (side and number[0] in "+-"):
            return None  # the hemisphere said twice: no way to tell what is meant
        numbers.append(float(number.replace(",", ".")) * (-1 if side and side in "SW" else 1))
        sides.append("lat" if side and side in "NS" else "lng" if side else "")
    if "lng" in sides[:1] or "lat" in sides[1:]:
        numbers.reverse()
        sides.reverse()
    if "lng" in sides[:1] or "lat" in sides[1:]:
        return None  # two latitudes or two longitudes
    latitude, longitude = numbers
    if not -90 <= latitude <= 90:
        raise ValueError(_("The latitude must be between -90 and 90."))
    if not -180 <= longitude <= 180:
        raise ValueError(_("The longitude must be between -180 and 180."))
    return latitude, longitude
