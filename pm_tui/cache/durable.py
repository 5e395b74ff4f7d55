"""A file that must not lose what it was told, in use: who writes it hears when it was not written.

For one thread at a time; several processes share the file.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from pm_tui.cache import faults
from pm_tui.cache.durable_open import FAULTS, Shape, Unusable, cannot_write, keep_copy, open_file
from pm_tui.cache.moments import Clock
from pm_tui.i18n import _

T = TypeVar("T")
Row = tuple[Any, ...]
Run = Callable[..., Any]  # execute of the connection


class DurableFile:
    """`problem` is why it cannot be written, None while it can; `unread` whether it is not read
    either: then it reads as empty, whatever it holds."""

    def __init__(self, path: Path, shape: Shape, notices: faults.Notices, clock: Clock) -> None:
        self.path = path
        self._shape = shape
        self._notices = notices
        self._clock = clock
        self._open()

    def _open(self) -> None:
        opened = open_file(self.path, self._shape, self._notices, self._clock())
        self._connection = opened.connection
        self.problem, self.unread = opened.problem, opened.unread
        self._inode = self._inode_now()
        if self.problem is not None:
            self._notices.tell(self.problem)
        else:
            self._copy()

    def write(self, work: Callable[[Run], T]) -> T:
        """Run `work` as one transaction that no other process interrupts, synced to the disk
        before this returns.

        Raises `Unusable` when it was not, or not surely, written.
        """
        self._follow()
        if self.problem is not None:
            raise Unusable(self.problem)
        run = self._connection.execute
        try:
            run("BEGIN IMMEDIATE")
            done = work(run)
            run("COMMIT")
        except FAULTS as fault:
            raise self._unusable(fault) from None  # SQLite's texts can quote what is stored
        finally:
            if self._connection.in_transaction:
                self._connection.rollback()
        self._copy()
        return done

    def read(self, work: Callable[[Run], T]) -> T:
        """Raises `Unusable` when the file cannot be read."""
        self._follow()
        try:
            return work(self._connection.execute)
        except FAULTS as fault:
            raise self._unusable(fault) from None

    def close(self) -> None:
        self._connection.close()

    def _unusable(self, fault: Exception) -> Unusable:
        """What to raise; a damaged file is recovered first, so that the next call finds it well."""
        if not faults.is_content(fault):
            return Unusable(cannot_write(self.path, fault))
        self._connection.close()
        self._open()
        if self.problem is not None:
            return Unusable(self.problem)
        text = _("{path} was damaged and has just been restored: look at it before you go on.")
        return Unusable(text.format(path=self.path))

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
            keep_copy(self._connection, self.path, self._shape, self._clock())
        except FAULTS as fault:
            self._notices.tell(
                _("The daily copy of {path} could not be made ({reason}).").format(
                    path=self.path, reason=faults.reason(fault)
                )
            )
