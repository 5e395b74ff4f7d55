"""Keys and bytes on disk that never fail their reader: damage is set aside, the rest is memory.

The order of preference is the cache itself, then (when it cannot be written) reading from it and
keeping what is new in memory, then memory alone. Each step down is told once, with the path.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from diskcache import Timeout

from pm_tui.cache import faults
from pm_tui.cache.disk import ReadOnly
from pm_tui.cache.folders import private_folder
from pm_tui.cache.moments import Clock

T = TypeVar("T")

# of a store that is damaged, locked, full or unwritable; anything else is a mistake of ours
FAULTS = (sqlite3.Error, OSError, ValueError, TypeError, Timeout)


class Blobs:
    """One cache folder, or memory in its place (`path` None). For one thread at a time.

    `keep` bounds what memory holds in place of the disk: None where nothing may be lost.
    """

    def __init__(
        self,
        path: Path | None,
        opener: Callable[[Path], Any],
        notices: faults.Notices,
        clock: Clock,
        keep: int | None = None,
    ) -> None:
        self._path = path
        self._opener = opener
        self._notices = notices
        self._clock = clock
        self._keep = keep
        self._memory: dict[str, bytes] = {}
        self._cache: Any = None  # diskcache.Cache; it has no types
        self._old: ReadOnly | None = None
        self._inode: int | None = None
        if path is not None:
            self._open(path)

    def get(self, key: str) -> bytes | None:
        """The bytes last put; None when there are none or they are damaged."""
        if key in self._memory:
            return self._memory[key]
        source = self._old if self._cache is None else self._cache
        found, fault = _tried(lambda: None if source is None else source.get(key))
        if fault is not None and not isinstance(fault, ValueError):  # that is about this row only
            self._unreadable(fault)
        return found

    def put(self, values: Mapping[str, bytes]) -> None:
        """Keep all of `values`, in one transaction; in memory when the disk does not take them."""
        for _again in range(2):
            if self._cache is None:
                break
            _done, fault = _tried(lambda: self._put(values))
            if fault is None:
                for key in values:
                    self._memory.pop(key, None)
                return
            self._cache.close()  # diskcache may leave a transaction open; the next use connects
            if not faults.is_content(fault):
                self._unwritable(fault)
                break
            self._unreadable(fault)
        for key, value in values.items():
            self._memory.pop(key, None)  # to the end: the oldest goes first
            self._memory[key] = value
        while self._keep is not None and len(self._memory) > self._keep:
            del self._memory[next(iter(self._memory))]

    def remove(self, keys: Iterable[str]) -> None:
        """Forget `keys`; a disk that does not take it keeps them, and that is told."""
        gone = list(keys)
        for key in gone:
            self._memory.pop(key, None)
        if self._cache is None:
            return
        _done, fault = _tried(lambda: self._delete(gone))
        if fault is not None:
            self._cache.close()
            self._unwritable(fault)

    def _delete(self, keys: list[str]) -> None:
        with self._cache.transact():
            for key in keys:
                self._cache.delete(key)

    def listing(self) -> list[str]:
        """Every key, in no order."""
        source = self._old if self._cache is None else self._cache
        found, fault = _tried(lambda: [] if source is None else list(source))
        if fault is not None:
            self._unreadable(fault)
        return list(dict.fromkeys([*(found or []), *self._memory]))

    def close(self) -> None:
        for one in (self._cache, self._old):
            if one is not None:
                one.close()
        self._cache = self._old = None

    def _put(self, values: Mapping[str, bytes]) -> None:
        with self._cache.transact():
            for key, value in values.items():
                self._cache.set(key, value)

    def _open(self, path: Path) -> None:
        for _again in range(2):
            self._inode = None
            _done, fault = _tried(lambda: self._connect(path))
            if fault is None:
                return
            if not faults.is_content(fault) or not self._set_aside(path):
                break
        if fault is not None:
            self._unwritable(fault)
            # nothing to read either is no second notice: why it cannot be written is told
            self._old, _fault = _tried(lambda: ReadOnly(path))

    def _connect(self, path: Path) -> None:
        private_folder(path)
        self._inode = path.stat().st_ino
        self._cache = self._opener(path)

    def _unreadable(self, fault: Exception) -> None:
        """The content or the medium failed under us: start anew, or go on in memory."""
        if self._path is None or faults.is_busy(fault):
            return  # a lock held for long: a miss, for this once
        self.close()
        if self._set_aside(self._path):
            self._open(self._path)
        else:
            self._unwritable(fault)

    def _set_aside(self, path: Path) -> bool:
        try:
            target = faults.set_aside(path, self._inode, self._clock())
        except OSError:
            return False  # a medium that cannot rename cannot be written either: memory, and told
        self._notices.tell(faults.broken_notice(path, target))
        return True

    def _unwritable(self, fault: Exception) -> None:
        if self._path is not None and not faults.is_busy(fault):
            self._notices.tell(faults.memory_notice(self._path, fault))


def _tried(work: Callable[[], T]) -> tuple[T | None, Exception | None]:
    """What came of it, or why not; handled outside of `except`, where causes would mix."""
    try:
        return work(), None
    except FAULTS as fault:
        return None, _cause(fault)


def _cause(failure: Exception) -> Exception:
    """diskcache says Timeout for whatever keeps a transaction from beginning, and fails to roll
    back what SQLite has rolled back itself: the first error in the chain is what happened."""
    first: Exception = TimeoutError() if isinstance(failure, Timeout) else failure
    link = failure.__context__
    while link is not None:
        if isinstance(link, sqlite3.Error):
            first = link
        link = link.__context__
    return first
