"""The rule for what follows a request that did not end well: pure, so that it can be proven.

Reads are tried again, a call that changes state never: not by a library, not by us. A blind
resend after an unclear booking makes a second booking more often than not.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Literal

from pm_tui.models.times import read_time

TRIES = 3
GUESS = 60.0  # seconds; what the contract's samples wait when nobody says (§13)
LONGEST_MINUTE_WAIT = 300.0  # beyond, it is not the minute but the month (§14 U6)
_LONGEST = 32 * 86400.0
_SHORTEST = 1.0
_SECONDS = re.compile(r"[+-]?\d{1,18}(\.\d{1,9})?", re.ASCII)

# the status of a whole answer; else nothing was sent; else it was and the answer is lost
Outcome = int | Literal["unsent", "lost"]


@dataclass(frozen=True, slots=True)
class RetryAfter:
    """Try again after `delay` seconds."""

    delay: float


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Tell the person; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """The state may have been changed; `accepted` when the server's status said that it was."""

    accepted: bool


def decide(
    changes: bool, attempt: int, outcome: Outcome, budget: float, roll: float
) -> RetryAfter | GiveUp | Unknown:
    """What follows the `attempt`-th try (from 1) of a call that `changes` state or not.

    `budget` is the seconds left for the whole call, `roll` in [0, 1) the jitter. `outcome` of a
    state-changing call is a status of 2xx only when its body could not be used. 429 is no
    matter of this rule: the gate knows when the next request may go.
    """
    if changes:
        return _after_change(outcome)
    # where nothing listens there is nobody to spare: memory answers at once, and whoever watches
    # the line tries again later
    if outcome not in ("lost", 500, 502, 503, 504) or attempt >= TRIES:
        return GiveUp()
    delay = 0.5 + roll * (min(8.0, 0.5 * 4**attempt) - 0.5)
    return RetryAfter(delay) if delay < budget else GiveUp()


def _after_change(outcome: Outcome) -> GiveUp | Unknown:
    if outcome == "unsent":
        return GiveUp()
    # 408 and 499 are what a proxy says when *it* lost patience
    if isinstance(outcome, int) and 400 <= outcome < 500 and outcome not in (408, 499):
        return GiveUp()
    # any proxy says 200; 202 is what the API says and nobody else (§4)
    return Unknown(accepted=outcome == 202)


def wait_after(
    retry_after: str | None, reset: str | None, server_now: datetime, guesses: int = 0
) -> tuple[float, bool]:
    """Seconds to wait after a 429, at least 1, and whether the server told them (§14 U7).

    `Retry-After` as a number, an HTTP date or ISO 8601, compared with the server's own clock;
    else `X-RateLimit-Reset`; else a guess of a minute, doubled with every earlier guess.
    """
    wait = _told(retry_after, server_now)
    if wait is None:
        wait = _until(read_time(reset), server_now)
    if wait is None:
        return GUESS * 2.0 ** min(max(guesses, 0), 10), False
    return min(max(wait, _SHORTEST), _LONGEST), True


def _told(value: str | None, server_now: datetime) -> float | None:
    if value is None:
        return None
    value = value.strip()
    if _SECONDS.fullmatch(value):
        return float(math.ceil(float(value)))
    return _until(http_date(value) or read_time(value), server_now)


def _until(moment: datetime | None, server_now: datetime) -> float | None:
    return None if moment is None else (moment - server_now) / timedelta(seconds=1)


def http_date(value: str | None) -> datetime | None:
    """The time (aware, UTC) of a `Date` header; None for anything that is not one."""
    if value is None or len(value) > 64:
        return None
    try:
        moment = parsedate_to_datetime(value)
        return None if moment.tzinfo is None else moment.astimezone(UTC)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
