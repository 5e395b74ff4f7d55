"""A report as a workbook: real numbers and dates, a sheet of the rows, one of what is worth a
look and one of the bookings.

The library is an extra (`pip install 'pm-tui[xlsx]'`) and imported when a workbook is wanted. It
would make formulas, links and numbers of what looks like one: all of that is switched off.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from pm_tui.i18n import _
from pm_tui.models.booking import Booking
from pm_tui.models.result import Result
from pm_tui.models.text import clean, visible_id
from pm_tui.services.report import Report
from pm_tui.services.report_behind import Finding, findings
from pm_tui.services.report_files import guarded
from pm_tui.services.report_words import by_word, counted_words, label, notes, period_words


class NoLibrary(RuntimeError):
    """The extra is not installed; the text says how to get it."""


def as_workbook(result: Result[Report], bookings: Iterable[Booking]) -> bytes:
    """Raises `NoLibrary`."""
    try:
        import xlsxwriter
    except ImportError:
        raise NoLibrary(
            _("a workbook needs a library that is not there: pip install 'pm-tui[xlsx]'")
        ) from None
    body = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = xlsxwriter.Workbook(body, options)
    _Writer(book, result.value, result.fetched_at).write(bookings)
    book.close()
    return body.getvalue()


class _Writer:
    def __init__(self, book: Any, report: Report, fetched_at: datetime) -> None:
        self._book, self._report, self._at = book, report, fetched_at
        self._bold = book.add_format({"bold": True})
        self._money = book.add_format({"num_format": "#,##0.00"})
        self._sum = book.add_format({"num_format": "#,##0.00", "bold": True, "top": 1})
        self._day = book.add_format({"num_format": "yyyy-mm-dd"})
        self._time = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})

    def write(self, bookings: Iterable[Booking]) -> None:
        self._rows(self._book.add_worksheet(_("Report")))
        if found := findings(self._report):
            self._findings(self._book.add_worksheet(_("Worth a look")), found)
        self._bookings(self._book.add_worksheet(_("Bookings")), bookings)

    def _rows(self, sheet: Any) -> None:
        report = self._report
        sheet.write_string(
            0,
            0,
            _("Charging bookings {period}").format(period=period_words(report.period)),
            self._bold,
        )
        told = f"{counted_words(report)} · {report.period.zone.key}"
        if report.zone != report.period.zone:
            told += " · " + _("times: {zone}").format(zone=report.zone.key)
        sheet.write_string(1, 0, told)
        sheet.write_string(2, 0, _("As of"))
        self._write_time(sheet, 2, 1, self._at)
        sheet.write_string(3, 0, _("Read until"))
        self._write_time(sheet, 3, 1, report.until if report.has_begun else None)
        sheet.write_string(4, 0, _("Period over"))
        sheet.write_string(4, 1, _("yes") if report.is_over else _("no"))
        line = 5
        for told in notes(report):
            sheet.write_string(line, 0, clean(told, 500), self._bold)
            line += 1
        line += 1
        titles = (by_word(report.by), _("Currency"), _("Bookings"), _("Without a price"),
                  _("Total"), _("Period before"))  # fmt: skip
        for column, title in enumerate(titles):
            sheet.write_string(line, column, title, self._bold)
        for row in report.rows:
            line += 1
            if report.by == "day" and row.key.sort == "value":
                sheet.write_datetime(
                    line, 0, _midnight(date.fromisoformat(row.key.text)), self._day
                )
            else:
                sheet.write_string(line, 0, guarded(label(row.key, report.by)))
            sheet.write_string(line, 1, row.currency or "")
            sheet.write_number(line, 2, row.bookings)
            sheet.write_number(line, 3, row.unpriced)
            self._write_money(sheet, line, 4, row.total)
            self._write_money(sheet, line, 5, row.before)
        for total in report.totals:
            line += 1
            sheet.write_string(line, 0, _("Total"), self._bold)
            sheet.write_string(line, 1, total.currency or "", self._bold)
            sheet.write_number(line, 2, total.bookings, self._bold)
            sheet.write_number(line, 3, total.unpriced, self._bold)
            sheet.write_number(line, 4, float(total.total), self._sum)
        sheet.set_column(0, 0, 32)
        sheet.set_column(1, 5, 14)

    def _findings(self, sheet: Any, found: Iterable[Finding]) -> None:
        for column, title in enumerate((_("Worth a look"), _("Bookings"))):
            sheet.write_string(0, column, title, self._bold)
        for line, one in enumerate(found, 1):
            sheet.write_string(line, 0, guarded(one.text))
            sheet.write_number(line, 1, one.bookings)
        sheet.set_column(0, 0, 100)

    def _bookings(self, sheet: Any, bookings: Iterable[Booking]) -> None:
        titles = (_("ID"), _("Made"), _("Start"), _("End"), _("Status"), _("Reference"), _("City"),
                  _("Location"), _("Price"), _("Currency"))  # fmt: skip
        for column, title in enumerate(titles):
            sheet.write_string(0, column, title, self._bold)
        sheet.freeze_panes(1, 0)
        for line, one in enumerate(bookings, 1):
            sheet.write_string(line, 0, visible_id(one.id))
            self._write_time(sheet, line, 1, one.created_at)
            self._write_time(sheet, line, 2, one.reservation_start)
            self._write_time(sheet, line, 3, one.reservation_end)
            texts = (one.status, one.external_id, one.location_city, one.location_id)
            for column, text in enumerate(texts, 4):
                sheet.write_string(line, column, guarded(text or ""))
            self._write_money(sheet, line, 8, one.client_price)
            sheet.write_string(line, 9, one.client_price_currency or "")
        sheet.set_column(0, 0, 38)
        sheet.set_column(1, 9, 20)

    def _write_time(self, sheet: Any, line: int, column: int, moment: datetime | None) -> None:
        """A spreadsheet knows no zones: times are those of the report's."""
        if moment is not None:
            local = moment.astimezone(self._report.zone).replace(tzinfo=None, microsecond=0)
            sheet.write_datetime(line, column, local, self._time)

    def _write_money(self, sheet: Any, line: int, column: int, amount: Decimal | None) -> None:
        if amount is not None:  # the file has doubles only: exact to the cent below 10**13
            sheet.write_number(line, column, float(amount), self._money)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC).replace(tzinfo=None)
