"""What each method sends and how it reads the answer, over a real connection."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from pydantic import SecretStr

from pm_tui import __version__
from pm_tui.api.agent import AgentClient
from pm_tui.api.errors import BadAnswer, LoginPage, OutcomeUnknown
from pm_tui.models.query import SearchQuery
from pm_tui.models.request import BookingRequest
from tests.api.conftest import Serve
from tests.api.wire import FakeClock, says
from tests.canary import KEY as CANARY

BERLIN = SearchQuery(52.52, 13.405, connector_type="IEC_62196_T2_COMBO", limit=5)
REQUEST = BookingRequest(
    location_id="DE-ENB-E123456",
    evse_uid="DE*ENB*E123456*1",
    reservation_start=datetime(2026, 12, 1, 10, tzinfo=timezone(timedelta(hours=1))),
    reservation_end=datetime(2026, 12, 1, 12, tzinfo=UTC),
    external_id="ops-emp042-20261201-k3x9aa",
)


async def test_a_search(serve: Serve, clock: FakeClock) -> None:
    row = {"location_id": "L1", "name": "A\x1b[31mB", "pricing": {"estimated_price": 12.10}}
    body = {"total": 2, "results": [row, {"name": "no id"}], "extra": 1}
    client, wire = await serve(says(200, body))
    answer = await client.search(BERLIN)
    seen = wire.seen[0]
    assert (seen.method, seen.target) == (
        "GET",
        "/api/v1/client/search?lat=52.52&lng=13.405&radius=25&limit=5"
        "&connector_type=IEC_62196_T2_COMBO",
    )
    assert seen.headers["x-api-key"] == CANARY
    assert seen.headers["user-agent"] == f"pm-tui/{__version__}"
    assert "authorization" not in seen.headers
    assert answer.value.locations[0].name == "A\ufffd[31mB"
    assert str(answer.value.locations[0].estimated_price) == "12.1"
    assert answer.raw == {
        **body,
        "results": [{**row, "pricing": {"estimated_price": Decimal("12.1")}}, {"name": "no id"}],
    }
    assert (answer.skipped, answer.received_at) == (1, clock.now())


async def test_a_large_answer_is_read_too(serve: Serve) -> None:
    rows = [{"location_id": f"L{n}", "name": "x" * 150} for n in range(3000)]
    client, _wire = await serve(says(200, {"results": rows}))
    assert len((await client.search(BERLIN)).value.locations) == 3000


async def test_a_page_of_bookings(serve: Serve) -> None:
    client, wire = await serve(says(200, {"bookings": [{"id": "b1", "status": "PENDING"}, 7]}))
    start = datetime(2026, 2, 1, tzinfo=timezone(timedelta(hours=1)))
    answer = await client.bookings(status="COMPLETED", since=start, until=start, limit=50)
    assert wire.seen[0].target == (
        "/api/v1/client/bookings?limit=50&status=COMPLETED"
        "&from_date=2026-01-31T23%3A00%3A00Z&to_date=2026-01-31T23%3A00%3A00Z"
    )
    assert [booking.id for booking in answer.value] == ["b1"]
    assert answer.skipped == 1


@pytest.mark.parametrize(
    ("booking_id", "path"),
    [("3f-1", "3f-1"), ("a/b?c#d e*1%2F", "a%2Fb%3Fc%23d%20e%2A1%252F"), ("ä\n", "%C3%A4%0A")],
)
async def test_an_id_cannot_leave_its_place_in_the_path(
    serve: Serve, booking_id: str, path: str
) -> None:
    client, wire = await serve(says(200, {"id": "b1", "status": "CONFIRMED"}))
    await client.booking(booking_id)
    await client.cancel_booking(booking_id, "ill")
    assert wire.seen[0].target == f"/api/v1/client/bookings/{path}"
    assert wire.seen[1].target == f"/api/v1/client/bookings/{path}/cancel"


@pytest.mark.parametrize("booking_id", ["", ".", ".."])
async def test_an_id_that_is_a_path_is_refused(serve: Serve, booking_id: str) -> None:
    client, wire = await serve(says(200, {}))
    with pytest.raises(ValueError, match="id"):
        await client.booking(booking_id)
    assert wire.seen == []


async def test_a_booking_is_made(serve: Serve) -> None:
    client, wire = await serve(says(202, {"id": "b1", "status": "REQUESTED"}))
    answer = await client.create_booking(REQUEST)
    assert answer.value.id == "b1"
    assert answer.value.is_waiting
    seen = wire.seen[0]
    assert (seen.method, seen.target) == ("POST", "/api/v1/client/bookings")
    assert seen.headers["content-type"] == "application/json"
    assert seen.json == {
        "location_id": "DE-ENB-E123456",
        "evse_uid": "DE*ENB*E123456*1",
        "reservation_start": "2026-12-01T09:00:00Z",
        "reservation_end": "2026-12-01T12:00:00Z",
        "external_id": "ops-emp042-20261201-k3x9aa",
    }


@pytest.mark.parametrize("body", [{}, {"status": "REQUESTED"}, [], "x", {"id": None}])
async def test_accepted_without_an_id_is_unknown(serve: Serve, body: object) -> None:
    client, wire = await serve(says(202, body))
    with pytest.raises(OutcomeUnknown) as caught:
        await client.create_booking(REQUEST)
    assert caught.value.accepted
    assert len(wire.seen) == 1


@pytest.mark.parametrize(("reason", "sent"), [("ill", "ill"), ("  ", "No longer needed")])
async def test_a_cancel_always_has_a_reason(serve: Serve, reason: str, sent: str) -> None:
    client, wire = await serve(says(200, {"id": "b1", "status": "CANCELLED"}))
    assert (await client.cancel_booking("b1", reason)).value.is_final
    assert wire.seen[0].json == {"reason": sent}


async def test_usage_and_export(serve: Serve) -> None:
    csv = "\ufeffid;price\r\n1;1,50\r\n".encode()
    client, wire = await serve(
        says(
            200, {"rate_limit": {"limit": 100, "remaining": 87, "reset_at": "2026-11-21T12:01:00Z"}}
        ),
        says(200, csv, kind="text/csv"),
        says(200, b"<html>", kind="text/html"),
    )
    assert (await client.usage()).value.minute_remaining == 87
    assert await client.export(date(2026, 2, 1), date(2026, 2, 28)) == csv
    assert wire.seen[1].target == (
        "/api/v1/fleet/reports/export?period_start=2026-02-01&period_end=2026-02-28"
    )
    assert wire.seen[1].headers["x-api-key"] == CANARY
    with pytest.raises(LoginPage):
        await client.export(date(2026, 2, 1), date(2026, 2, 28))
    with pytest.raises(ValueError, match="end"):
        await client.export(date(2026, 2, 2), date(2026, 2, 1))


async def test_no_fleet_address_no_export() -> None:
    client = AgentClient("https://api.example.org/v1", SecretStr("k"))
    with pytest.raises(ValueError, match="fleet"):
        await client.export(date(2026, 2, 1), date(2026, 2, 1))


@pytest.mark.parametrize("body", [{}, {"results": 3}, {"error": "x"}, [], 5, None])
async def test_a_search_without_results_is_not_an_empty_one(serve: Serve, body: object) -> None:
    client, _wire = await serve(says(200, body))
    with pytest.raises(BadAnswer):
        await client.search(BERLIN)


@pytest.mark.parametrize("url", ["http://api.example.org", "https://x:99999", "nonsense"])
def test_the_key_goes_nowhere_else(url: str) -> None:
    with pytest.raises(ValueError, match="address"):
        AgentClient(url, SecretStr("k"))
    with pytest.raises(ValueError, match="address"):
        AgentClient("https://api.example.org", SecretStr("k"), fleet_url=url)
