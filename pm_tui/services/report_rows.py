"""A booking as a report counts it: its keys, its price, whether it may still change."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from pm_tui.cache.reports import MICRO, Column, Entry
from pm_tui.models.booking import Booking
from pm_tui.models.json import JsonObject
from pm_tui.models.reading import text
from pm_tui.services.report_reference import Reader, Reference

By = Literal["department", "employee", "group", "driver", "operator", "city", "status", "day"]
BYS: tuple[By, ...] = (
    "department", "employee", "group", "driver", "operator", "city", "status", "day",
)  # fmt: skip
COLUMNS: dict[By, Column] = {
    "department": "department",
    "employee": "employee",
    "group": "team",
    "driver": "driver",
    "operator": "operator",
    "city": "city",
    "status": "status",
    "day": "created",
}

# what a key is, as the store has it: its first letter
VALUE, VISITOR, OTHER, UNPARSED, MISSING = "=", "v", "o", "?", "-"
Sort = Literal["value", "visitor", "other", "unparsed", "missing"]
SORTS: dict[str, Sort] = {
    VALUE: "value", VISITOR: "visitor", OTHER: "other", UNPARSED: "unparsed", MISSING: "missing",
}  # fmt: skip
# in machine output, never translated; no reference can be read as one with a bracket of ours
NAMES: dict[Sort, str] = {
    "visitor": "(visitors)",
    "other": "(other references)",
    "unparsed": "(unparsed)",
    "missing": "(missing)",
}
_PARTY = re.compile(r"[A-Z]{2}[-*]([A-Z0-9]{3})[-*]", re.ASCII)


@dataclass(frozen=True, slots=True)
class Key:
    """What a row of a report is of. `text` is empty unless `sort` is `value`."""

    sort: Sort
    text: str = ""

    @classmethod
    def stored(cls, told: str) -> Key:
        return cls(SORTS[told[:1]], told[1:])

    @property
    def name(self) -> str:
        """As machine output has it."""
        return NAMES.get(self.sort, self.text)

    @property
    def as_stored(self) -> str:
        marks = {sort: mark for mark, sort in SORTS.items()}
        return marks[self.sort] + self.text


def entry_of(raw: JsonObject, reader: Reader, instead: datetime) -> Entry:
    """`instead` stands for a creation that was not told. `ValueError` for what is no booking."""
    booking = Booking.read(raw)
    reference = reader.read(booking.external_id, booking.fleet_group_id)
    driver = booking.customer_id or booking.token_id or booking.token_uid
    group = booking.fleet_group_id or (reference.group if reference else None)
    return Entry(
        id=booking.id,
        created=booking.created_at or instead,
        dated=booking.created_at is not None,
        final=booking.is_final,
        status=booking.status.upper(),
        price=_micros(booking.client_price),
        currency=booking.client_price_currency,
        department=_key(booking, reference, reference.department if reference else None),
        employee=_key(booking, reference, reference.employee if reference else None),
        driver=VALUE + driver if driver else _key(booking, reference, _driver(reference)),
        team=VALUE + group if group else MISSING,
        operator=_operator(booking),
        city=VALUE + booking.location_city if booking.location_city else MISSING,
        raw=raw,
    )


def _driver(reference: Reference | None) -> str | None:
    return None if reference is None else reference.driver or reference.employee


def _key(booking: Booking, reference: Reference | None, value: str | None) -> str:
    if value:
        return VALUE + value
    if not booking.external_id:
        return MISSING
    if reference is None:
        return UNPARSED
    return VISITOR if reference.desk else OTHER


def _operator(booking: Booking) -> str:
    """The party id: told, or as the ids of the location and the charging point hold it."""
    told = text(booking.raw.get("cpo_party_id"), 40)
    if told:
        return VALUE + told
    for one in (booking.location_id, booking.evse_uid):
        if one and (match := _PARTY.match(one)):
            return VALUE + match[1]
    return MISSING


def _micros(price: Decimal | None) -> int | None:
    """A finer fraction is the noise of a float on the way here."""
    return None if price is None else int((price * MICRO).to_integral_value(ROUND_HALF_UP))
