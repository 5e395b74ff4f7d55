"""Many bookings from a table: checked, asked, sent behind whatever is looked at, and told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from textual import work
from textual.app import App
from textual.content import Content

from pm_tui.i18n import _
from pm_tui.tui.key_names import keyed
from pm_tui.tui.unclear_actions import LONG

if TYPE_CHECKING:
    from pathlib import Path

    from pm_tui.config import Settings
    from pm_tui.services.batch import Batch
    from pm_tui.services.batch_send import Run
    from pm_tui.services.connection import Connection
    from pm_tui.services.ledger import Place
    from pm_tui.services.session import Session


@dataclass(slots=True)
class BatchJob:
    """A table that was checked, then perhaps sent (`run`), until it is `over`. `booked_before`
    are the numbers of the rows that an earlier run has booked."""

    path: Path
    out: Path
    batch: Batch
    places: Mapping[str, Place]
    booked_before: frozenset[int]
    run: Run | None = None
    over: bool = False

    @property
    def is_sending(self) -> bool:
        return self.run is not None and not self.over

    def is_as(self, other: BatchJob) -> bool:
        """Whether both would send the same."""

        def sends(job: BatchJob) -> list[object]:
            return [(row.cells, row.state, bool(row.errors)) for row in job.batch.rows]

        return sends(self) == sends(other)


class BatchActions(App[None]):
    """Mixed into the application. One table at a time; it goes on whatever view is shown."""

    if TYPE_CHECKING:
        settings: Settings
        now: Callable[[], datetime]
        connection: Connection

        async def session(self) -> Session: ...
        def explain(self, problem: BaseException) -> str: ...
        def look_soon(self) -> None: ...

    batch_job: BatchJob | None = None
    batch_note = Content(
        ""
    )  # what there is to say while there is no job: it is being read, or cannot be

    # -- checking ------------------------------------------------------------

    @work(exclusive=True, group="batch", exit_on_error=False)
    async def check_table(self, typed: str) -> None:
        """Read the table at the path that was typed, and show it."""
        from pm_tui.services.table_paths import expand

        if self.batch_job is not None and self.batch_job.is_sending:
            return
        self.batch_note = Content(_("Reading…"))
        self._show_batch()
        try:
            self.batch_job = await self._read_table(expand(typed))
        except Exception as problem:  # whatever keeps it from being read is told in its place
            self._refuse_table(problem)
        else:
            self.batch_note = Content("")
            self._show_batch(from_top=True)

    async def _read_table(self, path: Path) -> BatchJob:
        """Checked against the rules, the clock and the journal. Raises `OSError`, `BatchError`
        and `JournalUnavailable`."""
        from pm_tui.services.batch import estimate
        from pm_tui.services.batch_file import read_known, result_path

        path = path.absolute()
        session = await self.session()
        batch, places = await read_known(session, path, self.now())
        await estimate(session, batch)
        booked = frozenset(row.number for row in batch.rows if row.state == "booked")
        return BatchJob(path, result_path(path), batch, places, booked)

    def _refuse_table(self, problem: Exception) -> None:
        self.batch_job = None
        said = problem.strerror if isinstance(problem, OSError) else None
        self.batch_note = Content.styled(f"✗ {said or self.explain(problem)}", "$text-error")
        self._show_batch()

    def forget_table(self) -> None:
        """Back to choosing a table; not while one is being sent."""
        if self.batch_job is None or not self.batch_job.is_sending:
            self.workers.cancel_group(self, "batch")
            self.batch_job, self.batch_note = None, Content("")
            self._show_batch()

    # -- sending -------------------------------------------------------------

    def why_not_sent(self, job: BatchJob) -> str:
        """What keeps a checked table from being sent, and how to mend it; "" for nothing."""
        if job.batch.errors:
            text = _(
                "Nothing can be sent while a row has an error: mend the file, then press "
                "{batch.check}."
            )
            return keyed(text)
        if not job.batch.to_send:
            if job.batch.count("unknown"):
                text = _(
                    "Nothing to send. What is unknown is being looked for: later press "
                    "{batch.check}."
                )
                return keyed(text)
            return _("Nothing to send: every row is booked.")
        if self.settings.offline or self.connection.state == "offline":
            return _("Offline: the table can be checked, sending it needs the network.")
        if not self.connection.can_send:
            return _("The month's requests are used up: the table can be checked, not sent.")
        return ""

    @work(exclusive=True, group="batch", exit_on_error=False)
    async def send_table(self) -> None:
        """Check again, for the file and the time have gone on; ask with the total; send."""
        from pm_tui.tui.screens.batch_ask import BookTableScreen

        job = self.batch_job
        if job is None or job.run is not None:
            return
        try:
            fresh = await self._read_table(job.path)
        except Exception as problem:  # whatever keeps it from being read is told in its place
            self._refuse_table(problem)
            return
        self.batch_job = fresh
        self._show_batch()
        if reason := self.why_not_sent(fresh):
            self._warn(reason)
        elif not fresh.is_as(job):
            self._warn(_("The table is not as it was shown: look at it again, then send it."))
        elif await self.push_screen_wait(BookTableScreen(fresh.batch)):
            self._begin(fresh)

    def _begin(self, job: BatchJob) -> None:
        from pm_tui.services.batch_send import Run

        job.run = Run()
        job.run.on_change = self._batch_changed
        self._send_rows(job, job.run)

    # not exclusive: nothing that is sent later must cancel it
    @work(group="sending", exit_on_error=False)
    async def _send_rows(self, job: BatchJob, run: Run) -> None:
        from pm_tui.services.batch_send import send

        self._show_batch()
        try:
            session = await self.session()
            async for _row in send(session, job.batch, job.out, run=run):
                self._show_batch()
        except Exception as problem:  # whatever it was: the rows stand as they are, and say so
            self.log.error("sending a table", problem)
            job.batch.stopped = problem
        job.over = True
        self._tell_end(job)
        self.look_soon()

    @work(exclusive=True, group="batch", exit_on_error=False)
    async def stop_table(self) -> None:
        """Ask, then send no further row; the one that is being sent is waited for."""
        from pm_tui.tui.screens.batch_ask import StopTableScreen

        job = self.batch_job
        if job is None or job.run is None or job.over:
            return
        if not job.run.stopping and await self.push_screen_wait(StopTableScreen()):
            job.run.stop()
            self._show_batch()

    # -- telling -------------------------------------------------------------

    def _batch_changed(self) -> None:
        self._show_batch()

    def _tell_end(self, job: BatchJob) -> None:
        from pm_tui.services import batch_text

        self.bell()
        if not self._show_batch():
            title = _("The table {name} was sent").format(name=job.path.name)
            text = batch_text.counts(job.batch)
            self.notify(text, title=title, markup=False, timeout=LONG)

    def _warn(self, text: str) -> None:
        self.notify(text, severity="warning", markup=False, timeout=LONG)

    def _show_batch(self, *, from_top: bool = False) -> bool:
        """Bring the view up to date; false when another one is looked at."""
        from pm_tui.tui.screens.batch import BatchView

        for screen in self.screen_stack:  # it is seen below a dialog as well
            if isinstance(screen, BatchView):
                screen.show_batch(from_top=from_top)
                return True
        return False
