"""Faults of a disk, made with what the system offers; rights cannot be used, since root has all."""

from __future__ import annotations

import resource
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


class Clock:
    """A clock that stands until it is told otherwise."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@contextmanager
def nothing_can_be_written() -> Iterator[None]:
    """The kernel refuses every write to a file of this process, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def scribble(path: Path, start: int = 0, length: int = 4096) -> None:
    """Overwrite a part of a file, as a bad sector would."""
    with path.open("rb+") as file:
        file.seek(start)
        file.write(b"\xa5" * length)


def tamper(database: Path, sql: str, *values: object) -> None:
    """Change a database behind everybody's back."""
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(sql, values)
