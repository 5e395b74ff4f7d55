"""A mark on the disk while a visitor's wish is under way: who finds one left was interrupted.

A mark holds a process and a time, nothing of a visitor.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from pm_tui.cache.claimer import Claimer, is_gone, me
from pm_tui.services.files import write_private


def put(folder: Path, at: datetime) -> None:
    """Synced to the disk. Raises `OSError`."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    own = me()
    body = json.dumps({**asdict(own), "at": at.timestamp()})
    write_private(folder / f"under-way-{own.pid}.json", body.encode())


def take_away(folder: Path) -> None:
    """That of this process."""
    with suppress(OSError):
        (folder / f"under-way-{me().pid}.json").unlink()


def left(folder: Path) -> datetime | None:
    """The earliest time (UTC) in the marks of processes that are gone; those are taken away."""
    found = []
    for path in folder.glob("under-way-*.json"):
        try:
            told = json.loads(path.read_bytes())
            claimer = Claimer(told["host"], told["pid"], told["started"])
            at = datetime.fromtimestamp(told["at"], UTC)
        except (OSError, ValueError, KeyError, TypeError, OverflowError):
            claimer, at = None, _written(path)  # half a disk's worth: its own time has to do
        if claimer is None or is_of_an_earlier_run(claimer):
            found.append(at)
            with suppress(OSError):
                path.unlink()
    return min(found, default=None)


def is_of_an_earlier_run(claimer: Claimer) -> bool:
    """Whether that process runs no more, be it because this machine has started anew since."""
    own = me()
    if claimer.host == own.host:
        return is_gone(claimer)
    return claimer.host.partition("|")[0] == own.host.partition("|")[0]


def _written(path: Path) -> datetime:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError:
        return datetime.now(UTC)
