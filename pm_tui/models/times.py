"""Times on the wire: RFC 3339, any offset and fraction read, UTC written (contract §14 U18)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

# what servers write for "no beginning" and "no end" is no time to reckon with: in some zones even
# showing it fails
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)


def read_time(value: Any) -> datetime | None:
    """The instant (aware, UTC) that `value` names; None for all but a text with a date and zone.

    A text without an offset is None: guessing a zone would show a wrong time as a right one.
    """
    if not isinstance(value, str) or not 16 <= len(value) <= 64:
        return None
    try:
        moment = datetime.fromisoformat(value.strip().upper())
        if moment.tzinfo is None:
            return None
        moment = moment.astimezone(UTC)
        return moment if _EARLIEST <= moment < _LATEST else None
    except (ValueError, OverflowError):
        return None


def wire_time(moment: datetime) -> str:
    """`2026-02-10T14:00:00Z`: UTC, whole seconds (cut off, not rounded). Needs an aware time."""
    if moment.utcoffset() is None:
        raise ValueError("a time without a zone cannot be sent")
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"
