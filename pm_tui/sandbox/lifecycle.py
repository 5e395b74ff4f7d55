"""What becomes of a booking: drawn once, when it is made, and then only read.

A booking keeps its *script*, the planned times of all its status changes; its status is a pure
function of script and time. So a restart, or a second sandbox on the same state, sees the same
booking, and nothing has to run in the background. Statuses: contract/agent-api.md §7.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from pm_tui.sandbox.options import Span
from pm_tui.sandbox.wire import from_ms, to_ms


class Status(StrEnum):
    REQUESTED = "REQUESTED"
    PENDING = "PENDING"
    CONFIRMED = "CONFIRMED"
    ATTENDING = "ATTENDING"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
    NO_SHOW = "NO_SHOW"


TERMINAL = frozenset({Status.COMPLETED, Status.CANCELLED, Status.EXPIRED, Status.NO_SHOW})
CANCELLABLE = frozenset({Status.REQUESTED, Status.PENDING, Status.CONFIRMED})

REFUSED = 0.05
NO_SHOW = 0.07
EXPIRED = 0.05


@dataclass(frozen=True, slots=True)
class Step:
    at: datetime
    status: Status


@dataclass(frozen=True, slots=True)
class Script:
    """Steps in the order of time; the first is the moment of creation."""

    steps: tuple[Step, ...]

    def current(self, now: datetime) -> Step:
        """The last step that has come; the first one also before its time."""
        for step in reversed(self.steps):
            if step.at <= now:
                return step
        return self.steps[0]

    def reached(self, status: Status, now: datetime) -> bool:
        return any(step.status is status and step.at <= now for step in self.steps)

    def cancelled(self, now: datetime) -> Script:
        """The script of a booking that its client cancels now."""
        past = tuple(step for step in self.steps if step.at <= now) or self.steps[:1]
        return Script((*past, Step(max(now, past[-1].at), Status.CANCELLED)))

    def dump(self) -> list[list[object]]:
        return [[to_ms(step.at), step.status.value] for step in self.steps]

    @classmethod
    def load(cls, rows: Iterable[tuple[int, str]]) -> Script:
        return cls(tuple(Step(from_ms(at), Status(status)) for at, status in rows))


@dataclass(frozen=True, slots=True)
class Luck:
    """What may happen; tests and profiles narrow it down."""

    confirm: Span
    refused: float = REFUSED
    no_show: float = NO_SHOW
    expired: float = EXPIRED
    never_confirms: bool = False


def write_script(
    created: datetime, start: datetime, end: datetime, luck: Luck, rng: random.Random
) -> Script:
    """Draw a booking's fate. `start < end`; both may lie before the confirmation comes."""
    # Every number is drawn whatever the outcome, so that one setting does not shift the others.
    wait = rng.uniform(luck.confirm.low, luck.confirm.high)
    sent = created + timedelta(seconds=wait * rng.uniform(0.1, 0.5))
    answered = created + timedelta(seconds=wait)
    refusal, fate, arrival, stay = (rng.random() for _ in range(4))
    steps = [Step(created, Status.REQUESTED), Step(sent, Status.PENDING)]
    if luck.never_confirms or answered >= end:
        return Script((*steps, Step(max(end, sent), Status.EXPIRED)))
    if refusal < luck.refused:
        return Script((*steps, Step(answered, Status.CANCELLED)))
    steps.append(Step(answered, Status.CONFIRMED))
    length = end - start
    if fate < luck.no_show:
        # operators wait a while before they give the charger to somebody else
        steps.append(Step(max(answered, start + length * 0.5), Status.NO_SHOW))
    elif fate < luck.no_show + luck.expired:
        steps.append(Step(end, Status.EXPIRED))
    else:
        attending = max(answered, start + min(length * 0.2, timedelta(minutes=12)) * arrival)
        steps.append(Step(attending, Status.ATTENDING))
        steps.append(Step(end - (end - attending) * 0.3 * stay, Status.COMPLETED))
    return Script(tuple(steps))
