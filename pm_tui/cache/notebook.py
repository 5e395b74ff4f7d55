"""A small plain file in the state folder for what a person would have to do again: how a table is
arranged, a form half filled. Private, bounded, whole or not at all.

    {"format": "pm-tui notebook", "values": {"view": "bookings", "sort.homes": ["user", false]}}

Nothing here raises for a damaged, full or unwritable disk: what could not be read or kept is told.
Several windows share the file: each change is made to what it holds then, and the last one wins.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from pm_tui.i18n import _

JsonObject = dict[str, Any]

HABITS = "habits.json"  # how the full screen was left; in the state folder itself
LEFT = "left.json"  # in an account's: the last search, half-filled bookings
FILTERS = "filters.json"  # in an account's: filters under names
FORMAT = "pm-tui notebook"
LARGEST = 256 * 2**10  # bytes; a file beyond is none of ours
BROKEN = ".broken"  # behind the name of one that was set aside
_PATIENCE, _STEP = 20, 0.01  # another window writes for a few milliseconds


class Notebook:
    """For one thread at a time. Without a `path` it is kept for this run alone."""

    def __init__(self, path: Path | None, tell: Callable[[str], None]) -> None:
        self.path = path
        self._tell = tell
        self._here: JsonObject = {}

    def read(self) -> JsonObject:
        """What is in it now; nothing where there is no file or none that can be read. One that is
        broken is set aside, and that is told."""
        if self.path is None:
            return dict(self._here)
        try:
            with self.path.open("rb") as file:
                body = file.read(LARGEST + 1)
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except OSError as problem:
            text = _("{path} cannot be read: {reason}.")
            self._tell(text.format(path=self.path, reason=problem.strerror))
            return {}
        values = values_in(body)
        if values is None:
            self._set_aside(self.path)
            return {}
        return values

    def change(self, alter: Callable[[JsonObject], None]) -> bool:
        """Let `alter` change what it holds; whether that is kept (also where nothing changed)."""
        if self.path is None:
            alter(self._here)
            return True
        if not self._differs(self.read(), alter):
            return True  # nor is a folder made for nothing
        import json

        # (reading must not cost the first paint what only writing needs)
        from pm_tui.cache.files import write_private
        from pm_tui.cache.folders import private_folder

        try:
            private_folder(self.path.parent)
            with _alone(self.path):
                after = self._altered(self.read(), alter)
                body = json.dumps({"format": FORMAT, "values": after}).encode()
                if len(body) > LARGEST:
                    self._tell(_("{path} is full: this is not kept.").format(path=self.path))
                    return False
                write_private(self.path, body)
        except OSError as problem:
            text = _("{path} cannot be written ({reason}): this is not kept.")
            reason = problem.strerror or str(problem)
            self._tell(text.format(path=self.path, reason=reason))
            return False
        return True

    def forget_broken(self, before: datetime) -> None:
        """Delete what was set aside and was written last `before`: it may tell of people."""
        if self.path is not None:
            aside = self.path.with_name(self.path.name + BROKEN)
            with suppress(OSError):
                if aside.stat().st_mtime < before.timestamp():
                    aside.unlink()

    @staticmethod
    def _altered(values: JsonObject, alter: Callable[[JsonObject], None]) -> JsonObject:
        after = dict(values)
        alter(after)
        return after

    def _differs(self, values: JsonObject, alter: Callable[[JsonObject], None]) -> bool:
        return self._altered(values, alter) != values

    def _set_aside(self, path: Path) -> None:
        aside = path.with_name(path.name + BROKEN)
        with suppress(OSError):
            path.replace(aside)
        text = _("{path} could not be read and was set aside as {aside}: it begins anew.")
        self._tell(text.format(path=path, aside=aside.name))


def values_in(body: bytes) -> JsonObject | None:
    """The values of a notebook's file; None for what is none."""
    import json  # 2 ms that a start without a notebook does not pay

    if len(body) > LARGEST:
        return None
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        return None
    values = told.get("values")
    return values if isinstance(values, dict) else None


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """While no other window changes it. One that holds the lock for long is not waited for: then
    the last one wins, as it says above."""
    import fcntl  # not before something is written

    descriptor = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        for _turn in range(_PATIENCE):
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                time.sleep(_STEP)
        yield
    finally:
        os.close(descriptor)
