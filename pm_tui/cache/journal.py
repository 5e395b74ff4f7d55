"""The booking journal: what was meant to be sent, what became of it, and what nobody knows yet.

`planned -> sending -> confirmed | refused | unknown`. The gateway has no idempotency key
(contract/agent-api.md §14 U4), so the journal carries the burden: an intent is written and synced
before the first byte leaves, it is claimed by one process only, and a claim whose holder is gone
becomes `unknown`, never `planned` again. Looking up first is then what keeps it from being sent
twice.
"""

from __future__ import annotations

import platform
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

from pm_tui.cache.claimer import is_gone, me
from pm_tui.cache.durable import DurableFile
from pm_tui.cache.durable_open import Unusable
from pm_tui.cache.faults import Notices
from pm_tui.cache.folders import is_network_filesystem
from pm_tui.cache.intent import COLUMNS, OPEN, SHAPE, STALE, Intent, Kind, read
from pm_tui.cache.moments import Clock, from_number, to_number, utc_now
from pm_tui.i18n import _
from pm_tui.models.json import JsonObject, dumps

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
        host = re.sub(r"[^A-Za-z0-9.-]", "_", platform.node()) or "host"
        return cls(folder / f"journal-{host}.db", notices, clock)

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
        intent_id, now = uuid4().hex, to_number(self._clock())
        values = (intent_id, kind, account, dumps(request), external_id, booking_id, once, part_of)
        written = self._write(
            "INSERT INTO intent(id, kind, account, request, external_id, booking_id, once,"
            " part_of, state, reason, created_at, updated_at)"
            " VALUES (?,?,?,?,?,?,?,?,'planned','',?,?)"
            " ON CONFLICT(account, once) WHERE once IS NOT NULL DO NOTHING",
            (*values, now, now),
        )
        if written:
            return self._select("id = ?", (intent_id,))[0]
        return self._select("account = ? AND once = ?", (account, once))[0]

    def claim(self, intent_id: str) -> bool:
        """`planned -> sending`, for this process, for `LEASE`. True for exactly one caller: that
        one sends, once this has returned."""
        own, now = me(), self._clock()
        return self._move(
            intent_id,
            "sending",
            "state = 'planned'",
            (),
            claim_host=own.host,
            claim_pid=own.pid,
            claim_started=own.started,
            lease_until=to_number(now + LEASE),
        )

    def unsent(self, intent_id: str, reason: str) -> bool:
        """`sending -> planned`, by the claimer itself and only where surely not a byte of the
        request left (no address, refused connection)."""
        own = me()
        return self._move(
            intent_id,
            "planned",
            "state = 'sending' AND claim_host = ? AND claim_pid = ? AND claim_started = ?",
            (own.host, own.pid, own.started),
            reason=reason,
        )

    def confirmed(self, intent_id: str, booking_id: str) -> bool:
        """The gateway has it under `booking_id`. That is the truth whatever was thought before;
        False only where another booking (or another's cancellation) is written down already."""
        return self._move(
            intent_id,
            "confirmed",
            "(state <> 'confirmed' AND kind = 'book') OR booking_id = ?",
            (booking_id,),
            booking_id=booking_id,
            reason="",
        )

    def refused(self, intent_id: str, reason: str) -> bool:
        """It surely did not and will not happen: refused by the gateway, or given up by a person.
        Not for one that is confirmed."""
        return self._move(intent_id, "refused", "state <> 'confirmed'", (), reason=reason)

    def unknown(self, intent_id: str, reason: str) -> bool:
        """It was being sent and nobody knows what became of it."""
        return self._move(
            intent_id, "unknown", "state IN ('sending', 'unknown')", (), reason=reason
        )

    def expire_stale(self) -> list[Intent]:
        """`sending -> unknown` where the claimer is gone or its lease is over; those intents."""
        now = self._clock()
        expired = []
        for intent in self._select("state = 'sending'", ()):
            lease = intent.lease_until
            # a lease that has more than its length to run was written by a clock set back since
            over = lease is None or not now < lease <= now + LEASE
            if (over or (intent.claimer and is_gone(intent.claimer))) and self._move(
                intent.id,
                "unknown",
                "state = 'sending' AND lease_until IS ?",
                (None if lease is None else to_number(lease),),
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

    def external_ids(self, prefix: str = "") -> frozenset[str]:
        """Every `external_id` ever planned here, of any account, that begins with `prefix`."""
        rows = self._read(
            "SELECT external_id FROM intent WHERE substr(external_id, 1, ?) = ?",
            (len(prefix), prefix),
        )
        return frozenset(row[0] for row in rows)

    @property
    def reconcile_since(self) -> datetime | None:
        """Set when the journal was damaged: bookings made since then (UTC) must be compared with
        the gateway's list, since their intents may be lost. Until `reconciled`."""
        rows = self._read("SELECT at FROM mark WHERE name = 'reconcile_since'", ())
        return from_number(rows[0][0]) if rows else None

    def reconciled(self) -> None:
        """The comparison that `reconcile_since` asks for was made."""
        self._write("DELETE FROM mark WHERE name = 'reconcile_since'", ())

    # -- the file ----------------------------------------------------------------

    def _move(
        self, intent_id: str, state: str, where: str, values: tuple[Any, ...], **columns: Any
    ) -> bool:
        """Compare and set, in one statement: SQLite runs it for one process at a time."""
        columns |= {"state": state, "updated_at": to_number(self._clock())}
        names = ", ".join(f"{name} = ?" for name in columns)
        sql = f"UPDATE intent SET {names} WHERE id = ? AND ({where})"  # noqa: S608 - our own names
        return self._write(sql, (*columns.values(), intent_id, *values)) == 1

    def _select(self, where: str, values: tuple[Any, ...]) -> list[Intent]:
        sql = f"SELECT {COLUMNS} FROM intent WHERE {where} ORDER BY created_at, rowid"  # noqa: S608
        return [read(row) for row in self._read(sql, values)]

    def _write(self, sql: str, values: tuple[Any, ...]) -> int:
        try:
            return self._file.write(sql, values)
        except Unusable as error:
            raise JournalUnavailable(str(error)) from error

    def _read(self, sql: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        try:
            return self._file.read(sql, values)
        except Unusable as error:
            raise JournalUnavailable(str(error)) from error
