"""The sliding minute and the month: as units, and over HTTP with a moved clock (§13)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pm_tui.sandbox.limits import Limiter, next_month
from pm_tui.sandbox.store import Store
from tests.sandbox.conftest import connect
from tests.sandbox_process import Sandbox, start_sandbox

NOON = datetime(2026, 2, 10, 12, tzinfo=UTC)


@pytest.fixture
def tight() -> Iterator[tuple[Sandbox, httpx.Client]]:
    with start_sandbox(rate=3, quota=50) as sandbox, connect(sandbox) as api:
        yield sandbox, api


@given(st.lists(st.floats(0, 40), min_size=1, max_size=60), st.integers(1, 8))
def test_never_more_than_the_rate_in_any_minute(gaps: list[float], rate: int) -> None:
    limiter, now, passed = Limiter(rate, 10**6, Store(None)), NOON, list[datetime]()
    for gap in gaps:
        now += timedelta(seconds=gap)
        verdict = limiter.admit(now)
        if verdict.retry_after is None:
            passed.append(now)
        recent = [t for t in passed if t > now - timedelta(seconds=60)]
        if verdict.retry_after is not None:
            # waiting just that long is enough, and a second less would not have been
            free = min(recent) + timedelta(seconds=60)
            assert free <= now + timedelta(seconds=verdict.retry_after)
            assert free > now + timedelta(seconds=verdict.retry_after - 1)
        assert len(recent) <= rate
        assert verdict.remaining == rate - len(recent)
        assert verdict.reset >= min(recent) + timedelta(seconds=60)


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_next_month(now: datetime) -> None:
    then = next_month(now)
    assert (then.day, then.hour, then.minute, then.second, then.microsecond) == (1, 0, 0, 0, 0)
    assert timedelta(0) < then - now <= timedelta(days=31)


def test_the_minute_slides(tight: tuple[Sandbox, httpx.Client]) -> None:
    sandbox, api = tight
    assert api.get("/usage").headers["X-RateLimit-Remaining"] == "2"
    sandbox.advance(30)
    assert [api.get("/usage").headers["X-RateLimit-Remaining"] for _ in range(2)] == ["1", "0"]
    refused = api.get("/usage")
    wait = int(refused.headers["Retry-After"])
    assert refused.status_code == 429 and 25 <= wait <= 30
    assert refused.json() == {"error": f"Rate limit exceeded. Retry after {wait} seconds."}
    assert refused.headers["X-RateLimit-Remaining"] == "0"
    assert refused.headers["X-RateLimit-Limit"] == "3"
    sandbox.advance(wait)
    assert api.get("/usage").status_code == 200  # the first has left the minute
    assert api.get("/usage").status_code == 429  # the other two have not


def test_the_month(tight: tuple[Sandbox, httpx.Client]) -> None:
    sandbox, api = tight
    sandbox.use_quota(49)
    quota = api.get("/usage").json()["monthly_quota"]
    assert (quota["limit"], quota["used"], quota["remaining"]) == (50, 50, 0)
    refused = api.get("/search")
    wait = int(refused.headers["Retry-After"])
    assert refused.status_code == 429 and refused.headers["X-RateLimit-Remaining"] == "2"
    now = datetime.fromisoformat(sandbox.now())
    assert abs((next_month(now) - now).total_seconds() - wait) < 60
    sandbox.advance(3600 if wait > 7200 else 0)
    assert api.get("/usage").status_code == 429 or wait <= 7200
    sandbox.advance(wait)
    assert api.get("/usage").json()["monthly_quota"]["used"] == 1
