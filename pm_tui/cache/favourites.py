"""What a person wants to find again: chargers and searches, with notes. Never evicted.

Kept apart from the booking journal, so that trouble with one leaves the other alone, and in the
state folder, since cache folders get wiped.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from pm_tui.cache import faults
from pm_tui.cache.durable import DurableFile, Run
from pm_tui.cache.durable_open import STRICT, Shape, Unusable
from pm_tui.cache.moments import Clock, from_number, to_number
from pm_tui.models.json import JsonObject, dumps, loads

Kind = Literal["charger", "search"]
CHARGER: Kind = "charger"
SEARCH: Kind = "search"

_SHAPE = Shape(
    version=1,
    sql=f"""
CREATE TABLE favourite(
  kind TEXT NOT NULL CHECK(kind IN ('charger', 'search')), id TEXT NOT NULL CHECK(id <> ''),
  note TEXT NOT NULL, content BLOB NOT NULL, added_at INTEGER NOT NULL,
  UNIQUE(kind, id)) {STRICT};
""",
    tables=("favourite",),
)


class FavouritesUnavailable(Unusable):
    """A favourite could not be written; the text says why and names the file."""


@dataclass(frozen=True, slots=True)
class Favourite:
    """`id` is a location id or a query's key; `content` what is needed to show or ask it again
    without any cache (a location's raw object, a query's parameters)."""

    kind: Kind
    id: str
    note: str
    content: JsonObject
    added_at: datetime


class Favourites:
    """For one thread at a time. Reading never fails, and `problem` says why the last one found
    nothing ("" where there was nothing else); writing raises `FavouritesUnavailable`."""

    problem = ""

    def __init__(self, folder: Path, notices: faults.Notices, clock: Clock) -> None:
        self._clock = clock
        self._file = DurableFile(folder / "favourites.db", _SHAPE, notices, clock)

    def add(self, kind: Kind, id: str, note: str = "", content: JsonObject | None = None) -> None:  # noqa: A002
        """Keep a favourite; one that is kept already gets the new note, and content if given."""
        new = dumps(content or {}).encode()
        self._write(
            "INSERT INTO favourite(kind, id, note, content, added_at) VALUES (?,?,?,?,?)"
            " ON CONFLICT(kind, id) DO UPDATE SET note = excluded.note,"
            " content = iif(?, excluded.content, content)",
            (kind, id, note, new, to_number(self._clock()), content is not None),
        )

    def keep(self, many: Iterable[Favourite]) -> None:
        """Keep each as it is, in place of what was kept under its id; all of them or none."""
        rows = [
            (one.kind, one.id, one.note, dumps(one.content).encode(), to_number(one.added_at))
            for one in many
        ]

        def put(run: Run) -> None:
            for row in rows:
                run("INSERT OR REPLACE INTO favourite VALUES (?,?,?,?,?)", row)

        try:
            self._file.write(put)
        except Unusable as error:
            raise FavouritesUnavailable(str(error)) from error

    def remove(self, kind: Kind, id: str) -> bool:  # noqa: A002
        """Whether there was one."""
        return self._write("DELETE FROM favourite WHERE kind = ? AND id = ?", (kind, id)) > 0

    def all(self, kind: Kind | None = None) -> list[Favourite]:
        """The favourites, the first added first."""
        rows = self._read(
            "SELECT kind, id, note, content, added_at FROM favourite"
            " WHERE kind = ? OR ? IS NULL ORDER BY added_at, rowid",
            (kind, kind),
        )
        return [
            Favourite(row[0], row[1], row[2], _content(row[3]), from_number(row[4])) for row in rows
        ]

    def ids(self, kind: Kind) -> frozenset[str]:
        """The ids of a kind."""
        return frozenset(
            row[0] for row in self._read("SELECT id FROM favourite WHERE kind = ?", (kind,))
        )

    def close(self) -> None:
        self._file.close()

    def _write(self, sql: str, values: tuple[object, ...]) -> int:
        try:
            return self._file.write(lambda run: int(run(sql, values).rowcount))
        except Unusable as error:
            raise FavouritesUnavailable(str(error)) from error

    def _read(self, sql: str, values: tuple[object, ...]) -> list[tuple[Any, ...]]:
        try:
            rows = self._file.read(lambda run: list(run(sql, values)))
        except Unusable as error:
            self.problem = str(error)
            return []
        self.problem = (self._file.problem or "") if self._file.unread else ""
        return rows


def _content(text: bytes) -> JsonObject:
    try:
        read = loads(text)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}
