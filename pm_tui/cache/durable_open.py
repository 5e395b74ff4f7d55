"""SQLite files that must not lose what they were told: the booking journal and the favourites.

A rollback journal with `synchronous=EXTRA` is the one setting of SQLite that kept every
acknowledged write in a crash image of the disk (WAL or `FULL` lost the last; research 1.2). A
damaged file is never deleted: it is set aside, and what is sound in its daily copy and in itself
is carried over.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pm_tui.cache import faults
from pm_tui.cache.folders import FolderError, private_folder
from pm_tui.i18n import _

try:
    import fcntl
except ImportError:  # not on this system; windows that start in the same instant then may collide
    fcntl = None  # type: ignore[assignment]

BUSY_SECONDS = 5.0
DAY = 24 * 3600.0
STRICT = "STRICT" if sqlite3.sqlite_version_info >= (3, 37) else ""
COMPANIONS = ("-journal", "-wal", "-shm")


class Unusable(Exception):
    """The file cannot be written; the text says why and names it."""


class Damaged(ValueError):
    """A row that says of itself that it is not what was written."""


FAULTS = (sqlite3.Error, OSError, Damaged)


def _as_it_is(connection: sqlite3.Connection) -> None:
    return


@dataclass(frozen=True, slots=True)
class Shape:
    """What a file holds: its tables, whose columns are carried over when it is damaged, and the
    number of this shape, kept in `user_version`. `check` raises `Damaged` for a row of the first
    table that cannot be trusted; `after_recovery` corrects, in the same transaction, what may be
    behind the truth in a file restored from what was left."""

    version: int
    sql: str
    tables: tuple[str, ...]
    check: Callable[[tuple[Any, ...]], object] = tuple
    after_recovery: Callable[[sqlite3.Connection], None] = _as_it_is


@dataclass(frozen=True, slots=True)
class Opened:
    """`problem`: why it cannot be written (then it is read-only, or empty memory); `recovered`:
    it was damaged, and holds what could be saved; `unread`: what it holds cannot be read either."""

    connection: sqlite3.Connection
    problem: str | None = None
    recovered: bool = False
    unread: bool = False


def copy_of(path: Path) -> Path:
    return path.with_name(path.name + ".daily")


def open_file(path: Path, shape: Shape, notices: faults.Notices, now: datetime) -> Opened:
    """Open `path`, made and checked. Never raises for a bad disk: then `problem` says so."""
    try:
        private_folder(path.parent)
        with _alone(path):
            return _open_or_recover(path, shape, notices, now)
    except FolderError as error:
        return _read_only(path, shape, str(error))
    except Unusable as error:
        return _read_only(path, shape, str(error))
    except FAULTS as fault:
        return _read_only(path, shape, cannot_write(path, fault))


def _open_or_recover(path: Path, shape: Shape, notices: faults.Notices, now: datetime) -> Opened:
    inode = path.stat().st_ino if path.exists() else None
    try:
        return Opened(_connect(path, shape))
    except (sqlite3.Error, Damaged) as fault:
        if not faults.is_content(fault):
            raise
    saved = _rebuild(path, shape)
    aside = faults.set_aside(path, inode, now, COMPANIONS)
    saved.replace(path)
    _sync_folder(path.parent)
    notices.tell(
        _("{path} was damaged. It was set aside as {name}; what could be read was kept.").format(
            path=path, name=aside.name if aside else ""
        )
    )
    return Opened(_connect(path, shape), recovered=True)


def _connect(path: Path, shape: Shape) -> sqlite3.Connection:
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    connection = sqlite3.connect(
        path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    connection.text_factory = _text
    try:
        _settle(connection, path, shape)
    except BaseException:
        connection.close()
        raise
    return connection


def _settle(connection: sqlite3.Connection, path: Path, shape: Shape) -> None:
    run = connection.execute
    for setting in ("trusted_schema=OFF", "cell_size_check=ON", "mmap_size=0", "foreign_keys=ON"):
        run(f"PRAGMA {setting}")
    version = run("PRAGMA user_version").fetchone()[0]
    if version > shape.version:
        raise Unusable(
            _(
                "{path} was made by a newer pm-tui and is not written: one that knows format {n} "
                "is needed, this one knows {own}."
            ).format(path=path, n=version, own=shape.version)
        )
    run("PRAGMA synchronous=EXTRA")
    if run("PRAGMA journal_mode=DELETE").fetchone()[0] != "delete":
        raise Unusable(_("{path} is in use with another journal mode.").format(path=path))
    if run("PRAGMA quick_check(1)").fetchone()[0] != "ok":
        raise sqlite3.DatabaseError("quick_check")
    if version == 0 and copy_of(path).exists():
        raise sqlite3.DatabaseError("emptied")  # it was more than this once
    if version == 0:
        _create(connection, shape)
    for table in shape.tables:
        for row in run(f"SELECT * FROM {table}"):  # noqa: S608 - our own names
            if table == shape.tables[0]:
                shape.check(row)


def _text(stored: bytes) -> str:
    """SQLite's own error for undecodable text would quote it, and end the reading there."""
    return stored.decode("utf-8", "replace")


def _create(connection: sqlite3.Connection, shape: Shape) -> None:
    connection.execute("BEGIN EXCLUSIVE")
    if connection.execute("PRAGMA user_version").fetchone()[0] == 0:
        for statement in shape.sql.strip().rstrip(";").split(";\n"):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version={shape.version}")
    connection.execute("COMMIT")


def _rebuild(path: Path, shape: Shape) -> Path:
    """A sound file beside the damaged one: the daily copy, overlaid by what can still be read."""
    fresh = path.with_name(f"{path.name}.new-{os.getpid()}")
    fresh.unlink(missing_ok=True)
    with closing(_connect(fresh, shape)) as target:
        target.execute("BEGIN IMMEDIATE")
        for source in (copy_of(path), path):
            for table in shape.tables:
                _carry(source, target, table, shape.check if table == shape.tables[0] else tuple)
        shape.after_recovery(target)
        target.execute("COMMIT")
    return fresh


def _carry(
    source: Path,
    target: sqlite3.Connection,
    table: str,
    check: Callable[[tuple[Any, ...]], object],
) -> None:
    columns = [row[1] for row in target.execute(f"PRAGMA table_info({table})")]
    names = ", ".join(columns)
    marks = ",".join("?" * len(columns))
    put = f"INSERT OR REPLACE INTO {table}({names}) VALUES ({marks})"  # noqa: S608 - our own names
    for order in ("ASC", "DESC"):
        sql = f"SELECT {names} FROM {table} ORDER BY rowid {order}"  # noqa: S608 - our own names
        for row in _rows(source, sql):
            with suppress(sqlite3.IntegrityError, Damaged):  # the daily copy's row stays
                check(row)
                target.execute(put, row)


def _rows(source: Path, sql: str) -> Iterator[tuple[Any, ...]]:
    """Rows until the end or the damage: read from both ends, little is lost between."""
    if not source.exists():
        return
    try:
        with closing(_reader(source)) as reader:
            yield from reader.execute(sql)
    except sqlite3.Error:
        return


def _reader(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=BUSY_SECONDS,
        isolation_level=None, check_same_thread=False,
    )  # fmt: skip
    connection.text_factory = _text
    connection.execute("PRAGMA trusted_schema=OFF")
    return connection


def _read_only(path: Path, shape: Shape, problem: str) -> Opened:
    """Reading goes on wherever it can: the file as it is, else nothing."""
    try:
        connection = _reader(path)
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except FAULTS:
        connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        _create(connection, shape)
        return Opened(connection, problem, unread=True)
    return Opened(connection, problem)


def keep_copy(connection: sqlite3.Connection, path: Path, shape: Shape, now: datetime) -> None:
    """Once a day a whole copy beside the file, and the one before it. Raises `FAULTS`.

    Not while nothing is in it: the first line is worth a copy, its absence is not.
    """
    daily = copy_of(path)
    if daily.exists() and 0 <= now.timestamp() - daily.stat().st_mtime < DAY:
        return
    if connection.execute(f"SELECT 1 FROM {shape.tables[0]}").fetchone() is None:  # noqa: S608
        return
    fresh = path.with_name(f"{path.name}.copy-{os.getpid()}")
    fresh.unlink(missing_ok=True)
    os.close(os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    connection.execute("VACUUM INTO ?", (str(fresh),))
    with fresh.open("rb+") as written:
        os.fsync(written.fileno())
    if daily.exists():
        daily.replace(daily.with_name(daily.name + ".1"))
    os.utime(fresh, (now.timestamp(), now.timestamp()))
    fresh.replace(daily)


def cannot_write(path: Path, fault: Exception) -> str:
    return _("{path} cannot be written ({reason}).").format(path=path, reason=faults.reason(fault))


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One process at a time opens, checks and, where needed, rebuilds."""
    lock = path.with_name(path.name + ".lock")
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if fcntl is not None:
            _lock(descriptor)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> None:
    """Raises `BlockingIOError` (an `OSError`) when another holds it for too long."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise
        time.sleep(0.02)


def _sync_folder(folder: Path) -> None:
    """A rename is on the disk only when its folder is."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
