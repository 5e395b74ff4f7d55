"""The stretch of time that a report is of: half-open, from local midnight to local midnight.

A month ends where the next one begins in the zone of the report, which is neither midnight UTC nor
always 30 days later by the clock; `contract/agent-api.md §11` prints samples that miss both.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, Self
from zoneinfo import ZoneInfo

from pm_tui.i18n import _
from pm_tui.services.when import Ambiguous, NoSuchTime, at

Kind = Literal["month", "quarter", "year", "range"]
FIRST_YEAR, LAST_YEAR = 1971, 2199  # what `models.times` reads
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_RANGE = re.compile(r"(\d{4}-\d\d-\d\d) ?\.\. ?(\d{4}-\d\d-\d\d)", re.ASCII)
_TEXT = re.compile(r"(\d{4})(?:-(?:[Qq]([1-4])|(\d{1,2})))?", re.ASCII)


class PeriodError(ValueError):
    """Typed text that is no period; the message is for the person who typed it."""


@dataclass(frozen=True, slots=True)
class Period:
    """Local days from `first` to `last`, both included, in `zone`."""

    first: date
    last: date
    zone: ZoneInfo
    kind: Kind = "range"

    @classmethod
    def month(cls, year: int, month: int, zone: ZoneInfo) -> Self:
        return cls._of("month", year, month, zone)

    @classmethod
    def containing(cls, day: date, kind: Kind, zone: ZoneInfo) -> Self:
        """The month, quarter or year that `day` lies in; of a range, the day itself."""
        if kind == "range":
            return cls(day, day, zone)
        size = _MONTHS[kind]
        return cls._of(kind, day.year, (day.month - 1) // size * size + 1, zone)

    @classmethod
    def range(cls, first: date, last: date, zone: ZoneInfo) -> Self:
        """Any days; those that are a whole month, quarter or year are that. `PeriodError` when
        the last lies before the first."""
        if last < first:
            raise PeriodError(_("The end must not be before the start."))
        _check(first.year)
        _check(last.year)
        for kind in ("month", "quarter", "year"):
            whole = cls.containing(first, kind, zone)
            if (whole.first, whole.last) == (first, last):
                return whole
        return cls(first, last, zone)

    @classmethod
    def read(cls, text: str, zone: ZoneInfo, now: datetime) -> Self:
        """`2026-10`, `2026-Q3`, `2026`, `last` (the month before this one), `this`, or two days:
        `2026-10-03..2026-10-09`. Raises `PeriodError`."""
        word = text.strip().lower()
        this = cls.containing(now.astimezone(zone).date(), "month", zone)
        if word in ("this", "dieser"):
            return this
        if word in ("last", "letzter"):
            return this.previous()
        if days := _RANGE.fullmatch(text.strip()):
            try:
                return cls.range(date.fromisoformat(days[1]), date.fromisoformat(days[2]), zone)
            except PeriodError:
                raise
            except ValueError:
                raise PeriodError(_("{text!r} names no day.").format(text=text)) from None
        match = _TEXT.fullmatch(text.strip())
        if match is None:
            raise PeriodError(
                _("{text!r} is no period: 2026-10, 2026-Q3, 2026, last or this").format(text=text)
            )
        year = int(match[1])
        _check(year)
        if match[2]:
            return cls._of("quarter", year, int(match[2]) * 3 - 2, zone)
        if match[3]:
            if not 1 <= int(match[3]) <= 12:
                raise PeriodError(_("{text!r} names no month.").format(text=text))
            return cls._of("month", year, int(match[3]), zone)
        return cls._of("year", year, 1, zone)

    @classmethod
    def _of(cls, kind: Kind, year: int, month: int, zone: ZoneInfo) -> Self:
        last = month + _MONTHS[kind] - 1
        end = date(year, last, calendar.monthrange(year, last)[1])
        return cls(date(year, month, 1), end, zone, kind)

    @property
    def start(self) -> datetime:
        """The first moment of it (aware, UTC)."""
        return midnight(self.first, self.zone)

    @property
    def end(self) -> datetime:
        """The first moment after it (aware, UTC)."""
        return midnight(self.last + timedelta(days=1), self.zone)

    def previous(self) -> Self:
        """The one before, of the same kind; of a range, as many days."""
        return self._moved(-1)

    def following(self) -> Self:
        return self._moved(1)

    def _moved(self, by: int) -> Self:
        if self.kind == "range":
            days = ((self.last - self.first).days + 1) * by
            step = timedelta(days=days)
            _check((self.first + step).year)
            _check((self.last + step).year)
            return type(self)(self.first + step, self.last + step, self.zone)
        day = self.first - timedelta(days=1) if by < 0 else self.last + timedelta(days=1)
        _check(day.year)
        return self.containing(day, self.kind, self.zone)

    def days(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]

    @property
    def name(self) -> str:
        """`2026-10`, `2026-Q4`, `2026`, `2026-10-03..2026-10-09`: the same in every language."""
        if self.kind == "month":
            return f"{self.first:%Y-%m}"
        if self.kind == "quarter":
            return f"{self.first:%Y}-Q{(self.first.month + 2) // 3}"
        if self.kind == "year":
            return f"{self.first:%Y}"
        return f"{self.first}..{self.last}"


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of a local day (aware, UTC): after the gap where the clocks change at
    midnight, the earlier one where midnight comes twice."""
    try:
        return at(day, time(0), zone).astimezone(UTC)
    except NoSuchTime as gap:
        return gap.next_valid.astimezone(UTC)
    except Ambiguous as twice:
        return twice.first.astimezone(UTC)


def _check(year: int) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise PeriodError(_("There are no reports of the year {year}.").format(year=year))
