"""What a failing store means, and how a broken one gets out of the way without being destroyed."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from pm_tui.i18n import _

KEPT = 3  # broken copies of one store; older ones go, or a failing disk would fill

# primary result codes of SQLite that blame the disk, the rights or a lock and not the content
# (sqlite.org/rescode.html): PERM BUSY LOCKED NOMEM READONLY INTERRUPT IOERR FULL CANTOPEN
_NOT_CONTENT = frozenset({3, 5, 6, 7, 8, 9, 10, 13, 14})
_BUSY = frozenset({5, 6})
_SQLITE_ERROR = 1
# what the system calls it, in words
_SYSTEMS = {8: errno.EROFS, 13: errno.ENOSPC}


def code(fault: BaseException) -> int:
    """SQLite's primary result code; 1 (plain error) where Python itself raised."""
    return int(getattr(fault, "sqlite_errorcode", _SQLITE_ERROR)) & 0xFF


def is_content(fault: Exception) -> bool:
    """Whether the content is to blame: then the store is set aside. Else it may be good still."""
    if isinstance(fault, sqlite3.Error):
        return code(fault) not in _NOT_CONTENT
    return not isinstance(fault, OSError)


def is_busy(fault: Exception) -> bool:
    """Whether another process held the lock for too long: nothing is wrong, but it is not done."""
    return isinstance(fault, sqlite3.Error) and code(fault) in _BUSY


def reason(fault: Exception) -> str:
    """Why, in a word that cannot hold stored content (a decoding error of SQLite quotes it)."""
    if isinstance(fault, OSError) and fault.strerror:
        return fault.strerror
    if isinstance(fault, OSError) and isinstance(fault.__cause__, OSError):
        return reason(fault.__cause__)  # why a folder of ours cannot be used
    if isinstance(fault, sqlite3.Error) and code(fault) in _SYSTEMS:
        return os.strerror(_SYSTEMS[code(fault)])
    if isinstance(fault, sqlite3.Error) and hasattr(fault, "sqlite_errorname"):
        return str(fault.sqlite_errorname)
    return type(fault).__name__


class Notices(list[str]):
    """What the user should be told once, in the order in which it happened."""

    def tell(self, text: str) -> None:
        if text not in self:
            self.append(text)


def set_aside(
    path: Path, inode: int | None, now: datetime, companions: tuple[str, ...] = ()
) -> Path | None:
    """Rename a broken file or folder to `name.broken-<UTC time>` and keep the newest few of them.

    `inode` is what was found broken: when another process has put a new one in its place since,
    that is left alone (None). `companions` are endings of files that belong to it (a rollback
    journal without its database could destroy another). Raises `OSError`.
    """
    if inode is not None and (not path.exists() or path.stat().st_ino != inode):
        return None
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%S")
    target = path.with_name(f"{path.name}.broken-{stamp}")
    while target.exists():
        stamp += "x"
        target = path.with_name(f"{path.name}.broken-{stamp}")
    for ending in ("", *companions):
        source = path.with_name(path.name + ending)
        if source.exists():
            source.rename(target.with_name(target.name + ending))
    _forget_old(path)
    return target


def _forget_old(path: Path) -> None:
    kept = sorted(path.parent.glob(f"{_literal(path.name)}.broken-*"), key=lambda one: one.name)
    stamps = sorted({_stamp(one) for one in kept})
    for one in kept:
        if _stamp(one) in stamps[:-KEPT]:
            if one.is_dir():
                shutil.rmtree(one, ignore_errors=True)
            else:
                one.unlink(missing_ok=True)


def _stamp(path: Path) -> str:
    return path.name.rpartition(".broken-")[2].partition("-")[0]


def _literal(name: str) -> str:
    return name.replace("[", "[[]")


def broken_notice(path: Path, target: Path | None) -> str:
    """The text for a store that was set aside and started anew."""
    if target is None:
        return _("{path} was damaged; another window has rebuilt it.").format(path=path)
    return _("{path} was damaged. It was set aside as {name} and started anew.").format(
        path=path, name=target.name
    )


def memory_notice(path: Path, fault: Exception) -> str:
    """The text for a store that cannot be written where it lies."""
    return _("{path} cannot be written ({reason}): what is new is kept in memory only.").format(
        path=path, reason=reason(fault)
    )
