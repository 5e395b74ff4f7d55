"""Bookings and usage, read tolerantly (contract/agent-api.md §6, §7, §10, §13)."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from pm_tui.models.booking import STATUSES, Booking, read_bookings
from pm_tui.models.json import dumps, loads
from pm_tui.models.usage import Usage
from tests.models.shapes import BOOKINGS

RAW = {
    "id": "3f2a-1",
    "status": "CONFIRMED",
    "status_updated_at": "2026-02-10T13:00:05.5+00:00",
    "cpo_reservation_id": "ENB-1",
    "client_price": Decimal("18.75"),
    "client_price_currency": "EUR",
    "external_id": "engineering-emp042-20260210",
    "location_city": "Köln",
    "created_at": "2026-02-10T13:00:00Z",
    "location_id": "L1",
    "evse_uid": "DE*ENB*E1*1",
    "reservation_start": "2026-02-10T15:00:00+01:00",
    "reservation_end": "2026-02-10T16:00:00Z",
    "token_strategy": "ad_hoc",
    "token": {"uid": "04AABB\x1b", "visual_number": 12, "valid_until": None},
    "guest_token": "G1",
    "new": [1],
}


def test_a_whole_booking() -> None:
    booking = Booking.read(RAW)
    assert booking == Booking(
        id="3f2a-1",
        status="CONFIRMED",
        status_updated_at=datetime(2026, 2, 10, 13, 0, 5, 500000, tzinfo=UTC),
        cpo_reservation_id="ENB-1",
        client_price=Decimal("18.75"),
        client_price_currency="EUR",
        external_id="engineering-emp042-20260210",
        location_city="Köln",
        created_at=datetime(2026, 2, 10, 13, tzinfo=UTC),
        location_id="L1",
        evse_uid="DE*ENB*E1*1",
        reservation_start=datetime(2026, 2, 10, 14, tzinfo=UTC),
        reservation_end=datetime(2026, 2, 10, 16, tzinfo=UTC),
        token_strategy="ad_hoc",
        token={"token.uid": "04AABB\ufffd", "token.visual_number": "12", "guest_token": "G1"},
    )
    assert booking.raw is RAW


def test_a_booking_of_which_only_the_id_is_known() -> None:
    assert Booking.read({"id": "b", "client_price": "NaN", "created_at": 5}) == Booking(
        "b", "UNKNOWN"
    )


@pytest.mark.parametrize(
    ("status", "final", "waiting", "terms"),
    [
        ("REQUESTED", False, True, "free"),
        ("PENDING", False, True, "free"),
        ("CONFIRMED", False, False, "fee possible"),
        ("ATTENDING", False, False, "impossible"),
        ("COMPLETED", True, False, "impossible"),
        ("CANCELLED", True, False, "impossible"),
        ("EXPIRED", True, False, "impossible"),
        ("NO_SHOW", True, False, "impossible"),
        ("no_show", True, False, "impossible"),
        ("REJECTED\x1b", False, True, "unknown"),
        (None, False, True, "unknown"),
    ],
)
def test_what_a_status_means(status: str | None, final: bool, waiting: bool, terms: str) -> None:
    booking = Booking.read({"id": "b", "status": status})
    assert (booking.is_final, booking.is_waiting, booking.cancel_terms) == (final, waiting, terms)
    if status in STATUSES:
        assert booking.status == status


def test_no_booking_with_an_id_is_dropped() -> None:
    rows = [RAW, {"id": 7, "status": []}, None, {}, {"id": ""}, "x"]
    found, skipped = read_bookings({"bookings": rows})
    assert ([booking.id for booking in found], skipped) == (["3f2a-1", "7"], 4)
    assert read_bookings({"bookings": None}) == ((), 0)


@pytest.mark.parametrize("raw", [None, [], {}, {"bookings": {}}, {"results": []}, {"bookings": 0}])
def test_no_list_is_not_an_empty_list(raw: Any) -> None:
    with pytest.raises(ValueError, match="bookings"):
        read_bookings(raw)


@given(BOOKINGS)
def test_any_json_is_a_booking_or_a_value_error(value: Any) -> None:
    raw = loads(dumps(value).encode())  # as it comes over the wire
    try:
        booking = Booking.read(raw)
    except ValueError:
        assert not isinstance(raw, dict) or raw.get("id") != "b"
        return
    assert booking.is_final + booking.is_waiting <= 1
    assert Booking.read(loads(dumps(raw).encode())) == booking
    hash(booking)


@given(BOOKINGS)
def test_any_object_is_a_usage(raw: Any) -> None:
    if isinstance(raw, dict):
        Usage.read(raw)
    else:
        with pytest.raises(ValueError, match="usage"):
            Usage.read(raw)


@pytest.mark.parametrize(
    ("month", "expected"),
    [
        ({"limit": 10000, "used": 12, "remaining": 9988}, (10000, 12, 9988)),
        ({"limit": 10000, "used": 12, "remaining": 9000}, (10000, 12, 9000)),  # as told
        ({"limit": 10000, "used": 12}, (10000, 12, 9988)),
        ({"limit": 10000, "remaining": 9988}, (10000, 12, 9988)),
        ({"limit": 10, "used": 12}, (10, 12, 0)),
        ({"used": 12}, (None, 12, None)),
        ({"limit": -1, "used": "12", "remaining": 1.5}, (None, 12, None)),
        (None, (None, None, None)),
    ],
)
def test_usage(month: Any, expected: tuple[int | None, ...]) -> None:
    usage = Usage.read(
        {
            "rate_limit": {
                "limit": 100,
                "remaining": 87,
                "reset_after": 3,
                "reset_at": "2026-02-10T13:00:05Z",
            },
            "monthly_quota": month,
        }
    )
    assert (usage.minute_limit, usage.minute_remaining) == (100, 87)
    assert usage.minute_reset_at == datetime(2026, 2, 10, 13, 0, 5, tzinfo=UTC)
    assert (usage.month_limit, usage.month_used, usage.month_remaining) == expected
    assert usage.month_resets_at is None
    assert Usage.read(
        {"quota": {**(month or {}), "resets_at": "2026-03-01T00:00:00Z"}}
    ).month_resets_at
