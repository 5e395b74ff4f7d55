"""What is left of the minute and of the month (contract/agent-api.md §13, §14 U8, §15)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pm_tui.models import reading
from pm_tui.models.json import JsonObject
from pm_tui.models.times import read_time


@dataclass(frozen=True, slots=True)
class Usage:
    """Requests of the account; times aware, UTC; None is unknown."""

    minute_limit: int | None = None
    minute_remaining: int | None = None
    minute_reset_at: datetime | None = None
    month_limit: int | None = None
    month_used: int | None = None
    month_remaining: int | None = None
    month_resets_at: datetime | None = None

    @classmethod
    def read(cls, raw: Any) -> Usage:
        """From the JSON object, else `ValueError`. The month is known by several names."""
        if not isinstance(raw, dict):
            raise ValueError("usage is an object")
        minute = reading.child(raw, "rate_limit")
        month: JsonObject = {}
        for name in ("monthly_quota", "quota", "monthly", "month"):
            month = month or reading.child(raw, name)
        limit = reading.count(month.get("limit"))
        used = reading.count(month.get("used"))
        remaining = reading.count(month.get("remaining"))
        if limit is not None:
            if used is None and remaining is not None:
                used = max(limit - remaining, 0)
            elif remaining is None and used is not None:
                remaining = max(limit - used, 0)
        return cls(
            minute_limit=reading.count(minute.get("limit")),
            minute_remaining=reading.count(minute.get("remaining")),
            minute_reset_at=_reset(minute),
            month_limit=limit,
            month_used=used,
            month_remaining=remaining,
            month_resets_at=_reset(month),
        )


def _reset(raw: JsonObject) -> datetime | None:
    """The page is cut after `reset_a`, so that any key of that kind will do."""
    times = (read_time(raw[name]) for name in raw if name.startswith("reset"))
    return next((time for time in times if time is not None), None)
