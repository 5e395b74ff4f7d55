"""The bookings of the account and its quota, read: the part of a session that changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from pm_tui.api.agent import Answer
from pm_tui.api.limits import DEFAULT_LIMIT
from pm_tui.api.record import because
from pm_tui.i18n import _
from pm_tui.models.booking import Booking, read_bookings
from pm_tui.models.json import JsonObject
from pm_tui.models.result import Result
from pm_tui.services import bookings as booking_service
from pm_tui.services.account import COVERED_BY_MEMORY, Account, NothingRemembered
from pm_tui.services.bookings import BookingList
from pm_tui.services.news import folded
from pm_tui.services.plan import Budget
from pm_tui.services.watch import follow_delays

if TYPE_CHECKING:
    from pm_tui.api.agent import AgentClient
    from pm_tui.models.usage import Usage

T = TypeVar("T")

USAGE_EVERY = timedelta(hours=8)  # /usage costs a request itself, and only other machines' are new
USAGE_EVERY_SOON = timedelta(minutes=30)
NEARLY_SPENT = 0.1  # of the month's limit, left
EARLY = datetime.min.replace(tzinfo=UTC)
News = Result[BookingList] | Result[Booking]


class Reading(Account):
    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._recalled = False
        self._usage_read: datetime | None = None

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
                with because("look", unless_said=True):
                    page = await self.line.ask(
                        lambda client: booking_service.read_all(
                            client, status, since, until, background=background
                        )
                    )
            except COVERED_BY_MEMORY as failure:
                problem = failure
            else:
                await self.in_worker(stores.bookings.put, page.rows, page.at)
                if status is None and since is None and until is None:
                    await self.host.tell(page.rows, page.at, whole=True, complete=page.complete)
                return _as_read(page.rows, page.complete, page.at)
        kept = await self.in_worker(booking_service.recall, stores, status, since, until)
        if kept is None:
            raise NothingRemembered(_("No bookings are remembered."), problem)
        self.record.spared()
        return Result(kept[0], "cache", kept[1], problem)

    async def known_bookings(self, *, background: bool = False) -> Result[BookingList]:
        """What the gateway lists now and, behind it and the first time only, what memory holds
        besides (each with its own time in `seen_at`). Raises as `search` does."""
        return await self._with_older(await self.bookings(background=background))

    async def news(self, seen: int, *, opening: bool = False) -> tuple[int, list[News]]:
        """What other windows of this host were told by the gateway after `seen`, oldest first, as
        live as they had it; and the number to ask with the next time. `opening`: how each
        booking stands by now, once."""
        told: list[News] = []
        heard = await self.host.news(seen)
        others = [one for one in heard if not self.host.is_own(one)]
        for one in folded(others) if opening else others:
            at = datetime.fromtimestamp(one.at, UTC)
            if one.whole:
                told.append(await self._with_older(_as_read(one.rows, one.complete, at)))
                self.line.heard_of(at)
            else:
                read, _skipped = read_bookings({"bookings": one.rows})
                told += [Result(booking, "live", at) for booking in read]
        return max([seen, *(one.seq for one in heard)]), told

    async def _with_older(self, result: Result[BookingList]) -> Result[BookingList]:
        if result.origin == "cache" or self._recalled:
            return result
        self._recalled = True  # once: whoever keeps what was told knows it from then on
        stores = await self._open_stores()
        kept = await self.in_worker(booking_service.recall, stores, None, None, None)
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
                with because("read", unless_said=True):
                    answer = await self.line.ask(lambda client: client.booking(booking_id))
            except COVERED_BY_MEMORY as failure:
                problem = failure
            else:
                return await self.keep(answer)
        kept = await self.in_worker(stores.bookings.get, booking_id)
        if kept is None:
            raise NothingRemembered(_("This booking is not remembered."), problem)
        self.record.spared()
        return Result(Booking.read(kept.raw), "cache", kept.fetched_at, problem)

    async def keep(self, answer: Answer[Booking]) -> Result[Booking]:
        """Remember a booking that the gateway just told."""
        stores = await self._open_stores()
        await self.in_worker(stores.bookings.put, [answer.raw], answer.received_at)
        await self.host.tell([answer.raw], answer.received_at)
        return Result(answer.value, "live", answer.received_at)

    async def watch(self, booking_id: str) -> AsyncIterator[Result[Booking]]:
        """Follow a booking until it no longer waits, or the documented patience is over
        (contract/agent-api.md §8, §14 U17)."""
        for delay in follow_delays():
            with because("confirmation"):
                result = await self.booking(booking_id)
            yield result
            if not result.value.is_waiting:
                return
            await asyncio.sleep(delay)

    # -- the account ---------------------------------------------------------

    async def usage(self, *, offline: bool = False, background: bool = False) -> Result[Usage]:
        """The minute's limit and the month's quota. Never from memory: old figures mislead."""
        if offline or self.settings.offline:
            raise NothingRemembered(_("The quota is only known online."))
        self._usage_read = self.now()  # the attempt counts: a gateway without it is not asked on
        self.host.usage(None, None)
        answer = await self.line.usage(background=background)
        self._usage_read = answer.received_at
        return Result(answer.value, "live", answer.received_at)

    async def clock_offset(self) -> timedelta:
        """The gateway's clock minus ours, as its last answer told it (whole seconds)."""

        async def told(client: AgentClient) -> timedelta:
            return client.clock_offset

        return await self.line.ask(told)

    def budget(self) -> Budget:
        """What the limits leave, for the plan."""
        line = self.connection
        return Budget(
            minute_limit=line.limit or DEFAULT_LIMIT,
            minute_left=line.remaining,
            month_limit=line.month_limit,
            month_used=line.month_used,
            background_today=self.host.background_today,
            blocked_until=line.blocked_until,
            spent=line.state == "spent",
        )

    @property
    def clock_ahead(self) -> timedelta:
        """The gateway's clock minus ours, as far as it is known."""
        return self.line.clock_ahead

    def usage_is_old(self) -> bool:
        """Whether the month's figure should be read again: what we send is counted on, so this is
        for what other machines send: seldom, unless little is left or nothing was told."""
        read, common = self._usage_read, self.host.common
        if common is not None and common.told_at is not None:
            read = max(read or EARLY, datetime.fromtimestamp(common.told_at, UTC))
        used, limit = self.connection.month_used, self.connection.month_limit
        low = used is None or (limit is not None and used > limit * (1 - NEARLY_SPENT))
        every = USAGE_EVERY_SOON if low else USAGE_EVERY
        return read is None or self.now() - read > every


def _as_read(rows: list[JsonObject], complete: bool, at: datetime) -> Result[BookingList]:
    read, skipped = read_bookings({"bookings": rows})
    ordered = tuple(booking_service.newest_first(list(read)))
    return Result(BookingList(ordered, complete, skipped), "live", at)
