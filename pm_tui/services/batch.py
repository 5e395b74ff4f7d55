"""Many bookings from a table: every row checked before the first is sent, no row booked twice.

A row's name in the journal is made of what it asks for, so that a table that is repeated, after an
interruption or by mistake, only sends what was not booked yet. Hence its times must be whole
dates: `tomorrow 9` would be another wish tomorrow.

Reading and writing the file: `batch_file`. Sending: `batch_send`. What people read: `batch_text`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from typing import Literal

from pm_tui.cache.intent import Intent
from pm_tui.i18n import _
from pm_tui.models.charger import Location
from pm_tui.models.json import dumps
from pm_tui.models.request import BookingRequest
from pm_tui.services.session import Session
from pm_tui.services.settle import explain

State = Literal["not sent", "sending", "booked", "refused", "unknown"]


class BatchError(ValueError):
    """The table cannot be used at all; the text says why."""


@dataclass(slots=True)
class Row:
    """A line of the table (`number` counts from 2, as a spreadsheet shows it) and what became of
    it. `errors` keep the whole table from being sent, `warnings` do not. `otherwise` are what an
    earlier run may have asked for with the same words (`batch_file.check`)."""

    number: int
    cells: dict[str, str]
    request: BookingRequest | None = None
    otherwise: list[BookingRequest] = field(default_factory=list)
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
        return name_of(self.request)

    def stands(self, intent: Intent) -> None:
        """Take over how the journal's line of this wish stands; one that was refused, or was
        never sent, is to be sent."""
        self.intent_id = intent.id
        if intent.state == "confirmed":
            self.state, self.reason = "booked", ""
            self.booking_id, self.booked_as = intent.booking_id or "", intent.external_id or ""
        elif intent.state == "unknown":
            self.state, self.reason = "unknown", explain(intent)
        elif intent.state == "sending":
            self.state, self.reason = "unknown", _("Another window is sending this already.")


def name_of(request: BookingRequest) -> str:
    """`Row.once` of a row that asks for it."""
    wish = dumps(dict(sorted(request.body().items())))
    return f"batch:{sha256(wish.encode()).hexdigest()[:32]}"


@dataclass(slots=True)
class Batch:
    """`delimiter` is what the table was written with; `stopped` why it ended early."""

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
        """What is neither booked nor unclear from before."""
        return [row for row in self.rows if row.state == "not sent"]

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


async def know(session: Session, batch: Batch) -> None:
    """Take over what earlier runs did: a row that is booked is right, also when its time has come,
    and one of which nobody knows is not sent. Raises `JournalUnavailable`."""
    desk = await session.desk()

    def look() -> dict[str, Intent]:
        latest: dict[str, Intent] = {}
        for intent in desk.journal.intents(session.settings.account):
            name = (intent.once or "").partition("#")[0]
            if name not in latest or latest[name].state != "confirmed":
                latest[name] = intent  # of several tries the last one, but a booking stays one
        return latest

    latest = await desk.worker(look)
    for row in batch.rows:
        if row.request is None:
            continue
        intent = latest.get(row.once)
        for other in row.otherwise if intent is None else ():
            earlier = latest.get(name_of(other))
            if earlier is not None and earlier.state in ("sending", "unknown", "confirmed"):
                row.request, intent = other, earlier  # that is what it meant when it was sent
        if intent is not None:
            row.stands(intent)
            if row.state == "booked":
                row.errors.clear()


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
