"""What ev.energy told, remembered: chargers one by one with their age, lists of them, their logs.

In a folder of its own beside the account's other caches, opened when home chargers are first asked
for; evicting, and with the same rules for damaged, full and unwritable disks (`Blobs`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Self

from pm_tui.cache import faults
from pm_tui.cache.blobs import Blobs
from pm_tui.cache.disk import searches_cache
from pm_tui.cache.folders import is_network_filesystem
from pm_tui.cache.moments import Clock, utc_now
from pm_tui.cache.stores import SCHEMA, Remembered, decode, encode
from pm_tui.models.json import JsonObject
from pm_tui.models.reading import identifier

_MEMORY = 2000  # rows kept where the disk takes none
_MOST_DAYS = 62


@dataclass(frozen=True, slots=True)
class Listed:
    """The ids of a list as it was last read, `complete` when it was read to its end."""

    ids: tuple[str, ...]
    fetched_at: datetime
    complete: bool


class HomeStore:
    """For one worker thread. Nothing here raises for a bad disk; `notices` tells of it."""

    def __init__(self, folder: Path | None, clock: Clock) -> None:
        self.notices = faults.Notices()
        self._clock = clock
        self._blobs = Blobs(folder, searches_cache, self.notices, clock, keep=_MEMORY)

    @classmethod
    def open(cls, folder: Path, clock: Clock = utc_now) -> Self:
        """Memory alone on a network filesystem, which the account's stores have told already."""
        return cls(None if is_network_filesystem(folder) else folder, clock)

    def close(self) -> None:
        self._blobs.close()

    # -- chargers ----------------------------------------------------------------

    def put(self, raws: Iterable[JsonObject], fetched_at: datetime) -> None:
        """Keep each charger, unless it is known from later."""
        values: dict[str, bytes] = {}
        for raw in raws:
            evse_id = identifier(raw.get("id"))
            old = None if evse_id is None else self.get(evse_id)
            if evse_id is not None and (old is None or old.fetched_at <= fetched_at):
                values[_evse(evse_id)] = encode("", raw, fetched_at)
        if values:
            self._blobs.put(values)

    def get(self, evse_id: str) -> Remembered | None:
        return self._one(_evse(evse_id))

    def forget(self, evse_id: str) -> None:
        """It is no more; lists that name it find nothing there."""
        self._blobs.remove([_evse(evse_id)])

    # -- lists -------------------------------------------------------------------

    def put_list(self, user: str, ids: Sequence[str], fetched_at: datetime, complete: bool) -> None:
        """Keep which chargers a user's list ("": everybody's) holds. What an unfinished reading
        has not come to yet stays in it, behind what it has read."""
        if not complete and (old := self.listed(user)) is not None:
            ids = list(dict.fromkeys([*ids, *old.ids]))
        raw: JsonObject = {"ids": list(ids), "complete": complete}
        self._blobs.put({_list(user): encode("", raw, fetched_at)})

    def listed(self, user: str) -> Listed | None:
        kept = self._one(_list(user))
        if kept is None or not isinstance(kept.raw.get("ids"), list):
            return None
        ids = tuple(one for one in kept.raw["ids"] if isinstance(one, str))
        return Listed(ids, kept.fetched_at, kept.raw.get("complete") is True)

    # -- logs --------------------------------------------------------------------

    def put_log(
        self, kind: str, evse_id: str, rows: Iterable[tuple[datetime, JsonObject]], at: datetime
    ) -> None:
        """Keep lines of a log by their day (UTC), beside those of that day that are kept already:
        what was once sampled does not change. `at` is when they were fetched."""
        days: dict[date, dict[str, JsonObject]] = {}
        for moment, raw in rows:
            days.setdefault(moment.astimezone(UTC).date(), {})[moment.isoformat()] = raw
        values = {}
        for day, lines in days.items():
            kept = self._one(_log(kind, evse_id, day))
            merged = {**(kept.raw if kept else {}), **lines}
            values[_log(kind, evse_id, day)] = encode("", merged, at)
        if values:
            self._blobs.put(values)

    def log(
        self, kind: str, evse_id: str, since: datetime, until: datetime
    ) -> tuple[list[JsonObject], datetime] | None:
        """The kept lines between, newest first, and when the oldest of their days was fetched;
        None when no such day is kept."""
        found: dict[str, JsonObject] = {}
        times: list[datetime] = []
        first, day = since.astimezone(UTC).date(), until.astimezone(UTC).date()
        for _day in range(_MOST_DAYS):
            if day < first:
                break
            kept = self._one(_log(kind, evse_id, day))
            if kept is not None:
                times.append(kept.fetched_at)
                found |= kept.raw
            day -= timedelta(days=1)
        if not times:
            return None
        rows = sorted(found.items(), reverse=True)
        low, high = since.astimezone(UTC), until.astimezone(UTC)
        return [raw for key, raw in rows if low <= _moment(key) <= high], min(times)

    # -- the rest ----------------------------------------------------------------

    def put_rows(self, kind: str, evse_id: str, rows: Sequence[JsonObject], at: datetime) -> None:
        """Keep a list that belongs to a charger, whole."""
        self._blobs.put({f"{SCHEMA}{kind}:{evse_id}": encode("", {"rows": list(rows)}, at)})

    def rows(self, kind: str, evse_id: str) -> tuple[list[JsonObject], datetime] | None:
        kept = self._one(f"{SCHEMA}{kind}:{evse_id}")
        if kept is None or not isinstance(kept.raw.get("rows"), list):
            return None
        return [one for one in kept.raw["rows"] if isinstance(one, dict)], kept.fetched_at

    def _one(self, key: str) -> Remembered | None:
        return decode(key, self._blobs.get(key), self._clock())


def _evse(evse_id: str) -> str:
    return f"{SCHEMA}evse:{evse_id}"


def _list(user: str) -> str:
    return f"{SCHEMA}list:{user}"


def _log(kind: str, evse_id: str, day: date) -> str:
    return f"{SCHEMA}{kind}:{evse_id}:{day.isoformat()}"


def _moment(key: str) -> datetime:
    """A key of a day's lines, written by us; one that is not is a line nobody asked for."""
    try:
        return datetime.fromisoformat(key).astimezone(UTC)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
