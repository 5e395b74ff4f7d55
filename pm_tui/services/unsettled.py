"""What nobody knows the outcome of yet, as a person has to see it.

The wish, why it is unclear, when it is looked for again, and whether only a person can go on
(contract/agent-api.md §14 U4, U5).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from pm_tui.cache.intent import Intent, Kind, State
from pm_tui.models.booking import Booking
from pm_tui.services.settle import ABSENT_ONCE, ABSENT_TWICE, GRACE, explain

if TYPE_CHECKING:
    from pm_tui.services.session import Session


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A booking or cancellation that was sent and whose outcome is not known; times UTC.

    `wish` is what was asked for in the shape of a booking; `id` is the journal's, no booking's.
    `next_look` is when it is looked for again by itself, None: never, because it was absent twice
    and only a person can decide.
    """

    id: str
    kind: Kind
    wish: Booking
    sent_at: datetime
    why: str
    next_look: datetime | None

    @property
    def must_decide(self) -> bool:
        """Whether nothing more happens by itself."""
        return self.next_look is None


def describe(intent: Intent) -> Unsettled:
    """An intent of the journal for the eye."""
    # the body of a request has the field names of the booking that it asks for (§4, §6)
    wish = Booking.read(
        {
            **intent.request,
            "id": intent.booking_id or intent.id,
            "external_id": intent.external_id,
        }
    )
    next_look: datetime | None = intent.updated_at
    if intent.reason == ABSENT_ONCE:
        next_look = intent.updated_at + GRACE
    elif intent.reason == ABSENT_TWICE:
        next_look = None
    why = explain(intent)
    return Unsettled(intent.id, intent.kind, wish, intent.created_at, why, next_look)


async def unsettled(session: Session) -> tuple[Unsettled, ...]:
    """All of the account, oldest first. Asks nobody. Raises `JournalUnavailable`."""
    return tuple(map(describe, await session.unsettled()))


async def how_it_ended(session: Session, intent_id: str) -> State | None:
    """The state of an intent now, whoever settled it. Raises `JournalUnavailable`."""
    desk = await session.desk()
    intent = await desk.worker(desk.journal.get, intent_id)
    return None if intent is None else intent.state
