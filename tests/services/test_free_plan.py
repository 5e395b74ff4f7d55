"""What watching a charger costs and when it is looked at: as agreed, never beyond the limits."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from pm_tui.models.charger import Location
from pm_tui.services.free_plan import (
    ALONE_KM,
    LONGEST,
    MOST,
    Facts,
    Terms,
    Watch,
    Wish,
    around,
    can_be_watched,
    next_look,
    terms,
    together,
)
from pm_tui.services.plan import Budget, Look, Why, allowance
from tests.fakes import NOON

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
GAP = 2 * MINUTE


def location(number: int = 0, *, status: str = "CHARGING", power: int = 150_000) -> Location:
    """A good kilometre from one to the next."""
    connector = {"standard": "IEC_62196_T2_COMBO", "max_electric_power": power}
    return Location.read(
        {
            "location_id": f"L{number}",
            "coordinates": {"latitude": str(52.5 + number / 100), "longitude": "13.4"},
            "evses": [{"evse_uid": f"E{number}", "status": status, "connectors": [connector]}],
        }
    )


def watch(number: int = 0, **changes: Any) -> Watch:
    agreed = Terms(NOON + 2 * HOUR, GAP, 60)
    return replace(Watch(number, Wish(location(number)), agreed, NOON), **changes)


def look(*watches: Watch, **facts: Any) -> Look:
    known: dict[str, Any] = {"now": NOON, "watches": watches, "budget": Budget()}
    return next_look(Facts(**known | facts))


# -- what is agreed -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("length", "most", "gap", "needed"),
    [
        (2 * HOUR, 60, GAP, 60),
        (2 * HOUR, 500, GAP, 60),  # as often as a status stays new, not more
        (2 * HOUR, 20, 6 * MINUTE, 20),
        (2 * HOUR, 50, 3 * MINUTE, 40),  # whole minutes
        (MINUTE, 60, GAP, 1),
        (HOUR, 1, HOUR, 1),
    ],
)
def test_so_many_requests_are_spread_over_the_time(
    length: timedelta, most: int, gap: timedelta, needed: int
) -> None:
    assert terms(NOON, length, most, GAP) == Terms(NOON + length, gap, needed)


def test_a_status_that_is_old_at_once_costs_one_look_a_minute() -> None:
    assert terms(NOON, HOUR, 500, timedelta(seconds=1)).gap == MINUTE


@pytest.mark.parametrize(
    ("length", "most"),
    [(timedelta(), 1), (LONGEST + MINUTE, 1), (HOUR, 0), (HOUR, MOST + 1), (-HOUR, 1)],
)
def test_what_is_no_watch_is_refused(length: timedelta, most: int) -> None:
    with pytest.raises(ValueError, match="not a watch"):
        terms(NOON, length, most, GAP)


# -- what is free -----------------------------------------------------------------------


def test_only_what_fits_and_is_free_for_certain_is_free() -> None:
    free, unknown = location(status="AVAILABLE"), location(status="SOON")
    wish = Wish(free)
    assert wish.free_one(free) == "E0"
    assert wish.free_one(unknown) is None
    assert wish.free_one(location()) is None
    ccs = "IEC_62196_T2_COMBO"
    assert replace(wish, plug=ccs, power_kw=150).free_one(free) == "E0"
    assert replace(wish, plug=ccs, power_kw=151).free_one(free) is None
    assert replace(wish, plug="CHADEMO").free_one(free) is None
    assert replace(wish, evse_uid="E0", plug="CHADEMO").free_one(free) == "E0"  # the one, then
    assert replace(wish, evse_uid="E1").free_one(free) is None


def test_what_no_answer_could_tell_cannot_be_watched() -> None:
    assert can_be_watched(Wish(location()))
    assert not can_be_watched(Wish(location(), evse_uid="another"))
    assert not can_be_watched(Wish(location(), power_kw=1000))
    assert not can_be_watched(Wish(replace(location(), latitude=None)))
    assert not can_be_watched(Wish(replace(location(), evses=())))


# -- when -----------------------------------------------------------------------------------


def test_the_first_look_is_at_once_then_as_agreed_and_half_as_often_unattended() -> None:
    assert look(watch()) == Look(NOON, Why.WATCHED, 1)
    seen = watch(looked_at=NOON)
    assert look(seen).at == NOON + GAP
    assert look(seen, awake=False).at == NOON + 2 * GAP
    assert look(seen, watch(1)) == Look(NOON, Why.WATCHED, 2)
    assert look(replace(seen, state="free")).at is None
    assert look().at is None


def test_it_ends_with_the_time_or_the_requests() -> None:
    one = watch()
    assert not one.is_over(NOON)
    assert one.is_over(one.terms.until)
    assert replace(one, spent=60).is_over(NOON)


def test_it_stops_before_people_have_to() -> None:
    seen = watch(looked_at=NOON)
    part = allowance(Budget(), NOON)
    assert look(seen, budget=Budget(10, None, 10_000, part, part)) == Look(None, Why.SPARING)
    most = part * 9 // 10
    slower = look(seen, budget=Budget(100, None, 10_000, most, most))
    assert slower.why is Why.SPARING
    assert slower.at is not None
    assert slower.at > NOON + GAP
    closed = Budget(blocked_until=NOON + 10 * MINUTE)
    assert look(seen, budget=closed) == Look(NOON + 10 * MINUTE, Why.LIMIT, 1)
    assert look(seen, budget=replace(closed, spent=True)) == Look(None, Why.SPENT)
    assert look(seen, offline=True) == Look(None, Why.OFFLINE)
    again = look(seen, failures=1, tried_at=NOON + MINUTE, now=NOON + MINUTE)
    assert (again.why, again.at) == (Why.RETRY, NOON + MINUTE + timedelta(seconds=15))


# -- one search for several ------------------------------------------------------------------


def test_one_search_asks_for_all_neighbours() -> None:
    due, near, far = watch(0), watch(1, looked_at=NOON), watch(5, looked_at=NOON)
    assert together([near, far], NOON, awake=True) == []
    assert together([near, due, far], NOON, awake=True) == [due, near]
    query = around([due, near])
    assert (query.latitude, query.longitude) == (52.5, 13.4)
    assert query.radius_km == pytest.approx(1.112 + ALONE_KM, abs=0.001)
    assert (query.connector_type, query.power_min_kw, query.start) == (None, None, None)


def test_what_a_common_answer_did_not_have_is_asked_for_alone() -> None:
    due, lost = watch(0), watch(1, missed=True)
    assert together([due, lost], NOON, awake=True) == [due]
    assert together([lost], NOON, awake=True) == [lost]
    assert around([lost]).radius_km == ALONE_KM
