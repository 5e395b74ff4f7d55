"""Many bookings from a table: every row checked before the first is sent, no row booked twice.

A row's name in the journal is made of what it asks for, so that a table that is repeated, after an
interruption or by mistake, only sends what was not booked yet. Hence its times must be whole
dates: `tomorrow 9` would be another wish tomorrow.
"""

from __future__ import annotations

import asyncio
import csv
import io
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from pm_tui.api.errors import (
    ApiError,
    QuotaSpent,
    RateLimited,
    Suspended,
    Unauthorized,
    Unreachable,
)
from pm_tui.cache.intent import Intent
from pm_tui.i18n import _
from pm_tui.models.charger import Location
from pm_tui.models.json import dumps
from pm_tui.models.request import BookingRequest, problems
from pm_tui.services.book import Ended
from pm_tui.services.rules import Draft, check
from pm_tui.services.session import Session
from pm_tui.services.when import parse_when

PACE = 0.6  # seconds between two bookings (contract/agent-api.md §13)
MOST_ROWS = 5_000
LARGEST_FILE = 4 * 2**20  # bytes
SPARE = 5  # requests of the minute left to whoever watches
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
ALIASES = {
    "reservation_start": "from",
    "start": "from",
    "reservation_end": "to",
    "end": "to",
    "strategy": "token_strategy",
}
RESULTS = ("outcome", "booking_id", "booked_as", "reason")
State = Literal["booked", "refused", "unknown", "not sent"]
STOPS = (Unauthorized, Suspended, QuotaSpent, Unreachable)  # the next row would end the same


class BatchError(ValueError):
    """The table cannot be used at all; the text says why."""


@dataclass(slots=True)
class Row:
    """A line of the table (`number` counts from 2, as a spreadsheet shows it) and what became of
    it. `errors` keep the whole table from being sent, `warnings` do not."""

    number: int
    cells: dict[str, str]
    request: BookingRequest | None = None
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    estimate: tuple[Decimal, str] | None = None
    state: State = "not sent"
    booking_id: str = ""
    booked_as: str = ""
    reason: str = ""
    intent_id: str | None = None

    @property
    def once(self) -> str:
        """The name of this wish: the same for the same wish, whenever and from whichever table."""
        assert self.request is not None  # noqa: S101  (only checked rows are sent)
        wish = dumps(dict(sorted(self.request.body().items())))
        return f"batch:{sha256(wish.encode()).hexdigest()[:32]}"


@dataclass(slots=True)
class Batch:
    """`dialect` is the delimiter that the table was written with; `stopped` why it ended early."""

    rows: list[Row]
    header: list[str]
    delimiter: str = ","
    stopped: Exception | None = None

    @property
    def errors(self) -> list[str]:
        """What is wrong, row by row."""
        return [
            _("row {n}: {problem}").format(n=row.number, problem=problem)
            for row in self.rows
            for problem in row.errors
        ]

    @property
    def to_send(self) -> list[Row]:
        """What is not booked yet."""
        return [row for row in self.rows if row.state != "booked"]

    @property
    def total(self) -> dict[str, Decimal]:
        """The estimates of what is to be sent, by currency; rows without one are in none."""
        sums: dict[str, Decimal] = {}
        for row in self.to_send:
            if row.estimate is not None:
                amount, currency = row.estimate
                sums[currency] = sums.get(currency, Decimal(0)) + amount
        return sums

    def count(self, state: State) -> int:
        return sum(row.state == state for row in self.rows)


# -- reading and checking ------------------------------------------------------


def read(path: Path, now: datetime, zone: ZoneInfo) -> Batch:
    """The table with every row checked; times without a zone are in `zone`. Raises `BatchError`,
    `OSError`."""
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
            Row(lines.line_num, dict(zip(header, map(str.strip, cells), strict=False)))
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
    for row in rows:
        _check_row(row, now, zone)
    _check_overlaps(rows)
    return Batch(rows, header, delimiter)


def _column(name: str) -> str:
    plain = name.strip().lower().replace(" ", "_")
    return ALIASES.get(plain, plain)


def _check_header(header: Sequence[str]) -> None:
    missing = [name for name in COLUMNS[:4] if name not in header]
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
    for finding in check(draft, now):
        if finding.severity == "error":
            row.errors.append(f"{finding.field}: {finding.text}")
        elif finding.field not in ("evse_uid", "external_id"):
            row.warnings.append(f"{finding.field}: {finding.text}")
    if start is None or end is None:
        return
    wish = {name: value for name, value in given.items() if value and name not in ("from", "to")}
    try:
        row.request = BookingRequest.model_validate(
            {**wish, "reservation_start": start, "reservation_end": end}
        )
    except ValidationError as error:
        wrong = [f"{one.field}: {one.message}" for one in problems(error)]
        row.errors = row.errors or wrong


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


async def know(session: Session, batch: Batch) -> None:
    """Take over what an earlier run has booked: such a row is right, also when its time has come.
    Raises `JournalUnavailable`."""
    desk = await session.desk()

    def look() -> dict[str, Intent]:
        return {
            (one.once or "").partition("#")[0]: one
            for one in desk.journal.intents(session.settings.account)
            if one.state == "confirmed"
        }

    booked = await desk.worker(look)
    for row in batch.rows:
        intent = booked.get(row.once) if row.request is not None else None
        if intent is not None:
            row.errors.clear()
            row.state, row.intent_id = "booked", intent.id
            row.booking_id, row.booked_as = intent.booking_id or "", intent.external_id or ""


async def estimate(session: Session, batch: Batch) -> None:
    """The price of each row as the last search that saw its location told it."""
    requests = [row.request for row in batch.rows if row.request is not None]
    known = await session.locations(one.location_id for one in requests)
    for row in batch.rows:
        if row.request is not None and row.request.location_id in known:
            row.estimate = _price(known[row.request.location_id].value, row.request.evse_uid)


def _price(location: Location, evse_uid: str) -> tuple[Decimal, str] | None:
    evse = next((one for one in location.evses if one.evse_uid == evse_uid), None)
    for holder in (evse, location):
        if holder is not None and holder.estimated_price is not None:
            return holder.estimated_price, holder.currency or "EUR"
    return None


# -- sending -------------------------------------------------------------------


async def send(
    session: Session,
    batch: Batch,
    *,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> AsyncIterator[Row]:
    """Book row after row, `PACE` apart and within the minute's limit; each row as it ends.

    Ends early, with `batch.stopped`, where no further row could be booked. What stays unknown is
    settled at the end. Raises `BatchError` for a table with errors, `JournalUnavailable`.
    """
    if batch.errors:
        raise BatchError(batch.errors[0])
    loop = asyncio.get_running_loop()
    last = -PACE
    for row in batch.to_send:
        await sleep(max(last + PACE - loop.time(), _until_allowed(session)))
        last = loop.time()
        ended = await _book(session, row, sleep)
        _note(row, ended)
        yield row
        if isinstance(ended.problem, STOPS):
            batch.stopped = ended.problem
            break
    if batch.count("unknown"):
        async for row in _settle(session, batch):
            yield row


async def _book(session: Session, row: Row, sleep: Callable[[float], Awaitable[None]]) -> Ended:
    """Once; where the minute was full, nothing was booked, and it may be tried after the wait."""
    assert row.request is not None  # noqa: S101  (a batch with errors is not sent)
    while True:
        ended = await session.book(row.request, once=row.once)
        problem = ended.problem
        if not isinstance(problem, RateLimited) or isinstance(problem, QuotaSpent):
            return ended
        await sleep(max((problem.retry_at - session.now()).total_seconds(), PACE))


def _until_allowed(session: Session) -> float:
    """Seconds until the minute has room for more than the person's own requests."""
    line = session.connection
    if line.remaining is None or line.remaining > SPARE or line.reset_at is None:
        return 0.0
    return max((line.reset_at - session.now()).total_seconds(), 0.0)


async def _settle(session: Session, batch: Batch) -> AsyncIterator[Row]:
    try:
        settled = await session.recover()
    except ApiError as problem:
        batch.stopped = batch.stopped or problem
        return
    found = {intent.id: answer.value for intent, answer in settled.adopted}
    for row in batch.rows:
        if row.state == "unknown" and row.intent_id in found:
            row.state, row.reason = "booked", ""
            row.booking_id = found[row.intent_id].id
            yield row


def _note(row: Row, ended: Ended) -> None:
    row.state, row.reason, row.intent_id = ended.kind, ended.reason, ended.intent_id
    row.booked_as, row.booking_id = ended.external_id, ended.booking_id or ""
    if ended.kind == "refused" and isinstance(ended.problem, STOPS):
        row.state = "not sent"


# -- writing back ----------------------------------------------------------------


def result_path(path: Path) -> Path:
    """`FILE.csv` -> `FILE.out.csv`, beside it."""
    return path.with_name(path.stem + ".out" + (path.suffix or ".csv"))


def write(batch: Batch, path: Path) -> None:
    """The table as it was, and what became of each row; whole or not at all. Raises `OSError`."""
    columns = [name for name in batch.header if name not in RESULTS]
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with new.open("x", encoding="utf-8", newline="") as file:
            table = csv.writer(file, delimiter=batch.delimiter)
            table.writerow([*columns, *RESULTS])
            for row in batch.rows:
                ends = (row.state, row.booking_id, row.booked_as, row.reason)
                table.writerow([*(row.cells.get(name, "") for name in columns), *map(_safe, ends)])
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def _safe(text: str) -> str:
    """What a server said must not become a formula in a spreadsheet."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
