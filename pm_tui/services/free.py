"""Watches chargers until they are free, within the requests a person agreed to.

Only an answer that is live counts: this window's own, or one that another window of this host had
within the last seconds (the directory keeps them all). What is remembered from before never does.
A watch lives as long as the window that began it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from pm_tui.api.errors import ApiError, RateLimited, Unreachable
from pm_tui.services.free_plan import (
    FRESH,
    Facts,
    State,
    around,
    end,
    next_look,
    together,
)
from pm_tui.services.free_plan import Terms as Terms
from pm_tui.services.free_plan import Watch as Watch
from pm_tui.services.free_plan import Wish as Wish
from pm_tui.services.free_plan import can_be_watched as can_be_watched
from pm_tui.services.free_plan import terms as terms
from pm_tui.services.plan import Look, Why

if TYPE_CHECKING:
    from pm_tui.models.charger import Location
    from pm_tui.services.session import Session

TICK = 1.0  # seconds between two glances at the clock: it may have been set, or have slept


class Audience(Protocol):
    """Who is told; called on the event loop."""

    def is_awake(self) -> bool:
        """Whether somebody is at the window."""

    def watched(self) -> None:
        """What is watched, or when it is looked at next, is another."""

    def ended(self, watch: Watch) -> None:
        """It is free, or time or requests are used up."""


class FreeWatcher:
    """`run` as long as something is watched; `watches` is everything watched since the window was
    opened and not put away, the first begun first."""

    def __init__(self, session: Session, audience: Audience, now: Callable[[], datetime]) -> None:
        self._session, self._audience, self._now = session, audience, now
        self._woken = asyncio.Event()
        self._all: dict[int, Watch] = {}
        self._ids = 0
        self._tried_at: datetime | None = None
        self._failures = 0
        self.problem: Exception | None = None  # why the last look failed
        self.look = Look(None, Why.NOTHING)

    @property
    def watches(self) -> tuple[Watch, ...]:
        return tuple(self._all.values())

    @property
    def waiting(self) -> tuple[Watch, ...]:
        return tuple(one for one in self._all.values() if one.state == "waiting")

    def start(self, wish: Wish, agreed: Terms) -> Watch:
        """Watch from now on; `run` does it."""
        self._ids += 1
        watch = Watch(self._ids, wish, agreed, self._now())
        self._all[watch.id] = watch
        self._changed()
        return watch

    def stop(self, watch_id: int) -> None:
        """Watch it no longer, or put away what has ended."""
        if self._all.pop(watch_id, None) is not None:
            self._changed()

    async def run(self) -> None:
        """Until nothing waits any more."""
        while self.waiting:
            try:
                await self._turn()
            except Exception as problem:  # as the list's watcher, it must outlive what it meets
                self._fail(problem)
                await self._nap(None)

    async def _turn(self) -> None:
        self._end_what_is_over()
        await self._adopt()
        look = self._plan()
        if look.at is not None and look.at <= self._now():
            await self._ask()
        else:
            await self._nap(look.at)

    # -- turns ---------------------------------------------------------------

    def _plan(self) -> Look:
        session = self._session
        look = next_look(
            Facts(
                now=self._now(),
                watches=self.watches,
                budget=session.budget(),
                awake=self._audience.is_awake(),
                offline=session.settings.offline,
                tried_at=self._tried_at,
                failures=self._failures,
            )
        )
        if look != self.look:
            self.look = look
            self._audience.watched()
        return look

    async def _nap(self, until: datetime | None) -> None:
        now = self._now()
        ends = [moment for moment in (until, end(self.watches)) if moment is not None]
        seconds = min((moment - now).total_seconds() for moment in ends) if ends else TICK
        self._woken.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), max(min(seconds, TICK), 0.0))

    def _changed(self) -> None:
        self._woken.set()
        self._audience.watched()

    def _end_what_is_over(self) -> None:
        now = self._now()
        for one in self.waiting:
            if one.is_over(now):
                self._finish(replace(one, state="over"))

    def _finish(self, watch: Watch) -> None:
        self._all[watch.id] = watch
        self._audience.watched()
        self._audience.ended(watch)

    # -- answers -------------------------------------------------------------

    async def _adopt(self) -> None:
        """Take what somebody else of this host, or a search in this window, was told meanwhile.
        One that says free is believed while it is fresh; else we look ourselves."""
        now, awake = self._now(), self._audience.is_awake()
        due = [one for one in self.waiting if one.due(awake) <= now]
        if not due:
            return
        kept = await self._session.locations({one.wish.location.location_id for one in due})
        for one in due:
            known = kept.get(one.wish.location.location_id)
            if known is None or known.fetched_at <= (one.looked_at or one.started_at):
                continue
            is_fresh = timedelta() <= now - known.fetched_at < FRESH
            if is_fresh or one.wish.free_one(known.value) is None:
                self._take(one.id, known.value, known.fetched_at)

    async def _ask(self) -> None:
        """One search for all that it can serve; whoever is due pays for it."""
        now, awake = self._now(), self._audience.is_awake()
        asked = together(self.watches, now, awake)
        host, ids = self._session.host, [one.wish.location.location_id for one in asked]
        if not asked or not await host.may_look(ids):
            await self._nap(None)  # another window looks: its answer will do
            return
        try:
            result = await self._session.look(around(asked))
        except ApiError as problem:
            self._fail(problem)
            if _was_sent(problem):
                self._spend(asked, now, awake)
            return
        finally:
            host.looked()
        self.problem, self._failures = None, 0
        self._spend(asked, now, awake)
        told = {one.location_id: one for one in result.value.locations}
        for one in asked:
            self._take(one.id, told.get(one.wish.location.location_id), result.fetched_at)

    def _fail(self, problem: Exception) -> None:
        self.problem = problem
        self._failures, self._tried_at = self._failures + 1, self._now()

    def _spend(self, asked: Iterable[Watch], now: datetime, awake: bool) -> None:
        for one in asked:
            current = self._all.get(one.id)
            if current is not None and one.due(awake) <= now:
                self._all[one.id] = replace(current, spent=current.spent + 1)

    def _take(self, watch_id: int, told: Location | None, at: datetime) -> None:
        """What an answer said of a charger at `at`; None: it did not have it."""
        watch = self._all.get(watch_id)
        if watch is None or watch.state != "waiting":
            return  # stopped meanwhile
        if told is None:
            self._all[watch_id] = replace(watch, looked_at=at, missed=True)
            return
        evse_uid = watch.wish.free_one(told)
        state: State = "waiting" if evse_uid is None else "free"
        free_at = None if evse_uid is None else at
        watch = replace(watch, looked_at=at, missed=False, told=told, state=state)
        watch = replace(watch, evse_uid=evse_uid, free_at=free_at)
        if state == "free":
            self._finish(watch)
        else:
            self._all[watch_id] = watch


def _was_sent(problem: ApiError) -> bool:
    """Whether a failed look cost a request."""
    if isinstance(problem, RateLimited):
        return problem.status is not None  # else our own count held it back
    return not (isinstance(problem, Unreachable) and problem.unsent)
