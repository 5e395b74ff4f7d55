"""An office: what is booked when, who is at which window when, and what the operators make of it.

All of it is drawn beforehand from a seed, so that every strategy is measured on the same month.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from pm_tui.sandbox.lifecycle import Script, Status, Step

OPENS, CLOSES = timedelta(hours=7), timedelta(hours=16, minutes=30)  # 8:00 to 17:30 in winter, UTC
LOST = 0.08  # of the confirmed ones, taken back by their operator before they start
GLANCES = 8  # a day and window, beside its bookings: somebody looks how things stand
FIRST_DAY = datetime(2026, 11, 2, tzinfo=UTC)  # a Monday

Kind = Literal["confirmed", "refused", "started", "ended", "lost"]


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody is at a window; `wish` is what is booked in it, `shown` whether the list is."""

    window: int
    begins: datetime
    ends: datetime
    wish: Wish | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """A booking to be made `at` that time; `loss` in [0, 1) is where between its confirmation and
    its start the operator takes it back, None: never."""

    number: int
    at: datetime
    start: datetime
    end: datetime
    loss: float | None


@dataclass(frozen=True, slots=True)
class Office:
    days: int = 22
    bookings: int = 20  # a day
    windows: int = 3
    seed: int = 1

    def working_days(self) -> list[datetime]:
        """Midnights, UTC; Monday to Friday."""
        days: list[datetime] = []
        day = FIRST_DAY
        while len(days) < self.days:
            if day.weekday() < 5:
                days.append(day)
            day += timedelta(days=1)
        return days

    def visits(self, day: datetime) -> list[Visit]:
        """Who is where on that day, in the order of time, each window by itself."""
        rng = random.Random(f"{self.seed}/{day:%j}")
        drawn = [self._booking_visit(rng, day, n) for n in range(self.bookings)]
        for window in range(self.windows):
            for _ in range(GLANCES):
                begins = day + _between(rng, OPENS, CLOSES - timedelta(minutes=5))
                length = timedelta(seconds=rng.uniform(20, 180))
                drawn.append(Visit(window, begins, begins + length))
        return list(_one_after_another(drawn))

    def _booking_visit(self, rng: random.Random, day: datetime, n: int) -> Visit:
        at = day + _between(rng, OPENS + timedelta(minutes=5), CLOSES - timedelta(minutes=20))
        if rng.random() < 0.6:  # later the same day
            start = at + timedelta(minutes=rng.uniform(25, 300))
        else:  # some time of the next day
            start = day + timedelta(days=1) + _between(rng, OPENS, CLOSES)
        start = start.replace(second=0, microsecond=0)
        end = start + timedelta(minutes=rng.choice([45, 60, 60, 90, 120, 180]))
        loss = rng.random() if rng.random() < LOST else None
        wish = Wish(n, at, start, end, loss)
        window = rng.randrange(self.windows)
        before, after = rng.uniform(40, 150), rng.uniform(15, 90)
        return Visit(window, at - timedelta(seconds=before), at + timedelta(seconds=after), wish)


def _between(rng: random.Random, low: timedelta, high: timedelta) -> timedelta:
    return low + (high - low) * rng.random()


def _one_after_another(visits: list[Visit]) -> Iterator[Visit]:
    """Nobody is at one window twice: whoever comes early waits."""
    free: dict[int, datetime] = {}
    for visit in sorted(visits, key=lambda one: one.begins):
        late = max(free.get(visit.window, visit.begins) - visit.begins, timedelta())
        wish = visit.wish and replace(visit.wish, at=visit.wish.at + late)
        moved = Visit(visit.window, visit.begins + late, visit.ends + late, wish)
        free[visit.window] = moved.ends
        yield moved


def taken_back(script: Script, start: datetime, loss: float) -> Script:
    """The same fate, but that the operator cancels between its yes and the start."""
    yes = next((step for step in script.steps if step.status is Status.CONFIRMED), None)
    if yes is None or yes.at >= start:
        return script
    kept = tuple(step for step in script.steps if step.at <= yes.at)
    return Script((*kept, Step(yes.at + (start - yes.at) * loss, Status.CANCELLED)))


def changes(script: Script) -> Iterator[tuple[Kind, Step]]:
    """What becomes of a booking, as far as a person wants to know."""
    agreed = False
    for step in script.steps:
        if step.status is Status.CONFIRMED:
            agreed = True
            yield "confirmed", step
        elif step.status is Status.ATTENDING:
            yield "started", step
        elif step.status is Status.CANCELLED:
            yield ("lost" if agreed else "refused"), step
        elif step.status in (Status.COMPLETED, Status.NO_SHOW, Status.EXPIRED):
            yield "ended", step
