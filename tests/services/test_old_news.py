"""What was told is not told again by the next window, what nobody was told is told once, and a
cancellation of our own is no loss in any window of the host."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from pm_tui.config import Settings
from pm_tui.models.booking import Booking
from pm_tui.models.result import Result
from pm_tui.services import watcher as watching
from pm_tui.services.bookings import BookingList
from pm_tui.services.host import Host
from pm_tui.services.ledger import Change, Place
from pm_tui.services.rebook import carry_out
from pm_tui.services.session import Session
from tests.conftest import MakeSettings
from tests.sandbox_process import Sandbox
from tests.services.conftest import a_request
from tests.services.test_rebook import a_rebooking
from tests.services.test_watcher import Window, alone, until

__all__ = ["alone"]
pytestmark = pytest.mark.usefixtures("hasty")


class Telling(Window):
    """A window that keeps what it would tell a person."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.changes: list[Change] = []

    def read(self, result: Result[BookingList], places: dict[str, Place]) -> None:
        self.changes += self.known.take(result, places)
        self.read_at.append(result.fetched_at)

    def told(self, result: Result[Booking]) -> None:
        self.changes += self.known.take_one(result)

    @property
    def rung(self) -> list[tuple[str, str]]:
        """The kinds of what rings, with the booking."""
        return [(one.kind, one.booking.id) for one in self.changes if one.kind != "other"]

    def shows(self, booking_id: str, status: str) -> bool:
        known = self.known.booking(booking_id)
        return known is not None and known.status == status


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "TICK", 0.02)


@pytest.fixture
def home(alone: Sandbox, make_settings: MakeSettings) -> Settings:
    return make_settings(alone)


@pytest.fixture
def elsewhere(home: Settings, tmp_path: Path) -> Settings:
    """Another machine: whatever it does, this host has not wished for it."""
    return replace(home, state_dir=tmp_path / "far", cache_dir=tmp_path / "far-cache")


@asynccontextmanager
async def window(settings: Settings) -> AsyncIterator[Telling]:
    """One that has had its first look."""
    async with Session(settings) as session:
        made = Telling(session)
        running = asyncio.ensure_future(made.watcher.run())
        try:
            await until(lambda: made.read_at)
            yield made
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def booked(settings: Settings) -> str:
    """As `pm-tui book` does; the id."""
    async with Session(settings) as verb:
        ended = await verb.book(a_request())
    assert ended.answer is not None
    return ended.answer.value.id


async def cancelled(settings: Settings, booking_id: str) -> None:
    """As `pm-tui cancel` does."""
    async with Session(settings) as verb:
        await verb.cancel(booking_id, "no need")


async def in_status(settings: Settings, booking_id: str, status: str) -> None:
    """As `pm-tui watch` or a cron job does: ask until it stands so, with no window open."""
    async with Session(settings) as verb:

        async def stands() -> bool:
            return (await verb.booking(booking_id)).value.status == status

        for _n in range(200):
            if await stands():
                return
            await asyncio.sleep(0.05)
    raise AssertionError("waited in vain")


async def settled(seen: Telling) -> None:
    """It has read after whatever there was, and written down what it told: a first reading may have
    begun before, and what it told is written before a second one."""
    for _reading in range(2):
        before = len(seen.read_at)
        seen.watcher.ask()
        await until(lambda: len(seen.read_at) > before)  # noqa: B023 - within its turn


async def test_the_next_window_tells_nothing_of_what_the_last_one_told(home: Settings) -> None:
    async with window(home) as first:
        made = await booked(home)
        await until(lambda: first.shows(made, "CONFIRMED"))
        assert first.rung == [("confirmed", made)]
        await first.session.cancel(made, "no need")
        await settled(first)
    for _n in range(2):
        async with window(home) as again:
            await settled(again)
            assert again.shows(made, "CANCELLED")
            assert again.rung == []


async def test_a_loss_that_was_told_is_not_told_again(home: Settings, elsewhere: Settings) -> None:
    async with window(home) as first:
        made = await booked(home)
        await until(lambda: first.shows(made, "CONFIRMED"))
        await cancelled(elsewhere, made)
        await settled(first)
        assert first.rung == [("confirmed", made), ("lost", made)]
    async with window(home) as again:
        await settled(again)
        assert again.rung == []


@pytest.mark.parametrize("seen_by_cron", [True, False])
async def test_what_happened_while_no_window_was_open_is_told_once(
    home: Settings, elsewhere: Settings, seen_by_cron: bool
) -> None:
    made = [await booked(home) for _n in range(2)]
    for one in made:
        await in_status(elsewhere, one, "CONFIRMED")
    await cancelled(elsewhere, made[1])
    if seen_by_cron:
        async with Session(home) as cron:
            await cron.bookings()
            await cron.booking(made[1])
    async with window(home) as first:
        await settled(first)
        assert sorted(first.rung) == [("confirmed", made[0]), ("lost", made[1])]
    async with window(home) as again:
        await settled(again)
        assert again.rung == []


async def test_a_loss_after_the_last_window_was_killed_is_told(
    home: Settings, elsewhere: Settings
) -> None:
    async with window(home) as first:
        made = await booked(home)
        await until(lambda: first.shows(made, "CONFIRMED"))
    await cancelled(elsewhere, made)
    async with window(home) as later:
        await settled(later)
        assert later.rung == [("lost", made)]


@pytest.mark.parametrize("by", ["another window", "a verb"])
async def test_our_own_cancellation_is_no_loss_in_the_other_windows(
    home: Settings, by: str
) -> None:
    async with window(home) as one, window(home) as other:
        made = await booked(home)
        await until(lambda: one.shows(made, "CONFIRMED") and other.shows(made, "CONFIRMED"))
        if by == "a verb":
            await cancelled(home, made)
        else:
            one.known.take_one(await one.session.cancel(made, "no need"))
        await until(lambda: other.shows(made, "CANCELLED"))
        await settled(one)
        await settled(other)
        for seen in (one, other):
            assert seen.rung == [("confirmed", made)]
    async with window(home) as late:
        assert late.rung == []


async def test_cancelled_by_a_verb_with_no_window_open_is_no_loss_in_the_next(
    home: Settings,
) -> None:
    async with window(home) as first:
        made = await booked(home)
        await until(lambda: first.shows(made, "CONFIRMED"))
    await cancelled(home, made)
    async with window(home) as later:
        await settled(later)
        assert later.shows(made, "CANCELLED")
        assert later.rung == []


async def test_a_new_window_shows_what_was_told_after_the_list_also_when_more_was_told_since(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list of three minutes ago serves a new window, with all that is newer."""
    clock = {"ahead": 0.0}
    plain: Callable[[Host], float] = Host._stamp
    monkeypatch.setattr(Host, "_stamp", lambda host: plain(host) + clock["ahead"])
    made = [await booked(home) for _n in range(2)]
    async with Session(home) as cron:
        await cron.bookings()
    await cancelled(home, made[0])
    clock["ahead"] = 180.0  # seconds later for the board
    await cancelled(home, made[1])
    async with window(home) as seen:
        assert all(seen.shows(one, "CANCELLED") for one in made)


async def test_what_happens_before_the_first_glance_of_a_new_window_is_told(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "TICK", 3600.0)
    async with window(home) as seen:
        made = await booked(home)
        await in_status(home, made, "CONFIRMED")
        seen.watcher.wake()
        await until(lambda: seen.shows(made, "CONFIRMED"))
        assert seen.rung == [("confirmed", made)]


async def test_what_a_change_cancels_is_no_loss_in_the_other_windows(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pm_tui.services.watch.FIRST_LOOKS", (0.05,) * 40)
    monkeypatch.setattr("pm_tui.services.watch.PATIENCE", 0)
    async with window(home) as other, Session(home) as session:
        rebooking = await a_rebooking(session, clash=False)
        old = rebooking.old.id
        await until(lambda: other.shows(old, "CONFIRMED"))
        ended = await carry_out(session, rebooking)
        assert ended.outcome == "rebooked" and ended.booking_id is not None
        new = ended.booking_id
        await until(lambda: other.shows(old, "CANCELLED") and other.shows(new, "CONFIRMED"))
        assert {kind for kind, _id in other.rung} == {"confirmed"}
