"""The operators behind the gateway: each answers a search in its own time, or fails to."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pm_tui.sandbox.options import Span
from pm_tui.sandbox.stations import Cpo, Station

DEADLINE = 1.2  # seconds; who has not answered by then is left out
_SLOW = 0.12
_FAILING = 0.08

Found = list[tuple[float, Station]]


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How one operator answers one search."""

    seconds: float
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    cpo: Cpo
    found: Found
    duration_ms: int
    error: str | None

    def describe(self, name: str) -> dict[str, Any]:
        return {
            "cpo_party_id": self.cpo.party_id,
            "cpo_name": name,
            "count": len(self.found),
            "duration_ms": self.duration_ms,
            "error": self.error,
        }


class Operators:
    def __init__(self, seed: int, latency: Span, accidents: bool) -> None:
        self._seed = seed
        self._latency = latency
        self._accidents = accidents
        self._rng = random.Random(f"{seed}/operators")

    def plan(self, cpos: list[Cpo], down: str | None) -> dict[str, Behaviour]:
        """How each answers this time. `down` is a party id or `*`: that one is unreachable."""
        plan = {cpo.party_id: Behaviour(self._usual(cpo)) for cpo in cpos}
        if plan and self._accidents:
            unlucky = self._rng.choice(sorted(plan))
            chance = self._rng.random()
            if chance < _SLOW:
                plan[unlucky] = Behaviour(self._rng.uniform(0.8, 4))
            elif chance < _SLOW + _FAILING:
                seconds = plan[unlucky].seconds
                plan[unlucky] = Behaviour(seconds, "operator answered HTTP 502")
        for party_id in plan:
            if down in (party_id, "*"):
                plan[party_id] = Behaviour(0.03, "operator is unreachable")
        return plan

    def _usual(self, cpo: Cpo) -> float:
        """Seconds: its own seeded pace, a little different every time, within the bounds."""
        low, high = self._latency.low, self._latency.high
        pace = low + (high - low) * random.Random(f"{self._seed}/pace/{cpo.party_id}").random()
        return min(high, max(low, pace * self._rng.uniform(0.8, 1.25))) / 1000


async def ask(cpo: Cpo, found: Found, behaviour: Behaviour) -> Answer:
    """Wait as long as this operator takes, and at most until the deadline."""
    clock = asyncio.get_running_loop().time
    began = clock()
    await asyncio.sleep(min(behaviour.seconds, DEADLINE))
    duration = round((clock() - began) * 1000)
    if behaviour.seconds > DEADLINE:
        return Answer(cpo, [], duration, "timeout")
    if behaviour.error:
        return Answer(cpo, [], duration, behaviour.error)
    return Answer(cpo, found, duration, None)


async def ask_all(found: Mapping[Cpo, Found], plan: Mapping[str, Behaviour]) -> list[Answer]:
    return await asyncio.gather(
        *(ask(cpo, rows, plan[cpo.party_id]) for cpo, rows in found.items())
    )
