"""Searching: live, then from memory with its age, and what memory can say of other questions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pm_tui.api.errors import BadRequest, Unreachable
from pm_tui.models.query import SearchQuery
from pm_tui.models.search import SearchAnswer
from pm_tui.services.session import NothingRemembered, Session
from tests.conftest import NOBODY, MakeSettings
from tests.sandbox_process import Sandbox, start_sandbox
from tests.services.conftest import BERLIN

pytestmark = pytest.mark.usefixtures("hasty")


@pytest.fixture
def mortal() -> Iterator[Sandbox]:
    """A sandbox that a test may stop."""
    with start_sandbox() as sandbox:
        yield sandbox


def ids(answer: SearchAnswer) -> list[str]:
    return [location.location_id for location in answer.locations]


async def test_what_was_found_is_found_again_without_the_gateway_and_says_how_old_it_is(
    mortal: Sandbox, make_settings: MakeSettings
) -> None:
    async with Session(make_settings(mortal)) as session:
        live = await session.search(BERLIN, label="Berlin")
        assert live.origin == "live"
        assert live.problem is None
        assert len(live.value.locations) == 12
        distances = [location.distance_km for location in live.value.locations]
        assert distances == sorted(distances, key=lambda km: km or 0.0)
        states = [session.connection.state]
        mortal.stop()
        kept = await session.search(BERLIN)
        states.append(session.connection.state)
    assert states == ["online", "offline"]
    assert (kept.origin, kept.exact) == ("cache", True)
    assert isinstance(kept.problem, Unreachable)
    assert kept.value == live.value
    assert abs(kept.fetched_at - live.fetched_at) < timedelta(seconds=1)
    later = live.fetched_at + timedelta(minutes=25)
    assert timedelta(minutes=24) < kept.age(later) <= timedelta(minutes=26)


async def test_another_session_remembers_it_too(
    gateway: Sandbox, make_settings: MakeSettings
) -> None:
    async with Session(make_settings(gateway)) as session:
        live = await session.search(BERLIN, label="Berlin")
    gateway.clear_log()
    async with Session(make_settings(gateway, offline=True)) as session:
        kept = await session.search(BERLIN)
        (recent,) = await session.recent_searches()
    assert ids(kept.value) == ids(live.value)
    assert kept.problem is None  # nobody tried: it was chosen
    assert (recent.label, SearchQuery.from_key(recent.key)) == ("Berlin", BERLIN)
    assert gateway.log() == []


async def test_a_point_nearby_is_answered_from_every_charger_seen(
    gateway: Sandbox, make_settings: MakeSettings
) -> None:
    near = SearchQuery(52.58, 13.405, radius_km=3)
    async with Session(make_settings(gateway)) as session:
        live = await session.search(near)
        await session.search(BERLIN)
    async with Session(make_settings(gateway, offline=True)) as session:
        found = await session.search(replace(near, latitude=52.581))
    assert (found.origin, found.exact) == ("cache", False)
    assert set(ids(found.value)) == set(ids(live.value))
    distances = [location.distance_km or 0.0 for location in found.value.locations]
    assert distances == sorted(distances)
    assert max(distances) <= 3  # measured anew from the point that is asked about
    assert found.coverage.share == 1  # Berlin was searched whole, 25 km round
    assert {found.time_of(one) for one in ids(found.value)} <= set(found.seen_at.values())
    assert found.fetched_at <= min(found.seen_at.values())


async def test_a_point_beyond_what_was_searched_has_no_coverage(session: Session) -> None:
    await session.search(replace(BERLIN, radius_km=5))
    found = await session.search(replace(BERLIN, radius_km=50), offline=True)
    assert found.value.locations
    assert 0 < found.coverage.percent <= 1


async def test_an_answer_cut_by_its_limit_covers_nothing(session: Session) -> None:
    cut = await session.search(replace(BERLIN, limit=5))
    assert len(cut.value.locations) == 5
    found = await session.search(replace(BERLIN, radius_km=10), offline=True)
    assert len(found.value.locations) == 5
    assert found.coverage.percent == 0


async def test_an_answer_without_every_operator_covers_nothing_and_degrades_the_line(
    session: Session, gateway: Sandbox
) -> None:
    gateway.fault("cpo_down", match="GET /search", cpo="ION")
    partial = await session.search(BERLIN)
    assert partial.origin == "live"
    assert {one.cpo_party_id for one in partial.value.cpo_results if one.error} == {"ION"}
    assert session.connection.state == "degraded"
    assert "1 operator" in session.connection.problem
    found = await session.search(replace(BERLIN, radius_km=10), offline=True)
    assert found.value.locations
    assert found.coverage.percent == 0


async def test_a_plug_is_filtered_from_memory_as_the_gateway_would(
    session: Session, gateway: Sandbox
) -> None:
    await session.search(BERLIN)
    chademo = replace(BERLIN, connector_type="CHADEMO")
    live = await session.search(replace(chademo, radius_km=24.9))
    found = await session.search(chademo, offline=True)
    assert ids(found.value) == ids(live.value)
    assert 0 < len(found.value.locations) < 12
    strong = await session.search(replace(BERLIN, power_min_kw=200), offline=True)
    assert {one.max_power_kw for one in strong.value.locations} == {300}


async def test_a_window_is_never_answered_as_if_it_were_known(session: Session) -> None:
    await session.search(BERLIN)
    start = datetime.now(UTC) + timedelta(hours=3)
    window = replace(BERLIN, start=start, end=start + timedelta(hours=1))
    found = await session.search(window, offline=True)
    assert not found.exact  # the screen says that freedom then is not known


async def test_where_nothing_is_remembered_the_reason_goes_with_it(
    gateway: Sandbox, make_settings: MakeSettings
) -> None:
    unreachable = replace(make_settings(gateway), base_url=NOBODY)
    async with Session(unreachable) as session:
        with pytest.raises(NothingRemembered) as told:
            await session.search(BERLIN)
        assert isinstance(told.value.problem, Unreachable)
    async with Session(make_settings(gateway, offline=True)) as session:
        with pytest.raises(NothingRemembered) as told:
            await session.search(BERLIN)
        assert told.value.problem is None


async def test_a_refusal_of_the_question_is_not_papered_over(
    session: Session, gateway: Sandbox
) -> None:
    await session.search(BERLIN)
    gateway.fault("error", match="GET /search", status=400, text="Invalid radius")
    with pytest.raises(BadRequest, match="Invalid radius"):
        await session.search(BERLIN)
    gateway.fault("html", match="GET /search")  # a login page of the network: memory may stand in
    kept = await session.search(BERLIN)
    assert kept.origin == "cache"
    assert kept.problem is not None
