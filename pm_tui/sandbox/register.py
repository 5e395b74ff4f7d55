"""The real German charging register as the sandbox's network, read from a CSV file.

The register knows places, operators, plugs and power; it has no live state, no prices, no EVSE ids
and nothing on reservations. Those are invented from the seed and the site's number, so that they
stay the same from run to run. The file is checked whole when it is read, but a station is put
together only when someone finds it.
"""

from __future__ import annotations

import csv
import gzip
import io
import random
import re
import zlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from math import floor
from operator import itemgetter
from pathlib import Path

from pm_tui.i18n import _
from pm_tui.sandbox import network_sites as sites
from pm_tui.sandbox.network_geo import box_degrees, distance_km
from pm_tui.sandbox.network_operators import OPERATORS
from pm_tui.sandbox.register_cells import CellError, parse_hours, parse_points
from pm_tui.sandbox.register_parties import party_ids
from pm_tui.sandbox.stations import Cpo, Evse, OpeningHours, Station

COLUMNS = (
    *("site_id", "lat", "lon", "connectors", "power_kw", "formats", "n_points", "opening_hours"),
    *("operator", "brand", "street", "house_no", "postcode", "city"),
)
_CELL = 0.1  # degrees: the index's cells are about 11 by 7 km


class RegisterError(ValueError):
    """The file is not a register of this form; the text names file, line and column."""


@dataclass(slots=True)
class _Site:
    id: str
    latitude: float
    longitude: float
    operator: str
    street: str
    house: str
    postcode: str
    city: str
    branded: bool
    opening: OpeningHours | None
    points: list[tuple[sites.Plugs, ...]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Terms:
    """What is invented for a whole operator."""

    cpo: Cpo
    ac: Decimal
    dc: Decimal
    search_only: float


class RegisterNetwork:
    """A `Network` of the file's sites. Reading raises RegisterError, or OSError as `open` does."""

    def __init__(self, path: Path | str, seed: int) -> None:
        self._seed = seed
        self._sites = _read(Path(path))
        self._stations: dict[str, Station] = {}
        self._parties = party_ids({site.operator for site in self._sites.values()})
        self._terms: dict[str, _Terms] = {}
        cells: defaultdict[tuple[int, int], list[_Site]] = defaultdict(list)
        for site in self._sites.values():
            cells[floor(site.latitude / _CELL), floor(site.longitude / _CELL)].append(site)
        self._cells = dict(cells)

    @property
    def cpos(self) -> Sequence[Cpo]:
        return [Cpo(party, name) for name, party in sorted(self._parties.items())]

    def near(
        self, latitude: float, longitude: float, radius_km: float
    ) -> list[tuple[float, Station]]:
        """All stations within `radius_km` (great circle) with their distance, nearest first."""
        high, wide = (degrees + _CELL for degrees in box_degrees(latitude, radius_km))
        found = []
        # some 5,000 cells hold all of Germany: looking at each is quicker than being clever
        for (row, column), inside in self._cells.items():
            if abs((row + 0.5) * _CELL - latitude) > high:
                continue
            if abs(((column + 0.5) * _CELL - longitude + 180) % 360 - 180) > wide:
                continue
            for site in inside:
                away = distance_km(latitude, longitude, site.latitude, site.longitude)
                if away <= radius_km:
                    found.append((away, self._station(site)))
        found.sort(key=lambda row: (row[0], row[1].location_id))
        return found

    def get(self, location_id: str) -> Station | None:
        site = self._sites.get(location_id.rpartition("-E")[2])
        if site is None:
            return None
        station = self._station(site)
        return station if station.location_id == location_id else None

    def _station(self, site: _Site) -> Station:
        station = self._stations.get(site.id)
        if station is None:
            station = self._stations[site.id] = self._make(site)
        return station

    def _make(self, site: _Site) -> Station:
        terms = self._terms_of(site.operator)
        rng = random.Random(f"{self._seed}:{site.id}")
        plugs = [point for points in site.points for point in points]
        fastest = max((c for each in plugs for c in each), key=lambda c: c.max_electric_power)
        base = terms.dc if fastest.power_type == "DC" else terms.ac
        prefix = f"DE*{terms.cpo.party_id}*E{site.id}*"
        where = site.street or site.city
        return Station(
            location_id=f"DE-{terms.cpo.party_id}-E{site.id}",
            name=f"{site.operator} {where}" if site.branded else f"{where}, {site.city}",
            cpo=terms.cpo,
            address=_address(site),
            postal_code=site.postcode,
            city=site.city,
            latitude=site.latitude,
            longitude=site.longitude,
            reservable=rng.random() >= terms.search_only,
            energy_price=sites.price(base, fastest.max_electric_power, rng),
            evses=tuple(Evse(f"{prefix}{n}", each) for n, each in enumerate(plugs, 1)),
            opening=site.opening,
        )

    def _terms_of(self, operator: str) -> _Terms:
        terms = self._terms.get(operator)
        if terms is None:
            cpo = Cpo(self._parties[operator], operator)
            terms = self._terms[operator] = _invent(cpo, self._seed)
        return terms


def _invent(cpo: Cpo, seed: int) -> _Terms:
    """Prices and the share that cannot be reserved: those of the operator in the generated
    network if it is there too, else drawn within the same bounds.
    """
    for known in OPERATORS:
        if known.cpo.party_id == cpo.party_id:
            return _Terms(cpo, known.ac, known.dc, known.search_only)
    rng = random.Random(f"{seed}:{cpo.name}")
    ac, dc = Decimal(rng.randint(41, 58)), Decimal(rng.randint(50, 78))
    return _Terms(cpo, ac / 100, dc / 100, rng.uniform(0.12, 0.29))


def _text(path: Path) -> str:
    data = path.read_bytes()
    try:
        if data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
        return data.decode("utf-8-sig")
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise RegisterError(
            _("{file}: damaged gzip file ({error})").format(file=path.name, error=error)
        ) from error
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise RegisterError(
            _("{file}, line {line}: not UTF-8 text").format(file=path.name, line=line)
        ) from error


def _read(path: Path) -> dict[str, _Site]:
    """The sites by their id, in the file's order."""
    rows = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
    found: dict[str, _Site] = {}
    column = ""

    def wrong(problem: str) -> RegisterError:
        where = _("{file}, line {line}").format(file=path.name, line=max(1, rows.line_num))
        if column:
            where = _("{where}, column {column}").format(where=where, column=column)
        return RegisterError(f"{where}: {problem}")

    try:
        header = next(rows, [])
        for column in COLUMNS:
            if column not in header:
                raise wrong(_("there is no such column; is this a charging register?"))
        column = ""
        fields = itemgetter(*(header.index(name) for name in COLUMNS))
        width = len(header)
        for row in rows:
            if len(row) != width:
                column = ""
                raise wrong(
                    _("{count} fields instead of {width}").format(count=len(row), width=width)
                )
            id_, lat, lon, connectors, power, formats, count, hours, *rest = fields(row)
            column = "lat"
            latitude = _degrees(lat, 90)
            column = "lon"
            longitude = _degrees(lon, 180)
            column = "connectors"
            points = parse_points(connectors, power, formats)
            column = "n_points"
            if count != str(len(points)):
                raise wrong(_("{count!r}, but there are {n}").format(count=count, n=len(points)))
            column = "opening_hours"
            opening = parse_hours(hours)
            site = found.get(id_)
            if site is None:
                column = "site_id"
                site = found[id_] = _site(id_, latitude, longitude, opening, rest)
            site.points.append(points)
    except CellError as error:
        column = error.column or column
        raise wrong(str(error)) from error
    except csv.Error as error:
        column = ""
        raise wrong(str(error)) from error
    return found


def _site(
    id_: str, latitude: float, longitude: float, opening: OpeningHours | None, rest: list[str]
) -> _Site:
    if not re.fullmatch(r"[A-Z0-9]{1,30}", id_):
        raise CellError(_("{text!r} is not a number").format(text=id_))
    operator, brand, street, house, postcode, city = rest
    if not operator:
        raise CellError(_("empty"), "operator")
    name = brand or operator
    return _Site(
        id_, latitude, longitude, name, street, house, postcode, city, bool(brand), opening
    )


def _address(site: _Site) -> str:
    """Some wrote the house number into both columns."""
    if not site.house or site.street.endswith(f" {site.house}"):
        return site.street
    return f"{site.street} {site.house}".strip()


def _degrees(text: str, limit: int) -> float:
    try:
        value = float(text)
    except ValueError:
        raise CellError(_("{text!r} is not a number").format(text=text)) from None
    if not -limit <= value <= limit:
        raise CellError(_("{text!r} is out of range").format(text=text))
    return value
