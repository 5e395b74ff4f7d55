"""The billing table of the fleet API, read by its header row alone (contract/agent-api.md §14 U30).

Columns, delimiter and encoding are documented nowhere: whatever names a price and a time is taken,
with `,`, `;` or a tab, with or without a byte order mark, with decimal points or commas. Every row
counts; what cannot be understood is counted and told, never left out in silence.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from pm_tui.i18n import _, ngettext
from pm_tui.models.json import JsonObject
from pm_tui.models.reading import money
from pm_tui.models.text import clean
from pm_tui.models.times import read_time, wire_time
from pm_tui.services.report_period import midnight

LARGEST = 64 * 2**20  # bytes
# the API's own names first, then what others call the same
_NAMES: dict[str, tuple[str, ...]] = {
    "id": ("booking_id", "id", "booking", "buchungs_id", "buchungsnummer"),
    "created_at": (
        "created_at", "created", "booked_at", "erstellt_am", "erstellt", "buchungsdatum", "date",
        "datum",
    ),
    "status": ("status", "state"),
    "client_price": (
        "client_price", "price", "amount", "total", "total_amount", "preis", "betrag",
        "gesamtbetrag",
    ),
    "client_price_currency": ("client_price_currency", "currency", "währung", "waehrung"),
    "external_id": ("external_id", "reference", "referenz"),
    "fleet_group_id": ("fleet_group_id", "group_id", "group", "gruppe"),
    "customer_id": ("customer_id", "driver_id"),
    "token_id": ("token_id",),
    "token_uid": ("token_uid",),
    "token_strategy": ("token_strategy",),
    "location_id": ("location_id", "location"),
    "location_city": ("location_city", "city", "stadt", "ort"),
    "evse_uid": ("evse_uid", "evse"),
    "cpo_party_id": ("cpo_party_id", "cpo", "operator"),
    "reservation_start": ("reservation_start", "start", "beginn"),
    "reservation_end": ("reservation_end", "end", "ende"),
}  # fmt: skip
_NEEDED = ("created_at", "client_price")
_TIMES = ("created_at", "reservation_start", "reservation_end")
_SUMS = ("total", "sum", "summe", "gesamt")
_GERMAN = re.compile(
    r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?:[ T]+(\d{1,2}):(\d\d)(?::(\d\d))?)?", re.ASCII
)
_AMOUNT = re.compile(r"[+-]?[\d.,]*\d", re.ASCII)
_MARKED = re.compile(r"[.,](\d*)$", re.ASCII)


class FleetError(ValueError):
    """A table that cannot be summed; the message says why."""


@dataclass(frozen=True, slots=True)
class FleetTable:
    """Rows in the shape of bookings. `problems` say what of them cannot be relied on."""

    rows: tuple[JsonObject, ...]
    problems: tuple[str, ...] = ()


def read(body: bytes, zone: ZoneInfo) -> FleetTable:
    """Times without an offset are of `zone`. Raises `FleetError`."""
    if len(body) > LARGEST:
        raise FleetError(_("more than {n} MB").format(n=LARGEST >> 20))
    text = _decoded(body)
    first = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(";,\t", key=first.count)
    try:
        lines = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
                 if any(cell.strip() for cell in row)]  # fmt: skip
    except csv.Error as error:
        raise FleetError(_("The table cannot be read: {error}").format(error=error)) from None
    header, *cells = lines or [[]]
    columns = _columns(header)
    cells = [row for row in cells if not _is_sum(row)]
    return _table(columns, cells, len(header), zone)


def _decoded(body: bytes) -> str:
    if body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return body.decode("utf-16", "replace")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("cp1252", "replace")  # as a German Excel stores it


def _columns(header: Sequence[str]) -> dict[str, int]:
    plain = [re.sub(r"[\s-]+", "_", clean(name).casefold()) for name in header]
    found = {}
    for field, names in _NAMES.items():
        place = next((plain.index(name) for name in names if name in plain), None)
        if place is not None:
            found[field] = place
    lacking = [field for field in _NEEDED if field not in found]
    if lacking:
        raise FleetError(
            _("no column {lacking}; there are: {columns}").format(
                lacking=", ".join(lacking), columns=clean(", ".join(header)) or "–"
            )
        )
    return found


def _is_sum(row: Sequence[str]) -> bool:
    """A line below the table that adds it up, as spreadsheets have it."""
    first = next((cell.strip() for cell in row if cell.strip()), "")
    return first.casefold().rstrip(":") in _SUMS


def _table(
    columns: dict[str, int], cells: Sequence[Sequence[str]], width: int, zone: ZoneInfo
) -> FleetTable:
    point = _decimal_mark(row[columns["client_price"]] for row in cells if len(row) == width)
    rows: list[JsonObject] = []
    seen: dict[str, int] = {}
    bad = {"width": 0, "price": 0, "time": 0, "twice": 0}
    for number, row in enumerate(cells, 2):
        bad["width"] += len(row) != width
        told = {field: row[place].strip() for field, place in columns.items() if place < len(row)}
        raw: JsonObject = {field: text for field, text in told.items() if text}
        for field in _TIMES:
            if field in raw:
                moment = _moment(raw[field], zone)
                raw[field] = None if moment is None else wire_time(moment)
        bad["time"] += raw.get("created_at") is None
        price = _amount(told.get("client_price", ""), point)
        bad["price"] += price is None and bool(told.get("client_price"))
        raw["client_price"] = price
        raw["status"] = raw.get("status", "").upper() or "COMPLETED"
        key = raw.get("id", f"row-{number}")
        seen[key] = seen.get(key, 0) + 1
        if seen[key] > 1:  # perhaps a fee of its own: each row is paid
            bad["twice"] += 1
            key = f"{key}#{seen[key]}"
        rows.append(raw | {"id": key})
    if not rows:
        raise FleetError(_("The table has no rows."))
    return FleetTable(tuple(rows), tuple(_problems(bad)))


def _problems(bad: dict[str, int]) -> Iterable[str]:
    if n := bad["width"]:
        yield ngettext(
            "{n} row has more or fewer cells than the header",
            "{n} rows have more or fewer cells than the header",
            n,
        ).format(n=n)
    if n := bad["price"]:
        yield ngettext(
            "{n} amount could not be read and is not in the total",
            "{n} amounts could not be read and are not in the total",
            n,
        ).format(n=n)
    if n := bad["time"]:
        yield ngettext(
            "{n} row tells no time that can be read", "{n} rows tell no time that can be read", n
        ).format(n=n)
    if n := bad["twice"]:
        yield ngettext(
            "{n} row names a booking that an earlier one names; both are in the total",
            "{n} rows name a booking that an earlier one names; all are in the total",
            n,
        ).format(n=n)


def _moment(text: str, zone: ZoneInfo) -> datetime | None:
    if (moment := read_time(text)) is not None:
        return moment
    try:
        if match := _GERMAN.fullmatch(text):
            day, month, year, hour, minute, second = (int(part or 0) for part in match.groups())
            local = datetime(year, month, day, hour, minute, second, tzinfo=zone)
        else:
            local = datetime.fromisoformat(text)
            local = local if local.tzinfo is not None else local.replace(tzinfo=zone)
        if local.timetz() == time(tzinfo=zone):
            return read_time(wire_time(midnight(local.date(), zone)))
        return read_time(wire_time(local))
    except (ValueError, OverflowError):
        return None


def _decimal_mark(cells: Iterable[str]) -> str:
    """What parts euros from cents in a column. `1.234` and `1,234` may be either: where nothing in
    the column decides, nothing is summed. Raises `FleetError`."""
    told = [match[0] for cell in cells if (match := _AMOUNT.search(cell.replace(" ", "")))]
    both = {max(".,", key=cell.rfind) for cell in told if "." in cell and "," in cell}
    thrice = {mark for cell in told for mark in ".," if cell.count(mark) > 1}  # thousands surely
    single = [cell for cell in told if not ("." in cell and "," in cell)]
    cents = {match[0][0] for cell in single if cell.count(".") + cell.count(",") == 1
             and (match := _MARKED.search(cell)) and len(match[1]) != 3}  # fmt: skip
    marks = both | cents | {"," if mark == "." else "." for mark in thrice}
    if len(marks) == 1:
        return marks.pop()
    if not marks and not any(mark in cell for cell in told for mark in ".,"):
        return "."
    raise FleetError(_("it does not say whether its amounts have decimal points or commas"))


def _amount(text: str, point: str) -> Decimal | None:
    """Amounts with a currency beside them are read, negative ones are not."""
    match = _AMOUNT.search(text.replace(" ", "").replace("\u00a0", ""))
    if match is None:
        return None
    thousands = "," if point == "." else "."
    return money(match[0].replace(thousands, "").replace(point, "."))
