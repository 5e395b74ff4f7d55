"""The list of bookings: whole although no page holds it, and remembered with each one's own age."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from pm_tui.api.agent import Answer
from pm_tui.models.booking import Booking, read_bookings
from pm_tui.models.times import wire_time
from pm_tui.services.bookings import PAGE, newest_first, read_all
from pm_tui.services.session import NothingRemembered, Session
from tests.conftest import MakeSettings
from tests.sandbox_process import Sandbox, start_sandbox
from tests.services.conftest import a_request

pytestmark = pytest.mark.usefixtures("hasty")
START = datetime(2026, 10, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def archive() -> Iterator[Sandbox]:
    """A sandbox with three months of past bookings."""
    with start_sandbox(history=True) as sandbox:
        yield sandbox


async def test_a_range_with_more_than_a_page_is_split_until_every_part_is_whole(
    archive: Sandbox, make_settings: MakeSettings
) -> None:
    truth = archive.bookings(history=True)
    made = sorted(datetime.fromisoformat(one["created_at"]) for one in truth)
    since = made[20].replace(microsecond=0)
    until = made[170].replace(microsecond=0)
    wanted = {
        one["id"] for one in truth if since <= datetime.fromisoformat(one["created_at"]) <= until
    }
    assert len(wanted) >= 150
    archive.clear_log()
    async with Session(make_settings(archive)) as session:
        result = await session.bookings(since=since, until=until)
    assert result.value.complete
    assert {one.id for one in result.value.bookings} == wanted
    assert len(result.value.bookings) == len(wanted)  # nothing twice
    assert list(result.value.bookings) == newest_first(list(result.value.bookings))
    asked = [one for one in archive.log() if one["path"].endswith("/bookings")]
    assert 3 <= len(asked) <= 15


async def test_a_single_status_is_split_alike_and_all_is_remembered(
    archive: Sandbox, make_settings: MakeSettings
) -> None:
    truth = archive.bookings(history=True)
    completed = {one["id"] for one in truth if one["status"] == "COMPLETED"}
    assert len(completed) > PAGE
    settings = make_settings(archive)
    since = datetime.now(UTC) - timedelta(days=120)
    async with Session(settings) as session:
        live = await session.bookings(status="COMPLETED", since=since)
        kept = await session.bookings(status="COMPLETED", since=since, offline=True)
    assert {one.id for one in live.value.bookings} == completed
    assert [one.id for one in kept.value.bookings] == [one.id for one in live.value.bookings]
    assert (kept.origin, kept.value.complete) == ("cache", False)


async def test_without_a_range_there_is_one_page_and_it_says_that_more_may_be(
    archive: Sandbox, make_settings: MakeSettings
) -> None:
    archive.clear_log()
    async with Session(make_settings(archive)) as session:
        result = await session.bookings()
    assert len(result.value.bookings) == PAGE
    assert not result.value.complete
    assert len([one for one in archive.log() if one["path"].endswith("/bookings")]) == 1


async def test_the_list_carries_what_memory_holds_besides_with_its_own_time(
    archive: Sandbox, make_settings: MakeSettings
) -> None:
    oldest = archive.bookings(history=True)[:3]
    async with Session(make_settings(archive)) as session:
        for one in oldest:
            await session.booking(one["id"])
        result = await session.known_bookings()
    assert result.origin == "live"
    assert len(result.value.bookings) == PAGE + 3
    assert set(result.value.seen_at) == {one["id"] for one in oldest}


async def test_the_remembered_list_is_as_old_as_its_oldest_booking(
    session: Session, gateway: Sandbox
) -> None:
    first = await session.book(a_request())
    await session.book(a_request())
    assert first.answer is not None
    live = await session.bookings()
    gateway.fault("error", match="GET /bookings", times=3)
    kept = await session.bookings()
    assert kept.origin == "cache"
    assert kept.problem is not None
    assert kept.fetched_at == min(kept.value.seen_at.values())
    assert {one.id for one in kept.value.bookings} == {one.id for one in live.value.bookings}


async def test_nothing_remembered_says_so(make_settings: MakeSettings, gateway: Sandbox) -> None:
    async with Session(make_settings(gateway, offline=True)) as session:
        with pytest.raises(NothingRemembered):
            await session.bookings()
        with pytest.raises(NothingRemembered):
            await session.booking("b1")


# -- splitting, for any history ------------------------------------------------


@dataclass
class Pages:
    """A gateway of bookings created `at` seconds after `START`, newest first, a page at a time."""

    at: list[int]
    asked: int = 0
    received: datetime = field(default=START + timedelta(days=1))

    async def bookings(
        self,
        *,
        status: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = PAGE,
        background: bool = False,
    ) -> Answer[tuple[Booking, ...]]:
        self.asked += 1
        rows = [
            {"id": f"b{n}", "status": "COMPLETED", "created_at": wire_time(made)}
            for n, made in enumerate(START + timedelta(seconds=second) for second in self.at)
            if (since is None or made >= since) and (until is None or made <= until)
        ][:limit]
        raw = {"bookings": rows}
        return Answer(read_bookings(raw)[0], raw, self.received)


@given(
    busy=st.lists(st.tuples(st.integers(0, 80_000), st.integers(1, 99)), max_size=8),
    open_ended=st.booleans(),
)
@examples(deadline=None, max_examples=30)
async def test_whatever_the_history_every_booking_comes_once(
    busy: list[tuple[int, int]], open_ended: bool
) -> None:
    at = [second + n for second, count in dict(busy).items() for n in range(0, 3 * count, 3)]
    gateway = Pages(at)
    until = None if open_ended else START + timedelta(days=1)
    page = await read_all(gateway, None, START, until)
    assert page.complete
    assert sorted(row["id"] for row in page.rows) == sorted(f"b{n}" for n in range(len(at)))
    assert gateway.asked <= 1 + 40 * len(busy)


async def test_a_second_with_more_than_a_page_is_told_as_incomplete() -> None:
    page = await read_all(Pages([500] * (PAGE + 20)), None, START, START + timedelta(days=1))
    assert not page.complete
    assert len(page.rows) == PAGE


def test_bookings_without_a_time_come_last() -> None:
    made = [None, "2026-11-24T10:00:00Z", "2026-11-24T11:00:00Z"]
    rows = [
        Booking.read({"id": str(n), "status": "PENDING", "created_at": at})
        for n, at in enumerate(made)
    ]
    assert [one.id for one in newest_first(rows)] == ["2", "1", "0"]
