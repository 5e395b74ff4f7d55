"""A file that must not lose what it was told, in use: who writes it hears when it was not written.

For one thread at a time; several processes share the file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pm_tui.cache import faults
from pm_tui.cache.durable_open import FAULTS, Shape, Unusable, cannot_write, keep_copy, open_file
from pm_tui.cache.moments import Clock
from pm_tui.i18n import _

Row = tuple[Any, ...]


class DurableFile:
    """`problem` is why it cannot be written, None while it can; `recovered` counts how often it
    was found damaged and restored, in which case it may be behind what was told before."""

    def __init__(self, path: Path, shape: Shape, notices: faults.Notices, clock: Clock) -> None:
        self.path = path
        self.recovered = 0
        self._shape = shape
        self._notices = notices
        self._clock = clock
        self._open()

    def _open(self) -> None:
        opened = open_file(self.path, self._shape, self._notices, self._clock())
        self._connection = opened.connection
        self.problem = opened.problem
        self.recovered += opened.recovered
        self._inode = self._inode_now()
        if self.problem is not None:
            self._notices.tell(self.problem)
        else:
            self._copy()

    def write(self, sql: str, values: Row = ()) -> int:
        """Run one changing statement, synced to the disk before it returns; the rows changed.

        Raises `Unusable` when it was not, or not surely, written.
        """
        self._follow()
        if self.problem is not None:
            raise Unusable(self.problem)
        try:
            count = self._connection.execute(sql, values).rowcount
        except FAULTS as fault:
            raise self._unusable(fault) from fault
        self._copy()
        return count

    def read(self, sql: str, values: Row = ()) -> list[Row]:
        """Raises `Unusable` when the file cannot be read."""
        self._follow()
        try:
            return self._connection.execute(sql, values).fetchall()
        except FAULTS as fault:
            raise self._unusable(fault) from fault

    def close(self) -> None:
        self._connection.close()

    def _unusable(self, fault: Exception) -> Unusable:
        """What to raise; a damaged file is recovered first, so that the next call finds it well."""
        if faults.is_content(fault):
            self._connection.close()
            self._open()
        return Unusable(cannot_write(self.path, fault))

    def _follow(self) -> None:
        """Another process may have set the file aside: what is written to that one is lost."""
        if self.problem is None and self._inode_now() != self._inode:
            self._connection.close()
            self._open()

    def _inode_now(self) -> int | None:
        try:
            return self.path.stat().st_ino
        except OSError:
            return None

    def _copy(self) -> None:
        try:
            keep_copy(self._connection, self.path, self._clock())
        except FAULTS as fault:
            self._notices.tell(
                _("The daily copy of {path} could not be made ({reason}).").format(
                    path=self.path, reason=faults.reason(fault)
                )
            )
