"""The bookings of closed and open periods for reports, in columns that can be summed.

Everything in it can be asked again, so damage costs a new reading and no more. What was read is
known in *parts*: stretches of creation time whose bookings are all here, and when that was so. A
report is summed by SQLite; a booking's own words are kept beside, for when its row is opened.

Money is whole millionths: exact for what a currency has, and free of a float's noise.
For one thread at a time; several processes may share the file.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeVar

from pm_tui.cache import faults
from pm_tui.cache.disk import JOURNAL_MODE
from pm_tui.cache.folders import private_folder
from pm_tui.cache.moments import Clock, from_number, to_number
from pm_tui.models.json import JsonObject, dumps, loads

T = TypeVar("T")

NAME = "reports-1.db"
MICRO = 1_000_000
QUARTER = 900 * 1_000_000  # no zone is off UTC by less than a quarter of an hour
FAULTS = (sqlite3.Error, OSError, ValueError, TypeError)
_SETTINGS = (
    "trusted_schema=OFF",
    "mmap_size=0",
    "cache_size=-16000",
    "temp_store=MEMORY",
    "synchronous=NORMAL",
)
COMPANIONS = ("-journal", "-wal", "-shm")

Column = Literal[
    "department", "employee", "driver", "team", "operator", "city", "status", "created"
]

_SCHEMA = """
CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE part(
  since INTEGER NOT NULL, until INTEGER NOT NULL, read_at INTEGER NOT NULL,
  odd INTEGER NOT NULL, PRIMARY KEY(since, until));
CREATE TABLE booking(
  created INTEGER NOT NULL, id TEXT NOT NULL, dated INTEGER NOT NULL, final INTEGER NOT NULL,
  status TEXT NOT NULL, price INTEGER, currency TEXT, department TEXT NOT NULL,
  employee TEXT NOT NULL, driver TEXT NOT NULL, team TEXT NOT NULL, operator TEXT NOT NULL,
  city TEXT NOT NULL, PRIMARY KEY(created, id)) WITHOUT ROWID;
CREATE UNIQUE INDEX booking_id ON booking(id);
CREATE TABLE content(id TEXT PRIMARY KEY, raw TEXT NOT NULL) WITHOUT ROWID
"""


@dataclass(frozen=True, slots=True)
class Part:
    """Whole: at `read_at` the gateway had told all bookings created from `since` to `until`, both
    included. `odd` counts rows of it that could not be read or were not asked for. Times UTC."""

    since: datetime
    until: datetime
    read_at: datetime
    odd: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """A booking as it is summed. `price` in millionths of `currency`. The texts from `department`
    on are keys as `services.report` makes them. `dated` is false where no creation was told."""

    id: str
    created: datetime
    dated: bool
    final: bool
    status: str
    price: int | None
    currency: str | None
    department: str
    employee: str
    driver: str
    team: str
    operator: str
    city: str
    raw: JsonObject


@dataclass(frozen=True, slots=True)
class Sum:
    """Bookings of one key (of `created`: a quarter of an hour since 1970, None for undated ones) in
    one currency; those without a price are counted under the currency that they tell."""

    key: Any
    currency: str | None
    bookings: int
    unpriced: int
    total: int


class Scanned(NamedTuple):
    """A booking's columns, as in `Entry`, with its own words."""

    id: str
    status: str
    price: int | None
    currency: str | None
    department: str
    employee: str
    driver: str
    team: str
    raw: JsonObject


class ReportStore:
    """Never raises for a disk that is full, damaged or not ours: memory takes its place then."""

    def __init__(self, folder: Path | None, notices: faults.Notices, clock: Clock) -> None:
        self._path = folder and folder / NAME
        self._notices, self._clock = notices, clock
        self._inode: int | None = None
        self._db: sqlite3.Connection | None = None  # opened when a report is first wanted

    # -- what is known -------------------------------------------------------

    def parts(self, since: datetime, until: datetime) -> list[Part]:
        """The parts that touch the range, the earliest first."""
        rows = self._do(
            lambda db: db.execute(
                "SELECT since, until, read_at, odd FROM part WHERE until > ? AND since < ?"
                " ORDER BY since, until",
                (to_number(since), to_number(until)),
            ).fetchall()
        )
        return [
            Part(from_number(a), from_number(b), from_number(at), odd) for a, b, at, odd in rows
        ]

    def open_within(self, part: Part) -> bool:
        """Whether a booking of the part may still change."""
        found = self._do(
            lambda db: db.execute(
                "SELECT 1 FROM booking WHERE created >= ? AND created <= ? AND final = 0 LIMIT 1",
                (to_number(part.since), to_number(part.until)),
            ).fetchone()
        )
        return found is not None

    def keep(self, part: Part, entries: Sequence[Entry]) -> None:
        """A part as it was just read, in place of all that was known of its time."""
        since, until = to_number(part.since), to_number(part.until)
        rows = [_row(one) for one in entries]
        raws = [(one.id, dumps(one.raw)) for one in entries]

        def write(db: sqlite3.Connection) -> None:
            db.execute(
                "DELETE FROM content WHERE id IN"
                " (SELECT id FROM booking WHERE created >= ? AND created < ?)",
                (since, until),
            )
            db.execute("DELETE FROM booking WHERE created >= ? AND created < ?", (since, until))
            marks = ", ".join("?" * 13)
            db.executemany(f"INSERT OR REPLACE INTO booking VALUES ({marks})", rows)  # noqa: S608
            db.executemany("INSERT OR REPLACE INTO content VALUES (?, ?)", raws)
            db.execute("DELETE FROM part WHERE since >= ? AND until <= ?", (since, until))
            db.execute(
                "INSERT INTO part VALUES (?, ?, ?, ?)",
                (since, until, to_number(part.read_at), part.odd),
            )

        self._do(write, writes=True)

    def touch(self, parts: Iterable[Part], read_at: datetime) -> None:
        """What was looked at again and found the same is as new as that look."""
        at = to_number(read_at)
        rows = [(to_number(one.since), to_number(one.until), at, one.odd) for one in parts]

        sql = "INSERT OR REPLACE INTO part VALUES (?, ?, ?, ?)"
        self._do(lambda db: db.executemany(sql, rows), writes=True)

    def forget(self, since: datetime, until: datetime) -> None:
        """Forget the parts that touch the range; what lies in them stays until it is read again."""
        span = (to_number(since), to_number(until))
        self._do(
            lambda db: db.execute("DELETE FROM part WHERE until > ? AND since < ?", span),
            writes=True,
        )

    # -- what is asked -------------------------------------------------------

    def sums(
        self, column: Column, since: datetime, until: datetime, status: str | None
    ) -> list[Sum]:
        """Bookings created in the half-open range, summed by `column`."""
        key: str = column
        if column == "created":
            key = f"CASE WHEN dated THEN created / {QUARTER} END"
        rows = self._do(
            lambda db: db.execute(
                f"SELECT {key}, currency, count(*), count(*) - count(price), sum(price)"  # noqa: S608
                " FROM booking WHERE created >= ?1 AND created < ?2"
                " AND (?3 IS NULL OR status = ?3) GROUP BY 1, 2",
                (to_number(since), to_number(until), status),
            ).fetchall()
        )
        return [
            Sum(key, currency, n, unpriced, total or 0)
            for key, currency, n, unpriced, total in rows
        ]

    def undated(self, since: datetime, until: datetime) -> int:
        """How many bookings of the range told no time of creation."""
        span = (to_number(since), to_number(until))
        sql = "SELECT count(*) FROM booking WHERE created >= ? AND created < ? AND dated = 0"
        return int(self._do(lambda db: db.execute(sql, span).fetchone()[0]))

    def bookings(
        self,
        since: datetime,
        until: datetime,
        status: str | None = None,
        column: Column | None = None,
        key: str | None = None,
    ) -> list[JsonObject]:
        """The bookings themselves, as they were told, the earliest first."""
        where = "" if column is None else f" AND {column} = ?4"
        values = (to_number(since), to_number(until), status, *([] if column is None else [key]))
        rows = self._do(
            lambda db: db.execute(
                "SELECT raw FROM booking JOIN content USING (id) WHERE created >= ?1"  # noqa: S608
                f" AND created < ?2 AND (?3 IS NULL OR status = ?3){where} ORDER BY created, id",
                values,
            ).fetchall()
        )
        return [loads(text.encode()) for (text,) in rows]

    def scan(
        self, since: datetime, until: datetime, make: Callable[[Scanned], T], *, words: bool = True
    ) -> list[T]:
        """What `make` makes of every booking created in the half-open range, the earliest first.
        Without `words`, which take most of the time, `raw` is empty."""
        raw, join = ("raw", " JOIN content USING (id)") if words else ("'{}'", "")

        def read(db: sqlite3.Connection) -> list[T]:
            rows = db.execute(
                f"SELECT id, status, price, currency, department, employee, driver, team, {raw}"  # noqa: S608
                f" FROM booking{join} WHERE created >= ? AND created < ? ORDER BY created, id",
                (to_number(since), to_number(until)),
            )
            told = loads if words else lambda _words: {}
            return [make(Scanned(*(*row[:-1], told(row[-1].encode())))) for row in rows]

        return self._do(read)

    def known(self, ids: Sequence[str]) -> dict[str, JsonObject]:
        """Of these bookings, those that are known, as they were told."""

        def read(db: sqlite3.Connection) -> dict[str, JsonObject]:
            found = {}
            sql = "SELECT raw FROM content WHERE id = ?"
            for one in ids:
                if (row := db.execute(sql, (one,)).fetchone()) is not None:
                    found[one] = loads(row[0].encode())
            return found

        return self._do(read)

    def read_again(self, key: str, entry_of: Callable[[JsonObject, datetime], Entry]) -> None:
        """Make every row anew where the patterns of references are not those it was made with."""

        def look(db: sqlite3.Connection) -> bool:
            row = db.execute("SELECT value FROM meta WHERE name = 'patterns'").fetchone()
            return row is not None and row[0] == key

        if self._do(look):
            return

        def write(db: sqlite3.Connection) -> None:
            rows = db.execute("SELECT id, created, raw FROM booking JOIN content USING (id)")
            changed = []
            for booking_id, created, raw in rows.fetchall():
                one = entry_of(loads(raw.encode()), from_number(created))
                changed.append((one.department, one.employee, one.driver, one.team, booking_id))
            db.executemany(
                "UPDATE booking SET department=?, employee=?, driver=?, team=? WHERE id=?", changed
            )
            db.execute("INSERT OR REPLACE INTO meta VALUES ('patterns', ?)", (key,))

        self._do(write, writes=True)

    def close(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None

    # -- below ---------------------------------------------------------------

    def _do(self, work: Callable[[sqlite3.Connection], T], *, writes: bool = False) -> T:
        """Run `work`; a damaged file is made anew and one that cannot be written left for memory,
        and then `work` runs once more."""
        for again in (True, True, False):
            db = self._connection()
            try:
                if not writes:
                    return work(db)
                with _transaction(db):
                    return work(db)
            except FAULTS as fault:
                if not again or self._path is None:
                    raise
                self._failed(fault)
        raise AssertionError  # the loop returns or raises

    def _connection(self) -> sqlite3.Connection:
        if self._db is None and self._path is not None:
            try:
                self._db = self._connect(self._path)
            except FAULTS as fault:
                self._failed(fault)
                if self._path is not None:
                    try:
                        self._db = self._connect(self._path)
                    except FAULTS as second:
                        self._to_memory(second)
        if self._db is None:
            self._db = _prepared(_connected(":memory:"))
        return self._db

    def _failed(self, fault: Exception) -> None:
        path = self._path
        assert path is not None  # noqa: S101  (memory does not fail)
        self.close()
        if not faults.is_content(fault):
            self._to_memory(fault)
            return
        try:
            target = faults.set_aside(path, self._inode, self._clock(), COMPANIONS)
        except OSError as cannot:
            self._to_memory(cannot)
        else:
            self._notices.tell(faults.broken_notice(path, target))

    def _to_memory(self, fault: Exception) -> None:
        if self._path is not None:
            self._notices.tell(faults.memory_notice(self._path, fault))
        self._path = None

    def _connect(self, path: Path) -> sqlite3.Connection:
        private_folder(path.parent)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        self._inode = path.stat().st_ino
        db = _connected(path)
        try:
            return _prepared(db)
        except BaseException:
            db.close()
            raise


@contextmanager
def _transaction(db: sqlite3.Connection) -> Iterator[None]:
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    finally:
        if db.in_transaction:
            db.rollback()


def _connected(place: Path | str) -> sqlite3.Connection:
    return sqlite3.connect(place, timeout=5.0, isolation_level=None, check_same_thread=False)


def _prepared(db: sqlite3.Connection) -> sqlite3.Connection:
    run = db.execute
    for setting in _SETTINGS:
        run(f"PRAGMA {setting}")
    if run("PRAGMA user_version").fetchone()[0] == 0:
        run(f"PRAGMA journal_mode={JOURNAL_MODE}")
        with _transaction(db):
            if run("PRAGMA user_version").fetchone()[0] == 0:  # nobody was quicker
                for statement in _SCHEMA.split(";\n"):
                    run(statement)
                run("PRAGMA user_version=1")
    return db


def _row(one: Entry) -> tuple[Any, ...]:
    return (
        to_number(one.created), one.id, int(one.dated), int(one.final), one.status, one.price,
        one.currency, one.department, one.employee, one.driver, one.team, one.operator, one.city,
    )  # fmt: skip
