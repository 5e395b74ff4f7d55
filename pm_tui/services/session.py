"""One account, opened once: where live and remembered meet.

The screen and the command line talk to a `Session` and to nothing below it. Stores are synchronous
and live in one worker thread of their own; the client lives on the event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self, TypeVar

from pm_tui.api.agent import Answer
from pm_tui.api.clock import Clock
from pm_tui.api.errors import ApiError, Unreachable
from pm_tui.cache.journal import Journal
from pm_tui.cache.stores import Remembered, Stores
from pm_tui.i18n import _, ngettext
from pm_tui.models.booking import Booking
from pm_tui.models.result import Result
from pm_tui.models.search import SearchAnswer
from pm_tui.services import find
from pm_tui.services.book import Desk, Ended
from pm_tui.services.connection import Connection
from pm_tui.services.find import Found
from pm_tui.services.host import Host
from pm_tui.services.line import Line
from pm_tui.services.reading import Reading
from pm_tui.services.remembered import COVERED_BY_MEMORY
from pm_tui.services.remembered import NothingRemembered as NothingRemembered
from pm_tui.services.settle import Settled

if TYPE_CHECKING:
    from pm_tui.cache.intent import Intent
    from pm_tui.config import Settings
    from pm_tui.models.query import SearchQuery
    from pm_tui.models.request import BookingRequest

T = TypeVar("T")


class Session(Reading):
    """An async context manager. `line` tells whenever what is known of it is another."""

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
        self.line = Line(settings, lambda: self.now(), self.host, clock)
        self._stores: Stores | None = None
        self._desk: Desk | None = None
        self._looked = False
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="stores")
        self._opening = asyncio.Lock()
        self._recalled = False
        self._told: set[str] = set()
        self._usage_read: datetime | None = None

    @classmethod
    def open(cls, settings: Settings) -> Self:
        return cls(settings)

    async def __aenter__(self) -> Self:
        await self._open_stores()
        return self

    @property
    def connection(self) -> Connection:
        """What is known of the line now."""
        return self.line.connection

    async def __aexit__(self, *_exc: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the client, the sandbox and the stores, in this order."""
        await self.line.close()
        if self._stores is not None:
            await self._in_worker(self._stores.close)
            self._stores = None
        if self._desk is not None:
            await self._in_worker(self._desk.journal.close)
            self._desk = None
        await self.host.close()
        self._worker.shutdown(wait=False)

    def take_notices(self) -> list[str]:
        """What the stores have to tell and have not told yet (set aside, rebuilt, in memory)."""
        told = [*self._notices, *(self._stores.notices if self._stores else ())]
        told += self._desk.journal.notices if self._desk else []
        new = [text for text in told if text not in self._told]
        self._told.update(new)
        return new

    # -- finding -------------------------------------------------------------

    async def search(self, query: SearchQuery, *, label: str = "", offline: bool = False) -> Found:
        """Ask live and remember, or answer from memory when the line fails or `offline` is set.

        Raises `NothingRemembered`, or the `ApiError` that memory must not paper over.
        """
        stores = await self._open_stores()
        problem: Exception | None = None
        if not (offline or self.settings.offline):
            try:
                answer = await self.line.ask(lambda client: client.search(query))
            except COVERED_BY_MEMORY as failure:
                problem = failure
            else:
                self._remember(stores, query, label, answer)
                self._note_operators(answer.value.cpo_results)
                return Found(answer.value, "live", answer.received_at)
        found = await self._in_worker(find.recall, stores, query, problem)
        if found is None:
            raise NothingRemembered(_("Nothing is remembered of this area."), problem)
        return found

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

    def _note_operators(self, results: object) -> None:
        """A search that lost operators is a good answer over a degraded line."""
        silent = [one for one in results if one.error] if isinstance(results, tuple) else []
        if silent:
            self.line.note(
                state="degraded",
                problem=ngettext(
                    "{n} operator did not answer", "{n} operators did not answer", len(silent)
                ).format(n=len(silent)),
            )

    async def recent_searches(self, n: int = 20) -> list[Remembered]:
        """The last searches, newest first (without their answers)."""
        stores = await self._open_stores()
        return await self._in_worker(stores.searches.recent, n)

    # -- what changes something ----------------------------------------------

    async def book(
        self, request: BookingRequest, *, once: str | None = None, part_of: str | None = None
    ) -> Ended:
        """Send a booking once (see `Booker.book`) and remember it, after a look for what earlier
        runs left open. Raises `JournalUnavailable` (nothing was sent)."""
        self._refuse_offline()
        desk = await self.desk()
        try:
            await self._look_first(desk)
        except ApiError as problem:
            reason = _("An earlier booking must be looked up first: {problem}")
            reason = reason.format(problem=f"{problem} {problem.advice}")
            return Ended("refused", request.external_id or "", reason=reason, problem=problem)
        ended = await desk.booker.book(request, once=once, part_of=part_of)
        if ended.answer is not None:
            await self.keep(ended.answer)
        await self._count_unsettled(desk)
        return ended

    async def cancel(
        self, booking_id: str, reason: str, *, once: str | None = None, part_of: str | None = None
    ) -> Result[Booking]:
        """Cancel a booking once and remember it. Raises as `Booker.cancel` does."""
        self._refuse_offline()
        desk = await self.desk()
        await self._look_first(desk)
        try:
            answer = await desk.booker.cancel(booking_id, reason, once=once, part_of=part_of)
            return await self.keep(answer)
        finally:
            await self._count_unsettled(desk)

    async def settle(self, bookings: Sequence[Booking]) -> None:
        """Look in a reading of the list for what nobody knew the outcome of, and where that is
        due (twice at most for each) in a reading of our own. A line that fails is the line's."""
        desk = await self.desk()
        try:
            if await desk.settler.adopt(bookings) and not self.settings.offline:
                await self._keep_all(await desk.settler.look())
        except ApiError:
            pass  # the line has noted it; the next reading looks again
        await self._count_unsettled(desk)

    async def recover(self) -> Settled:
        """Settle what is open, which may take the grace time. Raises `ApiError` (nothing was
        found out) and `JournalUnavailable`."""
        self._refuse_offline()
        desk = await self.desk()
        settled = await desk.settler.settle()
        self._looked = True
        await self._keep_all(settled)
        await self._count_unsettled(desk)
        return settled

    async def unsettled(self) -> list[Intent]:
        """The wishes whose outcome nobody knows (`settle.explain` says why), oldest first."""
        return await (await self.desk()).settler.unsettled()

    async def give_up(self, intent_id: str) -> bool:
        """The person says that an unknown did not happen: it may be wished for anew."""
        desk = await self.desk()
        done = await desk.settler.give_up(intent_id)
        await self._count_unsettled(desk)
        return done

    async def references(self) -> frozenset[str]:
        """Every `external_id` that was ever planned or seen here."""
        return frozenset(await self._in_worker((await self.desk()).references))

    async def _look_first(self, desk: Desk) -> None:
        """Once a session: nothing new is sent before what is open was looked for."""
        if not self._looked:
            await self._keep_all(await desk.settler.look())
            await desk.settler.reconcile()
            self._looked = True

    async def _keep_all(self, settled: Settled) -> None:
        for _intent, answer in settled.adopted:
            await self.keep(answer)

    async def _count_unsettled(self, desk: Desk) -> None:
        self.line.note(unsettled=len(await desk.settler.unsettled()))

    async def desk(self) -> Desk:
        """The booking journal with what works on it; for the services that book more than once."""
        stores = await self._open_stores()
        async with self._opening:
            if self._desk is None:
                account = await asyncio.to_thread(lambda: self.settings.account)
                journal = await self._in_worker(Journal.open, self.settings.state_dir)
                work = self._in_worker
                self._desk = Desk.of(journal, account, self.line.ask, work, stores)
            return self._desk

    def _refuse_offline(self) -> None:
        if self.settings.offline:
            raise Unreachable(_("offline was chosen; nothing was sent"), unsent=True)

    # -- the stores ----------------------------------------------------------

    async def _open_stores(self) -> Stores:
        async with self._opening:
            if self._stores is None:
                settings = self.settings
                # the account's name may need the key, and the key a command
                account = await asyncio.to_thread(lambda: settings.account)
                self._stores = await self._in_worker(
                    Stores.open, settings.cache_dir / account, settings.state_dir / account,
                    self.line.clock.now,
                )  # fmt: skip
                await self.host.open(settings.state_dir / account)
            return self._stores

    async def _in_worker(self, work: Callable[..., T], *args: object) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._worker, work, *args)
