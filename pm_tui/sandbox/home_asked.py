"""What every endpoint of the sandbox's ev.energy looks at first."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from pm_tui.sandbox.gateway import Gateway, gateway_of
from pm_tui.sandbox.home_side import HomeSide
from pm_tui.sandbox.home_wire import Problem, base_of
from pm_tui.sandbox.wire import ApiError, json_body


def asked(request: Request, scope: str | None) -> tuple[Gateway, HomeSide, str]:
    """Whom it is asked of, and the API's own address. Raises the 403 of a token without `scope`."""
    gateway = gateway_of(request)
    if scope is not None:
        gateway.home.access.need(scope)
    return gateway, gateway.home, base_of(request)


def user_header(request: Request) -> str | None:
    """The id, or the URL whose last part is one (§13.1)."""
    given = request.headers.get("evenergy-user")
    return None if given is None else given.rstrip("/").rpartition("/")[2]


async def body_of(request: Request) -> dict[str, Any]:
    """The JSON object that was sent. Raises the 400."""
    try:
        return await json_body(request)
    except ApiError as problem:
        raise Problem(problem.status, problem.text) from None
