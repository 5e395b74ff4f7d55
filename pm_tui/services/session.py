"""One account, opened once: where live and remembered meet.

The screen and the command line talk to a `Session` and to nothing below it. Stores are synchronous
and live in one worker thread of their own; the client lives on the event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Self, TypeVar
from zoneinfo import ZoneInfo

from pydantic import SecretStr

from pm_tui.api.agent import AgentClient, Answer
from pm_tui.api.errors import ApiError, BadAnswer, RateLimited, ServerTrouble, Timeout, Unreachable
from pm_tui.cache.journal import Journal
from pm_tui.cache.stores import Remembered, Stores
from pm_tui.i18n import _, ngettext
from pm_tui.models.booking import Booking, read_bookings
from pm_tui.models.charger import Location
from pm_tui.models.json import JsonObject
from pm_tui.models.result import Result
from pm_tui.services import bookings as booking_service
from pm_tui.services import find
from pm_tui.services.book import Booker, Ended
from pm_tui.services.bookings import BookingList
from pm_tui.services.connection import Connection, State
from pm_tui.services.find import Found
from pm_tui.services.ledger import Place
from pm_tui.services.sandbox_child import SandboxChild, SandboxFailed
from pm_tui.services.watch import follow_delays

if TYPE_CHECKING:
    from pm_tui.config import Settings
    from pm_tui.models.query import SearchQuery
    from pm_tui.models.request import BookingRequest
    from pm_tui.models.usage import Usage

T = TypeVar("T")

# what memory may stand in for: the line or the gateway failed, the question did not
COVERED_BY_MEMORY = (Unreachable, Timeout, ServerTrouble, RateLimited, BadAnswer)
USAGE_EVERY = timedelta(minutes=15)  # /usage costs a request itself


class NothingRemembered(LookupError):
    """The gateway cannot be asked and memory has no answer; `problem` says why it was not asked."""

    def __init__(self, text: str, problem: Exception | None = None) -> None:
        super().__init__(text)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Line:
    """Where a client connects to."""

    base_url: str
    fleet_url: str | None
    api_key: SecretStr


class Session:
    """An async context manager. `on_change` is called on the event loop whenever `connection`
    is another."""

    def __init__(self, settings: Settings, *, now: Callable[[], datetime] | None = None) -> None:
        self.settings = settings
        self.now = now or (lambda: datetime.now(UTC))
        self.on_change: Callable[[Connection], None] = lambda _connection: None
        self.connection = Connection("starting", self.now(), chosen_offline=settings.offline)
        self._stores: Stores | None = None
        self._journal: Journal | None = None
        self._booker: Booker | None = None
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="stores")
        self._child: SandboxChild | None = None
        self._client: AgentClient | None = None
        self._opening: asyncio.Lock = asyncio.Lock()
        self._told: set[str] = set()
        self._usage_read: datetime | None = None
        self._month_base: int | None = None

    @classmethod
    def open(cls, settings: Settings) -> Self:
        return cls(settings)

    async def __aenter__(self) -> Self:
        await self._open_stores()
        if self.settings.offline:
            self._set(state="offline", problem=_("offline by choice"))
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the client, the sandbox and the stores, in this order."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()
        child, self._child = self._child, None
        if child is not None:
            await child.stop()
        if self._stores is not None:
            await self._in_worker(self._stores.close)
            self._stores = None
        if self._journal is not None:
            await self._in_worker(self._journal.close)
            self._journal = None
        self._worker.shutdown(wait=False)

    def take_notices(self) -> list[str]:
        """What the stores have to tell and have not told yet (set aside, rebuilt, in memory)."""
        sources = [source for source in (self._stores, self._journal) if source is not None]
        new = [text for one in sources for text in one.notices if text not in self._told]
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
                answer = await self._ask(lambda client: client.search(query))
            except COVERED_BY_MEMORY as failure:
                problem = failure
            else:
                await self._in_worker(find.remember, stores, query, label, answer)
                self._note_operators(answer.value.cpo_results)
                return Found(answer.value, "live", answer.received_at)
        found = await self._in_worker(find.recall, stores, query, problem)
        if found is None:
            raise NothingRemembered(_("Nothing is remembered of this area."), problem)
        return found

    def _note_operators(self, results: object) -> None:
        """A search that lost operators is a good answer over a degraded line."""
        silent = [one for one in results if one.error] if isinstance(results, tuple) else []
        if silent:
            self._set(
                state="degraded",
                problem=ngettext(
                    "{n} operator did not answer", "{n} operators did not answer", len(silent)
                ).format(n=len(silent)),
            )

    async def recent_searches(self, n: int = 20) -> list[Remembered]:
        """The last searches, newest first (without their answers)."""
        stores = await self._open_stores()
        return await self._in_worker(stores.searches.recent, n)

    # -- bookings ------------------------------------------------------------

    async def bookings(
        self,
        *,
        status: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        offline: bool = False,
    ) -> Result[BookingList]:
        """The account's bookings. Raises as `search` does."""
        stores = await self._open_stores()
        problem: Exception | None = None
        if not (offline or self.settings.offline):
            try:
                page = await self._ask(
                    lambda client: booking_service.read_all(client, status, since, until)
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

    async def known_bookings(self) -> Result[BookingList]:
        """What the gateway lists now and, behind it, what memory holds besides (each with its own
        time in `seen_at`). Raises as `search` does."""
        result = await self.bookings()
        if result.origin == "cache":
            return result
        stores = await self._open_stores()
        kept = await self._in_worker(booking_service.recall, stores, None, None, None)
        if kept is None:
            return result
        listed = {booking.id for booking in result.value.bookings}
        older = [booking for booking in kept[0].bookings if booking.id not in listed]
        seen_at = {booking.id: kept[0].seen_at[booking.id] for booking in older}
        every = (*result.value.bookings, *older)
        return replace(result, value=replace(result.value, bookings=every, seen_at=seen_at))

    async def places(self, location_ids: Iterable[str]) -> dict[str, Place]:
        """Names and zones of locations that were seen before."""
        stores = await self._open_stores()

        def look_up() -> dict[str, Place]:
            found = {one: stores.directory.get(one) for one in set(location_ids)}
            return {one: _place(known.raw) for one, known in found.items() if known}

        return await self._in_worker(look_up)

    async def booking(self, booking_id: str, *, offline: bool = False) -> Result[Booking]:
        """One booking. Raises as `search` does, and `NotFound`."""
        stores = await self._open_stores()
        problem: Exception | None = None
        if not (offline or self.settings.offline):
            try:
                answer = await self._ask(lambda client: client.booking(booking_id))
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

    async def book(self, request: BookingRequest) -> Ended:
        """Send a booking once and remember it. Raises `JournalUnavailable` (nothing was sent)."""
        self._refuse_offline()
        booker = await self._open_booker()
        ended = await booker.book(request)
        if ended.answer is not None:
            await self.keep(ended.answer)
        self._set(unsettled=len(await booker.unsettled()))
        return ended

    async def cancel(self, booking_id: str, reason: str) -> Result[Booking]:
        """Cancel a booking once and remember it. Raises as `Booker.cancel` does."""
        self._refuse_offline()
        booker = await self._open_booker()
        try:
            return await self.keep(await booker.cancel(booking_id, reason))
        finally:
            self._set(unsettled=len(await booker.unsettled()))

    async def settle(self, bookings: Sequence[Booking]) -> None:
        """Look in a reading of the list for what nobody knew the outcome of."""
        booker = await self._open_booker()
        self._set(unsettled=await booker.settle(bookings))

    async def references(self) -> frozenset[str]:
        """Every `external_id` that was ever planned here."""
        await self._open_booker()
        journal = self._journal
        return await self._in_worker(journal.external_ids) if journal else frozenset()

    async def _open_booker(self) -> Booker:
        if self._booker is None:
            account = await asyncio.to_thread(lambda: self.settings.account)
            journal = await self._in_worker(Journal.open, self.settings.state_dir)
            self._journal = journal
            self._booker = Booker(journal, account, self._ask, self._in_worker)
        return self._booker

    def _refuse_offline(self) -> None:
        if self.settings.offline:
            raise Unreachable(_("offline was chosen; nothing was sent"), unsent=True)

    # -- the account ---------------------------------------------------------

    async def usage(self, *, offline: bool = False) -> Result[Usage]:
        """The minute's limit and the month's quota. Never from memory: old figures mislead."""
        if offline or self.settings.offline:
            raise NothingRemembered(_("The quota is only known online."))
        answer = await self._ask(lambda client: client.usage())
        self._usage_read = answer.received_at
        client = await self.client()
        # what other desks send is only seen at the next reading; what we send is added here
        used, sent = answer.value.month_used, client.gate.snapshot().month_sent
        self._month_base = None if used is None else used - sent
        self._set(month_limit=answer.value.month_limit)
        return Result(answer.value, "live", answer.received_at)

    def usage_is_old(self) -> bool:
        """Whether the month's figure should be read again."""
        return self._usage_read is None or self.now() - self._usage_read > USAGE_EVERY

    # -- the line ------------------------------------------------------------

    async def client(self) -> AgentClient:
        """The client, its sandbox started first where there is one. Raises `Unreachable`."""
        async with self._opening:
            if self._client is None:
                line = await self._line()
                self._client = AgentClient(line.base_url, line.api_key, fleet_url=line.fleet_url)
            return self._client

    async def _line(self) -> Line:
        settings = self.settings
        if not settings.sandbox:
            key = await asyncio.to_thread(settings.api_key)
            return Line(settings.base_url, settings.fleet_url, key)
        self._child = SandboxChild(settings.state_dir / "sandbox")
        try:
            gateway = await self._child.start()
        except SandboxFailed as failure:
            self._child = None
            raise Unreachable(str(failure), unsent=True) from failure
        return Line(gateway.base_url, gateway.fleet_url, SecretStr(gateway.api_key))

    async def _ask(self, call: Callable[[AgentClient], Awaitable[T]]) -> T:
        """Send one question and note what its fate says about the line."""
        self._set(requests_open=self.connection.requests_open + 1)
        try:
            client = await self.client()
            answer = await call(client)
        except ApiError as failure:
            offline = isinstance(failure, Unreachable | Timeout)
            degraded = isinstance(failure, ServerTrouble | RateLimited | BadAnswer)
            state: State = "offline" if offline else "degraded" if degraded else "online"
            self._set(state=state, problem="" if state == "online" else str(failure))
            raise
        else:
            self._set(state="online", problem="", last_sync=self.now())
            return answer
        finally:
            self._set(requests_open=self.connection.requests_open - 1)

    def _set(self, **changes: object) -> None:
        old = self.connection
        if "state" in changes and changes["state"] != old.state:
            changes["since"] = self.now()
        if self._client is not None:
            rate = self._client.gate.snapshot()
            changes |= {
                "limit": rate.limit,
                "remaining": rate.remaining,
                "reset_at": rate.reset_at,
                "blocked_until": rate.blocked_until,
            }
            if self._month_base is not None:
                changes["month_used"] = self._month_base + rate.month_sent
        self.connection = replace(old, **changes)  # type: ignore[arg-type]
        if self.connection != old:
            self.on_change(self.connection)

    # -- the stores ----------------------------------------------------------

    async def _open_stores(self) -> Stores:
        if self._stores is None:
            settings = self.settings
            # the account's name may need the key, and the key a command
            account = await asyncio.to_thread(lambda: settings.account)
            self._stores = await self._in_worker(
                Stores.open, settings.cache_dir / account, settings.state_dir / account
            )
        return self._stores

    async def _in_worker(self, work: Callable[..., T], *args: object) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._worker, work, *args)


def _place(raw: JsonObject) -> Place:
    location = Location.read(raw)
    return Place(location.name, ZoneInfo(location.time_zone) if location.time_zone else None)
