"""A period read from a real gateway: whole or told, for few requests, resumed and compared."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from pm_tui.api.errors import BadAnswer, Unreachable
from pm_tui.models.result import Result
from pm_tui.services import fleet
from pm_tui.services.connection import Connection
from pm_tui.services.report import Report
from pm_tui.services.report_period import Period
from pm_tui.services.report_read import Progress
from pm_tui.services.reporting import Reporting
from pm_tui.services.session import NothingRemembered, Session
from tests.conftest import MakeSettings
from tests.fakes import NOON
from tests.sandbox_process import Sandbox, start_sandbox

pytestmark = pytest.mark.usefixtures("hasty")
BERLIN = ZoneInfo("Europe/Berlin")
BUSY = Period.month(2024, 5, BERLIN)
CRAMMED = Period.month(2024, 7, BERLIN)
LEAP = Period.month(2024, 2, BERLIN)
ODD_MONTHS = (LEAP, Period.month(2025, 3, BERLIN), Period.month(2025, 10, BERLIN))


@pytest.fixture(scope="module")
def archive() -> Iterator[Sandbox]:
    """Years ago: a busy month with 99 bookings in one second, one with 150, and the odd months
    with bookings in their first and last local hour and a second beyond."""
    with start_sandbox() as sandbox:
        busy = {"at": "2024-05-14T09:30:07Z", "bookings": 99}
        sandbox.seed(since=utc(BUSY.start), to=utc(BUSY.end), bookings=700, burst=busy)
        sandbox.seed(burst={"at": "2024-07-14T09:30:07Z", "bookings": 150}, seed=1)
        for month in ODD_MONTHS:
            edges = (month.start, month.start + timedelta(minutes=59), month.end)
            near = [edge + timedelta(seconds=s) for edge in edges for s in (-1, 0, 1)]
            sandbox.seed(at=[utc(moment) for moment in near], seed=2)
        yield sandbox


def utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def truth(sandbox: Sandbox, period: Period) -> list[dict[str, Any]]:
    """What was made in the period, by the gateway's own state."""
    return [
        one
        for one in sandbox.bookings(history=True)
        if period.start <= datetime.fromisoformat(one["created_at"]) < period.end
    ]


def total_of(rows: list[dict[str, Any]]) -> Decimal:
    prices = (one["client_price"] for one in rows if one["status"] == "COMPLETED")
    return sum((Decimal(str(price)) for price in prices if price is not None), Decimal(0))


def asked(sandbox: Sandbox) -> int:
    return sum(one["path"].endswith("/bookings") for one in sandbox.log())


def total(result: Result[Report]) -> Decimal:
    return sum((one.total for one in result.value.totals), Decimal(0))


async def test_a_busy_month_is_whole_to_the_cent_and_then_costs_one_request(
    archive: Sandbox, make_settings: MakeSettings
) -> None:
    rows = truth(archive, BUSY)
    settings = make_settings(archive)
    seen: list[Progress] = []
    archive.clear_log()
    async with Session(settings) as session:
        result = await session.report(BUSY, on_progress=seen.append)
    report = result.value
    assert (result.origin, report.complete, report.problems) == ("live", True, ())
    assert total(result) == total_of(rows) == sum(row.total for row in report.rows)
    assert report.bookings == sum(one["status"] == "COMPLETED" for one in rows)
    # the second with 99 costs some more; of a large month `tests.report_proof` tells the figure
    assert report.requests == asked(archive) <= 3 * (len(rows) // 100 + 1)
    assert seen[-1].share == 1.0 and seen[-1].requests == report.requests
    assert seen[-1].month_left is not None

    archive.clear_log()
    async with Session(settings) as session:  # another run: known, and compared
        again = await session.report(BUSY, "employee", status=None)
        assert asked(archive) == again.value.requests == 1
        assert (again.origin, again.value.checked, again.value.complete) == ("cache", 100, True)
        assert again.value.bookings == len(rows)
        offline = await session.report(BUSY, offline=True)
        assert asked(archive) == 1
        assert (offline.origin, offline.fetched_at) == ("cache", result.fetched_at)
        assert offline.value.rows == report.rows
        months = await session.report_months(BUSY)
        assert [month.total is not None for month in months] == [False] * 11 + [True]
        assert (months[-1].total, months[-1].period) == (total(offline), BUSY)
        sales = next(row for row in report.rows if row.key.text == "sales")
        opened = await session.report_bookings(BUSY, "department", sales.key)
        assert len(opened) == sales.bookings
        assert sum((one.client_price or 0 for one in opened), Decimal(0)) == sales.total
        # what is worth a look is the same by whatever the report is, and of this month
        strange = report.anomalies
        assert {one.kind for one in strange} >= {"overlap", "visitor", "weekend"}
        assert again.value.anomalies is offline.value.anomalies
        behind = await session.named_bookings(strange[0].ids)
        assert tuple(one.id for one in behind) == strange[0].ids
        assert {key for one in strange for key in one.ids} <= {str(one["id"]) for one in rows}


async def test_more_than_a_page_in_a_second_is_refused_loudly(
    archive: Sandbox, make_settings: MakeSettings
) -> None:
    async with Session(make_settings(archive)) as session:
        report = (await session.report(CRAMMED)).value
    assert not report.complete
    (problem,) = report.problems
    assert problem.startswith(
        "more than 100 bookings were made in the second Sun 14 Jul 2024 11:30:07"
    )


@pytest.mark.parametrize("month", ODD_MONTHS, ids=lambda month: str(month.name))
async def test_the_first_and_last_local_hour_of_the_odd_months(
    archive: Sandbox, make_settings: MakeSettings, month: Period
) -> None:
    rows = truth(archive, month)
    assert len(rows) >= 6  # two at the start, three an hour later, one before the end
    async with Session(make_settings(archive)) as session:
        result = await session.report(month, "day", status=None)
        next_one = await session.report(month.following(), status=None)
    days = [row.key.text for row in result.value.rows]
    assert (result.value.bookings, result.value.complete) == (len(rows), True)
    assert (days[0], days[-1]) == (str(month.first), str(month.last))
    assert next_one.value.bookings == len(truth(archive, month.following())) == 2


def documented_sample(listed: list[dict[str, Any]]) -> dict[str, float]:
    """The department breakdown of the corporate guide, line by line as documented: it takes the
    text before the first hyphen and adds floats; a row without a reference or price ends it."""
    departments: dict[str, float] = defaultdict(float)
    for booking in listed:
        department = booking["external_id"].split("-")[0]
        departments[department] += booking["client_price"]
    return departments


async def test_what_the_documented_sample_misses(
    archive: Sandbox, make_settings: MakeSettings, capsys: pytest.CaptureFixture[str]
) -> None:
    async with Session(make_settings(archive)) as session:
        ours = await session.report(BUSY)
    # its question: one page, from the first of the month to the last, midnight UTC
    last = datetime(2024, 5, 31, 23, 59, 59, tzinfo=UTC)
    month = [
        one
        for one in archive.bookings(history=True)
        if datetime(2024, 5, 1, tzinfo=UTC) <= datetime.fromisoformat(one["created_at"]) <= last
        and one["status"] == "COMPLETED"
    ]
    page = sorted(month, key=lambda one: str(one["created_at"]), reverse=True)[:100]
    with pytest.raises((KeyError, AttributeError, TypeError)):
        documented_sample(page)
    readable = [one for one in page if one.get("external_id") and one["client_price"] is not None]
    theirs = documented_sample(readable)
    assert "field" in theirs and "field-service" not in theirs
    assert "visitor" in theirs  # as if that were a department
    assert Decimal(str(round(sum(theirs.values()), 2))) < total(ours) / 4


async def test_what_changed_behind_our_back_is_read_anew(
    archive: Sandbox, make_settings: MakeSettings
) -> None:
    month = Period.month(2023, 3, BERLIN)
    moments = [month.start + timedelta(hours=n) for n in range(1, 4)]
    archive.seed(at=[utc(one) for one in moments], seed=3)
    settings = make_settings(archive)
    async with Session(settings) as session:
        assert (await session.report(month, status=None)).value.bookings == 3
        known = await session.report(month, status=None)
        assert (known.value.requests, known.value.checked, known.origin) == (1, 3, "live")
        archive.seed(at=[utc(month.start + timedelta(days=3))], seed=4)  # a late one
        late = await session.report(month, status=None)
    assert (late.value.bookings, late.value.checked, late.value.complete) == (4, None, True)


async def test_cancelled_it_keeps_what_was_read_and_goes_on_from_there(
    archive: Sandbox, make_settings: MakeSettings
) -> None:
    rows = truth(archive, BUSY)
    archive.clear_log()
    async with Session(make_settings(archive)) as session:

        def stop(progress: Progress) -> None:
            if progress.share > 0.4 and task is not None:
                task.cancel()

        reading = asyncio.create_task(session.report(BUSY, on_progress=stop))
        task: asyncio.Task[Any] | None = reading
        with pytest.raises(asyncio.CancelledError):
            await reading
        before, task = asked(archive), None
        part = await session.summed(BUSY, "department")
        assert not part.value.complete and 0 < total(part) < total_of(rows)
        assert part.value.problems[0].startswith("from Wed 1 May 2024 00:00 to ")
        whole = await session.report(BUSY)
        assert whole.value.complete and total(whole) == total_of(rows)
        assert whole.value.requests == asked(archive) - before
        assert asked(archive) <= 4 * (len(rows) // 100 + 1)  # nothing was read from the beginning


async def test_near_the_end_of_the_month_nobody_there_spends_no_more(
    archive: Sandbox, make_settings: MakeSettings
) -> None:
    month = Period.month(2023, 6, BERLIN)
    asked_for: list[int | None] = []
    archive.use_quota(9_990_000)
    try:
        async with Session(make_settings(archive)) as session:
            spared = (await session.report(month)).value
            assert (spared.complete, spared.requests, spared.bookings) == (False, 0, 0)
            assert spared.problems[-1] == "the last requests of the month were spared"

            async def yes() -> bool:
                asked_for.append(session.month_left)
                return True

            result = await session.report(month, may_ask=yes)
    finally:
        archive.use_quota(0)
    assert result.value.complete and len(asked_for) == 1 and (asked_for[0] or 0) < 10_001


async def test_a_line_that_fails_leaves_what_is_known(
    archive: Sandbox, make_settings: MakeSettings
) -> None:
    async with Session(make_settings(archive)) as session:
        await session.report(LEAP, status=None)
        archive.fault("error", match="GET /bookings", times=5)
        known = await session.report(LEAP, status=None)
        archive.clear_faults()
        assert (known.origin, known.value.complete) == ("cache", True)
        assert known.problem is not None
        archive.fault("error", match="GET /bookings", times=5)
        with pytest.raises(NothingRemembered) as nothing:
            await session.report(Period.month(2022, 2, BERLIN))
        archive.clear_faults()
    assert nothing.value.problem is not None


async def test_a_month_that_goes_on_is_read_until_now_and_then_further(
    archive: Sandbox, make_settings: MakeSettings
) -> None:
    this = Period.read("this", BERLIN, datetime.now(UTC))
    async with Session(make_settings(archive)) as session:
        first = await session.report(this, status=None)
        again = await session.report(this, status=None)
    assert first.value.complete and not first.value.is_over
    assert again.value.requests == 1 and again.value.until >= first.value.until


async def test_a_fifth_of_the_minute_is_left_to_whoever_books_meanwhile() -> None:
    reset = NOON + timedelta(seconds=40)
    line = Connection("online", NOON, limit=100, remaining=20, reset_at=reset)
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        account.connection = replace(line, remaining=21)

    clock = SimpleNamespace(now=lambda: NOON, sleep=sleep)
    account = SimpleNamespace(line=SimpleNamespace(clock=clock, note=lambda: None), connection=line)
    told: list[datetime | None] = []
    await Reporting._leave_room(account, told.append)  # type: ignore[arg-type]
    assert slept == [40.0]
    assert told == [reset, None]
    await Reporting._leave_room(account, told.append)  # type: ignore[arg-type]
    assert len(slept) == 1


async def test_the_fleets_table_byte_for_byte_is_summed_as_our_own_report(
    archive: Sandbox, make_settings: MakeSettings
) -> None:
    first, last = BUSY.first - timedelta(days=1), BUSY.last + timedelta(days=1)  # of UTC
    at = datetime(2024, 6, 2, tzinfo=UTC)
    async with Session(make_settings(archive)) as session:
        archive.clear_log()
        body = await fleet.export(session, first, last)
        assert len(archive.log()) == 1 and body.startswith(b"\xef\xbb\xbfbooking_id;")
        file = fleet.FleetFile(body, at, session.settings, ZoneInfo("UTC"))
        theirs, ours = file.report(BUSY, "department", "COMPLETED"), await session.report(BUSY)
        assert theirs.value.rows == ours.value.rows and theirs.value.totals == ours.value.totals
        assert (theirs.origin, theirs.fetched_at, theirs.value.complete) == ("cache", at, True)
        opened = await file.report_bookings(BUSY, "department", status="COMPLETED")
        assert len(opened) == theirs.value.bookings
        archive.fault("empty", match="GET /fleet/reports/export", times=None)
        with pytest.raises(BadAnswer):
            await fleet.export(session, first, last)
        archive.clear_faults()
    async with Session(make_settings(archive, offline=True)) as session:
        with pytest.raises(Unreachable, match="Offline by choice"):
            await fleet.export(session, first, last)
