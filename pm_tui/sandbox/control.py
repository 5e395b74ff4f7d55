"""The control endpoint: faults, texts, the clock, and the truth for those who check.

Outside the API's bases and asking for the same key; never limited, counted or logged.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pm_tui.sandbox import seeding
from pm_tui.sandbox.bookings import document
from pm_tui.sandbox.faults import Fault
from pm_tui.sandbox.gateway import gateway_of
from pm_tui.sandbox.limits import month_of
from pm_tui.sandbox.wire import ApiError, json_body, stamp, to_ms


async def arm(request: Request) -> Response:
    """One fault, or `{"faults": [...]}`; all or none of them are armed."""
    body = await json_body(request)
    documents = body.get("faults", [body])
    try:
        faults = [Fault.of(item) for item in documents]
    except (ValueError, TypeError, AttributeError) as problem:
        raise ApiError(400, f"Invalid fault: {problem}") from None
    armed = [gateway_of(request).faults.arm(fault).describe() for fault in faults]
    return JSONResponse({"armed": armed}, 201)


async def armed(request: Request) -> Response:
    faults = gateway_of(request).faults.armed()
    return JSONResponse({"armed": [fault.describe() for fault in faults]})


async def disarm(request: Request) -> Response:
    """All faults, or the one of `?id=`."""
    text = request.query_params.get("id")
    if text is not None and not text.isdecimal():
        raise ApiError(400, "Invalid id: must be a number")
    number = gateway_of(request).faults.disarm(None if text is None else int(text))
    return JSONResponse({"disarmed": number})


async def log(request: Request) -> Response:
    """Every request that arrived, oldest first; DELETE empties it."""
    entries = gateway_of(request).log
    if request.method == "DELETE":
        entries.clear()
    return JSONResponse({"requests": [trace.describe() for trace in entries]})


async def truth(request: Request) -> Response:
    """All bookings with their whole script, oldest first; past ones only with `?history=1`."""
    gateway = gateway_of(request)
    await gateway.history_ready.wait()
    now = gateway.clock.now()
    with_history = request.query_params.get("history") == "1"
    rows: list[dict[str, Any]] = []
    for booking in gateway.store.created_between(None, None):
        if booking.origin == "api" or with_history:
            steps = [
                {"at": stamp(step.at), "status": step.status.value} for step in booking.script.steps
            ]
            facts = document(gateway, booking, now)
            rows.append({**facts, "origin": booking.origin, "script": steps})
    return JSONResponse({"bookings": rows[::-1]})


async def seed(request: Request) -> Response:
    """More of a past (`seeding.wanted`); answers how many bookings were made."""
    gateway = gateway_of(request)
    await gateway.history_ready.wait()
    moments, number = seeding.wanted(await json_body(request))
    bookings = list(seeding.make(gateway, moments, number))
    with gateway.store.transaction():
        gateway.store.insert(bookings)
    return JSONResponse({"bookings": len(bookings)}, 201)


async def texts(request: Request) -> Response:
    """`{"mode": "hostile"}` or `{"mode": "plain"}`."""
    gateway = gateway_of(request)
    mode = (await json_body(request)).get("mode")
    if mode not in ("hostile", "plain"):
        raise ApiError(400, "Invalid mode: must be hostile or plain")
    gateway.texts.is_hostile = mode == "hostile"
    return JSONResponse({"mode": mode})


async def clock(request: Request) -> Response:
    """POST `{"advance_seconds": N}` moves it, for good: a restart on the same state finds it so.

    Another sandbox that runs on that state does not notice before its own restart.
    """
    gateway = gateway_of(request)
    if request.method == "POST":
        seconds = (await json_body(request)).get("advance_seconds")
        if isinstance(seconds, bool) or not isinstance(seconds, int | float):
            raise ApiError(400, "Invalid advance_seconds: must be a number")
        if not 0 <= seconds <= 10 * 366 * 86_400:
            raise ApiError(400, "Invalid advance_seconds: forward, and by ten years at most")
        gateway.clock.advance(seconds)
        offset = gateway.clock.offset.total_seconds()
        gateway.store.set_meta("clock_offset", repr(offset))
    now = gateway.clock.now()
    return JSONResponse(
        {
            "now": stamp(now),
            "now_ms": to_ms(now),
            "offset_seconds": gateway.clock.offset.total_seconds(),
        }
    )


async def home(request: Request) -> Response:
    """What the side of home chargers is like: `evses` (how many), `scopes`, `rate` (an hour),
    `version` (that answers), `forget_tokens`, `back` (all that were decommissioned are there
    again)."""
    side = gateway_of(request).home
    body = await json_body(request)
    if isinstance(number := body.get("evses"), int):
        side.resize(number)
    if isinstance(scopes := body.get("scopes"), list):
        side.access.scopes = tuple(map(str, scopes))
    if isinstance(rate := body.get("rate"), int):
        side.access.rate = rate
    if isinstance(version := body.get("version"), str):
        side.access.version = version
    if body.get("forget_tokens"):
        side.access.forget_tokens()
    if body.get("back"):
        side.gone.clear()
    return JSONResponse({"evses": len(side.listed()), "gone": sorted(side.gone)})


async def quota(request: Request) -> Response:
    """POST `{"used": N}` sets what the month has seen, to come near its end at once."""
    gateway = gateway_of(request)
    now = gateway.clock.now()
    if request.method == "POST":
        used = (await json_body(request)).get("used")
        if not isinstance(used, int) or isinstance(used, bool) or not 0 <= used < 10**9:
            raise ApiError(400, "Invalid used: must be a whole number")
        gateway.store.set_requests(month_of(now), used)
    return JSONResponse({"used": gateway.limiter.used(now), "limit": gateway.limiter.quota})
