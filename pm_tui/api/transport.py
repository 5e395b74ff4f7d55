"""How the API is asked: the one module that knows httpx.

What httpx does not give is here: a deadline for the whole call, a cap on the size of a body, the
status of an answer whose body is lost, certainty about whether a byte has left, and errors that
can be shown to anyone. No error of httpx leaves this module or is chained to one of ours, for
the frames and messages of httpx hold the headers and so the key.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import sys
from collections.abc import Callable, Generator
from contextlib import aclosing
from datetime import timedelta
from typing import TypeVar
from urllib.parse import urlsplit

from pydantic import SecretStr

from pm_tui import __version__
from pm_tui.api.answers import Reply, json_object, status_line
from pm_tui.api.call import Call as Call
from pm_tui.api.call import Trip
from pm_tui.api.clock import Clock
from pm_tui.api.dialect import AGENT, Dialect
from pm_tui.api.endpoint import check_key, check_url, is_loopback
from pm_tui.api.errors import (
    ApiError,
    BadAnswer,
    LoginPage,
    OutcomeUnknown,
    Timeout,
    TlsProblem,
    Unreachable,
)
from pm_tui.api.limits import RateGate, RateHeaders
from pm_tui.api.record import Headers, Record, address, below, shown_headers
from pm_tui.api.resolver import look_up_apart
from pm_tui.api.retry import TRIES, RetryAfter, Unknown, decide, http_date
from pm_tui.i18n import _
from pm_tui.models.json import JsonObject
from pm_tui.models.reading import count
from pm_tui.models.text import clean
from pm_tui.models.times import read_time

# without its own command line httpx leaves click and pygments alone: 45 ms of every start
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
import httpx  # noqa: E402

T = TypeVar("T")

MAX_BODY = 8 * 1024 * 1024  # decoded bytes
_TIMEOUT = httpx.Timeout(connect=5, write=10, read=20, pool=5)
_CONNECTIONS = 4
_SHORTEST_KEY = 8  # a shorter one would be found in texts that are not the key
_WORST_CLOCK = timedelta(days=3650)  # a `Date` beyond is no time at all
_HOPELESS = (BadAnswer, TlsProblem)  # the next try would end the same
# at DEBUG and INFO they log whom we searched where, and whatever the server sends back
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)

_HTTPX_FAULTS = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError)


class _KeyHeader(httpx.Auth):
    """Puts the key into the request's header: the only way on which it leaves us."""

    def __init__(self, key: Callable[[], SecretStr], dialect: Dialect) -> None:
        self._key, self._dialect = key, dialect

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        scheme = self._dialect.scheme
        request.headers[self._dialect.header] = scheme + self._key().get_secret_value()
        yield request


class Transport:
    """One key and its gate. Reads share a pool, state-changing calls a fresh connection each.

    A pooled connection that the server closes at the same moment fails exactly like a request
    that was processed; on a fresh one that cannot happen.
    """

    def __init__(
        self,
        urls: tuple[str, ...],
        api_key: SecretStr,
        gate: RateGate,
        clock: Clock,
        dialect: Dialect = AGENT,
        hidden: tuple[SecretStr, ...] = (),
        record: Record | None = None,
    ) -> None:
        hosts = [urlsplit(check_url(url)) for url in urls]
        self._secure = any(host.scheme == "https" for host in hosts)
        self._trust_env = not any(is_loopback(host.hostname or "") for host in hosts)
        self._key = check_key(api_key)
        self._dialect = dialect
        self._hidden = hidden  # other forms of the key, which a server may repeat as well
        self._gate = gate
        self._clock = clock
        self._urls, self._record = urls, record
        self._clients: dict[str, httpx.AsyncClient] = {}
        self.clock_offset = timedelta()
        self.version: str | None = None  # as the last answer told it

    def use(self, key: SecretStr) -> None:
        """From here on another key. Raises `ValueError` for an impossible one."""
        self._key = check_key(key)

    async def read(self, call: Call, background: bool, patience: timedelta) -> Reply:
        """A 2xx answer to a GET, after up to three tries within `call.total` seconds (`call.once`:
        after one).

        `patience` bounds each wait for the rate limit, which is not counted in the total. Raises
        the leaf that fits; nothing was changed in any case.
        """
        left = call.total
        attempt = TRIES - 1 if call.once else 0
        while True:
            attempt += 1
            await self._gate.pass_(background, patience)
            began = self._clock.monotonic()
            trip = await self._travel(call, left, 1 if call.once else attempt)
            left -= self._clock.monotonic() - began
            if trip.status == 429:
                error: ApiError = self._refused(trip)
                if attempt < TRIES:
                    continue  # the gate waits, or raises when the wait is beyond the patience
                raise error
            if trip.reply is not None and 200 <= trip.reply.status < 300:
                return trip.reply
            verdict = decide(False, attempt, trip.outcome, left, self._clock.roll())
            if isinstance(trip.fault, _HOPELESS) or not isinstance(verdict, RetryAfter):
                raise self._error(trip)
            await self._clock.sleep(verdict.delay)
            left -= verdict.delay

    async def change(self, call: Call, patience: timedelta) -> tuple[JsonObject, Reply]:
        """The JSON object that a POST was answered with; sent once, whatever happens.

        Raises `OutcomeUnknown` when the server may have acted; after every other error it has not.
        A caller who is cancelled in here knows no more than after `OutcomeUnknown`.
        """
        return await self._once(call, patience, lambda reply: (json_object(reply), reply))

    async def remove(self, call: Call, patience: timedelta) -> Reply:
        """A DELETE, sent once, with the errors of `change`. Every 2xx is a yes, with a body or
        without; a web page is none, for no API sends one."""
        return await self._once(call, patience, _no_page)

    async def _once(self, call: Call, patience: timedelta, understand: Callable[[Reply], T]) -> T:
        await self._gate.pass_(False, patience)
        trip = await self._travel(call, call.total)
        if trip.status == 429:
            raise self._refused(trip)
        fault: ApiError | None = None
        if trip.reply is not None and 200 <= trip.reply.status < 300:
            try:
                return understand(trip.reply)
            except BadAnswer as error:
                fault = error.with_traceback(None)
        fault = fault or self._error(trip)
        # a status counts, also when its body was lost
        outcome = trip.status if trip.status is not None else trip.outcome
        verdict = decide(True, 1, outcome, 0, 0)
        if isinstance(verdict, Unknown):
            raise OutcomeUnknown(str(fault), status=trip.status, accepted=verdict.accepted)
        raise fault

    async def aclose(self) -> None:
        """Close the connections; the transport opens new ones when it is used again."""
        clients, self._clients = self._clients, {}
        for client in clients.values():
            await client.aclose()

    async def _travel(self, call: Call, seconds: float, attempt: int = 1) -> Trip:
        """One request; every fault of the way ends in the trip, cleaned of httpx."""
        trip = Trip(self._clock.monotonic(), self._clock.now())
        try:
            return await self._go(call, seconds, trip)
        finally:  # also when it is given up on the way
            if self._record is not None:
                self._write_down(self._record, call, trip, attempt)

    def _write_down(self, record: Record, call: Call, trip: Trip, attempt: int) -> None:
        try:
            self._add_to(record, call, trip, attempt)
        except Exception:  # what is only there to be looked at must never cost an answer
            record.broken += 1

    def _add_to(self, record: Record, call: Call, trip: Trip, attempt: int) -> None:
        url = self._without_key(address(call.url, call.params).encode()).decode()
        sent = trip.recorded(
            call,
            number=record.next_number,
            api=self._dialect.name,
            url=url,
            path=below(url, self._urls),
            attempt=attempt,
            until=self._clock.monotonic(),
        )
        record.add(sent)

    async def _go(self, call: Call, seconds: float, trip: Trip) -> Trip:
        look_up_apart()
        try:
            client = self._client(call.method)
        except (ImportError, ValueError, OSError):
            trip.fault = Unreachable(_("check the proxy and certificate settings"), unsent=True)
            self._gate.unsent()
            return trip
        try:
            async with asyncio.timeout(seconds):
                await self._exchange(client, call, trip)
        except TimeoutError:
            trip.fault = Timeout(_("no answer within {n} s").format(n=round(call.total)))
        except _HTTPX_FAULTS as error:
            trip.fault = _translated(error)
        except (OSError, ExceptionGroup, UnicodeError):
            trip.fault = Unreachable(_("the connection broke"))
        if trip.fault is not None:
            trip.fault.unsent = not trip.sent
            if not trip.sent:
                self._gate.unsent()
            trip.fault.status = trip.status
        return trip

    async def _exchange(self, client: httpx.AsyncClient, call: Call, trip: Trip) -> None:
        request = client.build_request(
            call.method,
            call.url,
            params=call.params or None,
            json=call.body,
            data=call.form,
            headers=dict(call.headers),
            extensions={"trace": trip.trace},
        )
        trip.size = len(request.content)
        auth = None if call.keyless else httpx.USE_CLIENT_DEFAULT
        try:
            response = await client.send(request, auth=auth, stream=True)
        finally:
            trip.said = self._masked(request.headers)
        async with aclosing(response):
            trip.status = response.status_code
            trip.headers = self._rate_headers(response.headers)
            trip.heard = self._masked(response.headers)
            if named := self._dialect.version_header:
                self.version = self._text(response.headers, named) or self.version
            if trip.status != 429:
                self._gate.heard(trip.headers, trip.sent_at)
            body = bytearray()
            async for part in response.aiter_bytes():
                body += part
                trip.received = response.num_bytes_downloaded
                if len(body) > MAX_BODY:
                    trip.fault = BadAnswer(_("more than {n} MB").format(n=MAX_BODY >> 20))
                    return
            kind = self._text(response.headers, "content-type") or ""
            kind = kind.partition(";")[0].strip().lower()
            trip.reply = Reply(
                trip.status,
                kind,
                self._without_key(bytes(body)),
                self._clock.now(),
                self._text(response.headers, "link"),
            )

    def _client(self, method: str) -> httpx.AsyncClient:
        """Built at the first use, so that no start waits for certificates."""
        client = self._clients.get(method)
        if client is None:
            kept = _CONNECTIONS if method == "GET" else 0
            client = self._clients[method] = httpx.AsyncClient(
                auth=_KeyHeader(lambda: self._key, self._dialect),
                headers={
                    "Accept": "application/json",
                    "User-Agent": f"pm-tui/{__version__}",
                    **self._dialect.headers,
                },
                timeout=_TIMEOUT,
                limits=httpx.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=kept),
                # without https nothing is verified, and loading the certificates takes 40 ms
                verify=ssl.create_default_context() if self._secure else False,
                trust_env=self._trust_env,
                follow_redirects=False,
            )
        return client

    def _rate_headers(self, headers: httpx.Headers) -> RateHeaders:
        now = self._clock.now()
        server_now = http_date(headers.get("date"))
        if server_now is not None and abs(server_now - now) > _WORST_CLOCK:
            server_now = None
        if server_now is not None:
            self.clock_offset = server_now - now
        return RateHeaders(
            server_now=server_now or now + self.clock_offset,
            limit=count(headers.get("x-ratelimit-limit")),
            remaining=count(headers.get("x-ratelimit-remaining")),
            reset_at=read_time(headers.get("x-ratelimit-reset")),
            retry_after=self._text(headers, "retry-after") or self._text(headers, "retryafter"),
            reset_text=self._text(headers, "x-ratelimit-reset"),
        )

    def _masked(self, headers: httpx.Headers) -> Headers:
        pairs = shown_headers(headers.multi_items())
        return tuple((name, self._without_key(told.encode()).decode()) for name, told in pairs)

    def _text(self, headers: httpx.Headers, name: str) -> str | None:
        value = headers.get(name)
        return None if value is None else self._without_key(value.encode()).decode()

    def _refused(self, trip: Trip) -> ApiError:
        headers = trip.headers or RateHeaders(self._clock.now())
        return self._gate.refused(headers, trip.sent_at, self._said(trip))

    def _error(self, trip: Trip) -> ApiError:
        """What to raise for a trip without a usable answer."""
        if trip.reply is not None:
            said = self._said(trip)
            known = self._dialect.leaf_of(trip.reply, said)
            return known or self._dialect.error_for(trip.reply.status, said)
        if trip.status is not None and not 200 <= trip.status < 300:
            return self._dialect.error_for(trip.status, status_line(trip.status))
        return trip.fault or BadAnswer(status=trip.status)

    def _said(self, trip: Trip) -> str:
        """The server's own words, or its status."""
        if trip.reply is None:
            return status_line(trip.status or 0)
        return self._dialect.said_in(trip.reply)

    def _without_key(self, data: bytes) -> bytes:
        """What came in, should the server repeat our key to us: caches and reports stay clean."""
        for key in (self._key, *self._hidden):
            if len(key) >= _SHORTEST_KEY:
                data = data.replace(key.get_secret_value().encode(), b"***")
        return data


def _no_page(reply: Reply) -> Reply:
    if reply.is_page:
        raise LoginPage(status=reply.status)
    return reply


def _translated(error: Exception) -> ApiError:
    """Our leaf for a fault of httpx; its message is not taken over, it may hold a header."""
    if isinstance(error, httpx.ConnectTimeout):
        return Timeout(_("no connection, or no TLS on the other side"))
    if isinstance(error, httpx.TimeoutException):
        return Timeout()
    if isinstance(error, httpx.ConnectError):
        return _no_connection(error)
    if isinstance(error, httpx.ProxyError):
        return Unreachable(_("the proxy refused"))
    if isinstance(error, httpx.DecodingError | httpx.InvalidURL | httpx.UnsupportedProtocol):
        return BadAnswer()
    return Unreachable(_("the connection broke"))


def _no_connection(error: BaseException) -> ApiError:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return TlsProblem(clean(cause.verify_message))
        if isinstance(cause, ssl.SSLError):
            return TlsProblem(clean(cause.reason or ""))
        cause = cause.__cause__ or cause.__context__
    return Unreachable()
