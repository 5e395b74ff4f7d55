"""Send what changes something: once, written down before and after, and settled when unclear.

The gateway has no idempotency key (contract/agent-api.md §14 U4, U5), so nothing here is ever sent
again: a lost answer is looked up (`services/settle.py`). `Ended.kind` is the whole truth for the
person: *booked* means that the gateway has it, *refused* that it surely has not, *unknown* that
nobody can say yet.
"""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pm_tui.api.agent import Answer
from pm_tui.api.errors import ApiError, Conflict, OutcomeUnknown
from pm_tui.api.record import because
from pm_tui.cache.intent import Intent
from pm_tui.cache.journal import Journal
from pm_tui.cache.journal import JournalUnavailable as JournalUnavailable  # for the rooms above
from pm_tui.cache.stores import Stores
from pm_tui.i18n import _
from pm_tui.models.booking import Booking
from pm_tui.models.json import JsonObject, dumps
from pm_tui.models.request import BookingRequest
from pm_tui.models.times import read_time
from pm_tui.models.zones import CHARGERS_ZONE
from pm_tui.services.references import suggest
from pm_tui.services.settle import (
    DOUBTS,
    GIVEN_UP,
    INTERRUPTED,
    Asker,
    Settled,
    Settler,
    Worker,
    explain,
)

FIRST_LOOK = 2.0  # seconds until a booking that was accepted without an answer should be listed
DEPARTMENT = "pm"  # of references that nobody chose


@dataclass(frozen=True, slots=True)
class Ended:
    """How a wish ended. `answer` is set for what was just *booked*, `booking_id` for all that is,
    `reason` (translated) for the others. `intent_id` is its line in the journal, if it has one."""

    kind: Literal["booked", "refused", "unknown"]
    external_id: str
    answer: Answer[Booking] | None = None
    reason: str = ""
    problem: Exception | None = None
    booking_id: str | None = None
    intent_id: str | None = None


class Booker:
    """For one account. Raises `JournalUnavailable` before anything is sent, and nothing after."""

    def __init__(
        self,
        journal: Journal,
        account: str,
        ask: Asker,
        worker: Worker,
        settler: Settler,
        references: Callable[[], Collection[str]],
    ) -> None:
        self._journal, self._account = journal, account
        self._ask, self._worker = ask, worker
        self._settler, self._references = settler, references

    async def book(
        self, request: BookingRequest, *, once: str | None = None, part_of: str | None = None
    ) -> Ended:
        """Send a booking. Every wish has an `external_id`: it is how a lost one is found again.

        With `once`, the wish of that name is sent only while nothing was booked for it and
        nothing is unclear: repeating it after a refusal is a new try, and nothing else.
        """
        request = await self._with_reference(request)
        intent = await self._worker(self._plan_once, request, once, part_of)
        if intent.state != "planned":
            return _as_it_stands(intent)
        request = request_of(intent)  # one planned by an earlier run keeps its reference
        if earlier := await self._earlier(request, {"unknown", "sending"}, intent):
            await self._worker(self._journal.withdrawn, intent.id, earlier.reason)
            return earlier
        if not await self._worker(self._journal.claim, intent.id):
            return _as_it_stands(intent, _("Another window is sending this already."))
        return await self._send(request, intent)

    async def cancel(
        self, booking_id: str, reason: str, *, once: str | None = None, part_of: str | None = None
    ) -> Answer[Booking]:
        """Cancel a booking. Raises the `ApiError` that says why not; `OutcomeUnknown` when even
        reading the booking afterwards did not tell (contract §14 U5)."""

        def plan(name: str | None) -> Intent:
            return self._journal.plan(
                "cancel",
                self._account,
                {"reason": reason},
                booking_id=booking_id,
                once=name,
                part_of=part_of,
            )

        intent = await self._worker(next_try, plan, once)
        if intent.state == "confirmed":
            with because("cancelling", unless_said=True):
                return await self._ask(lambda client: client.booking(booking_id))
        if not await self._worker(self._journal.claim, intent.id):
            raise OutcomeUnknown(_("another window is cancelling this already"))
        try:
            with because("cancelling", unless_said=True):
                answer = await self._ask(lambda client: client.cancel_booking(booking_id, reason))
        except OutcomeUnknown as problem:
            await self._note(self._journal.unknown, intent.id, str(problem))
            return await self._cancelled_after_all(intent, problem)
        except ApiError as problem:
            await self._note(self._journal.refused, intent.id, str(problem))
            raise
        except BaseException:
            await asyncio.shield(self._note(self._journal.unknown, intent.id, INTERRUPTED))
            raise
        await self._note(self._journal.confirmed, intent.id, booking_id)
        return answer

    # -- the steps -----------------------------------------------------------

    async def _send(self, request: BookingRequest, intent: Intent) -> Ended:
        reference = intent.external_id or ""
        try:
            with because("booking", unless_said=True):
                answer = await self._ask(lambda client: client.create_booking(request))
        except OutcomeUnknown as problem:
            await self._note(self._journal.unknown, intent.id, str(problem))
            return await self._look_up(intent, problem)
        except ApiError as problem:
            await self._note(self._journal.refused, intent.id, str(problem))
            if isinstance(problem, Conflict):
                # after an unknown outcome this is likely our own success
                states = {"unknown", "sending", "refused"}
                earlier = await self._earlier(request, states, intent)
                if earlier is not None:
                    return earlier
            return _refused(reference, problem, intent.id)
        except BaseException:
            # cancelled or broken half-way: the request may have left
            await asyncio.shield(self._note(self._journal.unknown, intent.id, INTERRUPTED))
            raise
        await self._note(self._journal.confirmed, intent.id, answer.value.id)
        return _booked(reference, answer, intent.id)

    def _plan_once(self, request: BookingRequest, once: str | None, part_of: str | None) -> Intent:
        def plan(name: str | None) -> Intent:
            return self._journal.plan(
                "book",
                self._account,
                request.body(),
                external_id=request.external_id,
                once=name,
                part_of=part_of,
            )

        return next_try(plan, once)

    async def _with_reference(self, request: BookingRequest) -> BookingRequest:
        if request.external_id is not None:
            return request
        taken = await self._worker(self._references)
        return request.model_copy(update={"external_id": own_reference(request, taken)})

    async def _earlier(
        self, request: BookingRequest, states: Collection[str], own: Intent
    ) -> Ended | None:
        """How an earlier wish for the same point and time stands, where that forbids (or spares)
        another one: found now, it was this wish; unclear still, nothing more is sent for it.
        `own` is no rival of itself, also when another window has claimed it by now."""
        rivals = await self._worker(self._rivals, request, states)
        rivals = [one for one in rivals if one.id != own.id]
        if not rivals:
            return None
        try:
            settled = await self._settler.look_for(
                [one for one in rivals if one.state != "sending"]
            )
        except (ApiError, JournalUnavailable) as trouble:
            return _unclear(rivals[0], trouble)
        if found := found_now(settled, request):
            return found
        done = {intent.id for intent, _answer in settled.adopted}
        open_ones = [one for one in rivals if one.id not in done and one.state != "refused"]
        return _unclear(open_ones[0], None) if open_ones else None

    def _rivals(self, request: BookingRequest, states: Collection[str]) -> list[Intent]:
        self._journal.expire_stale()
        since = self._settler.now() - DOUBTS
        return [
            one
            for one in self._journal.intents(self._account, since)
            if one.kind == "book"
            and one.state in states
            and (one.state != "refused" or one.reason == GIVEN_UP)
            and _same_point_and_time(one.request, request)
        ]

    async def _note(self, write: Callable[[str, str], bool], intent_id: str, text: str) -> None:
        """The request has been sent: a journal that fails now must not hide how it ended. The
        claim then goes stale and is settled as unknown, which is right."""
        try:
            await self._worker(write, intent_id, text)
        except JournalUnavailable as problem:
            self._journal.notices.tell(str(problem))

    async def _look_up(self, intent: Intent, problem: OutcomeUnknown) -> Ended:
        """The first look for what may have been booked; the second is whoever's comes later."""
        reference = intent.external_id or ""
        await asyncio.sleep(FIRST_LOOK)
        try:
            settled = await self._settler.look_for([await self._current(intent)])
        except (ApiError, JournalUnavailable) as trouble:
            return Ended("unknown", reference, None, _say(problem), trouble, None, intent.id)
        for _intent, answer in settled.adopted:
            return _booked(reference, answer, intent.id)
        return Ended("unknown", reference, None, _say(problem), problem, None, intent.id)

    async def _cancelled_after_all(
        self, intent: Intent, problem: OutcomeUnknown
    ) -> Answer[Booking]:
        try:
            settled = await self._settler.look_for([await self._current(intent)])
        except (ApiError, JournalUnavailable) as trouble:
            raise problem from trouble
        for _intent, answer in settled.adopted:
            return answer
        raise problem

    async def _current(self, intent: Intent) -> Intent:
        return await self._worker(self._journal.get, intent.id) or intent


@dataclass(frozen=True, slots=True)
class Desk:
    """What changes things for one account: its journal (to be asked in the `worker` only), who
    sends and who settles."""

    journal: Journal
    worker: Worker
    booker: Booker
    settler: Settler
    references: Callable[[], Collection[str]]

    @classmethod
    def of(cls, journal: Journal, account: str, ask: Asker, worker: Worker, stores: Stores) -> Desk:
        settler = Settler(journal, account, ask, worker)

        def references() -> Collection[str]:
            return journal.external_ids() | _remembered(stores)

        booker = Booker(journal, account, ask, worker, settler, references)
        return cls(journal, worker, booker, settler, references)


def _remembered(stores: Stores) -> set[str]:
    """The references of all bookings ever seen, whoever made them."""
    told = (kept.raw.get("external_id") for kept in stores.bookings.all())
    return {one for one in told if isinstance(one, str)}


def found_now(settled: Settled, request: BookingRequest) -> Ended | None:
    """The booking of this very wish, where looking for what was left open has just found it."""
    for intent, answer in settled.adopted:
        if intent.kind == "book" and _wish(intent.request) == _wish(request.body()):
            return _booked(intent.external_id or "", answer, intent.id)
    return None


def own_reference(request: BookingRequest, taken: Collection[str]) -> str:
    """A reference for a booking that nobody gave one, by the documented convention (contract §11):
    the payer, else the user, and the day at the charger."""
    who = request.customer_id or request.token_id or request.fleet_group_id or request.token_uid
    day = request.reservation_start.astimezone(CHARGERS_ZONE).date()
    for name in (who, _user()):
        try:
            return suggest(DEPARTMENT, name or "", day, taken)
        except ValueError:  # not a letter or digit in it
            continue
    return suggest(DEPARTMENT, "desk", day, taken)


def request_of(intent: Intent) -> BookingRequest:
    """The request that was written down, rules and all."""
    return BookingRequest.model_validate_json(dumps({**intent.request, "allow_foreign": True}))


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no name for this uid
        return ""


def next_try(plan: Callable[[str | None], Intent], once: str | None) -> Intent:
    """The intent of this name; of the first further try of it that was not refused."""
    intent, attempt = plan(once), 1
    while once is not None and intent.state == "refused":
        attempt += 1
        intent = plan(f"{once}#{attempt}")
    return intent


def _wish(body: JsonObject) -> JsonObject:
    return {name: value for name, value in body.items() if name != "external_id"}


def _same_point_and_time(body: JsonObject, request: BookingRequest) -> bool:
    if body.get("evse_uid") != request.evse_uid:
        return False
    start, end = (read_time(body.get(f"reservation_{edge}")) for edge in ("start", "end"))
    return _overlap(start, end, request.reservation_start, request.reservation_end)


def _overlap(start: datetime | None, end: datetime | None, other: datetime, last: datetime) -> bool:
    return start is None or end is None or (start < last and other < end)


def _booked(reference: str, answer: Answer[Booking], intent_id: str) -> Ended:
    return Ended("booked", reference, answer, booking_id=answer.value.id, intent_id=intent_id)


def _refused(reference: str, problem: ApiError, intent_id: str) -> Ended:
    return Ended("refused", reference, None, _say(problem), problem, None, intent_id)


def _as_it_stands(intent: Intent, busy: str = "") -> Ended:
    """A wish that another run has brought this far."""
    reference = intent.external_id or ""
    if intent.state == "confirmed":
        return Ended("booked", reference, booking_id=intent.booking_id, intent_id=intent.id)
    text = explain(intent) if intent.state == "unknown" else ""
    reason = busy or text or _("Another window is sending this already.")
    return Ended("unknown", reference, reason=reason, intent_id=intent.id)


def _unclear(rival: Intent, trouble: Exception | None) -> Ended:
    reason = _(
        "Nothing more was sent: an earlier booking of this charging point at this time "
        "({reference}) may exist. Settle that one first."
    ).format(reference=rival.external_id or rival.id)
    return Ended(
        "unknown", rival.external_id or "", reason=reason, problem=trouble, intent_id=rival.id
    )


def _say(problem: ApiError) -> str:
    return " ".join(filter(None, (str(problem), problem.advice)))
