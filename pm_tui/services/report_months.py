"""What month after month cost: the line beside a report."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from pm_tui.cache.reports import ReportStore
from pm_tui.services.report import rows_of
from pm_tui.services.report_period import Period, PeriodError
from pm_tui.services.report_read import gaps_of

MONTHS = 12


@dataclass(frozen=True, slots=True)
class Month:
    """`total` is that of the currency with the most bookings; None where the month is not known
    whole, or not over."""

    period: Period
    total: Decimal | None
    currency: str | None = None


def year_of_months(store: ReportStore, last: Period, status: str | None) -> list[Month]:
    """The months up to that in which `last` ends, the earliest first."""
    period = Period.containing(last.last, "month", last.zone)
    found: list[Month] = []
    for _month in range(MONTHS):
        if gaps_of(store, period.start, period.end):
            found.append(Month(period, None))
        else:
            _rows, totals = rows_of(store, period, "status", status)
            total = totals[0].total if totals else Decimal(0)
            found.append(Month(period, total, totals[0].currency if totals else None))
        try:
            period = period.previous()
        except PeriodError:
            break
    return found[::-1]
