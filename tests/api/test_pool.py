"""The gate and a count that is shared: both must say yes, and what one is told all obey."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from pm_tui.api.errors import QuotaSpent, RateLimited
from pm_tui.api.limits import RateGate, RateHeaders
from pm_tui.api.pool import Word
from tests.api.wire import FakeClock


class FakePool:
    """Says what it is told to; notes what it hears."""

    def __init__(self) -> None:
        self.words: list[Word] = []
        self.heard_of: list[tuple[object, ...]] = []

    async def reserve(self, background: bool, limit: int) -> Word:
        self.heard_of.append(("reserve", background, limit))
        await asyncio.sleep(0)
        return self.words.pop(0) if self.words else Word()

    def unsent(self, background: bool) -> None:
        self.heard_of.append(("unsent", background))

    def heard(self, remaining: int, resets_in: float) -> None:
        self.heard_of.append(("heard", remaining, resets_in))

    def closed(self, seconds: float, spent: bool) -> None:
        self.heard_of.append(("closed", seconds, spent))

    def opened(self) -> None:
        self.heard_of.append(("opened",))


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


async def test_where_the_others_have_used_the_minute_up_this_one_waits(clock: FakeClock) -> None:
    pool = FakePool()
    gate = RateGate(clock=clock, pool=pool)
    pool.words = [Word(wait=12, sent=100, frees_in=12), Word(sent=100)]
    assert await gate.pass_() == 12
    assert gate.snapshot().month_sent == 1  # the one that had to wait was not counted twice
    pool.words = [Word(wait=30, sent=100)]
    with pytest.raises(RateLimited):
        await gate.pass_(patience=timedelta(seconds=2))
    assert gate.snapshot().month_sent == 1


async def test_its_own_count_holds_beside_the_shared_one(clock: FakeClock) -> None:
    pool = FakePool()
    gate = RateGate(5, clock=clock, pool=pool)
    await asyncio.gather(*(gate.pass_() for _n in range(12)))
    assert clock.passed >= 2 * 60


async def test_what_the_others_sent_is_in_the_minute_that_is_shown(clock: FakeClock) -> None:
    pool = FakePool()
    gate = RateGate(clock=clock, pool=pool)
    pool.words = [Word(sent=70, frees_in=20, month_used=500)]
    await gate.pass_(background=True)
    seen = gate.snapshot()
    assert (seen.remaining, seen.reset_at) == (30, clock.now() + timedelta(seconds=20))
    assert seen.shared is not None
    assert seen.shared.month_used == 500


async def test_a_quota_that_another_found_spent_is_spent_here(clock: FakeClock) -> None:
    pool = FakePool()
    gate = RateGate(clock=clock, pool=pool)
    pool.words = [Word(wait=9999, blocked=9999, spent=True)]
    with pytest.raises(QuotaSpent):
        await gate.pass_(patience=timedelta(seconds=2))
    assert gate.snapshot().quota_spent
    gate.told(Word(opened_at=clock.now() - timedelta(seconds=1)))
    assert not gate.snapshot().quota_spent  # a person tries again somewhere


async def test_a_word_from_before_our_own_429_opens_nothing(clock: FakeClock) -> None:
    gate = RateGate(clock=clock, pool=FakePool())
    before = clock.now()
    clock.passed += 5
    gate.refused(RateHeaders(clock.now(), retry_after="999"), clock.monotonic())
    gate.told(Word(opened_at=before))
    assert gate.snapshot().quota_spent


async def test_what_happens_here_is_told_to_the_others(clock: FakeClock) -> None:
    pool = FakePool()
    gate = RateGate(clock=clock, pool=pool)
    await gate.pass_(background=True)
    gate.unsent()
    gate.heard(RateHeaders(clock.now(), limit=50, remaining=7), clock.monotonic())
    gate.refused(RateHeaders(clock.now(), remaining=3, retry_after="20"), clock.monotonic())
    gate.unblock()
    told = [one[0] for one in pool.heard_of]
    assert told == ["reserve", "unsent", "heard", "closed", "opened"]
    assert pool.heard_of[2] == ("heard", 7, 60.0)
    assert pool.heard_of[3][2] is True


async def test_who_gives_up_while_asking_has_sent_nothing(clock: FakeClock) -> None:
    pool = FakePool()
    gate = RateGate(clock=clock, pool=pool)
    asking = asyncio.ensure_future(gate.pass_())
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert gate.snapshot().month_sent == 0
