"""Everything one running sandbox has, in one object that the endpoints are given."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.types import Scope

from pm_tui.sandbox.charging import evse_status
from pm_tui.sandbox.clock import Clock
from pm_tui.sandbox.faults import Faults
from pm_tui.sandbox.home_side import HomeSide
from pm_tui.sandbox.home_wire import HOME_BASE
from pm_tui.sandbox.lifecycle import Luck
from pm_tui.sandbox.limits import Limiter
from pm_tui.sandbox.options import Options
from pm_tui.sandbox.profiles import DEFAULT, PROFILES
from pm_tui.sandbox.relay import Link, Relay
from pm_tui.sandbox.stations import Network
from pm_tui.sandbox.store import Store
from pm_tui.sandbox.texts import Texts
from pm_tui.sandbox.wire import stamp

CLIENT_BASE = "/api/v1/client"
FLEET_BASE = "/api/v1/fleet"
CONTROL_BASE = "/_sandbox"
_LOG_LENGTH = 20_000


@dataclass(slots=True)
class Trace:
    """What the log remembers of one request; the endpoints fill in what they learn."""

    at: str
    method: str
    path: str
    query: str
    status: int | None = None
    external_id: str | None = None
    booking_id: str | None = None
    fault: str | None = None
    bare: bool = False  # an answer that no API made: without its headers
    link: Link | None = None

    def describe(self) -> dict[str, Any]:
        names = ("at", "method", "path", "query", "status", "external_id", "booking_id", "fault")
        return {name: getattr(self, name) for name in names}


@dataclass(slots=True)
class Gateway:
    options: Options
    network: Network
    store: Store
    clock: Clock
    limiter: Limiter
    faults: Faults
    texts: Texts
    api_key: str
    accidents: bool
    home: HomeSide
    relay: Relay | None = None
    log: list[Trace] = field(default_factory=list)
    history_ready: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    def open(cls, options: Options, network: Network) -> Gateway:
        """Raises `sqlite3.Error` or `OSError` when the state folder cannot be used."""
        store = Store(options.state)
        profile = PROFILES[options.chaos] if options.chaos else DEFAULT
        faults = Faults(options.seed)
        for fault in profile.make():
            faults.arm(fault)
        texts = Texts(profile.hostile)
        return cls(
            options=options,
            network=network,
            store=store,
            clock=Clock(timedelta(seconds=float(store.meta("clock_offset") or 0))),
            limiter=Limiter(options.rate, options.quota, store),
            faults=faults,
            texts=texts,
            api_key=store.api_key(),
            accidents=profile.accidents,
            home=HomeSide(options.seed, store, texts),
        )

    def luck(self) -> Luck:
        confirm = self.options.confirm_seconds
        if self.accidents:
            return Luck(confirm)
        return Luck(confirm, refused=0, no_show=0, expired=0)

    def evse_status(self, evse_uid: str, now: datetime) -> str:
        """What the operator says of this EVSE, our own bookings aside."""
        return evse_status(self.options.seed, evse_uid, now if self.accidents else None)

    def rng(self, purpose: str) -> random.Random:
        """Chance that is the same for the same seed and purpose, in every process."""
        return random.Random(f"{self.options.seed}/{purpose}")

    def remember(self, scope: Scope) -> Trace:
        """Open this request's line in the log."""
        trace = Trace(
            at=stamp(self.clock.now()),
            method=scope["method"],
            path=scope["path"],
            query=scope["query_string"].decode("latin-1"),
        )
        client = scope.get("client")
        if self.relay is not None and client:
            trace.link = self.relay.link(client[1])
        if trace.link is not None:
            trace.link.damage = None  # the one of an answer before this on the connection
        scope["sandbox.trace"] = trace
        if not trace.path.startswith(CONTROL_BASE):
            self.log.append(trace)
            del self.log[:-_LOG_LENGTH]
        return trace


def gateway_of(request: Request) -> Gateway:
    gateway = request.app.state.gateway
    assert isinstance(gateway, Gateway)  # noqa: S101  (for mypy: the state is untyped)
    return gateway


def trace_of(scope: Scope) -> Trace:
    trace = scope["sandbox.trace"]
    assert isinstance(trace, Trace)  # noqa: S101  (for mypy: the scope is untyped)
    return trace


def relative(path: str) -> str:
    """The path that faults match: relative to the client base, `/fleet/...` and `/home/...` for
    the others."""
    if path.startswith(CLIENT_BASE):
        return path.removeprefix(CLIENT_BASE) or "/"
    if path.startswith(FLEET_BASE):
        return "/fleet" + path.removeprefix(FLEET_BASE)
    if path.startswith(HOME_BASE):
        return "/home" + path.removeprefix(HOME_BASE)
    return path
