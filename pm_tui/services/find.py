"""Find chargers: live where the network is, remembered where it is not, never one as the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from pm_tui.api.agent import Answer
from pm_tui.cache.directory import Area, Entry, Seen
from pm_tui.cache.stores import Stores
from pm_tui.models.charger import Location
from pm_tui.models.json import JsonObject
from pm_tui.models.query import SearchQuery
from pm_tui.models.result import Result
from pm_tui.models.search import SearchAnswer


@dataclass(frozen=True, slots=True)
class Found(Result[SearchAnswer]):
    """`seen_at` gives each location's own time where they differ (an answer put together from
    what many searches left behind); `areas` are the remembered searches that cover the question,
    empty when nothing says that the list is complete. `exact`: this very question was asked."""

    seen_at: Mapping[str, datetime] = field(default_factory=dict)
    areas: Sequence[Area] = ()
    exact: bool = True

    def time_of(self, location_id: str) -> datetime:
        """When this location was fetched (UTC)."""
        return self.seen_at.get(location_id, self.fetched_at)


def remember(stores: Stores, query: SearchQuery, label: str, answer: Answer[SearchAnswer]) -> None:
    """Keep an answer: the whole for the same question, each location for any other."""
    at = answer.received_at
    stores.searches.put(query.key(), label, answer.raw, at)
    stores.directory.add(
        [
            Entry(
                location_id=location.location_id,
                latitude=location.latitude,
                longitude=location.longitude,
                name=location.name or "",
                cpo_name=location.cpo_name or "",
                city=location.city or "",
                raw=location.raw,
            )
            for location in answer.value.locations
            if location.latitude is not None and location.longitude is not None
        ],
        at,
    )
    stores.directory.add_area(
        query.latitude, query.longitude, query.radius_km, _filter(query), _whole(query, answer), at
    )


def rows_of(raw: JsonObject) -> list[JsonObject]:
    """The location objects of a raw answer."""
    rows = raw.get("results")
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _filter(query: SearchQuery) -> str:
    """What narrowed a search apart from its circle: areas are comparable only within one."""
    window = query.start is not None
    return (
        f"{query.connector_type or '*'}|{query.power_min_kw or 0:g}|{'window' if window else '*'}"
    )


def _whole(query: SearchQuery, answer: Answer[SearchAnswer]) -> bool:
    """Whether the answer covers its circle: not cut by the limit, and every operator answered."""
    silent = any(result.error for result in answer.value.cpo_results)
    return len(rows_of(answer.raw)) < query.limit and not silent and not answer.value.skipped


def recall(stores: Stores, query: SearchQuery, problem: Exception | None) -> Found | None:
    """The best that memory has for `query`; None when it has nothing at all near there."""
    kept = stores.searches.get(query.key())
    if kept is not None:
        answer = SearchAnswer.read(kept.raw)
        return Found(answer, "cache", kept.fetched_at, problem, exact=True)
    anything = query.connector_type is None and query.power_min_kw is None
    near = stores.directory.near(
        query.latitude, query.longitude, query.radius_km, query.limit if anything else None
    )
    seen = [one for one in near if anything or _fits(Location.read(one.raw), query)]
    areas = [
        area
        for area in stores.directory.covering(query.latitude, query.longitude, query.radius_km)
        if area.complete
        and area.filter_key in ("*|0|*", _filter(replace(query, start=None, end=None)))
    ]
    if not seen and not areas:
        return None
    return _found(query, seen, areas, problem)


def _found(
    query: SearchQuery, seen: Sequence[Seen], areas: Sequence[Area], problem: Exception | None
) -> Found:
    shown = seen[: query.limit]
    rows = [{**one.raw, "distance_km": round(one.km, 3)} for one in shown]
    answer = SearchAnswer.read({"total": len(seen), "results": rows})
    ages = {str(one.raw.get("location_id")): one.fetched_at for one in shown}
    oldest = min([*ages.values(), *(area.fetched_at for area in areas)])
    return Found(answer, "cache", oldest, problem, seen_at=ages, areas=areas, exact=False)


def _fits(location: Location, query: SearchQuery) -> bool:
    """Plug and power as the server would filter; unknown does not fit a filter that is set."""
    return any(
        (query.connector_type is None or connector.standard == query.connector_type)
        and (
            query.power_min_kw is None
            or (connector.power_kw is not None and connector.power_kw >= query.power_min_kw)
        )
        for evse in location.evses
        for connector in evse.connectors
    )
