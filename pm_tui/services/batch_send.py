"""Send a checked table: row after row, paced, written down, to be stopped between two rows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal, TypeVar

from pm_tui.api.errors import (
    ApiError,
    QuotaSpent,
    RateLimited,
    Suspended,
    Timeout,
    Unauthorized,
    Unreachable,
)
from pm_tui.api.record import because
from pm_tui.i18n import _
from pm_tui.services.batch import Batch, BatchError, Row
from pm_tui.services.batch_file import clear_left, write
from pm_tui.services.book import Ended, JournalUnavailable
from pm_tui.services.session import Session
from pm_tui.services.settle import explain

T = TypeVar("T")

PACE = 0.6  # seconds between two bookings (contract/agent-api.md §13)
SPARE = 5  # requests of the minute left to whoever watches
MANY_LOST = 3  # answers lost in a row: who goes on piles up bookings of which nobody knows
STOPS = (Unauthorized, Suspended, QuotaSpent, Unreachable, Timeout)  # the next would end the same
Sleep = Callable[[float], Awaitable[None]]
Stage = Literal["sending", "waiting", "settling"]


class Run:
    """One sending of a table as it is seen, and stopped, from outside. `stage`: *waiting* is for
    the minute's limit, *settling* looks for what is unknown and sends nothing. `on_change` is
    called whenever it is another, and when a row is about to be sent."""

    def __init__(self) -> None:
        self.stage: Stage = "sending"
        self.on_change: Callable[[], None] = lambda: None
        self._stop = asyncio.Event()

    @property
    def stopping(self) -> bool:
        return self._stop.is_set()

    def stop(self) -> None:
        """Send no further row. The one that is being sent is waited for; what is waited for
        besides is given up."""
        self._stop.set()

    def enter(self, stage: Stage) -> None:
        if stage != self.stage:
            self.stage = stage
            self.on_change()

    async def unless_stopped(self, work: Coroutine[Any, Any, T]) -> T | None:
        """What `work` brings, or None where the run was stopped: `work` is cancelled then, so it
        must be nothing that changes anything."""
        task, stop = asyncio.ensure_future(work), asyncio.ensure_future(self._stop.wait())
        try:
            await asyncio.wait({task, stop}, return_when=asyncio.FIRST_COMPLETED)
            return task.result() if task.done() else None
        finally:
            task.cancel()
            stop.cancel()


async def send(
    session: Session,
    batch: Batch,
    out: Path | None = None,
    *,
    run: Run | None = None,
    sleep: Sleep = asyncio.sleep,
) -> AsyncIterator[Row]:
    """Book row after row, `PACE` apart and within the minute's limit; each row as it ends.

    `out` is written before anything is sent, and before and after each row, so that whatever ends
    us leaves the truth behind. Ends early, with `batch.stopped`, where no further row could be
    booked, and where `run` is stopped. What stays unknown is settled at the end. Raises `OSError`,
    `JournalUnavailable` and `Unreachable` (offline by choice), each row in the state in which it
    is then, and `BatchError` for a table with errors.
    """
    if batch.errors:
        raise BatchError(batch.errors[0])
    sender = _Sender(session, batch, out, run or Run(), sleep)
    await sender.save()
    if out is not None:
        await asyncio.to_thread(clear_left, out)
    for row in batch.to_send:
        if not await sender.may_send():
            break
        await sender.send(row)
        yield row
        if batch.stopped is not None:
            break
    if batch.count("unknown"):
        for row in await sender.settle():
            yield row
        await sender.save()


class _Sender:
    def __init__(
        self, session: Session, batch: Batch, out: Path | None, run: Run, sleep: Sleep
    ) -> None:
        self._session, self._batch, self._out = session, batch, out
        self._run, self._sleep = run, sleep
        self._sent_at = -PACE
        self._lost = 0

    async def save(self) -> None:
        if self._out is not None:
            await asyncio.to_thread(write, self._batch, self._out)

    async def may_send(self) -> bool:
        """Wait until the next booking is due; False where the run was stopped."""
        due = self._sent_at + PACE - asyncio.get_running_loop().time()
        free = _until_allowed(self._session)
        return await self._wait(max(due, free), "waiting" if free > PACE else "sending")

    async def send(self, row: Row) -> None:
        row.state = "sending"
        try:
            await self.save()
            self._run.on_change()
            ended = await self._book(row)
        except (ApiError, JournalUnavailable, OSError):
            row.state = "not sent"
            with suppress(OSError):  # what is told is the first fault
                await self.save()
            raise
        except BaseException:
            row.state = "unknown"  # cancelled or broken half-way: it may have left
            raise
        self._note(row, ended)
        await self.save()

    async def _book(self, row: Row) -> Ended:
        """Once; where the minute was full, nothing was booked, and it may be tried after the
        wait."""
        assert row.request is not None  # noqa: S101  (a batch with errors is not sent)
        while True:
            self._sent_at = asyncio.get_running_loop().time()
            with because("table"):
                ended = await self._session.book(row.request, once=row.once)
            problem = ended.problem
            if not isinstance(problem, RateLimited) or isinstance(problem, QuotaSpent):
                return ended
            wait = (problem.retry_at - self._session.now()).total_seconds()
            if not await self._wait(max(wait, PACE), "waiting"):
                return ended

    async def _wait(self, seconds: float, stage: Stage) -> bool:
        self._run.enter(stage)
        await self._run.unless_stopped(_as_coroutine(self._sleep(seconds)))
        self._run.enter("sending")
        return not self._run.stopping

    def _note(self, row: Row, ended: Ended) -> None:
        row.state, row.reason, row.intent_id = ended.kind, ended.reason, ended.intent_id
        row.booked_as, row.booking_id = ended.external_id, ended.booking_id or ""
        problem = ended.problem
        # without a line in the journal: what earlier runs left open could not be looked up first
        same_again = isinstance(problem, STOPS) or ended.intent_id is None
        if ended.kind == "refused" and (same_again or isinstance(problem, RateLimited)):
            row.state = "not sent"
        self._lost = self._lost + 1 if ended.kind == "unknown" and problem is not None else 0
        if same_again or self._lost == MANY_LOST:
            self._batch.stopped = problem

    async def settle(self) -> list[Row]:
        """Look for what is unknown, and take over what anybody found out about it meanwhile."""
        if not self._run.stopping:
            self._run.enter("settling")
            try:
                await self._run.unless_stopped(self._session.recover())
            except ApiError as problem:
                self._batch.stopped = self._batch.stopped or problem
        desk = await self._session.desk()
        changed = []
        for row in self._batch.rows:
            if row.state != "unknown" or row.intent_id is None:
                continue
            intent = await desk.worker(desk.journal.get, row.intent_id)
            if intent is None or intent.state not in ("confirmed", "refused"):
                continue
            if intent.state == "refused":
                row.state, row.reason = "refused", explain(intent)
            elif (intent.once or "").partition("#")[0] == row.once:
                row.stands(intent)
            else:  # an earlier wish for the same point and time, which kept this one from leaving
                text = _("This charging point is booked at this time already: {reference}.")
                reference = intent.external_id or intent.booking_id
                row.state, row.reason = "refused", text.format(reference=reference)
            changed.append(row)
        return changed


async def _as_coroutine(work: Awaitable[None]) -> None:
    await work


def _until_allowed(session: Session) -> float:
    """Seconds until the minute has room for more than the person's own requests."""
    line = session.connection
    if line.remaining is None or line.remaining > SPARE or line.reset_at is None:
        return 0.0
    return max((line.reset_at - session.now()).total_seconds(), 0.0)
