"""A booking or a cancellation that a person asked for, and the table that it is kept in."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any, Literal

from pm_tui.cache.claimer import Claimer
from pm_tui.cache.durable_open import STRICT, Damaged, Shape
from pm_tui.cache.moments import from_number, to_number
from pm_tui.models.json import JsonObject, dumps, loads

Kind = Literal["book", "cancel"]
State = Literal["planned", "sending", "confirmed", "refused", "unknown"]
OPEN: tuple[State, ...] = ("planned", "sending", "unknown")

RESTORED = "restored"  # the reason of an intent whose journal was damaged: it may have been sent
STALE = "stale"  # the reason of one whose sender died or did not come back in time
COLUMNS = (
    "id, kind, state, account, request, external_id, booking_id, reason, once, part_of,"
    " created_at, updated_at, claim_host, claim_pid, claim_started, lease_until, seal"
)
_MARKS = ",".join("?" * len(COLUMNS.split(",")))
INSERT = f"INSERT INTO intent({COLUMNS}) VALUES ({_MARKS})"  # noqa: S608 - our own names
UPDATE = f"UPDATE intent SET ({COLUMNS}) = ({_MARKS}) WHERE id = ?"  # noqa: S608 - our own names


@dataclass(frozen=True, slots=True)
class Intent:
    """One line of the journal; times UTC.

    `request` is the body that is or was to be sent. `once` is the caller's own name for the wish
    (one confirmed form, one row of a batch): per account at most one intent has it. `part_of`
    joins the intents of one undertaking, such as a rebooking. `reason` is for a refused or
    unknown one; `RESTORED` and `STALE` are ours, all else is the caller's.
    """

    id: str
    kind: Kind
    state: State
    account: str
    request: JsonObject
    external_id: str | None
    booking_id: str | None
    reason: str
    once: str | None
    part_of: str | None
    created_at: datetime
    updated_at: datetime
    claimer: Claimer | None = None
    lease_until: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether it waits for something: to be sent, for its answer, or to be settled."""
        return self.state in OPEN


def write(intent: Intent) -> tuple[Any, ...]:
    """The row of `COLUMNS`. Its last column seals the others: a damaged request must not be sent,
    and a damaged booking id must not be believed."""
    claimer = intent.claimer
    values = (
        intent.id,
        intent.kind,
        intent.state,
        intent.account,
        dumps(intent.request),
        intent.external_id,
        intent.booking_id,
        intent.reason,
        intent.once,
        intent.part_of,
        to_number(intent.created_at),
        to_number(intent.updated_at),
        claimer and claimer.host,
        claimer and claimer.pid,
        claimer and claimer.started,
        None if intent.lease_until is None else to_number(intent.lease_until),
    )
    return (*values, _seal(values))


def read(row: tuple[Any, ...]) -> Intent:
    """The reverse of `write`. Raises `Damaged` for a row that is not as it was written."""
    check(row)
    (intent_id, kind, state, account, text, *texts, created, updated, host, pid, started, lease) = (
        row[:-1]
    )
    external_id, booking_id, reason, once, part_of = texts
    return Intent(
        intent_id,
        kind,
        state,
        account,
        loads(text.encode()),
        external_id,
        booking_id,
        reason,
        once,
        part_of,
        from_number(created),
        from_number(updated),
        None if host is None else Claimer(host, pid, started),
        None if lease is None else from_number(lease),
    )


def check(row: tuple[Any, ...]) -> None:
    """Raises `Damaged` for a row of `COLUMNS` that is not as it was written."""
    if row[-1] != _seal(row[:-1]):
        raise Damaged("seal")


def _seal(values: tuple[Any, ...]) -> str:
    return sha256(repr(values).encode()).hexdigest()[:24]


def doubt_unsent(connection: sqlite3.Connection) -> None:
    """After a restore: what an old copy calls planned may have been sent since, so it is unknown,
    and the bookings of the last two days are to be compared with the gateway's list."""
    rows = connection.execute(
        f"SELECT {COLUMNS} FROM intent WHERE state IN ('planned', 'sending')"  # noqa: S608
    ).fetchall()
    for row in rows:
        connection.execute(
            UPDATE, (*write(replace(read(row), state="unknown", reason=RESTORED)), row[0])
        )
    connection.execute(
        "INSERT OR REPLACE INTO mark VALUES ('reconcile_since',"
        " CAST(strftime('%s', 'now', '-48 hours') AS INTEGER) * 1000000)"
    )


SHAPE = Shape(
    version=1,
    sql=f"""
CREATE TABLE intent(
  id TEXT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL CHECK(kind IN ('book', 'cancel')),
  state TEXT NOT NULL CHECK(state IN ('planned', 'sending', 'confirmed', 'refused', 'unknown')),
  account TEXT NOT NULL, request TEXT NOT NULL, external_id TEXT, booking_id TEXT,
  reason TEXT NOT NULL, once TEXT, part_of TEXT,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  claim_host TEXT, claim_pid INTEGER, claim_started TEXT, lease_until INTEGER,
  seal TEXT NOT NULL,
  CHECK(booking_id IS NOT NULL OR (kind = 'book' AND state <> 'confirmed')),
  CHECK(state <> 'sending' OR lease_until IS NOT NULL)) {STRICT};
CREATE UNIQUE INDEX intent_once ON intent(account, once) WHERE once IS NOT NULL;
CREATE INDEX intent_state ON intent(state);
CREATE INDEX intent_external ON intent(external_id);
CREATE TABLE mark(name TEXT NOT NULL PRIMARY KEY, at INTEGER NOT NULL) {STRICT};
""",
    tables=("intent", "mark"),
    check=check,
    after_recovery=doubt_unsent,
)
