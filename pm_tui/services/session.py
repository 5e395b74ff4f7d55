"""One account, opened once: where live and remembered meet.

The screen and the command line talk to a `Session` and to nothing below it. Stores are synchronous
and live in one worker thread of their own; the client lives on the event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Self

from pm_tui.api.clock import Clock
from pm_tui.api.errors import ApiError, OfflineByChoice
from pm_tui.cache.journal import Journal, JournalUnavailable
from pm_tui.i18n import _
from pm_tui.models.booking import Booking
from pm_tui.models.result import Result
from pm_tui.services.account import NothingRemembered as NothingRemembered
from pm_tui.services.book import Desk, Ended, found_now
from pm_tui.services.capping import Capping
from pm_tui.services.finding import Finding
from pm_tui.services.reading import Reading
from pm_tui.services.settle import Settled

if TYPE_CHECKING:
    from pm_tui.cache.intent import Intent
    from pm_tui.config import Settings
    from pm_tui.models.request import BookingRequest
    from pm_tui.services.home import Home


class Session(Finding, Reading, Capping):
    """An async context manager. `line` tells whenever what is known of it is another."""

    def __init__(
        self,
        settings: Settings,
        *,
        now: Callable[[], datetime] | None = None,
        clock: Clock | None = None,
    ) -> None:
        super().__init__(settings, now=now, clock=clock)
        self._desk: Desk | None = None
        self._home: Home | None = None
        self._looked = False
        self._told: set[str] = set()

    @classmethod
    def open(cls, settings: Settings) -> Self:
        return cls(settings)

    async def __aenter__(self) -> Self:
        await self._open_stores()
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the client, the sandbox and the stores, in this order."""
        if self._home is not None:
            await self._home.close()
            self._home = None
        await self.line.close()
        if self._stores is not None:
            await self.in_worker(self._stores.close)
            self._stores = None
        if self._desk is not None:
            await self.in_worker(self._desk.journal.close)
            self._desk = None
        await self.host.close()
        self._worker.shutdown(wait=False)

    def take_notices(self) -> list[str]:
        """What the stores have to tell and have not told yet (set aside, rebuilt, in memory), and
        once that two clocks disagree."""
        told = [*self._notices, *(self._stores.notices if self._stores else ())]
        told += self._desk.journal.notices if self._desk else []
        told += self._home.take_notices() if self._home else []
        told += self.clock_notice()
        new = [text for text in told if text not in self._told]
        self._told.update(new)
        return new

    @property
    def home(self) -> Home:
        """The side of home chargers; nothing of it is opened before it is asked."""
        if self._home is None:
            from pm_tui.services.home import Home

            self._home = Home(self)
        return self._home

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

    async def cancelled_here(self, booking_ids: Sequence[str]) -> set[str]:
        """Which of these a person of this host has cancelled, in whichever window or by a verb. A
        journal that cannot be read knows of none."""
        with suppress(JournalUnavailable):
            desk = await self.desk()
            account = self.settings.account
            return await self.in_worker(desk.journal.cancelled, account, booking_ids)
        return set()

    async def note_told(self, bookings: Iterable[Booking]) -> None:
        """A verb that followed these has told how they stand: the next window does not."""
        await self.host.note_told({one.id: one.status for one in bookings})

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
        return frozenset(await self.in_worker((await self.desk()).references))

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
                journal = await self.in_worker(Journal.open, self.settings.state_dir)
                self._desk = Desk.of(journal, account, self.line.ask, self.in_worker, stores)
            return self._desk

    def _refuse_offline(self) -> None:
        if self.settings.offline:
            raise OfflineByChoice
