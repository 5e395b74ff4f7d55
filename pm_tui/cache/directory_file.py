"""The file of the charger directory: opened, checked, and rebuilt when it cannot be used.

Everything in it can be fetched again, so it is quick rather than safe (measured in the research,
section 7), and damage costs no more than a rebuild. The name holds the schema's number: a version
of the program that writes another has another file, and removes those of the versions before it.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pm_tui.cache import faults
from pm_tui.cache.disk import JOURNAL_MODE
from pm_tui.cache.folders import private_folder
from pm_tui.cache.moments import Clock

VERSION = 2
NAME = f"chargers-{VERSION}.db"
FAULTS = (sqlite3.Error, OSError, ValueError, TypeError)  # damage can change a type
COMPANIONS = ("-journal", "-wal", "-shm")

_TABLES = """
CREATE TABLE location(
  row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, latitude REAL NOT NULL,
  longitude REAL NOT NULL, fetched_at INTEGER NOT NULL, offers TEXT NOT NULL);
CREATE TABLE content(
  row INTEGER PRIMARY KEY, words TEXT NOT NULL, checksum INTEGER NOT NULL, raw BLOB NOT NULL);
CREATE TABLE area(
  row INTEGER PRIMARY KEY, latitude REAL NOT NULL, longitude REAL NOT NULL,
  radius_km REAL NOT NULL, filter_key TEXT NOT NULL, complete INTEGER NOT NULL,
  fetched_at INTEGER NOT NULL,
  UNIQUE(latitude, longitude, radius_km, filter_key, complete));
CREATE INDEX location_age ON location(fetched_at);
"""
# whole numbers are exact, which the R*Tree's 32-bit floats are not
_RTREE = "CREATE VIRTUAL TABLE place USING rtree_i32(row, south, north, west, east);"
_NO_RTREE = "CREATE INDEX location_place ON location(latitude, longitude);"
_FTS = """
CREATE VIRTUAL TABLE word USING fts5(
  words, content='content', content_rowid='row',
  tokenize='unicode61 remove_diacritics 2', prefix='2', columnsize=0);
"""


@dataclass(frozen=True, slots=True)
class Features:
    """What this SQLite was built with: `rtree` for places, `fts5` for words."""

    rtree: bool
    fts5: bool

    @property
    def version(self) -> int:
        """Told in the file, so that one made with a module is not opened without it."""
        return 4 + 2 * self.rtree + self.fts5


def features_here() -> Features:
    connection = sqlite3.connect(":memory:")
    try:
        options = {row[0] for row in connection.execute("PRAGMA compile_options")}
    finally:
        connection.close()
    return Features("ENABLE_RTREE" in options, "ENABLE_FTS5" in options)


class DirectoryFile:
    """A connection that is always there: the file, or memory in its place (`folder` None)."""

    def __init__(
        self, folder: Path | None, notices: faults.Notices, clock: Clock, features: Features
    ) -> None:
        self.features = features
        self._path = folder and folder / NAME
        self._notices = notices
        self._clock = clock
        self._inode: int | None = None
        self.connection = self._open()

    def failed(self, fault: Exception) -> bool:
        """Tell of a fault in use; True when the file was made anew (or is memory now) and the
        work can be tried once more."""
        if faults.is_busy(fault) or self._path is None:
            return False
        if not faults.is_content(fault):
            self._notices.tell(faults.memory_notice(self._path, fault))
            return False
        self.connection.close()
        self._set_aside(self._path)
        self.connection = self._open()
        return True

    def _open(self) -> sqlite3.Connection:
        fault: Exception | None = None
        for _again in range(2):
            if self._path is None:
                break
            try:
                return self._connect(self._path)
            except FAULTS as failure:
                fault = failure
                if not faults.is_content(fault) or not self._set_aside(self._path):
                    break
        if fault is not None and self._path is not None:
            self._notices.tell(faults.memory_notice(self._path, fault))
        self._path = None
        return self._prepare(_connected(":memory:"))

    def _connect(self, path: Path) -> sqlite3.Connection:
        private_folder(path.parent)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        self._inode = path.stat().st_ino
        connection = _connected(path)
        try:
            self._prepare(connection)
        except BaseException:
            connection.close()
            raise
        _remove_older(path.parent)
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> sqlite3.Connection:
        run = connection.execute
        run("PRAGMA trusted_schema=OFF")
        run("PRAGMA cell_size_check=ON")
        run("PRAGMA mmap_size=0")
        run("PRAGMA cache_size=-16000")
        run("PRAGMA temp_store=MEMORY")
        run("PRAGMA secure_delete=OFF")
        run("PRAGMA synchronous=NORMAL")
        version = run("PRAGMA user_version").fetchone()[0]
        if version == 0:
            self._create(connection)
        elif version != self.features.version:
            raise ValueError("made with another SQLite")
        return connection

    def _create(self, connection: sqlite3.Connection) -> None:
        connection.execute(f"PRAGMA journal_mode={JOURNAL_MODE}")
        connection.execute("BEGIN IMMEDIATE")
        if connection.execute("PRAGMA user_version").fetchone()[0] == 0:  # nobody was quicker
            parts = _TABLES + (_RTREE if self.features.rtree else _NO_RTREE)
            for statement in (parts + (_FTS if self.features.fts5 else "")).split(";\n"):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version={self.features.version}")
        connection.execute("COMMIT")

    def _set_aside(self, path: Path) -> bool:
        try:
            target = faults.set_aside(path, self._inode, self._clock(), COMPANIONS)
        except OSError:
            return False  # told by the caller: memory takes its place
        self._notices.tell(faults.broken_notice(path, target))
        return True


def _connected(place: Path | str) -> sqlite3.Connection:
    return sqlite3.connect(place, timeout=2.0, isolation_level=None, check_same_thread=False)


def _remove_older(folder: Path) -> None:
    """Nobody reads these any more, and they can be large. A program that still runs and has one
    open keeps what it has until it ends."""
    for version in range(1, VERSION):
        for suffix in ("", *COMPANIONS):
            with suppress(OSError):  # it costs room, nothing else
                (folder / f"chargers-{version}.db{suffix}").unlink(missing_ok=True)
