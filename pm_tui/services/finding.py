"""The half of a session that finds chargers: asked live, remembered, and looked up again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from pm_tui.api.agent import Answer
from pm_tui.api.record import because
from pm_tui.cache.stores import Remembered, Stores
from pm_tui.i18n import _
from pm_tui.models.charger import Location
from pm_tui.models.query import SearchQuery
from pm_tui.models.result import Result
from pm_tui.models.route import RouteQuery
from pm_tui.models.search import SearchAnswer
from pm_tui.services import find
from pm_tui.services.account import COVERED_BY_MEMORY, NothingRemembered
from pm_tui.services.find import Found
from pm_tui.services.ledger import Place
from pm_tui.services.routing import MayAsk, Routing, always

# a question asked again so soon costs nothing: what is free changes within minutes, not seconds
SPARED = timedelta(seconds=30)


class Finding(Routing):
    async def search(self, query: SearchQuery, *, label: str = "", offline: bool = False) -> Found:
        """Ask live and remember, or answer from memory when the line fails or `offline` is set.
        Along a way that takes several requests.

        Raises `NothingRemembered`, or the `ApiError` that memory must not paper over.
        """
        if isinstance(query, RouteQuery):
            return [one async for one in self.along(query, label=label, offline=offline)][-1]
        stores = await self._open_stores()
        problem: Exception | None = None
        if not (offline or self.settings.offline):
            try:
                with because("search", unless_said=True):
                    answer = await self.line.ask(lambda client: client.search(query))
            except COVERED_BY_MEMORY as failure:
                problem = failure
            else:
                self._remember(stores, query, label, answer)
                self.note_operators(answer.value.cpo_results)
                return Found(answer.value, "live", answer.received_at)
        found = await self.in_worker(find.recall, stores, query, problem, self._worker.submit)
        if found is None:
            raise NothingRemembered(_("Nothing is remembered of this area."), problem)
        self.record.spared()
        return found

    async def answers(
        self,
        query: SearchQuery,
        *,
        label: str = "",
        again: bool = False,
        may_ask: MayAsk = always,
    ) -> AsyncIterator[Found]:
        """First what is remembered of this very question, if it is no older than `search_age`;
        then the live answer, unless the remembered one is so young that asking would only cost
        (`SPARED`; one that lacks an operator is not spared). `again` asks live in any case,
        `may_ask` has the last word before a request is spent; without it memory is all there is.
        Along a way there is an answer for each part that has come in.

        Raises as `search` does, also after a remembered answer, which then stays the best there is.
        """
        known = None if again or self.settings.offline else await self._kept(query)
        if known is not None:
            spared = known.age(self.now()) < SPARED and not known.is_partial
            yield replace(known, course="spared" if spared else "asking")
            if spared:
                self.record.spared()
                return
        if isinstance(query, RouteQuery):
            async for found in self.along(query, label=label, may_ask=may_ask):
                yield found
        else:
            allowed = await may_ask(1, 1)
            yield await self.search(query, label=label, offline=not allowed)

    async def _kept(self, query: SearchQuery) -> Found | None:
        known = await self.with_stores(lambda stores: find.kept(stores, query))
        if known is None or known.age(self.now()) > self.settings.search_age:
            return None
        return known

    async def look(self, query: SearchQuery) -> Result[SearchAnswer]:
        """Ask live, once and in the background, or not at all: for a charger that is watched.
        Every location in it is remembered, the search is not: no person made it. Raises
        `ApiError`."""
        stores = await self._open_stores()
        with because("watched"):
            answer = await self.line.ask(
                lambda client: client.search(query, background=True, once=True)
            )
        known = find.entries(answer.value.locations)
        await self.in_worker(stores.directory.add, known, answer.received_at)
        return Result(answer.value, "live", answer.received_at)

    def _remember(
        self, stores: Stores, query: SearchQuery, label: str, answer: Answer[SearchAnswer]
    ) -> None:
        """Keep an answer without keeping the person waiting: whatever is asked of the stores next,
        closing them included, comes after it in their one thread. A fault there costs the memory
        of this answer, never the answer."""

        def keep() -> None:
            try:
                find.remember(stores, query, label, answer)
            except Exception as fault:  # the last line of defence for what runs behind
                stores.notices.tell(_("A search was not remembered: {fault}").format(fault=fault))

        self._worker.submit(keep)

    async def recent_searches(self, n: int = 20) -> list[Remembered]:
        """The last searches, newest first (without their answers)."""
        stores = await self._open_stores()
        return await self.in_worker(stores.searches.recent, n)

    async def locations(self, location_ids: Iterable[str]) -> dict[str, Result[Location]]:
        """Locations as they were seen last, however long ago."""
        stores = await self._open_stores()

        def look_up() -> dict[str, Result[Location]]:
            seen = [(one, stores.directory.get(one)) for one in set(location_ids)]
            return {k: Result(Location.read(v.raw), "cache", v.fetched_at) for k, v in seen if v}

        return await self.in_worker(look_up)

    async def places(self, location_ids: Iterable[str]) -> dict[str, Place]:
        """Names and zones of locations that were seen before."""
        known = await self.locations(location_ids)
        return {one: Place.of(seen.value) for one, seen in known.items()}

    async def clock(self, location_id: str | None) -> ZoneInfo:
        """The zone in which times at a location are typed and told (`Place.clock`)."""
        wanted = location_id or ""
        return (await self.places([wanted])).get(wanted, Place()).clock
