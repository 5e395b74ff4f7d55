"""A booking as JSON with the API's field names, and as lines for people."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from pm_tui import formats
from pm_tui.cli.output import wire
from pm_tui.i18n import _
from pm_tui.models.booking import Booking
from pm_tui.models.json import JsonObject
from pm_tui.models.text import visible_id


def as_json(booking: Booking) -> JsonObject:
    """Every documented field, null where unknown, then what else the server said, as it said it."""
    known: JsonObject = {
        "id": booking.id,
        "status": booking.status,
        "status_updated_at": wire(booking.status_updated_at),
        "cpo_reservation_id": booking.cpo_reservation_id,
        "client_price": booking.client_price,
        "client_price_currency": booking.client_price_currency,
        "external_id": booking.external_id,
        "location_city": booking.location_city,
        "created_at": wire(booking.created_at),
        "location_id": booking.location_id,
        "evse_uid": booking.evse_uid,
        "connector_id": booking.connector_id,
        "reservation_start": wire(booking.reservation_start),
        "reservation_end": wire(booking.reservation_end),
        "token_strategy": booking.token_strategy,
        "customer_id": booking.customer_id,
        "token_id": booking.token_id,
        "fleet_group_id": booking.fleet_group_id,
        "token_uid": booking.token_uid,
    }
    return known | {name: value for name, value in booking.raw.items() if name not in known}


def state(booking: Booking) -> str:
    """Its status in the word that the full screen has for it. Documents have the contract's word,
    `as_facts` both."""
    return formats.status_mark(booking.status).word


def as_facts(booking: Booking, zone: ZoneInfo, viewer: ZoneInfo) -> list[tuple[str, str]]:
    """Name and value of what is known. The window is in the charger's `zone`, with the viewer's
    beside it where it differs; when something happened is in the viewer's."""
    start, end = booking.reservation_start, booking.reservation_end
    ids = (booking.location_id, booking.evse_uid, booking.connector_id)
    location, evse, connector = (visible_id(one) if one else "" for one in ids)
    rows = [
        (_("Booking"), visible_id(booking.id)),
        (_("Status"), f"{booking.status} ({state(booking)})"),
        (_("Since"), formats.when(booking.status_updated_at, viewer)),
        (_("Start"), formats.when(start, zone, viewer)),
        (_("End"), formats.when(end, zone, viewer)),
        (_("Location"), ", ".join(part for part in (location, booking.location_city) if part)),
        (_("EVSE"), evse),
        (_("Connector"), connector),
        (_("Price"), formats.money(booking.client_price, booking.client_price_currency)),
        (_("Reference"), booking.external_id or ""),
        (_("Operator's reservation"), booking.cpo_reservation_id or ""),
        (_("Made"), formats.when(booking.created_at, viewer)),
        *booking.token.items(),
    ]
    return [(name, value) for name, value in rows if value and value != formats.UNKNOWN]
