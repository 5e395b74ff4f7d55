"""The answer to a search: locations, and how each CPO fared (contract/agent-api.md §3, §15)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pm_tui.i18n import _
from pm_tui.models import reading
from pm_tui.models.charger import Location
from pm_tui.models.json import JsonObject


@dataclass(frozen=True, slots=True)
class CpoResult:
    """How one CPO answered; `error` is its text, None when all went well."""

    cpo_party_id: str | None
    cpo_name: str | None
    count: int | None
    duration_ms: float | None
    error: str | None

    @classmethod
    def read(cls, raw: JsonObject, party_id: str | None = None) -> CpoResult:
        """From its JSON object; `party_id` is the key when the server sent an object of objects."""
        error = raw.get("error")
        if isinstance(error, dict):
            error = reading.first(error, ("message", "error", "code")) or True
        return cls(
            cpo_party_id=reading.text(reading.first(raw, ("cpo_party_id", "party_id")), 40)
            or party_id,
            cpo_name=reading.text(reading.first(raw, ("cpo_name", "name"))),
            count=reading.count(raw.get("count")),
            duration_ms=reading.real(raw.get("duration_ms"), 0, 1e9),
            error=reading.text(error) or (_("failed") if error else None),
        )


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """Locations, nearest first as the server sorted them.

    `total` is the server's word and no row count (contract §14 U13); `skipped` counts the rows
    that could not be read (no object, no id), to be told; `cpo_results_raw` is as it was sent.
    """

    total: int | None
    locations: Sequence[Location]
    cpo_results: tuple[CpoResult, ...] = ()
    cpo_results_raw: Any = field(default=None, hash=False)
    skipped: int = 0

    @classmethod
    def read(cls, raw: Any) -> SearchAnswer:
        """From the JSON object; `ValueError` when there is no list `results` (null is empty)."""
        if not isinstance(raw, dict):
            raise ValueError("a search answer is an object")
        rows = raw.get("results", False)
        if rows is not None and not isinstance(rows, list):
            raise ValueError("a search answer without results")
        found: list[Location] = []
        skipped = 0
        for row in rows or ():
            try:
                found.append(Location.read(row))
            except ValueError:
                skipped += 1
        return cls(
            total=reading.count(raw.get("total")),
            locations=tuple(found),
            cpo_results=_cpo_results(raw.get("cpo_results")),
            cpo_results_raw=raw.get("cpo_results"),
            skipped=skipped,
        )


def _cpo_results(raw: Any) -> tuple[CpoResult, ...]:
    if isinstance(raw, list):
        return tuple(CpoResult.read(item) for item in raw if isinstance(item, dict))
    if isinstance(raw, dict):
        return tuple(
            CpoResult.read(
                item if isinstance(item, dict) else {"count": item}, reading.text(key, 40)
            )
            for key, item in raw.items()
        )
    return ()
