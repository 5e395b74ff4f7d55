"""Everything remembered of one account, opened together: searches, bookings, chargers, reports,
favourites.

For one worker thread. Nothing here raises for a damaged, locked, full or unwritable disk; what
was lost or stays in memory is told in `Stores.notices`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from pm_tui.cache import faults
from pm_tui.cache.blobs import Blobs
from pm_tui.cache.directory import Directory
from pm_tui.cache.disk import bookings_cache, searches_cache
from pm_tui.cache.favourites import CHARGER, Favourites
from pm_tui.cache.folders import is_network_filesystem
from pm_tui.cache.moments import Clock, believable, from_text, to_text, utc_now
from pm_tui.cache.reports import ReportStore
from pm_tui.i18n import _
from pm_tui.models.json import JsonObject, dumps, loads
from pm_tui.models.reading import identifier

SCHEMA = "1:"  # before every key; another shape of the values takes another number
RECENT = 100  # searches whose label is listed
_LISTED = SCHEMA + "recent"
_ANSWER = SCHEMA + "answer:"


@dataclass(frozen=True, slots=True)
class Remembered:
    """An answer as the server gave it, and when (UTC). `recent` leaves `raw` empty."""

    key: str
    fetched_at: datetime
    label: str = ""
    raw: JsonObject = field(default_factory=dict)


def encode(label: str, raw: JsonObject, fetched_at: datetime) -> bytes:
    return dumps({"at": to_text(fetched_at), "label": label, "raw": raw}).encode()


def decode(key: str, value: bytes | None, now: datetime) -> Remembered | None:
    """None for what cannot be read or claims to come from the future."""
    if value is None:
        return None
    try:
        read = loads(value)
        at, label, raw = from_text(read["at"]), read["label"], read["raw"]
    except (ValueError, KeyError, TypeError):
        return None
    if not isinstance(raw, dict) or not isinstance(label, str) or not believable(at, now):
        return None
    return Remembered(key, at, label, raw)


class Searches:
    """Whole answers by normalised query; the oldest are evicted beyond 64 MB."""

    def __init__(self, blobs: Blobs, clock: Clock) -> None:
        self._blobs = blobs
        self._clock = clock

    def put(self, key: str, label: str, raw: JsonObject, fetched_at: datetime) -> None:
        """Keep an answer, unless a newer one to the same question is kept already."""
        old = self.get(key)
        if old is not None and old.fetched_at > fetched_at:
            return
        listed = [one for one in self._listed() if one["key"] != key]
        entry = {"key": key, "label": label, "at": to_text(fetched_at)}
        self._blobs.put(
            {
                _ANSWER + key: encode(label, raw, fetched_at),
                _LISTED: dumps([entry, *listed][:RECENT]).encode(),
            }
        )

    def get(self, key: str) -> Remembered | None:
        """The answer kept for `key`; None when there is none that can be believed."""
        return decode(key, self._blobs.get(_ANSWER + key), self._clock())

    def recent(self, n: int) -> list[Remembered]:
        """The last `n` searches, newest first, without their answers."""
        now = self._clock()
        kept = set(self._blobs.listing())
        found: list[Remembered] = []
        for one in self._listed():
            at = from_text(one["at"])
            if _ANSWER + one["key"] in kept and believable(at, now):
                found.append(Remembered(one["key"], at, one["label"]))
        found.sort(key=lambda one: one.fetched_at, reverse=True)
        return found[:n]

    def prune(self, before: datetime) -> int:
        """Forget the answers that were fetched before, and those that cannot be read; how many."""
        old = []
        for key in self._keys():
            kept = self.get(key)
            if kept is None or kept.fetched_at < before:
                old.append(key)
        return self._forget(old)

    def clear(self) -> int:
        """Forget every answer; how many."""
        return self._forget(self._keys())

    def _keys(self) -> list[str]:
        own = (key for key in self._blobs.listing() if key.startswith(_ANSWER))
        return [key.removeprefix(_ANSWER) for key in own]

    def _forget(self, keys: list[str]) -> int:
        gone = set(keys)
        self._blobs.remove(_ANSWER + key for key in keys)
        left = [one for one in self._listed() if one["key"] not in gone]
        self._blobs.put({_LISTED: dumps(left).encode()})
        return len(gone)

    def _listed(self) -> list[dict[str, str]]:
        """The list of labels: beside the answers, so that listing does not read them all."""
        try:
            read = loads(self._blobs.get(_LISTED) or b"[]")
            return [one for one in read if _is_listed(one)]
        except (ValueError, TypeError):
            return []


def _is_listed(one: Any) -> bool:
    if not isinstance(one, dict) or not all(isinstance(one.get(k), str) for k in ("key", "label")):
        return False
    try:
        from_text(one.get("at"))
    except ValueError:
        return False
    return True


class Bookings:
    """Each booking as last told; never evicted."""

    def __init__(self, blobs: Blobs, clock: Clock) -> None:
        self._blobs = blobs
        self._clock = clock

    def put(self, raws: Iterable[JsonObject], fetched_at: datetime) -> None:
        """Keep each booking that has an id, unless it is known from later already."""
        values: dict[str, bytes] = {}
        for raw in raws:
            booking_id = identifier(raw.get("id"))
            if booking_id is None:
                continue
            old = self.get(booking_id)
            if old is None or old.fetched_at <= fetched_at:
                values[SCHEMA + booking_id] = encode("", raw, fetched_at)
        if values:
            self._blobs.put(values)

    def get(self, booking_id: str) -> Remembered | None:
        """The booking; None when it is unknown here, unreadable or not to be believed."""
        return decode(booking_id, self._blobs.get(SCHEMA + booking_id), self._clock())

    def all(self) -> list[Remembered]:
        """Every booking that can be read, in no order."""
        own = (key for key in self._blobs.listing() if key.startswith(SCHEMA))
        found = (self.get(key.removeprefix(SCHEMA)) for key in own)
        return [one for one in found if one is not None]


class Stores:
    """The stores of one account. `notices` grows: what was set aside, rebuilt or kept in memory."""

    def __init__(self, folder: Path | None, state_folder: Path, clock: Clock) -> None:
        self.notices = faults.Notices()
        self._blobs = [
            Blobs(folder and folder / "searches", searches_cache, self.notices, clock, keep=64),
            Blobs(folder and folder / "bookings", bookings_cache, self.notices, clock),
        ]
        self.searches = Searches(self._blobs[0], clock)
        self.bookings = Bookings(self._blobs[1], clock)
        self.favourites = Favourites(state_folder, self.notices, clock)
        self.directory = Directory(
            folder, self.notices, clock, spared=lambda: self.favourites.ids(CHARGER)
        )
        self.reports = ReportStore(folder, self.notices, clock)

    @classmethod
    def open(cls, folder: Path, state_folder: Path, clock: Clock = utc_now) -> Self:
        """`folder` may be wiped at any time; favourites lie in `state_folder`. Never raises for a
        disk that is full, damaged or not ours: then memory takes its place, and `notices` says so.
        """
        if not is_network_filesystem(folder):
            return cls(folder, state_folder, clock)
        stores = cls(None, state_folder, clock)
        stores.notices.tell(
            _(
                "{path} lies on a network filesystem, where a cache gets damaged: what is seen is "
                "kept in memory only. Set PM_TUI_CACHE_DIR to a folder on this machine."
            ).format(path=folder)
        )
        return stores

    def close(self) -> None:
        for blobs in self._blobs:
            blobs.close()
        self.directory.close()
        self.reports.close()
        self.favourites.close()
