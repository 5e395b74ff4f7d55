"""The fleet API's own billing table: fetched as it is, and summed as our reports are."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from pm_tui.api.errors import BadAnswer, OfflineByChoice
from pm_tui.api.record import because
from pm_tui.cache import faults
from pm_tui.cache.reports import Part, ReportStore
from pm_tui.i18n import _
from pm_tui.models.booking import Booking
from pm_tui.models.result import Result
from pm_tui.models.times import read_time
from pm_tui.services.fleet_table import LARGEST, FleetTable, read
from pm_tui.services.report import Report, rows_of
from pm_tui.services.report_anomalies import find
from pm_tui.services.report_behind import behind, named
from pm_tui.services.report_facts import facts_of
from pm_tui.services.report_period import Period
from pm_tui.services.report_reference import Reader
from pm_tui.services.report_rows import By, Key, entry_of
from pm_tui.services.spending import budgets_of

if TYPE_CHECKING:
    from pm_tui.config import Settings
    from pm_tui.services.account import Account

PATIENCE = timedelta(seconds=60)  # nobody books meanwhile, and it is one request


async def export(account: Account, first: date, last: date) -> bytes:
    """The table as it was sent, byte for byte; both days included (§11). Raises `ApiError`, and
    `ValueError` without an address of the fleet API."""
    if account.settings.offline:
        raise OfflineByChoice
    with because("export"):
        body = await account.line.ask(lambda client: client.export(first, last, patience=PATIENCE))
    if not body.strip():
        raise BadAnswer(_("an empty table"))
    return body


def zone_of(settings: Settings) -> ZoneInfo:
    """The fleet API counts days in UTC; `--timezone` says otherwise."""
    chosen = settings.sources.get("timezone") == "--timezone"
    return settings.timezone if chosen else ZoneInfo("UTC")


def opened(path: Path, settings: Settings) -> FleetFile:
    """As old as the file says that it is. Raises `OSError` and `FleetError`."""
    with path.open("rb") as file:
        at = datetime.fromtimestamp(os.fstat(file.fileno()).st_mtime, UTC)
        body = file.read(LARGEST + 1)
    return FleetFile(body, at, settings, zone_of(settings), path.name)


class FleetFile:
    """A table read once, for as many reports as one likes. Raises `FleetError`."""

    def __init__(
        self, body: bytes, at: datetime, settings: Settings, zone: ZoneInfo, name: str = ""
    ) -> None:
        self.name = name
        self._at, self._settings, self._zone = at, settings, zone
        self._table: FleetTable = read(body, zone)
        self._reader = Reader(settings.reports.patterns)

    @property
    def period(self) -> Period:
        """The days of the first and the last booking in it."""
        made = [read_time(row.get("created_at")) for row in self._table.rows]
        days = [one.astimezone(self._zone).date() for one in made if one is not None]
        today = self._at.astimezone(self._zone).date()
        return Period.range(min(days, default=today), max(days, default=today), self._zone)

    def report(self, period: Period, by: By, status: str | None) -> Result[Report]:
        """As old as the file."""
        store = self._store(period)
        rows, totals = rows_of(store, period, by, status)
        facts = facts_of(store, period.start, period.end)
        zone = self._settings.report_zone  # day and night are where people charge
        until = max(period.start, min(period.end, self._at))
        report = Report(
            period=period,
            by=by,
            status=status,
            rows=rows,
            totals=totals,
            until=until,
            is_over=period.end <= self._at,
            has_begun=period.start < self._at,
            undated=store.undated(period.start, period.end),
            problems=self._table.problems,
            anomalies=find(facts, (), self._settings.reports.anomalies, zone),
            told_in=zone,
            caps=budgets_of(store, period, until, self._settings.caps),
        )
        store.close()
        return Result(report, "cache", self._at)

    async def report_bookings(
        self, period: Period, by: By, key: Key | None = None, *, status: str | None = None
    ) -> list[Booking]:
        """The rows of the table behind one of a report, as bookings, the earliest first; of the
        whole report without `key`."""

        def look() -> list[Booking]:
            with closing(self._store(period)) as store:
                return behind(store, period, by, key, status)

        return await asyncio.to_thread(look)

    async def named_bookings(self, ids: Sequence[str]) -> list[Booking]:
        """Of these, those that the table has, in their order."""

        def look() -> list[Booking]:
            with closing(self._store(self.period)) as store:
                return named(store, ids)

        return await asyncio.to_thread(look)

    def _store(self, period: Period) -> ReportStore:
        """In memory: what a file says is nothing that the gateway told."""
        store = ReportStore(None, faults.Notices(), lambda: self._at)
        entries = [entry_of(row, self._reader, period.start) for row in self._table.rows]
        store.keep(Part(period.start, period.end, self._at), entries)
        return store
