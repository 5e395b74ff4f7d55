"""Find out what became of a wish whose answer was lost, without ever sending it again.

A booking is looked for in the account's list, twice, with the grace time between: the gateway may
accept later than we gave up waiting. Found is adopted. Absent twice stays unknown: a person
decides, and the default is not to book again (contract/agent-api.md §14 U4). A cancellation is
settled by reading its booking (U5).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from pm_tui.api.agent import AgentClient, Answer
from pm_tui.api.errors import NotFound
from pm_tui.api.record import because
from pm_tui.cache.intent import RESTORED, STALE, Intent
from pm_tui.cache.journal import LEASE, Journal
from pm_tui.cache.moments import Clock, utc_now
from pm_tui.i18n import _, ngettext
from pm_tui.models.booking import Booking, read_bookings
from pm_tui.models.times import read_time
from pm_tui.services.bookings import read_all

T = TypeVar("T")

GRACE = timedelta(seconds=50)  # a booking is waited for 45 s in all (api/agent.py), and some
AROUND = timedelta(minutes=10)  # how far the clocks of both sides may disagree about a creation
LATEST = timedelta(hours=1)  # a booking made later after its intent is somebody else's
PLANNED_FOR = timedelta(seconds=30)  # from planned to claimed it takes milliseconds
DOUBTS = timedelta(hours=48)  # how long a conflict may still be our own booking

# what stands in the journal as the reason; `explain` says it to people
ABSENT_ONCE = "absent once"
ABSENT_TWICE = "absent twice"
GIVEN_UP = "given up"
NEVER_SENT = "never sent"
NOT_CANCELLED = "not cancelled"
INTERRUPTED = "interrupted"


class Asker(Protocol):
    """Sends one question over the session's line and notes its fate."""

    async def __call__(self, call: Callable[[AgentClient], Awaitable[T]], /) -> T: ...


class Worker(Protocol):
    """Runs synchronous work where the stores live."""

    async def __call__(self, work: Callable[..., T], *args: object) -> T: ...


@dataclass(slots=True)
class Settled:
    """What looking brought: `adopted` are ours after all (a cancellation: it happened), `refused`
    surely did not happen, `left` nobody knows yet. `unaccounted` is told after the journal was
    damaged: bookings since then that no intent of ours explains."""

    adopted: list[tuple[Intent, Answer[Booking]]] = field(default_factory=list)
    refused: list[Intent] = field(default_factory=list)
    left: list[Intent] = field(default_factory=list)
    unaccounted: tuple[Booking, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """The bookings made since some time; `complete` when one that is not here was not listed.
    `offset` is the gateway's clock minus ours."""

    bookings: tuple[Booking, ...]
    complete: bool
    at: datetime
    offset: timedelta


class Settler:
    """For one account. Raises `JournalUnavailable`, and the `ApiError` of a look that failed:
    what could not be looked at stands as it stood."""

    def __init__(
        self,
        journal: Journal,
        account: str,
        ask: Asker,
        worker: Worker,
        *,
        now: Clock = utc_now,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._journal, self._account = journal, account
        self._ask, self._worker = ask, worker
        self.now, self._sleep = now, sleep

    async def unsettled(self) -> list[Intent]:
        """The intents whose outcome nobody knows, those of dead processes included."""
        return await self._worker(self._read_unsettled)

    async def adopt(self, bookings: Sequence[Booking]) -> int:
        """Take over what somebody's reading of the list shows; how many intents stay unknown.
        That one is not in it says nothing: it may be one page, or remembered."""
        left = 0
        intents = await self.unsettled()
        if not intents:
            return 0  # the usual case, at every reading of the list
        taken = await self._worker(self._known_ids, _since(intents) - LATEST)
        for intent in intents:
            found = match(intent, bookings, taken)
            if found is None:
                left += 1
            else:
                await self._worker(self._journal.confirmed, intent.id, found.id)
                taken.add(found.id)
        return left

    async def look(self) -> Settled:
        """One look for all that is due for one: what was never looked for, and what was absent
        a grace time ago or longer."""
        intents = await self.unsettled()
        settled = await self.look_for([one for one in intents if self._is_due(one)])
        settled.left += [one for one in intents if not self._is_due(one)]
        return settled

    async def settle(self) -> Settled:
        """Look, wait the grace time where something is absent, look again; what was absent twice
        before is looked for once more. Then compare what a damaged journal may have lost."""
        settled = await self.look_for(await self.unsettled())
        waiting = [one for one in settled.left if one.reason == ABSENT_ONCE]
        if waiting:
            due = max(one.updated_at for one in waiting) + GRACE
            await self._sleep(max((due - self.now()).total_seconds(), 0.0))
            second = await self.look()
            settled.adopted += second.adopted
            settled.refused += second.refused
            settled.left = second.left
        settled.unaccounted = await self.reconcile()
        return settled

    async def look_for(self, intents: Sequence[Intent]) -> Settled:
        """One look for these, whatever their state."""
        settled = Settled()
        wanted = [one for one in intents if one.kind == "book"]
        if wanted:
            await self._look_for_bookings(wanted, settled)
        for intent in intents:
            if intent.kind == "cancel":
                await self._look_at_cancelled(intent, settled)
        return settled

    async def reconcile(self) -> tuple[Booking, ...]:
        """After damage to the journal: the bookings since then that it does not know. Told once."""
        since = await self._worker(lambda: self._journal.reconcile_since)
        if since is None:
            return ()
        reading = await self._read(since)
        known = await self._worker(self._known_ids, since - LATEST)
        lost = tuple(one for one in reading.bookings if one.id not in known)
        if lost:
            self._journal.notices.tell(
                ngettext(
                    "The booking journal was damaged, and {n} booking since then is not in it: "
                    "look whether it is yours.",
                    "The booking journal was damaged, and {n} bookings since then are not in it: "
                    "look whether they are yours.",
                    len(lost),
                ).format(n=len(lost))
            )
        if reading.complete:
            await self._worker(self._journal.reconciled)
        return lost

    async def give_up(self, intent_id: str) -> bool:
        """The person has looked and says that it did not happen. False where it did, or where
        there is no such intent."""
        return await self._worker(self._journal.refused, intent_id, GIVEN_UP)

    # -- the steps -----------------------------------------------------------

    async def _look_for_bookings(self, intents: Sequence[Intent], settled: Settled) -> None:
        reading = await self._read(_since(intents))
        taken = await self._worker(self._known_ids, _since(intents) - LATEST)
        for intent in intents:
            found = match(intent, reading.bookings, taken, reading.offset)
            if found is not None:
                await self._worker(self._journal.confirmed, intent.id, found.id)
                taken.add(found.id)
                settled.adopted.append((intent, Answer(found, found.raw, reading.at)))
            elif intent.state == "unknown":
                settled.left.append(await self._absent(intent) if reading.complete else intent)

    async def _look_at_cancelled(self, intent: Intent, settled: Settled) -> None:
        booking_id = intent.booking_id or ""
        try:
            with because("settling"):
                answer = await self._ask(lambda client: client.booking(booking_id))
        except NotFound:
            await self._worker(self._journal.refused, intent.id, NOT_CANCELLED)
            settled.refused.append(intent)
            return
        if answer.value.status.upper() == "CANCELLED":
            await self._worker(self._journal.confirmed, intent.id, booking_id)
            settled.adopted.append((intent, answer))
            return
        absent = await self._absent(intent)
        if answer.value.cancel_terms == "impossible" or absent.reason == ABSENT_TWICE:
            # it stands, and cancelling again is safe: a second cancellation costs nothing
            await self._worker(self._journal.refused, intent.id, NOT_CANCELLED)
            settled.refused.append(intent)
        else:
            settled.left.append(absent)

    async def _absent(self, intent: Intent) -> Intent:
        """Write down that it was not there; the intent as it stands then."""
        if intent.reason == ABSENT_TWICE:
            return intent
        if intent.reason == ABSENT_ONCE and not self._is_due(intent):
            return intent
        reason = ABSENT_TWICE if intent.reason == ABSENT_ONCE else ABSENT_ONCE
        await self._worker(self._journal.unknown, intent.id, reason)
        return await self._worker(self._journal.get, intent.id) or intent

    async def _read(self, since: datetime) -> Reading:
        async def read(client: AgentClient) -> Reading:
            # in the gateway's time; without an end, because nobody says whether the range means
            # the day of making or of the reservation (§14 U3)
            page = await read_all(client, None, since + client.clock_offset, None)
            bookings, skipped = read_bookings({"bookings": page.rows})
            complete = page.complete and not skipped
            return Reading(bookings, complete, page.at, client.clock_offset)

        with because("settling"):
            return await self._ask(read)

    def _is_due(self, intent: Intent) -> bool:
        if intent.reason == ABSENT_ONCE:
            return abs(self.now() - intent.updated_at) >= GRACE
        return intent.reason != ABSENT_TWICE

    # -- in the worker ---------------------------------------------------------

    def _read_unsettled(self) -> list[Intent]:
        self._journal.expire_stale()
        intents = self._journal.open_intents(self._account)
        for intent in intents:
            if intent.state == "planned" and self.now() - intent.created_at > PLANNED_FOR:
                # whoever planned it died before claiming it; should they live, their claim fails
                self._journal.withdrawn(intent.id, NEVER_SENT)
        return [one for one in intents if one.state == "unknown"]

    def _known_ids(self, since: datetime) -> set[str]:
        """The bookings that are some intent's already: one booking is nobody else's as well."""
        return {
            one.booking_id
            for one in self._journal.intents(self._account, since)
            if one.kind == "book" and one.booking_id is not None
        }


def _since(intents: Iterable[Intent]) -> datetime:
    """The earliest moment at which one of them can have been booked."""
    return min(one.created_at for one in intents) - AROUND


def match(
    intent: Intent,
    bookings: Iterable[Booking],
    taken: Collection[str] = (),
    offset: timedelta = timedelta(),
) -> Booking | None:
    """The booking that an intent became. `external_id` is not unique on the server (§14 U4), so
    creation time (by a clock that is `offset` ahead of ours) and, where echoed, EVSE and window
    must agree as well. A cancellation matches its booking when that is cancelled."""
    if intent.kind == "cancel":
        return next(
            (
                one
                for one in bookings
                if one.id == intent.booking_id and one.status.upper() == "CANCELLED"
            ),
            None,
        )
    made = intent.created_at + offset
    ours = [one for one in bookings if one.id not in taken and _is_ours(intent, one, made)]
    return min(ours, key=lambda one: abs((one.created_at or made) - made), default=None)


def _is_ours(intent: Intent, booking: Booking, made: datetime) -> bool:
    if booking.external_id is None or booking.external_id != intent.external_id:
        return False
    told = booking.created_at
    if told is not None and not made - AROUND <= told <= made + LEASE + LATEST:
        return False
    wanted = intent.request
    return all(
        echoed is None or echoed == meant
        for echoed, meant in (
            (booking.location_id, wanted.get("location_id") or booking.location_id),
            (booking.evse_uid, wanted.get("evse_uid")),
            (booking.reservation_start, read_time(wanted.get("reservation_start"))),
            (booking.reservation_end, read_time(wanted.get("reservation_end"))),
        )
    )


def explain(intent: Intent) -> str:
    """Why an intent stands as it does, in the reader's language."""
    texts = {
        STALE: _("The program ended before the answer came."),
        RESTORED: _("The booking journal was damaged; this may have been sent."),
        INTERRUPTED: _("It was interrupted before the answer came."),
        ABSENT_ONCE: _("It is not in the list yet."),
        ABSENT_TWICE: _(
            "It was not in the list, twice. It was probably not booked, but only a person can "
            "decide: it is not sent again by itself."
        ),
        GIVEN_UP: _("Given up by a person."),
        NEVER_SENT: _("The program ended before anything was sent."),
        NOT_CANCELLED: _("The booking was not cancelled."),
    }
    return texts.get(intent.reason, intent.reason)
