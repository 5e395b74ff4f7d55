"""Faults on the wire: what they are called, and that nothing that changes state is sent twice."""

from __future__ import annotations

import asyncio
import gzip
import socket
from datetime import timedelta

import pytest
from pydantic import SecretStr

from pm_tui.api import agent
from pm_tui.api.agent import AgentClient
from pm_tui.api.errors import (
    ApiError,
    BadAnswer,
    BadRequest,
    Conflict,
    LoginPage,
    NotFound,
    OutcomeUnknown,
    QuotaSpent,
    RateLimited,
    ServerTrouble,
    SpendingLimit,
    Suspended,
    Timeout,
    TlsProblem,
    Unauthorized,
    Unreachable,
)
from tests.api.conftest import Serve
from tests.api.test_agent import BERLIN, REQUEST
from tests.api.wire import Act, FakeClock, drips, hangs, http, says, writes
from tests.canary import KEY as CANARY

GOOD = says(200, {"results": []})
CUT = writes(http(200, {"results": []}, length=999))
CUT_202 = http(202, {"id": "b1", "status": "REQUESTED"}, length=999)
PAGE = "<!DOCTYPE html><title>Log in</title>"
BOMB = gzip.compress(b" " * (64 << 20))


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Deadlines short enough to wait for."""
    for name in ("_SEARCH_TOTAL", "_BOOKING_TOTAL", "_TOTAL"):
        monkeypatch.setattr(agent, name, 0.5)


@pytest.mark.parametrize(
    ("status", "text", "leaf"),
    [
        (400, "Invalid latitude: must be between -90 and 90", BadRequest),
        (400, "Fleet group spending limit exceeded", SpendingLimit),
        (401, "no", Unauthorized),
        (403, "no", Suspended),
        (404, "no", NotFound),
        (409, "no", Conflict),
        (418, "no", BadRequest),
        (501, "no", ServerTrouble),
        (511, "no", LoginPage),
    ],
)
async def test_each_status_has_its_leaf(
    serve: Serve, status: int, text: str, leaf: type[ApiError]
) -> None:
    client, wire = await serve(says(status, {"error": text}))
    with pytest.raises(ApiError) as caught:
        await client.search(BERLIN)
    assert type(caught.value) is leaf
    assert text in str(caught.value)
    assert caught.value.advice
    assert (caught.value.status, caught.value.unsent, len(wire.seen)) == (status, False, 1)


@pytest.mark.parametrize(
    ("status", "leaf"), [(400, BadRequest), (404, NotFound), (409, Conflict), (401, Unauthorized)]
)
async def test_a_refused_booking_is_refused_for_certain(
    serve: Serve, status: int, leaf: type[ApiError]
) -> None:
    client, wire = await serve(
        says(status, {"error": "no"}), writes(http(status, {"error": "no"}, length=99))
    )
    for _n in range(2):
        with pytest.raises(leaf):
            await client.create_booking(REQUEST)
    assert len(wire.seen) == 2


async def test_error_text_is_cleaned_and_bounded(serve: Serve) -> None:
    client, _wire = await serve(says(400, {"error": "\x1b]52;c;x\x07" + "y" * 5000}))
    with pytest.raises(BadRequest) as caught:
        await client.search(BERLIN)
    assert "\x1b" not in str(caught.value)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    "body", [b"", b"oops", b"[1]", b'{"error": 5}', b"\xff\xfe", PAGE.encode()]
)
async def test_an_error_without_a_text_shows_the_status(serve: Serve, body: bytes) -> None:
    client, _wire = await serve(says(404, body, kind="text/plain"))
    with pytest.raises(NotFound) as caught:
        await client.booking("b1")
    assert caught.value.said == "HTTP 404 Not Found"


@pytest.mark.parametrize(
    "act", [says(503, b""), says(500, b""), CUT, writes(b""), writes(b"", reset=True)]
)
async def test_a_read_is_tried_three_times(serve: Serve, clock: FakeClock, act: Act) -> None:
    client, wire = await serve(act, act, GOOD)
    assert (await client.search(BERLIN)).value.locations == ()
    assert len(wire.seen) == 3
    assert clock.slept == [1.25, 4.25]
    assert client.gate.snapshot().month_sent == 3


async def test_a_read_gives_up_after_three(serve: Serve) -> None:
    client, wire = await serve(says(503, {"error": "down"}))
    with pytest.raises(ServerTrouble, match="down"):
        await client.search(BERLIN)
    assert len(wire.seen) == 3


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"",
        b"NaN",
        b'{"total": NaN}',
        b"[" * 9999,
        b"\xff",
        b'{"a":1e9999999999999999999}',
        b"9" * 5000,
    ],
)
async def test_what_is_not_json_is_a_bad_answer(serve: Serve, body: bytes) -> None:
    client, wire = await serve(says(200, body))
    with pytest.raises(BadAnswer):
        await client.search(BERLIN)
    assert len(wire.seen) == 1


@pytest.mark.parametrize(
    "act",
    [
        says(200, PAGE.encode(), kind="text/html; charset=utf-8"),
        says(200, b"\n " + PAGE.encode()),
        says(302, b"", {"Location": "https://evil.example.org/"}),
    ],
)
async def test_a_captive_portal_is_named_and_gets_nothing(serve: Serve, act: Act) -> None:
    client, wire = await serve(act)
    with pytest.raises(LoginPage, match="web page"):
        await client.search(BERLIN)
    assert len(wire.seen) == 1
    with pytest.raises(OutcomeUnknown) as caught:
        await client.create_booking(REQUEST)
    assert not caught.value.accepted
    assert len(wire.seen) == 2


async def test_a_redirect_does_not_take_the_key_along(serve: Serve) -> None:
    _other, thief = await serve(GOOD)
    client, _wire = await serve(says(302, b"", {"Location": thief.url}))
    with pytest.raises(LoginPage):
        await client.search(BERLIN)
    assert thief.seen == []


@pytest.mark.parametrize(
    "act",
    [
        writes(http(200, BOMB, {"Content-Encoding": "gzip"})),
        writes(http(200, b" " * (9 << 20))),
    ],
)
async def test_a_huge_answer_is_stopped(serve: Serve, act: Act) -> None:
    client, wire = await serve(act)
    with pytest.raises(BadAnswer, match="8 MB"):
        await client.search(BERLIN)
    assert len(wire.seen) == 1


async def test_a_broken_compression_is_a_bad_answer(serve: Serve) -> None:
    client, _wire = await serve(says(200, b"no gzip", {"Content-Encoding": "gzip"}))
    with pytest.raises(BadAnswer):
        await client.search(BERLIN)


@pytest.mark.parametrize(
    "data",
    [
        b"\x16\x03\x01\x02\x00\x01",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 300_000,
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
    ],
)
async def test_no_http_is_a_broken_connection(serve: Serve, data: bytes) -> None:
    client, _wire = await serve(writes(data))
    with pytest.raises(Unreachable):
        await client.search(BERLIN)


async def test_status_999_is_no_answer(serve: Serve) -> None:
    client, _wire = await serve(says(999, {}))
    with pytest.raises(BadAnswer):
        await client.search(BERLIN)


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize(
    "act", [hangs, drips(http(200, {"results": []})), drips(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 99)]
)
async def test_the_deadline_is_for_the_whole(serve: Serve, act: Act) -> None:
    client, _wire = await serve(act)
    async with asyncio.timeout(5):
        with pytest.raises(Timeout) as caught:
            await client.search(BERLIN)
    assert not caught.value.unsent


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize(
    "act",
    [
        hangs,
        drips(http(202, {"id": "b1"})),
        writes(b""),
        writes(b"", reset=True),
        says(500, b""),
        says(503, {"error": "x"}),
        says(408, b""),
        says(302, b""),
        writes(b"HTTP/1.1 2"),
    ],
)
async def test_an_unclear_booking_is_unknown_and_sent_once(serve: Serve, act: Act) -> None:
    client, wire = await serve(act)
    async with asyncio.timeout(5):
        with pytest.raises(OutcomeUnknown) as caught:
            await client.create_booking(REQUEST)
    assert not caught.value.accepted
    assert not caught.value.unsent
    assert len(wire.seen) == 1


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize(
    "act",
    [
        writes(CUT_202),
        writes(CUT_202, reset=True),
        says(202, b""),
        says(202, b"{"),
        says(202, PAGE.encode(), kind="text/html"),
        writes(http(202, b" " * (9 << 20))),
        drips(CUT_202, 0),
    ],
)
async def test_a_202_is_not_forgotten_with_its_body(serve: Serve, act: Act) -> None:
    client, wire = await serve(act)
    with pytest.raises(OutcomeUnknown) as caught:
        await client.create_booking(REQUEST)
    assert (caught.value.accepted, caught.value.status) == (True, 202)
    assert len(wire.seen) == 1


async def test_a_lost_cancel_is_unknown(serve: Serve) -> None:
    client, wire = await serve(writes(b""), writes(http(200, b"{}", length=99)))
    for _n in range(2):
        with pytest.raises(OutcomeUnknown) as caught:
            await client.cancel_booking("b1")
        assert not caught.value.accepted  # 200 can be anyone's
    assert len(wire.seen) == 2


async def test_each_change_has_its_own_connection(serve: Serve) -> None:
    client, wire = await serve(says(200, {"id": "b1", "status": "CANCELLED", "results": []}))
    for _n in range(2):
        await client.search(BERLIN)
    for _n in range(2):
        await client.cancel_booking("b1")
    assert [seen.connection for seen in wire.seen] == [1, 1, 2, 3]


async def test_refused_connection_is_unsent(clock: FakeClock) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        client = AgentClient(url, SecretStr(CANARY), clock=clock)
        with pytest.raises(Unreachable) as read:
            await client.search(BERLIN)
        with pytest.raises(Unreachable) as change:
            await client.create_booking(REQUEST)
    assert read.value.unsent
    assert change.value.unsent
    assert clock.slept == []  # offline is told at once: memory can answer meanwhile
    assert client.gate.snapshot().month_sent == 0
    await client.aclose()


@pytest.mark.usefixtures("soon")
async def test_a_server_that_speaks_no_tls_gets_nothing(serve: Serve, clock: FakeClock) -> None:
    _plain, wire = await serve(GOOD)
    client = AgentClient(wire.url.replace("http", "https"), SecretStr(CANARY), clock=clock)
    with pytest.raises((TlsProblem, Timeout)) as caught:
        await client.create_booking(REQUEST)
    assert caught.value.unsent
    assert wire.seen == []
    await client.aclose()


async def test_a_429_closes_the_gate_for_everyone(serve: Serve, clock: FakeClock) -> None:
    slow = says(
        429, {"error": "Rate limit exceeded. Retry after 45 seconds."}, {"Retry-After": "45"}
    )
    client, wire = await serve(slow, says(202, {"id": "b1", "status": "REQUESTED"}))
    with pytest.raises(RateLimited) as caught:
        await client.create_booking(REQUEST)
    assert caught.value.retry_at == clock.now() + timedelta(seconds=45)
    with pytest.raises(RateLimited) as blocked:
        await client.search(BERLIN)
    assert blocked.value.unsent
    assert len(wire.seen) == 1
    await client.create_booking(REQUEST, patience=timedelta(minutes=1))
    assert sum(clock.slept) >= 45
    assert len(wire.seen) == 2


async def test_a_patient_read_waits_as_told(serve: Serve, clock: FakeClock) -> None:
    client, wire = await serve(says(429, b"", {"Retry-After": "45"}), GOOD)
    await client.search(BERLIN, patience=timedelta(minutes=1))
    assert (clock.slept, len(wire.seen)) == ([45], 2)


async def test_a_read_is_not_asked_a_fourth_time(serve: Serve) -> None:
    client, wire = await serve(says(429, b""))
    with pytest.raises(RateLimited):
        await client.search(BERLIN, patience=timedelta(minutes=10))
    assert len(wire.seen) == 3


async def test_a_429_after_the_wait_is_the_quota(serve: Serve, clock: FakeClock) -> None:
    client, wire = await serve(says(429, b"", {"Retry-After": "45"}))
    with pytest.raises(QuotaSpent):
        await client.search(BERLIN, patience=timedelta(minutes=1))
    assert len(wire.seen) == 2


async def test_every_answer_feeds_the_gate(serve: Serve, clock: FakeClock) -> None:
    limits = {
        "X-RateLimit-Limit": "50",
        "X-RateLimit-Remaining": "7",
        "X-RateLimit-Reset": "2026-11-21T12:02:30Z",
        "Date": "Sat, 21 Nov 2026 12:02:00 GMT",
    }
    client, _wire = await serve(says(404, {"error": "x"}, limits))
    with pytest.raises(NotFound):
        await client.booking("b1")
    seen = client.gate.snapshot()
    assert (seen.limit, seen.remaining) == (50, 7)
    assert client.clock_offset == timedelta(minutes=2)
    assert seen.reset_at == clock.now() + timedelta(seconds=30)


@pytest.mark.parametrize("value", ["Fri, 31 Dec 9999 23:59:59 GMT", "junk", ""])
async def test_an_absurd_date_is_no_clock(serve: Serve, value: str) -> None:
    client, _wire = await serve(says(200, {"results": []}, {"Date": value}))
    await client.search(BERLIN)
    assert client.clock_offset == timedelta()


async def test_cancelled_reads_leave_a_working_client(serve: Serve) -> None:
    client, wire = await serve(*[hangs] * 8, GOOD)
    for _n in range(8):
        task = asyncio.create_task(client.search(BERLIN))
        while len(wire.seen) <= _n:
            await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert (await client.search(BERLIN)).value.locations == ()


async def test_a_proxy_of_the_environment_is_not_asked_about_loopback(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "socks9://x")
    client, _wire = await serve(GOOD)
    assert (await client.search(BERLIN)).value.locations == ()


async def test_a_proxy_that_cannot_be_used_is_said(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", "nonsense://x")
    client = AgentClient("https://api.example.org", SecretStr(CANARY), clock=clock)
    with pytest.raises(Unreachable, match="proxy") as caught:
        await client.create_booking(REQUEST)
    assert client.gate.snapshot().month_sent == 0
    assert caught.value.unsent
