"""Monthly budgets: what is used of them, what is left, and where the month ends at this rate.

They are in the configuration of this client (`[caps]`); neither the gateway nor other clients know
them, and what others booked counts only as far as it was seen here. A booking counts in the month
in which it was made, by the calendar of the reports, with its price as last told; cancelled and
expired ones do not count (contract/agent-api.md §11, §12).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Literal, NamedTuple

from pm_tui import formats
from pm_tui.config.caps import EVERYBODY, KINDS, CapKind, CapSettings
from pm_tui.i18n import _, ngettext
from pm_tui.models.text import clean

if TYPE_CHECKING:
    from pm_tui.models.booking import Booking
    from pm_tui.models.result import Result
    from pm_tui.services.report_reference import Reader

CENT = Decimal("0.01")
HUNDRED = Decimal(100)
TOO_EARLY = timedelta(days=1)  # before it, a month's rate is nobody's
Level = Literal["well", "near", "over"]


class Spent(NamedTuple):
    """Bookings of one name: `priced` is what they cost, in the currency of the budgets."""

    bookings: int = 0
    unpriced: int = 0
    foreign: int = 0
    priced: Decimal = Decimal(0)

    def more(self, other: Spent) -> Spent:
        return Spent(
            self.bookings + other.bookings,
            self.unpriced + other.unpriced,
            self.foreign + other.foreign,
            self.priced + other.priced,
        )


Spending = Mapping[tuple[CapKind, str], Spent]


@dataclass(frozen=True, slots=True)
class Budget:
    """Of one employee, department or group. `unpriced` and `foreign` bookings (of another currency)
    are in none of the amounts. `forecast` is None where the month is over or too young."""

    kind: CapKind
    name: str
    currency: str
    limit: Decimal
    used: Decimal
    warn_at: Decimal
    bookings: int = 0
    unpriced: int = 0
    foreign: int = 0
    forecast: Decimal | None = None

    @property
    def left(self) -> Decimal:
        """Below zero when more was used than there was."""
        return self.limit - self.used

    @property
    def level(self) -> Level:
        return self.level_with(Decimal(0))

    def level_with(self, more: Decimal) -> Level:
        """What it is when so much more is spent; all of it used is over, as at the gateway."""
        used = self.used + more
        if used >= self.limit:
            return "over"
        return "near" if used * HUNDRED >= self.limit * self.warn_at else "well"

    @property
    def percent(self) -> Decimal | None:
        """Used of the limit; None of nothing."""
        return self.used * HUNDRED / self.limit if self.limit else None


@dataclass(frozen=True, slots=True)
class Budgets:
    """Those of the month from `since` until `until` (UTC), the most used first, and how the
    reference of a booking leads to them."""

    all: tuple[Budget, ...]
    caps: CapSettings
    reader: Reader
    since: datetime
    until: datetime

    def of(self, external_id: str | None, group_id: str | None) -> list[Budget]:
        """Those that a booking counts against."""
        told = self.reader.read(external_id, group_id)
        names: dict[CapKind, str | None] = {"group": group_id}
        if told is not None:
            names |= {"employee": told.employee, "department": told.department}
            names["group"] = group_id or told.group
        known = {(one.kind, one.name): one for one in self.all}
        found = []
        for kind, name in names.items():
            limit = self.caps.limit(kind, name) if name else None
            if name and limit is not None:
                fresh = Budget(kind, name, self.caps.currency, limit, Decimal(0), self.caps.warn_at)
                found.append(known.get((kind, name), fresh))
        return found

    def of_booking(self, booking: Booking) -> list[Budget]:
        """Nothing for one of another month."""
        made = booking.created_at
        if made is None or not self.since <= made < self.until:
            return []
        return self.of(booking.external_id, booking.fleet_group_id)

    def count(self, level: Level) -> int:
        return sum(one.level == level for one in self.all)


def budgets(spending: Spending, caps: CapSettings, share: Decimal | None) -> tuple[Budget, ...]:
    """The most used first. `share` is how much of the month has passed (above 0, below 1); None:
    nothing is forecast."""
    names = {key for key in caps.limits if key[1] != EVERYBODY}
    names |= {key for key in spending if caps.limit(*key) is not None}
    found = []
    for kind, name in names:
        spent, limit = spending.get((kind, name), Spent()), caps.limit(kind, name)
        if limit is None:
            continue
        used = spent.priced.quantize(CENT, ROUND_HALF_UP)
        forecast = None if share is None else (used / share).quantize(CENT, ROUND_HALF_UP)
        found.append(
            Budget(
                kind, name, caps.currency, limit, used, caps.warn_at, spent.bookings,
                spent.unpriced, spent.foreign, forecast,
            )
        )  # fmt: skip
    found.sort(key=lambda one: (-(one.percent or 0), KINDS.index(one.kind), one.name))
    return tuple(found)


def passed(start: datetime, end: datetime, now: datetime) -> Decimal | None:
    """The share of the month that has passed; None before its second day and after its end."""
    if now >= end or now - start < TOO_EARLY:
        return None
    return Decimal((now - start) // timedelta(seconds=1)) / ((end - start) // timedelta(seconds=1))


# -- in words ------------------------------------------------------------------------


def ours_alone() -> str:
    return _("Budgets are known to this client only; bookings that it has not seen do not count.")


def line(budget: Budget) -> str:
    """`sales: €4,100.00 of €5,000.00 (82 %), €900.00 left, €6,150.00 expected`."""
    text = _("{name}: {used} of {limit} ({percent} %), {left} left")
    if budget.left < 0:
        text = _("{name}: {used} of {limit} ({percent} %), {left} too much")
    text = text.format(
        name=clean(budget.name),
        used=formats.money(budget.used, budget.currency),
        limit=formats.money(budget.limit, budget.currency),
        percent=formats.number(budget.percent),
        left=formats.money(abs(budget.left), budget.currency),
    )
    if budget.forecast is not None:
        money = formats.money(budget.forecast, budget.currency)
        text += ", " + _("{money} by the end of the month at this rate").format(money=money)
    if budget.unpriced:
        told = ngettext("{n} without a price", "{n} without a price", budget.unpriced)
        text += ", " + told.format(n=formats.number(budget.unpriced))
    if budget.foreign:
        told = ngettext("{n} in another currency", "{n} in another currency", budget.foreign)
        text += ", " + told.format(n=formats.number(budget.foreign))
    return text


def level_words(budget: Budget) -> str:
    """The sign and the word of a level; nothing where all is well."""
    if budget.level == "over":
        return _("✗ used up")
    share = formats.number(budget.warn_at)
    return _("! above {share} %").format(share=share) if budget.level == "near" else ""


def lines(found: Iterable[Budget]) -> list[str]:
    """For a report: those to warn of, in words."""
    return [text for _budget, text in warned(found)]


def warned(found: Iterable[Budget]) -> list[tuple[Budget, str]]:
    """Those to warn of, and those that will be over at this rate; each with its words."""
    told = []
    for one in found:
        words = level_words(one)
        if not words and one.forecast is not None and one.forecast > one.limit:
            words = _("! over by the end of the month")
        if words:
            told.append((one, f"{words}: {line(one)}"))
    return told


def head(found: Budgets) -> str:
    """What the list of bookings says on top; nothing where all is well."""
    parts = []
    if over := found.count("over"):
        parts.append(ngettext("✗ {n} budget used up", "✗ {n} budgets used up", over).format(n=over))
    if near := found.count("near"):
        text = ngettext("! {n} budget above {share} %", "! {n} budgets above {share} %", near)
        parts.append(text.format(n=near, share=formats.number(found.caps.warn_at)))
    return ", ".join(parts)


def warnings(
    known: Result[Budgets],
    external_id: str | None,
    group_id: str | None,
    price: Decimal | None,
    currency: str | None,
    now: datetime,
) -> Iterator[tuple[CapKind, str]]:
    """What to say of a booking before it is sent: where its budget is nearly or wholly used, with
    it. An estimate that is not known, or in another currency, adds nothing."""
    for one in known.value.of(external_id, group_id):
        more = price if price is not None and currency in (None, one.currency) else Decimal(0)
        level = one.level_with(more)
        if level == "well":
            continue
        text = _("{name}: {used} of {limit} with this booking, {what}")
        if not more:
            text = _("{name}: {used} of {limit} before this booking, {what}")
        used = formats.money(one.used + more, one.currency)
        what = _("the month's budget is used up") if level == "over" else _("little is left")
        said = text.format(
            name=clean(one.name),
            used=used,
            limit=formats.money(one.limit, one.currency),
            what=what,
        )
        age = formats.age(known.age(now))
        yield one.kind, said + " " + _("(known to this client only, {age} old)").format(age=age)
