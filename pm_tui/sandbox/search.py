"""`GET /search`: ask every operator near the point at once, merge what came in time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pm_tui.sandbox import operators, pricing
from pm_tui.sandbox.charging import BROKEN, taken
from pm_tui.sandbox.gateway import Gateway, gateway_of
from pm_tui.sandbox.search_query import SearchQuery
from pm_tui.sandbox.stations import Connector, Cpo, Evse, OpeningHours, Station


class SearchEndpoint:
    """One a process: the operators' moods go on from search to search."""

    def __init__(self, gateway: Gateway) -> None:
        options = gateway.options
        self._operators = operators.Operators(options.seed, options.cpo_latency, gateway.accidents)

    async def get(self, request: Request) -> Response:
        gateway = gateway_of(request)
        query = SearchQuery.of(request.query_params)
        found: dict[Cpo, operators.Found] = {}
        for distance, station in _matching(gateway, query):
            found.setdefault(station.cpo, []).append((distance, station))
        plan = self._operators.plan(list(found), _down(gateway, found))
        answers = await operators.ask_all(found, plan)
        rows = sorted(
            (row for answer in answers for row in answer.found),
            key=lambda row: (row[0], row[1].location_id),
        )
        view = _View(gateway, query)
        return JSONResponse(
            {
                "total": len(rows),
                "results": [view.location(*row) for row in rows[: query.limit]],
                "cpo_results": [
                    answer.describe(gateway.texts(answer.cpo.name, answer.cpo.party_id))
                    for answer in sorted(answers, key=lambda answer: answer.cpo.party_id)
                ],
            }
        )


def _down(gateway: Gateway, found: dict[Cpo, operators.Found]) -> str | None:
    """The operator that a fault takes away; without a name the one with most stations here."""
    fault = gateway.faults.take({"cpo_down"}, "GET", "/search")
    if fault is None or not found:
        return None
    return fault.cpo or max(found, key=lambda cpo: (len(found[cpo]), cpo.party_id)).party_id


def fits(connector: Connector, query: SearchQuery) -> bool:
    """One connector must have both, the plug and the power."""
    if query.connector_type and connector.standard != query.connector_type:
        return False
    return connector.max_electric_power >= query.power_min_kw * 1000


def _matching(gateway: Gateway, query: SearchQuery) -> list[tuple[float, Station]]:
    near = gateway.network.near(query.latitude, query.longitude, query.radius_km)
    if query.connector_type or query.power_min_kw:
        near = [
            row
            for row in near
            if any(fits(c, query) for evse in row[1].evses for c in evse.connectors)
        ]
    if query.window is None:
        return near
    now = gateway.clock.now()
    booked = taken(gateway.store.within(query.window.starts, query.window.ends), now)
    return [
        row
        for row in near
        if row[1].reservable
        and any(
            evse.uid not in booked
            and any(fits(c, query) for c in evse.connectors)
            and gateway.evse_status(evse.uid, now) not in BROKEN
            for evse in row[1].evses
        )
    ]


class _View:
    """How stations are shown in one answer: all of it at one moment."""

    def __init__(self, gateway: Gateway, query: SearchQuery) -> None:
        self._texts = gateway.texts
        self._evse_status = gateway.evse_status
        self._now = gateway.clock.now()
        self._length = pricing.TYPICAL
        if query.window is not None:
            self._length = query.window.ends - query.window.starts
        self._query = query
        self._taken = taken(
            gateway.store.within(self._now, self._now + timedelta(seconds=1)), self._now
        )

    def location(self, distance: float, station: Station) -> dict[str, Any]:
        key = station.location_id
        return {
            "location_id": key,
            "name": self._texts(station.name, key),
            "address": self._texts(station.address, key + "/address"),
            "city": self._texts(station.city, key + "/city"),
            "postal_code": station.postal_code,
            "country": "DEU",
            "coordinates": {
                "latitude": f"{station.latitude:.6f}",
                "longitude": f"{station.longitude:.6f}",
            },
            "time_zone": station.time_zone,
            "distance_km": round(distance, 2),
            "cpo_name": self._texts(station.cpo.name, station.cpo.party_id),
            "cpo_party_id": station.cpo.party_id,
            "supports_reservation": station.reservable,
            "opening_times": _opening_times(station.opening),
            "pricing": self._pricing(station),
            "evses": [self._evse(evse) for evse in station.evses],
        }

    def _pricing(self, station: Station) -> dict[str, Any]:
        """For the fastest EVSE that the search asked for."""
        wanted = [e for e in station.evses if any(fits(c, self._query) for c in e.connectors)]
        best = max(wanted or station.evses, key=pricing.power_kw)
        price = pricing.estimate(station, best, self._length)
        return {"estimated_price": float(price), "currency": pricing.CURRENCY}

    def _evse(self, evse: Evse) -> dict[str, Any]:
        status = self._taken.get(evse.uid) or self._evse_status(evse.uid, self._now)
        return {
            "evse_uid": evse.uid,
            "status": status,
            "connectors": [
                {
                    "id": connector.id,
                    "standard": connector.standard,
                    "format": connector.format,
                    "power_type": connector.power_type,
                    "max_electric_power": connector.max_electric_power,
                }
                for connector in evse.connectors
            ],
        }


def _opening_times(opening: OpeningHours | None) -> dict[str, Any] | None:
    """OCPI `Hours`: weekdays from 1 (Monday) to 7, local times."""
    if opening is None:
        return None
    if opening.always:
        return {"twentyfourseven": True}
    return {
        "twentyfourseven": False,
        "regular_hours": [
            {"weekday": day, "period_begin": begin, "period_end": end}
            for day, begin, end in opening.periods
        ],
    }
