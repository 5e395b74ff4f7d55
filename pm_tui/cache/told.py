"""As what the windows of this host last showed each booking to a person: a table of the shared
file. By it the next window knows what happened since, while nobody was there to be told.

Whoever meets a booking first, a verb or a cron job too, writes down how it stood then; after that
only windows do, and verbs that followed a booking to tell how it ended. What a cron job reads
besides nobody has seen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pm_tui.models import reading
from pm_tui.models.json import JsonObject

SCHEMA = """
CREATE TABLE IF NOT EXISTS told (id TEXT PRIMARY KEY, status TEXT NOT NULL, at REAL NOT NULL)"""
KEPT = 90 * 86400.0  # seconds after it was last read

Run = Callable[..., Any]


def meet(run: Run, rows: Sequence[JsonObject], now: float) -> None:
    """Note those that nobody has met before; and of the others that they are still there."""
    for row in rows:
        booking_id, status = reading.identifier(row.get("id")), reading.text(row.get("status"), 40)
        if booking_id is not None and status is not None:
            run(
                "INSERT INTO told VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET at = excluded.at",
                booking_id,
                status,
                now,
            )


def note(run: Run, statuses: Mapping[str, str], now: float) -> None:
    """A window has shown these bookings so; what nobody has read for long is forgotten."""
    for booking_id, status in statuses.items():
        run("INSERT OR REPLACE INTO told VALUES (?, ?, ?)", booking_id, status, now)
    run("DELETE FROM told WHERE at < ?", now - KEPT)


def statuses(run: Run) -> dict[str, str]:
    """By booking id."""
    return dict(run("SELECT id, status FROM told").fetchall())
