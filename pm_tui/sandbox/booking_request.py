"""The body of `POST /bookings`, checked (contract/agent-api.md §4 and §5)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pm_tui.sandbox.wire import ApiError, parse_stamp

LEAD = timedelta(minutes=15)
LONGEST = timedelta(hours=24)
_TOKEN_UID = re.compile(r"(?:[0-9A-Fa-f]{8}|[0-9A-Fa-f]{14}|[0-9A-Fa-f]{20})", re.ASCII)
_REQUIRED = ("location_id", "evse_uid", "reservation_start", "reservation_end")
_OPTIONAL = (
    "connector_id",
    "external_id",
    "token_strategy",
    "customer_id",
    "token_id",
    "fleet_group_id",
    "token_uid",
)


@dataclass(frozen=True, slots=True)
class BookingRequest:
    """`echo` holds the documented fields as the caller wrote them, and only those sent."""

    location_id: str
    evse_uid: str
    starts: datetime
    ends: datetime
    connector_id: str | None
    external_id: str | None
    strategy: str | None
    fleet_group_id: str | None
    echo: dict[str, Any]

    @classmethod
    def of(cls, body: dict[str, Any], now: datetime) -> BookingRequest:
        for name in _REQUIRED:
            if not isinstance(body.get(name), str) or not body[name]:
                raise ApiError(400, f"Missing or invalid field: {name}")
        for name in _OPTIONAL:
            value = body.get(name)
            if value is not None and (not isinstance(value, str) or len(value) > 255):
                raise ApiError(400, f"Invalid {name}: must be a string of at most 255 characters")
        starts = parse_stamp(body["reservation_start"], "reservation_start")
        ends = parse_stamp(body["reservation_end"], "reservation_end")
        _check_window(starts, ends, now)
        _check_strategy(body)
        return cls(
            location_id=body["location_id"],
            evse_uid=body["evse_uid"],
            starts=starts,
            ends=ends,
            connector_id=body.get("connector_id"),
            external_id=body.get("external_id"),
            strategy=body.get("token_strategy"),
            fleet_group_id=body.get("fleet_group_id"),
            echo={name: body[name] for name in (*_REQUIRED, *_OPTIONAL) if name in body},
        )


def _check_window(starts: datetime, ends: datetime, now: datetime) -> None:
    if ends <= starts:
        raise ApiError(400, "reservation_end must be after reservation_start")
    if starts < now + LEAD:
        raise ApiError(400, "reservation_start must be at least 15 minutes in the future")
    if ends - starts > LONGEST:
        raise ApiError(400, "Reservation too long: at most 24 hours")


def _check_strategy(body: dict[str, Any]) -> None:
    match body.get("token_strategy"):
        case None | "ad_hoc":
            pass
        case "driver_token":
            if not body.get("customer_id") and not body.get("token_id"):
                raise ApiError(400, "driver_token requires customer_id or token_id")
        case "group_token":
            if not body.get("fleet_group_id"):
                raise ApiError(400, "group_token requires fleet_group_id")
        case "pipelet":
            if not _TOKEN_UID.fullmatch(body.get("token_uid") or ""):
                raise ApiError(400, "pipelet requires token_uid: 8, 14 or 20 hex characters")
        case _:
            raise ApiError(
                400,
                "Invalid token_strategy: must be one of driver_token, group_token, ad_hoc, pipelet",
            )
