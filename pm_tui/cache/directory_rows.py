"""The SQL of the charger directory. Times are microseconds since 1970, `latest` is the last one
that is believed; faults of SQLite pass through to the caller."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from pm_tui.cache import words
from pm_tui.cache.directory_file import Features
from pm_tui.cache.moments import from_number
from pm_tui.cache.sphere import HALF_ROUND_KM, Box, boxes, distances_from
from pm_tui.models.json import JsonObject, dumps, loads

Run = Callable[..., sqlite3.Cursor]

_FIRST_CIRCLE_KM = 2.0
_PARTS = (0.15, 0.4, 1.0)  # of a radius, when not all within it are wanted
_BY_RTREE = (
    "SELECT l.row, l.id, l.latitude, l.longitude, l.fetched_at"
    " FROM place p JOIN location l ON l.row = p.row"
    " WHERE p.north >= ? AND p.south <= ? AND p.east >= ? AND p.west <= ? AND l.fetched_at <= ?"
)
_BY_INDEX = (
    "SELECT row, id, latitude, longitude, fetched_at FROM location"
    " WHERE latitude BETWEEN ? AND ? AND longitude BETWEEN ? AND ? AND fetched_at <= ?"
)
_KNOWN = "SELECT l.id, l.fetched_at, c.raw, c.checksum FROM location l JOIN content c USING(row)"


@dataclass(frozen=True, slots=True)
class Entry:
    """A location to remember; degrees, `raw` as the server gave it."""

    location_id: str
    latitude: float
    longitude: float
    name: str
    cpo_name: str
    city: str
    raw: JsonObject


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
class Seen(Known):
    """A remembered location at `km` from the point that was asked about."""

    km: float


Line = tuple[str, tuple[float, float], str, bytes]  # id, place, words, content
Hit = tuple[float, str, int, int]  # km, id, row, fetched_at: sorts by distance; thousands of them


def line(entry: Entry) -> Line:
    """`entry` as it is written: made before the file is touched, so that a value which is no JSON
    is not taken for a damaged file."""
    text = words.folded(entry.name, entry.cpo_name, entry.city, entry.location_id)
    place = (float(entry.latitude), float(entry.longitude))
    return entry.location_id, place, text, dumps(entry.raw).encode()


class Rows:
    """What is asked of one connection within one call."""

    def __init__(self, run: Run, features: Features) -> None:
        self._run = run
        self._features = features

    def add(self, lines: Iterable[Line], at: int, latest: int) -> int:
        return sum(self._put(line, at, latest) for line in lines)

    def _put(self, line: Line, at: int, latest: int) -> bool:
        location_id, place, text, content = line
        old = self._run(
            "SELECT row, words, latitude, longitude, fetched_at FROM location WHERE id = ?",
            (location_id,),
        ).fetchone()
        if old is None:
            row = self._run(
                "INSERT INTO location(id, latitude, longitude, words, fetched_at)"
                " VALUES (?,?,?,?,?)",
                (location_id, *place, text, at),
            ).lastrowid
        elif at < old[4] <= latest:
            return False
        else:
            row = old[0]
            self._run(
                "UPDATE location SET latitude = ?, longitude = ?, words = ?, fetched_at = ?"
                " WHERE row = ?",
                (*place, text, at, row),
            )
        self._run(
            "INSERT OR REPLACE INTO content VALUES (?,?,?)", (row, content, zlib.crc32(content))
        )
        if old is None or old[2:4] != place:
            self._index_place(row, *place)
        if old is None or old[1] != text:
            self._index_words(row, old and old[1], text)
        return True

    def _index_place(self, row: int | None, latitude: float, longitude: float) -> None:
        if self._features.rtree:
            self._run(
                "INSERT OR REPLACE INTO place VALUES (?,?,?,?,?)",
                (row, latitude, latitude, longitude, longitude),
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

    def near(
        self, latitude: float, longitude: float, radius_km: float, latest: int, limit: int | None
    ) -> list[Seen]:
        hits: list[Hit] = []
        # a few from the midst of many are found without looking at the many
        for part in _PARTS if limit is not None else (1.0,):
            hits = self._hits(latitude, longitude, radius_km * part, latest)
            if limit is not None and len(hits) >= limit:
                break
        return self._seen(hits[:limit])

    def nearest(self, latitude: float, longitude: float, n: int, latest: int) -> list[Seen]:
        radius = _FIRST_CIRCLE_KM
        hits = self._hits(latitude, longitude, radius, latest)
        while len(hits) < n and radius < HALF_ROUND_KM:
            radius *= 4
            hits = self._hits(latitude, longitude, radius, latest)
        return self._seen(hits[:n])

    def _hits(self, latitude: float, longitude: float, radius_km: float, latest: int) -> list[Hit]:
        distance = distances_from(latitude, longitude)
        hits: list[Hit] = []
        for box in boxes(latitude, longitude, radius_km):
            for row, location_id, lat, lng, at in self._within(box, latest):
                km = distance(lat, lng)
                if km <= radius_km:
                    hits.append((km, location_id, row, at))
        hits.sort()
        return hits

    def _within(self, box: Box, latest: int) -> Iterator[tuple[int, str, float, float, int]]:
        sql = _BY_RTREE if self._features.rtree else _BY_INDEX
        return self._run(sql, (box.south, box.north, box.west, box.east, latest))

    def _seen(self, hits: Iterable[Hit]) -> list[Seen]:
        found = []
        for km, location_id, row, at in hits:
            kept = self._run("SELECT raw, checksum FROM content WHERE row = ?", (row,)).fetchone()
            content, checksum = kept or (b"", -1)
            found.append(Seen(location_id, from_number(at), content, checksum, km))
        return found

    def get(self, location_id: str, latest: int) -> list[Known]:
        sql = f"{_KNOWN} WHERE l.id = ? AND l.fetched_at <= ?"
        return [_known(*row) for row in self._run(sql, (location_id, latest))]

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
        tests = " AND ".join(["l.words LIKE ? ESCAPE '\\'"] * len(patterns))
        sql = f"{_KNOWN} WHERE {tests} AND l.fetched_at <= ? LIMIT ?"
        return [_known(*row) for row in self._run(sql, (*patterns, latest, limit))]

    def prune(self, before: int, spared: Container[str]) -> int:
        """Deletes what is older; the number of locations that went."""
        old = self._run(
            "SELECT row, id, words FROM location WHERE fetched_at < ?", (before,)
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


def _known(location_id: str, fetched_at: int, content: bytes, checksum: int) -> Known:
    return Known(location_id, from_number(fetched_at), content, checksum)
