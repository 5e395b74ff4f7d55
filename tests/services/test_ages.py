"""When a figure stops being shown as what it is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pm_tui.services.ages import Kind, Limits
from tests.conftest import MakeSettings
from tests.fakes import NOON

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
LIMITS = Limits(status=2 * MINUTE, booking=15 * MINUTE, price=DAY, address=30 * DAY)


@pytest.mark.parametrize(
    ("kind", "limit"), [("status", 2 * MINUTE), ("price", DAY), ("address", 30 * DAY)]
)
def test_each_kind_has_its_limit(kind: Kind, limit: timedelta) -> None:
    second = timedelta(seconds=1)
    assert not LIMITS.look(kind, NOON - limit + second, NOON).old
    assert LIMITS.look(kind, NOON - limit, NOON) == (True, limit)


def test_it_says_how_long_ago() -> None:
    assert LIMITS.look("status", NOON - 25 * MINUTE, NOON).ago == "25 min ago"


def test_the_future_is_old_and_of_no_known_time() -> None:
    assert LIMITS.look("status", NOON + 3 * MINUTE, NOON) == (True, None)
    assert LIMITS.look("address", NOON + 400 * DAY, NOON).ago == "at an unknown time"
    assert LIMITS.look("status", NOON + MINUTE, NOON) == (False, timedelta())


def test_the_limits_are_those_of_the_settings(make_settings: MakeSettings) -> None:
    assert Limits.of(make_settings()) == LIMITS
