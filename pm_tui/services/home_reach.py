"""Whether a home charger can be reached: judged by the age of its last sample, for nobody says so
(contract/evenergy-v2.md §10, §14). Pure; the threshold is the person's (`home_reach`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from pm_tui.cache.moments import FUTURE
from pm_tui.models.home import Evse

Answer = Literal["reachable", "stale", "unknown"]


@dataclass(frozen=True, slots=True)
class Reach:
    """`age` of the last sample; None where there is none, or one that claims to be to come."""

    answer: Answer
    age: timedelta | None = None


def reach_of(evse: Evse, now: datetime, threshold: timedelta) -> Reach:
    """At `now` (aware). A sample from the future is believed as far as clocks may differ."""
    sampled = None if evse.status is None else evse.status.sampled
    if sampled is None or sampled.at is None or sampled.at - now > FUTURE:
        return Reach("unknown")
    age = max(now - sampled.at, timedelta())
    return Reach("reachable" if age <= threshold else "stale", age)


def reach_seen(
    evse: Evse, read_at: datetime, now: datetime, threshold: timedelta
) -> tuple[Reach, bool]:
    """What an answer of `read_at` says at `now` (both aware), and whether only of then: a charger
    is not silent because nobody has asked for a while. The age is that of `now`."""
    then, today = reach_of(evse, read_at, threshold), reach_of(evse, now, threshold)
    return Reach(then.answer, today.age), then.answer != today.answer
