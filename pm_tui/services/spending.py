"""What was spent of each budget: of single bookings, and of a period that reports have read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from pm_tui.cache.reports import Entry, ReportStore, Scanned, Sum
from pm_tui.config.caps import KINDS, CapKind, CapSettings
from pm_tui.services.caps import Budget, Spending, Spent, budgets, passed
from pm_tui.services.report_facts import GONE, amount
from pm_tui.services.report_period import Period
from pm_tui.services.report_rows import COLUMNS, VALUE


def budgets_of(
    store: ReportStore, period: Period, until: datetime, caps: CapSettings
) -> tuple[Budget, ...]:
    """Those of a month that was read to `until`; nothing for what is no month."""
    if not caps or period.kind != "month":
        return ()
    share = passed(period.start, period.end, until)
    return budgets(spending_in(store, period, caps.currency), caps, share)


def spending_of(rows: Iterable[Entry | Scanned], currency: str) -> Spending:
    found: dict[tuple[CapKind, str], Spent] = defaultdict(Spent)
    for row in rows:
        if row.status in GONE:
            continue
        one = _spent(1, row.price is None, row.price or 0, row.currency, currency)
        for kind, stored in _named(row):
            if stored[:1] == VALUE:
                found[kind, stored[1:]] = found[kind, stored[1:]].more(one)
    return found


def _named(row: Entry | Scanned) -> tuple[tuple[CapKind, str], ...]:
    return ("employee", row.employee), ("department", row.department), ("group", row.team)


def _spent(n: int, unpriced: int, millionths: int, told: str | None, currency: str) -> Spent:
    """A price in no currency is taken for one in ours, as the documentation's prices are (§12)."""
    if told in (None, currency):
        return Spent(n, int(unpriced), 0, amount(millionths))
    return Spent(n, 0, n, Decimal(0))


def spending_in(store: ReportStore, period: Period, currency: str) -> Spending:
    """The same of a period that reports have read, summed by the store."""
    found: dict[tuple[CapKind, str], Spent] = defaultdict(Spent)
    for kind in KINDS:

        def add(sums: Iterable[Sum], sign: int, kind: CapKind = kind) -> None:
            for one in sums:
                if one.key[:1] == VALUE:
                    spent = _spent(
                        sign * one.bookings, sign * one.unpriced, sign * one.total, one.currency,
                        currency,
                    )  # fmt: skip
                    found[kind, one.key[1:]] = found[kind, one.key[1:]].more(spent)

        column = COLUMNS[kind]
        add(store.sums(column, period.start, period.end, None), 1)
        for status in GONE:
            add(store.sums(column, period.start, period.end, status), -1)
    return {key: spent for key, spent in found.items() if spent.bookings}
