"""The booking journal: what was meant to be sent, what became of it, and what nobody knows yet.

`planned -> sending -> confirmed | refused | unknown`. The gateway has no idempotency key
(contract/agent-api.md §14 U4), so the journal carries the burden: an intent is written and synced
before the first byte leaves, it is claimed by one process only, and a claim whose holder is gone
becomes `unknown`, never `planned` again. Looking up first is then what keeps it from being sent
twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self, TypeVar
from uuid import uuid4

from pm_tui.cache.claimer import is_gone, me
from pm_tui.cache.durable import DurableFile, Run
from pm_tui.cache.durable_open import Unusable
from pm_tui.cache.faults import Notices
from pm_tui.cache.folders import is_network_filesystem, own_name
from pm_tui.cache.intent import (
    COLUMNS,
    INSERT,
    OPEN,
    SHAPE,
    STALE,
    UPDATE,
    Intent,
    Kind,
    read,
    write,
)
from pm_tui.cache.moments import Clock, from_number, to_number, utc_now
from pm_tui.i18n import _
from pm_tui.models.json import JsonObject

T = TypeVar("T")

LEASE = timedelta(minutes=2)  # longer than any request is waited for
_OPEN_STATES = ", ".join(f"'{state}'" for state in OPEN)


class JournalUnavailable(Unusable):
    """The journal cannot be written (or read): nothing may be sent. The text names it and says
    why."""


class Journal:
    """For one thread at a time; windows of one host share the file. Every method raises
    `JournalUnavailable` when the file cannot do what is asked; what changes a state returns
    whether it did, so that two processes that settle the same intent cannot contradict each other.
    """

    def __init__(self, path: Path, notices: Notices, clock: Clock) -> None:
        self.notices = notices
        self._clock = clock
        self._file = DurableFile(path, SHAPE, notices, clock)

    @classmethod
    def open(cls, folder: Path, clock: Clock = utc_now) -> Self:
        """The journal in `folder`. Opens whatever the disk's state; see `problem`."""
        notices = Notices()
        if not is_network_filesystem(folder):
            return cls(folder / "journal.db", notices, clock)
        notices.tell(
            _(
                "{path} lies on a network filesystem: this machine keeps a booking journal of its "
                "own there, and knows nothing of bookings that another is sending."
            ).format(path=folder)
        )
        return cls(folder / own_name("journal"), notices, clock)

    @property
    def path(self) -> Path:
        return self._file.path

    @property
    def problem(self) -> str | None:
        """Why it cannot be written, translated; None while it can."""
        return self._file.problem

    def close(self) -> None:
        self._file.close()

    # -- the life of an intent -----------------------------------------------

    def plan(
        self,
        kind: Kind,
        account: str,
        request: JsonObject,
        *,
        external_id: str | None = None,
        booking_id: str | None = None,
        once: str | None = None,
        part_of: str | None = None,
    ) -> Intent:
        """Write down what is wanted. With `once`, the account's intent of that name is returned
        as it stands when there is one already. A cancellation needs its `booking_id`."""
        if kind == "cancel" and booking_id is None:
            raise ValueError("a cancellation without a booking")
        now = self._clock()
        intent = Intent(
            uuid4().hex,
            kind,
            "planned",
            account,
            request,
            external_id,
            booking_id,
            reason="",
            once=once,
            part_of=part_of,
            created_at=now,
            updated_at=now,
        )
        row = write(intent)

        def insert(run: Run) -> Intent:
            known = _select(run, "account = ? AND once = ?", (account, once))
            if not known:
                run(INSERT, row)
            return known[0] if known else intent

        return self._write(insert)

    def claim(self, intent_id: str) -> bool:
        """`planned -> sending`, for this process, for `LEASE`. True for exactly one caller: that
        one sends, once this has returned."""
        return self._move(
            intent_id,
            lambda intent: intent.state == "planned",
            state="sending",
            claimer=me(),
            lease_until=self._clock() + LEASE,
        )

    def confirmed(self, intent_id: str, booking_id: str) -> bool:
        """The gateway has it under `booking_id`. That is the truth whatever was thought before;
        False only where another booking (or another's cancellation) is written down already."""
        return self._move(
            intent_id,
            lambda intent: intent.booking_id in (None, booking_id),
            state="confirmed",
            booking_id=booking_id,
            reason="",
        )

    def refused(self, intent_id: str, reason: str) -> bool:
        """It surely did not and will not happen: refused by the gateway, or given up by a person.
        Not for one that is confirmed."""
        return self._move(
            intent_id, lambda intent: intent.state != "confirmed", state="refused", reason=reason
        )

    def withdrawn(self, intent_id: str, reason: str) -> bool:
        """`planned -> refused`: it is not to be sent. False where somebody has claimed it since:
        what is being sent must not be forgotten by whoever only meant to send it too."""
        return self._move(
            intent_id, lambda intent: intent.state == "planned", state="refused", reason=reason
        )

    def unknown(self, intent_id: str, reason: str) -> bool:
        """It was being sent and nobody knows what became of it."""
        return self._move(
            intent_id,
            lambda intent: intent.state in ("sending", "unknown"),
            state="unknown",
            reason=reason,
        )

    def expire_stale(self) -> list[Intent]:
        """`sending -> unknown` where the claimer is gone or its lease is over; those intents."""
        now = self._clock()
        expired = []
        for intent in self._select("state = 'sending'", ()):
            if not _is_stale(intent, now):
                continue
            claim = (intent.claimer, intent.lease_until)
            if self._move(
                intent.id,
                lambda now, claim=claim: (  # type: ignore[misc]
                    now.state == "sending" and (now.claimer, now.lease_until) == claim
                ),
                state="unknown",
                reason=STALE,
            ):
                expired += self._select("id = ?", (intent.id,))
        return expired

    # -- what is known ---------------------------------------------------------

    def get(self, intent_id: str) -> Intent | None:
        found = self._select("id = ?", (intent_id,))
        return found[0] if found else None

    def open_intents(self, account: str) -> list[Intent]:
        """Planned, being sent or unknown; the oldest first."""
        return self._select(f"account = ? AND state IN ({_OPEN_STATES})", (account,))

    def intents(self, account: str, since: datetime | None = None) -> list[Intent]:
        """All of an account, created at `since` or later; the oldest first."""
        start = to_number(since) if since is not None else 0
        return self._select("account = ? AND created_at >= ?", (account, start))

    def parts(self, part_of: str) -> list[Intent]:
        """The intents of one undertaking, the oldest first."""
        return self._select("part_of = ?", (part_of,))

    def cancelled(self, account: str, booking_ids: Sequence[str]) -> set[str]:
        """Which of these bookings were cancelled from here, or may have been: neither only planned
        nor refused."""
        marks = ",".join("?" * len(booking_ids))
        sent = self._select(
            "account = ? AND kind = 'cancel' AND state IN ('sending', 'unknown', 'confirmed')"
            f" AND booking_id IN ({marks})",
            (account, *booking_ids),
        )
        return {one.booking_id for one in sent if one.booking_id is not None}

    def external_ids(self, prefix: str = "") -> frozenset[str]:
        """Every `external_id` ever planned here, of any account, that begins with `prefix`."""
        sql = "SELECT external_id FROM intent WHERE substr(external_id, 1, ?) = ?"
        return self._read(lambda run: frozenset(row[0] for row in run(sql, (len(prefix), prefix))))

    @property
    def reconcile_since(self) -> datetime | None:
        """Set when the journal was damaged: bookings made since then (UTC) must be compared with
        the gateway's list, since their intents may be lost. Until `reconciled`."""
        sql = "SELECT at FROM mark WHERE name = 'reconcile_since'"
        rows = self._read(lambda run: list(run(sql)))
        return from_number(rows[0][0]) if rows else None

    def reconciled(self) -> None:
        """The comparison that `reconcile_since` asks for was made."""
        self._write(lambda run: run("DELETE FROM mark WHERE name = 'reconcile_since'").rowcount)

    # -- the file ----------------------------------------------------------------

    def _move(self, intent_id: str, may: Callable[[Intent], bool], **changes: Any) -> bool:
        """Compare and set: the row is locked before it is read, so nobody comes in between."""
        now = self._clock()

        def move(run: Run) -> bool:
            found = _select(run, "id = ?", (intent_id,))
            if not found or not may(found[0]):
                return False
            run(UPDATE, (*write(replace(found[0], updated_at=now, **changes)), intent_id))
            return True

        return self._write(move)

    def _select(self, where: str, values: tuple[Any, ...]) -> list[Intent]:
        return self._read(lambda run: _select(run, where, values))

    def _write(self, work: Callable[[Run], T]) -> T:
        try:
            return self._file.write(work)
        except Unusable as error:
            raise JournalUnavailable(str(error)) from error

    def _read(self, work: Callable[[Run], T]) -> T:
        try:
            return self._file.read(work)
        except Unusable as error:
            raise JournalUnavailable(str(error)) from error


def _select(run: Run, where: str, values: tuple[Any, ...]) -> list[Intent]:
    sql = f"SELECT {COLUMNS} FROM intent WHERE {where} ORDER BY created_at, rowid"  # noqa: S608
    return [read(row) for row in run(sql, values)]


def _is_stale(intent: Intent, now: datetime) -> bool:
    lease = intent.lease_until
    # a lease with more than its length to run was written before the clock was set back
    if lease is None or not now < lease <= now + LEASE:
        return True
    return intent.claimer is None or is_gone(intent.claimer)
