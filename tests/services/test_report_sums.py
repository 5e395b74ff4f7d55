"""From bookings to rows: kept in columns, summed by SQLite, equal to Decimal sums of our own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from pm_tui.cache import faults
from pm_tui.cache.moments import utc_now
from pm_tui.cache.reports import NAME, Part, ReportStore
from pm_tui.services.report import CENT, apportioned, compared, rows_of
from pm_tui.services.report_period import Period
from pm_tui.services.report_read import Reading, in_force
from pm_tui.services.report_reference import Reader
from pm_tui.services.report_rows import BYS, Key, entry_of
from pm_tui.services.report_sweep import Told

BERLIN = ZoneInfo("Europe/Berlin")
OCTOBER = Period.month(2026, 10, BERLIN)
NOON = datetime(2026, 10, 14, 10, tzinfo=UTC)
READER = Reader()


def raw(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": f"b{number:05}",
        "status": "COMPLETED",
        "created_at": (NOON + timedelta(minutes=number)).isoformat(),
        "client_price": Decimal("18.75"),
        "client_price_currency": "EUR",
        "external_id": "sales-emp1-20261014",
        "location_city": "Köln",
        "location_id": "DE-ENB-E1",
    } | changes


def filled(*raws: dict[str, Any], folder: Path | None = None) -> ReportStore:
    store = ReportStore(folder, faults.Notices(), utc_now)
    part = Part(OCTOBER.start, OCTOBER.end, utc_now())
    store.keep(part, [entry_of(one, READER, OCTOBER.start) for one in raws])
    return store


def test_what_cannot_be_grouped_stands_in_rows_of_its_own() -> None:
    store = filled(
        raw(1),
        raw(2, external_id="field-service-emp2-20261014"),
        raw(3, external_id="visitor-reception-20261014"),
        raw(4, external_id="my-ref-001"),
        raw(5, external_id=None),
        raw(6, external_id="g7-drv1-20261014", fleet_group_id="g7", location_city=None),
        raw(7, client_price=None),
        raw(8, status="CANCELLED"),
    )
    rows, totals = rows_of(store, OCTOBER, "department", "COMPLETED")
    assert [(row.key.name, row.bookings, row.unpriced, str(row.total)) for row in rows] == [
        ("field-service", 1, 0, "18.75"),
        ("sales", 2, 1, "18.75"),
        ("(missing)", 1, 0, "18.75"),
        ("(other references)", 1, 0, "18.75"),
        ("(unparsed)", 1, 0, "18.75"),
        ("(visitors)", 1, 0, "18.75"),
    ]
    assert [(one.currency, one.bookings, one.unpriced, str(one.total)) for one in totals] == [
        ("EUR", 7, 1, "112.50")
    ]
    by_status, _totals = rows_of(store, OCTOBER, "status", None)
    assert [(row.key.text, row.bookings) for row in by_status] == [
        ("COMPLETED", 7),
        ("CANCELLED", 1),
    ]
    by_group, _totals = rows_of(store, OCTOBER, "group", "COMPLETED")
    assert [(row.key.name, row.bookings) for row in by_group] == [("g7", 1), ("(missing)", 6)]


def test_currencies_are_never_added() -> None:
    store = filled(
        raw(1),
        raw(2, client_price=Decimal(10), client_price_currency="CHF"),
        raw(3),
        raw(4, client_price=None, client_price_currency=None),
    )
    rows, totals = rows_of(store, OCTOBER, "department", None)
    assert [(one.currency, one.bookings, str(one.total)) for one in totals] == [
        ("EUR", 3, "37.50"),  # with the one that has neither price nor currency
        ("CHF", 1, "10.00"),
    ]
    assert [(row.currency, row.unpriced) for row in rows] == [("EUR", 1), ("CHF", 0)]


def test_a_day_of_the_clock_change_is_one_day_of_25_hours() -> None:
    first = datetime(2026, 10, 24, 22, tzinfo=UTC)  # midnight
    hours = [raw(n, created_at=(first + timedelta(hours=n)).isoformat()) for n in range(-1, 26)]
    store = filled(*hours, raw(99, created_at=None))
    rows, _totals = rows_of(store, OCTOBER, "day", None)
    assert [(row.key.name, row.bookings) for row in rows] == [
        ("2026-10-24", 1),
        ("2026-10-25", 25),
        ("2026-10-26", 1),
        ("(missing)", 1),
    ]


def test_the_first_and_last_moment_of_the_month() -> None:
    edges = [
        raw(n, created_at=at)
        for n, at in enumerate(
            (
                "2026-09-30T21:59:59.999Z",  # September in Berlin
                "2026-09-30T22:00:00Z",
                "2026-10-31T22:59:59.999Z",
                "2026-10-31T23:00:00Z",  # November
            )
        )
    ]
    _rows, totals = rows_of(filled(*edges), OCTOBER, "department", None)
    assert totals[0].bookings == 2


def test_the_period_before_beside_this_one() -> None:
    store = filled(raw(1), raw(2, external_id="it-emp1-20261014"))
    rows, _totals = rows_of(store, OCTOBER, "department", None)
    old, _totals = rows_of(filled(raw(1, external_id="hr-emp1-20261014"), raw(2)), OCTOBER,
                           "department", None)  # fmt: skip
    both = [(row.key.text, row.bookings, str(row.before)) for row in compared(rows, old)]
    assert both == [("it", 1, "0"), ("sales", 1, "18.75"), ("hr", 0, "18.75")]


AMOUNTS = st.decimals(0, 1000, places=4)


@given(st.lists(AMOUNTS, min_size=1, max_size=30))
@examples(deadline=None, max_examples=80)
def test_rounded_rows_add_up_to_the_rounded_total(amounts: list[Decimal]) -> None:
    exact = {Key("value", f"k{n}"): amount for n, amount in enumerate(amounts)}
    rounded = apportioned(exact)
    assert sum(rounded.values()) == sum(amounts, Decimal(0)).quantize(CENT, ROUND_HALF_UP)
    assert all(abs(rounded[key] - exact[key]) < CENT for key in exact)


@given(
    st.lists(
        st.tuples(
            st.none() | st.decimals(0, 500, places=3),
            st.sampled_from(["EUR", "EUR", "CHF"]),
            st.sampled_from(["a-e1-20261014", "b-c-e2-20261014", "?", None]),
            st.sampled_from(["COMPLETED", "NO_SHOW"]),
        ),
        max_size=25,
    )
)
@examples(deadline=None, max_examples=25)
def test_every_grouping_has_the_total_of_a_plain_sum(rows: list[tuple[Any, ...]]) -> None:
    raws = [
        raw(n, client_price=price, client_price_currency=currency, external_id=ref, status=status)
        for n, (price, currency, ref, status) in enumerate(rows)
    ]
    exact: dict[str, Decimal] = defaultdict(Decimal)
    for price, currency, _ref, _status in rows:
        exact[currency] += price or 0
    wanted = {key: value.quantize(CENT, ROUND_HALF_UP) for key, value in exact.items()}
    store = filled(*raws)
    for by in BYS:
        report, totals = rows_of(store, OCTOBER, by, None)
        assert {str(one.currency): one.total for one in totals} == wanted
        assert sum(row.bookings for row in report) == len(rows)
        assert sum(row.unpriced for row in report) == sum(row[0] is None for row in rows)
        for one in totals:
            mine = [row.total for row in report if row.currency == one.currency]
            assert sum(mine, Decimal(0)) == one.total
    store.close()


# -- the file --------------------------------------------------------------------------


def test_it_is_there_after_a_restart_and_private(tmp_path: Path) -> None:
    filled(raw(1), folder=tmp_path).close()
    assert (tmp_path / NAME).stat().st_mode & 0o777 == 0o600
    again = ReportStore(tmp_path, faults.Notices(), utc_now)
    assert again.bookings(OCTOBER.start, OCTOBER.end) == [raw(1)]
    assert [part.odd for part in again.parts(OCTOBER.start, OCTOBER.end)] == [0]
    again.close()


def test_a_damaged_file_is_set_aside(tmp_path: Path) -> None:
    filled(raw(1), folder=tmp_path).close()
    (tmp_path / NAME).write_bytes(b"no database " * 400)
    notices = faults.Notices()
    store = ReportStore(tmp_path, notices, utc_now)
    assert store.parts(OCTOBER.start, OCTOBER.end) == []
    assert len(notices) == 1 and "set aside" in notices[0]
    store.close()


def test_where_nothing_can_be_written_memory_takes_its_place(tmp_path: Path) -> None:
    (tmp_path / NAME).mkdir()
    store = filled(raw(1), folder=tmp_path)
    assert len(store.bookings(OCTOBER.start, OCTOBER.end)) == 1
    store.close()


def test_other_patterns_make_the_rows_anew(tmp_path: Path) -> None:
    store = filled(raw(1, external_id="20261014/ops/anna"))
    reader = Reader(["{date}/{department}/{employee}"])
    for _again in range(2):
        store.read_again(reader.key, lambda told, at: entry_of(told, reader, at))
    rows, _totals = rows_of(store, OCTOBER, "employee", None)
    assert [row.key.text for row in rows] == ["anna"]


def test_a_part_read_again_replaces_what_was_there() -> None:
    store = filled(raw(1), raw(2))
    middle = NOON + timedelta(minutes=2)
    store.keep(
        Part(OCTOBER.start, middle, utc_now()),
        [entry_of(raw(1, client_price=Decimal(1)), READER, OCTOBER.start)],
    )
    told = store.bookings(OCTOBER.start, OCTOBER.end)
    assert [(one["id"], one["client_price"]) for one in told] == [
        ("b00001", Decimal(1)),
        ("b00002", Decimal("18.75")),
    ]


@pytest.mark.parametrize("by", BYS)
def test_the_store_answers_for_every_column(by: Any) -> None:
    rows, totals = rows_of(filled(raw(1)), OCTOBER, by, None)
    assert len(rows) == len(totals) == 1
    assert date(2026, 10, 14).isoformat() == rows[0].key.text or by != "day"


# -- what is read again ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "age", "ahead", "read_again"),
    [
        ("CONFIRMED", timedelta(minutes=9), timedelta(0), False),
        ("CONFIRMED", timedelta(minutes=11), timedelta(0), True),
        ("COMPLETED", timedelta(days=9), timedelta(0), False),
        # our clock is an hour ahead of the gateway's: what it dated is older than it looks
        ("CONFIRMED", timedelta(minutes=-30), timedelta(hours=-1), True),
    ],
)
async def test_only_what_may_have_changed_is_read_again(
    status: str, age: timedelta, ahead: timedelta, read_again: bool
) -> None:
    now = OCTOBER.end + timedelta(days=20)
    store = ReportStore(None, faults.Notices(), utc_now)
    row = raw(1, status=status)
    store.keep(Part(OCTOBER.start, OCTOBER.end, now - age), [entry_of(row, READER, OCTOBER.start)])

    async def ask(_since: datetime, _until: datetime) -> Told:
        return Told([row], now)

    async def in_store(work: Callable[[ReportStore], object]) -> object:
        return work(store)

    done = await Reading(ask, in_store, READER, lambda _progress: None).bring(OCTOBER, now, ahead)
    assert done.requests == 1
    assert done.checked == (None if read_again else 1)  # else one answer over all of it


async def brought(store: ReportStore, rows: list[dict[str, Any]], now: datetime) -> int:
    """October read once more; how many requests that took."""

    async def ask(since: datetime, until: datetime) -> Told:
        made = ((one, datetime.fromisoformat(one["created_at"])) for one in rows)
        return Told([one for one, at in made if since <= at <= until][:100], now)

    async def in_store(work: Callable[[ReportStore], object]) -> object:
        return work(store)

    reading = Reading(ask, in_store, READER, lambda _progress: None)
    return (await reading.bring(OCTOBER, now)).requests


def ages(store: ReportStore, now: datetime) -> list[timedelta]:
    return [
        now - one.read_at for one in in_force(store.parts(OCTOBER.start, now), OCTOBER.start, now)
    ]


@pytest.mark.parametrize(("bookings", "wanted"), [(70, [0]), (90, [60, 0])])
async def test_a_month_that_goes_on_is_as_new_as_its_oldest_part(
    bookings: int, wanted: list[int]
) -> None:
    """What fits in one answer is asked whole for the request that its end needs anyway."""
    now, middle = NOON + timedelta(days=1), NOON + timedelta(minutes=35)
    rows = [raw(n) for n in range(bookings)]
    store, before = ReportStore(None, faults.Notices(), utc_now), now - timedelta(minutes=1)
    entries = [entry_of(one, READER, OCTOBER.start) for one in rows]
    store.keep(Part(OCTOBER.start, middle, before), entries[:36])
    store.keep(Part(middle, before, before), entries[36:])
    assert await brought(store, rows, now) == 1
    assert ages(store, now) == [timedelta(seconds=one) for one in wanted]


def test_of_readings_that_overlap_the_newest_is_in_force() -> None:
    def at(day: int) -> datetime:
        return OCTOBER.start + timedelta(days=day)

    old, wide, new = (
        Part(at(-5), at(9), at(10)),
        Part(at(3), at(12), at(20)),
        Part(at(5), at(6), at(30)),
    )
    assert in_force([wide, new, old], at(0), at(11)) == [
        Part(at(0), at(3), at(10)),
        Part(at(3), at(5), at(20)),
        new,
        Part(at(6), at(11), at(20)),
    ]
    assert in_force([old, new], at(9), at(11)) == []


async def test_a_month_compared_within_a_longer_reading_leaves_the_rest_as_old_as_it_was() -> None:
    now = OCTOBER.end + timedelta(days=20)
    rows = [raw(1)]
    store = ReportStore(None, faults.Notices(), utc_now)
    long = Part(OCTOBER.previous().start, OCTOBER.end, now - timedelta(days=1))
    store.keep(long, [entry_of(one, READER, OCTOBER.start) for one in rows])
    assert await brought(store, rows, now) == 1
    parts = in_force(store.parts(long.since, long.until), long.since, long.until)
    assert [(one.since, one.read_at) for one in parts] == [
        (long.since, long.read_at), (OCTOBER.start, now),
    ]  # fmt: skip


async def test_what_is_known_in_the_middle_is_not_read_again_for_what_lies_around_it() -> None:
    now, rows = OCTOBER.end + timedelta(days=20), [raw(n) for n in range(9)]
    store = ReportStore(None, faults.Notices(), utc_now)
    middle = Part(NOON - timedelta(days=1), NOON + timedelta(days=1), now - timedelta(days=1))
    store.keep(middle, [entry_of(one, READER, OCTOBER.start) for one in rows])
    assert await brought(store, rows, now) == 2  # before and after it
    parts = in_force(store.parts(OCTOBER.start, OCTOBER.end), OCTOBER.start, OCTOBER.end)
    assert [one.read_at for one in parts] == [now, middle.read_at, now]
