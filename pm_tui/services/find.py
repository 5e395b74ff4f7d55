"""Find chargers: live where the network is, remembered where it is not, never one as the other."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cache, lru_cache
from typing import Literal

from pm_tui.api.agent import Answer
from pm_tui.cache.directory import Directory, Entry, Spots
from pm_tui.cache.moments import from_number
from pm_tui.cache.stores import Stores
from pm_tui.models.charger import Location
from pm_tui.models.json import JsonObject
from pm_tui.models.query import SearchQuery
from pm_tui.models.result import Result
from pm_tui.models.search import SearchAnswer
from pm_tui.services.coverage import NOTHING, Coverage, cover
from pm_tui.services.recalled import Later, Recalled, Times, location_of

Course = Literal["", "asking", "spared", "kept"]

Gap = tuple[float, float]  # kilometres along a way

FEW = 10  # rows read while another thread waits: a millisecond
FIRST_ROWS = 48  # read before an answer is shown: what the largest screens show at once


@dataclass(frozen=True, slots=True)
class Found(Result[SearchAnswer]):
    """`seen_at` gives each location's own time where they differ (an answer put together from
    what many searches left behind); `coverage` is how much of the asked circle was searched whole
    before. `exact`: this very question was asked.

    `course` of a remembered answer that was wanted live: `asking` (the live one is on its way),
    `spared` (so young that nothing is asked), `kept` (the live one did not come).

    Of a way: how many of its `parts` are `done`, and its `gaps`, the kilometres along it that were
    not searched whole.
    """

    seen_at: Mapping[str, datetime] = field(default_factory=dict)
    coverage: Coverage = NOTHING
    exact: bool = True
    course: Course = ""
    parts: int = 1
    done: int = 1
    gaps: tuple[Gap, ...] = ()

    @property
    def reach_km(self) -> float | None:
        """How far away the last location is."""
        locations = self.value.locations
        if isinstance(locations, Recalled):
            return locations.reach_km
        return locations[-1].distance_km if locations else None

    @property
    def is_partial(self) -> bool:
        """Whether an operator did not answer."""
        return any(one.error for one in self.value.cpo_results)

    def time_of(self, location_id: str) -> datetime:
        """When this location was fetched (UTC)."""
        return self.seen_at.get(location_id, self.fetched_at)


def remember(stores: Stores, query: SearchQuery, label: str, answer: Answer[SearchAnswer]) -> None:
    """Keep an answer: the whole for the same question, each location for any other."""
    stores.searches.put(query.key(), label, answer.raw, answer.received_at)
    remember_area(stores, query, answer)


def remember_area(stores: Stores, query: SearchQuery, answer: Answer[SearchAnswer]) -> None:
    """Keep each location of an answer, and that this circle was searched."""
    at = answer.received_at
    stores.directory.add(entries(answer.value.locations), at)
    stores.directory.add_area(
        query.latitude,
        query.longitude,
        query.radius_km,
        filter_key(query),
        _whole(query, answer),
        at,
    )


def entries(locations: Iterable[Location]) -> list[Entry]:
    """What the directory keeps of `locations`; those without a place cannot be found by one."""
    return [
        Entry(
            location_id=location.location_id,
            latitude=location.latitude,
            longitude=location.longitude,
            name=location.name or "",
            cpo_name=location.cpo_name or "",
            city=location.city or "",
            raw=location.raw,
            offers=_offers(location),
        )
        for location in locations
        if location.latitude is not None and location.longitude is not None
    ]


def rows_of(raw: JsonObject) -> list[JsonObject]:
    """The location objects of a raw answer."""
    rows = raw.get("results")
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _offers(location: Location) -> str:
    """The plugs of a location with their power, for `wants`: `CHADEMO=50 IEC_62196_T2=22`."""
    plugs = {
        f"{connector.standard or ''}={'' if connector.power_kw is None else connector.power_kw}"
        for evse in location.evses
        for connector in evse.connectors
    }
    return " ".join(sorted(plug for plug in plugs if " " not in plug))


def wants(query: SearchQuery) -> Callable[[str], bool] | None:
    """Whether a location with these offers fits: plug and power of one connector, as the server
    would filter; unknown does not fit a filter that is set. None where anything fits."""
    plug, power = query.connector_type, query.power_min_kw
    if plug is None and power is None:
        return None

    @cache  # thousands of locations offer a few hundred things
    def wanted(offers: str) -> bool:
        return any(
            (plug is None or standard == plug)
            and (power is None or (kw is not None and kw >= power))
            for standard, kw in _offered(offers)
        )

    return wanted


@lru_cache(2000)
def _offered(offers: str) -> tuple[tuple[str, Decimal | None], ...]:
    """What `_offers` wrote: each plug with its power."""
    parts = (offer.rpartition("=") for offer in offers.split())
    return tuple((standard, Decimal(kw) if kw else None) for standard, _equals, kw in parts)


def filter_key(query: SearchQuery) -> str:
    """What narrowed a search apart from its circle: plug, least power, window."""
    window = query.start is not None
    return (
        f"{query.connector_type or '*'}|{query.power_min_kw or 0:g}|{'window' if window else '*'}"
    )


def lets_through(key: str, query: SearchQuery) -> bool:
    """Whether a search narrowed by `key` let everything through that `query` asks for. One
    for a window left out what could not be reserved then, and so answers no other question."""
    plug, power, window = key.split("|")
    return (
        plug in ("*", query.connector_type)
        and float(power) <= (query.power_min_kw or 0)
        and window == "*"
    )


def _whole(query: SearchQuery, answer: Answer[SearchAnswer]) -> bool:
    """Whether the answer covers its circle: not cut by the limit, and every operator answered."""
    silent = any(result.error for result in answer.value.cpo_results)
    return len(rows_of(answer.raw)) < query.limit and not silent and not answer.value.skipped


def kept(stores: Stores, query: SearchQuery, problem: Exception | None = None) -> Found | None:
    """The last answer to this very question."""
    found = stores.searches.get(query.key())
    if found is None:
        return None
    answer = SearchAnswer.read(found.raw)
    gaps = gaps_of(found.raw.get("gaps"))
    return Found(answer, "cache", found.fetched_at, problem, gaps=gaps)


def gaps_of(raw: object) -> tuple[Gap, ...]:
    """The gaps of a way as they are remembered with its answer."""
    found = []
    for pair in raw if isinstance(raw, list) else ():
        match pair:
            case [float() | int() as begin, float() | int() as end]:
                found.append((float(begin), float(end)))
    return tuple(found)


def recall(
    stores: Stores, query: SearchQuery, problem: Exception | None, later: Later
) -> Found | None:
    """The best that memory has for `query`; None when it has nothing at all near there.

    `later` runs what is not needed for the first rows, in the stores' thread as well.
    """
    return kept(stores, query, problem) or _put_together(stores, query, problem, later)


def _put_together(
    stores: Stores, query: SearchQuery, problem: Exception | None, later: Later
) -> Found | None:
    directory = stores.directory
    circle = (query.latitude, query.longitude, query.radius_km)
    spots = directory.spots(*circle, query.limit, wants(query))
    areas = directory.touching(*circle)
    coverage = cover(
        *circle, (a for a in areas if a.complete and lets_through(a.filter_key, query))
    )
    if not spots and not coverage.areas:
        return None
    first, rest = spots.part(0, FIRST_ROWS), spots.part(FIRST_ROWS)
    reading = later(lambda: _read(directory, rest)) if rest else None
    total = len(spots) if len(spots) < query.limit else None
    answer = SearchAnswer(total, Recalled(spots, directory.read(first), reading))
    oldest = [area.fetched_at for area in coverage.areas]
    if spots:
        oldest.append(from_number(min(spots.at)))
    return Found(
        answer, "cache", min(oldest), problem, seen_at=Times(spots), coverage=coverage, exact=False
    )


def _read(directory: Directory, spots: Spots) -> list[Location]:
    """All of `spots`, a few at a time: the screen is being drawn meanwhile, by another thread."""
    found: list[Location] = []
    for begin in range(0, len(spots), FEW):
        found += [location_of(one) for one in directory.read(spots.part(begin, begin + FEW))]
        time.sleep(0)
    return found
