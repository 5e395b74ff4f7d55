"""Where a sandbox keeps its bookings: one SQLite file, or memory where no folder was named.

Several sandboxes may share a folder: whatever must be decided together (is the EVSE free, has
the group money left) happens in one `BEGIN IMMEDIATE` transaction. `synchronous=OFF` because a
sandbox must survive its own end, not that of the machine.
"""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from pm_tui.sandbox.lifecycle import Script, Status
from pm_tui.sandbox.wire import from_ms, to_ms

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS usage (month TEXT PRIMARY KEY, requests INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS bookings (
  id TEXT PRIMARY KEY, created INTEGER NOT NULL, starts INTEGER NOT NULL, ends INTEGER NOT NULL,
  evse_uid TEXT NOT NULL, group_id TEXT, origin TEXT NOT NULL,
  request TEXT NOT NULL, details TEXT NOT NULL, script TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS by_created ON bookings (created);
CREATE INDEX IF NOT EXISTS by_evse ON bookings (evse_uid, starts);
CREATE INDEX IF NOT EXISTS by_group ON bookings (group_id, created);
"""


@dataclass(frozen=True, slots=True)
class Booking:
    """`request` is the caller's, echoed; `details` is what the gateway added (JSON values)."""

    id: str
    created: datetime
    starts: datetime
    ends: datetime
    evse_uid: str
    group_id: str | None
    request: dict[str, Any]
    details: dict[str, Any]
    script: Script
    origin: str = "api"  # or "history"

    def status(self, now: datetime) -> Status:
        return self.script.current(now).status

    def price(self, now: datetime) -> Decimal | None:
        """The estimate until the session is over, then what it really cost."""
        key = "final_price" if self.status(now) is Status.COMPLETED else "estimated_price"
        value = self.details[key]
        return None if value is None else Decimal(value)

    def with_script(self, script: Script) -> Booking:
        return replace(self, script=script)


class Store:
    """Blocking, for one thread. Raises `sqlite3.Error` or `OSError` when a folder is unusable."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        path = ":memory:" if folder is None else str(private_file(folder, "sandbox.db"))
        self._db = sqlite3.connect(path, timeout=10, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=DELETE")
        self._db.execute("PRAGMA synchronous=OFF")
        with self.transaction():
            for statement in _SCHEMA.split(";"):
                self._db.execute(statement)

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):  # a full disk rolls back by itself
                self._db.execute("ROLLBACK")
            raise

    def meta(self, name: str) -> str | None:
        row = self._db.execute("SELECT value FROM meta WHERE name=?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def set_meta(self, name: str, value: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    def api_key(self) -> str:
        """The folder's key; a new one for a new folder, and for every run without a folder."""
        return self._secret("api_key")

    def home_secret(self) -> str:
        """The secret of the client that asks for home chargers, kept like the key."""
        return self._secret("home_secret")

    def _secret(self, name: str) -> str:
        fresh = "pm_sandbox_" + secrets.token_hex(20)
        with self.transaction():
            self._db.execute("INSERT OR IGNORE INTO meta VALUES (?, ?)", (name, fresh))
            return self.meta(name) or fresh

    def count_request(self, month: str) -> int:
        """Count one request of `month` (`2026-02`, UTC); the number so far, this one included."""
        row = self._db.execute(
            "INSERT INTO usage VALUES (?, 1) ON CONFLICT (month) DO UPDATE"
            " SET requests = requests + 1 RETURNING requests",
            (month,),
        ).fetchall()
        return int(row[0][0])

    def requests(self, month: str) -> int:
        row = self._db.execute("SELECT requests FROM usage WHERE month=?", (month,)).fetchone()
        return 0 if row is None else int(row[0])

    def set_requests(self, month: str, number: int) -> None:
        self._db.execute("INSERT OR REPLACE INTO usage VALUES (?, ?)", (month, number))

    def insert(self, bookings: Iterable[Booking]) -> None:
        self._db.executemany(
            "INSERT INTO bookings VALUES (?,?,?,?,?,?,?,?,?,?)", map(_to_row, bookings)
        )

    def set_script(self, booking_id: str, script: Script) -> None:
        text = json.dumps(script.dump())
        self._db.execute("UPDATE bookings SET script=? WHERE id=?", (text, booking_id))

    def get(self, booking_id: str) -> Booking | None:
        return next(self._select("id=?", booking_id), None)

    def created_between(self, first: datetime | None, last: datetime | None) -> Iterator[Booking]:
        """Newest first, both ends included (contract/agent-api.md §15)."""
        low = 0 if first is None else to_ms(first) + (first.microsecond % 1000 > 0)
        high = 1 << 62 if last is None else to_ms(last)
        return self._select("created BETWEEN ? AND ? ORDER BY created DESC, id", low, high)

    def on_evse(self, evse_uid: str, starts: datetime, ends: datetime) -> Iterator[Booking]:
        """Bookings, dead ones too, whose window touches `[starts, ends)` on one EVSE."""
        return self._select(
            "evse_uid=? AND starts<? AND ends>?", evse_uid, to_ms(ends), to_ms(starts)
        )

    def within(self, starts: datetime, ends: datetime) -> Iterator[Booking]:
        """The same for all EVSEs."""
        return self._select("starts<? AND ends>?", to_ms(ends), to_ms(starts))

    def of_group(self, group_id: str, since: datetime) -> Iterator[Booking]:
        return self._select("group_id=? AND created>=?", group_id, to_ms(since))

    def size(self) -> int:
        return int(self._db.execute("SELECT count(*) FROM bookings").fetchone()[0])

    def _select(self, where: str, *values: object) -> Iterator[Booking]:
        # `where` is one of the constants above, never a caller's text
        rows = self._db.execute(f"SELECT * FROM bookings WHERE {where}", values)  # noqa: S608
        # all at once: a reader that stops half-way would hold a lock against other sandboxes
        yield from map(_from_row, rows.fetchall())


def private_file(folder: Path, name: str) -> Path:
    """A file only its owner can read, made in time: SQLite's own would follow the umask."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / name
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    return path


def _to_row(booking: Booking) -> tuple[object, ...]:
    return (
        booking.id,
        to_ms(booking.created),
        to_ms(booking.starts),
        to_ms(booking.ends),
        booking.evse_uid,
        booking.group_id,
        booking.origin,
        json.dumps(booking.request),
        json.dumps(booking.details),
        json.dumps(booking.script.dump()),
    )


def _from_row(row: tuple[Any, ...]) -> Booking:
    return Booking(
        id=row[0],
        created=from_ms(row[1]),
        starts=from_ms(row[2]),
        ends=from_ms(row[3]),
        evse_uid=row[4],
        group_id=row[5],
        origin=row[6],
        request=json.loads(row[7]),
        details=json.loads(row[8]),
        script=Script.load(json.loads(row[9])),
    )
