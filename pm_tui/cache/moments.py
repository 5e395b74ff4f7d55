"""Times in the stores: written the same way everywhere, and never believed from the future.

A clock that was wrong when an answer came in would make it look fresh for ever after.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

Clock = Callable[[], datetime]

FUTURE = timedelta(minutes=2)  # more than this ahead of our clock is not believed
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def utc_now() -> datetime:
    return datetime.now(UTC)


def believable(moment: datetime, now: datetime) -> bool:
    """Whether `moment` can be a time at which something was fetched. Both aware."""
    return moment - now <= FUTURE


def to_text(moment: datetime) -> str:
    """ISO 8601 in UTC, microseconds kept. A time without a zone is a `ValueError`."""
    return _aware(moment).isoformat()


def from_text(text: Any) -> datetime:
    """The reverse of `to_text`; `ValueError` for anything else."""
    if not isinstance(text, str):
        raise ValueError("not a time")
    return _aware(datetime.fromisoformat(text))


def to_number(moment: datetime) -> int:
    """Microseconds since 1970, for columns that are compared. Needs an aware time."""
    return (_aware(moment) - _EPOCH) // _MICROSECOND


def from_number(number: int) -> datetime:
    """The reverse of `to_number`; `ValueError` for a number that is no time."""
    try:
        return _EPOCH + number * _MICROSECOND
    except (OverflowError, TypeError) as error:
        raise ValueError("not a time") from error


def _aware(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        raise ValueError("a time without a zone")
    return moment.astimezone(UTC)
