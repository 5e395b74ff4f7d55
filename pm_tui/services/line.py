"""The line to the gateway: opened when first needed, and what every answer says about it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from pydantic import SecretStr

from pm_tui import crash
from pm_tui.api.agent import AgentClient, Answer
from pm_tui.api.clock import Clock
from pm_tui.api.errors import (
    ApiError,
    BadAnswer,
    OutcomeUnknown,
    QuotaSpent,
    RateLimited,
    ServerTrouble,
    Suspended,
    Timeout,
    Unauthorized,
    Unreachable,
)
from pm_tui.api.limits import RateGate
from pm_tui.api.pool import Word
from pm_tui.api.record import Record, because
from pm_tui.i18n import _
from pm_tui.services.connection import Connection, State
from pm_tui.services.sandbox_child import Gateway, SandboxChild, SandboxFailed

if TYPE_CHECKING:
    from pm_tui.config import Settings
    from pm_tui.models.usage import Usage
    from pm_tui.services.host import Host

T = TypeVar("T")

# the gateway answers, but not us or not as it should
DEGRADED = (ServerTrouble, RateLimited, BadAnswer, Unauthorized, Suspended, OutcomeUnknown)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a client connects to, and with what key."""

    base_url: str
    fleet_url: str | None
    api_key: SecretStr


class Line:
    """`on_change` is called on the event loop whenever `connection` is another."""

    def __init__(
        self,
        settings: Settings,
        now: Callable[[], datetime],
        host: Host,
        clock: Clock,
        record: Record | None = None,
    ) -> None:
        self._record = record
        self._settings, self._now, self._host, self.clock = settings, now, host, clock
        self.on_change: Callable[[Connection], None] = lambda _connection: None
        self.connection = Connection("starting", now())
        self._child: SandboxChild | None = None
        self._gateway: Gateway | None = None
        self._client: AgentClient | None = None
        self._opening = asyncio.Lock()
        self._month_base: int | None = None
        self.base_url = ""  # where it was opened
        self._heard: Word | None = None
        if settings.offline:
            self.note(state="offline", problem=_("offline by choice"))

    async def ask(self, call: Callable[[AgentClient], Awaitable[T]]) -> T:
        """Send one question and note what its fate says about the line."""
        self.note(requests_open=self.connection.requests_open + 1)
        try:
            answer = await call(await self._open())
        except ApiError as failure:
            lost = isinstance(failure, OutcomeUnknown) and failure.status is None
            offline = lost or isinstance(failure, Unreachable | Timeout)
            degraded = isinstance(failure, DEGRADED)
            state: State = "offline" if offline else "degraded" if degraded else "online"
            if isinstance(failure, QuotaSpent):
                state = "spent"
            self.note(state=state, problem="" if state == "online" else str(failure))
            raise
        else:
            self.note(state="online", problem="", last_sync=self._now())
            return answer
        finally:
            self.note(requests_open=self.connection.requests_open - 1)

    def note(self, **changes: object) -> None:
        """Change what is known of the line; the limits come from the client's own count."""
        old = self.connection
        if "state" in changes and changes["state"] != old.state:
            changes["since"] = self._now()
        if self._client is not None:
            rate = self._client.gate.snapshot()
            changes |= {
                "limit": rate.limit,
                "remaining": rate.remaining,
                "reset_at": rate.reset_at,
                "blocked_until": rate.blocked_until,
            }
            if self._month_base is not None:
                changes["month_used"] = self._month_base + rate.month_sent
            if rate.shared is not None and rate.shared.month_used is not None:
                changes["month_used"] = rate.shared.month_used
                changes["month_limit"] = rate.shared.month_limit
        self.connection = replace(old, **changes)  # type: ignore[arg-type]
        if self.connection != old:
            self.on_change(self.connection)

    async def usage(self, *, background: bool = False) -> Answer[Usage]:
        """Ask for the month's count and take it over. What other desks send is only seen at the
        next reading; what we send ourselves is added from here on."""
        client = await self._open()
        sent = client.gate.snapshot().month_sent + 1  # with the question itself
        with because("usage"):
            answer = await self.ask(lambda client: client.usage(background=background))
        used, limit = answer.value.month_used, answer.value.month_limit
        if used is not None:
            self._month_base = used - sent
        self._host.usage(used, limit)
        await self.listen()
        if used is not None:
            self.note(month_told_at=answer.received_at)
        self.note(month_limit=limit)
        return answer

    async def listen(self) -> None:
        """Take over what the others of this host know of the limits, and how their last reading
        of the list went."""
        word = await self._host.glance()
        if word is None:
            return
        heard = replace(word, wait=0.0, frees_in=0.0, blocked=float(word.blocked > 0))
        if heard == self._heard:
            return  # nothing but time has passed: no reason to paint
        self._heard = heard
        if self._client is not None:
            self._client.gate.told(word)
        else:  # nothing was asked here yet: there is no gate that could tell
            until = self._now() + timedelta(seconds=word.blocked) if word.blocked > 0 else None
            self.note(month_used=word.month_used, month_limit=word.month_limit, blocked_until=until)
        if word.blocked > 0 and word.spent:
            self.note(state="spent", problem=str(self._spent(word.blocked)))
        elif self.connection.state == "spent":
            self.note(state="degraded", problem="")
        else:
            self.note()

    def heard_of(self, at: datetime) -> None:
        """Another window's reading went well."""
        if self.connection.state != "spent":
            self.note(state="online", problem="", last_sync=at)

    def heard_of_failure(self, state: str, problem: str) -> None:
        """Another window's reading did not."""
        if state in ("offline", "degraded"):
            self.note(state=state, problem=problem)

    def _spent(self, seconds: float) -> QuotaSpent:
        return QuotaSpent(self._now() + timedelta(seconds=seconds))

    def try_anyway(self) -> None:
        """A person wants to try although the month is said to be spent: it may have been raised."""
        if self._client is not None:
            self._client.gate.unblock()
        else:
            self._host.opened()
        if self.connection.state == "spent":
            self.note(state="degraded")

    @property
    def clock_ahead(self) -> timedelta:
        """The gateway's clock minus ours, as its last answer told it; nothing before."""
        return timedelta() if self._client is None else self._client.clock_offset

    async def close(self) -> None:
        """Close the client, and end the sandbox where there is one."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()
        child, self._child, self._gateway = self._child, None, None
        if child is not None:
            await child.stop()

    async def _open(self) -> AgentClient:
        async with self._opening:
            if self._child is not None and self._child.is_gone:
                await self.close()  # it comes back with the same state and key, elsewhere
            if self._client is None:
                address = await self._address()
                self.base_url = address.base_url
                self._client = AgentClient(
                    address.base_url,
                    address.api_key,
                    fleet_url=address.fleet_url,
                    gate=RateGate(clock=self.clock, pool=self._host),
                    clock=self.clock,
                    record=self._record,
                )
            return self._client

    async def sandbox(self) -> Gateway:
        """Where our own sandbox answers and the keys for it; it is started when it is not there.
        Raises `Unreachable` when it does not come up. For an account that uses one."""
        await self._open()
        if self._gateway is None:
            raise Unreachable(unsent=True)
        return self._gateway

    async def _address(self) -> Address:
        settings = self._settings
        if not settings.sandbox:
            # a key may be a command's output, and a command may take its time
            key = await asyncio.to_thread(settings.api_key)
            return Address(settings.base_url, settings.fleet_url, key)
        child = SandboxChild(self._settings.state_dir / "sandbox")
        try:
            gateway = await child.start()
        except SandboxFailed as failure:
            raise Unreachable(str(failure), unsent=True) from failure
        self._child, self._gateway = child, gateway
        crash.hide(gateway.api_key)
        crash.hide(gateway.home_secret)
        return Address(gateway.base_url, gateway.fleet_url, SecretStr(gateway.api_key))
