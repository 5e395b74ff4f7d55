"""The same question again: from memory at once, refreshed behind, and spared within seconds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pm_tui.api.errors import BadRequest
from pm_tui.services.find import Found
from pm_tui.services.session import Session
from tests.conftest import MakeSettings
from tests.sandbox_process import Sandbox, start_sandbox
from tests.services.conftest import BERLIN

pytestmark = pytest.mark.usefixtures("hasty")


async def told(session: Session, *, again: bool = False) -> list[Found]:
    return [found async for found in session.answers(BERLIN, again=again)]


def later(session: Session, **span: float) -> None:
    session.now = lambda: datetime.now(UTC) + timedelta(**span)


def searches(gateway: Sandbox) -> int:
    return len([one for one in gateway.log() if one["path"].endswith("/search")])


async def test_the_first_time_it_is_asked(session: Session, gateway: Sandbox) -> None:
    (found,) = await told(session)
    assert (found.origin, found.course) == ("live", "")
    assert searches(gateway) == 1


async def test_within_seconds_it_costs_nothing_unless_it_is_wanted(
    session: Session, gateway: Sandbox
) -> None:
    await told(session)
    (found,) = await told(session)
    assert (found.origin, found.course) == ("cache", "spared")
    assert searches(gateway) == 1
    (found,) = await told(session, again=True)
    assert found.origin == "live"
    assert searches(gateway) == 2


async def test_within_minutes_memory_answers_and_the_live_answer_follows(
    session: Session, gateway: Sandbox
) -> None:
    await told(session)
    later(session, minutes=4)
    kept, live = await told(session)
    assert (kept.origin, kept.course, live.origin) == ("cache", "asking", "live")
    ids = [[one.location_id for one in found.value.locations] for found in (kept, live)]
    assert ids[0] == ids[1]  # (what is free there may be another by now)
    assert searches(gateway) == 2


async def test_after_search_age_memory_is_not_asked_first(
    gateway: Sandbox, make_settings: MakeSettings
) -> None:
    for settings in (
        make_settings(gateway),
        replace(make_settings(gateway), search_age=timedelta()),
    ):
        async with Session(settings) as session:
            await told(session, again=True)
            if settings.search_age:
                later(session, minutes=6)
            (found,) = await told(session)
            assert found.origin == "live"


async def test_an_answer_that_lacks_an_operator_is_not_spared(
    session: Session, gateway: Sandbox
) -> None:
    gateway.fault("cpo_down", match="GET /search", cpo="ION")
    await told(session)
    kept, live = await told(session)
    assert kept.is_partial
    assert (kept.course, live.is_partial) == ("asking", False)


async def test_when_the_live_one_fails_the_remembered_one_comes_back_with_the_reason(
    session: Session, gateway: Sandbox
) -> None:
    await told(session)
    later(session, minutes=1)
    gateway.fault("drop", times=None)
    kept, instead = await told(session)
    assert kept.course == "asking"
    assert (instead.origin, instead.course) == ("cache", "")
    assert instead.problem is not None


async def test_a_refusal_comes_after_the_remembered_answer(
    session: Session, gateway: Sandbox
) -> None:
    await told(session)
    later(session, minutes=1)
    gateway.fault("error", match="GET /search", status=400, text="Invalid radius")
    answers = session.answers(BERLIN)
    assert (await anext(answers)).course == "asking"
    with pytest.raises(BadRequest):
        await anext(answers)


# -- what the directory can say --------------------------------------------------


async def test_a_search_for_one_plug_covers_that_plug_and_more_power_only(
    session: Session,
) -> None:
    await session.search(replace(BERLIN, connector_type="CHADEMO", power_min_kw=40))
    inner = replace(BERLIN, radius_km=20)
    for question, whole in (
        ({"connector_type": "CHADEMO", "power_min_kw": 40}, True),
        ({"connector_type": "CHADEMO", "power_min_kw": 50}, True),
        ({"connector_type": "CHADEMO", "power_min_kw": 22}, False),
        ({"connector_type": "CHADEMO"}, False),
        ({"connector_type": "IEC_62196_T2"}, False),
        ({}, False),
    ):
        asked = replace(inner, **question)
        found = await session.search(asked, offline=True) if whole or not question else None
        if found is not None:
            assert (found.coverage.share == 1) is whole, question


async def test_a_search_for_a_window_covers_no_other_question(session: Session) -> None:
    start = datetime.now(UTC) + timedelta(hours=3)
    window = replace(BERLIN, start=start, end=start + timedelta(hours=1))
    await session.search(window)
    found = await session.search(replace(BERLIN, radius_km=20), offline=True)
    assert found.coverage.percent == 0
    moved = replace(window, radius_km=20)
    assert (await session.search(moved, offline=True)).coverage.percent == 0
    await session.search(BERLIN)
    assert (await session.search(moved, offline=True)).coverage.percent == 100


async def test_plug_and_power_are_those_of_one_connector(session: Session) -> None:
    live = await session.search(BERLIN)
    for plug, power in (("CHADEMO", 50), ("IEC_62196_T2", 22), ("IEC_62196_T2_COMBO", 200)):
        found = await session.search(
            replace(BERLIN, radius_km=24.9, connector_type=plug, power_min_kw=power), offline=True
        )
        wanted = [
            one.location_id
            for one in live.value.locations
            if any(
                c.standard == plug and (c.power_kw or 0) >= power
                for evse in one.evses
                for c in evse.connectors
            )
        ]
        assert [one.location_id for one in found.value.locations] == wanted


async def test_what_lies_behind_the_first_rows_is_read_as_well(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = await session.search(BERLIN)
    monkeypatch.setattr("pm_tui.services.find.FIRST_ROWS", 3)
    monkeypatch.setattr("pm_tui.services.find.FEW", 2)
    found = await session.search(replace(BERLIN, radius_km=24.9), offline=True)
    kept = {one.location_id: one.evses for one in found.value.locations}
    assert kept == {one.location_id: one.evses for one in live.value.locations}
    assert found.reach_km == pytest.approx(found.value.locations[-1].distance_km, abs=0.001)
    assert len(found.seen_at) == len(kept)


# -- clocks ------------------------------------------------------------------------


async def test_a_clock_that_is_far_off_is_told_once_with_both_times(
    make_settings: MakeSettings,
) -> None:
    with start_sandbox() as ahead:
        ahead.advance(600)
        async with Session(make_settings(ahead)) as session:
            assert session.take_notices() == []
            await session.search(BERLIN)
            assert abs(session.server_now() - session.now() - timedelta(minutes=10)) < timedelta(
                seconds=5
            )
            (notice,) = session.take_notices()
            assert "The gateway's clock says" in notice
            await session.search(BERLIN)
            assert session.take_notices() == []


async def test_clocks_that_agree_are_not_talked_about(session: Session) -> None:
    assert session.server_now() - session.now() < timedelta(seconds=1)
    await session.search(BERLIN)
    assert session.take_notices() == []
