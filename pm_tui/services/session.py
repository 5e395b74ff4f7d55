"""One account, opened once: where live and remembered meet.

The screen and the command line talk to a `Session` and to nothing below it. Stores are synchronous
and live in one worker thread of their own; the client lives on the event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self, TypeVar

from pm_tui.api.agent import Answer
from pm_tui.api.errors import ApiError, Unreachable
from pm_tui.cache.journal import Journal, JournalUnavailable
from pm_tui.i18n import _
from pm_tui.models.booking import Booking, read_bookings
from pm_tui.models.result import Result
from pm_tui.services import bookings as booking_service
from pm_tui.services.account import COVERED_BY_MEMORY as COVERED_BY_MEMORY
from pm_tui.services.account import NothingRemembered as NothingRemembered
from pm_tui.services.book import Desk, Ended, found_now
from pm_tui.services.bookings import BookingList
from pm_tui.services.connection import Connection
from pm_tui.services.finding import Finding
from pm_tui.services.settle import Settled
from pm_tui.services.watch import follow_delays

if TYPE_CHECKING:
    from pm_tui.api.agent import AgentClient
    from pm_tui.cache.intent import Intent
    from pm_tui.config import Settings
    from pm_tui.models.request import BookingRequest
    from pm_tui.models.usage import Usage

T = TypeVar("T")

USAGE_EVERY = timedelta(minutes=15)  # /usage costs a request itself


class Session(Finding):
    """An async context manager. `line` tells whenever what is known of it is another."""

    def __init__(self, settings: Settings, *, now: Callable[[], datetime] | None = None) -> None:
        super().__init__(settings, now=now)
        self._desk: Desk | None = None
        self._looked = False
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
        self._worker.shutdown(wait=False)

    def take_notices(self) -> list[str]:
        """What the stores have to tell and have not told yet (set aside, rebuilt, in memory), and
        once that two clocks disagree."""
        told = [*self._stores.notices] if self._stores else []
        told += self._desk.journal.notices if self._desk else []
        told += self.clock_notice()
        new = [text for text in told if text not in self._told]
        self._told.update(new)
        return new

    # -- bookings ------------------------------------------------------------

    async def bookings(
        self,
        *,
        status: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        offline: bool = False,
        background: bool = False,
    ) -> Result[BookingList]:
        """The account's bookings. `background`: no person waits, and a fifth of the minute is
        left to those who do. Raises as `search` does."""
        stores = await self._open_stores()
        problem: Exception | None = None
        if not (offline or self.settings.offline):
            try:
                page = await self.line.ask(
                    lambda client: booking_service.read_all(
                        client, status, since, until, background=background
                    )
                )
            except COVERED_BY_MEMORY as failure:
                problem = failure
            else:
                await self._in_worker(stores.bookings.put, page.rows, page.at)
                read, skipped = read_bookings({"bookings": page.rows})
                ordered = tuple(booking_service.newest_first(list(read)))
                value = BookingList(ordered, page.complete, skipped)
                return Result(value, "live", page.at)
        kept = await self._in_worker(booking_service.recall, stores, status, since, until)
        if kept is None:
            raise NothingRemembered(_("No bookings are remembered."), problem)
        return Result(kept[0], "cache", kept[1], problem)

    async def known_bookings(self, *, background: bool = False) -> Result[BookingList]:
        """What the gateway lists now and, behind it and the first time only, what memory holds
        besides (each with its own time in `seen_at`). Raises as `search` does."""
        result = await self.bookings(background=background)
        if result.origin == "cache" or self._recalled:
            return result
        self._recalled = True  # once: whoever keeps what was told knows it from then on
        stores = await self._open_stores()
        kept = await self._in_worker(booking_service.recall, stores, None, None, None)
        if kept is None:
            return result
        listed = {booking.id for booking in result.value.bookings}
        older = [booking for booking in kept[0].bookings if booking.id not in listed]
        seen_at = {booking.id: kept[0].seen_at[booking.id] for booking in older}
        every = (*result.value.bookings, *older)
        return replace(result, value=replace(result.value, bookings=every, seen_at=seen_at))

    async def booking(self, booking_id: str, *, offline: bool = False) -> Result[Booking]:
        """One booking. Raises as `search` does, and `NotFound`."""
        stores = await self._open_stores()
        problem: Exception | None = None
        if not (offline or self.settings.offline):
            try:
                answer = await self.line.ask(lambda client: client.booking(booking_id))
            except COVERED_BY_MEMORY as failure:
                problem = failure
            else:
                return await self.keep(answer)
        kept = await self._in_worker(stores.bookings.get, booking_id)
        if kept is None:
            raise NothingRemembered(_("This booking is not remembered."), problem)
        return Result(Booking.read(kept.raw), "cache", kept.fetched_at, problem)

    async def keep(self, answer: Answer[Booking]) -> Result[Booking]:
        """Remember a booking that the gateway just told."""
        stores = await self._open_stores()
        await self._in_worker(stores.bookings.put, [answer.raw], answer.received_at)
        return Result(answer.value, "live", answer.received_at)

    async def watch(self, booking_id: str) -> AsyncIterator[Result[Booking]]:
        """Follow a booking until it no longer waits, or the documented patience is over
        (contract/agent-api.md §8, §14 U17)."""
        for delay in follow_delays():
            result = await self.booking(booking_id)
            yield result
            if not result.value.is_waiting:
                return
            await asyncio.sleep(delay)

    # -- what changes something ----------------------------------------------

    async def book(
        self, request: BookingRequest, *, once: str | None = None, part_of: str | None = None
    ) -> Ended:
        """Send a booking once (see `Booker.book`) and remember it, after a look for what earlier
        runs left open. Raises `JournalUnavailable` (nothing was sent)."""
        self._refuse_offline()
        desk = await self.desk()
        try:
            looked = await self._look_first(desk)
        except ApiError as problem:
            reason = _("An earlier booking must be looked up first: {problem}")
            reason = reason.format(problem=f"{problem} {problem.advice}")
            return Ended("refused", request.external_id or "", reason=reason, problem=problem)
        found = found_now(looked, request)  # sent by an earlier run: not once more
        ended = found or await desk.booker.book(request, once=once, part_of=part_of)
        if ended.answer is not None:
            await self.keep(ended.answer)
        await self._count_unsettled()
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
            await self._count_unsettled()

    async def settle(self, bookings: Sequence[Booking]) -> None:
        """Look in a reading of the list for what nobody knew the outcome of, and where that is
        due (twice at most for each) in a reading of our own. A line that fails is the line's."""
        desk = await self.desk()
        try:
            if await desk.settler.adopt(bookings) and not self.settings.offline:
                await self._keep_all(await desk.settler.look())
        except ApiError:
            pass  # the line has noted it; the next reading looks again
        await self._count_unsettled()

    async def recover(self) -> Settled:
        """Settle what is open, which may take the grace time. Raises `ApiError` (nothing was
        found out) and `JournalUnavailable`."""
        self._refuse_offline()
        desk = await self.desk()
        settled = await desk.settler.settle()
        self._looked = True
        await self._keep_all(settled)
        await self._count_unsettled()
        return settled

    async def unsettled(self) -> list[Intent]:
        """The wishes whose outcome nobody knows (`settle.explain` says why), oldest first."""
        found = await (await self.desk()).settler.unsettled()
        self.line.note(unsettled=len(found))
        return found

    async def give_up(self, intent_id: str) -> bool:
        """The person says that an unknown did not happen: it may be wished for anew."""
        desk = await self.desk()
        done = await desk.settler.give_up(intent_id)
        await self._count_unsettled()
        return done

    async def references(self) -> frozenset[str]:
        """Every `external_id` that was ever planned or seen here."""
        return frozenset(await self._in_worker((await self.desk()).references))

    async def _look_first(self, desk: Desk) -> Settled:
        """Once a session: nothing new is sent before what is open was looked for."""
        settled = Settled()
        if not self._looked:
            await self._keep_all(settled := await desk.settler.look())
            await desk.settler.reconcile()
            self._looked = True
        return settled

    async def _keep_all(self, settled: Settled) -> None:
        for _intent, answer in settled.adopted:
            await self.keep(answer)

    async def _count_unsettled(self) -> None:
        with suppress(JournalUnavailable):  # what has just been sent must not look unsent
            await self.unsettled()

    async def desk(self) -> Desk:
        """The booking journal with what works on it; for the services that book more than once."""
        stores = await self._open_stores()
        async with self._opening:
            if self._desk is None:
                account = await asyncio.to_thread(lambda: self.settings.account)
                journal = await self._in_worker(Journal.open, self.settings.state_dir)
                self._desk = Desk.of(journal, account, self.line.ask, self._in_worker, stores)
            return self._desk

    def _refuse_offline(self) -> None:
        if self.settings.offline:
            raise Unreachable(_("offline was chosen; nothing was sent"), unsent=True)

    # -- the account ---------------------------------------------------------

    async def usage(self, *, offline: bool = False) -> Result[Usage]:
        """The minute's limit and the month's quota. Never from memory: old figures mislead."""
        if offline or self.settings.offline:
            raise NothingRemembered(_("The quota is only known online."))
        self._usage_read = self.now()  # the attempt counts: a gateway without it is not asked on
        answer = await self.line.usage()
        self._usage_read = answer.received_at
        return Result(answer.value, "live", answer.received_at)

    async def clock_offset(self) -> timedelta:
        """The gateway's clock minus ours, as its last answer told it (whole seconds)."""

        async def told(client: AgentClient) -> timedelta:
            return client.clock_offset

        return await self.line.ask(told)

    def usage_is_old(self) -> bool:
        """Whether the month's figure should be read again."""
        return self._usage_read is None or self.now() - self._usage_read > USAGE_EVERY
