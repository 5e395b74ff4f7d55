"""The booking endpoints: create, read, list, cancel (contract/agent-api.md §4 to §11)."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pm_tui.sandbox import pricing
from pm_tui.sandbox.booking_request import BookingRequest
from pm_tui.sandbox.charging import BROKEN, taken
from pm_tui.sandbox.gateway import Gateway, Trace, gateway_of, trace_of
from pm_tui.sandbox.groups import check_spending
from pm_tui.sandbox.lifecycle import CANCELLABLE, Luck, Status, write_script
from pm_tui.sandbox.search_query import whole
from pm_tui.sandbox.stations import Evse, Station
from pm_tui.sandbox.store import Booking
from pm_tui.sandbox.wire import ApiError, json_body, parse_stamp, stamp

DEFAULT_LIMIT = 20
MAX_LIMIT = 100
# Hours an operator lets one hold a charger: "typically 4", it depends (§13)
_HOURS = (4, 4, 8, 12)


def document(gateway: Gateway, booking: Booking, now: datetime) -> dict[str, Any]:
    """The booking as the API shows it at this moment (§6 and §15)."""
    step = booking.script.current(now)
    price = booking.price(now)
    city = booking.details["location_city"]
    result: dict[str, Any] = {
        "id": booking.id,
        "status": step.status.value,
        "status_updated_at": stamp(step.at),
        "cpo_reservation_id": None,
        "client_price": None if price is None else float(price),
        "client_price_currency": pricing.CURRENCY,
        "location_city": city and gateway.texts(city, booking.id),
        "created_at": stamp(booking.created),
        **booking.request,
    }
    if booking.script.reached(Status.CONFIRMED, now):
        result["cpo_reservation_id"] = booking.details["cpo_reservation_id"]
    if "token" in booking.details:
        result["token"] = booking.details["token"]
    return result


async def create(request: Request) -> Response:
    gateway = gateway_of(request)
    body = await json_body(request)
    trace = trace_of(request.scope)
    if isinstance(body.get("external_id"), str):
        trace.external_id = body["external_id"]
    await gateway.history_ready.wait()
    now = gateway.clock.now()
    wanted = BookingRequest.of(body, now)
    station, evse = _find(gateway, wanted)
    if not station.reservable:
        raise ApiError(400, "Location does not support reservations")
    luck = _luck(gateway, wanted, station, trace)
    with gateway.store.transaction():
        booking = _make(gateway, wanted, station, evse, luck, now)
        check_spending(gateway.store, booking, now)
        if _is_taken(gateway, wanted, now):
            raise ApiError(409, "EVSE is not available for the requested time window")
        gateway.store.insert([booking])
    trace.booking_id = booking.id
    return JSONResponse(document(gateway, booking, now), 202)


def _find(gateway: Gateway, wanted: BookingRequest) -> tuple[Station, Evse]:
    station = gateway.network.get(wanted.location_id)
    if station is None:
        raise ApiError(404, "Location not found")
    evse = next((evse for evse in station.evses if evse.uid == wanted.evse_uid), None)
    if evse is None:
        raise ApiError(404, "EVSE not found")
    if wanted.connector_id is not None and all(
        connector.id != wanted.connector_id for connector in evse.connectors
    ):
        raise ApiError(400, "Invalid connector_id: no such connector on this EVSE")
    return station, evse


def _luck(gateway: Gateway, wanted: BookingRequest, station: Station, trace: Trace) -> Luck:
    luck = gateway.luck()
    fault = gateway.faults.take({"never_confirms", "refused"}, "POST", "/bookings")
    kind = trace.fault = fault.fault if fault else trace.fault
    hours = gateway.rng(f"hours/{station.cpo.party_id}").choice(_HOURS)
    too_long = gateway.accidents and wanted.ends - wanted.starts > timedelta(hours=hours)
    refused = 1.0 if kind == "refused" or too_long else luck.refused
    never = kind == "never_confirms"
    return Luck(luck.confirm, refused, luck.no_show, luck.expired, never)


def _make(
    gateway: Gateway,
    wanted: BookingRequest,
    station: Station,
    evse: Evse,
    luck: Luck,
    now: datetime,
) -> Booking:
    """A booking with its fate; its chance depends on the seed and its number only."""
    number = gateway.store.size()
    rng = gateway.rng(f"booking/{number}")
    # the API writes some times with a fraction and some without
    created = now.replace(microsecond=now.microsecond // 1000 * 1000 if number % 2 else 0)
    estimated = pricing.estimate(station, evse, wanted.ends - wanted.starts)
    details: dict[str, Any] = {
        "estimated_price": str(estimated),
        "final_price": str(pricing.final(estimated, rng)),
        "location_city": station.city,
        "cpo_reservation_id": f"{station.cpo.party_id}-R{rng.randrange(10**8):08d}",
    }
    if wanted.strategy == "ad_hoc":
        details["token"] = {
            "uid": f"{rng.getrandbits(56):014X}",
            "visual_number": f"DE-PME-C{rng.randrange(10**8):08d}-{rng.randrange(10)}",
            "valid_until": stamp(wanted.ends),
        }
    return Booking(
        id=str(uuid.uuid4()),
        created=created,
        starts=wanted.starts,
        ends=wanted.ends,
        evse_uid=evse.uid,
        group_id=wanted.fleet_group_id,
        request=wanted.echo,
        details=details,
        script=write_script(now, wanted.starts, wanted.ends, luck, rng),
    )


def _is_taken(gateway: Gateway, wanted: BookingRequest, now: datetime) -> bool:
    others = gateway.store.on_evse(wanted.evse_uid, wanted.starts, wanted.ends)
    if taken(others, now):
        return True
    return gateway.evse_status(wanted.evse_uid, now) in BROKEN


def _known(gateway: Gateway, request: Request) -> Booking:
    booking = gateway.store.get(request.path_params["booking_id"])
    if booking is None:
        raise ApiError(404, "Booking not found")
    trace = trace_of(request.scope)
    trace.booking_id, trace.external_id = booking.id, booking.request.get("external_id")
    return booking


async def read(request: Request) -> Response:
    gateway = gateway_of(request)
    await gateway.history_ready.wait()
    return JSONResponse(document(gateway, _known(gateway, request), gateway.clock.now()))


async def list_all(request: Request) -> Response:
    """Newest first; there is no further page (§11, §14 U1)."""
    gateway = gateway_of(request)
    params = request.query_params
    wanted = params.get("status")
    if wanted is not None and wanted not in Status.__members__:
        raise ApiError(400, "Invalid status: must be one of " + ", ".join(Status))
    first, last = (
        parse_stamp(params[name], name) if name in params else None
        for name in ("from_date", "to_date")
    )
    limit = whole(params, "limit", DEFAULT_LIMIT, MAX_LIMIT)
    await gateway.history_ready.wait()
    now = gateway.clock.now()
    rows: list[dict[str, Any]] = []
    for booking in gateway.store.created_between(first, last):
        if wanted is None or booking.status(now) == wanted:
            rows.append(document(gateway, booking, now))
            if len(rows) == limit:
                break
    return JSONResponse({"bookings": rows})


async def cancel(request: Request) -> Response:
    gateway = gateway_of(request)
    body = await json_body(request, required=False)
    if not isinstance(body.get("reason", ""), str):
        raise ApiError(400, "Invalid reason: must be a string")
    await gateway.history_ready.wait()
    with gateway.store.transaction():
        now = gateway.clock.now()
        booking = _known(gateway, request)
        status = booking.status(now)
        if status not in CANCELLABLE:
            raise ApiError(400, f"Booking cannot be cancelled in status {status}")
        booking = booking.with_script(booking.script.cancelled(now))
        gateway.store.set_script(booking.id, booking.script)
    return JSONResponse(document(gateway, booking, now))
