"""A report of a period: what was booked and what it costs, by whatever is asked.

The rows add up to the total, to the cent: a total is summed exactly and rounded once, half up
(contract/agent-api.md §14 U21), and where rounded rows would not meet it, the rows that were
rounded farthest give the cent. Currencies are never added: there is a total of each. A booking
without a price is counted and never taken for 0 (§14 U20).

`complete` is false with the reasons in `problems`; a report that is not complete is never silent
about it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from pm_tui.cache.reports import MICRO, QUARTER, ReportStore, Sum
from pm_tui.services.caps import Budget
from pm_tui.services.report_period import Period
from pm_tui.services.report_rows import COLUMNS, By, Key

CENT = Decimal("0.01")
COMPLETED = "COMPLETED"  # what the documented recipe sums (contract/agent-api.md §11)
_QUARTER = timedelta(microseconds=QUARTER)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Row:
    """One key in one currency. `total` is of the priced ones, whole cents. `before` is the total
    of the previous period, None where that is not known."""

    key: Key
    currency: str | None
    bookings: int
    unpriced: int
    total: Decimal
    before: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Total:
    """All rows of one currency."""

    currency: str | None
    bookings: int
    unpriced: int
    total: Decimal


@dataclass(frozen=True, slots=True)
class Anomaly:
    """Something that somebody should look at. `reason` is said in words; `ids` are its bookings."""

    kind: str
    reason: str
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """`status` is the one that was counted, None for all. `problems` say why it is not complete.

    `until` is how far a period that is not over was read (UTC); of one that has not begun
    (`has_begun`) it is its start, and nothing was read. `latest` is when its newest part was read,
    as `Result.fetched_at` is when its oldest was. `undated` bookings told no
    creation and stand in the period in which the gateway listed them. `requests` is what this
    reading cost; `checked` of its bookings were compared with the gateway again where the period
    was known already (None: everything was just read, or nothing was asked). `previous` is the
    total of the period before by currency, None where that is not known. `caps` are the budgets of
    a month, whatever the report is by and counts.
    """

    period: Period
    by: By
    status: str | None
    rows: tuple[Row, ...]
    totals: tuple[Total, ...]
    until: datetime
    undated: int = 0
    problems: tuple[str, ...] = ()
    requests: int = 0
    checked: int | None = None
    is_over: bool = True
    has_begun: bool = True
    latest: datetime | None = None
    told_in: ZoneInfo | None = None
    previous: Mapping[str | None, Decimal] | None = None
    anomalies: tuple[Anomaly, ...] = ()
    caps: tuple[Budget, ...] = ()

    @property
    def zone(self) -> ZoneInfo:
        """What times of bookings are told in: the period's, but of a table of the fleet API, whose
        days are those of UTC, the zone of reports (`told_in`)."""
        return self.told_in or self.period.zone

    @property
    def complete(self) -> bool:
        return not self.problems

    @property
    def bookings(self) -> int:
        return sum(one.bookings for one in self.totals)

    @property
    def unpriced(self) -> int:
        return sum(one.unpriced for one in self.totals)


def rows_of(
    store: ReportStore, period: Period, by: By, status: str | None
) -> tuple[tuple[Row, ...], tuple[Total, ...]]:
    """The rows (by amount, the largest first; days in their order; what has no key last) and a
    total of each currency."""
    sums = store.sums(COLUMNS[by], period.start, period.end, status)
    keyed = _by_day(sums, period) if by == "day" else [(_key(by, one.key), one) for one in sums]
    return _added(_priced(keyed), days=by == "day")


def _key(by: By, told: str) -> Key:
    return Key("value", told) if by == "status" else Key.stored(told)


def _by_day(sums: Iterable[Sum], period: Period) -> list[tuple[Key, Sum]]:
    """Quarters of an hour put together to local days: a day may have 23 or 25 hours."""
    return [(_day(one.key, period), one) for one in sums]


def _day(quarter: int | None, period: Period) -> Key:
    if quarter is None:
        return Key("missing")
    return Key("value", f"{(_EPOCH + quarter * _QUARTER).astimezone(period.zone):%Y-%m-%d}")


def _priced(keyed: Iterable[tuple[Key, Sum]]) -> dict[str | None, dict[Key, list[int]]]:
    """`[bookings, unpriced, millionths]` by currency and key. What has no price and tells no
    currency is counted where most bookings are."""
    found: dict[str | None, dict[Key, list[int]]] = defaultdict(
        lambda: defaultdict(lambda: [0] * 3)
    )
    homeless: list[tuple[Key, Sum]] = []
    for key, one in keyed:
        if one.currency is None and one.unpriced == one.bookings:
            homeless.append((key, one))
            continue
        _count(found[one.currency][key], one)
    main = max(found, key=lambda c: sum(v[0] for v in found[c].values()), default=None)
    for key, one in homeless:
        _count(found[main][key], one)
    return found


def _count(cell: list[int], one: Sum) -> None:
    cell[0] += one.bookings
    cell[1] += one.unpriced
    cell[2] += one.total


def _added(
    found: Mapping[str | None, Mapping[Key, Sequence[int]]], *, days: bool
) -> tuple[tuple[Row, ...], tuple[Total, ...]]:
    rows: list[Row] = []
    totals: list[Total] = []
    for currency, cells in found.items():
        exact = {key: Decimal(cell[2]) / MICRO for key, cell in cells.items()}
        rounded = apportioned(exact)
        rows += [Row(key, currency, cell[0], cell[1], rounded[key]) for key, cell in cells.items()]
        totals.append(
            Total(
                currency,
                sum(cell[0] for cell in cells.values()),
                sum(cell[1] for cell in cells.values()),
                sum(rounded.values(), Decimal(0)),
            )
        )
    totals.sort(key=lambda one: (-one.bookings, one.currency or ""))
    order = {one.currency: n for n, one in enumerate(totals)}

    def place(row: Row) -> tuple[object, ...]:
        special = row.key.sort != "value"
        amount = 0 if days else -row.total
        return order[row.currency], special, amount, row.key.text.casefold(), row.key.name

    return tuple(sorted(rows, key=place)), tuple(totals)


def apportioned(exact: Mapping[Key, Decimal]) -> dict[Key, Decimal]:
    """Whole cents that add up to the sum of `exact`, rounded once and half up. Each is its own
    amount rounded down or up; nothing changes where the amounts are whole cents."""
    total = sum(exact.values(), Decimal(0)).quantize(CENT, ROUND_HALF_UP)
    floors = {key: amount.quantize(CENT, ROUND_FLOOR) for key, amount in exact.items()}
    spare = int((total - sum(floors.values(), Decimal(0))) / CENT)
    by_loss = sorted(exact, key=lambda key: (floors[key] - exact[key], key.text, key.sort))
    for key in by_loss[:spare]:
        floors[key] += CENT
    return floors


def compared(rows: Iterable[Row], before: Iterable[Row]) -> tuple[Row, ...]:
    """The rows with the totals of the period before beside them. A key that is new had 0; one that
    is gone stands with nothing now, so that both columns add up."""
    old = {(row.key, row.currency): row.total for row in before}
    told = [
        Row(
            row.key, row.currency, row.bookings, row.unpriced, row.total,
            old.pop((row.key, row.currency), Decimal(0)),
        )
        for row in rows
    ]  # fmt: skip
    gone = [Row(key, currency, 0, 0, Decimal(0), was) for (key, currency), was in old.items()]
    return (*told, *gone)
