"""Remembered locations as a sequence that is there before all of it is read.

Reading a row takes thirty times as long as knowing that it is there. The first rows, which a screen
shows at once, come with it; the rest is read in the stores' thread meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from datetime import datetime
from functools import cached_property
from typing import overload

from pm_tui.cache.directory import Seen, Spots
from pm_tui.cache.moments import from_number
from pm_tui.models.charger import Location

Later = Callable[[Callable[[], list[Location]]], "Future[list[Location]]"]


class Recalled(Sequence[Location]):
    """Nearest first. A row that is not read yet is waited for: some 50 ms for all of them."""

    def __init__(
        self, spots: Spots, first: Sequence[Seen], rest: Future[list[Location]] | None
    ) -> None:
        self.ids = spots.ids
        self.reach_km = spots.km[-1] if spots else None
        self._first = first
        self._read: dict[int, Location] = {}
        self._rest = rest

    def __len__(self) -> int:
        return len(self.ids)

    @overload
    def __getitem__(self, index: int) -> Location: ...
    @overload
    def __getitem__(self, index: slice) -> list[Location]: ...
    def __getitem__(self, index: int | slice) -> Location | list[Location]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        index = range(len(self))[index]
        if self._rest is not None and index >= len(self._first):
            return self._rest.result()[index - len(self._first)]
        if index not in self._read:
            self._read[index] = location_of(self._first[index])
        return self._read[index]


class Times(Mapping[str, datetime]):
    """When each location was fetched (UTC), by id; made of a time only where it is asked for."""

    def __init__(self, spots: Spots) -> None:
        self._spots = spots

    @cached_property
    def _at(self) -> Mapping[str, int]:
        return dict(zip(self._spots.ids, self._spots.at, strict=True))

    def __getitem__(self, location_id: str) -> datetime:
        return from_number(self._at[location_id])

    def __iter__(self) -> Iterator[str]:
        return iter(self._spots.ids)

    def __len__(self) -> int:
        return len(self._spots)


def location_of(seen: Seen) -> Location:
    """A remembered location, as far from the point that was asked about as it is."""
    return Location.read({**seen.raw, "distance_km": round(seen.km, 3)})


def ids_of(locations: Iterable[Location]) -> Sequence[str]:
    """The ids of `locations`; of remembered ones without reading them."""
    if isinstance(locations, Recalled):
        return locations.ids
    return [location.location_id for location in locations]
