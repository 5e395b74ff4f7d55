"""Every operation of the EVSE group against a server written apart from our sandbox, both ages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr

from pm_tui.api.errors import OutcomeUnknown
from pm_tui.api.home import HomeClient, LogKind
from pm_tui.api.home_errors import (
    ForeignLink,
    NoSuchDevice,
    NoSuchSerial,
    NotTakenOn,
    TokenRefused,
)
from pm_tui.api.login import GivenToken
from pm_tui.models.home import CommandLog, StatusLog
from tests.api.home_mock import (
    CLIENT,
    ENTRY,
    EVSE,
    MAKE,
    MODEL,
    NEW_TIME,
    OLD_TIME,
    SESSION,
    TOKEN,
    USER,
    HomeMock,
)
from tests.api.wire import Wire, says
from tests.canary import KEY

WHOLE = ("model.make", "user", "latest_status_log")
SINCE = datetime(2024, 4, 17, 0, 0, tzinfo=UTC)


@pytest.fixture(params=["old", "new"])
async def mock(request: pytest.FixtureRequest) -> AsyncIterator[HomeMock]:
    async with HomeMock(request.param) as mock:
        yield mock


@pytest.fixture
async def client(mock: HomeMock) -> AsyncIterator[HomeClient]:
    client = HomeClient(mock.url, GivenToken(SecretStr(TOKEN)))
    yield client
    await client.aclose()


async def test_a_list_in_both_ages(mock: HomeMock, client: HomeClient) -> None:
    page = await client.evses(expand=WHOLE).next()
    assert page is not None and page.skipped == 0
    [evse] = page.rows
    assert (evse.id, evse.model_name) == (EVSE, "Zappi")
    assert evse.make_name == ("MyEnergi" if mock.age == "new" else "myenergi")
    assert evse.user_name == ("Anna" if mock.age == "new" else "anna@example.org")
    assert evse.status is not None and evse.status.sampled is not None
    assert evse.status.sampled.raw == (NEW_TIME if mock.age == "new" else OLD_TIME)
    # what the older object does not have is not known, and nothing else
    assert evse.cpid == ("10000001" if mock.age == "new" else None)
    assert evse.lifecycle_state == ("COMMISSIONED" if mock.age == "new" else None)
    assert evse.status.mode == ("Deep sleep" if mock.age == "new" else None)
    assert evse.location is None and not evse.is_gone
    [seen] = mock.seen
    assert seen.headers["evenergy-version"] == "2"
    assert "evenergy-user" not in seen.headers
    assert seen.query == {"page_size": ["100"], "expand": list(WHOLE)}


async def test_links_instead_of_objects(mock: HomeMock, client: HomeClient) -> None:
    answer = await client.evse(EVSE)
    evse = answer.value
    assert evse.model is not None and (evse.model.id, evse.model.value) == (MODEL, None)
    assert evse.user is not None and evse.user.id == USER
    assert (evse.latest is None) == (mock.age == "old")  # missing in that sample altogether
    assert mock.seen[0].query == {}


async def test_a_location_is_set_and_cleared(mock: HomeMock, client: HomeClient) -> None:
    answer = await client.set_location(EVSE, (51.5, -0.12))
    assert answer.value.location == ((51.5, -0.12) if mock.age == "new" else None)
    await client.set_location(EVSE, None)
    assert [one.body for one in mock.seen] == [
        b'{"location":{"latitude":51.5,"longitude":-0.12}}',
        b'{"location":null}',
    ]


async def test_decommissioning(mock: HomeMock, client: HomeClient) -> None:
    await client.decommission(EVSE)
    with pytest.raises(NoSuchDevice):
        await client.evse(EVSE)
    with pytest.raises(NoSuchDevice):
        await client.decommission(EVSE)  # a 404 is an error to whoever asks
    [sent, *_] = mock.seen
    assert (sent.method, sent.body, sent.raw_query) == ("DELETE", b"", "")


@pytest.mark.parametrize("kind", ["status_logs", "command_logs", "error_logs", "ocpp_logs"])
async def test_logs(mock: HomeMock, client: HomeClient, kind: LogKind) -> None:
    reader = CommandLog.read if kind == "command_logs" else StatusLog.read
    page = await client.logs(EVSE, kind, reader, SINCE, SINCE).next()
    assert page is not None and len(page.rows) == 1
    [row] = page.rows
    assert isinstance(row, CommandLog | StatusLog)
    moment = row.logged if isinstance(row, CommandLog) else row.sampled
    assert moment is not None
    one = await client.log(EVSE, kind, moment.raw, reader)
    assert one.value == row
    listed, single = mock.seen
    name = "logged_at" if kind == "command_logs" else "sampled_at"
    stamp = "2024-04-17T00%3A00%3A00Z"
    assert f"{name}__gte={stamp}&{name}__lte={stamp}" in listed.raw_query
    # the server's own spelling, as one segment (§14)
    assert single.path.rpartition("/")[2] == moment.raw.replace(":", "%3A")


async def test_makes_models_users_and_sessions(mock: HomeMock, client: HomeClient) -> None:
    for found in (await client.makes().next(), await client.models(make_id=MAKE).next()):
        assert found is not None and found.rows[0].name
    assert (await client.make(MAKE)).value.id == MAKE
    model = (await client.model(MODEL, expand=("make",))).value
    assert model.make is not None and model.make.value is not None
    users = await client.users(email="anna@example.org").next()
    assert users is not None and users.rows[0].id == USER
    sessions = await client.sub_sessions(EVSE).next()
    assert sessions is not None
    assert (sessions.rows[0].id, sessions.rows[0].end, sessions.rows[0].cost) == (
        SESSION,
        None,
        None,
    )


async def test_an_onboarding_link_is_fetched_without_the_token(
    mock: HomeMock, client: HomeClient
) -> None:
    url = await client.onboarding(CLIENT, USER, make_id=MAKE)
    assert url == "https://app.example.com/onboard?x=1"
    [seen] = mock.seen  # and not followed
    assert seen.query == {
        "response_type": ["json"],
        "client_id": [CLIENT],
        "user_id": [USER],
        "make_id": [MAKE],
    }


async def test_how_it_is_reached(mock: HomeMock, client: HomeClient) -> None:
    if mock.age == "old":
        for ask in (client.connectivity, client.vpp_modes):
            with pytest.raises(NoSuchDevice):
                await ask(EVSE)
        return
    found = (await client.connectivity(EVSE)).value
    assert (found.signal, found.lowest, found.highest) == (-71, -88, None)
    assert (found.reliability, found.iccid, found.firmware) == (97, None, "4.1.0")
    for modes, read in (
        (mock.modes, ("Idle", "FFR")),
        ({"modes": ["Charge"], "n": 1}, ("Charge",)),
        ({}, ()),
    ):
        mock.modes = modes
        answer = await client.vpp_modes(EVSE)
        assert (answer.value, answer.raw) == (read, {"vpp_modes": modes})


async def test_what_is_posted(mock: HomeMock, client: HomeClient) -> None:
    assert await client.reconnect(EVSE) == "https://app.example.com/reconnect?x=1"
    assert (await client.take_on("Easee", "S1", USER)).value.id == EVSE
    with pytest.raises(NotTakenOn, match="not supported"):
        await client.take_on("Nobody", "S1", USER)
    with pytest.raises(NoSuchSerial):
        await client.take_on("Easee", "S2", USER)
    assert (await client.join_waitlist({"email": "a@example.org"})).value == ENTRY
    assert (await client.check_compatibility({"make": "x y"})).raw == {"is_compatible": True}
    link, one, _two, _three, waits, checks = mock.seen
    assert (link.method, link.body) == ("POST", b"")  # and it was not followed
    assert one.body == b'{"provider":"Easee","serial_number":"S1"}'
    assert one.headers["evenergy-user"] == USER
    assert waits.body == b'{"email":"a@example.org"}' and checks.query == {"make": ["x y"]}
    for public in (waits, checks):
        assert "authorization" not in public.headers and public.headers["accept-language"] == "en"


POSTS: dict[str, tuple[Any, ...]] = {
    "reconnect": (EVSE,),
    "take_on": ("Easee", "S1", USER),
    "join_waitlist": ({},),
}


@pytest.mark.parametrize("what", POSTS)
async def test_a_post_goes_once_and_a_lost_answer_is_unknown(what: str) -> None:
    for answer in (says(502, b"<html>"), says(201, b"{}"), says(201, b'{"url": "no link"}')):
        async with Wire([answer]) as wire:
            client = HomeClient(wire.url, GivenToken(SecretStr(KEY)))
            with pytest.raises(OutcomeUnknown) as lost:
                await getattr(client, what)(*POSTS[what])
            assert "in the list" in lost.value.advice
            assert len(wire.seen) == 1
            await client.aclose()


@pytest.mark.parametrize(
    ("told", "differs"), [("2", False), ("2.0", False), ("2.1", True), ("beta", True)]
)
async def test_the_version_that_answered(told: str, differs: bool) -> None:
    async with HomeMock(version=told) as mock:
        client = HomeClient(mock.url, GivenToken(SecretStr(TOKEN)))
        assert client.other_version is None
        await client.evse(EVSE)
        assert client.other_version == (told if differs else None)
        await client.aclose()


async def test_five_thousand_through_pages_while_one_disappears() -> None:
    """The cursor is the last id of a page: exactly that one goes before the next page is made."""
    lost = f"evse{99:026d}"
    async with HomeMock(extra=4_999, gone={1: lost}) as mock:
        client = HomeClient(mock.url, GivenToken(SecretStr(TOKEN)))
        found: list[str] = []
        pages = client.evses(expand=WHOLE)
        while (page := await pages.next()) is not None:
            found += [evse.id for evse in page.rows]
        await client.aclose()
        assert len(found) == len(set(found)) == 5_000
        assert set(found) == {EVSE, *(f"evse{number:026d}" for number in range(4_999))}
        assert len(mock.seen) == 50
        # what was asked for is asked for on every page, though the links forget it (§14)
        assert all(one.query["expand"] == list(WHOLE) for one in mock.seen)
        assert client.gate.snapshot().remaining <= 420


@pytest.mark.parametrize("as_url", [False, True])
@pytest.mark.parametrize("given", [USER, f"https://api.ev.energy/v2/users/{USER}/"])
async def test_the_user_is_named_as_the_guides_disagree(given: str, as_url: bool) -> None:
    async with HomeMock() as mock:
        login = GivenToken(SecretStr(TOKEN))
        client = HomeClient(mock.url, login, user=given, user_as_url=as_url)
        await client.evses().next()
        await client.aclose()
        wanted = f"{mock.url}/users/{USER}" if as_url else USER
        assert mock.seen[0].headers["evenergy-user"] == wanted


async def test_what_is_refused_before_it_is_sent() -> None:
    login = GivenToken(SecretStr(TOKEN))
    client = HomeClient("http://127.0.0.1:9/v2", login)
    for size in (0, 101):
        with pytest.raises(ValueError, match="1 to 100"):
            client.evses(page_size=size)
    with pytest.raises(ValueError, match="user"):
        client.evses(user="evse01HV8G1YV5QEVSE0000000AAAA")
    with pytest.raises(ValueError, match="zone"):
        client.status_logs(EVSE, since=datetime(2024, 1, 1))  # noqa: DTZ001
    with pytest.raises(ValueError, match="id"):
        await client.evse("..")


async def test_a_link_to_elsewhere_is_an_error_and_gets_no_token() -> None:
    link = '<https://api.ev.energy.example/v2/evses?page_after=x>; rel="next"'
    async with Wire([says(200, b"[]", {"Link": link})]) as wire:
        client = HomeClient(wire.url, GivenToken(SecretStr(KEY)))
        pages = client.evses()
        first = await pages.next()
        assert first is not None and first.rows == () and not pages.is_over
        for _again in range(2):  # not a silent stop, however often one asks
            with pytest.raises(ForeignLink):
                await pages.next()
        assert len(wire.seen) == 1
        await client.aclose()


async def test_a_link_in_a_circle_ends() -> None:
    link = '</api/v1/client/evses?page_after=a>; rel=next, <about:blank>; rel="prev"'
    async with Wire([says(200, b"[]", {"Link": link})]) as wire:
        client = HomeClient(wire.url, GivenToken(SecretStr(KEY)))
        pages = client.evses()
        await pages.next()  # an empty page with a next one is legal
        await pages.next()
        with pytest.raises(ForeignLink):
            await pages.next()
        await client.aclose()


async def test_an_unclear_answer_to_a_change_is_unknown() -> None:
    for answer in (says(502, b"<html>"), says(200, b"<html>"), says(503, b"")):
        async with Wire([answer]) as wire:
            client = HomeClient(wire.url, GivenToken(SecretStr(KEY)))
            with pytest.raises(OutcomeUnknown):
                await client.decommission(EVSE)
            assert len(wire.seen) == 1, "never sent again"
            await client.aclose()


async def test_a_given_token_that_is_refused_is_not_tried_again() -> None:
    async with HomeMock() as mock:
        client = HomeClient(mock.url, GivenToken(SecretStr(KEY)))
        with pytest.raises(TokenRefused):
            await client.evses().next()
        assert len(mock.seen) == 1
        await client.aclose()
