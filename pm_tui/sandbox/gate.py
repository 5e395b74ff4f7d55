"""What every request passes first: the log, the Host, the key and the limits.

Rate headers are put on every answer here, also on refusals and on those the fault layer makes
(contract/agent-api.md §13: they come on every response).
"""

from __future__ import annotations

import hmac
import traceback
from email.utils import format_datetime

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pm_tui.sandbox.gateway import CONTROL_BASE, Gateway, Trace
from pm_tui.sandbox.home_access import HomeVerdict
from pm_tui.sandbox.home_wire import HOME_ROOT
from pm_tui.sandbox.limits import Verdict
from pm_tui.sandbox.wire import error

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})


class Gate:
    def __init__(self, app: ASGIApp, gateway: Gateway) -> None:
        self._app = app
        self._gateway = gateway

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        gateway = self._gateway
        trace = gateway.remember(scope)
        headers = Headers(scope=scope)
        app: ASGIApp = self._app
        verdict: Verdict | HomeVerdict = gateway.limiter.look(gateway.clock.now())
        if not _is_loopback(headers.get("host", "")):
            app = error(400, "Invalid Host header")
        elif trace.path.startswith(HOME_ROOT + "/"):  # an API of its own: its keys, its limits
            now = gateway.clock.now()
            app = gateway.home.access.refusal(trace.path, headers, now) or app
            verdict = gateway.home.access.verdict(now)
        elif refusal := _refused(headers, gateway.api_key):
            app = error(401, refusal, {"WWW-Authenticate": "Bearer"})
        elif not trace.path.startswith(CONTROL_BASE + "/"):
            verdict = admitted = gateway.limiter.admit(gateway.clock.now())
            if (wait := admitted.retry_after) is not None:
                app = error(429, f"Rate limit exceeded. Retry after {wait} seconds.")
        marked = _Marked(gateway, trace, verdict, send)
        try:
            await app(scope, receive, marked)
        except ClientDisconnect:
            pass  # gone before its request was read: nothing was done, nobody to tell
        except Exception as problem:
            # Starlette's own last resort lies outside of this layer: without the headers, unseen
            traceback.print_exception(problem)
            if trace.status is None:
                await error(500, "Internal server error")(scope, receive, marked)


class _Marked:
    """`send` that adds the headers and notes the status."""

    def __init__(
        self, gateway: Gateway, trace: Trace, verdict: Verdict | HomeVerdict, send: Send
    ) -> None:
        self._gateway = gateway
        self._trace = trace
        self._verdict = verdict
        self._send = send

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._trace.status = message["status"]
            headers = MutableHeaders(scope=message)
            # the sandbox's own clock, which a test may have moved
            headers["Date"] = format_datetime(self._gateway.clock.now(), usegmt=True)
            if not self._trace.bare:
                for name, value in self._verdict.headers().items():
                    headers.setdefault(name, value)
        await self._send(message)


def _is_loopback(host: str) -> bool:
    """Against DNS rebinding: a web page's own name may point to 127.0.0.1, too."""
    name, _, port = host.rpartition(":")
    return (name if port.isdigit() else host).lower() in _LOOPBACK


def _refused(headers: Headers, key: str) -> str | None:
    given = headers.get("x-api-key")
    if given is None:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        given = token.strip() if scheme.lower() == "bearer" else None
    if not given:
        return "Missing API key"
    if not hmac.compare_digest(given.encode("utf-8", "replace"), key.encode()):
        return "Invalid API key"
    return None
