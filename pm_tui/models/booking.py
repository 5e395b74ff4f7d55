"""A booking as the server tells it, read tolerantly (contract/agent-api.md §6, §7, §10)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from pm_tui.models import reading
from pm_tui.models.json import JsonObject
from pm_tui.models.request import BookingRequest as BookingRequest
from pm_tui.models.statuses import STATUSES as STATUSES
from pm_tui.models.text import clean
from pm_tui.models.times import read_time

CancelTerms = Literal["free", "fee possible", "impossible", "unknown"]

UNKNOWN_STATUS = "UNKNOWN"
_FINAL = frozenset({"COMPLETED", "CANCELLED", "EXPIRED", "NO_SHOW"})
_AGREED = frozenset({"CONFIRMED", "ATTENDING"})
_OWN_TOKEN_FIELDS = frozenset({"token_strategy", "token_id", "token_uid"})
_MOST_TOKEN_FIELDS = 20


@dataclass(frozen=True, slots=True)
class Booking:
    """A booking; ids verbatim, other texts clean, times aware in UTC, None is unknown.

    `status` is the server's word (`UNKNOWN` when it gave none). The fields from `location_id` on
    echo the request, if the server does (§6). `token` holds what an `ad_hoc` token's holder needs
    (§14 U26), an object flattened to `token.uid`; `raw` is the object as it was sent.
    """

    id: str
    status: str
    status_updated_at: datetime | None = None
    cpo_reservation_id: str | None = None
    client_price: Decimal | None = None
    client_price_currency: str | None = None
    external_id: str | None = None
    location_city: str | None = None
    created_at: datetime | None = None
    location_id: str | None = None
    evse_uid: str | None = None
    connector_id: str | None = None
    reservation_start: datetime | None = None
    reservation_end: datetime | None = None
    token_strategy: str | None = None
    customer_id: str | None = None
    token_id: str | None = None
    fleet_group_id: str | None = None
    token_uid: str | None = None
    token: dict[str, str] = field(default_factory=dict, hash=False)
    raw: JsonObject = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def read(cls, raw: Any) -> Booking:
        """From the JSON object; `ValueError` when it is none or has no `id`."""
        if not isinstance(raw, dict):
            raise ValueError("a booking is an object")
        booking_id = reading.identifier(raw.get("id"))
        if booking_id is None:
            raise ValueError("a booking without an id")
        return cls(
            id=booking_id,
            status=reading.text(raw.get("status"), 40) or UNKNOWN_STATUS,
            status_updated_at=read_time(raw.get("status_updated_at")),
            cpo_reservation_id=reading.text(raw.get("cpo_reservation_id")),
            client_price=reading.money(raw.get("client_price")),
            client_price_currency=reading.currency(raw.get("client_price_currency")),
            external_id=reading.text(raw.get("external_id")),
            location_city=reading.text(raw.get("location_city")),
            created_at=read_time(raw.get("created_at")),
            location_id=reading.identifier(raw.get("location_id")),
            evse_uid=reading.identifier(raw.get("evse_uid")),
            connector_id=reading.identifier(raw.get("connector_id")),
            reservation_start=read_time(raw.get("reservation_start")),
            reservation_end=read_time(raw.get("reservation_end")),
            token_strategy=reading.text(raw.get("token_strategy"), 40),
            customer_id=reading.identifier(raw.get("customer_id")),
            token_id=reading.identifier(raw.get("token_id")),
            fleet_group_id=reading.identifier(raw.get("fleet_group_id")),
            token_uid=reading.identifier(raw.get("token_uid")),
            token=_token(raw),
            raw=raw,
        )

    @property
    def is_final(self) -> bool:
        """Nothing will change any more (contract §7)."""
        return self.status.upper() in _FINAL

    @property
    def is_waiting(self) -> bool:
        """Not agreed yet; a status that we do not know counts as waiting (contract §14 U16)."""
        return not self.is_final and self.status.upper() not in _AGREED

    @property
    def cancel_terms(self) -> CancelTerms:
        """What cancelling means in this state (contract §10); the amount of a fee is never told."""
        status = self.status.upper()
        if status in ("REQUESTED", "PENDING"):
            return "free"
        if status == "CONFIRMED":
            return "fee possible"
        return "impossible" if status == "ATTENDING" or self.is_final else "unknown"


def read_bookings(raw: Any) -> tuple[tuple[Booking, ...], int]:
    """The bookings of `GET /bookings` and how many rows could not be read.

    `ValueError` when the answer holds no list `bookings` (null is an empty one).
    """
    rows = raw.get("bookings", False) if isinstance(raw, dict) else False
    if rows is not None and not isinstance(rows, list):
        raise ValueError("a list of bookings without bookings")
    found: list[Booking] = []
    skipped = 0
    for row in rows or ():
        try:
            found.append(Booking.read(row))
        except ValueError:
            skipped += 1
    return tuple(found), skipped


def _token(raw: JsonObject) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in raw.items():
        if "token" not in key.lower() or key in _OWN_TOKEN_FIELDS:
            continue
        parts = value.items() if isinstance(value, dict) else (("", value),)
        for part, inner in parts:
            said = reading.text(inner)
            if said is not None and len(found) < _MOST_TOKEN_FIELDS:
                found[clean(f"{key}.{part}" if part else key, 60)] = said
    return found
