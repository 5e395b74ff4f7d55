"""JSON keeps its digits, times their instant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pm_tui.models.json import dumps, loads
from pm_tui.models.result import Result
from pm_tui.models.times import read_time, wire_time
from tests.strategies import unicode_text

EARLY, LATE = datetime(1970, 1, 2), datetime(2199, 12, 30)  # noqa: DTZ001
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False)
SCALARS: st.SearchStrategy[Any] = (
    st.none()
    | st.booleans()
    | st.integers()
    | DECIMALS
    | st.text(st.characters(codec=None, categories=None))
)
JSON: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(unicode_text(max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(JSON)
def test_what_is_written_is_read_again(value: Any) -> None:
    text = dumps(value)
    assert text.isascii()
    assert loads(text.encode()) == value
    assert dumps(loads(text.encode())) == text


def test_digits_are_kept() -> None:
    text = '{"a":12.10,"b":12345678901234567.89,"c":1E+2,"d":5}'
    assert dumps(loads(text.encode())) == text
    assert str(loads(b"[12.10]")[0]) == "12.10"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"NaN",
        b"[Infinity]",
        b"-Infinity",
        b"{",
        b"[" * 100_000,
        b"\xff",
        b"1e99999999999999999999",
        b"9" * 5000,
        b"'x'",
    ],
)
def test_what_is_not_json_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError):
        loads(body)


@given(st.binary())
def test_any_bytes_are_json_or_a_value_error(body: bytes) -> None:
    try:
        value = loads(body)
    except ValueError:
        return
    assert loads(dumps(value).encode()) == value


@pytest.mark.parametrize("value", [float("nan"), Decimal("Infinity"), Decimal("NaN")])
def test_nan_is_not_written(value: Any) -> None:
    with pytest.raises(ValueError, match="JSON"):
        dumps([value])


def test_an_object_is_not_written() -> None:
    with pytest.raises(TypeError):
        dumps({"a": datetime(2026, 1, 1, tzinfo=UTC)})


def test_nesting_without_end_is_a_value_error() -> None:
    value: list[Any] = []
    for _n in range(100_000):
        value = [value]
    with pytest.raises(ValueError, match="deep"):
        dumps(value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-02-10T14:00:00Z", datetime(2026, 2, 10, 14, tzinfo=UTC)),
        ("2026-02-10T14:00:00z", datetime(2026, 2, 10, 14, tzinfo=UTC)),
        ("2026-02-10t15:30:00+01:30", datetime(2026, 2, 10, 14, tzinfo=UTC)),
        ("2026-02-10 14:00:00.123456789Z", datetime(2026, 2, 10, 14, 0, 0, 123456, tzinfo=UTC)),
        ("2026-02-10T14:00Z", datetime(2026, 2, 10, 14, tzinfo=UTC)),
        ("2026-02-10T14:00:00", None),
        ("2026-02-10", None),
        ("2026-02-30T14:00:00Z", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-14:00", None),
        ("junk", None),
        (1770732000, None),
        (None, None),
        ([], None),
    ],
)
def test_read_time(text: Any, expected: datetime | None) -> None:
    assert read_time(text) == expected


@given(SCALARS | st.just([]) | st.just({}))
def test_any_json_is_a_time_or_none(value: Any) -> None:
    moment = read_time(value)
    assert moment is None or moment.tzinfo is UTC


@given(st.datetimes(timezones=st.timezones(), min_value=EARLY, max_value=LATE))
def test_a_time_comes_back_in_whole_seconds(moment: datetime) -> None:
    expected = moment.astimezone(UTC).replace(microsecond=0)
    assert read_time(wire_time(moment)) == expected


def test_the_hour_that_exists_twice_is_two_hours() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    first = datetime(2026, 10, 25, 2, 30, tzinfo=berlin)
    assert wire_time(first) == "2026-10-25T00:30:00Z"
    assert wire_time(first.replace(fold=1)) == "2026-10-25T01:30:00Z"


def test_a_naive_time_is_not_sent() -> None:
    with pytest.raises(ValueError, match="zone"):
        wire_time(datetime(2026, 1, 1))  # noqa: DTZ001


def test_an_age_is_never_negative() -> None:
    at = datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=1)))
    result = Result(1, "cache", at)
    assert result.age(datetime(2026, 1, 1, 12, tzinfo=UTC)) == timedelta(hours=1)
    assert result.age(datetime(2026, 1, 1, 10, tzinfo=UTC)) == timedelta()
