"""A search that the server would refuse is refused before it costs a request."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pm_tui.models.query import CONNECTOR_TYPES, SearchQuery

NOON = datetime(2026, 12, 1, 12, 0, 0, 999, tzinfo=timezone(timedelta(hours=1)))


def test_params() -> None:
    query = SearchQuery(
        52.52, 13.4049541234, 0.5, "CHADEMO", 22.0, NOON, NOON + timedelta(hours=2), 7
    )
    assert query.params() == {
        "lat": "52.52",
        "lng": "13.404954",
        "radius": "0.5",
        "limit": "7",
        "connector_type": "CHADEMO",
        "power_min": "22",
        "start_time": "2026-12-01T11:00:00Z",
        "end_time": "2026-12-01T13:00:00Z",
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"latitude": 90.1},
        {"latitude": math.nan},
        {"longitude": -180.1},
        {"longitude": math.inf},
        {"radius_km": 0},
        {"radius_km": 200.1},
        {"radius_km": math.nan},
        {"connector_type": ""},
        {"connector_type": "a b"},
        {"connector_type": "CHADEMO\n"},
        {"power_min_kw": -1},
        {"power_min_kw": math.nan},
        {"limit": 0},
        {"start": NOON},
        {"end": NOON},
        {"start": NOON, "end": NOON},
        {"start": NOON.replace(tzinfo=None), "end": NOON},
        {"start": NOON, "end": NOON.replace(tzinfo=None)},
    ],
)
def test_what_cannot_be_asked(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        SearchQuery(**{"latitude": 1, "longitude": 1, **wrong})


def test_the_hour_that_exists_twice_is_a_window() -> None:
    first = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    query = SearchQuery(1, 1, start=first, end=first.replace(fold=1))
    assert query.params()["end_time"] == "2026-10-25T01:30:00Z"
    with pytest.raises(ValueError, match="after"):
        SearchQuery(1, 1, start=first.replace(fold=1), end=first)


def test_the_same_search_has_the_same_key() -> None:
    one = SearchQuery(52, 13, 25, start=NOON, end=NOON + timedelta(hours=1))
    two = SearchQuery(
        52.0000001,
        13.0,
        25.0,
        start=NOON.astimezone(UTC),
        end=(NOON + timedelta(hours=1)).astimezone(UTC),
    )
    assert one.key() == two.key()
    assert SearchQuery(-0.0, 0).key() == SearchQuery(0, -1e-9).key()
    others = [SearchQuery(52, 13), SearchQuery(52, 13, 26), SearchQuery(52, 13, limit=5)]
    others += [SearchQuery(52, 13, connector_type=code) for code in CONNECTOR_TYPES]
    assert len({query.key() for query in [one, *others]}) == len(others) + 1


@given(st.floats(-90, 90), st.floats(-180, 180), st.floats(1e-6, 200))
def test_numbers_are_sent_plain(latitude: float, longitude: float, radius: float) -> None:
    params = SearchQuery(latitude, longitude, radius).params()
    for name, value in (("lat", latitude), ("lng", longitude), ("radius", radius)):
        assert "e" not in params[name].lower()
        assert params[name] not in ("-0", "", "-")
        assert abs(float(params[name]) - value) <= 1e-6
