"""`pm-tui bookings`, `booking`, `usage`."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from pm_tui import i18n
from pm_tui.cli import main
from pm_tui.cli.bookings import _columns, _rows, edge
from pm_tui.cli.output import cells, layout
from pm_tui.i18n import LANGUAGES
from pm_tui.models.booking import Booking
from pm_tui.models.result import Result
from pm_tui.models.usage import Usage
from pm_tui.services.bookings import BookingList
from tests.cli.conftest import NOW, FakeSession

RAW: dict[str, Any] = {
    "id": "b-1",
    "status": "CONFIRMED",
    "status_updated_at": "2026-11-24T11:00:00Z",
    "client_price": 18.75,
    "client_price_currency": "EUR",
    "external_id": "sales-emp1-20261124",
    "location_city": "Berlin\u202e",
    "location_id": "DE-ENB-1",
    "evse_uid": "DE*ENB*E1*1",
    "reservation_start": "2026-11-24T14:00:00+01:00",
    "reservation_end": "2026-11-24T15:30:00Z",
    "token": {"uid": "04AB"},
    "something_new": [1, {"a": None}],
}
DOCUMENTED = [
    "id",
    "status",
    "status_updated_at",
    "cpo_reservation_id",
    "client_price",
    "client_price_currency",
    "external_id",
    "location_city",
    "created_at",
    "location_id",
    "evse_uid",
    "connector_id",
    "reservation_start",
    "reservation_end",
    "token_strategy",
    "customer_id",
    "token_id",
    "fleet_group_id",
    "token_uid",
]


def one(**changes: Any) -> Result[Booking]:
    return Result(Booking.read({**RAW, **changes}), "live", NOW)


def listed(*raws: dict[str, Any], complete: bool = True, skipped: int = 0) -> Result[BookingList]:
    bookings = tuple(Booking.read(raw) for raw in raws)
    return Result(BookingList(bookings, complete, skipped), "live", NOW)


def test_the_list_as_a_document(session: FakeSession, capsys: pytest.CaptureFixture[str]) -> None:
    session.answers["bookings"] = listed(RAW, {"id": "b-2"})
    assert main(["bookings", "--json"]) == 0
    told = capsys.readouterr()
    assert told.err == ""
    assert '"client_price":18.75,' in told.out
    shown = json.loads(told.out)
    assert list(shown) == ["origin", "fetched_at", "bookings"]
    first, second = shown["bookings"]
    assert list(first) == [*DOCUMENTED, "token", "something_new"]
    assert list(second) == DOCUMENTED
    assert first["reservation_start"] == "2026-11-24T13:00:00Z"
    assert first["token"] == {"uid": "04AB"}
    assert first["something_new"] == [1, {"a": None}]
    assert second["status"] == "UNKNOWN"
    assert second["client_price"] is None


def test_the_list_as_a_table(session: FakeSession, capsys: pytest.CaptureFixture[str]) -> None:
    session.answers["bookings"] = listed(RAW, {"id": "b\u202e2"}, complete=False, skipped=2)
    assert main(["bookings"]) == 0
    told = capsys.readouterr()
    assert told.out.splitlines()[0] == "2 bookings, live"
    row = told.out.splitlines()[2]
    for part in ("confirmed", "Tue 24 Nov 14:00 CET", "2 h 30 min", "€18.75", "DE-ENB-1", "b-1"):
        assert part in row
    assert "b\\u202e2" in told.out
    assert "\u202e" not in told.out
    assert told.err.splitlines() == [
        "pm-tui: the server may hold more bookings than it told; narrow the list with --since",
        "pm-tui: 2 bookings could not be read",
    ]


def test_a_whole_date_leaves_room_for_the_id(session: FakeSession) -> None:
    ids = [str(UUID(int=n)) for n in range(1, 4)]
    starts = ("2027-01-04T08:00:00Z", "2027-10-30T23:00:00Z", None)
    session.answers["bookings"] = listed(
        *(
            {**RAW, "id": one, "status": "PENDING", "reservation_start": start}
            for one, start in zip(ids, starts, strict=True)
        )
    )
    found = session.answers["bookings"].value.bookings
    for language in LANGUAGES:
        i18n.use(language)
        for shown in (found[:1], found):
            header, *lines = layout(_columns(), _rows(shown, {}), 80)
            assert all(cells(line) <= 80 for line in (header, *lines))
            assert [line.split()[-1] for line in lines] == [one.id for one in shown]


def test_the_words_of_a_state_are_those_of_the_screen(
    session: FakeSession, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PM_TUI_LANGUAGE", "de")
    session.answers["bookings"] = listed(RAW)
    assert main(["bookings"]) == 0
    assert "bestätigt" in capsys.readouterr().out
    assert main(["bookings", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["bookings"][0]["status"] == "CONFIRMED"


def test_the_question(session: FakeSession) -> None:
    session.answers["bookings"] = listed()
    line = "bookings --status confirmed --since 2026-10-25 --until 25.10.2026"
    assert main(line.split()) == 0
    assert session.asked == [
        (
            "bookings",
            None,
            {
                "status": "CONFIRMED",
                "since": datetime(2026, 10, 24, 22, tzinfo=UTC),
                "until": datetime(2026, 10, 25, 22, 59, 59, tzinfo=UTC),
            },
        )
    ], "the day of the clock change has 25 hours"


def test_days_whose_midnight_does_not_exist() -> None:
    zone = ZoneInfo("America/Santiago")  # changes at midnight, 2026-09-06
    day = edge("2026-09-06", zone, end=False)
    assert day == datetime(2026, 9, 6, 4, tzinfo=UTC)
    before = edge("2026-09-05", zone, end=True)
    assert before is not None
    assert before.astimezone(UTC) == datetime(2026, 9, 6, 3, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    "line",
    [
        "bookings --since 2026-02-30",
        "bookings --since sometime",
        "bookings --until 9999-12-31",
        "bookings --since 2026-02-02 --until 2026-02-01",
        "booking b-1 --watch --offline",
    ],
)
def test_refused_before_anything_is_asked(
    session: FakeSession, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    assert main(line.split()) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1
    assert session.asked == []


def test_one_booking(session: FakeSession, capsys: pytest.CaptureFixture[str]) -> None:
    session.answers["booking"] = one()
    assert main(["booking", "b-1"]) == 0
    facts = dict(line.split("  ", 1) for line in capsys.readouterr().out.splitlines())
    found = {name: value.strip() for name, value in facts.items()}
    assert found["Status"] == "CONFIRMED (confirmed)"
    assert found["Start"] == "Tue 24 Nov 2026 14:00 CET"
    assert found["Location"] == "DE-ENB-1, Berlin\ufffd"
    assert found["token.uid"] == "04AB"
    assert found["Source"] == "live"
    assert "Connector" not in found


def test_one_booking_as_a_document(
    session: FakeSession, capsys: pytest.CaptureFixture[str]
) -> None:
    session.answers["booking"] = one()
    assert main(["booking", "b-1", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert list(shown) == ["origin", "fetched_at", "booking"]
    assert shown["booking"]["id"] == "b-1"


def test_watching_tells_each_change_once(
    session: FakeSession, capsys: pytest.CaptureFixture[str]
) -> None:
    states = ("REQUESTED", "PENDING", "PENDING", "CONFIRMED")
    session.answers["watch"] = [one(status=status) for status in states]
    assert main(["booking", "b-1", "--watch"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[-1] for line in lines[:3]] == ["requested", "operator", "confirmed"]
    assert lines[3].startswith("Booking")


def test_watching_as_a_document_is_one_document(
    session: FakeSession, capsys: pytest.CaptureFixture[str]
) -> None:
    session.answers["watch"] = [one(status="PENDING"), one(status="CANCELLED")]
    assert main(["booking", "b-1", "--watch", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["booking"]["status"] == "CANCELLED"


def test_watching_in_vain(session: FakeSession, capsys: pytest.CaptureFixture[str]) -> None:
    session.answers["watch"] = [one(status="PENDING")] * 3
    assert main(["booking", "b-1", "--watch"]) == 8
    told = capsys.readouterr()
    assert "PENDING" in told.out
    assert told.err == "pm-tui: not decided yet; the booking still waits.\n"


def test_usage(session: FakeSession, capsys: pytest.CaptureFixture[str]) -> None:
    usage = Usage(100, 87, NOW, 10_000, 1_234, 8_766, datetime(2026, 12, 1, tzinfo=UTC))
    session.answers["usage"] = Result(usage, "live", NOW)
    assert main(["usage"]) == 0
    text = capsys.readouterr().out
    assert "87 of 100" in text
    assert "1,234 of 10,000" in text
    assert main(["usage", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "origin": "live",
        "fetched_at": "2026-11-24T12:00:00Z",
        "rate_limit": {"limit": 100, "remaining": 87, "reset_at": "2026-11-24T12:00:00Z"},
        "monthly_quota": {
            "limit": 10_000,
            "used": 1_234,
            "remaining": 8_766,
            "resets_at": "2026-12-01T00:00:00Z",
        },
    }


def test_unknown_usage_is_not_zero(
    session: FakeSession, capsys: pytest.CaptureFixture[str]
) -> None:
    session.answers["usage"] = Result(Usage(), "live", NOW)
    assert main(["usage"]) == 0
    assert "0" not in capsys.readouterr().out
