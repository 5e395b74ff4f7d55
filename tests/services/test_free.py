"""A charger that is watched: told when it is free, by a live answer, within what was agreed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pm_tui.api.clock import Clock
from pm_tui.config import Settings
from pm_tui.models.charger import Location
from pm_tui.models.json import dumps
from pm_tui.models.query import SearchQuery
from pm_tui.services import find, free
from pm_tui.services.free import FreeWatcher, Watch, Wish, terms
from pm_tui.services.session import Session
from tests.sandbox_process import Sandbox
from tests.services.test_watcher import until

pytestmark = pytest.mark.usefixtures("hasty")
COLOGNE = SearchQuery(50.937, 6.96)  # of this file alone
GAP = timedelta(minutes=2)


class Moved:
    """The real time and what a test adds to it, for everything of ours."""

    ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Moved:
    moved = Moved()
    monkeypatch.setattr(Clock, "now", lambda _clock: moved())
    monkeypatch.setattr(free, "TICK", 0.02)
    return moved


class Window:
    """A session that watches chargers, and somebody who is there."""

    def __init__(self, session: Session, clock: Moved) -> None:
        self.session = session
        self.watcher = FreeWatcher(session, self, clock)
        self.ends: list[Watch] = []

    def is_awake(self) -> bool:
        return True

    def watched(self) -> None:
        """No screen shows it."""

    def ended(self, watch: Watch) -> None:
        self.ends.append(watch)

    def now_watch(self, location: Location, most: int = 60) -> int:
        """Its first charging point that was free when it was searched."""
        wish = Wish(location, evse_uid=location.evses[a_free_one(location)].evse_uid)
        agreed = terms(self.session.now(), timedelta(hours=2), most, GAP)
        return self.watcher.start(wish, agreed).id

    def of(self, watch_id: int) -> Watch:
        return next(one for one in self.watcher.watches if one.id == watch_id)


@asynccontextmanager
async def window(settings: Settings, clock: Moved) -> AsyncIterator[Window]:
    async with Session(settings, now=clock) as session:
        made = Window(session, clock)
        yield made


@asynccontextmanager
async def running(*windows: Window) -> AsyncIterator[None]:
    tasks = [asyncio.ensure_future(one.watcher.run()) for one in windows]
    yield
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def searches(gateway: Sandbox) -> int:
    return sum(one["path"].endswith("/search") for one in gateway.log())


def a_free_one(location: Location) -> int:
    return next(n for n, evse in enumerate(location.evses) if evse.available)


def taken(gateway: Sandbox, *locations: Location, but: Location | None = None) -> None:
    """From now on every search tells these, and that somebody has their charging points; and
    `but`, as it is."""
    rows = [
        {**one.raw, "evses": [{**evse, "status": "CHARGING"} for evse in one.raw["evses"]]}
        for one in locations
    ]
    rows += [] if but is None else [but.raw]
    body = dumps({"total": len(rows), "results": rows})
    gateway.fault("raw", match="GET /search", times=None, status=200, text=body)


async def test_neighbours_share_each_look_and_the_one_that_becomes_free_is_told(
    settings: Settings, gateway: Sandbox, clock: Moved
) -> None:
    async with window(settings, clock) as here:
        found = (await here.session.search(COLOGNE)).value.locations
        wanted, beside = found[0], found[1]
        taken(gateway, wanted, beside)
        gateway.clear_log()
        first, second = here.now_watch(wanted), here.now_watch(beside)
        async with running(here):
            await until(lambda: here.of(first).looked_at and here.of(second).looked_at)
            assert searches(gateway) == 1
            clock.ahead += GAP
            await until(lambda: here.of(first).spent == 2)
            gateway.clear_faults()
            taken(gateway, beside, but=wanted)
            clock.ahead += GAP
            await until(lambda: here.ends)
        told = here.ends[0]
        assert (told.id, told.evse_uid) == (first, wanted.evses[a_free_one(wanted)].evse_uid)
        assert told.free_at == told.looked_at
        assert (told.spent, searches(gateway)) == (3, 3)
        assert here.of(second).state == "waiting"
        here.watcher.stop(first)
        assert [one.id for one in here.watcher.watches] == [second]
        # no person made these searches
        assert len(await here.session.recent_searches()) == 1
        assert here.session.host.background_today == 3


async def test_windows_that_watch_the_same_spend_one_request_for_all(
    settings: Settings, gateway: Sandbox, clock: Moved
) -> None:
    async with window(settings, clock) as one, window(settings, clock) as two:
        charger = (await one.session.search(COLOGNE)).value.locations[2]
        taken(gateway, charger)
        watches = [(each, each.now_watch(charger)) for each in (one, two)]
        gateway.clear_log()
        async with running(one, two):
            for rounds in range(4):
                since = clock() if rounds else clock() - GAP
                await until(
                    lambda since=since: all(  # type: ignore[misc]
                        (each.of(watch).looked_at or since) > since for each, watch in watches
                    )
                )
                clock.ahead += GAP + timedelta(seconds=1)
        # the first look of each is its own
        assert searches(gateway) <= 2 + 4
        assert sum(each.of(watch).spent for each, watch in watches) == searches(gateway)


async def test_nothing_remembered_counts_as_free_and_a_failed_look_costs_one_request(
    settings: Settings, gateway: Sandbox, clock: Moved
) -> None:
    async with window(settings, clock) as here:
        charger = (await here.session.search(COLOGNE)).value.locations[4]
        gateway.fault("error", match="GET /search", times=None, status=500)
        gateway.clear_log()
        watch = here.now_watch(charger)  # free when it was searched
        async with running(here):
            await until(lambda: here.watcher.problem is not None)
            assert here.of(watch).state == "waiting"
            assert (here.of(watch).spent, searches(gateway)) == (1, 1)

            async def tell(ago: float) -> None:
                at = clock() - timedelta(seconds=ago)
                entries = find.entries([charger])
                await here.session.with_stores(lambda stores: stores.directory.add(entries, at))

            clock.ahead += timedelta(seconds=90)
            await until(lambda: here.of(watch).spent == 2)
            await tell(60)  # another window heard it, but a while ago
            clock.ahead += timedelta(seconds=90)
            await until(lambda: here.of(watch).spent == 3)
            assert here.of(watch).state == "waiting"
            await tell(0)
            await until(lambda: here.ends)
        assert here.ends[0].state == "free"


async def test_what_was_agreed_is_the_end(
    settings: Settings, gateway: Sandbox, clock: Moved
) -> None:
    async with window(settings, clock) as here:
        charger = (await here.session.search(COLOGNE)).value.locations[5]
        taken(gateway, charger)
        spent = here.now_watch(charger, most=1)
        timed = here.now_watch(replace(charger, location_id="nobody knows it"))
        await asyncio.wait_for(_with_time(here, clock), 15)
        assert [(one.id, one.state, one.spent) for one in here.ends] == [
            (spent, "over", 1),
            (timed, "over", 1),
        ]
        assert here.ends[1].missed
        assert here.watcher.waiting == ()


async def _with_time(here: Window, clock: Moved) -> None:
    """`run` ends by itself when nothing waits any more."""
    run = asyncio.ensure_future(here.watcher.run())
    await until(lambda: here.ends)
    clock.ahead += timedelta(hours=2)
    await run
