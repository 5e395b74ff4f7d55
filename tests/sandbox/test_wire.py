"""Times on the wire and in the database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pm_tui.sandbox.wire import ApiError, from_ms, parse_stamp, stamp, to_ms

moments = st.datetimes(
    datetime(1900, 1, 1),  # noqa: DTZ001
    datetime(2200, 1, 1),  # noqa: DTZ001
    timezones=st.integers(-840, 840).map(lambda m: timezone(timedelta(minutes=m))),
)


@given(moments)
def test_a_stamp_is_read_as_it_was_written(moment: datetime) -> None:
    text = stamp(moment)
    assert text.endswith("Z")
    assert timedelta(0) <= moment - parse_stamp(text, "x") < timedelta(milliseconds=1)
    assert ("." in text) == bool(moment.microsecond)


@given(moments)
def test_milliseconds_round_down(moment: datetime) -> None:
    assert timedelta(0) <= moment - from_ms(to_ms(moment)) < timedelta(milliseconds=1)


@given(moments)
def test_offsets_are_converted(moment: datetime) -> None:
    parsed = parse_stamp(moment.isoformat("T", "microseconds"), "x")
    assert parsed == moment and parsed.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        None,
        5,
        "",
        "2026-02-10",
        "2026-02-10T09:00Z",
        "2026-02-10T09:00:00",
        "20260210T090000Z",
        "2026-02-30T09:00:00Z",
        "2026-02-10T25:00:00Z",
        "2026-02-10T09:00:00+25:00",
        "0001-01-01T00:00:00+14:00",
        "٢٠٢٦-02-10T09:00:00Z",
        "2026-02-10T09:00:00Z ",
        "2026-W07-2T09:00:00Z",
    ],
)
def test_what_is_not_a_time(text: object) -> None:
    with pytest.raises(ApiError, match=r"Invalid x.*time zone") as caught:
        parse_stamp(text, "x")
    assert caught.value.status == 400
