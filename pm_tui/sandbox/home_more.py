"""The endpoints that only the OpenAPI document has (§9): how a charger is reached, and how one
comes in without a browser. What the contract does not record is the sandbox's own: the shape of VPP
modes, and what a waitlist and a check of compatibility want and answer."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pm_tui.sandbox.home_asked import asked, body_of, user_header
from pm_tui.sandbox.home_fleet import new_id, number_of
from pm_tui.sandbox.home_wire import Problem

PROVIDERS = ("ChargePoint", "EO", "SyncEV", "EnelX", "Easee", "Wallbox", "Zaptec")
SERIAL = "SN-"  # what every serial number begins with that a provider knows


async def connectivity(request: Request) -> Response:
    """Every second charger is on WiFi, where there is no signal to tell."""
    _gateway, home, base = asked(request, "evse:read")
    device = home.device(request.path_params["id"])
    chance = number_of("connectivity", device.id)
    mobile = device.number % 2 == 0
    signal = -60 - chance % 35 if mobile else None
    return JSONResponse(
        {
            "signal_strength_rssi_dbm": signal,
            "lowest_signal_strength_rssi_dbm_7d": None if signal is None else signal - 9,
            "highest_signal_strength_rssi_dbm_7d": None if signal is None else signal + 6,
            "connection_reliability_30d": 80 + chance % 21,
            "ip_address": None if mobile else f"192.0.2.{chance % 250 + 1}",
            "iccid": f"8944{chance % 10**12:015d}" if mobile else None,
            "firmware_version": f"{1 + chance % 4}.{chance % 10}.0",
            "latest_status_log": f"{base}/evses/{device.id}/status_logs",
        }
    )


async def vpp_modes(request: Request) -> Response:
    _gateway, home, _base = asked(request, "evse:read")
    device = home.device(request.path_params["id"])
    return JSONResponse(["Idle", "Charge", "FFR", "Peak time"][: 1 + device.number % 4])


async def reconnect(request: Request) -> Response:
    _gateway, home, base = asked(request, "evse:write")
    device = home.device(request.path_params["id"])
    return JSONResponse({"url": f"{base}/reconnect-page?evse_id={device.id}"}, 201)


async def take_on(request: Request) -> Response:
    """A provider's charger by its serial number, for the user of the header (§11)."""
    gateway, home, base = asked(request, "evse:write")
    body = await body_of(request)
    wanted = {"provider", "serial_number"}
    if set(body) != wanted or not all(isinstance(body[name], str) for name in wanted):
        raise Problem(400, "provider and serial_number are needed.")
    user = user_header(request)
    if user is None or user not in home.fleet.by_user:
        raise Problem(400, "This endpoint needs the header EvEnergy-User.")
    if body["provider"] not in PROVIDERS:
        raise Problem(422, "The provider is not supported.")
    serial = body["serial_number"]
    if not serial.startswith(SERIAL):
        raise Problem(404, "The provider knows no such device.")
    if serial in home.imported:
        raise Problem(422, "The charger is registered already.")
    device = home.take_on(serial, user)
    return JSONResponse(home.evse(device, base, frozenset(), gateway.clock.now()), 201)


async def waitlist(request: Request) -> Response:
    body = await body_of(request)
    if not body.get("email"):
        needed = {"email": ["This field is required."]}
        raise Problem(400, "Check the fields.", field_errors=needed)
    number = number_of("waitlist", body["email"])
    return JSONResponse({"id": new_id("ewlt", 0, number % 10**10)}, 201)


async def check(request: Request) -> Response:
    _gateway, home, _base = asked(request, None)
    make = request.query_params.get("make")
    if make is None:
        raise Problem(400, "Check the fields.", field_errors={"make": ["This field is required."]})
    known = {one.name.casefold() for one in home.fleet.makes}
    return JSONResponse({"is_compatible": make.casefold() in known})
