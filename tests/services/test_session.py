"""The session: what it says of the line, of the limits, and what it follows until it is settled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from pm_tui.api.errors import RateLimited, Suspended, Unauthorized, Unreachable
from pm_tui.config import Settings
from pm_tui.services.connection import Connection
from pm_tui.services.reading import USAGE_EVERY
from pm_tui.services.session import NothingRemembered, Session
from tests.conftest import NOBODY, MakeSettings
from tests.fakes import FixedClock
from tests.sandbox_process import Sandbox, start_sandbox
from tests.services.conftest import BERLIN, a_request

pytestmark = pytest.mark.usefixtures("hasty")


async def test_every_change_of_the_line_is_told_and_ends_at_rest(session: Session) -> None:
    told: list[Connection] = []
    session.line.on_change = told.append
    await session.search(BERLIN)
    assert [one.requests_open for one in (told[0], told[-1])] == [1, 0]
    last = told[-1]
    assert last == session.connection
    assert (last.state, last.problem) == ("online", "")
    assert last.last_sync is not None
    assert last.limit == 100_000
    assert last.remaining is not None
    assert last.reset_at is not None


async def test_an_outage_has_a_beginning_that_does_not_move(
    gateway: Sandbox, settings: Settings, clock: FixedClock
) -> None:
    async with Session(settings, now=clock) as session:
        await session.search(BERLIN)
        gateway.fault("drop", times=None)
        clock.advance(minutes=1)
        await session.search(BERLIN)
        began = clock()
        assert (session.connection.state, session.connection.since) == ("offline", began)
        clock.advance(minutes=1)
        await session.search(BERLIN)
        assert session.connection.since == began
        assert session.connection.last_sync == began - timedelta(minutes=1)
        gateway.clear_faults()
        clock.advance(minutes=1)
        await session.search(BERLIN)
        assert (session.connection.state, session.connection.since) == ("online", clock())


@pytest.mark.parametrize(
    ("fault", "state"),
    [("drop", "offline"), ("error", "degraded"), ("html", "degraded"), ("malformed", "degraded")],
)
async def test_what_a_failure_says_of_the_line(
    session: Session, gateway: Sandbox, fault: str, state: str
) -> None:
    await session.search(BERLIN)
    gateway.fault(fault, times=3)
    kept = await session.search(BERLIN)
    assert kept.origin == "cache"
    assert session.connection.state == state
    assert session.connection.problem == str(kept.problem)
    assert session.connection.requests_open == 0


async def test_a_limit_closes_the_line_for_everything_until_then(
    gateway: Sandbox, settings: Settings
) -> None:
    async with Session(settings) as session:
        await session.search(BERLIN)
        gateway.fault("429_seconds", seconds=40)
        kept = await session.search(BERLIN)
        assert kept.origin == "cache"
        assert isinstance(kept.problem, RateLimited)
        blocked_until = session.connection.blocked_until
        assert blocked_until is not None
        assert abs(kept.problem.retry_at - blocked_until) < timedelta(seconds=1)
        gateway.clear_log()
        with pytest.raises(NothingRemembered):
            await session.booking("b1")
        ended = await session.book(a_request())
        assert ended.kind == "refused"
        assert isinstance(ended.problem, RateLimited)
    assert gateway.log() == []  # nothing was even sent


async def test_a_key_that_is_not_accepted_is_told_and_not_covered_by_memory(
    session: Session, gateway: Sandbox, make_settings: MakeSettings
) -> None:
    await session.search(BERLIN)
    gateway.fault("suspended")
    with pytest.raises(Suspended):
        await session.search(BERLIN)
    gateway.fault("error", status=401, text="Invalid API key")
    with pytest.raises(Unauthorized):
        await session.bookings()


# -- the month -----------------------------------------------------------------


@pytest.fixture
def metered() -> Iterator[Sandbox]:
    with start_sandbox(rate=100, quota=10_000) as sandbox:
        yield sandbox


async def test_the_months_use_counts_on_from_the_last_reading(
    metered: Sandbox, make_settings: MakeSettings, clock: FixedClock
) -> None:
    metered.use_quota(8000)
    async with Session(make_settings(metered), now=clock) as session:
        assert session.usage_is_old()
        usage = await session.usage()
        told = usage.value.month_used
        assert told is not None
        assert told >= 8000
        assert session.connection.month_limit == 10_000
        await session.search(BERLIN)
        await session.search(BERLIN)
        assert session.connection.month_used == told + 2
        assert session.connection.limit == 100


async def test_usage_is_read_again_after_a_while(session: Session) -> None:
    read = await session.usage()
    session.now = FixedClock(read.fetched_at + USAGE_EVERY)
    assert not session.usage_is_old()
    session.now = FixedClock(read.fetched_at + USAGE_EVERY + timedelta(seconds=1))
    assert session.usage_is_old()


async def test_usage_is_never_told_from_memory(
    make_settings: MakeSettings, gateway: Sandbox
) -> None:
    async with Session(make_settings(gateway)) as session:
        await session.usage()
        with pytest.raises(NothingRemembered):
            await session.usage(offline=True)
        gateway.fault("drop", times=None)
        with pytest.raises(Unreachable):
            await session.usage()


# -- following -----------------------------------------------------------------


async def test_a_booking_is_followed_until_the_operator_has_answered(session: Session) -> None:
    ended = await session.book(a_request())
    assert ended.answer is not None
    seen = [one.value.status async for one in session.watch(ended.answer.value.id)]
    assert seen[-1] == "CONFIRMED"
    assert set(seen[:-1]) <= {"REQUESTED", "PENDING"}


async def test_following_ends_when_patience_does(
    session: Session, gateway: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pm_tui.services.reading.follow_delays", lambda: iter([0.0] * 4))
    gateway.fault("never_confirms", match="POST /bookings")
    ended = await session.book(a_request())
    assert ended.answer is not None
    seen = [one.value.status async for one in session.watch(ended.answer.value.id)]
    assert len(seen) == 4
    assert "CONFIRMED" not in seen


# -- accounts and places -------------------------------------------------------


async def test_accounts_do_not_see_each_others_memory(gateway: Sandbox, settings: Settings) -> None:
    async with Session(settings) as session:
        await session.search(BERLIN)
    other = replace(settings, base_url=NOBODY, offline=True)
    async with Session(other) as session:
        with pytest.raises(NothingRemembered):
            await session.search(BERLIN)
        assert await session.recent_searches() == []


async def test_names_of_places_come_from_what_was_seen(session: Session) -> None:
    await session.search(BERLIN)
    places = await session.places(["DE-ENB-E100000", "DE-NOT-SEEN"])
    assert set(places) == {"DE-ENB-E100000"}
    place = places["DE-ENB-E100000"]
    assert place.name == "Berlin Ladepark 0"
    assert place.zone is not None
    assert place.zone.key == "Europe/Berlin"


async def test_nothing_of_the_key_is_written_anywhere(
    gateway: Sandbox, settings: Settings, tmp_path: Path
) -> None:
    async with Session(settings) as session:
        await session.search(BERLIN, label="Berlin")
        await session.book(a_request())
        await session.bookings()
        await session.usage()
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(written) > 3
    key = gateway.api_key.encode()
    assert [path for path in written if key in path.read_bytes()] == []


async def test_closing_twice_and_using_a_folder_that_cannot_be_written(
    gateway: Sandbox, make_settings: MakeSettings, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    settings = replace(make_settings(gateway), cache_dir=tmp_path / "file" / "cache")
    async with Session(settings) as session:
        live = await session.search(BERLIN)
        assert session.take_notices()
        assert session.take_notices() == []
        kept = await session.search(BERLIN, offline=True)
        assert kept.value == live.value  # in memory, while it lasts
    await session.close()
