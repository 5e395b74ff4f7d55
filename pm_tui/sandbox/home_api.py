"""The endpoints of the sandbox's ev.energy (contract/evenergy-v2.md §9)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pm_tui.sandbox import home_logs, home_more
from pm_tui.sandbox.gateway import gateway_of
from pm_tui.sandbox.home_asked import asked, body_of, user_header
from pm_tui.sandbox.home_fleet import Device
from pm_tui.sandbox.home_wire import Problem, Row, expansions, moment, page
from pm_tui.sandbox.wire import stamp

T = TypeVar("T")
_EVSE = ("user", "model", "model.make", "latest_status_log", "ct_clamp")
_PLACE = "https://api.ev.energy/v2/problems/validation-failed-update-evse/"


def routes() -> list[Route]:
    return [
        Route("/evses", evses, methods=["GET"]),
        Route("/evses/{id}", evse, methods=["GET"]),
        Route("/evses/{id}", update, methods=["PATCH"]),
        Route("/evses/{id}", remove, methods=["DELETE"]),
        Route("/evses/{id}/status_logs", status_logs, methods=["GET"]),
        Route("/evses/{id}/status_logs/{at}", status_log, methods=["GET"]),
        Route("/evses/{id}/command_logs", command_logs, methods=["GET"]),
        Route("/evses/{id}/connectivity", home_more.connectivity, methods=["GET"]),
        Route("/evses/{id}/vpp_modes", home_more.vpp_modes, methods=["GET"]),
        Route("/evses/{id}/reconnect", home_more.reconnect, methods=["POST"]),
        Route("/evse_onboarding/import", home_more.take_on, methods=["POST"]),
        Route("/evse_waitlist", home_more.waitlist, methods=["POST"]),
        Route("/evse_compatibility/check", home_more.check, methods=["GET"]),
        Route("/evse_makes", makes, methods=["GET"]),
        Route("/evse_makes/{id}", make, methods=["GET"]),
        Route("/evse_models", models, methods=["GET"]),
        Route("/evse_models/{id}", model, methods=["GET"]),
        Route("/evse_onboarding", onboarding, methods=["GET"]),
        Route("/users", users, methods=["GET"]),
        Route("/users/{id}", user, methods=["GET"]),
        Route("/charging_sub_sessions", sub_sessions, methods=["GET"]),
    ]


async def token(request: Request) -> Response:
    gateway = gateway_of(request)
    return await gateway.home.access.token(request, gateway.clock.now())


def _evse_id(device: Device) -> str:
    return device.id


async def evses(request: Request) -> Response:
    gateway, home, base = asked(request, "evse:read")
    expand = expansions(request, _EVSE)
    rows = home.listed(user_header(request))
    if cpid := request.query_params.get("cpid"):
        rows = [one for one in rows if f"CP-{one.number:06d}" == cpid and not one.is_old]
    now = gateway.clock.now()
    return page(request, rows, _evse_id, lambda one: home.evse(one, base, expand, now))


async def evse(request: Request) -> Response:
    gateway, home, base = asked(request, "evse:read")
    device = home.device(request.path_params["id"])
    expand = expansions(request, _EVSE)
    return JSONResponse(home.evse(device, base, expand, gateway.clock.now()))


async def update(request: Request) -> Response:
    gateway, home, base = asked(request, "evse:write")
    device = home.device(request.path_params["id"])
    body = await body_of(request)
    place = body.get("location")
    if set(body) != {"location"} or not (place is None or _is_place(place)):
        wrong = {"location": ["A latitude and a longitude are needed."]}
        raise Problem(400, "Check the fields.", type=_PLACE, field_errors=wrong)
    home.places[device.id] = place
    home.keep()
    expand = expansions(request, _EVSE)
    return JSONResponse(home.evse(device, base, expand, gateway.clock.now()))


def _is_place(place: Any) -> bool:
    if not isinstance(place, dict) or set(place) != {"latitude", "longitude"}:
        return False
    most = {"latitude": 90, "longitude": 180}
    return all(
        isinstance(place[name], int | float) and abs(place[name]) <= limit
        for name, limit in most.items()
    )


async def remove(request: Request) -> Response:
    _gateway, home, _base = asked(request, "evse:write")
    device = home.device(request.path_params["id"])
    if device.id in home.gone:
        raise Problem(404, "No EVSE matches the given query.")
    home.gone.add(device.id)
    home.keep()
    return Response(status_code=204)


async def status_logs(request: Request) -> Response:
    gateway, home, base = asked(request, "evse:read")
    device = home.device(request.path_params["id"])
    now = gateway.clock.now()
    since = max(moment(request, "sampled_at__gte", now - home_logs.KEPT), now - home_logs.KEPT)
    before = min(moment(request, "sampled_at__lte", now), now)
    rows = home_logs.samples(device, _cursor(request, before), since)
    return _log_page(
        request, rows, lambda one: one.text, lambda one: home.status_log(device, one, base)
    )


async def status_log(request: Request) -> Response:
    gateway, home, base = asked(request, "evse:read")
    device = home.device(request.path_params["id"])
    text, now = request.path_params["at"], gateway.clock.now()
    for one in home_logs.samples(device, now, now - home_logs.KEPT):
        if one.text == text:  # letter by letter: another spelling is another time (§14)
            return JSONResponse(home.status_log(device, one, base))
    raise Problem(404, "No status log matches the given query.")


async def command_logs(request: Request) -> Response:
    gateway, home, base = asked(request, "debug:read")
    device = home.device(request.path_params["id"])
    now = gateway.clock.now()
    since = moment(request, "logged_at__gte", now - timedelta(days=7))
    before = min(moment(request, "logged_at__lte", now), now)
    rows = home_logs.commands(device, _cursor(request, before), since)

    def write(one: home_logs.Command) -> Row:
        return {
            "url": f"{base}/evses/{device.id}/command_logs/{stamp(one.at)}",
            "logged_at": stamp(one.at),
            "evse": f"{base}/evses/{device.id}",
            "max_load_target_milliamps": one.milliamps,
            "is_enabled_target": one.enabled,
            "always_enabled": None,
            "reason": one.reason,
        }

    return _log_page(request, rows, lambda one: stamp(one.at), write)


def _cursor(request: Request, before: Any) -> Any:
    """Logs turn pages by time (§13.4): what is older than the cursor."""
    if "page_after" not in request.query_params:
        return before
    return min(before, moment(request, "page_after", before) - timedelta(microseconds=1))


def _log_page(
    request: Request, rows: Iterable[T], key: Callable[[T], str], write: Callable[[T], Row]
) -> Response:
    """No further than one row beyond the page: a month has thousands."""
    size = request.query_params.get("page_size", "25")
    most = int(size) + 1 if size.isdecimal() else 1
    taken: list[T] = []
    for row in rows:
        taken.append(row)
        if len(taken) >= most:
            break
    return page(request, taken, key, write, after=lambda _cursor: 0)


async def makes(request: Request) -> Response:
    _gateway, home, base = asked(request, None)
    numbers = list(range(len(home.fleet.makes)))
    return page(request, numbers, lambda n: home.fleet.makes[n].id, lambda n: home.make(n, base))


async def make(request: Request) -> Response:
    _gateway, home, base = asked(request, None)
    for number, one in enumerate(home.fleet.makes):
        if one.id == request.path_params["id"]:
            return JSONResponse(home.make(number, base))
    raise Problem(404, "No make matches the given query.")


async def models(request: Request) -> Response:
    _gateway, home, base = asked(request, None)
    expand = expansions(request, ("make",))
    make_id = request.query_params.get("make_id")
    all_of = home.fleet.models
    numbers = [n for n, one in enumerate(all_of) if make_id in (None, one.make.id)]
    return page(
        request,
        numbers,
        lambda n: all_of[n].id,
        lambda n: home.model_row(n, base, "make" in expand),
    )


async def model(request: Request) -> Response:
    _gateway, home, base = asked(request, None)
    expand = expansions(request, ("make",))
    for number, one in enumerate(home.fleet.models):
        if one.id == request.path_params["id"]:
            return JSONResponse(home.model_row(number, base, "make" in expand))
    raise Problem(404, "No model matches the given query.")


async def onboarding(request: Request) -> Response:
    _gateway, home, base = asked(request, None)
    query = request.query_params
    if "client_id" not in query or "user_id" not in query:
        raise Problem(400, "client_id and user_id are needed.")
    link = f"{base}/onboarding-page?user_id={query['user_id']}"
    if query.get("response_type") != "json":
        return Response(status_code=302, headers={"Location": link})
    if "make_id" not in query and "model_id" not in query:
        raise Problem(400, "One of make_id and model_id is needed.")
    known = {one.id for one in home.fleet.makes} | {one.id for one in home.fleet.models}
    if query.get("make_id", query.get("model_id")) not in known:
        raise Problem(404, "No make or model matches the given query.")
    return JSONResponse({"url": link})


async def users(request: Request) -> Response:
    _gateway, home, base = asked(request, "user:read")
    email = request.query_params.get("email", "").casefold()
    found = [one for one in home.fleet.users if not email or (one.email or "") == email]
    return page(request, found, lambda one: one.id, lambda one: home.user_row(one.id, base))


async def user(request: Request) -> Response:
    _gateway, home, base = asked(request, "user:read")
    return JSONResponse(home.user_row(request.path_params["id"], base))


async def sub_sessions(request: Request) -> Response:
    gateway, home, base = asked(request, "charging_session:read")
    device = home.device(request.query_params.get("evse_id", ""))
    now = gateway.clock.now()
    nights = list(home_logs.nights(device, now - home_logs.KEPT, now))

    def write(one: home_logs.Night) -> Row:
        is_over = one.unplugged <= now
        energy = one.energy(now)
        return {
            "id": f"csub{int(one.plugged.timestamp()):026d}",
            "url": f"{base}/charging_sub_sessions/csub{int(one.plugged.timestamp()):026d}",
            "start": stamp(one.plugged),
            "end": stamp(one.unplugged) if is_over else None,
            "mode": "SMART" if one.is_smart else "UNMANAGED_HOME",
            "evse": f"{base}/evses/{device.id}",
            "vehicle": None,
            "energy_delivered_watt_hours": energy,
            "cost": energy * 29 // 1000,
            "currency": "EUR",
        }

    def behind(cursor: str) -> int:
        ids = [f"csub{int(one.plugged.timestamp()):026d}" for one in nights]
        return ids.index(cursor) + 1 if cursor in ids else len(ids)

    key = "csub{:026d}".format
    return page(request, nights, lambda one: key(int(one.plugged.timestamp())), write, behind)
