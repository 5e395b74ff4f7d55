"""What is remembered on the disk: how much, how old, how big. Looked at, never touched.

Reads the files of an account as they lie, without opening a store: nothing is made, repaired or set
aside, and another process may be using them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pm_tui.cache import faults
from pm_tui.cache.directory_file import NAME as DIRECTORY
from pm_tui.cache.disk import DATABASE
from pm_tui.cache.moments import from_number
from pm_tui.cache.notebook import FILTERS, HABITS, LEFT, values_in
from pm_tui.cache.reports import NAME as REPORTS

_COMPANIONS = ("", "-wal", "-shm", "-journal")
_SEARCHES = (
    "SELECT count(*), min(store_time), max(store_time) FROM Cache WHERE key LIKE '%:answer:%'"
)
_BOOKINGS = "SELECT count(*), min(store_time), max(store_time) FROM Cache"
_CHARGERS = "SELECT count(*), min(fetched_at), max(fetched_at) FROM location"
_AREAS = "SELECT count(*), min(fetched_at), max(fetched_at) FROM area"
_REPORTS = "SELECT (SELECT count(*) FROM booking), min(read_at), max(read_at) FROM part"
_FAVOURITES = "SELECT count(*), min(added_at), max(added_at) FROM favourite"


@dataclass(frozen=True, slots=True)
class Shelf:
    """One kind of what is remembered. Times UTC, None where there is nothing; `size` in bytes is
    that of its file with all that belongs to it (areas lie in the chargers' file: 0). `problem`
    says why it cannot be read; `damaged`: for what is in it, and whoever uses it next mends it."""

    name: str
    path: Path
    count: int = 0
    oldest: datetime | None = None
    newest: datetime | None = None
    size: int = 0
    problem: str = ""
    damaged: bool = False


def inventory(folder: Path, state_folder: Path) -> list[Shelf]:
    """Everything remembered of an account: `folder` is its cache, `state_folder` its state."""
    chargers = folder / DIRECTORY
    return [
        _shelf("searches", folder / "searches" / DATABASE, _SEARCHES, _seconds),
        _shelf("bookings", folder / "bookings" / DATABASE, _BOOKINGS, _seconds),
        _shelf("chargers", chargers, _CHARGERS, from_number),
        _shelf("areas", chargers, _AREAS, from_number, sized=False),
        _shelf("reports", folder / REPORTS, _REPORTS, from_number),
        _shelf("favourites", state_folder / "favourites.db", _FAVOURITES, from_number),
        _notes("filters", state_folder / FILTERS),
        _notes("unfinished", state_folder / LEFT),
        _notes("screen", state_folder.parent / HABITS),
    ]


def _notes(name: str, path: Path) -> Shelf:
    """A notebook: when it was written last is all that is known of its age."""
    try:
        body, written = path.read_bytes(), _seconds(path.stat().st_mtime)
    except FileNotFoundError:
        return Shelf(name, path)
    except OSError as fault:
        return Shelf(name, path, problem=str(fault))
    values = values_in(body)
    if values is None:
        return Shelf(name, path, size=len(body), problem="not a notebook")
    lists = [value for value in values.values() if isinstance(value, list | dict)]
    parts = sum(map(len, lists)) if name == "filters" else len(values)
    return Shelf(name, path, parts, None, written, len(body))


def _shelf(name: str, path: Path, sql: str, read_time: Any, *, sized: bool = True) -> Shelf:
    size = sum(_size(path.with_name(path.name + end)) for end in _COMPANIONS) if sized else 0
    if not path.exists():
        return Shelf(name, path)
    try:
        address = f"{path.resolve().as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=2.0)) as connection:
            row: Sequence[Any] = connection.execute(sql).fetchone()
        times = [None if told is None else read_time(told) for told in row[1:]]
    except (sqlite3.Error, OSError, ValueError, TypeError) as fault:
        damaged = faults.is_content(fault)
        return Shelf(name, path, size=size, problem=faults.reason(fault), damaged=damaged)
    return Shelf(name, path, row[0], times[0], times[1], size)


def _seconds(told: float) -> datetime:
    return datetime.fromtimestamp(told, UTC)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
