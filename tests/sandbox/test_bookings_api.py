"""Bookings over real HTTP: contract/agent-api.md §4 to §8, §10 and §11."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import httpx
import pytest

from tests.sandbox.conftest import at
from tests.sandbox_process import Sandbox

Body = dict[str, Any]
Make = Callable[..., Body]


def wait_for(api: httpx.Client, booking_id: str, status: str) -> Body:
    for _ in range(400):
        booking = dict(api.get(f"/bookings/{booking_id}").json())
        if booking["status"] == status:
            return booking
        time.sleep(0.01)
    raise AssertionError(f"still {booking['status']}")


def book(api: httpx.Client, body: Body) -> Body:
    answer = api.post("/bookings", json=body)
    assert answer.status_code == 202, answer.text
    return dict(answer.json())


def test_accepted_then_confirmed(api: httpx.Client, body: Make, sandbox: Sandbox) -> None:
    wanted = body(connector_id="1")
    booking = book(api, wanted)
    assert booking["status"] == "REQUESTED" and booking["cpo_reservation_id"] is None
    assert wanted.items() <= booking.items()
    assert booking["client_price"] > 0 and booking["client_price_currency"] == "EUR"
    assert booking["location_city"] in ("Berlin", "München", "Köln")
    assert re.fullmatch(r"[0-9a-f-]{36}", booking["id"])
    confirmed = wait_for(api, booking["id"], "CONFIRMED")
    assert confirmed["cpo_reservation_id"]
    changed, created = confirmed["status_updated_at"], booking["created_at"]
    assert datetime.fromisoformat(changed) > datetime.fromisoformat(created)
    (script,) = [b["script"] for b in sandbox.bookings() if b["id"] == booking["id"]]
    assert [step["status"] for step in script[:3]] == ["REQUESTED", "PENDING", "CONFIRMED"]


def test_the_clock_brings_attending_and_completed(
    api: httpx.Client, body: Make, sandbox: Sandbox
) -> None:
    booking = book(api, body())
    sandbox.advance(30 * 60 + 13 * 60)
    attending = api.get(f"/bookings/{booking['id']}").json()
    assert attending["status"] == "ATTENDING"
    assert attending["client_price"] == booking["client_price"]
    refusal = api.post(f"/bookings/{booking['id']}/cancel", json={"reason": "late"})
    assert refusal.status_code == 400 and "ATTENDING" in refusal.json()["error"]
    sandbox.advance(3600)
    completed = api.get(f"/bookings/{booking['id']}").json()
    assert completed["status"] == "COMPLETED"
    assert completed["client_price"] != booking["client_price"]


def test_a_session_is_seen_in_the_search(api: httpx.Client, body: Make, sandbox: Sandbox) -> None:
    wanted = body()
    book(api, wanted)

    def status() -> str:
        found = api.get("/search", params={"lat": 52.52, "lng": 13.405}).json()["results"]
        return str(
            next(
                evse["status"]
                for place in found
                for evse in place["evses"]
                if evse["evse_uid"] == wanted["evse_uid"]
            )
        )

    assert status() == "AVAILABLE"
    sandbox.advance(30 * 60 + 13 * 60)
    assert status() == "CHARGING"
    sandbox.advance(3600)
    assert status() == "AVAILABLE"


def test_an_operator_may_refuse(api: httpx.Client, body: Make, sandbox: Sandbox) -> None:
    sandbox.fault("refused", match="POST /bookings")
    booking = book(api, body())
    assert wait_for(api, booking["id"], "CANCELLED")["cpo_reservation_id"] is None


def test_confirmation_may_never_come(api: httpx.Client, body: Make, sandbox: Sandbox) -> None:
    sandbox.fault("never_confirms")
    booking = book(api, body())
    sandbox.advance(60 * 60)
    assert api.get(f"/bookings/{booking['id']}").json()["status"] == "PENDING"
    sandbox.advance(60 * 60)
    assert api.get(f"/bookings/{booking['id']}").json()["status"] == "EXPIRED"


def test_an_evse_is_booked_once_for_a_window(api: httpx.Client, body: Make) -> None:
    wanted = body(start=100)
    first = book(api, wanted)
    again = api.post("/bookings", json=wanted)
    assert again.status_code == 409 and "error" in again.json()
    api.post(f"/bookings/{first['id']}/cancel", json={"reason": "plans changed"})
    second = book(api, wanted)  # free again, and external_id need not be unique
    assert second["id"] != first["id"] and second["external_id"] == first["external_id"]


def test_windows_that_touch_do_not_conflict(
    api: httpx.Client, body: Make, sandbox: Sandbox
) -> None:
    first = body(start=200)
    book(api, first)
    after = {**first, "reservation_start": first["reservation_end"]}
    after["reservation_end"] = at(sandbox, 320)
    book(api, after)


def test_cancel(api: httpx.Client, body: Make) -> None:
    booking = book(api, body())
    answer = api.post(f"/bookings/{booking['id']}/cancel", json={"reason": "ill"})
    assert answer.status_code == 200 and answer.json()["status"] == "CANCELLED"
    assert answer.json()["id"] == booking["id"]
    again = api.post(f"/bookings/{booking['id']}/cancel", json={"reason": "ill"})
    assert again.status_code == 400
    assert api.get(f"/bookings/{booking['id']}").json()["status"] == "CANCELLED"


def test_cancel_without_a_body_and_of_a_confirmed_one(api: httpx.Client, body: Make) -> None:
    booking = book(api, body())
    wait_for(api, booking["id"], "CONFIRMED")
    answer = api.post(f"/bookings/{booking['id']}/cancel")
    assert answer.status_code == 200
    assert answer.json()["cpo_reservation_id"]  # it had been confirmed


def test_unknown_ids(api: httpx.Client, body: Make) -> None:
    wanted = body()
    for change, text in (
        ({"location_id": "DE-ENB-E999999"}, "Location not found"),
        ({"evse_uid": "DE*ENB*E999999*1"}, "EVSE not found"),
    ):
        answer = api.post("/bookings", json={**wanted, **change})
        assert answer.status_code == 404 and answer.json() == {"error": text}
    missing = "00000000-0000-4000-8000-000000000000"
    assert api.get(f"/bookings/{missing}").status_code == 404
    assert api.post(f"/bookings/{missing}/cancel", json={"reason": "x"}).status_code == 404


def test_search_only_locations_cannot_be_booked(api: httpx.Client, body: Make) -> None:
    place = api.get("/search", params={"lat": 52.52, "lng": 13.405}).json()["results"][4]
    assert place["supports_reservation"] is False
    ids = {"location_id": place["location_id"], "evse_uid": place["evses"][0]["evse_uid"]}
    answer = api.post("/bookings", json={**body(), **ids})
    assert answer.status_code == 400
    assert answer.json() == {"error": "Location does not support reservations"}


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"location_id": None}, "location_id"),
        ({"evse_uid": 7}, "evse_uid"),
        ({"reservation_start": "tomorrow"}, "Invalid reservation_start"),
        ({"reservation_start": "2030-01-01T10:00:00"}, "time zone"),
        ({"reservation_start": "2020-01-01T10:00:00Z"}, "15 minutes"),
        ({"reservation_end": "2020-01-01T10:00:00Z"}, "must be after"),
        ({"reservation_end": "2090-01-01T10:00:00Z"}, "too long"),
        ({"external_id": 5}, "Invalid external_id"),
        ({"connector_id": "9"}, "Invalid connector_id"),
        ({"token_strategy": "magic"}, "Invalid token_strategy"),
        ({"token_strategy": "driver_token"}, "customer_id or token_id"),
        ({"token_strategy": "group_token"}, "fleet_group_id"),
        ({"token_strategy": "pipelet"}, "token_uid"),
        ({"token_strategy": "pipelet", "token_uid": "04A1B2C3D"}, "token_uid"),
        ({"token_strategy": "pipelet", "token_uid": "04A1B2CG"}, "token_uid"),
    ],
)
def test_bad_bookings(api: httpx.Client, body: Make, change: Body, text: str) -> None:
    answer = api.post("/bookings", json={**body(), **change})
    assert answer.status_code == 400 and text in answer.json()["error"]


@pytest.mark.parametrize(
    "fields",
    [
        {"token_strategy": "driver_token", "customer_id": "cust_emp042"},
        {"token_strategy": "driver_token", "token_id": "tok_1"},
        {"token_strategy": "group_token", "fleet_group_id": "group_abc123"},
        {"token_strategy": "group_token", "fleet_group_id": "group_nobody_knows"},
        {"token_strategy": "pipelet", "token_uid": "04A1B2C3"},
        {"token_strategy": "pipelet", "token_uid": "04a1b2c3d4e5f6"},
        {"token_strategy": "pipelet", "token_uid": "04A1B2C3D4E5F60718AB"},
        {},
    ],
)
def test_good_strategies_are_echoed(api: httpx.Client, body: Make, fields: Body) -> None:
    booking = book(api, body(**fields))
    assert fields.items() <= booking.items() and "token" not in booking
    api.post(f"/bookings/{booking['id']}/cancel", json={"reason": "test"})


def test_an_ad_hoc_booking_brings_its_token(api: httpx.Client, body: Make) -> None:
    booking = book(api, body(token_strategy="ad_hoc"))
    assert set(booking["token"]) == {"uid", "visual_number", "valid_until"}
    assert re.fullmatch("[0-9A-F]{14}", booking["token"]["uid"])
    assert booking["token"]["valid_until"] == booking["reservation_end"]
    assert api.get(f"/bookings/{booking['id']}").json()["token"] == booking["token"]


def test_offsets_are_understood(api: httpx.Client, body: Make, sandbox: Sandbox) -> None:
    wanted = body(start=400)
    start = datetime.fromisoformat(wanted["reservation_start"])
    shifted = start.timestamp() + 2 * 3600
    local = datetime.fromtimestamp(shifted, start.tzinfo).strftime("%Y-%m-%dT%H:%M:%S.5+02:00")
    book(api, {**wanted, "reservation_start": local})
    assert api.post("/bookings", json=wanted).status_code == 409


def test_the_fifteen_minutes(api: httpx.Client, body: Make, sandbox: Sandbox) -> None:
    wanted = {**body(), "reservation_start": at(sandbox, 14.9)}
    answer = api.post("/bookings", json=wanted)
    assert answer.status_code == 400 and "15 minutes" in answer.json()["error"]
    assert api.post("/bookings", json={**wanted, "reservation_start": at(sandbox, 15.2)}).is_success


def test_spending_limits(api: httpx.Client, body: Make) -> None:
    limit = {"error": "Fleet group spending limit exceeded"}
    small = {"token_strategy": "group_token", "fleet_group_id": "group_small"}
    answer = api.post("/bookings", json=body(minutes=240, **small))
    assert (answer.status_code, answer.json()) == (400, limit)
    tight = {"token_strategy": "group_token", "fleet_group_id": "group_tight"}
    for _ in range(30):
        answer = api.post("/bookings", json=body(minutes=240, **tight))
        if answer.status_code != 202:
            break
    assert (answer.status_code, answer.json()) == (400, limit)
    rows = [b for b in list_all(api) if b.get("fleet_group_id") == "group_tight"]
    assert 0 < sum(b["client_price"] for b in rows) <= 60
    api.post(f"/bookings/{rows[0]['id']}/cancel", json={"reason": "make room"})


def list_all(api: httpx.Client, **params: str) -> list[Body]:
    answer = api.get("/bookings", params={"limit": "100", **params})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["bookings"])


def test_list_is_newest_first_and_filtered(api: httpx.Client, body: Make, sandbox: Sandbox) -> None:
    made = []
    for _ in range(3):
        sandbox.advance(2)
        made.append(book(api, body(start=600)))
    newest = list_all(api, limit="3")
    assert [b["id"] for b in newest] == [b["id"] for b in reversed(made)]
    api.post(f"/bookings/{made[1]['id']}/cancel", json={"reason": "x"})
    assert all(b["status"] == "CANCELLED" for b in list_all(api, status="CANCELLED"))
    assert made[1]["id"] in {b["id"] for b in list_all(api, status="CANCELLED")}
    # both ends are included
    both = list_all(api, from_date=made[0]["created_at"], to_date=made[1]["created_at"])
    assert [b["id"] for b in both] == [made[1]["id"], made[0]["id"]]


@pytest.mark.parametrize(
    "params",
    [
        {"limit": "101"},
        {"status": "DONE"},
        {"status": "completed"},
        {"from_date": "2026-02-01"},
        {"to_date": "2026-02-01T00:00:00"},
    ],
)
def test_bad_lists(api: httpx.Client, params: dict[str, str]) -> None:
    answer = api.get("/bookings", params=params)
    assert answer.status_code == 400 and answer.json()["error"]


@pytest.mark.parametrize(
    ("content", "media_type", "text"),
    [
        (b"{", "application/json", "Invalid JSON"),
        (b"[" * 30_000, "application/json", "Invalid JSON"),
        (b"[]", "application/json", "must be a JSON object"),
        (b"{}", "text/plain", "Content-Type"),
        (b'{"a": "' + b"x" * 70_000 + b'"}', "application/json", "too large"),
    ],
)
def test_bad_bodies(api: httpx.Client, content: bytes, media_type: str, text: str) -> None:
    answer = api.post("/bookings", content=content, headers={"Content-Type": media_type})
    assert answer.status_code == 400 and text in answer.json()["error"]
