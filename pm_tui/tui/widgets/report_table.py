"""The rows of a report with a bar each, what is worth a look, and the bookings behind one line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from rich.text import Text

from pm_tui import formats
from pm_tui.i18n import N_
from pm_tui.models.text import visible_id
from pm_tui.tui.widgets.booking_table import window
from pm_tui.tui.widgets.paged_table import Cells, Column

if TYPE_CHECKING:
    from pm_tui.models.booking import Booking
    from pm_tui.services.report import Report, Row
    from pm_tui.services.report_behind import Finding

BAR = 16  # cells, at least
MONEY, PRICE = 13, 10
_EIGHTHS = " ▏▎▍▌▋▊▉"
COLUMNS = (
    Column("key", N_("Row"), 20, grow=1),
    Column("bookings", N_("Bookings"), 9, right=True),
    Column("unpriced", N_("No price"), 8, rank=4, right=True),
    Column("total", N_("Total"), MONEY, right=True),
    Column("bar", N_("Share"), BAR, grow=2, rank=3),
    Column("before", N_("Before"), MONEY, rank=5, right=True),
    Column("change", N_("Difference"), MONEY, rank=2, right=True),
)
BOOKING_COLUMNS = (
    Column("made", N_("Made"), 21, rank=2),
    Column("status", N_("Status"), 13, rank=1),
    Column("window", N_("Window"), 24),
    Column("price", N_("Price"), PRICE, right=True),
    Column("external_id", N_("Reference"), 22, grow=2),
    Column("city", N_("City"), 12, grow=1, rank=3),
    Column("location", N_("Location"), 16, grow=1, rank=4),
    Column("id", "ID", 36, rank=5),
)

FINDING_COLUMNS = (
    Column("reason", N_("Worth a look"), 30, grow=1),
    Column("found", N_("Bookings"), 9, right=True),
)


def keyed(report: Report) -> list[tuple[str, Row]]:
    """The rows by a key of their own: one name may stand in two currencies."""
    return [(f"{row.key.as_stored}\n{row.currency or ''}", row) for row in report.rows]


def largest(report: Report) -> Mapping[str | None, Decimal]:
    """The longest bar of each currency."""
    found: dict[str | None, Decimal] = {}
    for row in report.rows:
        found[row.currency] = max(found.get(row.currency, Decimal(0)), row.total)
    return found


def cells(
    row: Row, report: Report, longest: Mapping[str | None, Decimal], width: int = BAR
) -> Cells:
    """The cells of one row, its bar for a column of `width`; what has no key of its own is dimmed,
    and its name says why."""
    from pm_tui.services.report_words import change, label

    dim = "" if row.key.sort == "value" and row.bookings else "dim"
    return {
        "key": Text(label(row.key, report.by), dim),
        "bookings": Text(formats.number(row.bookings), dim),
        "unpriced": Text(formats.number(row.unpriced), "yellow")
        if row.unpriced
        else Text("–", "dim"),
        "total": Text(formats.money(row.total, row.currency, MONEY), dim),
        "bar": Text(bar(row.total, longest.get(row.currency), width), "cyan"),
        "before": Text(formats.money(row.before, row.currency, MONEY), "dim"),
        "change": Text(change(row, MONEY), dim),
    }


def bar(amount: Decimal, longest: Decimal | None, width: int = BAR) -> str:
    """Blocks of an eighth of a cell; what is more than nothing is never drawn as nothing."""
    if not longest or amount <= 0:
        return ""
    eighths = max(1, int(amount * width * 8 / longest))
    whole, part = divmod(eighths, 8)
    return "█" * whole + (_EIGHTHS[part] if part else "")


def in_order(rows: Iterable[tuple[str, Row]], key: str, reverse: bool) -> list[tuple[str, Row]]:
    """By a column; what has no key of its own stays at the end, either way. An empty `key` is the
    report's own order."""
    listed = list(rows)
    if not key:
        return listed

    def value(item: tuple[str, Row]) -> object:
        row = item[1]
        change = None if row.before is None else row.total - row.before
        values: dict[str, object] = {
            "key": row.key.text.casefold(),
            "bookings": row.bookings,
            "unpriced": row.unpriced,
            "total": row.total,
            "bar": row.total,
            "before": row.before or Decimal(0),
            "change": change or Decimal(0),
        }
        return values[key]

    own = [item for item in listed if item[1].key.sort == "value"]
    rest = [item for item in listed if item[1].key.sort != "value"]
    return sorted(own, key=value, reverse=reverse) + rest  # type: ignore[arg-type]


def finding_cells(finding: Finding) -> Cells:
    return {"reason": Text(finding.text), "found": Text(formats.number(finding.bookings))}


def findings_in_order(found: Iterable[Finding], key: str, reverse: bool) -> list[Finding]:
    """By a column; an empty `key` is the order in which they were found."""
    if not key:
        return list(found)
    if key == "found":
        return sorted(found, key=lambda one: one.bookings, reverse=reverse)
    return sorted(found, key=lambda one: one.text.casefold(), reverse=reverse)


def booking_cells(booking: Booking, zone: ZoneInfo) -> Cells:
    """One booking behind a row; its times in the report's zone."""
    made = booking.created_at
    local = None if made is None else made.astimezone(zone)
    when = formats.UNKNOWN if local is None else f"{formats.day(local.date())} {local:%H:%M}"
    return {
        "made": Text(when),
        "status": Text(formats.status_mark(booking.status).word),
        "window": Text(window(booking, zone)),
        "price": Text(formats.money(booking.client_price, booking.client_price_currency, PRICE)),
        "external_id": Text(booking.external_id or formats.UNKNOWN),
        "city": Text(booking.location_city or formats.UNKNOWN),
        "location": Text(visible_id(booking.location_id or "") or formats.UNKNOWN),
        "id": Text(visible_id(booking.id), "dim"),
    }


def bookings_in_order(bookings: Iterable[Booking], key: str, reverse: bool) -> list[Booking]:
    """By a column; what is unknown comes last, either way."""

    def value(booking: Booking) -> object:
        values: dict[str, object] = {
            "made": booking.created_at,
            "status": booking.status,
            "window": booking.reservation_start,
            "price": booking.client_price,
            "external_id": booking.external_id,
            "city": booking.location_city,
            "location": booking.location_id,
            "id": booking.id,
        }
        return values[key]

    listed = list(bookings)
    known = [one for one in listed if value(one) is not None]
    unknown = [one for one in listed if value(one) is None]
    return sorted(known, key=value, reverse=reverse) + unknown  # type: ignore[arg-type]
