"""diskcache without what makes it dangerous: no pickle, no files beside the database, no surprise.

Its default `Disk` and its `JSONDisk` both run pickles that stand in a row (CVE-2025-69872), read
and delete files outside the folder, and hand out damaged content as good. `StrictDisk` does none
of it, and the two factories below are the only places that open a cache: settings are stored in
the file, so whoever opened one with other arguments would change them for everybody.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from diskcache import UNKNOWN, Cache, Disk
from diskcache.core import DBNAME, DEFAULT_SETTINGS, METADATA

DATABASE: str = DBNAME
TIMEOUT = 2.0  # seconds that a lock held by another process is waited for

_CHECK = 16  # bytes of the digest before each value
_RAW = 1
_TEXT_SETTINGS = {"eviction_policy", "sqlite_journal_mode"}


def wal_is_safe(version: tuple[int, int, int]) -> bool:
    """Whether this SQLite has the fix of the WAL-reset bug, which can lose committed data
    (sqlite.org/wal.html: fixed in 3.51.3, and in 3.50.7 and 3.44.6 of those branches)."""
    return (
        version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)
    )


WAL_FIXED = wal_is_safe(sqlite3.sqlite_version_info)
JOURNAL_MODE = "wal" if WAL_FIXED else "delete"


class StrictDisk(Disk):  # type: ignore[misc]
    """str keys, bytes values, inline, checksummed. `ValueError` for what a row must not be."""

    def put(self, key: Any) -> tuple[str, bool]:
        if type(key) is not str:
            raise TypeError("str keys only")
        return key, True

    def get(self, key: Any, raw: Any) -> str:
        if not raw or type(key) is not str:
            raise ValueError("refused key")
        return key

    def store(self, value: Any, read: Any, key: Any = UNKNOWN) -> tuple[int, int, None, memoryview]:
        if read or type(value) is not bytes:
            raise TypeError("bytes only")
        return len(value), _RAW, None, sqlite3.Binary(sha256(value).digest()[:_CHECK] + value)

    def fetch(self, mode: Any, filename: Any, value: Any, read: Any) -> bytes:
        if mode != _RAW or filename is not None or read or type(value) is not bytes:
            raise ValueError("refused row")
        if sha256(value[_CHECK:]).digest()[:_CHECK] != value[:_CHECK]:
            raise ValueError("damaged row")
        return value[_CHECK:]

    def remove(self, file_path: Any) -> None:
        raise ValueError("refused file")


def searches_cache(folder: Path) -> Cache:
    """Evicting, 64 MB. `least-recently-stored`, because with LRU every read would write."""
    return _open(
        folder,
        eviction_policy="least-recently-stored",
        size_limit=64 * 2**20,
        cull_limit=10,
        sqlite_journal_mode=JOURNAL_MODE,
        sqlite_synchronous=1,
    )


def bookings_cache(folder: Path) -> Cache:
    """Never evicted, and synced: what was booked must be there on the next day."""
    return _open(
        folder,
        eviction_policy="none",
        size_limit=2**30,
        cull_limit=0,
        sqlite_journal_mode="delete",
        sqlite_synchronous=3,
    )


def _open(folder: Path, **settings: Any) -> Cache:
    _check_name(folder)
    _probe(folder / DATABASE)
    return Cache(
        str(folder),
        timeout=TIMEOUT,
        disk=StrictDisk,
        statistics=0,
        tag_index=0,
        sqlite_auto_vacuum=1,
        sqlite_cache_size=2**13,
        sqlite_mmap_size=0,
        disk_min_file_size=2**30,
        disk_pickle_protocol=0,
        **settings,
    )


def _check_name(folder: Path) -> None:
    """diskcache expands `~` and `$NAME` in the path that it is given, whoever wrote it."""
    if str(folder).startswith("~") or "$" in str(folder):
        raise OSError(22, "a folder name with ~ or $")


def _probe(database: Path) -> None:
    """Look before diskcache does: it waits a minute for a lock whatever `timeout` says, and obeys
    every setting that it finds in the file. Raises `sqlite3.Error` and `ValueError`."""
    if not database.exists():
        return
    connection = sqlite3.connect(database, timeout=TIMEOUT, isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        tables = connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'Settings'")
        if tables.fetchone()[0]:
            for key, value in connection.execute("SELECT key, value FROM Settings"):
                if (key not in DEFAULT_SETTINGS and key not in METADATA) or (
                    type(value) is not (str if key in _TEXT_SETTINGS else int)
                ):
                    raise ValueError("refused setting")
        connection.execute("ROLLBACK")
    finally:
        connection.close()


class ReadOnly:
    """What a cache that cannot be written still remembers: diskcache itself needs to write to open.

    Raises `sqlite3.Error` and `OSError` as the cache would.
    """

    def __init__(self, folder: Path) -> None:
        database = folder / DATABASE
        if not database.is_file():
            raise FileNotFoundError(2, "no cache")
        self._disk = StrictDisk(str(folder))
        self._connection = sqlite3.connect(
            f"{database.resolve().as_uri()}?mode=ro",
            uri=True,
            timeout=TIMEOUT,
            isolation_level=None,
            check_same_thread=False,
        )
        self._connection.execute("SELECT count(*) FROM Cache")

    def get(self, key: str) -> bytes | None:
        """`ValueError` for a refused or damaged row."""
        rows = self._connection.execute(
            "SELECT mode, filename, value FROM Cache WHERE key = ? AND raw = 1", (key,)
        ).fetchall()
        for mode, filename, value in rows:
            return self._disk.fetch(mode, filename, value, False)
        return None

    def __iter__(self) -> Iterator[str]:
        for key, raw in self._connection.execute("SELECT key, raw FROM Cache").fetchall():
            yield self._disk.get(key, raw)

    def close(self) -> None:
        self._connection.close()
