"""What a rebooking is, and what the journal knows of it: what is done, and whether it is over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from pm_tui.cache.intent import Intent
from pm_tui.cache.journal import Journal
from pm_tui.i18n import _
from pm_tui.models.booking import Booking
from pm_tui.models.request import BookingRequest
from pm_tui.services.book import next_try
from pm_tui.services.session import Session
from pm_tui.services.settle import GIVEN_UP, NEVER_SENT

# the new one stands and the old is gone; the old one stands; both do; the old window was booked
# again; neither stands; not decided yet; nobody knows yet
Outcome = Literal["rebooked", "kept", "both", "restored", "lost", "waiting", "unknown"]
# look up what an earlier run left open; book the new one; wait for its operator; cancel the old
# one; book the old time again, where the new one was not to be had
Step = Literal["settle", "book", "wait", "cancel", "restore"]
GONE = ("CANCELLED", "EXPIRED", "NO_SHOW")
REASON = "Rebooked"  # sent to the operator, so not translated
SAFE, CLASH = "rebook:safe:", "rebook:clash:"  # how `part_of` begins; old id and a name follow
# the reason of a step that is written down as refused because nothing has to be done any more
NOT_NEEDED = "not needed"
# what of an interrupted one stands at the gateway; unclear: a step may have been taken
Standing = Literal["old", "both", "new", "none", "unclear"]


class CannotRebook(ValueError):
    """Nothing was sent; the text says why."""


@dataclass(frozen=True, slots=True)
class Rebooking:
    """What is to happen. `clash`: the old one has to be cancelled first, with the risk to end
    with the old window only if it is still free, and perhaps with a fee.

    `begun`: an earlier run was interrupted; `done` are the steps that it surely took, `unclear`
    those that it may have taken.
    """

    part: str
    old: Booking
    old_request: BookingRequest
    request: BookingRequest
    clash: bool
    begun: bool = False
    done: frozenset[Step] = frozenset()
    unclear: frozenset[Step] = frozenset()

    @property
    def steps(self) -> tuple[Step, ...]:
        """In the order in which they are taken, when all goes well."""
        return ("cancel", "book", "wait") if self.clash else ("book", "wait", "cancel")

    @property
    def standing(self) -> Standing:
        """What is there now, as far as the journal knows; of *new* its operator may not have said
        a word yet."""
        return standing(self.done, self.unclear)


@dataclass(frozen=True, slots=True)
class Rebooked:
    """How it ended, and why; `waiting` and `unknown` are to be resumed."""

    outcome: Outcome
    external_id: str
    booking_id: str | None = None
    reason: str = ""
    problem: Exception | None = None


# -- writing -------------------------------------------------------------------

Write = Callable[[Journal, str], object]


async def write_down(session: Session, rebooking: Rebooking) -> None:
    """The new one, before the old one is touched: whoever resumes must know what was wanted."""

    def plan(journal: Journal, account: str) -> None:
        request = rebooking.request
        journal.plan(
            "book",
            account,
            request.body(),
            external_id=request.external_id,
            once=f"{rebooking.part}:new",
            part_of=rebooking.part,
        )

    await _write(session, plan)


async def note_cancelled(session: Session, rebooking: Rebooking) -> None:
    """The old one is cancelled, by an interrupted run or by somebody else."""

    def note(journal: Journal, account: str) -> None:
        intent = _plan_cancel(journal, account, rebooking)
        journal.confirmed(intent.id, rebooking.old.id)

    await _write(session, note)


async def close(session: Session, rebooking: Rebooking) -> None:
    """Nothing is left to do: the old one stands."""

    def note(journal: Journal, account: str) -> None:
        intent = _plan_cancel(journal, account, rebooking)
        if intent.state == "planned":  # one that is unclear stays so: it may have been sent
            journal.refused(intent.id, NOT_NEEDED)

    await _write(session, note)


async def close_agreed(session: Session, part: str) -> None:
    """Nothing is left to do after a clash: the new one stands, so that the old time need not be
    booked again."""
    await _write(session, lambda journal, account: _end(journal, account, part, "again"))


async def drop(session: Session, part: str) -> None:
    """A person wants no more of it: no step is taken any more. Sends nothing. What may have been
    sent stays open and is settled as any other. Raises `CannotRebook` while a living process is
    sending a step of it."""

    def note(journal: Journal, account: str) -> None:
        journal.expire_stale()
        intents = journal.parts(part)
        if any(one.state == "sending" for one in intents):
            raise CannotRebook(_("This change is being sent now, perhaps in another window."))
        _end(journal, account, part, "dropped")  # first: killed here, it is over all the same
        for one in intents:
            if one.state == "planned":
                journal.withdrawn(one.id, NOT_NEEDED)

    await _write(session, note)


def _end(journal: Journal, account: str, part: str, name: str) -> None:
    """Write down a booking that asks for nothing and is never sent."""
    intent = next_try(
        lambda once: journal.plan("book", account, {}, once=once, part_of=part), f"{part}:{name}"
    )
    if intent.state == "planned":
        journal.refused(intent.id, NOT_NEEDED)


def _plan_cancel(journal: Journal, account: str, rebooking: Rebooking) -> Intent:
    def plan(once: str | None) -> Intent:
        return journal.plan(
            "cancel",
            account,
            {"reason": REASON},
            booking_id=rebooking.old.id,
            once=once,
            part_of=rebooking.part,
        )

    return next_try(plan, f"{rebooking.part}:old")


async def _write(session: Session, write: Write) -> None:
    desk = await session.desk()
    await desk.worker(write, desk.journal, session.settings.account)


# -- reading -------------------------------------------------------------------


async def intents_of(session: Session, part: str) -> list[Intent]:
    """The intents of one rebooking, the oldest first."""
    desk = await session.desk()
    return await desk.worker(desk.journal.parts, part)


async def open_parts(session: Session) -> list[tuple[str, list[Intent]]]:
    """The rebookings that are not over, the newest first."""
    desk = await session.desk()

    def find() -> dict[str, list[Intent]]:
        parts: dict[str, list[Intent]] = {}
        for intent in desk.journal.intents(session.settings.account):
            if intent.part_of is not None and intent.part_of.startswith((SAFE, CLASH)):
                parts.setdefault(intent.part_of, []).append(intent)
        return parts

    found = await desk.worker(find)
    return [(part, found[part]) for part in reversed(found) if not _is_over(part, found[part])]


async def is_dropped(session: Session, part: str) -> bool:
    """Whether a person has ended it, perhaps in another window."""
    return any(
        _name_of(one) == "dropped" and one.reason == NOT_NEEDED
        for one in await intents_of(session, part)
    )


def standing(done: frozenset[Step], unclear: frozenset[Step]) -> Standing:
    """What stands after the steps `done`, where `unclear` ones may have been taken."""
    if unclear:
        return "unclear"
    if "cancel" in done:
        return "new" if "book" in done else "none"
    return "both" if "book" in done else "old"


def old_id(part: str) -> str:
    """The id of the booking that a rebooking replaces."""
    return part.removeprefix(SAFE).removeprefix(CLASH).rpartition(":")[0]


def step_of(intent: Intent) -> Step:
    """What an intent of a rebooking is for."""
    if intent.kind == "cancel":
        return "cancel"
    return "book" if _name_of(intent) == "new" else "restore"


def steps_in(intents: Sequence[Intent], *states: str) -> frozenset[Step]:
    """The steps of which an intent is in one of `states`."""
    return frozenset(step_of(one) for one in intents if one.state in states)


def _name_of(intent: Intent) -> str:
    # a further try has a number behind its name
    return (intent.once or "").partition("#")[0].rpartition(":")[2]


def _is_over(part: str, intents: Sequence[Intent]) -> bool:
    """Whether nothing is left to do: also where nothing has been done yet."""
    if any(one.reason == NOT_NEEDED for one in intents):
        return True
    if steps_in(intents, "sending", "unknown"):
        return False
    done = steps_in(intents, "confirmed")
    if not part.startswith(CLASH):
        return "cancel" in done or "book" not in done
    # that the new one was taken is not the end: its operator may refuse it yet
    tried = any(
        one.state == "refused" and one.reason not in (NEVER_SENT, GIVEN_UP)
        for one in intents
        if step_of(one) == "restore"
    )
    return "cancel" not in done or "restore" in done or tried
