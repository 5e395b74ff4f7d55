"""Home chargers against the sandbox's ev.energy: live, remembered, changed once.

The fleet is the shared sandbox's: every test that decommissions takes chargers of its own.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from pm_tui.api.errors import ApiError, OutcomeUnknown, ServerTrouble, Unauthorized
from pm_tui.api.home_errors import NoSuchSerial, NotTakenOn
from pm_tui.cache.deeds import Deed
from pm_tui.config import Settings
from pm_tui.models.home import Evse
from pm_tui.services import home_codes
from pm_tui.services.account import NothingRemembered
from pm_tui.services.home import Home, NoSuchName
from pm_tui.services.home_arrival import take_on
from pm_tui.services.home_deeds import GRACE, NotConfirmed, Remover
from pm_tui.services.home_line import NoCredentials
from pm_tui.services.home_reach import Reach, reach_of, reach_seen
from pm_tui.services.home_words import placed
from pm_tui.services.session import Session
from tests.conftest import MakeSettings
from tests.sandbox_process import Sandbox

ALL_SCOPES = ["evse:read", "evse:write", "user:read", "charging_session:read", "debug:read"]


@pytest.fixture
def settings(make_home: MakeSettings, gateway: Sandbox) -> Settings:
    gateway.home(evses=300, scopes=ALL_SCOPES, back=True)
    return make_home(gateway)


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Home]:
    async with Session.open(settings) as session:
        yield session.home


@pytest.fixture
async def home(settings: Settings) -> AsyncIterator[Home]:
    async with opened(settings) as home:
        yield home


async def test_pages_come_as_they_are_asked_for_and_are_remembered(
    home: Home, gateway: Sandbox, make_home: MakeSettings
) -> None:
    listing = home.listing()
    assert await listing.more() == 100 and not listing.is_over
    requests = [one for one in gateway.log() if one["path"].endswith("/evses")]
    assert len(requests) == 1, "nothing is fetched that is not asked for"
    await listing.all()
    count = len(listing.rows)
    assert count > 200 and await listing.more() == 0
    one = listing.rows[4]
    assert one.origin == "live" and one.value.user_name and one.value.make_name
    assert home.rate is not None and home.rate.limit == 1000
    await home.close()
    async with opened(make_home(gateway, offline=True)) as offline:
        again = offline.listing()
        assert await again.more() == count and again.is_over and not again.is_live
        kept = next(row for row in again.rows if row.value.id == one.value.id)
        assert (kept.value, kept.origin, kept.fetched_at) == (one.value, "cache", one.fetched_at)
        assert again.problem is not None
        with pytest.raises(NothingRemembered):
            await offline.device("evse00000000000000000000000000")
        found = await offline.device(one.value.id)
        assert (found.origin, found.value) == ("cache", one.value)
        with pytest.raises(NothingRemembered):
            await offline.status_log(one.value.id, offline.now() - timedelta(days=1), offline.now())


@pytest.mark.usefixtures("hasty")
async def test_a_page_that_fails_leaves_what_was_read(home: Home, gateway: Sandbox) -> None:
    listing = home.listing()
    await listing.more()
    gateway.fault("error", "GET /home/evses", times=3, status=503)
    with pytest.raises(ServerTrouble):
        await listing.more()
    assert len(listing.rows) == 100 and listing.problem is not None and not listing.is_over
    assert await listing.more() == 100 and listing.problem is None


async def test_logs_live_and_remembered(
    home: Home, gateway: Sandbox, make_home: MakeSettings
) -> None:
    listing = home.listing()
    await listing.more()
    evse = listing.rows[4].value
    now = home.now()
    since = now - timedelta(days=1)
    log = await home.status_log(evse.id, since, now)
    times = [row.sampled.at for row in log.value if row.sampled and row.sampled.at]
    assert 280 <= len(times) <= 289 and times == sorted(times, reverse=True)
    commands = await home.command_log(evse.id, since - timedelta(days=6), now)
    sessions = await home.sub_sessions(evse.id)
    assert commands.value and sessions.value
    gateway.home(scopes=["evse:read"])
    try:
        with pytest.raises(Unauthorized):
            await home.command_log(evse.id, since, now)
    finally:
        gateway.home(scopes=ALL_SCOPES)
    await home.close()
    async with opened(make_home(gateway, offline=True)) as offline:
        kept = await offline.status_log(evse.id, since, now)
        assert (kept.origin, kept.value) == ("cache", log.value)
        assert (await offline.sub_sessions(evse.id)).value == sessions.value


async def test_a_place_is_written_also_when_the_answer_is_lost(
    home: Home, gateway: Sandbox
) -> None:
    listing = home.listing()
    await listing.more()
    evse = listing.rows[8].value
    assert (await home.set_location(evse.id, (52.5, 13.4))).value.location == (52.5, 13.4)
    gateway.fault("accept_then_close", "PATCH *")
    assert (await home.set_location(evse.id, None)).value.location is None


async def test_onboarding_by_name_and_by_id(home: Home) -> None:
    found = await home.onboarding("nordlade", "ben.albers@example.org")
    assert found.what == "Nordlade" and found.user == "Ben Albers" and "user_id=user" in found.url
    assert (await home.onboarding("Arc One", "ben.albers@example.org")).what == "Arc One"
    with pytest.raises(NoSuchName, match="Voltaris"):
        await home.onboarding("nobody", "ben.albers@example.org")
    with pytest.raises(NoSuchName):
        await home.onboarding("nordlade", "nobody@example.org")


async def test_how_it_is_reached_live_refused_and_remembered(
    home: Home, gateway: Sandbox, make_home: MakeSettings
) -> None:
    evse_id = await chosen(home, 12)
    found = await home.contact(evse_id)
    assert found.origin == "live" and found.value.connectivity is not None
    assert found.value.modes and found.value.why == ()
    gateway.fault("error", "GET /home/evses/*", status=404)
    part = (await home.contact(evse_id)).value
    assert part.connectivity is None and part.modes, "one is refused, the other is told"
    assert [one for one in part.why if "does not tell" in one]
    found = await home.contact(evse_id)
    gateway.home(scopes=["user:read"])
    try:
        none = (await home.contact(evse_id)).value
    finally:
        gateway.home(scopes=ALL_SCOPES)
    assert (none.connectivity, none.modes, len(none.why)) == (None, None, 1)
    await home.close()
    async with opened(make_home(gateway, offline=True)) as offline:
        kept = await offline.contact(evse_id)
        assert kept.origin == "cache" and kept.value.connectivity == found.value.connectivity


async def test_what_comes_in_by_its_serial_number(home: Home, gateway: Sandbox) -> None:
    taken = await take_on(home, "easee", "SN-service", "ben.albers@example.org")
    assert (await home.device(taken.value.id)).value.user_name == "Ben Albers"
    with pytest.raises(NotTakenOn, match="registered already"):
        await take_on(home, "Easee", "SN-service", "ben.albers@example.org")
    with pytest.raises(NoSuchSerial):
        await take_on(home, "Easee", "7", "ben.albers@example.org")
    gateway.fault("html", "POST */import")
    with pytest.raises(OutcomeUnknown) as lost:
        await take_on(home, "Easee", "SN-lost", "ben.albers@example.org")
    assert "in the list" in lost.value.advice
    sent = [one for one in gateway.log() if one["path"].endswith("/import")]
    assert len(sent) == 4, "each once"


async def test_another_version_is_told_once(home: Home, gateway: Sandbox) -> None:
    await chosen(home, 0)
    assert home.take_notices() == []
    gateway.home(version="2.1")
    try:
        await home.device(await chosen(home, 0))
    finally:
        gateway.home(version="2")
    [told] = home.take_notices()
    assert "2.1" in told and home.take_notices() == []


async def chosen(home: Home, number: int) -> str:
    """The id of a charger of one's own."""
    listing = home.listing()
    await listing.more()
    return listing.rows[number].value.id


async def test_decommissioning_is_confirmed_written_down_and_done_once(
    home: Home, gateway: Sandbox
) -> None:
    evse_id = await chosen(home, 61)
    remover = await home.remover()
    evse = (await remover.look(evse_id)).value
    for typed in ("", "no", evse.id[-3:], "Arc"):
        with pytest.raises(NotConfirmed):
            await remover.remove(evse_id, typed)
    assert sent(gateway, evse_id) == 0
    done = await remover.remove(evse_id, f" {str(evse.model_name).upper()} ")
    assert (done.kind, done.already) == ("gone", False)
    assert sent(gateway, evse_id) == 1
    [deed] = of_device(remover, evse_id)
    assert (deed.state, deed.label) == ("done", evse.model_name)
    listing = home.listing()
    await listing.more()
    assert evse_id not in [row.value.id for row in listing.rows]


def sent(gateway: Sandbox, evse_id: str) -> int:
    return sum(one["method"] == "DELETE" and one["path"].endswith(evse_id) for one in gateway.log())


def of_device(remover: Remover, evse_id: str) -> list[Deed]:
    return [one for one in remover.deeds.all(remover._account) if one.device == evse_id]


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize(
    ("number", "fault"), [(62, "accept_then_close"), (63, "accept_then_reset"), (64, "html")]
)
async def test_a_lost_answer_is_settled_by_reading(
    home: Home, gateway: Sandbox, number: int, fault: str
) -> None:
    evse_id = await chosen(home, number)
    remover = await home.remover()
    gateway.fault(fault, "DELETE *")
    ended = await remover.remove(evse_id, evse_id[-6:])
    done = fault != "html"  # which the sandbox does not carry out
    assert ended.kind == ("gone" if done else "unknown"), "404 or DECOMMISSIONED is done"
    assert sent(gateway, evse_id) == 1, "never sent again by itself"
    open_ones = [one.device for one in await remover.open_ones()]
    assert (evse_id in open_ones) is not done


async def test_what_is_still_there_after_a_while_did_not_happen(
    home: Home, gateway: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    evse_id = await chosen(home, 65)
    remover = await home.remover()
    gateway.fault("html", "DELETE *")
    assert (await remover.remove(evse_id, evse_id[-6:])).kind == "unknown"
    assert await remover.settle() == [], "not yet"
    monkeypatch.setattr("pm_tui.services.home_deeds.GRACE", -GRACE)
    [settled] = await remover.settle()
    assert (settled.kind, settled.evse_id) == ("refused", evse_id)
    assert await remover.open_ones() == []
    assert sent(gateway, evse_id) == 1


async def test_a_refusal_says_so_and_changes_nothing(home: Home, gateway: Sandbox) -> None:
    evse_id = await chosen(home, 66)
    remover = await home.remover()
    gateway.fault("error", "DELETE *", status=403, text="no scope")
    ended = await remover.remove(evse_id, evse_id[-6:])
    assert ended.kind == "refused" and "no scope" in ended.reason
    assert (await remover.look(evse_id)).value.id == evse_id
    gateway.fault("error", "GET /home/evses/*", times=3, status=404)
    with pytest.raises(ApiError):  # it cannot be read: nothing is sent
        await remover.remove(evse_id, evse_id[-6:])
    assert sent(gateway, evse_id) == 1


async def test_without_credentials_only_home_chargers_suffer(
    make_settings: MakeSettings, gateway: Sandbox
) -> None:
    settings = make_settings(gateway)
    assert settings.home.access is None
    async with Session.open(settings) as session:
        with pytest.raises(NoCredentials, match="PM_TUI_HOME_TOKEN"):
            await session.home.listing().more()
        assert (await session.usage()).origin == "live"


async def test_reachability_has_three_answers(home: Home) -> None:
    listing = home.listing()
    await listing.more()
    now, answers = home.now(), set()
    for row in listing.rows:
        answers.add(reach_of(row.value, now, timedelta(minutes=15)).answer)
    assert answers == {"reachable", "unknown"} or answers == {"reachable", "unknown", "stale"}
    one = next(row.value for row in listing.rows if row.value.status is not None)
    assert one.status is not None and one.status.sampled is not None and one.status.sampled.at
    at = one.status.sampled.at
    quarter = timedelta(minutes=15)
    assert reach_of(one, at + quarter, quarter).answer == "reachable"
    assert reach_of(one, at + quarter + timedelta(seconds=1), quarter).answer == "stale"
    assert reach_of(one, at - timedelta(minutes=1), quarter).answer == "reachable"
    assert reach_of(one, at - timedelta(minutes=10), quarter).answer == "unknown", "to come"
    hour = timedelta(hours=1)  # for which nobody has asked
    assert reach_seen(one, at, at + hour, quarter) == (Reach("reachable", hour), True)
    assert reach_seen(one, at + hour, at + hour, quarter) == (Reach("stale", hour), False)


def test_what_became_of_a_location_is_told_also_where_the_answer_leaves_it_out() -> None:
    here, elsewhere = (52.5, 13.4), {"latitude": 48.1, "longitude": 11.5}
    silent, there = Evse.read({"id": "e1"}), Evse.read({"id": "e1", "location": elsewhere})
    assert placed(None, silent) == "Location cleared."
    assert placed((48.1, 11.5), there) == "Location saved: 48.10000, 11.50000"
    text = "The location 52.50000, 13.40000 was sent and accepted; ev.energy does not show it."
    assert placed(here, silent) == text
    assert "shows 48.10000" in placed(here, there) and "shows 48.10000" in placed(None, there)


def test_constants_are_told_in_words_and_unknown_ones_as_they_were_sent() -> None:
    assert home_codes.lock("SMART") == home_codes.charged("SMART") == "by the schedule"
    assert home_codes.charged("UNMANAGED_HOME") == "not steered, at home"
    assert home_codes.reason("REFRESH_SCHEDULES") == "schedules renewed"
    assert (home_codes.doing("NEW"), home_codes.doing(None)) == ("NEW", "–")
