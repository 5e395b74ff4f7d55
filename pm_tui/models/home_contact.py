"""How a home charger is reached (contract/evenergy-v2.md §10), and what it can do for the grid."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pm_tui.models.home import whole
from pm_tui.models.json import JsonObject
from pm_tui.models.reading import count, text

_MOST = 20  # modes that are shown


@dataclass(frozen=True, slots=True)
class Connectivity:
    """Signals in dBm, None on WiFi or where nobody knows; `reliability` in percent of 30 days."""

    signal: int | None = None
    lowest: int | None = None  # of seven days, as `highest`
    highest: int | None = None
    reliability: int | None = None
    ip_address: str | None = None
    iccid: str | None = None
    firmware: str | None = None
    raw: JsonObject = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def read(cls, raw: Any) -> Connectivity:
        """Nothing is relied upon; raises `ValueError` for what is no object."""
        if not isinstance(raw, dict):
            raise ValueError("not the object that was expected")
        reliability = count(raw.get("connection_reliability_30d"))
        return cls(
            whole(raw.get("signal_strength_rssi_dbm")),
            whole(raw.get("lowest_signal_strength_rssi_dbm_7d")),
            whole(raw.get("highest_signal_strength_rssi_dbm_7d")),
            None if reliability is None or reliability > 100 else reliability,
            text(raw.get("ip_address")),
            text(raw.get("iccid")),
            text(raw.get("firmware_version")),
            raw,
        )


def modes_in(raw: Any) -> tuple[str, ...]:
    """The names in an answer whose shape is not recorded: texts, or objects with a name; in a list,
    or in the lists of an object."""
    rows = raw if isinstance(raw, list) else []
    if isinstance(raw, dict):
        rows = [one for value in raw.values() if isinstance(value, list) for one in value]
    found = []
    for one in rows[:_MOST]:
        given = one
        if isinstance(one, dict):
            given = next((one[name] for name in ("name", "mode", "id") if one.get(name)), None)
        if isinstance(given, str) and (shown := text(given)) is not None:
            found.append(shown)
    return tuple(found)
