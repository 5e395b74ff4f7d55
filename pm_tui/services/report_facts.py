"""A remembered booking as the rules of anomalies and budgets look at it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from pm_tui.cache.reports import MICRO, ReportStore, Scanned
from pm_tui.models.reading import identifier, text
from pm_tui.models.times import read_time
from pm_tui.services.report_rows import MISSING, OTHER, UNPARSED, VALUE

GONE = frozenset({"CANCELLED", "EXPIRED"})  # nobody drove, and nobody pays for it
_VISITOR = "visitor"


@dataclass(frozen=True, slots=True)
class Fact:
    """`person` is the employee or the driver, `token` what opens the charger; `price` is millionths
    of `currency`. `deskless`: a visitor's booking that names no desk. Times UTC."""

    id: str
    status: str
    department: str | None = None
    person: str | None = None
    price: int | None = None
    currency: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    place: str | None = None
    token: str | None = None
    deskless: bool = False

    @property
    def counts(self) -> bool:
        return self.status not in GONE


def facts_of(
    store: ReportStore, since: datetime, until: datetime, *, words: bool = True
) -> list[Fact]:
    """The bookings created in the half-open range, in every state. Without `words` quicker, and
    without times, places and tokens: enough for what is usual."""
    return store.scan(since, until, fact_of, words=words)


def fact_of(row: Scanned) -> Fact:
    raw = row.raw
    token = identifier(raw.get("token_id")) or identifier(raw.get("token_uid"))
    return Fact(
        id=row.id,
        status=row.status,
        department=_value(row.department),
        person=_value(row.employee) or identifier(raw.get("customer_id")) or _driver(row, token),
        price=row.price,
        currency=row.currency,
        start=read_time(raw.get("reservation_start")),
        end=read_time(raw.get("reservation_end")),
        place=identifier(raw.get("location_id")),
        token=token,
        deskless=_deskless(row),
    )


def _driver(row: Scanned, token: str | None) -> str | None:
    """Not one who is known by the vehicle's token alone."""
    driver = _value(row.driver)
    return None if driver == token else driver


def _deskless(row: Scanned) -> bool:
    """`ad_hoc` is for visitors (contract/agent-api.md §5), whose reference names the desk (§11)."""
    if row.department[:1] not in (MISSING, OTHER, UNPARSED):
        return False
    if row.raw.get("token_strategy") == "ad_hoc":
        return True
    return (text(row.raw.get("external_id")) or "").casefold().startswith(_VISITOR)


def _value(stored: str) -> str | None:
    return stored[1:] if stored[:1] == VALUE else None


def amount(millionths: int) -> Decimal:
    return Decimal(millionths) / MICRO
