"""The table of a batch as a file: read with every row checked, written back with how each ended."""

from __future__ import annotations

import asyncio
import csv
import io
import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from glob import escape
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from pm_tui.i18n import _
from pm_tui.models.request import BookingRequest, problems
from pm_tui.models.zones import CHARGERS_ZONE
from pm_tui.services.batch import Batch, BatchError, Row, know
from pm_tui.services.files import named
from pm_tui.services.ledger import Place
from pm_tui.services.rules import Draft
from pm_tui.services.rules import check as check_rules
from pm_tui.services.session import Session
from pm_tui.services.when import parse_when

MOST_ROWS = 5_000
LARGEST_FILE = 4 * 2**20  # bytes
LEFT_AFTER = 60.0  # seconds
COLUMNS = (
    "location_id",
    "evse_uid",
    "from",
    "to",
    "connector_id",
    "external_id",
    "token_strategy",
    "customer_id",
    "token_id",
    "fleet_group_id",
    "token_uid",
)
NEEDED = COLUMNS[:4]
ALIASES = {
    "reservation_start": "from",
    "start": "from",
    "reservation_end": "to",
    "end": "to",
    "strategy": "token_strategy",
}
_COLUMN_OF = {"reservation_start": "from", "reservation_end": "to"}  # where it is mended
RESULTS = ("outcome", "booking_id", "booked_as", "reason")


async def read_known(
    session: Session, path: Path, now: datetime
) -> tuple[Batch, Mapping[str, Place]]:
    """The table with every row checked against the rules, the clock and the journal, and what is
    known of its places. Raises `BatchError`, `OSError` and `JournalUnavailable`."""
    batch = await asyncio.to_thread(load, path)
    places = await session.places({row.cells.get("location_id", "") for row in batch.rows})
    await asyncio.to_thread(check, batch, now, places, session.settings.timezone)
    await know(session, batch)
    return batch, places


def load(path: Path) -> Batch:
    """The table with its rows as they are written. Raises `BatchError`, `OSError`."""
    with path.open("rb") as file:
        data = file.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        raise BatchError(_("The table is too large."))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BatchError(_("The table is not UTF-8 text.")) from None
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        header = [_column(name) for name in next(lines, [])]
        rows = [
            _row(lines.line_num, header, [cell.strip() for cell in cells])
            for cells in lines
            if any(cell.strip() for cell in cells)
        ]
    except csv.Error as error:
        raise BatchError(_("The table cannot be read: {error}").format(error=error)) from None
    _check_header(header)
    if not rows:
        raise BatchError(_("The table has no rows."))
    if len(rows) > MOST_ROWS:
        raise BatchError(_("More than {n} rows.").format(n=MOST_ROWS))
    return Batch(rows, header, delimiter)


def check(
    batch: Batch, now: datetime, places: Mapping[str, Place], viewer: ZoneInfo = CHARGERS_ZONE
) -> None:
    """What is wrong with each row, and what it asks for. Times without a zone are the charger's,
    as `places` know it; `viewer` is the zone in which earlier versions read them."""
    for row in batch.rows:
        zone = places.get(row.cells.get("location_id", ""), Place()).clock
        _check_row(row, now, zone)
        _read_otherwise(row, now, zone, {CHARGERS_ZONE, viewer})
    _check_overlaps(batch.rows)


def _row(number: int, header: Sequence[str], cells: Sequence[str]) -> Row:
    row = Row(number, dict(zip(header, cells, strict=False)))
    if any(cells[len(header) :]):  # a comma too many: the others may stand in the wrong columns
        row.errors.append(_("more cells than there are columns"))
    return row


def _column(name: str) -> str:
    plain = name.strip().lower().replace(" ", "_")
    return ALIASES.get(plain, plain)


def _check_header(header: Sequence[str]) -> None:
    missing = [name for name in NEEDED if name not in header]
    if missing:
        raise BatchError(_("The table lacks: {columns}.").format(columns=", ".join(missing)))
    known = {*COLUMNS, *RESULTS}  # a table with results may be given back
    strange = [name for name in header if name not in known]
    if strange:
        raise BatchError(_("Not known: {columns}.").format(columns=", ".join(strange)))
    if len(set(header)) < len(header):
        raise BatchError(_("A column is there twice."))


def _check_row(row: Row, now: datetime, zone: ZoneInfo) -> None:
    given = {name: row.cells.get(name) or None for name in COLUMNS}
    start = _time(row, "from", now, zone)
    end = _time(row, "to", now, zone)
    draft = Draft(
        reservation_start=start,
        reservation_end=end,
        evse_uid=given["evse_uid"],
        token_strategy=given["token_strategy"],
        customer_id=given["customer_id"],
        token_id=given["token_id"],
        fleet_group_id=given["fleet_group_id"],
        token_uid=given["token_uid"],
        external_id=given["external_id"],
    )
    for finding in check_rules(draft, now):
        if finding.severity == "error":
            row.errors.append(_told(finding.field, finding.text))
        elif finding.field not in ("evse_uid", "external_id"):
            row.warnings.append(_told(finding.field, finding.text))
    if start is None or end is None:
        return
    wish = {name: value for name, value in given.items() if value and name not in ("from", "to")}
    try:
        row.request = BookingRequest.model_validate(
            {**wish, "reservation_start": start, "reservation_end": end}
        )
    except ValidationError as error:
        wrong = [_told(one.field, one.message) for one in problems(error)]
        row.errors = row.errors or wrong


def _read_otherwise(row: Row, now: datetime, zone: ZoneInfo, others: set[ZoneInfo]) -> None:
    """What was asked for when this row was read before its charger's zone was known: sent then,
    it must not be sent once more at another hour."""
    if row.request is None or not (strange := others - {zone}):
        return
    same = row.request.model_dump()
    for other in strange:
        with suppress(ValueError):  # no hour of that zone, or no window
            start, end = (
                parse_when(row.cells[name], now=now, zone=other) for name in ("from", "to")
            )
            read = BookingRequest.model_validate(
                {**same, "reservation_start": start, "reservation_end": end}
            )
            if read != row.request:
                row.otherwise.append(read)


def _told(field: str, text: str) -> str:
    return f"{_COLUMN_OF.get(field, field)}: {text}"


def _time(row: Row, name: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    text = row.cells.get(name, "")
    if not text:
        return None
    try:
        moment = parse_when(text, now=now, zone=zone)
        later = parse_when(text, now=now + timedelta(days=400, hours=5), zone=zone)
    except (ValueError, OverflowError) as error:
        row.errors.append(f"{name}: {error}")
        return None
    if moment != later:
        row.errors.append(_("{name}: give date, year and time").format(name=name))
    return moment


def _check_overlaps(rows: Sequence[Row]) -> None:
    """Two rows for one point at one time cannot both be meant."""
    by_point: dict[str, list[Row]] = {}
    for row in rows:
        if row.request is not None:
            by_point.setdefault(row.request.evse_uid, []).append(row)
    for group in by_point.values():
        group.sort(key=lambda row: _window(row)[0])
        longest = group[0]
        for row in group[1:]:
            if _window(row)[0] < _window(longest)[1]:
                text = _("the same point at the same time as row {n}")
                row.errors.append(text.format(n=longest.number))
            longest = max(longest, row, key=lambda one: _window(one)[1])


def _window(row: Row) -> tuple[datetime, datetime]:
    assert row.request is not None  # noqa: S101  (those without one are left out)
    return row.request.reservation_start, row.request.reservation_end


def result_path(path: Path) -> Path:
    """`FILE.csv` -> `FILE.out.csv`, beside it."""
    return path.with_name(path.stem + ".out" + (path.suffix or ".csv"))


def write(batch: Batch, path: Path) -> None:
    """The table as it was, and what became of each row; whole or not at all. Raises `OSError`,
    which names `path`."""
    with named(path):
        _write(batch, path)


def _write(batch: Batch, path: Path) -> None:
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    new.unlink(missing_ok=True)  # of one that was killed and had our number
    try:
        with new.open("x", encoding="utf-8", newline="") as file:
            table = csv.writer(file, delimiter=batch.delimiter)
            table.writerows(lines(batch, batch.rows))
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def lines(batch: Batch, rows: Iterable[Row]) -> Iterator[list[str]]:
    """The titles, and of each of `rows` its cells and what became of it."""
    columns = [name for name in batch.header if name not in RESULTS]
    yield [*columns, *RESULTS]
    for row in rows:
        cells = (row.cells.get(name, "") for name in columns)
        yield [*cells, *map(_safe, _ends(row))]


def clear_left(path: Path) -> None:
    """Take away what writings of `path` have left that were killed; never a living one's, which
    takes no minute."""
    for old in path.parent.glob(f".{escape(path.name)}.*.new"):
        with suppress(OSError):
            if time.time() - old.stat().st_mtime > LEFT_AFTER:
                old.unlink()


def _ends(row: Row) -> tuple[str, ...]:
    """What became of a row, in the order of `RESULTS`. Whoever finds the table after a power cut
    must not think that the row that was being sent was not."""
    if row.state == "sending":
        return "unknown", "", row.booked_as, _("It was being sent when this was written.")
    return row.state, row.booking_id, row.booked_as, row.reason


def _safe(text: str) -> str:
    """What a server said must not become a formula in a spreadsheet."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
