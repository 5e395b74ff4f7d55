"""Searching along a way, at a real gateway: circle by circle, and honest about what is missing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest

from pm_tui.api.errors import BadRequest
from pm_tui.models.query import SearchQuery
from pm_tui.models.route import RouteQuery, Stop
from pm_tui.services.corridor import way_of
from pm_tui.services.find import Found
from pm_tui.services.session import NothingRemembered, Session
from tests.conftest import MakeSettings
from tests.sandbox_process import Sandbox

pytestmark = pytest.mark.usefixtures("hasty")

STOPS = (
    Stop("München", 48.137, 11.575),
    Stop("Berlin", 52.52, 13.405),
    Stop("Hamburg", 53.551, 9.994),
)
WAY = RouteQuery(48.137, 11.575, 15.0, stops=STOPS)
PARTS = len(way_of(WAY).arcs())


def cities(found: Found) -> list[str]:
    return [one.city or "" for one in found.value.locations]


def searches(gateway: Sandbox) -> list[dict[str, list[str]]]:
    """The parameters of each search that was sent."""
    asked = (one for one in gateway.log() if str(one["path"]).endswith("/search"))
    return [parse_qs(str(one["query"])) for one in asked]


async def agreed(least: int, most: int) -> int:
    assert (least, most) == (PARTS, 3 * PARTS)
    return most


async def test_it_is_in_the_order_of_the_way_and_tells_of_every_part_that_comes_in(
    session: Session, gateway: Sandbox
) -> None:
    told = [one async for one in session.answers(WAY, label="x", may_ask=agreed)]
    assert len(searches(gateway)) == PARTS == len(told)
    assert {one.why for one in session.record.rows()} == {"search"}
    assert [one.done for one in told] == list(range(1, PARTS + 1))
    assert {one.parts for one in told} == {PARTS}
    assert told[0].gaps and not told[-1].gaps
    found = told[-1]
    assert (found.origin, found.exact, found.problem) == ("live", True, None)
    assert cities(found) == ["München"] * 12 + ["Berlin"] * 12 + ["Hamburg"] * 12
    along = [one.distance_km or 0.0 for one in found.value.locations]
    assert along == sorted(along)
    assert along[0] == pytest.approx(0, abs=1)
    assert along[12] == pytest.approx(500, abs=30)
    assert len(found.value.cpo_results) == 3  # each operator once, though asked seven times


async def test_the_same_way_again_is_spared_and_is_one_search_among_the_last(
    session: Session, gateway: Sandbox
) -> None:
    live = await session.search(WAY)
    gateway.clear_log()
    (kept,) = [one async for one in session.answers(WAY)]
    assert (kept.origin, kept.course, kept.gaps) == ("cache", "spared", live.gaps)
    assert [one.location_id for one in kept.value.locations] == [
        one.location_id for one in live.value.locations
    ]
    assert kept.value.locations[20].distance_km == live.value.locations[20].distance_km
    assert searches(gateway) == []
    (recent,) = await session.recent_searches()
    assert (recent.label, SearchQuery.from_key(recent.key)) == ("München > Berlin > Hamburg", WAY)


async def test_offline_and_unasked_it_comes_from_the_directory_with_what_is_missing(
    gateway: Sandbox, make_settings: MakeSettings
) -> None:
    async def no(_least: int, _most: int) -> int:
        return 0

    async with Session(make_settings(gateway)) as session:
        with pytest.raises(NothingRemembered):
            [one async for one in session.answers(WAY, may_ask=no)]
        await session.search(SearchQuery(52.52, 13.405, radius_km=100))
        gateway.clear_log()
        (found,) = [one async for one in session.answers(WAY, may_ask=no)]
        assert searches(gateway) == []
    async with Session(make_settings(gateway, offline=True)) as session:
        again = await session.search(WAY)
    for one in (found, again):
        assert (one.origin, one.exact) == ("cache", False)
        assert cities(one) == ["Berlin"] * 12
        assert one.gaps[0][0] == 0 and len(one.gaps) == 2  # on both sides of Berlin
        assert 0 < one.coverage.percent < 50


async def test_a_line_that_breaks_ends_the_asking_and_memory_has_the_rest(
    session: Session, gateway: Sandbox
) -> None:
    whole = await session.search(WAY)
    other = replace(WAY, radius_km=14.0)
    gateway.clear_log()
    told = []
    async for one in session.answers(other):
        told.append(one)
        if len(told) == 3:
            gateway.fault("drop", times=None)
    found = told[-1]
    assert found.problem is not None
    assert (found.origin, found.done) == ("cache", 3)
    assert cities(found) == cities(whole)
    assert found.gaps == (), "memory has the part whose answer was lost as well"
    assert len({found.time_of(one.location_id) for one in found.value.locations}) > 1
    gateway.clear_faults()
    (again,) = [one async for one in session.answers(other)][-1:]
    assert (again.origin, again.gaps) == ("live", ())  # what was not whole is not kept as an answer


async def test_what_is_cut_short_is_asked_for_in_halves_as_far_as_that_is_agreed(
    session: Session, gateway: Sandbox
) -> None:
    way = replace(WAY, stops=STOPS[1:], limit=8)
    arcs = len(way_of(way).arcs())
    least = await session.search(way)
    assert len(searches(gateway)) == arcs
    assert least.gaps  # the nearest 8 of 12 are there, and it is said where they are not all
    gateway.clear_log()

    async def three_times(_least: int, most: int) -> int:
        return most

    found = [one async for one in session.along(way, may_ask=three_times)][-1]
    assert arcs < len(searches(gateway)) <= 3 * arcs
    assert len(found.value.locations) > len(least.value.locations)


async def test_each_part_is_asked_for_when_one_passes(session: Session, gateway: Sandbox) -> None:
    start = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=2)
    way = replace(WAY, start=start, end=start + timedelta(minutes=30), speed_kmh=100.0)
    found = await session.search(way)
    asked = searches(gateway)
    begins = [datetime.fromisoformat(one["start_time"][0]) for one in asked]
    assert begins[0] == start
    assert begins == sorted(begins)
    assert begins[-1] > start + timedelta(hours=6)
    assert found.value.locations


async def test_what_is_wrong_with_the_question_is_told(session: Session, gateway: Sandbox) -> None:
    gateway.fault("error", match="GET /search", status=400, text="no")
    with pytest.raises(BadRequest):
        await session.search(WAY)
