"""What everything of one account stands on: its settings, its clock, its line and its stores.

Stores are synchronous and live in one worker thread of their own; the client lives on the event
loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from pm_tui.api.clock import Clock
from pm_tui.api.errors import BadAnswer, RateLimited, ServerTrouble, Timeout, Unreachable
from pm_tui.api.record import Record
from pm_tui.cache.notebook import Notebook
from pm_tui.cache.stores import Stores
from pm_tui.services.clocks import disagreement
from pm_tui.services.host import Host
from pm_tui.services.line import Line

if TYPE_CHECKING:
    from pm_tui.config import Settings
    from pm_tui.services.connection import Connection

T = TypeVar("T")

# what memory may stand in for: the line or the gateway failed, the question did not
COVERED_BY_MEMORY = (Unreachable, Timeout, ServerTrouble, RateLimited, BadAnswer)


class NothingRemembered(LookupError):
    """The gateway cannot be asked and memory has no answer; `problem` says why it was not asked."""

    def __init__(self, text: str, problem: Exception | None = None) -> None:
        super().__init__(text)
        self.problem = problem


class Account:
    """`line` tells whenever what is known of it is another; `record` is what was sent."""

    def __init__(
        self,
        settings: Settings,
        *,
        now: Callable[[], datetime] | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.settings = settings
        clock = clock or Clock()
        self.now = now or (lambda: datetime.now(UTC))
        self._notices: list[str] = []
        self.host = Host(clock.now, self._notices.append)
        self.record = Record()
        self.line = Line(settings, lambda: self.now(), self.host, clock, self.record)
        self._stores: Stores | None = None
        self._notebooks: dict[str, Notebook] = {}
        self._clock_told = False
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="stores")
        self._opening = asyncio.Lock()

    def server_now(self) -> datetime:
        """The time by the gateway's clock, as its last answer told it; ours before there is one."""
        return self.now() + self.line.clock_ahead

    @property
    def connection(self) -> Connection:
        """What is known of the line now."""
        return self.line.connection

    def clock_notice(self) -> list[str]:
        """Once: that the gateway's clock and ours disagree."""
        told = disagreement(self.line.clock_ahead, self.now(), self.settings.timezone)
        if told is None or self._clock_told:
            return []
        self._clock_told = True
        return [told]

    async def with_stores(self, work: Callable[[Stores], T]) -> T:
        """What `work` makes of the stores, in their thread; they are opened when first needed."""
        stores = await self._open_stores()
        return await self.in_worker(work, stores)

    async def _open_stores(self) -> Stores:
        async with self._opening:
            if self._stores is None:
                settings = self.settings
                # the account's name may need the key, and the key a command
                account = await asyncio.to_thread(lambda: settings.account)
                caches, state = settings.cache_dir / account, settings.state_dir / account
                self._stores = await self.in_worker(Stores.open, caches, state, self.line.clock.now)
                await self.host.open(state)
            return self._stores

    async def with_notebook(
        self, name: str, work: Callable[[Notebook], T], *, always: bool = False
    ) -> T:
        """What `work` makes of one of the account's notebooks, in the stores' thread. Without
        `[memory]` it lasts as long as this session, unless it is `always` written."""
        if name not in self._notebooks:
            settings = self.settings
            account = await asyncio.to_thread(lambda: settings.account)
            path = settings.state_dir / account / name if always or settings.memory else None
            self._notebooks.setdefault(name, Notebook(path, self._notices.append))
        return await self.in_worker(work, self._notebooks[name])

    async def in_worker(self, work: Callable[..., T], *args: object) -> T:
        """Run synchronous work where the stores live."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._worker, work, *args)
