"""A table of bookings: checked whole, sent slowly, repeated without booking any row twice."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given

from pm_tui.api.errors import Suspended
from pm_tui.config import Settings
from pm_tui.models.charger import Location
from pm_tui.models.query import SearchQuery
from pm_tui.services import batch as batches
from pm_tui.services import batch_file, batch_send, find
from pm_tui.services.batch import Batch, BatchError
from pm_tui.services.batch_send import PACE
from pm_tui.services.ledger import Place
from pm_tui.services.session import Session
from tests.conftest import NOBODY, MakeSettings
from tests.sandbox_process import Sandbox
from tests.services.conftest import BERLIN, a_request
from tests.strategies import unicode_text

EVSE = "DE*ENB*E100000*2"
OTHER = "DE*ENB*E100000*3"
LONDON = ZoneInfo("Europe/London")


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch, hasty: None) -> None:
    monkeypatch.setattr("pm_tui.api.agent._BOOKING_TOTAL", 0.5)
    monkeypatch.setattr("pm_tui.services.book.FIRST_LOOK", 0.0)
    monkeypatch.setattr("pm_tui.services.settle.GRACE", timedelta(seconds=0.3))


class Waits:
    """What was waited for; it is over at once."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


def a_table(path: Path, count: int = 3, **more: str) -> Path:
    """Rows for windows that nobody else in this run books."""
    columns = ["location_id", "evse_uid", "from", "to", "external_id", *more]
    rows = []
    for _row in range(count):
        body = a_request().body()
        window = [body["reservation_start"], body["reservation_end"]]
        rows.append([body["location_id"], EVSE, *window, body["external_id"], *more.values()])
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([columns, *rows])
    return path


def read(path: Path, now: datetime, places: Mapping[str, Place] | None = None) -> Batch:
    batch = batch_file.load(path)
    batch_file.check(batch, now, places or {})
    return batch


def checked(path: Path) -> Batch:
    return read(path, datetime.now(UTC))


async def run(session: Session, path: Path, waits: Waits | None = None) -> Batch:
    batch = checked(path)
    await batches.know(session, batch)
    async for _row in batch_send.send(session, batch, sleep=waits or Waits()):
        batch_file.write(batch, batch_file.result_path(path))
    batch_file.write(batch, batch_file.result_path(path))
    return batch


def posts(gateway: Sandbox) -> list[str]:
    return [
        str(one["external_id"])
        for one in gateway.log()
        if one["method"] == "POST" and one["path"].endswith("/bookings")
    ]


async def test_every_row_is_booked_paced_and_written_back(
    session: Session, gateway: Sandbox, tmp_path: Path
) -> None:
    path, waits = a_table(tmp_path / "night.csv"), Waits()
    batch = await run(session, path, waits)
    assert [row.state for row in batch.rows] == ["booked"] * 3
    assert [row.number for row in batch.rows] == [2, 3, 4]
    assert len(posts(gateway)) == 3
    assert waits.seconds[0] <= 0
    assert all(PACE - 0.5 < waited <= PACE for waited in waits.seconds[1:])
    with (tmp_path / "night.out.csv").open(newline="") as file:
        told = list(csv.DictReader(file))
    truth = {one["external_id"]: one["id"] for one in gateway.bookings()}
    assert [one["outcome"] for one in told] == ["booked"] * 3
    assert [one["booking_id"] for one in told] == [truth[one["external_id"]] for one in told]
    assert [one["booked_as"] for one in told] == [one["external_id"] for one in told]
    assert {one.name for one in tmp_path.glob("*night*")} == {"night.csv", "night.out.csv"}


async def test_repeated_no_row_is_booked_twice_whatever_the_table_is_called(
    session: Session, gateway: Sandbox, tmp_path: Path
) -> None:
    path = a_table(tmp_path / "a.csv")
    first = await run(session, path)
    path.rename(tmp_path / "b.csv")
    again = await run(session, tmp_path / "b.csv")
    assert [row.booking_id for row in again.rows] == [row.booking_id for row in first.rows]
    given_back = await run(session, tmp_path / "a.out.csv")  # with the columns of the results
    assert [row.state for row in given_back.rows] == ["booked"] * 3
    assert len(posts(gateway)) == 3


async def test_interrupted_anywhere_it_goes_on(
    settings: Settings, gateway: Sandbox, tmp_path: Path
) -> None:
    path = a_table(tmp_path / "a.csv", 4)
    async with Session(settings) as session:
        batch = checked(path)
        async for row in batch_send.send(session, batch, sleep=Waits()):
            if row.number == 3:
                break  # the window was closed
    async with Session(settings) as session:
        batch = await run(session, path)
    assert [row.state for row in batch.rows] == ["booked"] * 4
    assert set(Counter(posts(gateway)).values()) == {1}


async def test_a_lost_answer_is_settled_at_the_end_and_not_sent_again(
    session: Session, gateway: Sandbox, tmp_path: Path
) -> None:
    path = a_table(tmp_path / "a.csv")
    gateway.fault("late", match="POST /bookings", seconds=0.1)
    batch = await run(session, path)
    assert [row.state for row in batch.rows] == ["booked"] * 3
    assert all(row.booking_id for row in batch.rows)
    gateway.fault("drop", match="POST /bookings")
    other = a_table(tmp_path / "b.csv", 2)
    batch = await run(session, other)
    assert [row.state for row in batch.rows] == ["unknown", "booked"]
    batch = await run(session, other)
    assert [row.state for row in batch.rows] == ["unknown", "booked"], "a person decides"
    assert set(Counter(posts(gateway)).values()) == {1}


async def test_refused_rows_do_not_stop_the_others_and_are_tried_again(
    session: Session, gateway: Sandbox, tmp_path: Path
) -> None:
    path = a_table(tmp_path / "a.csv")
    gateway.fault("error", match="POST /bookings", status=409, text="=cmd()")
    batch = await run(session, path)
    assert [row.state for row in batch.rows] == ["refused", "booked", "booked"]
    assert "=cmd()" in batch.rows[0].reason
    batch = await run(session, path)
    assert [row.state for row in batch.rows] == ["booked"] * 3
    assert len(posts(gateway)) == 4


async def test_a_full_minute_is_waited_for(
    session: Session, gateway: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = a_table(tmp_path / "a.csv", 1)
    gateway.fault("429_seconds", match="POST /bookings", seconds=7)
    waits = Waits()

    async def wait(seconds: float) -> None:
        await waits(seconds)
        client = session.line._client
        if client is not None:
            client.gate.unblock()

    batch = checked(path)
    async for _row in batch_send.send(session, batch, sleep=wait):
        pass
    assert [row.state for row in batch.rows] == ["booked"]
    assert any(6 < waited <= 7.5 for waited in waits.seconds)


async def test_near_the_minutes_end_some_requests_are_left_to_people(
    session: Session, tmp_path: Path
) -> None:
    reset = session.now() + timedelta(seconds=30)
    session.line.connection = replace(session.connection, remaining=3, reset_at=reset)
    assert 29 < batch_send._until_allowed(session) <= 30
    session.line.connection = replace(session.connection, remaining=50, reset_at=reset)
    assert batch_send._until_allowed(session) == 0


@pytest.mark.parametrize("fault", ["suspended", "429_monthly"])
async def test_where_no_row_can_be_booked_it_stops(
    session: Session, gateway: Sandbox, tmp_path: Path, fault: str
) -> None:
    gateway.fault(fault, match="POST /bookings", times=None)
    batch = await run(session, a_table(tmp_path / "a.csv"))
    assert [row.state for row in batch.rows] == ["not sent"] * 3
    assert batch.stopped is not None
    assert isinstance(batch.stopped, Suspended) == (fault == "suspended")
    assert len(posts(gateway)) == 1


async def test_without_a_line_nothing_is_sent(
    make_settings: MakeSettings, gateway: Sandbox, tmp_path: Path
) -> None:
    settings = replace(make_settings(gateway), base_url=NOBODY)
    async with Session(settings) as session:
        batch = await run(session, a_table(tmp_path / "a.csv"))
    assert [row.state for row in batch.rows] == ["not sent"] * 3


async def test_the_estimate_is_what_the_last_search_said(session: Session, tmp_path: Path) -> None:
    batch = checked(a_table(tmp_path / "a.csv", 2))
    await batches.estimate(session, batch)
    assert (batch.total, batch.rows[0].estimate) == ({}, None)
    found = await session.search(SearchQuery(BERLIN.latitude, BERLIN.longitude))
    place = next(one for one in found.value.locations if one.location_id == "DE-ENB-E100000")
    await batches.estimate(session, batch)
    assert place.estimated_price is not None
    assert batch.total == {"EUR": Decimal(2) * place.estimated_price}


async def test_a_row_whose_time_has_come_is_right_when_it_is_booked(
    session: Session, tmp_path: Path
) -> None:
    path = a_table(tmp_path / "a.csv", 1)
    await run(session, path)
    later = datetime.now(UTC) + timedelta(days=400)
    batch = read(path, later)
    assert batch.errors
    await batches.know(session, batch)
    assert batch.errors == []
    assert batch.to_send == []


# -- checked before anything is sent ----------------------------------------------

HEADER = "location_id,evse_uid,from,to,external_id,token_strategy,customer_id\n"
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def parsed(text: str | bytes, tmp_path: Path) -> Batch:
    path = tmp_path / "t.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read(path, NOW)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("L,E,2026-11-24 14:00,2026-11-24 13:00,,,", "end must follow"),
        ("L,E,2026-11-20 14:00,2026-11-24 13:00,,,", "has passed"),
        ("L,E,tomorrow 9,2026-11-24 13:00,,,", "date, year and time"),
        ("L,E,14:30,2026-11-24 13:00,,,", "date, year and time"),
        ("L,E,+2h,2026-11-24 13:00,,,", "date, year and time"),
        ("L,E,soon,2026-11-24 13:00,,,", "from: "),
        ("L,E,,2026-11-24 13:00,,,", "Give a start"),
        ("L,,2026-11-24 12:00,2026-11-24 13:00,,,", "EVSE"),
        (",E,2026-11-24 12:00,2026-11-24 13:00,,,", "location_id"),
        ("L,E,2026-11-24 12:00,2026-11-24 13:00,,mine,", "no such token strategy"),
        ("L,E,2026-11-24 12:00,2026-11-24 13:00,,driver_token,", "needs a customer id"),
        ("L,E,2026-11-24 12:00,2026-11-24 13:00,,,c1", "token strategy"),
    ],
)
def test_a_wrong_row_is_named(tmp_path: Path, row: str, problem: str) -> None:
    good = "L,X,2026-11-24 12:00,2026-11-24 13:00,,,\n"
    batch = parsed(HEADER + good + row + "\n", tmp_path)
    assert any(one.startswith("row 3: ") and problem in one for one in batch.errors)
    assert not any(one.startswith("row 2: ") for one in batch.errors)


async def test_a_table_with_one_wrong_row_is_not_sent(
    session: Session, gateway: Sandbox, tmp_path: Path
) -> None:
    path = a_table(tmp_path / "a.csv")
    path.write_text(path.read_text() + "L,E,2026-11-24 14:00,2026-11-24 13:00,\n")
    batch = checked(path)
    with pytest.raises(BatchError):
        await anext(batch_send.send(session, batch))
    assert posts(gateway) == []


TWO = "L,E,2026-11-24 12:00,2026-11-24 13:00,,,\nL,E,2026-11-25T12:00Z,2026-11-25T13:00Z,,,\n"


def test_times_without_a_zone_are_those_of_the_charger(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(HEADER + TWO)
    for known, hour in (({}, 11), ({"L": Place("x", LONDON)}, 12), ({"L": Place("x")}, 11)):
        batch = read(tmp_path / "t.csv", NOW, known)
        starts = [row.request and row.request.reservation_start for row in batch.rows]
        assert starts == [
            datetime(2026, 11, 24, hour, tzinfo=UTC),
            datetime(2026, 11, 25, 12, tzinfo=UTC),
        ]


@pytest.mark.parametrize(
    ("zone", "time", "said"),
    [
        (None, "2027-03-28 02:30", "does not exist"),
        (LONDON, "2027-03-28 01:30", "does not exist"),
        (None, "2027-10-31 02:30", "happens twice"),
    ],
)
def test_an_hour_that_the_chargers_clock_skips_or_repeats_is_named(
    tmp_path: Path, zone: ZoneInfo | None, time: str, said: str
) -> None:
    (tmp_path / "t.csv").write_text(f"{HEADER}L,E,{time},2027-12-01 12:00,,,\n")
    batch = read(tmp_path / "t.csv", NOW, {"L": Place("x", zone)})
    assert any(said in one for one in batch.errors)


@pytest.mark.parametrize("viewer", ["Europe/Berlin", "America/New_York"])
async def test_a_zone_that_is_learnt_between_does_not_book_again(
    make_settings: MakeSettings, gateway: Sandbox, tmp_path: Path, viewer: str
) -> None:
    """Neither does one that earlier versions read: the viewer's."""
    path = tmp_path / "a.csv"
    local = ZoneInfo(viewer)
    async with Session(make_settings(gateway, timezone=viewer)) as session:
        body = a_request().body()
        start, end = (
            datetime.fromisoformat(body[f"reservation_{edge}"]).astimezone(local)
            for edge in ("start", "end")
        )
        cells = (body["location_id"], EVSE, f"{start:%Y-%m-%d %H:%M}", f"{end:%Y-%m-%d %H:%M}")
        path.write_text(f"location_id,evse_uid,from,to\n{','.join(map(str, cells))}\n")
        before = batch_file.load(path)
        places = {str(body["location_id"]): Place("x", local)}
        batch_file.check(before, datetime.now(UTC), places)
        async for _row in batch_send.send(session, before, sleep=Waits()):
            pass
        stores = await session._open_stores()
        raw = {
            "location_id": body["location_id"],
            "time_zone": "Europe/London",
            "coordinates": {"latitude": "51.5", "longitude": "0"},
        }
        known = find.entries([Location.read(raw)])
        await session.in_worker(stores.directory.add, known, session.now())
        again, _places = await batch_file.read_known(session, path, datetime.now(UTC))
        assert [row.state for row in again.rows] == ["booked"]
        assert again.rows[0].request == before.rows[0].request
        (path.parent / "b.csv").write_text(path.read_text().replace(EVSE, OTHER))
        other, known_now = await batch_file.read_known(session, tmp_path / "b.csv", session.now())
        assert known_now[str(body["location_id"])].zone == LONDON
        assert other.rows[0].request is not None
        london = f"{other.rows[0].request.reservation_start.astimezone(LONDON):%Y-%m-%d %H:%M}"
        assert london == cells[2], "what was not sent before is read by the charger's clock"
    assert len(posts(gateway)) == 1


@pytest.mark.parametrize(
    "windows",
    [
        [("12:00", "13:00"), ("12:30", "14:00")],
        [("12:00", "18:00"), ("12:30", "13:00"), ("14:00", "15:00")],
        [("12:00", "13:00"), ("12:00", "13:00")],
    ],
)
def test_two_rows_for_one_point_at_one_time(tmp_path: Path, windows: list[tuple[str, str]]) -> None:
    rows = [f"L,E,2026-11-24 {start},2026-11-24 {end},,,\n" for start, end in windows]
    batch = parsed(HEADER + "".join(rows), tmp_path)
    assert len(batch.errors) == len(windows) - 1
    touching = (
        "L,E,2026-11-24 12:00,2026-11-24 13:00,,,\nL,E,2026-11-24 13:00,2026-11-24 14:00,,,\n"
    )
    assert parsed(HEADER + touching, tmp_path).errors == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        HEADER,
        "location_id,evse_uid,from\nL,E,2026-11-24 12:00\n",
        HEADER.strip() + ",colour\nL,E,2026-11-24 12:00,2026-11-24 13:00,,,,red\n",
        "from,from,to,evse_uid,location_id\n1,2,3,4,5\n",
        b"\xff\xfe\x00",
        b"location_id,evse_uid,from,to\n\x00\n",
        b"x" * (4 * 2**20 + 1),
    ],
)
def test_what_is_no_table_of_bookings(tmp_path: Path, text: str | bytes) -> None:
    with pytest.raises(BatchError):
        batch = parsed(text, tmp_path)
        if batch.errors:
            raise BatchError(batch.errors[0])


def test_as_a_german_spreadsheet_writes_it(tmp_path: Path) -> None:
    text = (
        "Location_ID;EVSE UID;Start;End;Strategy\r\n"
        'L;"E";24.11.2026 12:00;24.11.2026 13:00;ad_hoc\r\n;;;;\r\n'
    )
    batch = parsed(b"\xef\xbb\xbf" + text.encode(), tmp_path)
    assert batch.errors == []
    (row,) = batch.rows
    assert row.request is not None
    assert row.request.reservation_start == datetime(2026, 11, 24, 11, tzinfo=UTC)
    assert row.request.token_strategy == "ad_hoc"
    batch_file.write(batch, tmp_path / "t.out.csv")
    assert (tmp_path / "t.out.csv").read_text().startswith("location_id;evse_uid;from;to;token_st")


@given(unicode_text(max_size=30))
def test_nothing_that_a_server_says_is_a_formula(text: str) -> None:
    assert not batch_file._safe(text).startswith(("=", "+", "-", "@", "\t", "\r"))


async def test_a_disk_that_cannot_hold_the_result_is_told_and_leaves_nothing(
    tmp_path: Path, settings: Settings
) -> None:
    batch = checked(a_table(tmp_path / "a.csv", 1))
    with pytest.raises(FileNotFoundError, match=r"/no/a\.out\.csv'$"):
        batch_file.write(batch, tmp_path / "no" / "a.out.csv")
    old = tmp_path / "a.out.csv"
    old.mkdir()
    with pytest.raises(OSError):
        batch_file.write(batch, old)
    assert sorted(one.name for one in tmp_path.glob("*a.*")) == ["a.csv", "a.out.csv"]
