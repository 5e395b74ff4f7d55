"""A report as the bytes of a file, in any of its formats."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from pm_tui.models.booking import Booking
from pm_tui.models.result import Result
from pm_tui.services import report_files
from pm_tui.services.files import write_private
from pm_tui.services.report import Report
from pm_tui.services.report_files import Format
from pm_tui.services.report_period import Period
from pm_tui.services.report_rows import By


class Opener(Protocol):
    """Has the bookings of a report: a session, or a table of the fleet API."""

    async def report_bookings(
        self, period: Period, by: By, *, status: str | None
    ) -> Iterable[Booking]: ...


_MAKERS = {
    "csv": report_files.as_csv,
    "csv-de": report_files.as_german_csv,
    "json": report_files.as_json,
    "html": report_files.as_html,
}
ENDINGS: dict[Format, str] = {
    "csv": "csv", "csv-de": "csv", "json": "json", "xlsx": "xlsx", "html": "html",
}  # fmt: skip


async def as_file(account: Opener, result: Result[Report], form: Format) -> bytes:
    """Raises `report_xlsx.NoLibrary` for a workbook without its library."""
    if form != "xlsx":
        return _MAKERS[form](result)
    from pm_tui.services.report_xlsx import as_workbook  # for those alone who want one

    report = result.value
    bookings = await account.report_bookings(report.period, report.by, status=report.status)
    return as_workbook(result, bookings)


async def write(account: Opener, result: Result[Report], form: Format, path: Path) -> None:
    """Put the file there, whole or not at all. Raises `OSError` and `report_xlsx.NoLibrary`."""
    body = await as_file(account, result, form)
    await asyncio.to_thread(write_private, path, body)


def file_name(report: Report, form: Format) -> str:
    """`report-2026-10-department.csv`"""
    return f"report-{report.period.name}-{report.by}.{ENDINGS[form]}"
