"""Keeps the list of bookings current: reads it when the plan says so, or takes it from the window
of this host that has just read it. Knows no screen; what it finds it tells an `Audience`.

There is no window that reads for the others: whoever is due first takes the next reading on, and
its answer serves all. So nobody has to notice that a reader is gone before somebody else reads.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from pm_tui.api.errors import ApiError
from pm_tui.api.record import because
from pm_tui.models.result import Result
from pm_tui.services.account import NothingRemembered
from pm_tui.services.book import JournalUnavailable
from pm_tui.services.bookings import BookingList
from pm_tui.services.cancelled_here import note_own
from pm_tui.services.host import from_stamp
from pm_tui.services.plan import Facts, Look, Presence, Why, plan

if TYPE_CHECKING:
    from pm_tui.models.booking import Booking
    from pm_tui.services.ledger import Ledger, Place
    from pm_tui.services.session import Session

TICK, SLOW_TICK = 1.0, 5.0  # seconds between two glances at what other windows read; asleep
REPLAN = 600.0  # seconds: a plan grows old, for instance at midnight
FRESH = timedelta(minutes=5)  # a list younger than this is not read again for being opened
SOON = 2.0  # seconds: a look that is as near as this will do for whoever wants one now


class Audience(Protocol):
    """Who is told; called on the event loop."""

    def presence(self) -> Presence:
        """Whether somebody is there to see it."""

    def read(self, result: Result[BookingList], places: dict[str, Place]) -> None:
        """The list as it is now, and the names of the places that are new in it."""

    def told(self, result: Result[Booking]) -> None:
        """One booking, made or changed in another window."""

    def failed(self, problem: Exception) -> None:
        """The list could not be read."""

    async def take_stock(self, listed: Sequence[Booking] | None) -> None:
        """What the journal knows may be another: before the first look (None), and after each,
        with what it listed live."""

    def no_journal(self, problem: Exception) -> None:
        """Reading goes on, booking will refuse."""

    def planned(self, look: Look) -> None:
        """When the next look comes, and why."""


class Watcher:
    """`run` until cancelled."""

    def __init__(
        self, session: Session, known: Ledger, audience: Audience, now: Callable[[], datetime]
    ) -> None:
        self._session, self._known, self._audience, self._now = session, known, audience, now
        # who chose to be offline is told nothing by others either
        self._host = None if session.settings.offline else session.host
        self._woken = asyncio.Event()
        self._asked = self._wanted = False
        self._seen = 0  # of the host's news
        self._noted: dict[str, str] | None = None  # in which status the host knows each as told
        self._last_look: datetime | None = None
        self._tried_at: datetime | None = None
        self._failures = 0
        self._tried_by_others: float | None = None
        self.look = Look(None, Why.FIRST)

    async def run(self) -> None:
        """Outlives whatever it trips over."""
        try:
            await self._begin()
        except Exception as problem:  # as below
            await self._failed(problem)
        while True:
            try:
                await self._turn()
            except Exception as problem:  # the watcher must outlive whatever it trips over
                await self._failed(problem)

    def ask(self) -> None:
        """A person wants to know now."""
        self._asked = True
        self._woken.set()

    def soon(self) -> None:
        """Something was done or opened: look now, unless the next look is all but here."""
        at = self._plan().at
        if at is None or (at - self._now()).total_seconds() > SOON:
            self._wanted = True
        self._woken.set()

    def wake(self) -> None:
        """Something that the plan rests on is different."""
        self._woken.set()

    # -- turns ---------------------------------------------------------------

    async def _begin(self) -> None:
        """What another window has just read will do for this one; else, and offline, look."""
        await self._audience.take_stock(None)  # before anything is settled, or nobody is told
        if self._host is not None:
            self._noted = await self._host.told()
            self._known.heard(self._noted or {})
        await self._listen()
        if self._last_look is None or self._now() - self._last_look > FRESH:
            await self._look()

    async def _turn(self) -> None:
        self._woken.clear()
        look = self._plan()
        if look != self.look:
            self.look = look
            self._audience.planned(look)
        planned_at = self._now()
        while not (self._asked or self._wanted or self._woken.is_set()):
            now = self._now()
            left = REPLAN - (now - planned_at).total_seconds()
            if look.at is not None:
                left = min(left, (look.at - now).total_seconds())
            if left <= 0:
                break
            await self._nap(left)
            if await self._listen():
                return
        asked, wanted = self._asked, self._wanted
        self._asked = self._wanted = False
        due = self._plan().at  # somebody may have fallen asleep meanwhile
        if asked or wanted or (due is not None and due <= self._now()):
            await self._look(anyway=asked, background=not (asked or wanted))

    async def _nap(self, seconds: float) -> None:
        tick = TICK if self._audience.presence().is_awake(self._now()) else SLOW_TICK
        with suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), min(seconds, tick))

    def _plan(self) -> Look:
        session, known = self._session, self._known
        return plan(
            Facts(
                now=self._now(),
                bookings=known.bookings,
                waiting_since=known.waiting_since,
                presence=self._audience.presence(),
                budget=session.budget(),
                last_look=self._last_look,
                tried_at=self._tried_at,
                failures=self._failures,
                clock_ahead=session.clock_ahead,
                offline=session.settings.offline,
                settle_at=self._settle_at(),
            )
        )

    def _settle_at(self) -> datetime | None:
        """When what is unclear is looked for again; the longer it stays so, the rarer."""
        last = self._last_look
        dues = [
            one.next_look if last is None else max(one.next_look, last + (last - one.sent_at) / 4)
            for one in self._known.unsettled
            if one.next_look is not None
        ]
        return min(dues, default=None)

    # -- other windows -------------------------------------------------------

    async def _listen(self) -> bool:
        """Take what the others were told; whether there was anything."""
        if self._host is None:
            return False
        before = self._session.connection.state
        await self._session.line.listen()
        spent = (before, self._session.connection.state).count("spent") == 1  # it began or ended
        common = self._host.common
        if common is None:
            return False
        # before the first list, how things came to be as they are is an old story
        opening = self._last_look is None
        self._seen, news = await self._session.news(self._seen, opening=opening)
        for one in news:
            if isinstance(one.value, BookingList):
                await self._take(Result(one.value, one.origin, one.fetched_at))
            else:
                await note_own(self._session, self._known, [one.value])
                self._audience.told(Result(one.value, one.origin, one.fetched_at))
        if news:
            await self._note_told()
        if not news and common.failures and common.tried_at != self._tried_by_others:
            self._tried_by_others = common.tried_at
            self._tried_at, self._failures = from_stamp(common.tried_at), common.failures
            self._session.line.heard_of_failure(common.state, common.problem)
            self._audience.failed(NothingRemembered(common.problem))
            return True
        return spent or bool(news)

    async def _look(self, *, anyway: bool = False, background: bool = True) -> None:
        """Read, unless somebody else has just done so or is about to."""
        if self._host is not None:
            claim = await self._host.claim(self._seen, anyway=anyway)
            if claim == "busy":
                await self._nap(TICK)
                await self._listen()
                return
            if claim == "news" and await self._listen():
                return
        try:
            await self._read(background=background)
        except asyncio.CancelledError:
            if self._host is not None:
                self._host.release_soon()
            raise

    async def _read(self, *, background: bool) -> None:
        session = self._session
        follows = self.look.why is Why.FOLLOWING
        try:
            with because("look" if not background else "confirmation" if follows else "plan"):
                result = await session.known_bookings(background=background)
        except (ApiError, NothingRemembered) as problem:
            await self._failed(problem)
            return
        if result.origin != "live":
            await self._failed(result.problem, told=False)
        await self._take(result)
        if result.origin == "live":
            # whatever it says of itself: nothing is asked in a circle
            self._last_look = self._now()
            await self._follow_up(result)

    async def _take(self, result: Result[BookingList]) -> None:
        if result.origin == "live":
            self._last_look = max(self._last_look or result.fetched_at, result.fetched_at)
            self._failures = 0
        ids = {one.location_id for one in result.value.bookings if one.location_id}
        places = await self._session.places(ids - self._known.known_places)
        await note_own(self._session, self._known, result.value.bookings)
        self._audience.read(result, places)
        await self._note_told()
        if result.origin == "live" and self._session.connection.unsettled:
            await self._settle(result)
        await self._audience.take_stock(result.value.bookings if result.origin == "live" else ())

    async def _note_told(self) -> None:
        """What this window has told need not be told by the next."""
        if self._host is None or self._noted is None:  # what was told before is not overwritten
            return
        shown, noted = self._known.shown.items(), self._noted
        new = {one: status for one, status in shown if noted.get(one) != status}
        if new and await self._host.note_told(new):
            noted |= new

    async def _failed(self, problem: Exception | None, *, told: bool = True) -> None:
        """Try again later, and not every window for itself."""
        self._failures, self._tried_at = self._failures + 1, self._now()
        if self._host is not None:
            connection = self._session.connection
            await self._host.failed(connection.state, connection.problem)
            if self._host.common is not None:
                self._tried_by_others = await self._host.tried_at()
        if told and problem is not None:
            self._audience.failed(problem)
            await self._audience.take_stock(())

    async def _follow_up(self, result: Result[BookingList]) -> None:
        """What a reading of the list is good for besides, once it is on screen."""
        if not self._session.connection.unsettled:
            await self._settle(result)
        if self._session.usage_is_old():
            with suppress(ApiError, NothingRemembered):  # the line has noted it
                await self._session.usage(background=True)

    async def _settle(self, result: Result[BookingList]) -> None:
        try:
            await self._session.settle(result.value.bookings)
        except JournalUnavailable as problem:
            self._audience.no_journal(problem)
