"""Calls of two windows on one journal, in any order."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from pm_tui.cache.journal import Journal
from tests.cache.faults import Clock

NUMBERS = st.integers(0, 3)


class AnyOrder(RuleBasedStateMachine):
    """However calls of two windows mix: sent at most once, and never back from an end."""

    def __init__(self) -> None:
        super().__init__()
        self.home = tempfile.TemporaryDirectory()
        self.clock = Clock()
        self.windows = [Journal.open(Path(self.home.name), self.clock) for _ in range(2)]
        self.intents = [self.windows[0].plan("book", "default", {}) for _ in range(4)]
        self.claims = [0] * 4
        self.booked: dict[int, str] = {}

    def teardown(self) -> None:
        for window in self.windows:
            window.close()
        self.home.cleanup()

    @rule(window=st.integers(0, 1), n=NUMBERS)
    def claim(self, window: int, n: int) -> None:
        self.claims[n] += self.windows[window].claim(self.intents[n].id)

    @rule(window=st.integers(0, 1), n=NUMBERS, name=st.sampled_from(["refused", "unknown"]))
    def end(self, window: int, n: int, name: str) -> None:
        getattr(self.windows[window], name)(self.intents[n].id, "x")

    @rule(window=st.integers(0, 1), n=NUMBERS, booking=st.sampled_from(["b-1", "b-2"]))
    def confirm(self, window: int, n: int, booking: str) -> None:
        taken = self.windows[window].confirmed(self.intents[n].id, booking)
        assert taken == (self.booked.get(n, booking) == booking)
        self.booked.setdefault(n, booking)

    @rule(window=st.integers(0, 1), minutes=st.integers(-3, 5))
    def expire(self, window: int, minutes: int) -> None:
        self.clock.now += timedelta(minutes=minutes)
        self.windows[window].expire_stale()

    @invariant()
    def the_promises_hold(self) -> None:
        for n, intent in enumerate(self.intents):
            now = self.windows[0].get(intent.id)
            assert now is not None
            out = self.claims[n]
            assert out in (0, 1)
            assert (now.state == "planned") <= (out == 0)
            assert (now.state in ("sending", "unknown")) <= (out == 1)
            assert (now.state == "confirmed") == (n in self.booked)
            assert now.state != "confirmed" or now.booking_id == self.booked[n]


AnyOrder.TestCase.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
TestAnyOrder = AnyOrder.TestCase
