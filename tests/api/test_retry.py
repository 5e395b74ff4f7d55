"""The retry rule and the reading of Retry-After."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pm_tui.api.retry import (
    TRIES,
    GiveUp,
    Outcome,
    RetryAfter,
    Unknown,
    decide,
    http_date,
    wait_after,
)
from tests.strategies import unicode_text

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
OUTCOMES: tuple[Outcome, ...] = (*range(1000), "unsent", "lost")
RETRIED = ("lost", 500, 502, 503, 504)
BUDGETS = st.floats(-10, 100)
ROLLS = st.floats(0, 1, exclude_max=True)


def test_a_change_is_never_sent_again() -> None:
    for outcome in OUTCOMES:
        verdict = decide(True, 1, outcome, 100, 0.5)
        assert not isinstance(verdict, RetryAfter)
        proven = outcome == "unsent" or outcome in {*range(400, 500)} - {408, 499}
        assert isinstance(verdict, GiveUp) == proven, outcome


@given(attempt=st.integers(1, 9), outcome=st.sampled_from(OUTCOMES), budget=BUDGETS, roll=ROLLS)
def test_a_read_is_retried_within_tries_and_budget(
    attempt: int, outcome: Outcome, budget: float, roll: float
) -> None:
    verdict = decide(False, attempt, outcome, budget, roll)
    assert not isinstance(verdict, Unknown)
    if isinstance(verdict, RetryAfter):
        assert attempt < TRIES
        assert 0.5 <= verdict.delay <= 8
        assert verdict.delay < budget
        assert outcome in RETRIED


def test_what_a_read_is_retried_for() -> None:
    retried = [one for one in OUTCOMES if isinstance(decide(False, 1, one, 30, 0.5), RetryAfter)]
    assert set(retried) == set(RETRIED)


def test_a_read_waits_longer_the_second_time_and_by_chance() -> None:
    assert [decide(False, 1, 503, 30, roll) for roll in (0, 0.5)] == [
        RetryAfter(0.5),
        RetryAfter(1.25),
    ]
    assert [decide(False, 2, 503, 30, roll) for roll in (0, 0.5)] == [
        RetryAfter(0.5),
        RetryAfter(4.25),
    ]
    assert decide(False, 2, 503, 4.25, 0.5) == GiveUp()


def test_an_accepted_change_says_so() -> None:
    assert decide(True, 1, 202, 0, 0) == Unknown(accepted=True)
    assert decide(True, 1, 503, 0, 0) == Unknown(accepted=False)
    assert decide(True, 1, "lost", 0, 0) == Unknown(accepted=False)


@pytest.mark.parametrize(
    ("value", "reset", "expected"),
    [
        ("45", None, (45, True)),
        (" 45 ", None, (45, True)),
        ("1.2", None, (2, True)),
        ("0", None, (1, True)),
        ("-30", None, (1, True)),
        ("999999999999999999", None, (32 * 86400, True)),
        ("Sat, 21 Nov 2026 12:01:30 GMT", None, (90, True)),
        ("Saturday, 21-Nov-26 12:01:30 GMT", None, (90, True)),
        ("Sat, 21 Nov 2026 11:00:00 GMT", None, (1, True)),
        ("2026-11-21T12:00:30Z", None, (30, True)),
        ("2026-11-21T13:00:30+01:00", None, (30, True)),
        (None, "2026-11-21T12:00:20Z", (20, True)),
        ("soon", "2026-11-21T12:00:20Z", (20, True)),
        ("", None, (60, False)),
        (None, "1763726400", (60, False)),  # an epoch is not what the contract promises
        (None, None, (60, False)),
        ("٤٥", None, (60, False)),
        ("1_000", None, (60, False)),
        ("9" * 5000, None, (60, False)),
        ("NaN", None, (60, False)),
        ("inf", "junk", (60, False)),
    ],
)
def test_wait_after(value: str | None, reset: str | None, expected: tuple[float, bool]) -> None:
    assert wait_after(value, reset, NOW) == expected


def test_a_guess_doubles() -> None:
    assert [wait_after(None, None, NOW, n)[0] for n in range(4)] == [60, 120, 240, 480]


@given(st.none() | unicode_text(), st.none() | unicode_text(), st.integers(-5, 10**6))
def test_wait_after_takes_any_text(value: str | None, reset: str | None, guesses: int) -> None:
    wait, _told = wait_after(value, reset, NOW, guesses)
    assert 1 <= wait <= 32 * 86400


@given(st.integers(1, 32 * 86400))
def test_seconds_and_dates_mean_the_same(seconds: int) -> None:
    date = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)
    assert wait_after(str(seconds), None, NOW) == wait_after(date, None, NOW) == (seconds, True)


@given(st.datetimes(timezones=st.just(UTC), min_value=datetime(1971, 1, 1)))  # noqa: DTZ001
def test_http_date_round_trip(moment: datetime) -> None:
    moment = moment.replace(microsecond=0)
    assert http_date(format_datetime(moment, usegmt=True)) == moment


@given(st.none() | unicode_text())
def test_http_date_takes_any_text(value: str | None) -> None:
    moment = http_date(value)
    assert moment is None or moment.tzinfo is UTC
