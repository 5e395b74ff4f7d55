"""The list of home chargers, page by page as it is looked at, and remembered as it comes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from pm_tui.api.errors import ApiError
from pm_tui.cache.home import HomeStore
from pm_tui.models.home import Evse
from pm_tui.models.result import Result
from pm_tui.services.account import COVERED_BY_MEMORY

if TYPE_CHECKING:
    from pm_tui.api.pages import Page, Pages
    from pm_tui.services.home import Home

WHOLE = ("model.make", "user", "latest_status_log")  # what a table of chargers shows


class Listing:
    """Where a reader stands. `rows` are in the order in which they came, each with its own age.

    `is_over` when there is no more to be had, `is_live` while the answers come from the server;
    `problem` says why not, or why it stopped in the middle. `skipped` rows could not be read.
    """

    def __init__(self, home: Home, user: str | None, expand: Sequence[str]) -> None:
        self._home, self._user, self._expand = home, user, tuple(expand)
        self._pages: Pages[Evse] | None = None
        self._reading = asyncio.Lock()
        self._rows: dict[str, Result[Evse]] = {}
        self.is_over = False
        self.is_live = True
        self.problem: Exception | None = None
        self.skipped = 0

    @property
    def rows(self) -> list[Result[Evse]]:
        return list(self._rows.values())

    @property
    def fetched_at(self) -> datetime | None:
        """When the oldest of the rows was fetched."""
        return min((row.fetched_at for row in self._rows.values()), default=None)

    async def more(self) -> int:
        """Read the next page; how many chargers are new. A page may hold none of them.

        Where the first page cannot be had, memory answers with all it has. Raises the `ApiError`
        that memory has no answer to; what was read so far stays, and the page is asked for again
        by the next call.
        """
        async with self._reading:
            if self.is_over:
                return 0
            before = len(self._rows)
            try:
                page = await self._page()
            except ApiError as problem:
                self.problem = problem
                if self._rows or not isinstance(problem, COVERED_BY_MEMORY):
                    raise
                if not await self._recall(problem):
                    raise
            else:
                self.problem = None
                await self._take(page)
            return len(self._rows) - before

    async def all(self) -> None:
        """Read to the end."""
        while not self.is_over:
            await self.more()

    def put(self, row: Result[Evse]) -> None:
        """A charger that was read by itself since; one that is gone leaves."""
        if row.value.is_gone:
            self.drop(row.value.id)
        elif row.value.id in self._rows:
            self._rows[row.value.id] = row

    def drop(self, evse_id: str) -> None:
        self._rows.pop(evse_id, None)

    async def _page(self) -> Page[Evse] | None:
        client = await self._home.line.open()
        if self._pages is None:
            self._pages = client.evses(user=self._user, expand=self._expand)
        return await self._pages.next()

    async def _take(self, page: Page[Evse] | None) -> None:
        if page is None:
            self.is_over = True
            return
        assert self._pages is not None  # noqa: S101  (for mypy: a page came from there)
        self.is_over = self._pages.is_over
        self.skipped += page.skipped
        for evse in page.rows:
            if not evse.is_gone:
                self._rows[evse.id] = Result(evse, "live", page.received_at)
        if set(WHOLE) <= set(self._expand):
            raws, at = page.raws, page.received_at
            ids, over, user = list(self._rows), self.is_over, self._user or ""

            def keep(store: HomeStore) -> None:
                store.put(raws, at)
                store.put_list(user, ids, at, over)

            await self._home.with_store(keep)

    async def _recall(self, problem: Exception) -> bool:
        """Everything that memory has; False when that list was never read."""

        def read(store: HomeStore) -> list[Result[Evse]] | None:
            listed = store.listed(self._user or "")
            if listed is None:
                return None
            kept = (store.get(one) for one in listed.ids)
            return [
                Result(Evse.read(one.raw), "cache", one.fetched_at, problem) for one in kept if one
            ]

        rows = await self._home.with_store(read)
        if rows is None:
            return False
        self._rows = {row.value.id: row for row in rows if not row.value.is_gone}
        self.is_over, self.is_live = True, False
        return True
