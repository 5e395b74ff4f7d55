"""The SQL of the charger directory. Times are microseconds since 1970, `latest` is the last one
that is believed; faults of SQLite pass through to the caller."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import pi, sqrt
from typing import Any, NamedTuple

from pm_tui.cache import words
from pm_tui.cache.directory_file import Features
from pm_tui.cache.moments import from_number
from pm_tui.cache.sphere import Box, Spot, boxes, within
from pm_tui.models.json import JsonObject, dumps, loads

Run = Callable[..., sqlite3.Cursor]

_MOST_COUNTS = 8  # tries to find a radius that holds enough, when not all are wanted
_FIRST_REACH_KM, _FARTHEST_STEP = 5.0, 4.0
_LEAST, _WANTED, _ENOUGH = 1.08, 1.18, 1.4  # times what is wanted, in the circle
_FAR_FROM = 3  # times what is wanted
_CLOSE = 1.1  # too near and far enough: not worth another count
_LEAST_STEP = 1.08
_STEPS = 10_000_000  # of a degree: 1 cm, and 180° of them fit into the R*Tree's 32 bits
_AT_ONCE = 500  # rows asked for in one statement
_IN_RTREE = " WHERE north >= ? AND south <= ? AND east >= ? AND west <= ?"
_IN_INDEX = " WHERE latitude BETWEEN ? AND ? AND longitude BETWEEN ? AND ?"
_COUNT_RTREE, _COUNT_INDEX = "SELECT count(*) FROM place", "SELECT count(*) FROM location"
# one statement for place and row: two would cost more than all the rest
_FROM_RTREE = " FROM place CROSS JOIN location l ON l.row = place.row"
_PLACES_RTREE = "SELECT south, west, l.id, l.row, l.fetched_at" + _FROM_RTREE
_PLACES_INDEX = "SELECT latitude, longitude, id, row, fetched_at FROM location"
_OFFERS_RTREE = "SELECT south, west, l.id, l.row, l.fetched_at, l.offers" + _FROM_RTREE
_OFFERS_INDEX = "SELECT latitude, longitude, id, row, fetched_at, offers FROM location"
_CONTENT = "SELECT row, raw, checksum FROM content WHERE row IN "
_KNOWN = "SELECT l.id, l.fetched_at, c.raw, c.checksum FROM location l JOIN content c USING(row)"


@dataclass(frozen=True, slots=True)
class Entry:
    """A location to remember; degrees, `raw` as the server gave it. `offers` is what can be asked
    of it without reading `raw`, in the words of whoever asks (see `Directory.spots`)."""

    location_id: str
    latitude: float
    longitude: float
    name: str
    cpo_name: str
    city: str
    raw: JsonObject
    offers: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """A remembered location. `raw` is read when asked for, since most of a list never is."""

    location_id: str
    fetched_at: datetime
    content: bytes
    checksum: int

    @property
    def raw(self) -> JsonObject:
        """The server's object; only its `location_id` where the disk damaged the rest."""
        try:
            read = loads(self.content) if zlib.crc32(self.content) == self.checksum else None
        except (ValueError, TypeError):
            read = None
        return read if isinstance(read, dict) else {"location_id": self.location_id}


@dataclass(frozen=True, slots=True)
class Spots:
    """Where remembered locations are, nearest first: `km` from the point that was asked about,
    `ids`, `rows` in the directory, and `at` when they were fetched (microseconds since 1970). What
    they are says `Directory.read`. In columns, since each question finds hundreds."""

    km: Sequence[float] = ()
    ids: Sequence[str] = ()
    rows: Sequence[int] = ()
    at: Sequence[int] = ()

    def __len__(self) -> int:
        return len(self.ids)

    def part(self, begin: int, end: int | None = None) -> Spots:
        """Those from `begin` to before `end`."""
        here = slice(begin, end)
        return Spots(self.km[here], self.ids[here], self.rows[here], self.at[here])


@dataclass(frozen=True, slots=True)
class Seen(Known):
    """A remembered location at `km` from the point that was asked about."""

    km: float


def spots_of(found: Sequence[Spot]) -> Spots:
    return Spots(*zip(*found, strict=True))


Line = tuple[str, tuple[float, float], str, str, bytes]  # id, place, words, offers, content
Offers = Callable[[str], bool]


def line(entry: Entry) -> Line:
    """`entry` as it is written: made before the file is touched, so that a value which is no JSON
    is not taken for a damaged file. Places are kept to the centimetre, the same in the table and in
    the index, so that a distance is the same wherever it is computed from."""
    text = words.folded(entry.name, entry.cpo_name, entry.city, entry.location_id)
    place = (_steps(entry.latitude) / _STEPS, _steps(entry.longitude) / _STEPS)
    return entry.location_id, place, text, entry.offers, dumps(entry.raw).encode()


def _steps(degrees: float) -> int:
    return round(degrees * _STEPS)


def _step(count: float, limit: int) -> float:
    """How much farther to look where `count` are within reach; less than 1 for nearer."""
    step = min(sqrt(_WANTED * limit / (count + 1)), _FARTHEST_STEP)
    return step if step < 1 else max(step, _LEAST_STEP)


def _corners(box: Box, steps: int) -> tuple[float, float, float, float]:
    return box.south * steps, box.north * steps, box.west * steps, box.east * steps


class Question(NamedTuple):
    """For the nearest `limit` (None for all) within `radius_km` of a place in degrees, fetched no
    later than `latest`, whose `Entry.offers` pass `offers`."""

    latitude: float
    longitude: float
    radius_km: float
    latest: int
    limit: int | None
    offers: Offers | None


class Rows:
    """What is asked of one connection within one call."""

    def __init__(self, connection: sqlite3.Connection, features: Features) -> None:
        self._run, self._define = connection.execute, connection.create_function
        self._features = features
        self.degree = _STEPS if features.rtree else 1  # in how many parts of one the index counts

    def add(self, lines: Iterable[Line], at: int, latest: int) -> int:
        return sum(self._put(line, at, latest) for line in lines)

    def _put(self, line: Line, at: int, latest: int) -> bool:
        location_id, place, text, offers, content = line
        old = self._run(
            "SELECT row, words, latitude, longitude, fetched_at"
            " FROM location LEFT JOIN content USING(row) WHERE id = ?",
            (location_id,),
        ).fetchone()
        if old is None:
            row = self._run(
                "INSERT INTO location(id, latitude, longitude, fetched_at, offers)"
                " VALUES (?,?,?,?,?)",
                (location_id, *place, at, offers),
            ).lastrowid
        elif at < old[4] <= latest:
            return False
        else:
            row = old[0]
            self._run(
                "UPDATE location SET latitude = ?, longitude = ?, fetched_at = ?, offers = ?"
                " WHERE row = ?",
                (*place, at, offers, row),
            )
        self._run(
            "INSERT OR REPLACE INTO content VALUES (?,?,?,?)",
            (row, text, zlib.crc32(content), content),
        )
        if old is None or old[2:4] != place:
            self._index_place(row, *place)
        if old is None or old[1] != text:
            self._index_words(row, old and old[1], text)
        return True

    def _index_place(self, row: int | None, latitude: float, longitude: float) -> None:
        if self._features.rtree:
            north, east = _steps(latitude), _steps(longitude)
            self._run(
                "INSERT OR REPLACE INTO place VALUES (?,?,?,?,?)", (row, north, north, east, east)
            )

    def _index_words(self, row: int | None, old: str | None, new: str | None) -> None:
        if not self._features.fts5:
            return
        if old is not None:
            self._run("INSERT INTO word(word, rowid, words) VALUES ('delete',?,?)", (row, old))
        if new is not None:
            self._run("INSERT INTO word(rowid, words) VALUES (?,?)", (row, new))

    def add_area(self, row: tuple[float, float, float, str, bool, int], latest: int) -> int:
        return self._run(
            "INSERT INTO area"
            "(latitude, longitude, radius_km, filter_key, complete, fetched_at)"
            " VALUES (?,?,?,?,?,?)"
            " ON CONFLICT(latitude, longitude, radius_km, filter_key, complete)"
            " DO UPDATE SET fetched_at = excluded.fetched_at"
            " WHERE excluded.fetched_at > fetched_at OR fetched_at > ?",
            (*row, latest),
        ).rowcount

    def near(self, asked: Question) -> Spots:
        reach, limit = asked.radius_km, asked.limit or 0
        if limit and asked.offers is None:
            reach = self._reach(asked.latitude, asked.longitude, reach, limit)
        while True:
            spots = self._spots(asked._replace(radius_km=reach))
            if reach >= asked.radius_km or len(spots) >= limit:
                return spots
            # they stand thinner here than around
            reach = min(reach * _step(len(spots), limit), asked.radius_km)

    def _reach(self, latitude: float, longitude: float, radius_km: float, limit: int) -> float:
        """How far to look for the nearest `limit`: a few from the midst of many are found without
        looking at the many. Counting in the index costs a tenth of reading from it, and least
        where there is little: so it begins near."""
        near, reach, far = 0.0, min(_FIRST_REACH_KM, radius_km), radius_km
        for _again in range(_MOST_COUNTS):
            count = self._about(latitude, longitude, reach, limit)
            if count < _LEAST * limit:
                near = reach
            else:
                far = reach
            if far <= near * _CLOSE or _LEAST * limit <= count <= _ENOUGH * limit:
                break
            guess = reach * _step(count, limit)
            if guess >= far == radius_km:
                break
            # where they stand in clusters a guess misses: then half of the way, as ratios go
            reach = guess if near < guess < far else sqrt(max(near, reach / _FARTHEST_STEP) * far)
        return far

    def _about(self, latitude: float, longitude: float, radius_km: float, limit: int) -> float:
        """How many are about in a circle: all in the box within it, and of those between that one
        and the box around it the part that the circle has of the room. Where the number is far
        from `limit` the box around it tells enough."""
        around = self._count(latitude, longitude, radius_km)
        if not limit <= around <= _FAR_FROM * limit:
            return around * pi / 4
        within = self._count(latitude, longitude, radius_km * sqrt(0.5))
        return within + (around - within) * (pi / 2 - 1)

    def _count(self, latitude: float, longitude: float, radius_km: float) -> int:
        sql = self._sql(_COUNT_RTREE, _COUNT_INDEX)
        around = self._boxes(latitude, longitude, radius_km)
        return sum(int(self._run(sql, box).fetchone()[0]) for box in around)

    def _sql(self, rtree: str, index: str) -> str:
        return rtree + _IN_RTREE if self._features.rtree else index + _IN_INDEX

    def _boxes(
        self, latitude: float, longitude: float, radius_km: float
    ) -> list[tuple[float, float, float, float]]:
        return [_corners(box, self.degree) for box in boxes(latitude, longitude, radius_km)]

    def _spots(self, asked: Question) -> Spots:
        """Equally far ones are in the order of their ids."""
        latitude, longitude, radius_km, latest, limit, offers = asked
        sql = self._sql(_PLACES_RTREE, _PLACES_INDEX) + " AND fetched_at <= ?"
        if offers is not None:
            # asked within SQLite: to hand over what does not fit costs three times as much
            self._define("fits", 1, offers, deterministic=True)
            sql += " AND fits(offers)"
        found = [
            one
            for box in self._boxes(latitude, longitude, radius_km)
            for one in within(
                latitude, longitude, radius_km, self._run(sql, (*box, latest)), self.degree
            )
        ]
        return spots_of(sorted(found)[:limit])

    def within(self, box: Box) -> sqlite3.Cursor:
        """Place, id, row, time and offers of all in `box`, also of what is not believed."""
        return self._run(self._sql(_OFFERS_RTREE, _OFFERS_INDEX), _corners(box, self.degree))

    def _rows_of(self, sql: str, rows: Collection[int]) -> Iterator[tuple[Any, ...]]:
        """`sql` for `rows`: one statement for many, since one for each would take longer than
        everything else."""
        return self._run(f"{sql}({','.join('?' * len(rows))})", (*rows,))

    def read(self, spots: Spots) -> list[Seen]:
        """What is at `spots`, in their order."""
        kept: dict[int, tuple[bytes, int]] = {}
        for begin in range(0, len(spots), _AT_ONCE):
            part = spots.rows[begin : begin + _AT_ONCE]
            kept |= {row: (raw, check) for row, raw, check in self._rows_of(_CONTENT, part)}
        gone = (b"", -1)
        return [
            Seen(location_id, from_number(at), *kept.get(row, gone), km)
            for km, location_id, row, at in zip(
                spots.km, spots.ids, spots.rows, spots.at, strict=True
            )
        ]

    def get(self, location_id: str, latest: int) -> Known | None:
        sql = f"{_KNOWN} WHERE l.id = ? AND l.fetched_at <= ?"
        row = self._run(sql, (location_id, latest)).fetchone()
        return None if row is None else _known(*row)

    def find(self, text: str, latest: int, limit: int) -> list[Known]:
        """Whole words come before beginnings; ranking further (bm25) would read every match."""
        if not self._features.fts5:
            return self._find_like(words.like(text), latest, limit)
        sql = (
            f"{_KNOWN} JOIN word w ON w.rowid = l.row"
            " WHERE w.word MATCH ? AND l.fetched_at <= ? LIMIT ?"
        )
        found: dict[str, Known] = {}
        for whole in (True, False):
            query = words.match(text, whole)
            if query and len(found) < limit:
                for row in self._run(sql, (query, latest, limit)):
                    found.setdefault(row[0], _known(*row))
        return list(found.values())[:limit]

    def _find_like(self, patterns: list[str], latest: int, limit: int) -> list[Known]:
        if not patterns:
            return []
        tests = " AND ".join(["c.words LIKE ? ESCAPE '\\'"] * len(patterns))
        sql = f"{_KNOWN} WHERE {tests} AND l.fetched_at <= ? LIMIT ?"
        return [_known(*row) for row in self._run(sql, (*patterns, latest, limit))]

    def prune(self, before: int, spared: Container[str]) -> int:
        """Deletes what is older; the number of locations that went."""
        old = self._run(
            "SELECT row, id, words FROM location LEFT JOIN content USING(row) WHERE fetched_at < ?",
            (before,),
        ).fetchall()
        gone = [(row, text) for row, location_id, text in old if location_id not in spared]
        for row, text in gone:
            self._index_words(row, text, None)
            if self._features.rtree:
                self._run("DELETE FROM place WHERE row = ?", (row,))
            self._run("DELETE FROM content WHERE row = ?", (row,))
            self._run("DELETE FROM location WHERE row = ?", (row,))
        self._run("DELETE FROM area WHERE fetched_at < ?", (before,))
        return len(gone)

    def clear(self) -> int:
        """Empties every table; the number of locations that went."""
        count = int(self._run("SELECT count(*) FROM location").fetchone()[0])
        if self._features.fts5:
            self._run("INSERT INTO word(word) VALUES ('delete-all')")
        if self._features.rtree:
            self._run("DELETE FROM place")
        for table in ("DELETE FROM content", "DELETE FROM location", "DELETE FROM area"):
            self._run(table)
        return count


def _known(location_id: str, fetched_at: int, content: bytes, checksum: int) -> Known:
    return Known(location_id, from_number(fetched_at), content, checksum)
