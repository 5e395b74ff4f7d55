"""The journal of decommissioned home chargers: what was to be sent, and what became of it.

Beside the booking journal and as careful: a deed is written and synced before the first byte
leaves, and one whose sender is gone becomes `unknown`. `sending -> done | refused | unknown`, and
from `unknown` to what reading the charger tells.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal, Self, TypeVar
from uuid import uuid4

from pm_tui.cache.claimer import Claimer, is_gone, me
from pm_tui.cache.durable import DurableFile, Run
from pm_tui.cache.durable_open import STRICT, Damaged, Shape, Unusable
from pm_tui.cache.faults import Notices
from pm_tui.cache.folders import is_network_filesystem, own_name
from pm_tui.cache.moments import Clock, from_number, to_number, utc_now

T = TypeVar("T")

State = Literal["sending", "done", "refused", "unknown"]
LEASE = timedelta(minutes=2)  # longer than any request is waited for
STALE = "stale"  # the reason of one whose sender died; all others are the caller's
_COLUMNS = (
    "id, state, account, device, label, reason, created_at, updated_at,"
    " claim_host, claim_pid, claim_started, seal"
)
_MARKS = ",".join("?" * len(_COLUMNS.split(",")))


class DeedsUnavailable(Unusable):
    """The journal cannot be written (or read): nothing may be sent. The text says why."""


@dataclass(frozen=True, slots=True)
class Deed:
    """One line; times UTC. `label` is what the charger was called when it was sent."""

    id: str
    state: State
    account: str
    device: str
    label: str
    reason: str
    created_at: datetime
    updated_at: datetime
    claimer: Claimer


def _write(deed: Deed) -> tuple[Any, ...]:
    values = (
        deed.id,
        deed.state,
        deed.account,
        deed.device,
        deed.label,
        deed.reason,
        to_number(deed.created_at),
        to_number(deed.updated_at),
        deed.claimer.host,
        deed.claimer.pid,
        deed.claimer.started,
    )
    return (*values, _seal(values))


def _read(row: tuple[Any, ...]) -> Deed:
    """Raises `Damaged` for a row that is not as it was written."""
    _check(row)
    deed_id, state, account, device, label, reason, created, updated, host, pid, started = row[:-1]
    claimer = Claimer(host, pid, started)
    times = from_number(created), from_number(updated)
    return Deed(deed_id, state, account, device, label, reason, *times, claimer)


def _check(row: tuple[Any, ...]) -> None:
    if len(row) != len(_COLUMNS.split(",")) or row[-1] != _seal(row[:-1]):
        raise Damaged("deed")


def _seal(values: tuple[Any, ...]) -> str:
    return sha256(repr(values).encode()).hexdigest()[:24]


SHAPE = Shape(
    version=1,
    sql=f"""
CREATE TABLE deed(
  id TEXT NOT NULL PRIMARY KEY,
  state TEXT NOT NULL CHECK(state IN ('sending', 'done', 'refused', 'unknown')),
  account TEXT NOT NULL, device TEXT NOT NULL, label TEXT NOT NULL, reason TEXT NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  claim_host TEXT NOT NULL, claim_pid INTEGER NOT NULL, claim_started TEXT NOT NULL,
  seal TEXT NOT NULL) {STRICT};
CREATE INDEX deed_state ON deed(account, state);
""",
    tables=("deed",),
    check=_check,
)


class Deeds:
    """For one thread at a time; windows of one host share the file. Every method raises
    `DeedsUnavailable` when the file cannot do what is asked."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self.notices = Notices()
        self._clock = clock
        self._file = DurableFile(path, SHAPE, self.notices, clock)

    @classmethod
    def open(cls, folder: Path, clock: Clock = utc_now) -> Self:
        """The journal in `folder`; on a network filesystem one of this machine's own."""
        stem = "home-journal"
        shared = is_network_filesystem(folder)
        return cls(folder / (own_name(stem) if shared else f"{stem}.db"), clock)

    def close(self) -> None:
        self._file.close()

    def begin(self, account: str, device: str, label: str) -> Deed | None:
        """Write down that it is being sent, by this process. None where another window is sending
        the same: then nothing may be sent here."""
        now = self._clock()
        deed = Deed(uuid4().hex, "sending", account, device, label, "", now, now, me())

        def insert(run: Run) -> Deed | None:
            where = "account = ? AND device = ? AND state = 'sending'"
            if any(not self._is_stale(one) for one in _select(run, where, (account, device))):
                return None
            run(f"INSERT INTO deed({_COLUMNS}) VALUES ({_MARKS})", _write(deed))  # noqa: S608
            return deed

        return self._change(insert)

    def end(self, deed_id: str, state: State, reason: str = "") -> None:
        """What became of it. What is done stays done."""
        now = self._clock()

        def update(run: Run) -> None:
            for deed in _select(run, "id = ? AND state <> 'done'", (deed_id,)):
                ended = replace(deed, state=state, reason=reason, updated_at=now)
                run(
                    f"UPDATE deed SET ({_COLUMNS}) = ({_MARKS}) WHERE id = ?",  # noqa: S608
                    (*_write(ended), deed_id),
                )

        self._change(update)

    def open_ones(self, account: str) -> list[Deed]:
        """Those whose outcome nobody knows, the oldest first; a sender that is gone leaves one."""
        found = self._select("account = ? AND state IN ('sending', 'unknown')", (account,))
        for deed in found:
            if deed.state == "sending" and self._is_stale(deed):
                self.end(deed.id, "unknown", STALE)
        return self._select("account = ? AND state = 'unknown'", (account,))

    def all(self, account: str) -> list[Deed]:
        """Every deed of an account, the oldest first."""
        return self._select("account = ?", (account,))

    def _is_stale(self, deed: Deed) -> bool:
        age = self._clock() - deed.updated_at
        return not timedelta() <= age < LEASE or is_gone(deed.claimer)

    def _select(self, where: str, values: tuple[Any, ...]) -> list[Deed]:
        try:
            return self._file.read(lambda run: _select(run, where, values))
        except Unusable as error:
            raise DeedsUnavailable(str(error)) from error

    def _change(self, work: Callable[[Run], T]) -> T:
        try:
            return self._file.write(work)
        except Unusable as error:
            raise DeedsUnavailable(str(error)) from error


def _select(run: Run, where: str, values: tuple[Any, ...]) -> list[Deed]:
    sql = f"SELECT {_COLUMNS} FROM deed WHERE {where} ORDER BY created_at, rowid"  # noqa: S608
    return [_read(row) for row in run(sql, values)]
