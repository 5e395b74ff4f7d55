"""The token: fetched once for all who wait, renewed in time, once after a 401, never in a loop."""

from __future__ import annotations

import asyncio
import base64
from urllib.parse import parse_qs

import pytest
from pydantic import SecretStr

from pm_tui.api.errors import BadAnswer, ServerTrouble
from pm_tui.api.home import HomeClient
from pm_tui.api.home_errors import HourSpent, NotAllowed, TokenRefused
from pm_tui.api.hour import HourGate
from pm_tui.api.login import TOKEN_LIFE, ClientCredentials
from tests.api.wire import Act, FakeClock, Wire, says
from tests.canary import HOME_SECRET as SECRET
from tests.canary import MARK

FIRST, SECOND = MARK + "home-first-1c", MARK + "home-second-2d"


def token(value: str = FIRST, **more: object) -> Act:
    return says(200, {"access_token": value, "token_type": "Bearer", **more})


def credentials(wire: Wire, clock: FakeClock, *, in_form: bool = False) -> ClientCredentials:
    url = wire.url + "/o/token/"
    return ClientCredentials(url, "client-1", SecretStr(SECRET), in_form=in_form, clock=clock)


@pytest.mark.parametrize("in_form", [False, True])
async def test_how_a_token_is_asked_for(clock: FakeClock, in_form: bool) -> None:
    async with Wire([token(expires_in=1000)]) as wire:
        login = credentials(wire, clock, in_form=in_form)
        await asyncio.gather(*(login.token() for _waiting in range(5)))
        assert len(wire.seen) == 1, "one at a time, and the others have it too"
        clock.passed += 939
        assert (await login.token()).get_secret_value() == FIRST
        assert len(wire.seen) == 1
        clock.passed += 2  # less than a minute is left
        await login.token()
        assert len(wire.seen) == 2
        await login.aclose()
        [seen, *_] = wire.seen
        assert (seen.method, seen.target.endswith("/o/token/")) == ("POST", True)
        form = parse_qs(seen.body.decode())
        assert form.pop("grant_type") == ["client_credentials"]
        basic = base64.b64encode(f"client-1:{SECRET}".encode()).decode()
        if in_form:
            assert "authorization" not in seen.headers
            assert form == {"client_id": ["client-1"], "client_secret": [SECRET]}
        else:
            assert seen.headers["authorization"] == f"Basic {basic}"
            assert form == {}


async def test_a_life_that_nobody_tells_is_ten_hours(clock: FakeClock) -> None:
    async with Wire([token(), token(SECOND)]) as wire:
        login = credentials(wire, clock)
        await login.token()
        clock.passed = TOKEN_LIFE - 61
        assert (await login.token()).get_secret_value() == FIRST
        clock.passed = TOKEN_LIFE - 59
        assert (await login.token()).get_secret_value() == SECOND
        await login.aclose()


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (says(401, {"error": "invalid_client"}), TokenRefused),
        (says(400, {"error": "invalid_grant", "error_description": "no"}), TokenRefused),
        (says(503, b"down", kind="text/plain"), ServerTrouble),
        (says(302, b"", {"Location": "http://127.0.0.1:9/"}), ServerTrouble),
        (says(200, {"token": "x"}), BadAnswer),
        (says(200, {"access_token": "two words"}), BadAnswer),
    ],
)
async def test_no_token(clock: FakeClock, answer: Act, kind: type[Exception]) -> None:
    async with Wire([answer]) as wire:
        login = credentials(wire, clock)
        with pytest.raises(kind) as told:
            await login.token()
        assert len(wire.seen) == 1, "a POST is sent once"
        assert told.value.__context__ is None or SECRET not in repr(told.value.__context__)
        await login.aclose()


async def test_a_secret_that_is_repeated_to_us_is_in_no_error(clock: FakeClock) -> None:
    told = {"error": "invalid_client", "error_description": f"no such secret: {SECRET}"}
    async with Wire([says(401, told)]) as wire:
        login = credentials(wire, clock, in_form=True)
        with pytest.raises(TokenRefused, match=r"no such secret: \*\*\*"):
            await login.token()
        await login.aclose()


async def test_after_a_401_one_new_token_and_one_new_try(clock: FakeClock) -> None:
    refused = says(401, {"title": "Unauthorized", "detail": "gone"})
    acts = [refused, says(204), refused]
    async with Wire([token(), token(SECOND)]) as tokens, Wire(acts) as wire:
        client = HomeClient(wire.url, credentials(tokens, clock), clock=clock)
        await client.decommission("evse1")  # a 401 means that nothing was done
        sent = [one.headers["authorization"] for one in wire.seen]
        assert sent == [f"Bearer {FIRST}", f"Bearer {SECOND}"]
        with pytest.raises(TokenRefused):
            await client.evse("evse1")
        assert len(wire.seen) == 4, "never a loop"
        await client.aclose()


async def test_a_missing_scope_costs_one_request(clock: FakeClock) -> None:
    async with Wire([token()]) as tokens, Wire([says(403, b"no", kind="text/plain")]) as wire:
        client = HomeClient(wire.url, credentials(tokens, clock), clock=clock)
        with pytest.raises(NotAllowed, match="no"):
            await client.command_logs("evse1").next()
        assert len(wire.seen) == 1
        await client.aclose()


@pytest.mark.parametrize("name", ["Retry-After", "RetryAfter", "retry-after"])
async def test_the_hour_has_both_spellings(clock: FakeClock, name: str) -> None:
    async with Wire([token()]) as tokens, Wire([says(429, {"title": "T"}, {name: "42.5"})]) as wire:
        client = HomeClient(wire.url, credentials(tokens, clock), clock=clock)
        with pytest.raises(HourSpent) as told:
            await client.evse("evse1")
        assert (told.value.retry_at - clock.now()).total_seconds() == 43
        with pytest.raises(HourSpent):  # and nothing is sent before
            await client.evse("evse1")
        assert len(wire.seen) == 1
        await client.aclose()


async def test_a_retry_after_on_a_good_answer_stops_nothing(clock: FakeClock) -> None:
    headers = {"RetryAfter": "99", "X-RateLimit-Limit": "1000", "X-RateLimit-Remaining": "0"}
    async with Wire([token()]) as tokens, Wire([says(200, {"id": "evse1"}, headers)]) as wire:
        client = HomeClient(wire.url, credentials(tokens, clock), clock=clock)
        for _time in range(3):  # "nothing left" of a rolling hour is a hint (§14)
            await client.evse("evse1")
        assert client.gate.snapshot().remaining == 0
        await client.aclose()


async def test_our_own_count_of_the_hour(clock: FakeClock) -> None:
    gate = HourGate(2, clock=clock)
    await gate.pass_()
    clock.passed += 1000
    await gate.pass_()
    assert gate.wait() == 3601 - 1000
    clock.passed += 2601
    assert gate.wait() == 0
