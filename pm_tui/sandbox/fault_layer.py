"""The layer between the limits and the API where armed faults strike."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from email.utils import format_datetime

from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pm_tui.sandbox.faults import ANSWERS, WIRE, Fault
from pm_tui.sandbox.gateway import CONTROL_BASE, Gateway, relative, trace_of
from pm_tui.sandbox.home_wire import HOME_ROOT, Problem
from pm_tui.sandbox.limits import next_month
from pm_tui.sandbox.relay import Damage
from pm_tui.sandbox.texts import HOSTILE
from pm_tui.sandbox.wire import error

_PORTAL = """<!DOCTYPE html><html><head><title>Guest network</title></head>
<body><h1>Welcome to the guest network</h1><form action="/login"><input name="room"></form>
</body></html>"""
_BAD_GATEWAY = "<html><body><center><h1>502 Bad Gateway</h1></center><hr>nginx</body></html>"
_MALFORMED = (
    b'{"id": "trunc',
    b'{"total": NaN, "results": [], "bookings": []}',
    b'{"error": "bad \xff\xfe utf-8"}',
    b"[" * 5_000,
    b'{"total": 1' + b"0" * 5_000 + b"}",
    b"null",
    b'["not", "an", "object"]',
)


class _Call:
    """One request with what is needed to answer it, now or later."""

    def __init__(self, layer: FaultLayer, scope: Scope, receive: Receive, send: Send) -> None:
        self.layer, self.scope, self.receive, self.send = layer, scope, receive, send
        self._from_server = receive

    async def process(self) -> tuple[int, bytes]:
        """Carry the request out and keep the answer to ourselves."""
        status, body = 0, b""

        async def keep(message: Message) -> None:
            nonlocal status, body
            if message["type"] == "http.response.start":
                status = message["status"]
            else:
                body += message.get("body", b"")

        await self.layer.app(self.scope, self.receive, keep)
        return status, body

    async def take_body(self) -> None:
        """Read the request now, so that it can be carried out when the client is gone."""
        receive = self._from_server
        messages = [await receive()]
        while messages[-1].get("more_body"):
            messages.append(await receive())

        async def replay() -> Message:
            return messages.pop(0) if messages else await receive()

        self.receive = replay

    async def answer(self, response: Response) -> None:
        await response(self.scope, self.receive, self.send)

    async def gone(self) -> None:
        """Wait until the server has noticed that the client's connection is lost."""
        while (await self._from_server())["type"] != "http.disconnect":
            pass


class FaultLayer:
    def __init__(self, app: ASGIApp, gateway: Gateway) -> None:
        self.app = app
        self.gateway = gateway
        self._late: set[asyncio.Task[object]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        trace = trace_of(scope)
        if trace.path.startswith(CONTROL_BASE):
            return await self.app(scope, receive, send)
        path = relative(trace.path)
        fault = self.gateway.faults.take(WIRE | ANSWERS, trace.method, path)
        if fault is None:
            return await self.app(scope, receive, send)
        trace.fault = fault.fault
        if fault.fault in WIRE:
            if trace.link is not None:
                trace.link.damage = Damage(
                    fault.fault, _or(fault.seconds, 0.05), max(1, fault.size or 1)
                )
            return await self.app(scope, receive, send)
        return await self._strike(fault, _Call(self, scope, receive, send))

    async def _strike(self, fault: Fault, call: _Call) -> None:
        trace = trace_of(call.scope)
        match fault.fault:
            case "drop":
                await self._drop(call)
            case "late":
                await self._late_acceptance(fault, call)
            case "slow":
                await call.take_body()  # or a client that gives up would not be served at all
                await self.gateway.faults.hold(_or(fault.seconds, 2))
                await self.app(call.scope, call.receive, call.send)
            case "html" | "html_502" | "redirect":
                trace.bare = True
                await call.answer(_foreign(fault))
            case "bomb":
                await call.answer(_bomb(fault))
            case "empty":
                status, _ = await call.process()
                await call.answer(Response(status_code=status, media_type="application/json"))
            case _:
                if fault.process:
                    await call.process()
                answer = self._failure(fault)
                await call.answer(_as_at_home(answer) if _is_home(call.scope) else answer)

    async def _drop(self, call: _Call) -> None:
        link = trace_of(call.scope).link
        if link is not None:
            link.reset()
            await call.gone()

    async def _late_acceptance(self, fault: Fault, call: _Call) -> None:
        """Lose the connection now and carry the request out some seconds later."""
        await call.take_body()

        async def accept() -> None:
            await asyncio.sleep(_or(fault.seconds, 2))
            await call.process()

        task: asyncio.Task[object] = asyncio.create_task(accept())
        self._late.add(task)
        task.add_done_callback(self._late.discard)
        await self._drop(call)

    def _failure(self, fault: Fault) -> Response:
        match fault.fault:
            case "suspended":
                return error(403, fault.text or "Account suspended or inactive")
            case "hostile_error":
                text = "[@click=app.quit]Bad[/x] \x1b[2J\x1b]52;c;cm0=\x07 \u202e" + HOSTILE[12]
                return error(fault.status or 400, fault.text or text)
            case "malformed":
                body = _MALFORMED[(fault.hits - 1) % len(_MALFORMED)]
                return Response(body, fault.status or 200, media_type="application/json")
            case "raw":
                media_type = "application/json"
                return Response(fault.text or "", fault.status or 200, media_type=media_type)
            case "error":
                return error(fault.status or 503, fault.text or "Internal server error")
            case _:
                return self._limited(fault)

    def _limited(self, fault: Fault) -> Response:
        now = self.gateway.clock.now()
        seconds = int(_or(fault.seconds, 60))
        headers = {"X-RateLimit-Remaining": "0", "Retry-After": str(seconds)}
        if fault.fault == "429_date":
            moment = now + timedelta(seconds=seconds)
            headers["Retry-After"] = format_datetime(moment, usegmt=True)
        elif fault.fault == "429_bare":
            del headers["Retry-After"]
        elif fault.fault == "429_monthly":
            seconds = int((next_month(now) - now).total_seconds()) + 1
            headers = {"Retry-After": str(seconds)}
        return error(429, f"Rate limit exceeded. Retry after {seconds} seconds.", headers)


def _is_home(scope: Scope) -> bool:
    return trace_of(scope).path.startswith(HOME_ROOT + "/")


def _as_at_home(answer: Response) -> Response:
    """The same failure in the words of the other API: its problem body, an hour's headers."""
    try:
        said = json.loads(bytes(answer.body))
    except ValueError:
        return answer  # malformed on purpose
    if not isinstance(said, dict) or "error" not in said:
        return answer
    wait = answer.headers.get("retry-after")
    headers = {} if wait is None else {"RetryAfter": wait}
    return Problem(answer.status_code, str(said["error"])).response(headers)


def _or(value: float | None, default: float) -> float:
    return default if value is None else value


def _foreign(fault: Fault) -> Response:
    """What somebody on the way answers instead of the API."""
    if fault.fault == "html":
        return HTMLResponse(_PORTAL, fault.status or 200)
    if fault.fault == "html_502":
        return HTMLResponse(_BAD_GATEWAY, fault.status or 502)
    return RedirectResponse(fault.location or "http://127.0.0.1:9/login", fault.status or 302)


def _bomb(fault: Fault) -> Response:
    """`size` bytes (default 64 MB) of one JSON string; with `gzip` they travel as a few kB."""
    size = fault.size or 64 * 1024 * 1024
    if fault.encoding == "gzip":
        body = gzip.compress(b'{"results": "' + b"A" * size + b'"}')
        return Response(body, media_type="application/json", headers={"Content-Encoding": "gzip"})

    async def stream() -> AsyncIterator[bytes]:
        yield b'{"results": "'
        for _ in range(max(1, size // 65536)):
            yield b"A" * 65536
        yield b'"}'

    return StreamingResponse(stream(), media_type="application/json")
