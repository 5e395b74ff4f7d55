"""Windows of one host: one reads, all know; what one is refused, all stop asking."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pm_tui.api.errors import QuotaSpent
from pm_tui.config import Settings
from pm_tui.models.booking import Booking
from pm_tui.models.result import Result
from pm_tui.services import watcher as watching
from pm_tui.services.bookings import BookingList
from pm_tui.services.ledger import Ledger, Place
from pm_tui.services.plan import Look, Presence, Why
from pm_tui.services.session import Session
from pm_tui.services.watcher import Watcher
from tests.conftest import MakeSettings
from tests.sandbox_process import Sandbox, start_sandbox
from tests.services.conftest import a_request

pytestmark = pytest.mark.usefixtures("hasty")


class Window:
    """A session and its watcher, and somebody who is there."""

    def __init__(self, session: Session) -> None:
        self.session, self.known = session, Ledger()
        self.watcher = Watcher(session, self.known, self, lambda: datetime.now(UTC))
        self.read_at: list[datetime] = []
        self.problems: list[str] = []
        self.looks: list[Look] = []

    def presence(self) -> Presence:
        return Presence(shown=True, touched_at=datetime.now(UTC))

    def read(self, result: Result[BookingList], places: dict[str, Place]) -> None:
        self.known.take(result, places)
        self.read_at.append(result.fetched_at)

    def told(self, result: Result[Booking]) -> None:
        self.known.take_one(result)

    def failed(self, problem: Exception) -> None:
        self.problems.append(str(problem))

    async def take_stock(self, listed: Sequence[Booking] | None) -> None:
        """No screen shows it."""

    def no_journal(self, problem: Exception) -> None:
        self.problems.append(str(problem))

    def planned(self, look: Look) -> None:
        self.looks.append(look)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "TICK", 0.02)


@pytest.fixture
def alone() -> Iterator[Sandbox]:
    """A sandbox that nobody else asks."""
    with start_sandbox() as sandbox:
        yield sandbox


@asynccontextmanager
async def window(settings: Settings) -> AsyncIterator[Window]:
    async with Session(settings) as session:
        made = Window(session)
        running = asyncio.ensure_future(made.watcher.run())
        yield made
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def until(condition: Callable[[], object], seconds: float = 15.0) -> None:
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while not condition():
        assert loop.time() < end, "waited in vain"
        await asyncio.sleep(0.01)


def lists(sandbox: Sandbox) -> int:
    return sum(one["path"].endswith("/bookings") for one in sandbox.log())


async def test_the_second_window_takes_what_the_first_has_just_read(
    alone: Sandbox, make_settings: MakeSettings
) -> None:
    async with window(make_settings(alone)) as one:
        await until(lambda: one.read_at)
        await until(lambda: one.session.connection.month_used is not None)
        alone.clear_log()
        async with window(make_settings(alone)) as two:
            await until(lambda: two.read_at)
            assert two.known.result is not None
            assert two.known.result.origin == "live"
            assert abs(two.read_at[0] - one.read_at[0]) < timedelta(milliseconds=1)
            assert two.session.connection.state == "online"
            assert not two.session.usage_is_old()
            assert alone.log() == []
            one.watcher.ask()  # a person there wants to know
            await until(lambda: len(two.read_at) == 2)
            assert lists(alone) == 1


async def test_a_booking_made_anywhere_on_the_host_is_followed_by_one_and_seen_by_all(
    alone: Sandbox, make_settings: MakeSettings
) -> None:
    settings = make_settings(alone)
    async with window(settings) as one, window(settings) as two:
        await until(lambda: one.read_at and two.read_at)
        alone.clear_log()
        async with Session(settings) as verb:  # as `pm-tui book` does
            ended = await verb.book(a_request())
        assert ended.answer is not None
        made = ended.answer.value.id
        for seen in (one, two):
            await until(lambda seen=seen: seen.known.booking(made))  # type: ignore[misc]
        assert one.known.waiting_since == two.known.waiting_since
        for seen in (one, two):
            await until(
                lambda seen=seen: (  # type: ignore[misc]
                    (known := seen.known.booking(made)) and known.status == "CONFIRMED"
                )
            )
        gets = [one for one in alone.log() if one["method"] == "GET"]
        assert len(gets) <= 3
        assert any(look.why is Why.FOLLOWING for look in (*one.looks, *two.looks))


async def test_a_line_that_fails_is_tried_by_one_and_told_to_all(
    alone: Sandbox, make_settings: MakeSettings
) -> None:
    settings = make_settings(alone)
    async with window(settings) as one, window(settings) as two:
        await until(lambda: one.read_at and two.read_at)
        alone.fault("drop", times=None)
        alone.clear_log()
        one.watcher.ask()
        await until(lambda: two.problems)
        assert two.session.connection.state == "offline"
        assert lists(alone) <= 3  # the tries of one reading
        alone.clear_faults()
        two.watcher.ask()
        await until(lambda: one.session.connection.state == "online")


async def test_a_spent_month_stops_all_windows_and_a_person_may_try_once(
    alone: Sandbox, make_settings: MakeSettings
) -> None:
    settings = make_settings(alone)
    async with window(settings) as one, window(settings) as two:
        await until(lambda: one.read_at and two.read_at)
        alone.use_quota(10_000_000)
        one.watcher.ask()
        await until(lambda: one.session.connection.state == "spent")
        await until(lambda: two.session.connection.state == "spent")
        await until(lambda: two.watcher.look.why is Why.SPENT)
        assert two.session.connection.blocked_until is not None
        alone.clear_log()
        ended = await two.session.book(a_request())
        assert isinstance(ended.problem, QuotaSpent)
        assert alone.log() == []  # nobody asks a server that will not answer
        two.session.line.try_anyway()
        two.watcher.ask()
        await until(lambda: lists(alone) == 1 and two.session.connection.state == "spent")
        alone.use_quota(0)  # the account manager has raised it
        two.session.line.try_anyway()
        two.watcher.ask()
        await until(lambda: one.session.connection.state == "online")


async def test_where_nothing_can_be_shared_each_counts_for_itself_and_says_so(
    alone: Sandbox, make_settings: MakeSettings, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    settings = replace(make_settings(alone), state_dir=tmp_path / "file" / "state")
    async with window(settings) as one:
        await until(lambda: one.read_at)
        told = [text for text in one.session.take_notices() if "cannot share" in text]
        assert len(told) == 1
        assert one.session.host.background_today >= 1


async def test_offline_by_choice_looks_once_into_memory_and_hears_nobody(
    alone: Sandbox, make_settings: MakeSettings
) -> None:
    async with window(make_settings(alone)) as one:
        await until(lambda: one.read_at)
        async with Session(make_settings(alone)) as verb:
            await verb.book(a_request())
        async with window(make_settings(alone, offline=True)) as two:
            await until(lambda: two.known.result)
            assert two.known.result is not None
            assert two.known.result.origin == "cache"
            await until(lambda: two.watcher.look.why is Why.OFFLINE)


async def test_a_watcher_outlives_whatever_it_trips_over(
    alone: Sandbox, make_settings: MakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pm_tui.services.plan.OFFLINE_FIRST", 0.05)
    async with window(make_settings(alone)) as one:
        await until(lambda: one.read_at)

        async def breaks(**_options: object) -> Result[BookingList]:
            raise RuntimeError("nobody thought of this")

        with monkeypatch.context() as patched:
            patched.setattr(one.session, "known_bookings", breaks)
            one.watcher.ask()
            await until(lambda: len(one.problems) >= 2)
        before = len(one.read_at)
        await until(lambda: len(one.read_at) > before)
