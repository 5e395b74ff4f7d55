"""The client against the sandbox: the other reading of the contract, over real HTTP."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import date, timedelta
from itertools import count
from typing import Any

import pytest
from pydantic import SecretStr

from pm_tui.api import agent
from pm_tui.api.agent import AgentClient
from pm_tui.api.clock import Clock
from pm_tui.api.errors import (
    ApiError,
    BadRequest,
    Conflict,
    NotFound,
    OutcomeUnknown,
    QuotaSpent,
    RateLimited,
    ServerTrouble,
    SpendingLimit,
    Suspended,
    Unauthorized,
)
from pm_tui.api.limits import RateGate
from pm_tui.models.query import SearchQuery
from pm_tui.models.request import BookingRequest
from pm_tui.models.times import read_time
from tests import canary
from tests.sandbox_process import Sandbox, start_sandbox

NUMBERS = count()
BERLIN = SearchQuery(52.52, 13.405, 25)
FAULTS = [
    "429_bare",
    "429_date",
    "429_seconds",
    "accept_then_close",
    "accept_then_hang",
    "accept_then_reset",
    "bomb",
    "drip",
    "drop",
    "empty",
    "error",
    "html",
    "html_502",
    "late",
    "lost_body",
    "malformed",
    "redirect",
    "suspended",
    "truncated",
]


class Hasty(Clock):
    """The real time, but with short pauses between tries."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / 100)


@pytest.fixture(scope="module")
def shared() -> Iterator[Sandbox]:
    with start_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(shared: Sandbox) -> Sandbox:
    shared.clear_faults()
    shared.texts("plain")
    shared.clear_log()
    return shared


@pytest.fixture
async def client(sandbox: Sandbox) -> AsyncIterator[AgentClient]:
    # the sandbox's headers set the gate's limit; nothing of one test must wait for another
    client = AgentClient(
        sandbox.base_url, SecretStr(sandbox.api_key), gate=RateGate(100_000), clock=Hasty()
    )
    yield client
    await client.aclose()


async def free_request(client: AgentClient, sandbox: Sandbox, **more: str) -> BookingRequest:
    """A request for an EVSE that is free, in a window that no other test has asked for."""
    taken = {(row["evse_uid"], read_time(row["reservation_start"])) for row in sandbox.bookings()}
    now = read_time(sandbox.now())
    assert now is not None
    found = (await client.search(BERLIN)).value.locations
    evses = [(place, e) for place in found if place.supports_reservation for e in place.evses]
    for hours in range(2, 400, 5):
        start = (now + timedelta(hours=hours)).replace(minute=0, second=0)
        for place, evse in evses:
            if evse.available and (evse.evse_uid, start) not in taken:
                return BookingRequest(
                    location_id=place.location_id,
                    evse_uid=evse.evse_uid,
                    reservation_start=start,
                    reservation_end=start + timedelta(hours=1),
                    external_id=f"test-{next(NUMBERS)}",
                    **more,  # type: ignore[arg-type]
                )
    raise AssertionError("nothing free")


async def test_a_search_is_read_whole(client: AgentClient) -> None:
    answer = await client.search(BERLIN)
    assert answer.value.locations
    assert (answer.skipped, answer.value.total) == (0, len(answer.value.locations))
    for location in answer.value.locations:
        assert location.name and location.city and location.time_zone == "Europe/Berlin"
        assert location.latitude is not None and location.distance_km is not None
        assert location.estimated_price is not None and location.currency == "EUR"
        assert location.evses_total and location.max_power_kw and location.connector_types
        assert location.evses_available is not None
    assert {cpo.cpo_party_id for cpo in answer.value.cpo_results} >= {
        location.cpo_party_id for location in answer.value.locations
    }
    assert abs(client.clock_offset) < timedelta(days=1)


async def test_filters_are_understood(client: AgentClient, sandbox: Sandbox) -> None:
    now = read_time(sandbox.now())
    assert now is not None
    query = SearchQuery(
        52.52,
        13.405,
        200,
        "IEC_62196_T2_COMBO",
        100,
        now + timedelta(hours=2),
        now + timedelta(hours=3),
        3,
    )
    answer = await client.search(query)
    assert 0 < len(answer.value.locations) <= 3
    for location in answer.value.locations:
        assert location.supports_reservation
        assert "IEC_62196_T2_COMBO" in location.connector_types
        assert location.max_power_kw is not None and location.max_power_kw >= 100


async def test_hostile_names_arrive_harmless(client: AgentClient, sandbox: Sandbox) -> None:
    sandbox.texts("hostile")
    for location in (await client.search(BERLIN)).value.locations:
        for text in (location.name, location.address, location.city, location.cpo_name):
            assert text is None or (
                len(text) <= 200 and "\x1b" not in text and "\u202e" not in text
            )


async def test_a_booking_lives(client: AgentClient, sandbox: Sandbox) -> None:
    request = await free_request(client, sandbox, token_strategy="ad_hoc")
    booking = (await client.create_booking(request)).value
    assert booking.is_waiting
    assert booking.cancel_terms == "free"
    assert booking.external_id == request.external_id
    assert booking.reservation_start == request.reservation_start
    assert any(key.startswith("token.") for key in booking.token)
    sandbox.advance(20)
    async with asyncio.timeout(10):
        while booking.is_waiting:
            booking = (await client.booking(booking.id)).value
    listed = await client.bookings(since=booking.created_at, until=booking.created_at)
    assert booking.id in {row.id for row in listed.value}
    if booking.status == "CONFIRMED":
        assert booking.client_price is not None and booking.client_price_currency == "EUR"
        assert (await client.cancel_booking(booking.id, "ill")).value.status == "CANCELLED"
    with pytest.raises(BadRequest):
        await client.cancel_booking(booking.id, "again")


async def test_refusals_have_their_leaves(client: AgentClient, sandbox: Sandbox) -> None:
    request = await free_request(client, sandbox)
    await client.create_booking(request)
    with pytest.raises(Conflict):
        await client.create_booking(request)
    with pytest.raises(NotFound):
        await client.create_booking(request.model_copy(update={"evse_uid": "DE*XXX*E1*1"}))
    with pytest.raises(NotFound):
        await client.booking("no/such booking")
    with pytest.raises(BadRequest):
        await client.bookings(limit=101)
    stranger = AgentClient(sandbox.base_url, SecretStr(canary.KEY))
    with pytest.raises(Unauthorized):
        await stranger.usage()
    await stranger.aclose()
    sandbox.fault("suspended")
    with pytest.raises(Suspended):
        await client.usage()
    sandbox.fault("error", status=400, text="Fleet group spending limit exceeded")
    with pytest.raises(BadRequest) as caught:
        await client.create_booking(request)
    assert isinstance(caught.value, SpendingLimit) or "limit" not in str(caught.value)


async def test_usage_and_export(client: AgentClient) -> None:
    usage = (await client.usage()).value
    assert usage.minute_limit and usage.month_limit
    assert usage.month_used is not None and usage.month_resets_at is not None
    assert usage.minute_reset_at is not None
    assert b"\n" in await client.export(date(2026, 1, 1), date(2026, 12, 31))


@pytest.mark.parametrize("fault", FAULTS)
async def test_no_fault_makes_the_client_lie_or_resend(
    client: AgentClient, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    """What the client says of a booking is held against what the sandbox knows to have happened."""
    request = await free_request(client, sandbox)
    monkeypatch.setattr(agent, "_BOOKING_TOTAL", 0.6)
    sandbox.clear_log()
    sandbox.fault(fault, match="POST */bookings")
    sandbox.fault(fault, match="POST /bookings")
    told: ApiError | None = None
    try:
        await client.create_booking(request)
    except ApiError as error:
        told = error
    sandbox.clear_faults()
    await asyncio.sleep(0.05)
    posts = [row for row in sandbox.log() if row["method"] == "POST"]
    made = [row for row in sandbox.bookings() if row["external_id"] == request.external_id]
    assert len(posts) <= 1
    assert len(made) <= 1
    if told is None:
        assert len(made) == 1
    elif not isinstance(told, OutcomeUnknown):
        assert made == []
    elif told.accepted:
        assert len(made) == 1


@pytest.mark.parametrize(
    ("fault", "leaf"),
    [
        ("429_seconds", RateLimited),
        ("429_date", RateLimited),
        ("429_bare", RateLimited),
        ("429_monthly", QuotaSpent),
    ],
)
async def test_each_kind_of_429(
    client: AgentClient, sandbox: Sandbox, fault: str, leaf: type[RateLimited]
) -> None:
    sandbox.fault(fault)
    with pytest.raises(RateLimited) as caught:
        await client.usage()
    assert type(caught.value) is leaf
    assert client.gate.snapshot().blocked_until is not None
    sent = len(sandbox.log())
    with pytest.raises(leaf):
        await client.search(BERLIN)
    assert len(sandbox.log()) == sent


async def test_a_read_survives_a_burst(client: AgentClient, sandbox: Sandbox) -> None:
    sandbox.fault("html_502", times=1)
    sandbox.fault("truncated", times=1)
    assert (await client.search(BERLIN)).value.locations
    sandbox.fault("html_502", times=3)
    with pytest.raises(ServerTrouble):
        await client.usage()


BOMBED = """
import asyncio, re, sys
from pathlib import Path
from pydantic import SecretStr
from pm_tui.api.agent import AgentClient
from pm_tui.api.errors import BadAnswer
from pm_tui.models.query import SearchQuery

async def ask():
    client = AgentClient(sys.argv[1], SecretStr(sys.argv[2]))
    try:
        await client.search(SearchQuery(52.52, 13.405))
    except BadAnswer as error:
        print(error)
    await client.aclose()

asyncio.run(ask())
# not `ru_maxrss`: that of a child begins with what its parent had
print(re.search("VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is told in /proc")
@pytest.mark.parametrize("encoding", ["gzip", None])
def test_a_bomb_is_stopped_before_it_fills_the_memory(
    sandbox: Sandbox, encoding: str | None
) -> None:
    options: dict[str, Any] = {"encoding": encoding} if encoding else {}
    sandbox.fault("bomb", match="GET /search", size=256 * 2**20, **options)
    command = [sys.executable, "-c", BOMBED, sandbox.base_url, sandbox.api_key]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    said, peak = done.stdout.splitlines()
    assert "8 MB" in said
    assert int(peak) < 250 * 1024  # kB
