"""What all windows, verbs and cron jobs of one account on this host know together: the requests of
the last minute, the month's count, a 429 that one of them met, who reads the list now, what was
read last.

A small SQLite file that outlives nobody's need: nothing in it is worth a sync or a repair. Times
are seconds since 1970 (UTC), by this host's one clock. For one worker thread; several processes.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pm_tui.cache import claimer, told
from pm_tui.cache.claimer import Claimer
from pm_tui.cache.folders import FolderError, is_network_filesystem, private_folder
from pm_tui.i18n import _
from pm_tui.models.json import JsonObject, dumps, loads

NAME = "windows-1.db"  # another shape takes another number: versions do not share a count then
WINDOW = 61.0  # seconds a request counts; as the gate's own
BUSY_SECONDS = 0.5  # longer than any of our writes; who waits in vain counts for itself
OPENING_SECONDS = 5.0  # many windows may start at once
SKEW = 10.0  # seconds
NEWS_SECONDS = 60.0  # how long a single booking is kept for the others to notice, if read since
NEWS_KEPT = 330.0  # and if the list was not: longer than a list serves a new window (FRESH there)
LONGEST_BLOCK = 32 * 86400.0

_SCHEMA = (
    """
CREATE TABLE IF NOT EXISTS sent (at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS news (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, whole INTEGER NOT NULL,
  complete INTEGER NOT NULL, rows TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS reader (
  only_one INTEGER PRIMARY KEY CHECK (only_one = 1), token TEXT NOT NULL, host TEXT NOT NULL,
  pid INTEGER NOT NULL, started TEXT NOT NULL, until REAL NOT NULL);
CREATE TABLE IF NOT EXISTS common (
  only_one INTEGER PRIMARY KEY CHECK (only_one = 1), seq INTEGER NOT NULL DEFAULT 0,
  whole_at REAL, tried_at REAL, failures INTEGER NOT NULL DEFAULT 0,
  state TEXT NOT NULL DEFAULT '', problem TEXT NOT NULL DEFAULT '',
  remaining INTEGER, resets_at REAL NOT NULL DEFAULT 0,
  blocked_until REAL NOT NULL DEFAULT 0, spent INTEGER NOT NULL DEFAULT 0,
  opened_at REAL NOT NULL DEFAULT 0,
  month TEXT NOT NULL DEFAULT '', month_used INTEGER, month_limit INTEGER, told_at REAL,
  day TEXT NOT NULL DEFAULT '', background INTEGER NOT NULL DEFAULT 0);
INSERT OR IGNORE INTO common (only_one) VALUES (1);
CREATE TABLE IF NOT EXISTS looking (id TEXT PRIMARY KEY, token TEXT NOT NULL, until REAL NOT NULL);
"""
    + told.SCHEMA
)

FAULTS = (sqlite3.Error, OSError)
Claim = Literal["yours", "news", "busy"]


class NotShared(Exception):
    """This file cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class Common:
    """A look at what is known together. `seq` grows with every piece of news, `whole_at` is when
    the list was read last; `failures` counts the vain tries since, the last at `tried_at`, which
    ended in `state` and `problem` as a connection has them. `told_at`: when `/usage` answered."""

    seq: int
    whole_at: float | None
    tried_at: float | None
    failures: int
    state: str
    problem: str
    remaining: int | None
    resets_at: float
    blocked_until: float
    spent: bool
    opened_at: float
    month_used: int | None
    month_limit: int | None
    told_at: float | None
    background_today: int
    sent: int = 0
    oldest: float | None = None


@dataclass(frozen=True, slots=True)
class News:
    """Bookings as the gateway told them at `at`: the list as one reading had it (`whole`;
    `complete` as in a `BookingList`), or a single one."""

    seq: int
    at: float
    whole: bool
    complete: bool
    rows: list[JsonObject]


# of the table, and as `Common` names them
_COLUMNS = (
    "seq", "whole_at", "tried_at", "failures", "state", "problem", "remaining", "resets_at",
    "blocked_until", "spent", "opened_at", "month_used", "month_limit", "told_at",
)  # fmt: skip


class SharedFile:
    """Every method may raise `FAULTS`. `token` tells several sessions of one process apart."""

    def __init__(self, folder: Path, token: str) -> None:
        """Raises `NotShared`, or `FAULTS`."""
        self._token, self._me = token, claimer.me()
        if is_network_filesystem(folder):
            raise NotShared(_("{path} lies on a network filesystem").format(path=folder))
        try:
            path = private_folder(folder) / NAME
        except FolderError as error:
            raise NotShared(str(error).rstrip(".")) from error
        try:
            self._db = _connect(path)
        except sqlite3.DatabaseError as fault:
            if isinstance(fault, sqlite3.OperationalError):  # a lock, the disk, rights
                raise
            path.unlink(missing_ok=True)  # damaged: it begins anew
            self._db = _connect(path)

    def close(self) -> None:
        self._db.close()

    # -- the count -----------------------------------------------------------

    def reserve(self, now: float, background: bool, limit: int) -> tuple[float, Common]:
        """Count one request and return 0, or the seconds to wait; and what is known together."""
        reserve = limit // 5 if background else 0
        with self._transaction():
            self._age(now)
            common = self._common(now)
            wait = max(common.blocked_until - now, 0.0)
            allowed = limit - reserve
            if common.sent >= allowed:
                (frees,) = self._run(
                    "SELECT at FROM sent ORDER BY at LIMIT 1 OFFSET ?", common.sent - allowed
                ).fetchone()
                wait = max(wait, frees + WINDOW - now)
            left = common.remaining
            if left is not None and left <= reserve and common.resets_at > now:
                wait = max(wait, common.resets_at - now)
            if wait <= 0:
                self._run("INSERT INTO sent VALUES (?)", now)
                self._run(
                    "UPDATE common SET month_used = month_used + 1,"
                    " background = background + ?, remaining = max(remaining - 1, 0)",
                    int(background),
                )
            return wait, self._common(now)

    def unsent(self, background: bool) -> None:
        with self._transaction():
            self._run("DELETE FROM sent WHERE rowid = (SELECT max(rowid) FROM sent)")
            self._run(
                "UPDATE common SET month_used = month_used - 1, remaining = remaining + 1,"
                " background = max(background - ?, 0)",
                int(background),
            )

    def heard(self, remaining: int, resets_at: float) -> None:
        """An answer's headers: other machines are seen through them."""
        self._run("UPDATE common SET remaining=?, resets_at=?", remaining, resets_at)

    def closed(self, until: float, spent: bool) -> None:
        self._run(
            "UPDATE common SET blocked_until=max(blocked_until, ?1), remaining=NULL,"
            " spent=CASE WHEN blocked_until > ?1 THEN spent ELSE ?2 END",
            until,
            int(spent),
        )

    def opened(self, now: float) -> None:
        self._run("UPDATE common SET blocked_until=0, spent=0, opened_at=?", now)

    def usage(self, now: float, used: int | None, limit: int | None) -> None:
        """`/usage` has answered (or was asked in vain: then the figures stay)."""
        with self._transaction():
            self._age(now)
            self._run(
                "UPDATE common SET month_used=coalesce(?, month_used),"
                " month_limit=coalesce(?, month_limit), told_at=?",
                used,
                limit,
                now,
            )

    # -- who reads, and what was read ----------------------------------------

    def look(self, now: float) -> Common:
        """What is known together now, without touching anything."""
        return self._common(now)

    def claim(self, now: float, seen: int, seconds: float, *, anyway: bool = False) -> Claim:
        """Take it on to read the list, for so many seconds at most. `news`: somebody has read it
        since `seen`; `busy`: somebody is reading. `anyway`: a person asked, read all the same."""
        with self._transaction():
            whole = self._run("SELECT max(seq) FROM news WHERE whole = 1").fetchone()[0]
            if not anyway and whole is not None and whole > seen:
                return "news"
            row = self._run("SELECT token, host, pid, started, until FROM reader").fetchone()
            if row is not None and not anyway and row[0] != self._token:
                other = Claimer(row[1], row[2], row[3])
                # later than ours by what we waited for the lock; more is a clock that was set back
                sound = row[4] <= now + seconds + SKEW
                if now < row[4] and sound and not claimer.is_gone(other):
                    return "busy"
            mine = (self._token, self._me.host, self._me.pid, self._me.started, now + seconds)
            self._run("INSERT OR REPLACE INTO reader VALUES (1, ?, ?, ?, ?, ?)", *mine)
            return "yours"

    def release(self) -> None:
        self._run("DELETE FROM reader WHERE token=?", self._token)

    def tell(
        self, now: float, at: float, rows: Sequence[JsonObject], *, whole: bool, complete: bool
    ) -> int:
        """Let the others have what was just read; the number of this piece of news."""
        with self._transaction():
            if whole:
                self._run("DELETE FROM news WHERE whole = 1")
                self._run("UPDATE common SET whole_at=?, failures=0, state='', problem=''", at)
                self._run("DELETE FROM reader WHERE token=?", self._token)
            self._run(
                "DELETE FROM news WHERE whole = 0 AND (at < ? OR"
                " (at < ? AND at <= (SELECT whole_at FROM common)))",
                now - NEWS_KEPT,
                now - NEWS_SECONDS,
            )
            told.meet(self._run, rows, now)
            values = (at, int(whole), int(complete), dumps(list(rows)))
            done = self._run(
                "INSERT INTO news (at, whole, complete, rows) VALUES (?, ?, ?, ?)", *values
            )
            seq = int(done.lastrowid or 0)
            self._run("UPDATE common SET seq=?", seq)
            return seq

    def failed(self, now: float, state: str, problem: str) -> None:
        """A reading failed: the others need not try as well."""
        with self._transaction():
            self._run(
                "UPDATE common SET failures=failures+1, tried_at=?, state=?, problem=?",
                now,
                state,
                problem,
            )
            self._run("DELETE FROM reader WHERE token=?", self._token)

    def news(self, now: float, seen: int) -> list[News]:
        """What was told after `seen`, oldest first. Who has heard nothing yet (0) is not told of
        single bookings that nobody would keep any more."""
        rows = self._run(
            "SELECT * FROM news WHERE seq > ? AND (whole = 1 OR at >= ?) ORDER BY seq",
            seen,
            0 if seen else now - NEWS_KEPT,
        ).fetchall()
        found: list[News] = []
        for seq, at, whole, complete, text in rows:
            with suppress(ValueError, TypeError):  # damaged: the next reading tells it again
                found.append(News(seq, at, bool(whole), bool(complete), list(loads(text.encode()))))
        return found

    # -- what a person was told ----------------------------------------------

    def note_told(self, now: float, statuses: Mapping[str, str]) -> bool:
        """A window has shown these bookings, by id, in these statuses. Done when it returns."""
        with self._transaction():
            told.note(self._run, statuses, now)
        return True

    def told(self) -> dict[str, str]:
        """In which status each booking was last shown, or else first met."""
        return told.statuses(self._run)

    # -- who looks at watched chargers ---------------------------------------

    def look_at(self, now: float, ids: Sequence[str], seconds: float) -> bool:
        """Take it on to look at these chargers, for so many seconds at most; False while another
        session looks at one of them."""
        with self._transaction():
            self._run("DELETE FROM looking WHERE until <= ? OR until > ?", now, now + 2 * seconds)
            others = self._run("SELECT id FROM looking WHERE token <> ?", self._token)
            if {row[0] for row in others} & set(ids):
                return False
            for one in ids:
                values = (one, self._token, now + seconds)
                self._run("INSERT OR REPLACE INTO looking VALUES (?, ?, ?)", *values)
            return True

    def looked(self) -> None:
        self._run("DELETE FROM looking WHERE token=?", self._token)

    # -- below ---------------------------------------------------------------

    def _age(self, now: float) -> None:
        """Forget what is over; and what lies in the future, after a clock was set back."""
        self._run("DELETE FROM sent WHERE at <= ? OR at > ?", now - WINDOW, now + WINDOW)
        today = datetime.fromtimestamp(now, UTC)
        # nobody has told the new month yet: it begins at nothing, if the old one was known
        self._run(
            "UPDATE common SET month=?1, told_at=NULL,"
            " month_used=CASE WHEN month_used IS NULL OR month='' THEN month_used ELSE 0 END"
            " WHERE month <> ?1",
            f"{today:%Y-%m}",
        )
        self._run("UPDATE common SET day=?1, background=0 WHERE day <> ?1", f"{today:%Y-%m-%d}")
        self._run(
            "UPDATE common SET blocked_until=0, spent=0 WHERE blocked_until > ?",
            now + LONGEST_BLOCK,
        )

    def _common(self, now: float) -> Common:
        columns = ", ".join(_COLUMNS)
        row = self._run(f"SELECT {columns}, day, background FROM common").fetchone()  # noqa: S608
        sent, oldest = self._run(
            "SELECT count(*), min(at) FROM sent WHERE at > ?", now - WINDOW
        ).fetchone()
        known = dict(zip(_COLUMNS, row, strict=False))
        known["spent"] = bool(known["spent"])
        today = row[-2] == f"{datetime.fromtimestamp(now, UTC):%Y-%m-%d}"
        return Common(**known, background_today=row[-1] if today else 0, sent=sent, oldest=oldest)

    def _run(self, sql: str, *values: object) -> sqlite3.Cursor:
        return self._db.execute(sql, values)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._run("BEGIN IMMEDIATE")
        try:
            yield
            self._run("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.rollback()
            raise


def _connect(path: Path) -> sqlite3.Connection:
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # SQLite's own would follow the umask
    db = sqlite3.connect(
        path, timeout=OPENING_SECONDS, isolation_level=None, check_same_thread=False
    )
    try:
        # no WAL: 3.40 can lose what two connections write at the same instant (research 1.1)
        settings = ("trusted_schema=OFF", "mmap_size=0", "synchronous=OFF", "journal_mode=DELETE")
        for setting in settings:
            db.execute(f"PRAGMA {setting}")
        for statement in _SCHEMA.split(";"):
            db.execute(statement)
        db.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000:.0f}")
    except BaseException:
        db.close()
        raise
    return db
