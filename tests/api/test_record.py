"""What is written down of a request: enough to understand the quota, nothing that is secret."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import SecretStr

from pm_tui.api import record as records
from pm_tui.api.agent import AgentClient
from pm_tui.api.errors import ApiError, Unreachable
from pm_tui.api.home import HomeClient
from pm_tui.api.login import GivenToken
from pm_tui.api.record import MASK, SECRET, Record, Sent, because
from tests.api.conftest import Serve
from tests.api.home_mock import USER
from tests.api.test_agent import BERLIN, REQUEST
from tests.api.wire import Act, FakeClock, Wire, hangs, http, says, writes
from tests.canary import HOME_TOKEN, KEY
from tests.fakes import NOON

RESET = "2026-11-21T12:00:20Z"
LIMITS = {"X-RateLimit-Limit": "100", "X-RateLimit-Remaining": "97", "X-RateLimit-Reset": RESET}
GOOD = says(200, {"results": []}, LIMITS)


async def test_a_request_with_its_reason_time_size_and_limits(
    serve: Serve, record: Record, clock: FakeClock
) -> None:
    client, wire = await serve(GOOD)
    with because("search"):
        await client.search(BERLIN)
    (sent,) = record.rows()
    assert (sent.number, sent.why, sent.api, sent.method) == (1, "search", "agent", "GET")
    assert (sent.status, sent.attempt, sent.left, sent.fault) == (200, 1, True, "")
    assert (sent.limit, sent.remaining, sent.is_good) == (100, 97, True)
    assert sent.path == wire.seen[0].target.removeprefix("/api/v1/client")
    assert sent.url.endswith(sent.path)
    assert sent.received == len(b'{"results": []}')
    assert (sent.at, sent.seconds) == (clock.now(), 0)
    assert sent.reset_at == clock.now() + timedelta(seconds=20)
    assert dict(sent.headers)["x-api-key"] == SECRET
    assert dict(sent.answer_headers)["x-ratelimit-remaining"] == "97"


async def test_every_try_is_a_request_and_what_never_left_is_none(
    serve: Serve, record: Record, clock: FakeClock
) -> None:
    client, _wire = await serve(writes(b"", reset=True), says(503, {"error": "later"}), GOOD, GOOD)
    await client.search(BERLIN)
    rows = record.rows()
    assert [one.attempt for one in rows] == [1, 2, 3]
    assert [one.status for one in rows] == [None, 503, 200]
    assert rows[0].left
    assert rows[0].fault
    assert record.sums().requests == 3
    nobody = AgentClient("http://127.0.0.1:9", SecretStr(KEY), clock=clock, record=record)
    with pytest.raises(Unreachable):
        await nobody.search(BERLIN)
    assert not record.rows()[-1].left
    assert (record.sums().requests, record.sums().unsent) == (3, 1)
    await client.search(BERLIN, once=True)
    assert record.rows()[-1].attempt == 1  # though it is not tried again


@pytest.mark.parametrize("act", [hangs, writes(http(200, b"{", length=99))])
async def test_a_change_whose_answer_is_lost(
    serve: Serve, record: Record, monkeypatch: pytest.MonkeyPatch, act: Act
) -> None:
    monkeypatch.setattr("pm_tui.api.agent._BOOKING_TOTAL", 0.2)
    client, wire = await serve(act)
    with because("booking"), pytest.raises(ApiError):
        await client.create_booking(REQUEST)
    (sent,) = record.rows()
    assert (sent.why, sent.method, sent.left) == ("booking", "POST", True)
    assert sent.fault
    assert not sent.is_good
    assert sent.size == len(wire.seen[0].body)
    assert REQUEST.external_id
    assert REQUEST.external_id not in repr(sent)  # no body is kept


async def test_what_is_given_up_on_its_way_was_sent_all_the_same(
    serve: Serve, record: Record
) -> None:
    client, wire = await serve(hangs)
    asking = asyncio.ensure_future(client.usage())
    while not wire.seen:
        await asyncio.sleep(0.01)
    asking.cancel()
    with suppress(asyncio.CancelledError):
        await asking
    (sent,) = record.rows()
    assert (sent.left, sent.status) == (True, None)
    assert "given up" in sent.fault


async def test_neither_names_nor_tokens_of_home_chargers_are_kept(clock: FakeClock) -> None:
    record = Record()
    link = '<{}/users?email=erika@example.org&page=2>; rel="next"'
    async with Wire([says(200, []), says(200, [])]) as wire:
        base = wire.url
        told = {"Link": link.format(base), "Set-Cookie": "sid=77", "X-Who": "erika"}
        wire.acts[0] = says(200, [], told)
        token = GivenToken(SecretStr(HOME_TOKEN))
        user = USER
        client = HomeClient(base, token, user=user, clock=clock, record=record)
        pages = client.users(email="erika@example.org")
        await pages.next()
        await pages.next()
        await client.aclose()
    first, second = record.rows()
    assert (first.api, first.why, second.why) == ("home", "home", "home")
    assert f"email={MASK}" in first.path
    assert f"page={MASK}" in second.path
    assert dict(first.headers)["authorization"] == SECRET
    assert dict(first.headers)["evenergy-user"] == MASK
    assert dict(first.answer_headers)["set-cookie"] == SECRET
    kept = repr(record.rows())
    assert not [one for one in ("erika", user, "sid=77", HOME_TOKEN) if one in kept]


async def test_a_fault_in_the_record_costs_no_answer(serve: Serve, record: Record) -> None:
    client, _wire = await serve(says(202, {"id": "b1", "status": "PENDING"}))

    def broken() -> None:
        raise RuntimeError("nobody is there")

    record.on_change = broken
    assert (await client.create_booking(REQUEST)).value.id == "b1"
    assert record.broken == 1


def a_row(n: int, *, left: bool = True) -> Sent:
    return Sent(n, NOON, "agent", "search", "GET", "u", "/search", 1, 0.1, 200, "", left, 10, 500)


def test_the_record_is_bounded_and_its_sums_are_not() -> None:
    record = Record(most=3)
    calls: list[int] = []
    for n in range(5):
        record.add(a_row(n))
    record.on_change = lambda: calls.append(1)
    record.add(replace(a_row(5, left=False), why="usage"))
    record.spared()
    assert [one.number for one in record.rows()] == [3, 4, 5]
    sums = record.sums()
    assert (sums.requests, sums.unsent, sums.size, sums.received) == (5, 1, 50, 2500)
    assert (sums.by_why, sums.from_memory) == ((("search", 5),), 1)
    assert record.next_number == 7
    assert len(calls) == 2
    good = [replace(a_row(0), status=one).is_good for one in (None, 199, 200, 299, 300)]
    assert good == [False, False, True, True, False]
    assert not replace(a_row(0), fault="cut").is_good


def test_the_innermost_reason_counts_unless_it_only_stands_in() -> None:
    assert records.reason() == "other"
    with because("look", unless_said=True):
        assert records.reason() == "look"
    with because("change"):
        with because("booking", unless_said=True):
            assert records.reason() == "change"
        with because("settling"):
            assert records.reason() == "settling"
        assert records.reason() == "change"
    assert records.reason() == "other"


def test_an_address_is_one_harmless_line() -> None:
    params = {"lat": "52.5", "name": "Erika\x1b[2J", "expand": ["a.b", "c"]}
    shown = records.address("https://x.example/users\x1b?email=a&id=&limit=3", params)
    assert shown.startswith("https://x.example/users")
    masked = f"?email={MASK}&id={MASK}&limit=3&lat=52.5&name={MASK}&expand=a.b&expand=c"
    assert shown.endswith(masked)
    assert "\x1b" not in shown
    assert records.address("https://[::1/x", {"lat": "1"}) == MASK
    assert records.address("https://x.example/a", {"lat": "\ud800"}).isprintable()
    bases = ["https://x.example", "https://x.example/v2"]
    assert records.below("https://x.example/v2/a", bases) == "/a"
    assert records.below("https://x.example/v2", bases) == "/"
    assert records.below("https://else.example/o/token/", ["https://x.example"]) == "/o/token/"


def test_headers_are_harmless_whatever_they_are_called() -> None:
    told = [
        ("X-Who\x1b[2J", "erika"), ("DATE", "today\x1b[2J"), ("Server", "x" * 999),
        ("X-API-KEY", KEY), ("Authorization", KEY), ("cookie", KEY), ("Set-Cookie", KEY),
    ]  # fmt: skip
    shown = records.shown_headers(told)
    assert dict(shown[3:]) == {name: SECRET for name, _value in told[3:]}
    assert shown[0][1] == MASK
    assert shown[1][1].startswith("today")
    assert all(part.isprintable() and len(part) <= 200 for pair in shown for part in pair)
    assert len(records.shown_headers(told * 20)) < 50
