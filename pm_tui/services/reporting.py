"""The half of a session that reports: a period read from the gateway, summed from the store."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import TypeVar

from pm_tui.api.errors import ApiError, OfflineByChoice
from pm_tui.api.limits import DEFAULT_LIMIT
from pm_tui.api.record import because
from pm_tui.cache.reports import ReportStore
from pm_tui.i18n import _, language
from pm_tui.models.booking import Booking
from pm_tui.models.result import Result
from pm_tui.services.account import COVERED_BY_MEMORY, Account, NothingRemembered
from pm_tui.services.bookings import booking_rows
from pm_tui.services.report import COMPLETED, Anomaly, Report, Row, compared, rows_of
from pm_tui.services.report_anomalies import find
from pm_tui.services.report_behind import behind, named
from pm_tui.services.report_facts import Fact, facts_of
from pm_tui.services.report_months import Month, year_of_months
from pm_tui.services.report_period import Period
from pm_tui.services.report_problems import problems
from pm_tui.services.report_read import (
    OnProgress,
    Progress,
    Reading,
    Readout,
    Stop,
    gaps_of,
    in_force,
)
from pm_tui.services.report_reference import Reader
from pm_tui.services.report_rows import By, Key, entry_of
from pm_tui.services.report_sweep import PAGE, Told
from pm_tui.services.spending import budgets_of

T = TypeVar("T")

ASK_BELOW = (
    0.05  # of the month's limit left: a person is asked before more is spent, as by a search
)
SPARED = 5  # a fifth of the minute is left to whoever books meanwhile
PATIENCE = timedelta(seconds=150)  # a minute's limit that other desks used up comes back


async def never() -> bool:
    """Nobody is there who could be asked whether the last requests may be spent."""
    return False


class Reporting(Account):
    _looked_over: tuple[object, tuple[Anomaly, ...]] | None = None

    @cached_property
    def _reader(self) -> Reader:
        return Reader(self.settings.reports.patterns)

    async def report(
        self,
        period: Period,
        by: By = "department",
        *,
        status: str | None = COMPLETED,
        offline: bool = False,
        compare: bool = False,
        on_progress: OnProgress = lambda _progress: None,
        may_ask: Callable[[], Awaitable[bool]] = never,
    ) -> Result[Report]:
        """Read what is missing and sum it; with `compare` the period before as well. `may_ask` has
        the word before each request when little is left of the month. Raises `NothingRemembered`,
        or the `ApiError` that memory must not paper over."""
        began = self.now()
        done = Readout()
        if not (offline or self.settings.offline):
            done = await self.read_report(period, on_progress=on_progress, may_ask=may_ask)
            if compare and done.problem is None and not done.stopped:
                other = await self.read_report(
                    period.previous(), on_progress=on_progress, may_ask=may_ask
                )
                done = replace(done, requests=done.requests + other.requests)
        return await self.summed(period, by, status=status, done=done, since=began)

    async def read_report(
        self,
        period: Period,
        *,
        on_progress: OnProgress = lambda _progress: None,
        may_ask: Callable[[], Awaitable[bool]] = never,
    ) -> Readout:
        """Bring a period into the store. Cancelled or failed, what was read is kept and the next
        reading goes on from there."""
        if self.settings.offline:
            return Readout(problem=OfflineByChoice())

        async def ask(since: datetime, until: datetime) -> Told:
            if self._is_little_left() and not await may_ask():
                raise Stop
            await self._leave_room(
                lambda at: on_progress(replace(reading.progress, waiting_until=at))
            )
            with because("report"):
                answer = await self.line.ask(
                    lambda client: client.bookings(
                        since=since, until=until, limit=PAGE, patience=PATIENCE
                    )
                )
            return Told(booking_rows(answer.raw), answer.received_at)

        def told(progress: Progress) -> None:
            on_progress(replace(progress, month_left=self.month_left))

        await self._know_the_month()
        reading = Reading(ask, self._in_reports, self._reader, told)
        try:
            return await reading.bring(period, self.server_now(), self.line.clock_ahead)
        except Stop:
            return Readout(reading.progress.requests, stopped=True)
        except COVERED_BY_MEMORY as problem:
            return Readout(reading.progress.requests, problem=problem)

    async def summed(
        self,
        period: Period,
        by: By,
        *,
        status: str | None = COMPLETED,
        done: Readout | None = None,
        since: datetime | None = None,
    ) -> Result[Report]:
        """The report as the store has it; nothing is sent. `done` is what a reading before it did,
        `since` when that began. Raises `NothingRemembered` when nothing of the period was read,
        unless it was decided not to."""
        done = done or Readout()
        now = self.server_now()

        def sum_up(store: ReportStore) -> Result[Report] | None:
            parts = store.parts(period.start, period.end)
            if not parts and now > period.start and not done.stopped:
                return None
            reached = max((one.until for one in parts), default=period.start)
            until = period.end if period.end <= now else min(reached, period.end)
            read = [one.read_at for one in in_force(parts, period.start, period.end)]
            rows, totals = rows_of(store, period, by, status)
            rows, previous = self._beside(store, period, by, status, rows)
            report = Report(
                period=period,
                by=by,
                status=status,
                rows=rows,
                totals=totals,
                until=until,
                undated=store.undated(period.start, period.end),
                problems=problems(store, period, until, done),
                requests=done.requests,
                checked=done.checked,
                is_over=period.end <= now,
                has_begun=period.start < now,
                latest=max(read, default=None),
                previous=previous,
                anomalies=self._anomalies(store, period),
                caps=budgets_of(store, period, until, self.settings.caps),
            )
            read_at = min(read, default=self.now())
            live = since is not None and read_at >= since and done.problem is None
            return Result(report, "live" if live else "cache", read_at, done.problem)

        found = await self._in_reports(sum_up)
        if found is None:
            raise NothingRemembered(
                _("Nothing of {period} has been read yet.").format(period=period.name), done.problem
            )
        return found

    async def report_bookings(
        self, period: Period, by: By, key: Key | None = None, *, status: str | None = COMPLETED
    ) -> list[Booking]:
        """The bookings of a row, the earliest first; of the whole report without `key`. A report
        has their age."""

        return await self._in_reports(lambda store: behind(store, period, by, key, status))

    async def named_bookings(self, ids: Sequence[str]) -> list[Booking]:
        """Of these, those that reports have read, in their order."""
        return await self._in_reports(lambda store: named(store, ids))

    async def report_months(self, last: Period, *, status: str | None = COMPLETED) -> list[Month]:
        """What the year of months that ends with `last` cost, as far as they are known whole; the
        earliest first. Nothing is sent."""
        return await self._in_reports(lambda store: year_of_months(store, last, status))

    # -- below ---------------------------------------------------------------

    @property
    def month_left(self) -> int | None:
        """Requests that the account has left this month, as far as it is known."""
        line = self.connection
        if line.month_limit is None or line.month_used is None:
            return None
        return max(line.month_limit - line.month_used, 0)

    def _is_little_left(self) -> bool:
        limit, left = self.connection.month_limit, self.month_left
        return limit is not None and left is not None and left < limit * ASK_BELOW

    async def _know_the_month(self) -> None:
        """Reports are the dearest question there is: not without knowing what is left."""
        await self._open_stores()
        await self.line.listen()
        if self.month_left is not None:
            return
        # a gateway that does not tell, or a line that the reading itself will find broken
        with suppress(ApiError):
            await self.line.usage()

    async def _leave_room(self, waiting: Callable[[datetime | None], None]) -> None:
        """Wait while only the part of the minute is left that is kept for people."""
        waited = False
        while True:
            self.line.note()
            line = self.connection
            if line.remaining is None or line.reset_at is None:
                break
            if line.remaining > (line.limit or DEFAULT_LIMIT) // SPARED:
                break
            seconds = (line.reset_at - self.line.clock.now()).total_seconds()
            waiting(line.reset_at)
            waited = True
            await self.line.clock.sleep(min(max(seconds, 0.2), 61.0))
        if waited:
            waiting(None)

    async def _in_reports(self, work: Callable[[ReportStore], T]) -> T:
        stores = await self._open_stores()

        def run() -> T:
            stores.reports.read_again(
                self._reader.key, lambda raw, created: entry_of(raw, self._reader, created)
            )
            return work(stores.reports)

        return await self.in_worker(run)

    def _anomalies(self, store: ReportStore, period: Period) -> tuple[Anomaly, ...]:
        """Looked for once: a report by another key, or shown again, has the same."""
        before = _before(store, period)
        start = period.start if before is None else before.start
        state = (period, language(), tuple(store.parts(start, period.end)))
        if self._looked_over is None or self._looked_over[0] != state:
            old = [] if before is None else _usual(store, before)
            now = facts_of(store, period.start, period.end)
            rules = self.settings.reports.anomalies
            self._looked_over = (state, find(now, old, rules, period.zone))
        return self._looked_over[1]

    def _beside(
        self,
        store: ReportStore,
        period: Period,
        by: By,
        status: str | None,
        rows: tuple[Row, ...],
    ) -> tuple[tuple[Row, ...], dict[str | None, Decimal] | None]:
        """The period before beside this one, where all of it is known."""
        before = _before(store, period)
        if before is None:
            return rows, None
        old, totals = rows_of(store, before, by, status)
        previous: dict[str | None, Decimal] = {one.currency: one.total for one in totals}
        return (rows if by == "day" else compared(rows, old)), previous


def _before(store: ReportStore, period: Period) -> Period | None:
    """The period before, where all of it is known."""
    try:
        before = period.previous()
    except ValueError:  # before the first year there is
        return None
    return None if gaps_of(store, before.start, before.end) else before


def _usual(store: ReportStore, before: Period) -> list[Fact]:
    return facts_of(store, before.start, before.end, words=False)
