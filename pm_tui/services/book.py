"""Send what changes something: once, written down before and after, and settled when unclear.

The gateway has no idempotency key (contract/agent-api.md §14 U4, U5), so nothing here is ever sent
again: a lost answer is looked up. `Ended.kind` is the whole truth for the person: *booked* means
that the gateway has it, *refused* that it surely has not, *unknown* that nobody can say yet.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, Protocol, TypeVar
from uuid import uuid4

from pm_tui.api.agent import AgentClient, Answer
from pm_tui.api.errors import ApiError, OutcomeUnknown
from pm_tui.cache.intent import Intent
from pm_tui.cache.journal import Journal, JournalUnavailable
from pm_tui.i18n import _
from pm_tui.models.booking import Booking
from pm_tui.models.request import BookingRequest
from pm_tui.models.times import read_time

T = TypeVar("T")

FIRST_LOOK = 2.0  # seconds until a booking that was accepted without an answer should be listed
AROUND = timedelta(minutes=10)  # how far the clocks of both sides may disagree about a creation


@dataclass(frozen=True, slots=True)
class Ended:
    """How a wish ended. `answer` is set for *booked*, `reason` (translated) for the others."""

    kind: Literal["booked", "refused", "unknown"]
    external_id: str
    answer: Answer[Booking] | None = None
    reason: str = ""
    problem: Exception | None = None


class Asker(Protocol):
    """Sends one question over the session's line and notes its fate."""

    async def __call__(self, call: Callable[[AgentClient], Awaitable[T]], /) -> T: ...


class Worker(Protocol):
    """Runs synchronous work where the stores live."""

    async def __call__(self, work: Callable[..., T], *args: object) -> T: ...


class Booker:
    """For one account. Raises `JournalUnavailable` before anything is sent, and nothing after."""

    def __init__(self, journal: Journal, account: str, ask: Asker, worker: Worker) -> None:
        self._journal, self._account = journal, account
        self._ask, self._worker = ask, worker

    async def book(self, request: BookingRequest) -> Ended:
        """Send a booking. Every wish has an `external_id`: it is how a lost one is found again."""
        reference = request.external_id or f"pm-{uuid4().hex[:12]}"
        request = request.model_copy(update={"external_id": reference})
        intent = await self._claimed("book", request.body(), external_id=reference)
        try:
            answer = await self._ask(lambda client: client.create_booking(request))
        except OutcomeUnknown as problem:
            await self._note(self._journal.unknown, intent.id, str(problem))
            return await self._look_up(intent, problem)
        except ApiError as problem:
            await self._note(self._journal.refused, intent.id, str(problem))
            return Ended("refused", reference, reason=_say(problem), problem=problem)
        except BaseException:
            # cancelled or broken half-way: the request may have left
            await asyncio.shield(self._note(self._journal.unknown, intent.id, "interrupted"))
            raise
        await self._note(self._journal.confirmed, intent.id, answer.value.id)
        return Ended("booked", reference, answer)

    async def cancel(self, booking_id: str, reason: str) -> Answer[Booking]:
        """Cancel a booking. Raises the `ApiError` that says why not; `OutcomeUnknown` when even
        reading the booking afterwards did not tell (contract §14 U5)."""
        intent = await self._claimed("cancel", {"reason": reason}, booking_id=booking_id)
        try:
            answer = await self._ask(lambda client: client.cancel_booking(booking_id, reason))
        except OutcomeUnknown as problem:
            await self._note(self._journal.unknown, intent.id, str(problem))
            answer = await self._cancelled_after_all(booking_id, problem)
        except ApiError as problem:
            await self._note(self._journal.refused, intent.id, str(problem))
            raise
        except BaseException:
            await asyncio.shield(self._note(self._journal.unknown, intent.id, "interrupted"))
            raise
        await self._note(self._journal.confirmed, intent.id, booking_id)
        return answer

    async def unsettled(self) -> list[Intent]:
        """The intents whose outcome nobody knows, those of dead processes included."""
        await self._worker(self._journal.expire_stale)
        intents = await self._worker(self._journal.open_intents, self._account)
        return [intent for intent in intents if intent.state == "unknown"]

    async def settle(self, bookings: Sequence[Booking]) -> int:
        """Adopt what a reading of the list shows to be ours; how many intents stay unknown."""
        left = 0
        for intent in await self.unsettled():
            found = match(intent, bookings)
            if found is None:
                left += 1
            else:
                await self._note(self._journal.confirmed, intent.id, found.id)
        return left

    # -- the steps -----------------------------------------------------------

    async def _claimed(self, kind: Literal["book", "cancel"], body: Any, **ids: str) -> Intent:
        def plan() -> Intent:
            return self._journal.plan(kind, self._account, body, **ids)

        intent = await self._worker(plan)
        if not await self._worker(self._journal.claim, intent.id):
            raise JournalUnavailable(_("Another window is sending this already."))
        return intent

    async def _note(self, write: Callable[[str, str], bool], intent_id: str, text: str) -> None:
        """The request has been sent: a journal that fails now must not hide how it ended. The
        claim then goes stale and is settled as unknown, which is right."""
        try:
            await self._worker(write, intent_id, text)
        except JournalUnavailable as problem:
            self._journal.notices.tell(str(problem))

    async def _look_up(self, intent: Intent, problem: OutcomeUnknown) -> Ended:
        """One look for what may have been booked; the watcher goes on looking."""
        reference = intent.external_id or ""
        await asyncio.sleep(FIRST_LOOK)
        try:
            listed = await self._ask(lambda client: client.bookings())
        except ApiError as trouble:
            return Ended("unknown", reference, reason=_say(problem), problem=trouble)
        found = match(intent, listed.value)
        if found is None:
            return Ended("unknown", reference, reason=_say(problem), problem=problem)
        await self._note(self._journal.confirmed, intent.id, found.id)
        return Ended("booked", reference, Answer(found, found.raw, listed.received_at))

    async def _cancelled_after_all(
        self, booking_id: str, problem: OutcomeUnknown
    ) -> Answer[Booking]:
        try:
            answer = await self._ask(lambda client: client.booking(booking_id))
        except ApiError as trouble:
            raise problem from trouble
        if answer.value.status.upper() != "CANCELLED":
            raise problem
        return answer


def match(intent: Intent, bookings: Iterable[Booking]) -> Booking | None:
    """The booking that an intent became. `external_id` is not unique on the server (§14 U4), so
    creation time and, where echoed, EVSE and window must agree as well."""
    if intent.kind == "cancel":
        return next(
            (
                one
                for one in bookings
                if one.id == intent.booking_id and one.status.upper() == "CANCELLED"
            ),
            None,
        )
    wanted = intent.request
    for one in bookings:
        if one.external_id != intent.external_id:
            continue
        early = one.created_at is not None and one.created_at < intent.created_at - AROUND
        other_evse = one.evse_uid is not None and one.evse_uid != wanted.get("evse_uid")
        start = read_time(wanted.get("reservation_start"))
        other_start = one.reservation_start is not None and one.reservation_start != start
        if not (early or other_evse or other_start):
            return one
    return None


def _say(problem: ApiError) -> str:
    return " ".join(filter(None, (str(problem), problem.advice)))
