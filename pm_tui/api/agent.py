"""The Agent API, one method an endpoint (contract/agent-api.md §2)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from pydantic import SecretStr

from pm_tui.api.answers import Reply, json_object
from pm_tui.api.clock import Clock
from pm_tui.api.endpoint import check_url
from pm_tui.api.errors import BadAnswer, LoginPage, OutcomeUnknown
from pm_tui.api.limits import RateGate
from pm_tui.api.record import Record
from pm_tui.api.transport import Call, Transport
from pm_tui.i18n import _
from pm_tui.models.booking import Booking, read_bookings
from pm_tui.models.json import JsonObject
from pm_tui.models.query import SearchQuery
from pm_tui.models.request import BookingRequest
from pm_tui.models.search import SearchAnswer
from pm_tui.models.text import clean
from pm_tui.models.times import wire_time
from pm_tui.models.usage import Usage

T = TypeVar("T")

PATIENCE = timedelta(seconds=2)  # how long a call waits for the rate limit unless told otherwise
BOOKINGS_PAGE = 100  # the documentation's sample; more may be refused (§14 U2)
CANCEL_REASON = "No longer needed"  # sent to the operator, so not translated (§14 U25)
_SEARCH_TOTAL = 30.0  # the server asks every operator
_BOOKING_TOTAL = 45.0
_TOTAL = 15.0
_LARGE = 256 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """What the server said: read, as it was sent, when (aware, UTC), and how many rows were odd."""

    value: T
    raw: JsonObject
    received_at: datetime
    skipped: int = 0


class AgentClient:
    """Asks the Agent API. Every method raises a leaf of `ApiError`; see there what is safe.

    Reads take `background` (a call no person waits for, which leaves a fifth of the minute free)
    and `patience` (the longest wait for the rate limit before `RateLimited` is raised). The
    constructor raises `ValueError` for an address or key that cannot be used; it opens nothing.
    """

    def __init__(
        self,
        base_url: str,
        api_key: SecretStr,
        *,
        fleet_url: str | None = None,
        gate: RateGate | None = None,
        clock: Clock | None = None,
        record: Record | None = None,
    ) -> None:
        self._base = check_url(base_url)
        if fleet_url is None and self._base.endswith("/client"):
            fleet_url = self._base.removesuffix("client") + "fleet"
        self._fleet = None if fleet_url is None else check_url(fleet_url)
        clock = clock or Clock()
        self.gate = gate or RateGate(clock=clock)
        urls = (self._base, self._fleet) if self._fleet else (self._base,)
        self._transport = Transport(urls, api_key, self.gate, clock, record=record)

    @property
    def clock_offset(self) -> timedelta:
        """The server's clock minus ours, from the last answer's `Date` (whole seconds)."""
        return self._transport.clock_offset

    async def search(
        self,
        query: SearchQuery,
        *,
        background: bool = False,
        patience: timedelta = PATIENCE,
        once: bool = False,
    ) -> Answer[SearchAnswer]:
        """`GET /search` (§3). `once`: one request at most, no second try."""
        call = Call("GET", f"{self._base}/search", _SEARCH_TOTAL, query.params(), once=once)
        found = await self._read(call, SearchAnswer.read, background, patience)
        return Answer(found.value, found.raw, found.received_at, found.value.skipped)

    async def bookings(
        self,
        *,
        status: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = BOOKINGS_PAGE,
        background: bool = False,
        patience: timedelta = PATIENCE,
    ) -> Answer[tuple[Booking, ...]]:
        """`GET /bookings` (§11), one page: as many rows as `limit` may mean that there are more."""
        params = {"limit": str(limit)}
        if status is not None:
            params["status"] = status
        if since is not None:
            params["from_date"] = wire_time(since)
        if until is not None:
            params["to_date"] = wire_time(until)
        call = Call("GET", f"{self._base}/bookings", _TOTAL, params)
        found = await self._read(call, read_bookings, background, patience)
        rows, skipped = found.value
        return Answer(rows, found.raw, found.received_at, skipped)

    async def booking(
        self, booking_id: str, *, background: bool = False, patience: timedelta = PATIENCE
    ) -> Answer[Booking]:
        """`GET /bookings/{id}` (§8)."""
        call = Call("GET", self._booking_url(booking_id), _TOTAL)
        return await self._read(call, Booking.read, background, patience)

    async def create_booking(
        self, request: BookingRequest, *, patience: timedelta = PATIENCE
    ) -> Answer[Booking]:
        """`POST /bookings` (§4), sent once.

        After `OutcomeUnknown`, and after being cancelled, the booking may exist.
        """
        url = f"{self._base}/bookings"
        return await self._change(url, request.body(), patience)

    async def cancel_booking(
        self, booking_id: str, reason: str = CANCEL_REASON, *, patience: timedelta = PATIENCE
    ) -> Answer[Booking]:
        """`POST /bookings/{id}/cancel` (§10), sent once. A 400 says that the state forbids it."""
        body = {"reason": clean(reason, 500) or CANCEL_REASON}
        return await self._change(f"{self._booking_url(booking_id)}/cancel", body, patience)

    async def usage(
        self, *, background: bool = False, patience: timedelta = PATIENCE
    ) -> Answer[Usage]:
        """`GET /usage` (§13)."""
        call = Call("GET", f"{self._base}/usage", _TOTAL)
        return await self._read(call, Usage.read, background, patience)

    async def export(
        self, period_start: date, period_end: date, *, patience: timedelta = PATIENCE
    ) -> bytes:
        """`GET {fleet}/reports/export` (§11): the CSV as it was sent; both days included."""
        if self._fleet is None:
            raise ValueError(_("The address of the fleet API is not configured."))
        if period_end < period_start:
            raise ValueError(_("The end must not be before the start."))
        params = {"period_start": period_start.isoformat(), "period_end": period_end.isoformat()}
        call = Call("GET", f"{self._fleet}/reports/export", _TOTAL, params)
        reply = await self._transport.read(call, False, patience)
        if reply.is_page:
            raise LoginPage(status=reply.status)
        return reply.body

    async def aclose(self) -> None:
        """Close the connections."""
        await self._transport.aclose()

    def _booking_url(self, booking_id: str) -> str:
        if booking_id in ("", ".", ".."):
            raise ValueError(_("This is not the id of a booking."))
        return f"{self._base}/bookings/{quote(booking_id, safe='')}"

    async def _read(
        self, call: Call, reader: Callable[[Any], T], background: bool, patience: timedelta
    ) -> Answer[T]:
        reply = await self._transport.read(call, background, patience)
        if len(reply.body) > _LARGE:  # thousands of rows take 0.2 s, and the screen is waiting
            return await asyncio.to_thread(_understood, reply, reader)
        return _understood(reply, reader)

    async def _change(self, url: str, body: JsonObject, patience: timedelta) -> Answer[Booking]:
        call = Call("POST", url, _BOOKING_TOTAL, body=body)
        raw, reply = await self._transport.change(call, patience)
        booking = _booking_in(raw)
        if booking is None:
            # perhaps a yes that does not say to what: the list will tell
            accepted = reply.status == 202
            text = _("no booking in the answer")
            raise OutcomeUnknown(text, status=reply.status, accepted=accepted)
        return Answer(booking, raw, reply.received_at)


def _understood(reply: Reply, reader: Callable[[Any], T]) -> Answer[T]:
    raw = json_object(reply)
    try:
        return Answer(reader(raw), raw, reply.received_at)
    except ValueError:
        wrong = BadAnswer(_("not what was asked for"), status=reply.status)
    raise wrong


def _booking_in(raw: JsonObject) -> Booking | None:
    try:
        return Booking.read(raw)
    except ValueError:
        return None
