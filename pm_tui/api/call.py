"""A request that is to be sent, and what became of it on its way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from pm_tui.api.answers import Reply
from pm_tui.api.errors import ApiError
from pm_tui.api.limits import RateHeaders
from pm_tui.api.record import Headers, Sent, reason
from pm_tui.api.retry import Outcome
from pm_tui.i18n import _
from pm_tui.models.json import JsonObject


@dataclass(frozen=True, slots=True)
class Call:
    """A request: its address, what goes along, and how long all of it may take in seconds.

    `keyless`: for anybody's ears, so the key stays at home. `once`: a read that is sent no second
    time, whoever asks for it counts what it costs.
    """

    method: Literal["GET", "POST", "PATCH", "DELETE"]
    url: str
    total: float
    params: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    body: JsonObject | None = None
    form: Mapping[str, str] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    keyless: bool = False
    once: bool = False


@dataclass(slots=True)
class Trip:
    """What one request met with: how far it came, and the answer or the fault.

    `sent_at` by the monotonic clock, `at` aware in UTC. `size` is the body that went, `received`
    the one that came as it travelled, in bytes; `said` and `heard` are the headers, masked.
    """

    sent_at: float
    at: datetime
    sent: bool = False
    status: int | None = None
    headers: RateHeaders | None = None
    reply: Reply | None = None
    fault: ApiError | None = None
    size: int = 0
    received: int = 0
    said: Headers = ()
    heard: Headers = ()

    async def trace(self, event: str, _info: Mapping[str, Any]) -> None:
        """From the first byte of the headers on, the server may have acted."""
        if event.endswith("send_request_headers.started"):
            self.sent = True

    @property
    def outcome(self) -> Outcome:
        """In the words of the retry rule; a 2xx is none when its body is lost."""
        if self.status is not None and (self.reply is not None or self.status // 100 != 2):
            return self.status
        return "lost" if self.sent else "unsent"

    def recorded(
        self, call: Call, *, number: int, api: str, url: str, path: str, attempt: int, until: float
    ) -> Sent:
        """This request for the record; `until` (monotonic) is when it was over."""
        limits = self.headers or RateHeaders(self.at)
        fault = "" if self.fault is None else str(self.fault)
        if self.fault is None and self.reply is None:
            fault = _("given up while it was on its way")
        return Sent(
            number=number,
            at=self.at,
            api=api,
            why=reason(),
            method=call.method,
            url=url,
            path=path,
            attempt=attempt,
            seconds=until - self.sent_at,
            status=self.status,
            fault=fault,
            left=self.sent,
            size=self.size,
            received=self.received,
            limit=limits.limit,
            remaining=limits.remaining,
            reset_at=limits.reset_at,
            headers=self.said,
            answer_headers=self.heard,
        )
