"""One gate for every request of the account: the quota is money, and a 429 stops everything.

The documentation calls the minute a sliding window in one place and a reset in another
(contract/agent-api.md §13), so both are honoured: our own count of the last 60 s, and what the
server's headers say; the stricter wins. Nothing in here is awaited between looking and counting.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pm_tui.api.clock import Clock
from pm_tui.api.errors import QuotaSpent, RateLimited
from pm_tui.api.pool import Pool, Word
from pm_tui.api.retry import LONGEST_MINUTE_WAIT, wait_after

DEFAULT_LIMIT = 100
_MINUTE = 60.0
_WAY = 1.0  # seconds: the way to the server takes one request longer than the next
_MOST_LIMIT = 1_000_000


@dataclass(frozen=True, slots=True)
class RateHeaders:
    """What one answer says about the limits; `server_now` by its `Date`, else by our clock."""

    server_now: datetime
    limit: int | None = None
    remaining: int | None = None
    reset_at: datetime | None = None
    retry_after: str | None = None
    reset_text: str | None = None


@dataclass(frozen=True, slots=True)
class RateSnapshot:
    """For the status bar: the minute's limit, what is left, when it is full again; the month.

    Times are aware, UTC, by our clock. `month_sent` counts what this gate let through since the
    month began in UTC (§14 U8, U9, U33): other programs of the account are not in it. `shared` is
    what all of this host know together, when there is such a count.
    """

    limit: int
    remaining: int
    reset_at: datetime | None
    blocked_until: datetime | None
    quota_spent: bool
    month_sent: int
    shared: Word | None = None


class RateGate:
    """Lets requests through as the limits allow; a fifth of the minute is kept for the person.

    With a `pool` the same holds for all who share it; each keeps its own count besides. `span` is
    what the limit counts in, in seconds."""

    span = _MINUTE
    has_month = True
    leaf: type[RateLimited] = RateLimited

    def __init__(
        self,
        limit: int = DEFAULT_LIMIT,
        *,
        month_sent: int = 0,
        clock: Clock | None = None,
        pool: Pool | None = None,
    ) -> None:
        if limit < 1:
            raise ValueError("a limit is at least one request a minute")
        self._clock = clock or Clock()
        self._limit = limit
        self._window = self.span + _WAY
        self._sent: deque[float] = deque()
        self._remaining: int | None = None
        self._reset = 0.0
        self._blocked = 0.0
        self._quota_spent = False
        self._strikes = 0
        self._month = self._this_month()
        self._month_sent = month_sent
        self._pool = pool
        self._word: Word | None = None
        self._word_at = 0.0
        self._closed_at = datetime.min.replace(tzinfo=UTC)
        self._last_was_background = False

    async def pass_(self, background: bool = False, patience: timedelta | None = None) -> float:
        """Wait for leave to send one request and count it; returns the seconds waited.

        Raises `RateLimited` (or `QuotaSpent`) at once when the wait is longer than `patience`;
        without one the wait is as long as it takes.
        """
        began = self._clock.monotonic()
        while (wait := await self._leave(background)) > 0:
            waited = self._clock.monotonic() - began
            if patience is not None and waited + wait > patience.total_seconds():
                raise self._refusal(wait)
            await self._clock.sleep(wait)
        return self._clock.monotonic() - began

    async def _leave(self, background: bool) -> float:
        """0 when the request may go and is counted, else the seconds to wait."""
        wait = self.wait(background)
        if wait > 0:
            return wait
        self._count(background)
        if self._pool is None:
            return 0.0
        try:
            word = await self._pool.reserve(background, self._limit)
        except BaseException:  # given up in between; what was reserved ages out by itself
            self._uncount()
            raise
        if word.wait > 0:
            self._uncount()
        self.told(word)
        return word.wait

    def _count(self, background: bool) -> None:
        self._sent.append(self._clock.monotonic())
        self._last_was_background = background
        if self._remaining is not None:
            self._remaining = max(0, self._remaining - 1)
        self._roll_month()
        self._month_sent += 1

    def _uncount(self) -> None:
        if self._sent:
            self._sent.pop()
        self._month_sent -= 1
        if self._remaining is not None:
            self._remaining += 1

    def told(self, word: Word) -> None:
        """Take over what the others of this host know."""
        self._word, self._word_at = word, self._clock.monotonic()
        if word.opened_at is not None and word.opened_at > self._closed_at:
            self._open()
        if word.blocked > 0:
            self._blocked = max(self._blocked, self._word_at + word.blocked)
            self._quota_spent = word.spent

    def unsent(self) -> None:
        """The last request that got leave never left: it costs nothing."""
        self._uncount()
        if self._pool is not None:
            self._pool.unsent(self._last_was_background)

    def wait(self, background: bool = False) -> float:
        """Seconds until a request may go; 0 when it may go now."""
        now = self._clock.monotonic()
        while self._sent and self._sent[0] <= now - self._window:
            self._sent.popleft()
        reserve = self._limit // 5 if background else 0
        allowed = self._limit - reserve
        until = self._blocked
        if len(self._sent) >= allowed:
            until = max(until, self._sent[len(self._sent) - allowed] + self._window)
        if self._remaining is not None and self._remaining <= reserve:
            until = max(until, self._told_reset)
        return max(0.0, until - now)

    def heard(self, headers: RateHeaders, sent_at: float) -> None:
        """Take over the headers of an answer (not a 429) to the request sent at `sent_at`."""
        self._take(headers)
        if sent_at >= self._blocked:
            self._strikes = 0
            self._quota_spent = False
        if self._pool is not None and headers.remaining is not None:
            resets_in = max(self._reset - self._clock.monotonic(), 0.0)
            self._pool.heard(headers.remaining, resets_in)

    def refused(self, headers: RateHeaders, sent_at: float, said: str = "") -> RateLimited:
        """Close the gate after a 429 to the request sent at `sent_at`; the error to raise.

        It is the month's quota when the wait is long, when requests are left in the minute, or
        when waiting as told did not help (§14 U6).
        """
        self._take(headers)
        again = self._strikes > 0 and sent_at >= self._blocked
        guesses = self._strikes if again else max(self._strikes - 1, 0)
        wait, told = wait_after(
            headers.retry_after, headers.reset_text, headers.server_now, guesses
        )
        if told:
            self._remaining = None  # `Retry-After` is the more exact word on when to go on
        late = wait > LONGEST_MINUTE_WAIT
        spent = self.has_month and (late or (headers.remaining or 0) > 0 or (again and told))
        if again or self._strikes == 0:
            self._strikes += 1
        if spent:
            month = self._until_next_month()
            wait = min(wait, month) if late and told else month
            self._quota_spent = True
        self._blocked = max(self._blocked, self._clock.monotonic() + wait)
        self._closed_at = self._clock.now()
        left = self._blocked - self._clock.monotonic()
        if self._pool is not None:
            self._pool.closed(left, self._quota_spent)
        return self._refusal(left, said, status=429)

    def unblock(self) -> None:
        """Let the person try although the gate is closed (the quota may have been raised)."""
        self._open()
        if self._pool is not None:
            self._pool.opened()

    def _open(self) -> None:
        self._blocked = 0.0
        self._quota_spent = False
        self._strikes = 0

    def snapshot(self) -> RateSnapshot:
        """The state now, for the eye."""
        now = self._clock.monotonic()
        wait = self.wait()  # which also forgets what is older than the window
        self._roll_month()
        left = self._limit - len(self._sent)
        reset = self._sent[0] + self._window if self._sent else None
        if self._word is not None and now < self._word_at + self._window:
            others = self._limit - self._word.sent
            if others < left:
                left, reset = others, self._word_at + self._word.frees_in
        if self._remaining is not None and self._reset > now:
            left, reset = min(left, self._remaining), self._reset
        return RateSnapshot(
            limit=self._limit,
            remaining=max(left, 0),
            reset_at=None if reset is None else self._time(reset - now),
            blocked_until=self._time(wait) if wait > 0 else None,
            quota_spent=self._quota_spent and self._blocked > now,
            month_sent=self._month_sent,
            shared=self._word,
        )

    @property
    def _told_reset(self) -> float:
        """Until when nothing is left, by the headers."""
        return self._reset

    def _take(self, headers: RateHeaders) -> None:
        if headers.limit is not None and 1 <= headers.limit <= _MOST_LIMIT:
            self._limit = headers.limit
        if headers.remaining is None:
            return
        # a reset that is absent or further than a minute cannot be the minute's
        left = self.span
        if headers.reset_at is not None:
            left = (headers.reset_at - headers.server_now) / timedelta(seconds=1)
        self._remaining = headers.remaining
        self._reset = self._clock.monotonic() + min(max(left, 0.0), self.span)

    def _refusal(self, wait: float, said: str = "", status: int | None = None) -> RateLimited:
        closed = self._blocked > self._clock.monotonic()
        kind = QuotaSpent if self._quota_spent and closed else self.leaf
        return kind(self._time(wait), said, status=status, unsent=status is None)

    def _time(self, seconds: float) -> datetime:
        return self._clock.now() + timedelta(seconds=seconds)

    def _this_month(self) -> tuple[int, int]:
        now = self._clock.now()
        return now.year, now.month

    def _roll_month(self) -> None:
        if (month := self._this_month()) != self._month:
            self._month, self._month_sent = month, 0

    def _until_next_month(self) -> float:
        now = self._clock.now()
        following = datetime(now.year + now.month // 12, now.month % 12 + 1, 1, tzinfo=UTC)
        return (following - now) / timedelta(seconds=1)
