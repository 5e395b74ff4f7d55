"""Read every booking of a stretch of time, although no page says how many there are.

`GET /bookings` has no further page (contract/agent-api.md §14 U1): an answer that is full may be
cut. So the time is swept from its end in windows that should hold a little less than a page, each
as wide as the last ones were dense. A window is *whole* only when its answer was not full; a full
one is narrowed to what its answer shows, or halved where that shows nothing. No order is promised
(§14 U28), so an order that is met is used to aim, and never as a proof.

Wire times are whole seconds and both ends count (§14 U3, U18): neighbours share the second at
which they touch, and a single second that is full cannot be split.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from pm_tui.models.json import JsonObject
from pm_tui.models.times import read_time

PAGE = 100
SECOND = timedelta(seconds=1)
_DAY = 86_400.0
AIM = 0.78  # of a page: what a window should hold; denser costs more full answers than it saves
WIDEN = 4.0  # a window over a quiet time is followed by one at most so much wider
CAPS = frozenset(
    {10, 20, 25, 30, 40, 50}
)  # a server that gives fewer than asked gives one of these


@dataclass(frozen=True, slots=True)
class Window:
    """An answer that holds all bookings created from `since` to `until`, or (`full`) one that may
    not although it can be narrowed no further. Times UTC, whole seconds."""

    since: datetime
    until: datetime
    rows: Sequence[JsonObject]
    read_at: datetime
    full: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    rows: Sequence[JsonObject]
    read_at: datetime


Ask = Callable[[datetime, datetime], Awaitable[Told]]


class Sweep:
    """`page` is what a full answer holds: less than `PAGE` where the server turned out to cap."""

    def __init__(self, ask: Ask, page: int = PAGE) -> None:
        self._ask = ask
        self.page = page
        self._per_second = 0.0  # bookings, where the last window was
        self._made: list[float] = []  # when those seen so far were made, the latest first
        self._top = 0.0
        self._cleared: set[int] = set()

    async def windows(self, since: datetime, until: datetime) -> AsyncIterator[Window]:
        """The windows of the range, the latest first; `since < until`, whole seconds. Whatever
        the consumer kept is worth keeping when it stops in between."""
        end = until
        while end > since:
            window = await self._before(since, end)
            yield window
            end = window.since

    async def _before(self, since: datetime, end: datetime) -> Window:
        """The next window that ends at `end` and begins at `since` or later."""
        begin = end - self._width(end, end - since)
        while True:
            told = await self._ask(begin, end)
            if not await self._is_full(told, begin, end):
                self._learn(told.rows, begin, end)
                return Window(begin, end, told.rows, told.read_at)
            if end - begin <= SECOND:
                return Window(begin, end, told.rows, told.read_at, full=True)
            begin = self._narrower(told.rows, begin, end)

    def _width(self, end: datetime, most: timedelta) -> timedelta:
        """So wide that about `AIM` of a page should lie in it: as wide as the same hours were a
        week later, or a day, where that is known; else by the last window's density."""
        aim = self.page * AIM
        for days in (7, 1):
            like = end.timestamp() + days * _DAY
            if like > self._top:
                continue
            place = bisect_left(self._made, -like) + round(aim)
            if place < len(self._made):
                found = like + self._made[place]  # it holds them negated
                return min(most, timedelta(seconds=max(1, int(found))))
        if self._per_second <= 0:
            return most
        return min(most, timedelta(seconds=max(1, ceil(aim / self._per_second))))

    def _learn(self, rows: Sequence[JsonObject], begin: datetime, end: datetime) -> None:
        """How dense the time before will be: like this window, if that held enough to tell."""
        told = max(float(len(rows)), self.page * AIM / WIDEN)
        self._per_second = told / max((end - begin).total_seconds(), 1.0)
        self._top = max(self._top, end.timestamp())
        made = [read_time(row.get("created_at")) for row in rows]
        self._made += sorted(-at.timestamp() for at in made if at and begin < at <= end)

    def _narrower(self, rows: Sequence[JsonObject], begin: datetime, end: datetime) -> datetime:
        """Where to begin instead: as early as the newest bookings shown are fewer than a page,
        and never earlier than the middle, so that it ends whatever the rows say."""
        middle = end - max(SECOND, _whole((end - begin) / 2))
        made = sorted(
            (at for row in rows if (at := read_time(row.get("created_at"))) and begin <= at <= end),
            reverse=True,
        )
        if len(made) < self.page:
            return middle
        # all of a second or none of it: the page's last second may be cut
        shown = made[self.page - 1].replace(microsecond=0) + SECOND
        return min(max(middle, shown), end - SECOND)

    async def _is_full(self, told: Told, begin: datetime, end: datetime) -> bool:
        count = len(told.rows)
        if count >= self.page:
            return True
        if count not in CAPS or count in self._cleared or end - begin <= SECOND:
            return False
        # exactly 50 bookings, or a server that never gives more than 50: asked again in two, parted
        # in the middle of what it showed, one of the two has room for what was cut off
        middle = self._middle(told.rows, begin, end)
        halves = [await self._ask(begin, middle), await self._ask(middle, end)]
        ids = {str(row.get("id")) for half in halves for row in half.rows}
        if len(ids) > count:
            self.page = count
            return True
        self._cleared.add(count)
        return False

    def _middle(self, rows: Sequence[JsonObject], begin: datetime, end: datetime) -> datetime:
        made = sorted(at for row in rows if (at := read_time(row.get("created_at"))))
        middle = made[len(made) // 2] if made else begin + (end - begin) / 2
        return min(max(middle.replace(microsecond=0), begin + SECOND), end - SECOND)


def _whole(span: timedelta) -> timedelta:
    return max(SECOND, timedelta(seconds=int(span.total_seconds())))
