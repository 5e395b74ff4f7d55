"""The month's count of requests where it is known, and whose they were. Nothing is asked for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pm_tui.api.record import Sums, Why
    from pm_tui.services.account import Account

# what no person asked for in that moment; the rest somebody did
BY_ITSELF: frozenset[Why] = frozenset({"watched", "plan", "confirmation", "settling", "usage"})
_ELSEWHERE: frozenset[Why] = frozenset({"home", "home change", "login"})  # at ev.energy: no quota


@dataclass(frozen=True, slots=True)
class Month:
    """`used` is what `/usage` told at `told_at` (aware; None: another window heard it), raised by
    what this host has sent since; `limit` None is not told. It ends at `ends_at`, the next first
    in UTC (contract/agent-api.md §14 U9). Of this window `asked_for` were wanted by a person and
    `by_itself` were not; `today` counts the latter in all windows of the host since midnight UTC,
    None where they share no count."""

    used: int
    limit: int | None
    told_at: datetime | None
    ends_at: datetime
    asked_for: int
    by_itself: int
    today: int | None

    @property
    def left(self) -> int | None:
        """Never less than nothing: what was not told in time may be over."""
        return None if self.limit is None else max(self.limit - self.used, 0)


def read(account: Account) -> Month | None:
    """As far as it is known now; None while nobody has told this month's figure."""
    line, common = account.connection, account.host.common
    if line.month_used is None:
        return None
    now = account.server_now().astimezone(UTC)
    begins = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    told_at = line.month_told_at
    if told_at is not None and told_at < begins:
        if common is None:
            return None  # that was the last month's
        told_at = None
    asked_for, by_itself = _whose(account.record.sums())
    return Month(
        used=line.month_used,
        limit=line.month_limit,
        told_at=told_at,
        ends_at=(begins + timedelta(days=32)).replace(day=1),
        asked_for=asked_for,
        by_itself=by_itself,
        today=None if common is None else common.background_today,
    )


def _whose(sums: Sums) -> tuple[int, int]:
    """Those that a person asked for, and the others."""
    ours = [(why, n) for why, n in sums.by_why if why not in _ELSEWHERE]
    by_itself = sum(n for why, n in ours if why in BY_ITSELF)
    return sum(n for _why, n in ours) - by_itself, by_itself
