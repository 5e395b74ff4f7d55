"""Narrowing and sorting of home chargers on this side of the wire: the API does neither."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, Literal, get_args

from pm_tui.models.home import Evse
from pm_tui.models.result import Result
from pm_tui.services.filters import fold
from pm_tui.services.home_reach import reach_of

Row = Result[Evse]
SortKey = Literal[
    "model",
    "make",
    "user",
    "state",
    "plugged",
    "charging",
    "power",
    "sample",
    "reach",
    "email",
    "place",
    "lock",
    "cpid",
    "id",
]
SORT_KEYS: tuple[SortKey, ...] = get_args(SortKey)
_REACH = {"reachable": 0, "stale": 1, "unknown": None}


def holds(evse: Evse, text: str) -> bool:
    """Whether all words of `text` occur in model, make, user, state or an id; case aside."""
    parts = (
        *(evse.model_name, evse.make_name, evse.user_name, evse.email),
        *(evse.lifecycle_state, evse.cpid, evse.id),
    )
    there = fold("\n".join(part for part in parts if part))
    return all(word in there for word in fold(text).split())


def arranged(
    rows: Iterable[Row], text: str, key: str, reverse: bool, now: datetime, threshold: timedelta
) -> list[Row]:
    """Filtered, then sorted by `key` (none: as they came); what is unknown last both ways."""
    kept = [row for row in rows if holds(row.value, text)]
    if key not in SORT_KEYS:
        return kept
    value = _values(now, threshold)[key]
    known = [(row, value(row.value)) for row in kept]
    ranked = sorted(
        (pair for pair in known if pair[1] is not None), key=lambda pair: pair[1], reverse=reverse
    )
    return [row for row, _mark in ranked] + [row for row, mark in known if mark is None]


def _values(now: datetime, threshold: timedelta) -> dict[str, Callable[[Evse], Any]]:
    def folded(text: str | None) -> str | None:
        return None if text is None else fold(text)

    def status(evse: Evse, name: str) -> Any:
        return None if evse.status is None else getattr(evse.status, name)

    return {
        "model": lambda evse: folded(evse.model_name),
        "make": lambda evse: folded(evse.make_name),
        "user": lambda evse: folded(evse.user_name),
        "state": lambda evse: evse.lifecycle_state,
        # the busy ones first
        "plugged": lambda evse: _busy(status(evse, "is_plugged_in")),
        "charging": lambda evse: _busy(status(evse, "is_charging")),
        "power": lambda evse: status(evse, "charge_rate_watts"),
        "sample": lambda evse: reach_of(evse, now, threshold).age,
        "reach": lambda evse: _REACH[reach_of(evse, now, threshold).answer],
        "email": lambda evse: folded(evse.email),
        "place": lambda evse: evse.location,
        "lock": lambda evse: evse.lock_mode,
        "cpid": lambda evse: evse.cpid,
        "id": lambda evse: evse.id,
    }


def _busy(value: bool | None) -> bool | None:
    return None if value is None else not value
