"""The Starlette application: routes, and the layers around them."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route, Router

from pm_tui.sandbox import bookings, control, home_api, reports
from pm_tui.sandbox.fault_layer import FaultLayer
from pm_tui.sandbox.gate import Gate
from pm_tui.sandbox.gateway import CLIENT_BASE, CONTROL_BASE, FLEET_BASE, Gateway
from pm_tui.sandbox.home_wire import HOME_BASE, HOME_ROOT, TOKEN_PATH, Problem
from pm_tui.sandbox.search import SearchEndpoint
from pm_tui.sandbox.wire import ApiError, error


def make_app(gateway: Gateway) -> Starlette:
    search = SearchEndpoint(gateway)
    client = [
        Route("/search", search.get, methods=["GET"]),
        Route("/bookings", bookings.list_all, methods=["GET"]),
        Route("/bookings", bookings.create, methods=["POST"]),
        Route("/bookings/{booking_id}", bookings.read, methods=["GET"]),
        Route("/bookings/{booking_id}/cancel", bookings.cancel, methods=["POST"]),
        Route("/usage", reports.usage, methods=["GET"]),
    ]
    fleet = [
        Route("/reports/export", reports.export, methods=["GET"]),
        Route("/groups/{group_id}/tokens/bulk", reports.bulk_tokens, methods=["POST"]),
    ]
    app = Starlette(
        routes=[
            _mount(CLIENT_BASE, client),
            _mount(FLEET_BASE, fleet),
            _mount(HOME_BASE, home_api.routes()),
            Route(TOKEN_PATH, home_api.token, methods=["POST"]),
            _mount(CONTROL_BASE, _control()),
        ],
        middleware=[
            Middleware(Gate, gateway=gateway),
            Middleware(FaultLayer, gateway=gateway),
        ],
        exception_handlers={
            ApiError: _api_error,
            Problem: _problem,
            HTTPException: _http_error,
        },
    )
    app.state.gateway = gateway
    return app


def _mount(base: str, routes: list[Route]) -> Mount:
    """Without Starlette's redirect from `/x/` to `/x`: the API answers 404."""
    return Mount(base, app=Router(routes, redirect_slashes=False))


def _control() -> list[Route]:
    return [
        Route("/faults", control.armed, methods=["GET"]),
        Route("/faults", control.arm, methods=["POST"]),
        Route("/faults", control.disarm, methods=["DELETE"]),
        Route("/log", control.log, methods=["GET", "DELETE"]),
        Route("/bookings", control.truth, methods=["GET"]),
        Route("/seed", control.seed, methods=["POST"]),
        Route("/texts", control.texts, methods=["POST"]),
        Route("/clock", control.clock, methods=["GET", "POST"]),
        Route("/quota", control.quota, methods=["GET", "POST"]),
        Route("/home", control.home, methods=["POST"]),
    ]


async def _api_error(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, ApiError)  # noqa: S101  (for mypy: Starlette's type is wider)
    return error(problem.status, problem.text)


async def _problem(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, Problem)  # noqa: S101  (for mypy: as above)
    return problem.response()


async def _http_error(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, HTTPException)  # noqa: S101  (for mypy: as above)
    headers = dict(problem.headers) if problem.headers else None
    if request.url.path.startswith(HOME_ROOT + "/"):
        return Problem(problem.status_code, problem.detail).response(headers)
    return error(problem.status_code, problem.detail, headers)
