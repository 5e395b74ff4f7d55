"""The part of a session that finds chargers along a way: circle by circle, as much as is allowed.

What the line does not give is taken from memory, and what neither knows is told in `Found.gaps`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from pm_tui.api.agent import AgentClient, Answer
from pm_tui.api.record import because
from pm_tui.cache.directory import Area
from pm_tui.cache.stores import Stores
from pm_tui.i18n import _, ngettext
from pm_tui.models.charger import Location
from pm_tui.models.json import JsonObject
from pm_tui.models.query import SearchQuery
from pm_tui.models.route import RouteQuery
from pm_tui.models.search import CpoResult, SearchAnswer
from pm_tui.services import find
from pm_tui.services.account import COVERED_BY_MEMORY, Account, NothingRemembered
from pm_tui.services.corridor import Arc, gaps, question, way_of
from pm_tui.services.coverage import Coverage, cover
from pm_tui.services.find import Found, Gap
from pm_tui.services.recalled import location_of

MORE = 3  # times as many requests as are needed at least may be spent on answers that are cut short
MOST_REMEMBERED = 5000  # locations of one part

# (least, most) requests that are wanted -> how many may be spent; 0 is memory only
MayAsk = Callable[[int, int], Awaitable[int]]


async def always(least: int, _most: int) -> int:
    return least


class Routing(Account):
    async def along(
        self,
        query: RouteQuery,
        *,
        label: str = "",
        offline: bool = False,
        may_ask: MayAsk = always,
    ) -> AsyncIterator[Found]:
        """What is along the way, anew for each part of it that has come in; the last one is whole
        as far as it could be had. A fault of the line ends the asking, and memory has the rest.

        Raises `NothingRemembered`, or the `ApiError` that memory must not paper over.
        """
        trip = _Trip(query)
        waiting = deque(trip.way.arcs())
        problem: Exception | None = None
        left = 0
        if not (offline or self.settings.offline):
            left = await may_ask(len(waiting), len(waiting) * MORE)
        while waiting and left > 0:
            arc = waiting.popleft()
            asked = question(query, arc)
            try:
                with because("search"):
                    answer = await self.line.ask(partial(_searched, asked))
            except COVERED_BY_MEMORY as failure:
                problem = failure
                waiting.appendleft(arc)
                break
            left -= 1
            stores = await self._open_stores()
            await self.in_worker(find.remember_area, stores, asked, answer)
            self.note_operators(answer.value.cpo_results)
            is_cut = trip.take(arc, answer)
            if is_cut and left >= len(waiting) + 2:  # the rest of the way comes first
                waiting.extendleft(reversed(arc.halves()))
            if waiting and left:
                yield trip.found(len(waiting))
        if waiting:
            stores = await self._open_stores()
            await self.in_worker(trip.recall, stores, waiting)
            if not trip.knows_anything:
                raise NothingRemembered(_("Nothing is remembered of this way."), problem)
        found = trip.found(0, problem)
        if not waiting:
            raw = trip.as_raw(found)
            stores = await self._open_stores()
            await self.in_worker(
                stores.searches.put, query.key(), label or query.label, raw, found.fetched_at
            )
        yield found

    def note_operators(self, results: object) -> None:
        """A search that lost operators is a good answer over a degraded line."""
        silent = [one for one in results if one.error] if isinstance(results, tuple) else []
        if silent:
            self.line.note(
                state="degraded",
                problem=ngettext(
                    "{n} operator did not answer", "{n} operators did not answer", len(silent)
                ).format(n=len(silent)),
            )


class _Trip:
    """What is known of a way so far."""

    def __init__(self, query: RouteQuery) -> None:
        self.query, self.way = query, way_of(query)
        self._rows: dict[str, Location] = {}
        self._seen_at: dict[str, datetime] = {}
        self._operators: dict[tuple[str | None, str | None], CpoResult] = {}
        self._covered: list[Gap] = []
        self._remembered: list[Gap] = []
        self._areas: list[Area] = []
        self._times: list[datetime] = []
        self._skipped = self._done = 0
        self._is_live = True

    @property
    def knows_anything(self) -> bool:
        return bool(self._rows or self._done or self._areas)

    def take(self, arc: Arc, answer: Answer[SearchAnswer]) -> bool:
        """An answer for one part; whether it was cut short by the limit."""
        self._done += 1
        self._skipped += answer.value.skipped
        self._times.append(answer.received_at)
        for location in answer.value.locations:
            self._put(location, answer.received_at)
        for one in answer.value.cpo_results:
            self._add_operator(one)
        told = len(find.rows_of(answer.raw))
        is_cut = told >= self.query.limit or (answer.value.total or 0) > told
        reach = arc.radius_km
        if is_cut:
            last = answer.value.locations[-1] if answer.value.locations else None
            reach = (last.distance_km if last is not None else None) or 0.0
        if (span := arc.covered(reach)) is not None:
            self._covered.append(span)
        return is_cut

    def _put(self, location: Location, at: datetime) -> None:
        """One that lies in the corridor; without a place nobody knows whether it does."""
        if location.latitude is None or location.longitude is None:
            if location.location_id not in self._seen_at:
                self._seen_at[location.location_id] = at
                self._skipped += 1
            return
        if at <= self._seen_at.get(location.location_id, datetime.min.replace(tzinfo=at.tzinfo)):
            return
        km, aside = self.way.beside(location.latitude, location.longitude)
        if aside <= self.query.radius_km:
            self._rows[location.location_id] = replace(location, distance_km=round(km, 3))
            self._seen_at[location.location_id] = at

    def _add_operator(self, told: CpoResult) -> None:
        """Together over all parts: how many, how long at most, and whether any of them failed."""
        key = (told.cpo_party_id, told.cpo_name)
        known = self._operators.get(key)
        if known is not None:
            told = replace(
                told,
                count=_added(known.count, told.count),
                duration_ms=max(known.duration_ms or 0, told.duration_ms or 0) or None,
                error=known.error or told.error,
            )
        self._operators[key] = told

    def recall(self, stores: Stores, arcs: Iterable[Arc]) -> None:
        """What memory has of the parts that were not asked for. In the stores' thread."""
        self._is_live = False
        for arc in arcs:
            asked = question(self.query, arc)
            circle = (asked.latitude, asked.longitude, asked.radius_km)
            spots = stores.directory.spots(*circle, MOST_REMEMBERED, find.wants(asked))
            for seen in stores.directory.read(spots):
                self._put(location_of(seen), seen.fetched_at)
            touching = stores.directory.touching(*circle)
            coverage = cover(
                *circle,
                (a for a in touching if a.complete and find.lets_through(a.filter_key, asked)),
            )
            self._areas += coverage.areas
            if coverage.share == 1:
                self._remembered.append(arc.span)
        self._times += [area.fetched_at for area in self._areas]

    def found(self, waiting: int, problem: Exception | None = None) -> Found:
        """All of it, in the order of the way."""
        locations = sorted(self._rows.values(), key=lambda one: one.distance_km or 0.0)
        answer = SearchAnswer(
            None, locations, tuple(self._operators.values()), skipped=self._skipped
        )
        length = self.way.length_km
        left = gaps(length, [*self._covered, *self._remembered])
        share = 1 - sum(end - begin for begin, end in left) / length
        times = [*self._times, *(self._seen_at[one.location_id] for one in locations)]
        return Found(
            answer,
            "live" if self._is_live else "cache",
            min(times),
            problem,
            seen_at=dict(self._seen_at),
            coverage=Coverage(share, tuple(self._areas)),
            exact=self._is_live,
            parts=self._done + waiting,
            done=self._done,
            gaps=left,
        )

    def as_raw(self, found: Found) -> JsonObject:
        """As the answer to one search would look, for it to be remembered as one."""
        rows: list[Any] = [
            {**one.raw, "distance_km": one.distance_km} for one in found.value.locations
        ]
        operators: list[Any] = [
            {
                "cpo_party_id": one.cpo_party_id,
                "cpo_name": one.cpo_name,
                "count": one.count,
                "duration_ms": one.duration_ms,
                "error": one.error,
            }
            for one in found.value.cpo_results
        ]
        spans: list[Any] = [list(gap) for gap in found.gaps]
        return {"results": rows, "cpo_results": operators, "gaps": spans}


def _searched(asked: SearchQuery, client: AgentClient) -> Awaitable[Answer[SearchAnswer]]:
    return client.search(asked)


def _added(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other
