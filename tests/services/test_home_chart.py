"""A day's charge rate in blocks, and the order and filter of home chargers: pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pm_tui.models.home import Evse, StatusLog
from pm_tui.models.result import Result
from pm_tui.services.home_chart import IDLE, chart, day_of, energy
from pm_tui.services.home_sort import SORT_KEYS, Row, arranged, holds

BERLIN = ZoneInfo("Europe/Berlin")
BEGIN, END = day_of(date(2026, 11, 20), BERLIN)
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
QUARTER = timedelta(minutes=15)


def sample(hour: float, watts: int | None, **more: Any) -> StatusLog:
    at = (BEGIN + timedelta(hours=hour)).astimezone(UTC).isoformat()
    return StatusLog.read({"sampled_at": at, "charge_rate_watts": watts, **more})


def test_a_day() -> None:
    drawn = chart([sample(1, 11_000), sample(6.1, 5_500), sample(12, 0)], BEGIN, END, 24, 2)
    assert drawn.most == 11_000
    assert drawn.rows == (" █" + " " * 22, f" █    █     {IDLE}" + " " * 11)
    assert drawn.scale == "00    06    12    18    "


def test_little_is_not_nothing_and_what_flows_back_is() -> None:
    drawn = chart([sample(0, 22_000), sample(1, 10), sample(2, -900)], BEGIN, END, 24, 5)
    assert drawn.rows[-1][:4] == f"█▁{IDLE} "


def test_nothing_told_is_nothing_drawn() -> None:
    drawn = chart([sample(3, None), sample(30, 7000), StatusLog.read({})], BEGIN, END, 24, 3)
    assert drawn.most is None and set("".join(drawn.rows)) == {" "}


@pytest.mark.parametrize(("day", "hours"), [((2026, 3, 29), 23), ((2026, 10, 25), 25)])
def test_a_day_of_another_length(day: tuple[int, int, int], hours: int) -> None:
    begin, end = day_of(date(*day), BERLIN)
    assert end.timestamp() - begin.timestamp() == hours * 3600
    drawn = chart([], begin, end, 50, 1)
    assert drawn.scale.split() == ["00", "06", "12", "18"]
    assert drawn.scale.index("06") == int((5 if hours == 23 else 7) * 50 / hours)


@given(st.lists(st.tuples(st.floats(-2, 26), st.integers(-100, 30_000))), st.integers(1, 120))
def test_a_chart_has_its_size_and_its_highest_point(
    given_: list[tuple[float, int]], width: int
) -> None:
    drawn = chart([sample(*one) for one in given_], BEGIN, END, width, 4)
    assert [len(row) for row in drawn.rows] == [width] * 4 and len(drawn.scale) == width
    if drawn.most:
        assert "█" in drawn.rows[0]


def test_energy_by_the_meter() -> None:
    read = [sample(n, 0, meter_reading_watt_hours=value) for n, value in enumerate((900, 500))]
    assert energy(read) == 400
    assert energy(read[::-1]) is None, "it was set back"
    assert energy(read[:1]) is None


def row(number: int, **status: Any) -> Row:
    raw = {
        "id": f"evse{number:026d}",
        "model": {"name": f"Módel {number % 3}", "make": {"name": "Acme"}},
        "user": {"id": "user1", "email": f"u{number}@example.org"},
        "latest_status_log": status or None,
    }
    return Result(Evse.read(raw), "live", NOW)


def test_filter_and_sort() -> None:
    rows = [
        row(0, is_charging=False, charge_rate_watts=0, sampled_at="2026-11-21T08:00:00Z"),
        row(1, is_charging=True, charge_rate_watts=7000, sampled_at="2026-11-21T08:59:00Z"),
        row(2),
    ]
    assert holds(rows[1].value, "model acme U1@") and not holds(rows[0].value, "model u1")
    order = {
        key: [one.value.id[-1] for one in arranged(rows, "", key, False, NOW, QUARTER)]
        for key in ("", *SORT_KEYS)
    }
    assert order[""] == ["0", "1", "2"]
    assert order["charging"] == ["1", "0", "2"] and order["sample"] == ["1", "0", "2"]
    assert order["reach"] == ["1", "0", "2"] and order["power"] == ["0", "1", "2"]
    back = arranged(rows, "", "power", True, NOW, QUARTER)
    assert [one.value.id[-1] for one in back] == ["1", "0", "2"], "the unknown last both ways"
    assert arranged(rows, "2", "model", False, NOW, QUARTER) == [rows[2]]
    assert all(one != other for one, other in pairwise(rows))
