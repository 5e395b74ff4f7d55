"""Narrowing and sorting of found locations on this side of the wire.

The API filters neither by operator nor by reservability (contract/agent-api.md §3), and sorts by
distance alone; the command line and the screen share what is here.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from pm_tui.models.charger import Location
from pm_tui.models.query import CONNECTOR_TYPES
from pm_tui.services.recalled import Recalled

SortKey = Literal[
    "distance",
    "price",
    "power",
    "name",
    "operator",
    "plugs",
    "free",
    "reservable",
    "age",
    "address",
    "zip",
    "city",
    "points",
    "open",
    "id",
]
SORT_KEYS: tuple[SortKey, ...] = get_args(SortKey)


@dataclass(frozen=True, slots=True)
class Filters:
    """`operator`: part of the operator's name or its whole party id. `text`: words that must all
    occur in name, operator, address, city, postal code, plugs or ids. Case and accents aside."""

    reservable_only: bool = False
    operator: str = ""
    text: str = ""

    def __bool__(self) -> bool:
        return self.reservable_only or bool(self.operator.strip() or self.text.strip())


def apply(locations: Iterable[Location], filters: Filters) -> list[Location]:
    """The locations that pass, in their order. Whether one is reservable must be known to pass."""
    operator = fold(filters.operator).strip()
    words = fold(filters.text).split()
    return [
        location
        for location in locations
        if (not filters.reservable_only or location.supports_reservation is True)
        and (not operator or _is_of(location, operator))
        and (not words or _holds(location, words))
    ]


def arranged(
    locations: Sequence[Location],
    filters: Filters,
    key: SortKey,
    reverse: bool,
    time_of: Callable[[str], datetime],
) -> Sequence[Location]:
    """Filtered and sorted. Remembered ones that are wanted as they lie are not even read."""
    if isinstance(locations, Recalled) and not (filters or reverse) and key == "distance":
        return locations
    return sort_locations(apply(locations, filters), key, reverse, time_of=time_of)


def sort_locations(
    locations: Iterable[Location],
    key: SortKey,
    reverse: bool = False,
    *,
    time_of: Callable[[str], datetime] | None = None,
) -> list[Location]:
    """Sorted by `key`, what is unknown last in both directions; equals keep their order.

    `age` (youngest first) needs `time_of`, which tells when a location id was fetched.
    """
    if key == "age":
        if time_of is None:
            raise ValueError("sorting by age needs time_of")
        return sorted(locations, key=lambda found: time_of(found.location_id), reverse=not reverse)
    value = _VALUES[key]
    known = [(found, value(found)) for found in locations]
    ranked = sorted(
        (pair for pair in known if pair[1] is not None), key=lambda pair: pair[1], reverse=reverse
    )
    return [found for found, _ in ranked] + [found for found, mark in known if mark is None]


def fold(text: str) -> str:
    """Lower case without accents, so that `köln` finds `Koln` and the other way round."""
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in parts if not unicodedata.combining(char))


def _is_of(location: Location, operator: str) -> bool:
    return operator in fold(location.cpo_name or "") or operator == fold(
        location.cpo_party_id or ""
    )


def _holds(location: Location, words: list[str]) -> bool:
    plugs = location.connector_types
    parts = (
        location.name,
        location.cpo_name,
        location.cpo_party_id,
        location.address,
        location.city,
        location.postal_code,
        location.location_id,
        *plugs,
        *(CONNECTOR_TYPES.get(code) for code in plugs),
        *(evse.evse_uid for evse in location.evses),
    )
    text = fold("\n".join(part for part in parts if part))
    return all(word in text for word in words)


def _price(location: Location) -> Any:
    if location.estimated_price is None:
        return None
    return (location.currency or "", location.estimated_price)  # amounts of two currencies: apart


def _plugs(location: Location) -> Any:
    return sorted(CONNECTOR_TYPES.get(code, code) for code in location.connector_types) or None


_VALUES: dict[str, Callable[[Location], Any]] = {
    "distance": lambda location: location.distance_km,
    "price": _price,
    "power": lambda location: location.max_power_kw,
    "name": lambda location: fold(location.name) if location.name else None,
    "operator": lambda location: fold(location.cpo_name) if location.cpo_name else None,
    "plugs": _plugs,
    "free": lambda location: location.evses_available,
    "reservable": lambda location: location.supports_reservation,
    "address": lambda location: fold(location.address) if location.address else None,
    "zip": lambda location: location.postal_code,
    "city": lambda location: fold(location.city) if location.city else None,
    "points": lambda location: len(location.evses) or None,
    "open": lambda location: location.always_open,
    "id": lambda location: location.location_id,
}
