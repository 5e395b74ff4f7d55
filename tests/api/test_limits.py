"""The gate: never more than the limit in a minute, whoever says how much that is."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pm_tui.api.errors import QuotaSpent, RateLimited
from pm_tui.api.limits import RateGate, RateHeaders
from tests.api.wire import FakeClock


def headers(clock: FakeClock, **given: object) -> RateHeaders:
    return RateHeaders(clock.now(), **given)  # type: ignore[arg-type]


def later(clock: FakeClock, seconds: float) -> datetime:
    return clock.now() + timedelta(seconds=seconds)


@given(limit=st.integers(1, 12), steps=st.lists(st.tuples(st.booleans(), st.floats(0, 30))))
def test_no_more_than_the_limit_in_any_minute(limit: int, steps: list[tuple[bool, float]]) -> None:
    clock = FakeClock()
    gate = RateGate(limit, clock=clock)
    sent: list[float] = []

    async def run() -> None:
        for background, pause in steps:
            clock.passed += pause
            await gate.pass_(background)
            sent.append(clock.passed)

    asyncio.run(run())
    for at in sent:
        assert sum(at <= other < at + 60 for other in sent) <= limit


async def test_background_leaves_a_fifth_for_the_person() -> None:
    clock = FakeClock()
    gate = RateGate(100, clock=clock)
    for _n in range(80):
        await gate.pass_(background=True, patience=timedelta())
    with pytest.raises(RateLimited):
        await gate.pass_(background=True, patience=timedelta(seconds=60))
    for _n in range(20):
        await gate.pass_(patience=timedelta())
    with pytest.raises(RateLimited) as caught:
        await gate.pass_(patience=timedelta(seconds=60))
    assert caught.value.retry_at == later(clock, 61)
    assert caught.value.unsent
    assert not isinstance(caught.value, QuotaSpent)


async def test_many_waiting_at_once_do_not_burst() -> None:
    clock = FakeClock()
    gate = RateGate(5, clock=clock)
    await asyncio.gather(*(gate.pass_() for _n in range(12)))
    assert clock.passed >= 2 * 60
    assert gate.snapshot().month_sent == 12


async def test_the_servers_word_is_the_stricter_one() -> None:
    clock = FakeClock()
    gate = RateGate(clock=clock)
    gate.heard(headers(clock, limit=10, remaining=2, reset_at=later(clock, 30)), 1000)
    assert gate.wait(background=True) == 30
    assert gate.wait() == 0
    await gate.pass_()
    await gate.pass_()  # the two that were left
    assert gate.wait() == 30
    seen = gate.snapshot()
    assert (seen.limit, seen.remaining, seen.reset_at) == (10, 0, later(clock, 30))
    clock.passed += 31
    assert gate.wait() == 0


async def test_the_servers_clock_does_not_matter() -> None:
    clock = FakeClock()
    gate = RateGate(clock=clock)
    ahead = clock.now() + timedelta(hours=3)
    gate.heard(RateHeaders(ahead, remaining=0, reset_at=ahead + timedelta(seconds=7)), 1000)
    assert gate.wait() == 7


@pytest.mark.parametrize("reset", [None, timedelta(days=900), timedelta(days=-900)])
async def test_an_absurd_reset_blocks_a_minute_at_most(reset: timedelta | None) -> None:
    clock = FakeClock()
    gate = RateGate(clock=clock)
    at = None if reset is None else clock.now() + reset
    gate.heard(headers(clock, limit=0, remaining=0, reset_at=at), 1000)
    assert gate.wait() <= 60
    assert gate.snapshot().limit == 100


async def test_a_429_stops_everything_until_then() -> None:
    clock = FakeClock()
    gate = RateGate(clock=clock)
    await gate.pass_()
    error = gate.refused(headers(clock, remaining=0, retry_after="45"), clock.monotonic(), "slow")
    assert (type(error), error.retry_at, error.status) == (RateLimited, later(clock, 45), 429)
    assert "slow" in str(error)
    assert gate.snapshot().blocked_until == later(clock, 45)
    with pytest.raises(RateLimited):
        await gate.pass_(patience=timedelta(seconds=44))
    assert clock.slept == []
    await gate.pass_(patience=timedelta(seconds=61))
    assert sum(clock.slept) >= 45
    assert gate.snapshot().blocked_until is None


@pytest.mark.parametrize(
    ("given_headers", "until"),
    [
        ({"retry_after": "301"}, timedelta(seconds=301)),
        ({"retry_after": "30", "remaining": 12}, None),
        ({"retry_after": "99999999"}, None),
    ],
)
async def test_signs_of_a_spent_quota(
    given_headers: dict[str, object], until: timedelta | None
) -> None:
    clock = FakeClock()
    gate = RateGate(clock=clock)
    error = gate.refused(headers(clock, **given_headers), clock.monotonic())
    assert isinstance(error, QuotaSpent)
    expected = clock.now() + until if until else datetime(2026, 12, 1, tzinfo=UTC)
    assert abs(error.retry_at - expected) < timedelta(seconds=1)
    with pytest.raises(QuotaSpent):
        await gate.pass_(patience=timedelta(minutes=1))
    assert gate.snapshot().quota_spent
    gate.unblock()
    assert gate.wait() == 0
    assert not gate.snapshot().quota_spent


async def test_a_429_again_after_a_full_wait_is_the_quota() -> None:
    clock = FakeClock()
    gate = RateGate(clock=clock)
    gate.refused(headers(clock, remaining=0, retry_after="20"), clock.monotonic())
    await gate.pass_()
    error = gate.refused(headers(clock, remaining=0, retry_after="20"), clock.monotonic())
    assert isinstance(error, QuotaSpent)
    assert error.retry_at == datetime(2026, 12, 1, tzinfo=UTC)


async def test_two_429_in_flight_together_are_one() -> None:
    clock = FakeClock()
    gate = RateGate(clock=clock)
    sent_at = clock.monotonic()
    gate.refused(headers(clock, remaining=0, retry_after="20"), sent_at)
    clock.passed += 1
    error = gate.refused(headers(clock, remaining=0, retry_after="10"), sent_at)
    assert not isinstance(error, QuotaSpent)
    assert error.retry_at == clock.start + timedelta(seconds=20)


async def test_a_good_answer_forgets_the_429() -> None:
    clock = FakeClock()
    gate = RateGate(clock=clock)
    gate.refused(headers(clock, remaining=0, retry_after="20"), clock.monotonic())
    await gate.pass_()
    gate.heard(headers(clock), clock.monotonic())
    error = gate.refused(headers(clock, remaining=0, retry_after="20"), clock.monotonic())
    assert not isinstance(error, QuotaSpent)


async def test_guessed_waits_double_until_it_must_be_the_quota() -> None:
    clock = FakeClock()
    gate = RateGate(clock=clock)
    kinds = []
    for _n in range(4):
        error = gate.refused(headers(clock, remaining=0), clock.monotonic())
        kinds.append((type(error), error.retry_at - clock.now()))
        clock.passed += gate.wait()
    assert [kind for kind, _wait in kinds] == [RateLimited] * 3 + [QuotaSpent]
    assert [wait.total_seconds() for _kind, wait in kinds[:3]] == [60, 120, 240]


async def test_the_month_is_counted_in_utc_and_begins_anew() -> None:
    clock = FakeClock(datetime(2026, 11, 30, 23, 59, 50, tzinfo=UTC))
    gate = RateGate(month_sent=41, clock=clock)
    await gate.pass_()
    assert gate.snapshot().month_sent == 42
    clock.passed += 11
    assert gate.snapshot().month_sent == 0
    error = gate.refused(headers(clock, remaining=5), clock.monotonic())
    assert error.retry_at == datetime(2027, 1, 1, tzinfo=UTC)


def test_a_limit_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="limit"):
        RateGate(0)


async def test_an_older_answer_that_comes_late_forgets_nothing() -> None:
    clock = FakeClock()
    gate = RateGate(clock=clock)
    gate.refused(headers(clock, remaining=0, retry_after="20"), clock.monotonic())
    gate.heard(headers(clock), clock.monotonic())  # sent before the 429 came back
    await gate.pass_()
    error = gate.refused(headers(clock, remaining=0, retry_after="20"), clock.monotonic())
    assert isinstance(error, QuotaSpent)


async def test_after_the_quota_a_full_minute_is_only_a_minute() -> None:
    clock = FakeClock()
    gate = RateGate(1, clock=clock)
    gate.refused(headers(clock, retry_after="301"), clock.monotonic())
    await gate.pass_()
    with pytest.raises(RateLimited) as caught:
        await gate.pass_(patience=timedelta())
    assert type(caught.value) is RateLimited
