"""The half of the report view that asks: memory at once, the gateway when a person wants it, or a
table of the fleet API in their place."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from textual import on, work
from textual.message import Message
from textual.worker import Worker, WorkerState

from pm_tui.i18n import _
from pm_tui.tui.key_names import keyed
from pm_tui.tui.report_question import Question
from pm_tui.tui.screens.base import View

if TYPE_CHECKING:
    from pm_tui.models.booking import Booking
    from pm_tui.models.result import Result
    from pm_tui.services.fleet import FleetFile
    from pm_tui.services.report import Report, Row
    from pm_tui.services.report_behind import Finding, Source
    from pm_tui.services.report_months import Month
    from pm_tui.services.report_read import Progress, Readout

READING, SUMMING = "report-read", "report-look"


class ReportReading(View):
    """`_result` answers `_asked`, or the question before it for a moment; `_bookings` are those
    behind the line `_inside`. `_done` is what the last reading of the period did, since `_began`.
    While a `_file` is shown, `_own` is what was asked before; nothing is read for it or sent."""

    @dataclass
    class Progressed(Message):
        """A reading has come further."""

        progress: Progress

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, ReportReading.Progressed)

    def __init__(self) -> None:
        super().__init__()
        from pm_tui.services.report_period import Period

        zone = self.app.settings.report_zone
        self._asked = Question(Period.read("this", zone, self.app.now()))
        self._result: Result[Report] | None = None
        self._months: Sequence[Month] = ()
        self._problem = ""
        self._progress: Progress | None = None
        self._done: Readout | None = None  # the last reading of the period, and when it began
        self._began: datetime | None = None
        self._file: FleetFile | None = None
        self._own: Question | None = None
        self._inside: Row | Finding | None = None
        self._bookings: Sequence[Booking] = ()
        self._sort = ""

    def _show(self, *, from_top: bool = False) -> None:
        """Bring what is known on the screen."""
        raise NotImplementedError

    def _show_head(self) -> None:
        """The same, the lines above the table alone."""
        raise NotImplementedError

    # -- what is asked of memory ----------------------------------------------

    @work(exclusive=True, group=SUMMING, exit_on_error=False)
    async def _look(self, *, from_top: bool = False) -> None:
        """Sum what is remembered, or what is in the file; nothing is sent."""
        from pm_tui.services.session import NothingRemembered

        session, asked, file = await self.app.session(), self._asked, self._file
        result: Result[Report] | None
        bookings: Sequence[Booking] = ()
        if file is not None:
            result = await asyncio.to_thread(file.report, asked.period, asked.by, asked.status)
            if self._inside is not None:
                bookings = await self._behind(file, self._inside)
            self._take(result, (), bookings, from_top=from_top)
            return
        try:
            result = await session.summed(
                asked.period, asked.by, status=asked.status, done=self._done, since=self._began
            )
        except NothingRemembered:
            result = None
        months = await session.report_months(asked.period, status=asked.status)
        if result is not None and self._inside is not None:
            bookings = await self._behind(session, self._inside)
        self._take(result, months, bookings, from_top=from_top)

    async def _source(self) -> Source:
        """Who has the bookings of what is shown."""
        return self._file if self._file is not None else await self.app.session()

    async def _behind(self, source: Source, line: Row | Finding) -> list[Booking]:
        from pm_tui.services.report_behind import Finding, behind_finding

        if isinstance(line, Finding):
            return await behind_finding(source, self._asked.period, line)
        found = await source.report_bookings(
            self._asked.period, self._asked.by, line.key, status=self._asked.status
        )
        return [
            one
            for one in found
            if one.client_price is None or one.client_price_currency == line.currency
        ]

    def _take(
        self,
        result: Result[Report] | None,
        months: Sequence[Month],
        bookings: Sequence[Booking],
        *,
        from_top: bool,
    ) -> None:
        """The one place at which what was summed gets on the screen."""
        self._result, self._months, self._bookings = result, months, bookings
        self._show(from_top=from_top)

    # -- what is asked of the gateway ------------------------------------------

    @work(exclusive=True, group=READING, exit_on_error=False)
    async def _read(self, *, compare: bool) -> None:
        session, period, began = await self.app.session(), self._asked.period, self.app.now()
        periods = [period, period.previous()] if compare else [period]
        for one in periods:
            done = await session.read_report(
                one,
                on_progress=self._tell_progress,
                may_ask=partial(self.app.may_spend, report=True),
            )
            if one == self._asked.period:
                self._done, self._began = done, began
            if done.problem is not None:
                self._problem = self.app.explain(done.problem)
                break
            if done.stopped:
                break

    def _tell_progress(self, progress: Progress) -> None:
        self.post_message(self.Progressed(progress))

    @on(Progressed)
    def _progressed(self, event: Progressed) -> None:
        if self._is_reading:
            self._progress = event.progress
            self._show_head()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        if event.worker.group != READING:
            self.app.tell_failure(event)
            return
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            self._problem = self.app.explain(event.worker.error)
        if event.worker.is_finished:
            self._progress = None
            self._look()
            if event.state is WorkerState.SUCCESS and self.app.screen is not self:
                text = _("{period} has been read: press {app.report}.")
                self.app.notify(keyed(text, period=self._asked.period.name), markup=False)
        self.refresh_bindings()
        self._show_head()

    @property
    def _is_summing(self) -> bool:
        return any(one.group == SUMMING and not one.is_finished for one in self.workers)

    @property
    def _is_reading(self) -> bool:
        return any(one.group == READING and not one.is_finished for one in self.workers)

    # -- what a file says ------------------------------------------------------

    @work(exclusive=True, group="report-file", exit_on_error=False)
    async def action_file(self) -> None:
        from pm_tui.tui.screens.report_file import FleetScreen

        file = await self.app.push_screen_wait(FleetScreen())
        if file is not None:
            self._swap(file, replace(self._asked, period=file.period))

    def action_own(self) -> None:
        """From a file back to what was asked before."""
        if self._own is not None:
            self._swap(None, self._own)

    def _swap(self, file: FleetFile | None, asked: Question) -> None:
        """Another source: nothing of the one before stays on the screen."""
        self.workers.cancel_group(self, READING)
        self._own = None if file is None else self._own or self._asked
        self._file = file
        self._result = self._done = self._began = None
        self._turn(asked)
        self.refresh_bindings()

    # -- actions -------------------------------------------------------------

    def _turn(self, asked: Question) -> None:
        """Another question: what is shown of the last period goes; a reading of it is stopped, and
        what it read is kept."""
        if asked.period != self._asked.period:
            self.workers.cancel_group(self, READING)
            self._result = self._done = self._began = None
        if asked.by != self._asked.by:
            self._sort = ""
        self._asked = asked
        self._inside, self._problem = None, ""
        self._look(from_top=True)

    def action_earlier(self) -> None:
        self._step(-1)

    def action_later(self) -> None:
        self._step(1)

    def _step(self, by: int) -> None:
        from pm_tui.services.report_period import PeriodError

        try:
            self._turn(self._asked.moved(by))
        except PeriodError as end:
            self.app.notify(str(end), markup=False)

    def action_kind(self) -> None:
        zone = self._asked.period.zone
        self._turn(self._asked.widened(self.app.now().astimezone(zone).date()))

    @work(exit_on_error=False)
    async def action_dates(self) -> None:
        from pm_tui.tui.screens.report_ask import PeriodScreen

        now = self.app.now()
        if period := await self.app.push_screen_wait(PeriodScreen(self._asked.period, now)):
            self._turn(replace(self._asked, period=period))

    def action_next_grouping(self) -> None:
        self._turn(self._asked.grouped(1))

    def action_last_grouping(self) -> None:
        self._turn(self._asked.grouped(-1))

    def action_states(self) -> None:
        self._turn(self._asked.with_states_turned())

    def action_read(self) -> None:
        self._start_reading(compare=False)

    def action_compare(self) -> None:
        self._start_reading(compare=True)

    def _start_reading(self, *, compare: bool) -> None:
        if self._is_reading or self._file is not None:
            return  # a held key reads once, and a file is all there is
        self._problem, self._inside = "", None
        self._done = self._began = None
        self._read(compare=compare)

    def action_stop(self) -> None:
        self.workers.cancel_group(self, READING)
