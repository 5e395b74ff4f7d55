"""Bring a period's bookings into the store: only what is missing or may have changed is asked.

A part of a period is read again when bookings of it were still open, when it was read while it was
going on, or when it could not be read whole. A period of which nothing needs that is compared with
one answer over all of it: with a page or less that is every booking, else the newest hundred. Where
that tells another status, price or reference than the store, all of the period is read anew.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from heapq import heappop, heappush
from itertools import pairwise

from pm_tui.cache.reports import Entry, Part, ReportStore
from pm_tui.models.json import JsonObject
from pm_tui.models.reading import identifier
from pm_tui.services.report_period import Period
from pm_tui.services.report_reference import Reader
from pm_tui.services.report_rows import entry_of
from pm_tui.services.report_sweep import AIM, CAPS, PAGE, SECOND, Ask, Sweep, Told, Window

SETTLED = timedelta(minutes=2)  # after the end of a part: until then its last bookings may appear
FRESH = timedelta(minutes=10)  # so young a reading of open bookings is not read again
NOT_WHOLE = -1  # `Part.odd` of a second that holds more than a page


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a reading is: `share` of the time (0 to 1), `left` more requests as it looks (None:
    too early to say), `waiting_until` while the minute's limit is waited for."""

    requests: int = 0
    bookings: int = 0
    share: float = 0.0
    left: int | None = None
    month_left: int | None = None
    waiting_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Readout:
    """What a reading did. `checked` bookings were compared with the store (None: no need);
    `changed`: the gateway told something else than before, and all was read anew. `problem` ended
    it early; `stopped`: a person (or the rule for nobody) did not want to spend more requests."""

    requests: int = 0
    checked: int | None = None
    changed: bool = False
    problem: Exception | None = None
    stopped: bool = False


class Stop(Exception):
    """No more requests are wanted."""


OnProgress = Callable[[Progress], None]


class Reading:
    """One reading of one period; `told` is called whenever something was read."""

    def __init__(
        self,
        ask: Ask,
        in_store: Callable[[Callable[[ReportStore], object]], Awaitable[object]],
        reader: Reader,
        told: OnProgress,
    ) -> None:
        self._question, self._in_store, self._reader, self._told = ask, in_store, reader, told
        self._sweep = Sweep(self._ask)
        self.progress = Progress()

    async def bring(self, period: Period, now: datetime, ahead: timedelta = timedelta()) -> Readout:
        """`now` is by the gateway's clock, which is `ahead` of the one that readings are dated by.
        Raises what `ask` raises; what was read until then is kept."""
        start, end = period.start, min(period.end, _ceiling(now))
        if end <= start:
            return Readout()
        parts = await self._parts(start, end)
        wanted = _gaps(start, end, [p for p in parts if await self._is_good(p, now, ahead)])
        unread = _gaps(start, end, parts)
        known_from_start = bool(parts) and (not unread or unread[0][1] == end)
        if wanted and known_from_start and await self._fits_one(start, end):
            wanted = [(start, end)]  # for the one request that is needed, all of it is as new
        checked, changed = None, False
        if not wanted:
            checked, changed = await self._compare(start, end, parts)
            if changed:
                await self._in_store(lambda store: store.forget(start, end))
                wanted = [(start, end)]
        await self._read(wanted)
        return Readout(self.progress.requests, None if changed else checked, changed)

    async def _parts(self, start: datetime, end: datetime) -> list[Part]:
        found = await self._in_store(lambda store: store.parts(start, end))
        assert isinstance(found, list)  # noqa: S101  (for mypy: the door to the store is wide)
        return in_force(found, start, end)

    async def _fits_one(self, start: datetime, end: datetime) -> bool:
        """Whether one answer should hold all that is known of the range."""

        def count(store: ReportStore) -> int:
            return sum(one.bookings for one in store.sums("status", start, end, None))

        known = await self._in_store(count)
        assert isinstance(known, int)  # noqa: S101  (for mypy: the door to the store is wide)
        return known < PAGE * AIM and known not in CAPS

    async def _is_good(self, part: Part, now: datetime, ahead: timedelta) -> bool:
        read_at = part.read_at + ahead
        if part.odd == NOT_WHOLE or read_at < part.until + SETTLED:
            return False
        if now - read_at <= FRESH:
            return True
        return not await self._in_store(lambda store: store.open_within(part))

    async def _read(self, wanted: Sequence[tuple[datetime, datetime]]) -> None:
        whole = sum(((b - a).total_seconds() for a, b in wanted), 0.0)
        done, before = 0.0, self.progress.requests
        for since, until in reversed(wanted):
            async for window in self._sweep.windows(since, until):
                await self._in_store(partial(_keep, window, self._reader))
                done += (window.until - window.since).total_seconds()
                share = done / whole
                spent = self.progress.requests - before
                self._note(
                    bookings=self.progress.bookings + len(window.rows),
                    share=share,
                    left=round(spent / share - spent) if share > 0.02 or done == whole else None,
                )

    async def _compare(
        self, start: datetime, end: datetime, parts: Sequence[Part]
    ) -> tuple[int, bool]:
        """How many bookings were looked at again, and whether one of them is another now."""
        told = await self._ask(start, end)
        entries = [one for one in _entries(told.rows, self._reader, start) if one.created < end]
        whole = len(told.rows) < PAGE and len(told.rows) not in CAPS

        def differs(store: ReportStore) -> bool:
            known = store.known([one.id for one in entries])
            for one in entries:
                if one.id not in known:
                    return True
                was = entry_of(known[one.id], self._reader, one.created)
                if replace(was, raw={}) != replace(one, raw={}):
                    return True
            if whole:
                if len(store.bookings(start, end)) != len(entries):
                    return True
                # one with odd rows may be a piece of a longer one: its rows would count twice
                store.touch([one for one in parts if not one.odd], told.read_at)
            return False

        return len(entries), bool(await self._in_store(differs))

    async def _ask(self, since: datetime, until: datetime) -> Told:
        answer = await self._question(since, until)
        self._note(requests=self.progress.requests + 1)
        return answer

    def _note(self, **changes: object) -> None:
        self.progress = replace(self.progress, **changes)  # type: ignore[arg-type]
        self._told(self.progress)


def _keep(window: Window, reader: Reader, store: ReportStore) -> None:
    entries = list(_entries(window.rows, reader, window.since))
    # not asked for: the gateway compares another date than the one that we sum by
    slack = SECOND
    asked_for = [
        one
        for one in entries
        if not one.dated or window.since - slack <= one.created <= window.until + slack
    ]
    odd = NOT_WHOLE if window.full else len(window.rows) - len(asked_for)
    store.keep(Part(window.since, window.until, window.read_at, odd), asked_for)


def _entries(rows: Sequence[JsonObject], reader: Reader, instead: datetime) -> list[Entry]:
    return [entry_of(row, reader, instead) for row in rows if identifier(row.get("id")) is not None]


def _gaps(start: datetime, end: datetime, parts: Sequence[Part]) -> list[tuple[datetime, datetime]]:
    """What of the range lies in none of `parts`, the earliest first."""
    found: list[tuple[datetime, datetime]] = []
    reached = start
    for part in sorted(parts, key=lambda one: one.since):
        if part.since > reached:
            found.append((reached, part.since))
        reached = max(reached, part.until)
    if reached < end:
        found.append((reached, end))
    return found


def in_force(parts: Sequence[Part], start: datetime, end: datetime) -> list[Part]:
    """The same time from `start` to `end` without overlaps: of each moment the newest reading of
    it, the earliest moment first."""
    waiting = sorted(parts, key=lambda one: one.since)
    edges = {edge for one in parts for edge in (one.since, one.until) if start < edge < end}
    going: list[tuple[float, int]] = []  # the newest reading first
    found: list[tuple[int, Part]] = []
    begun = 0
    for since, until in pairwise(sorted(edges | {start, end})):
        while begun < len(waiting) and waiting[begun].since <= since:
            heappush(going, (-waiting[begun].read_at.timestamp(), begun))
            begun += 1
        while going and waiting[going[0][1]].until <= since:
            heappop(going)
        if going:
            which = going[0][1]
            if found and found[-1][0] == which:
                since = found.pop()[1].since
            found.append((which, replace(waiting[which], since=since, until=until)))
    return [part for _which, part in found]


def gaps_of(store: ReportStore, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """What of the range was never read whole."""
    return _gaps(start, end, [one for one in store.parts(start, end) if one.odd != NOT_WHOLE])


def _ceiling(moment: datetime) -> datetime:
    whole = moment.replace(microsecond=0)
    return whole if whole == moment else whole + SECOND
