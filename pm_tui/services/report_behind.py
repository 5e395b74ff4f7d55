"""What is behind a line of a report: its bookings; and the lines that somebody should look at.

A budget counts its month's bookings in every state but the cancelled and expired ones, whatever the
report counts; an anomaly names its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from pm_tui.cache.reports import ReportStore
from pm_tui.models.booking import Booking
from pm_tui.services import caps
from pm_tui.services.caps import Budget
from pm_tui.services.report import Report
from pm_tui.services.report_facts import GONE
from pm_tui.services.report_period import Period
from pm_tui.services.report_rows import COLUMNS, By, Key


class Source(Protocol):
    """Has the bookings of a report: a session, or a table of the fleet API."""

    async def report_bookings(
        self, period: Period, by: By, key: Key | None = None, *, status: str | None
    ) -> list[Booking]: ...

    async def named_bookings(self, ids: Sequence[str]) -> list[Booking]: ...


@dataclass(frozen=True, slots=True)
class Finding:
    """A line in words: a `budget` to warn of, or an anomaly of the bookings `ids`."""

    text: str
    bookings: int
    ids: tuple[str, ...] = ()
    budget: Budget | None = None

    @property
    def key(self) -> str:
        """The same while the list is the same, in one language."""
        if self.budget is not None:
            return f"{self.budget.kind}\n{self.budget.name}"
        return "\n".join((self.text, *self.ids[:1]))


def findings(report: Report) -> list[Finding]:
    """The budgets first, then the anomalies in their order. Empty: all is as usual."""
    warned = caps.warned(report.caps)
    budgets = [Finding(text, one.bookings, budget=one) for one, text in warned]
    return budgets + [Finding(one.reason, len(one.ids), one.ids) for one in report.anomalies]


async def behind_finding(source: Source, period: Period, finding: Finding) -> list[Booking]:
    """The bookings that a line is about, the earliest first."""
    budget = finding.budget
    if budget is None:
        return await source.named_bookings(finding.ids)
    key = Key("value", budget.name)
    found = await source.report_bookings(period, budget.kind, key, status=None)
    return [one for one in found if one.status.upper() not in GONE]


# -- as a store has them -------------------------------------------------------------


def behind(
    store: ReportStore, period: Period, by: By, key: Key | None, status: str | None
) -> list[Booking]:
    """Those of a row, the earliest first; of the whole report without `key`."""
    start, end = period.start, period.end
    if key is None or by == "day":
        raws = store.bookings(start, end, status)
    else:
        told = key.text if by == "status" else key.as_stored
        raws = store.bookings(start, end, status, COLUMNS[by], told)
    found = [Booking.read(raw) for raw in raws]
    if key is None or by != "day":
        return found
    wanted = None if key.sort == "missing" else key.text
    return [one for one in found if _local_day(one, period) == wanted]


def named(store: ReportStore, ids: Sequence[str]) -> list[Booking]:
    """Of these, those that are known, in their order."""
    return [Booking.read(raw) for raw in store.known(ids).values()]


def _local_day(booking: Booking, period: Period) -> str | None:
    made = booking.created_at
    return None if made is None else f"{made.astimezone(period.zone):%Y-%m-%d}"
