"""What a report is asked: which period, by what, counting which states. Turned by single keys."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Self

from pm_tui.i18n import N_

if TYPE_CHECKING:
    from pm_tui.services.report_period import Period
    from pm_tui.services.report_rows import By

COMPLETED = "COMPLETED"
BY_WORDS: dict[By, str] = {
    "department": N_("Department"),
    "employee": N_("Employee"),
    "group": N_("Group"),
    "driver": N_("Driver"),
    "operator": N_("Operator"),
    "city": N_("City"),
    "status": N_("Status"),
    "day": N_("Day"),
}


@dataclass(frozen=True, slots=True)
class Question:
    """`status` None counts all states."""

    period: Period
    by: By = "department"
    status: str | None = COMPLETED

    def moved(self, by: int) -> Self:
        """A period earlier (-1) or later. Raises `PeriodError` at the ends of the calendar."""
        period = self.period.previous() if by < 0 else self.period.following()
        return replace(self, period=period)

    def widened(self, today: date) -> Self:
        """The quarter that the month is in, the year of the quarter, and from there the month; of a
        range, its month. Of what holds today, today's."""
        from pm_tui.services.report_period import Period

        period = self.period
        day = min(period.last, max(today, period.first))
        if period.kind == "month":
            wider = Period.containing(day, "quarter", period.zone)
        elif period.kind == "quarter":
            wider = Period.containing(day, "year", period.zone)
        else:
            wider = Period.containing(day, "month", period.zone)
        return replace(self, period=wider)

    def grouped(self, step: int) -> Self:
        """By the next thing, or the one before."""
        every = list(BY_WORDS)
        return replace(self, by=every[(every.index(self.by) + step) % len(every)])

    def with_states_turned(self) -> Self:
        return replace(self, status=COMPLETED if self.status is None else None)
