"""Keys and bytes on disk that never fail their reader: damage is set aside, the rest is memory.

The order of preference is the cache itself, then (when it cannot be written) reading from it and
keeping what is new in memory, then memory alone. Each step down is told once, with the path.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from diskcache import Timeout

from pm_tui.cache import faults
from pm_tui.cache.disk import ReadOnly
from pm_tui.cache.folders import private_folder
from pm_tui.cache.moments import Clock

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
        try:
            found: bytes | None = None if source is None else source.get(key)
        except ValueError:  # this row only: refused or damaged
            return None
        except FAULTS as fault:
            self._unreadable(_cause(fault))
            return None
        return found

    def put(self, values: Mapping[str, bytes]) -> None:
        """Keep all of `values`, in one transaction; in memory when the disk does not take them."""
        for _again in range(2):
            if self._cache is None:
                break
            try:
                with self._cache.transact():
                    for key, value in values.items():
                        self._cache.set(key, value)
            except FAULTS as failure:
                fault = _cause(failure)
                if not faults.is_content(fault):
                    self._unwritable(fault)
                    break
                self._unreadable(fault)
            else:
                for key in values:
                    self._memory.pop(key, None)
                return
        for key, value in values.items():
            self._memory.pop(key, None)  # to the end: the oldest goes first
            self._memory[key] = value
        while self._keep is not None and len(self._memory) > self._keep:
            del self._memory[next(iter(self._memory))]

    def listing(self) -> list[str]:
        """Every key, in no order."""
        source = self._old if self._cache is None else self._cache
        try:
            found = [] if source is None else list(source)
        except FAULTS as fault:
            self._unreadable(_cause(fault))
            found = []
        return list(dict.fromkeys([*found, *self._memory]))

    def close(self) -> None:
        for one in (self._cache, self._old):
            if one is not None:
                one.close()
        self._cache = self._old = None

    def _open(self, path: Path) -> None:
        for _again in range(2):
            try:
                private_folder(path)
                self._inode = path.stat().st_ino
                self._cache = self._opener(path)
                return
            except FAULTS as failure:
                fault = _cause(failure)
                if not faults.is_content(fault) or not self._set_aside(path):
                    break
        self._unwritable(fault)
        if not faults.is_content(fault):
            self._read_only(path)

    def _read_only(self, path: Path) -> None:
        try:
            self._old = ReadOnly(path)
        except FAULTS:
            self._old = None  # nothing to read either; why it cannot be written is told already

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


def _cause(fault: Exception) -> Exception:
    """diskcache says Timeout for whatever stops a transaction from beginning, and hides why."""
    if isinstance(fault, Timeout):
        hidden = fault.__context__
        return hidden if isinstance(hidden, sqlite3.Error) else TimeoutError()
    return fault
