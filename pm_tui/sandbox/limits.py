"""The account's limits: a sliding minute and a calendar month (contract/agent-api.md §13).

The minute is counted in memory, a process apiece; the month in the store, so that it survives a
restart. A request refused by the minute does not enter the window, or one who keeps asking would
never get through, but it does cost quota (§14, U33).
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pm_tui.sandbox.store import Store
from pm_tui.sandbox.wire import stamp

MINUTE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`retry_after` is in whole seconds, None when the request may pass."""

    limit: int
    remaining: int
    reset: datetime
    retry_after: int | None = None

    def headers(self) -> dict[str, str]:
        fields = {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": stamp(self.reset),
        }
        if self.retry_after is not None:
            fields["Retry-After"] = str(self.retry_after)
        return fields


def month_of(now: datetime) -> str:
    return now.astimezone(UTC).strftime("%Y-%m")


def next_month(now: datetime) -> datetime:
    """Midnight UTC of the next first, when the quota is whole again (§14, U9)."""
    first = now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return (first + timedelta(days=32)).replace(day=1)


def _whole_second(moment: datetime) -> datetime:
    """Rounded up: who comes back at this second must not be early."""
    return (moment + timedelta(microseconds=999_999)).replace(microsecond=0)


class Limiter:
    def __init__(self, rate: int, quota: int, store: Store) -> None:
        self.rate = rate
        self.quota = quota
        self._store = store
        self._window: deque[datetime] = deque()

    def look(self, now: datetime) -> Verdict:
        """The state of the minute without a request."""
        while self._window and self._window[0] + MINUTE <= now:
            self._window.popleft()
        oldest = self._window[0] if self._window else now
        remaining = max(0, self.rate - len(self._window))
        return Verdict(self.rate, remaining, _whole_second(oldest + MINUTE))

    def admit(self, now: datetime) -> Verdict:
        """Count a request; the headers of its answer, and whether it must wait."""
        used = self._store.count_request(month_of(now))
        before = self.look(now)
        if used > self.quota:
            # both kinds of 429 look alike but for the size of the number (§14, U6)
            wait = math.ceil((next_month(now) - now).total_seconds())
            return Verdict(self.rate, before.remaining, before.reset, max(1, wait))
        if before.remaining == 0:
            wait = math.ceil((self._window[0] + MINUTE - now).total_seconds())
            return Verdict(self.rate, 0, before.reset, max(1, wait))
        self._window.append(now)
        return self.look(now)

    def used(self, now: datetime) -> int:
        return self._store.requests(month_of(now))
