"""Where a period begins and ends: at local midnight, whatever the clocks do."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from pm_tui.services.report_period import Period, PeriodError

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 21, 13, tzinfo=UTC)
ZONES = sorted(available_timezones() - {"localtime"})  # what a system calls its own is no name


@pytest.mark.parametrize(
    ("text", "first", "last", "name"),
    [
        ("2026-10", date(2026, 10, 1), date(2026, 10, 31), "2026-10"),
        ("2024-2", date(2024, 2, 1), date(2024, 2, 29), "2024-02"),
        ("2026-Q1", date(2026, 1, 1), date(2026, 3, 31), "2026-Q1"),
        ("2026", date(2026, 1, 1), date(2026, 12, 31), "2026"),
        ("2026-10-03..2026-10-09", date(2026, 10, 3), date(2026, 10, 9), "2026-10-03..2026-10-09"),
        ("last", date(2026, 10, 1), date(2026, 10, 31), "2026-10"),
        (" THIS ", date(2026, 11, 1), date(2026, 11, 30), "2026-11"),
    ],
)
def test_what_is_typed(text: str, first: date, last: date, name: str) -> None:
    period = Period.read(text, BERLIN, NOW)
    assert (period.first, period.last, period.name) == (first, last, name)


@pytest.mark.parametrize(
    "text",
    ["", "2026-13", "2026-00", "2026-Q5", "1850", "9999", "10/2026", "2026-02-30..2026-03-01"],
)
def test_what_is_no_period(text: str) -> None:
    with pytest.raises(PeriodError):
        Period.read(text, BERLIN, NOW)


@pytest.mark.parametrize(
    ("month", "start", "end", "hours"),
    [
        ("2026-03", "2026-02-28T23:00", "2026-03-31T22:00", 31 * 24 - 1),
        ("2026-10", "2026-09-30T22:00", "2026-10-31T23:00", 31 * 24 + 1),
        ("2024-02", "2024-01-31T23:00", "2024-02-29T23:00", 29 * 24),
    ],
)
def test_the_months_that_are_odd(month: str, start: str, end: str, hours: int) -> None:
    period = Period.read(month, BERLIN, NOW)
    assert period.start == datetime.fromisoformat(start).replace(tzinfo=UTC)
    assert period.end == datetime.fromisoformat(end).replace(tzinfo=UTC)
    assert period.end - period.start == timedelta(hours=hours)


def test_days_that_are_a_month_are_the_month() -> None:
    assert Period.range(date(2026, 10, 1), date(2026, 10, 31), BERLIN).kind == "month"
    assert Period.range(date(2026, 4, 1), date(2026, 6, 30), BERLIN).name == "2026-Q2"
    some = Period.range(date(2026, 10, 3), date(2026, 10, 9), BERLIN)
    assert (some.previous().first, some.previous().last) == (date(2026, 9, 26), date(2026, 10, 2))
    with pytest.raises(PeriodError):
        Period.range(date(2026, 10, 3), date(2026, 10, 2), BERLIN)
    with pytest.raises(PeriodError):
        Period.read("1971", BERLIN, NOW).previous()


@given(
    zone=st.sampled_from(ZONES),
    year=st.integers(1972, 2100),
    month=st.integers(1, 12),
    kind=st.sampled_from(["month", "quarter", "year"]),
)
@examples(deadline=None, max_examples=60)
def test_periods_lie_one_behind_the_other(zone: str, year: int, month: int, kind: str) -> None:
    """No moment is in two months and none in neither, in any zone; each begins a local day."""
    period = Period.containing(date(year, month, 15), kind, ZoneInfo(zone))  # type: ignore[arg-type]
    assert period.following().start == period.end
    assert period.previous().end == period.start
    assert period.previous().following() == period
    begins = period.start.astimezone(period.zone)
    before = (period.start - timedelta(microseconds=1)).astimezone(period.zone)
    assert before.date() < period.first <= begins.date()
