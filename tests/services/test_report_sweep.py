"""Every booking of a range once, for few requests, whatever order the gateway keeps."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from pm_tui.models.json import JsonObject
from pm_tui.services.report_sweep import PAGE, Sweep, Told, Window

START = datetime(2026, 9, 30, 22, tzinfo=UTC)
END = datetime(2026, 10, 31, 23, tzinfo=UTC)


class Gateway:
    """Bookings made so many seconds after `START`; a page at a time, in some order."""

    def __init__(self, made: Sequence[float], order: str = "newest", page: int = PAGE) -> None:
        times = [START + timedelta(seconds=second) for second in sorted(made)]
        self.rows: list[JsonObject] = [
            {"id": f"b{n}", "created_at": at.isoformat()} for n, at in enumerate(times)
        ]
        self._times = times
        self._order, self._page = order, page
        self._rng = random.Random(7)
        self.asked = 0

    async def ask(self, since: datetime, until: datetime) -> Told:
        assert since < until and since.microsecond == until.microsecond == 0
        self.asked += 1
        rows = [row for row, at in zip(self.rows, self._times, strict=True) if since <= at <= until]
        if self._order == "newest":
            rows.reverse()
        elif self._order == "any":
            self._rng.shuffle(rows)
        return Told(rows[: self._page], END)

    async def swept(self, end: datetime = END) -> list[Window]:
        return [window async for window in Sweep(self.ask).windows(START, end)]


def ids(windows: Sequence[Window]) -> set[str]:
    return {str(row["id"]) for window in windows for row in window.rows}


@given(
    busy=st.lists(st.tuples(st.integers(0, 80_000), st.integers(1, 98)), max_size=8),
    order=st.sampled_from(["newest", "oldest", "any"]),
    fraction=st.sampled_from([0.0, 0.4]),
)
@examples(deadline=None, max_examples=60)
async def test_every_booking_comes_in_windows_without_a_gap(
    busy: list[tuple[int, int]], order: str, fraction: float
) -> None:
    seconds = {second + n * 3 for second, count in busy for n in range(count)}
    gateway = Gateway([second + fraction for second in seconds], order)
    end = START + timedelta(days=1)
    windows = await gateway.swept(end)
    assert ids(windows) == {str(row["id"]) for row in gateway.rows}
    assert not any(window.full for window in windows)
    assert windows[0].until == end and windows[-1].since == START
    assert all(a.since == b.until for a, b in pairwise(windows))
    assert all(len(window.rows) < PAGE for window in windows)


@pytest.mark.parametrize("order", ["newest", "oldest", "any"])
async def test_a_busy_month_costs_less_than_twice_the_least(order: str) -> None:
    """Days and nights, weekdays and weekends: 5,000 bookings are at least 50 pages."""
    rng = random.Random(3)
    made: list[float] = []
    while len(made) < 5000:
        second = rng.random() * (END - START).total_seconds()
        local = (second // 3600) % 24
        if rng.random() < (1.0 if 7 <= local <= 18 else 0.05) * (
            0.3 if int(second // 86400) % 7 in (2, 3) else 1
        ):
            made.append(second)
    gateway = Gateway(made, order)
    windows = await gateway.swept()
    assert len(ids(windows)) == 5000
    assert gateway.asked <= 2 * 50


async def test_ninety_nine_in_a_second_are_read_and_more_are_told_as_not_whole() -> None:
    assert not any(one.full for one in await Gateway([50_000.5] * 99 + [9.0, 70_000.0]).swept())
    windows = await Gateway([50_000.5] * 150 + [9.0, 70_000.0]).swept()
    (full,) = [window for window in windows if window.full]
    assert full.until - full.since == timedelta(seconds=1)
    assert full.since == START + timedelta(seconds=50_000)
    assert {"b0", "b151"} <= ids(windows)  # the rest is read all the same


@pytest.mark.parametrize("order", ["newest", "oldest", "any"])
async def test_a_gateway_that_never_gives_more_than_50_is_found_out(order: str) -> None:
    gateway = Gateway([n * 997.0 for n in range(300)], order, page=50)
    assert len(ids(await gateway.swept())) == 300


async def test_exactly_50_bookings_cost_two_requests_more() -> None:
    gateway = Gateway([n * 997.0 for n in range(50)])
    assert len(ids(await gateway.swept())) == 50
    assert gateway.asked == 3
