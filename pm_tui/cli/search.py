"""`pm-tui search`: chargers around a place."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pm_tui import formats
from pm_tui.cli import asking, common, exits
from pm_tui.cli.exits import CliError
from pm_tui.cli.output import Column, complain, document, table, wire
from pm_tui.cli.parser import PLUG_WORDS
from pm_tui.config import Settings
from pm_tui.i18n import _, ngettext
from pm_tui.models.charger import Evse, Location
from pm_tui.models.json import JsonObject
from pm_tui.models.query import CONNECTOR_TYPES, SearchQuery
from pm_tui.models.result import Result
from pm_tui.models.route import FEW, RouteQuery, Stop, parts_of, route
from pm_tui.models.search import CpoResult, SearchAnswer
from pm_tui.models.zones import CHARGERS_ZONE
from pm_tui.services.corridor import way_of
from pm_tui.services.filters import Filters, apply, sort_locations
from pm_tui.services.find import Found
from pm_tui.services.places import Gazetteer, parse_point
from pm_tui.services.when import parse_when, refuse_over

# how people call plugs, beside the API's codes
PLUGS = {
    "ccs": "IEC_62196_T2_COMBO",
    "ccs2": "IEC_62196_T2_COMBO",
    "ccs1": "IEC_62196_T1_COMBO",
    "type2": "IEC_62196_T2",
    "type1": "IEC_62196_T1",
    **{name.lower().replace(" ", ""): code for code, name in CONNECTOR_TYPES.items()},
}


@dataclass(frozen=True, slots=True)
class Point:
    label: str
    latitude: float
    longitude: float


def run(arguments: Namespace) -> int:
    settings = common.settings_of(arguments)
    query, label = question_of(arguments, settings)
    if isinstance(query, RouteQuery) and not settings.offline:
        _say_what_it_takes(query, yes=arguments.yes)
    result = common.ask(settings, lambda session: session.search(query, label=label))
    common.tell_problem(result)
    shown = narrowed(result.value.locations, arguments)
    if arguments.json:
        document(as_document(result, shown, query))
    else:
        _print(result, shown, label, query)
    return exits.DONE


def question_of(arguments: Namespace, settings: Settings) -> tuple[SearchQuery, str]:
    """What is asked, around a place or along a way, and what to call it. Raises `CliError`."""
    text = " ".join(arguments.place)
    if bool(text) == bool(arguments.route):
        raise CliError(exits.USAGE, _("either a place or --route is needed (see --help)"))
    try:
        names, speed = parts_of(arguments.route or text)
        points = [locate(name) for name in names]
        query = query_of(arguments, points[0], settings)
        if len(points) == 1:
            return query, points[0].label
        stops = [Stop(point.label, point.latitude, point.longitude) for point in points]
        way = route(query, stops, speed)
    except ValueError as wrong:
        raise CliError(exits.USAGE, str(wrong)) from wrong
    return way, way.label


def _say_what_it_takes(query: RouteQuery, *, yes: bool) -> None:
    """How many requests, before the first is sent; more than a few are asked about."""
    n = len(way_of(query).arcs())
    text = _("This way takes {n} requests.").format(n=n)
    if n > FEW and not yes:
        asking.confirm(f"{text} {_('Search?')}", yes=False)
    elif n > 1:
        asking.progress(text)


def locate(text: str) -> Point:
    """Coordinates as they are, a name through the gazetteer; `CliError` when it knows none."""
    try:
        point = parse_point(text)
    except ValueError as wrong:
        raise CliError(exits.USAGE, str(wrong)) from wrong
    if point:
        return Point(f"{point[0]:g}, {point[1]:g}", *point)
    gazetteer = Gazetteer()
    if place := gazetteer.find(text):
        return Point(place.label, place.latitude, place.longitude)
    near = ", ".join(place.label for place in gazetteer.complete(text, 3))
    hint = " " + _("Did you mean {places}?").format(places=near) if near else ""
    raise CliError(exits.NOT_FOUND, _("no place {text!r} is known.").format(text=text) + hint)


def query_of(arguments: Namespace, point: Point, settings: Settings) -> SearchQuery:
    """The question to the server. `--limit` is not part of it: it counts what is left after
    sorting and filtering here."""
    now = common.now()
    try:
        start = end = None
        if arguments.start is not None:
            start = parse_when(arguments.start, now=now, zone=CHARGERS_ZONE)
        if arguments.end is not None:
            end = parse_when(arguments.end, now=now, zone=CHARGERS_ZONE, base=start)
            refuse_over(end, now)
        return SearchQuery(
            point.latitude,
            point.longitude,
            radius_km=arguments.radius,
            connector_type=plug_code(arguments.connector),
            power_min_kw=arguments.min_power,
            start=start,
            end=end,
        )
    except ValueError as error:  # WhenError is one as well
        raise CliError(exits.USAGE, str(error)) from None


def plug_code(text: str | None) -> str | None:
    """`ccs`, `Type 2` or a code of the API as its code. Codes that we do not know go as they are:
    the list is open (contract/agent-api.md §9). Raises `CliError` for what is neither."""
    if text is None:
        return None
    code = PLUGS.get(text.lower().replace(" ", "").replace("-", ""), text.upper())
    if code in CONNECTOR_TYPES or "_" in code:
        return code
    told = _("--connector: {text!r} is no plug; there are {plugs}, and the API's own codes.")
    raise CliError(exits.USAGE, told.format(text=text, plugs=", ".join(PLUG_WORDS)))


def narrowed(locations: Sequence[Location], arguments: Namespace) -> list[Location]:
    """Filtered, sorted (power: strongest first) and cut as asked."""
    filters = Filters(reservable_only=arguments.reservable, operator=arguments.operator)
    found = sort_locations(
        apply(locations, filters), arguments.sort, reverse=arguments.sort == "power"
    )
    return found[: arguments.limit]


def cut_at(result: Result[SearchAnswer], query: SearchQuery) -> float | None:
    """How far (km) an answer reaches that holds only the nearest; None for one that is whole. Along
    a way the gaps tell it."""
    answer = result.value
    if query.is_way or len(answer.locations) + answer.skipped < query.limit:
        return None
    reach = max((one.distance_km or 0 for one in answer.locations), default=0)
    return float(reach) or query.radius_km


def as_document(
    result: Result[SearchAnswer], shown: Sequence[Location], query: SearchQuery
) -> JsonObject:
    """The stable document. `total` is the server's count, before anything was filtered here;
    `cut_at_km` is how far the nearest reach where only those were told and filtered."""
    found: JsonObject = {
        "origin": result.origin,
        "fetched_at": wire(result.fetched_at),
        "total": result.value.total,
        "results": [_location(location) for location in shown],
        "cpo_results": [_cpo(cpo) for cpo in result.value.cpo_results],
        "cut_at_km": cut_at(result, query),
    }
    if isinstance(result, Found) and result.gaps:
        found["gaps_km"] = [[round(end, 1) for end in gap] for gap in result.gaps]
    return found


def _location(location: Location) -> JsonObject:
    return {
        "location_id": location.location_id,
        "name": location.name,
        "distance_km": location.distance_km,
        "cpo_name": location.cpo_name,
        "cpo_party_id": location.cpo_party_id,
        "supports_reservation": location.supports_reservation,
        "evses_available": location.evses_available,
        "evses_total": location.evses_total or None,  # none listed is not none there
        "max_power_kw": location.max_power_kw,
        "connector_types": list(location.connector_types),
        "estimated_price": location.estimated_price,
        "evses": [_evse(evse) for evse in location.evses],
    }


def _evse(evse: Evse) -> JsonObject:
    return {
        "evse_uid": evse.evse_uid or None,
        "status": evse.status,
        "estimated_price": evse.estimated_price,
        "currency": evse.currency,
        "connectors": [
            {
                "id": connector.id,
                "standard": connector.standard,
                "format": connector.format,
                "power_type": connector.power_type,
                "power_kw": connector.power_kw,
            }
            for connector in evse.connectors
        ],
    }


def _cpo(cpo: CpoResult) -> dict[str, Any]:
    return {
        "cpo_party_id": cpo.cpo_party_id,
        "cpo_name": cpo.cpo_name,
        "count": cpo.count,
        "duration_ms": cpo.duration_ms,
        "error": cpo.error,
    }


def _print(
    result: Result[SearchAnswer], shown: Sequence[Location], label: str, query: SearchQuery
) -> None:
    answer = result.value
    of = formats.number(len(answer.locations))
    reach = cut_at(result, query)
    if reach is None:
        found = ngettext("{n} location", "{n} locations", len(answer.locations)).format(n=of)
    else:
        found = _("{n} nearest, out to {reach}").format(n=of, reach=formats.distance(reach))
    if len(shown) != len(answer.locations):
        found = _("{n} of {found}").format(n=formats.number(len(shown)), found=found)
    if answer.total is not None and answer.total > len(answer.locations):
        found += " " + _("({n} in all)").format(n=formats.number(answer.total))
    radius = formats.distance(query.radius_km)
    print(f"{label}, {radius}: {found}, {common.origin_of(result)}")
    if shown:
        table(_columns(), [_row(location) for location in shown])
    for cpo in answer.cpo_results:
        if cpo.error:
            name = cpo.cpo_name or cpo.cpo_party_id or formats.UNKNOWN
            complain(_("{name} did not answer: {error}").format(name=name, error=cpo.error))
    if isinstance(result, Found) and result.gaps:
        parts = ", ".join(f"{begin:.0f}–{end:.0f}" for begin, end in result.gaps)
        complain(_("not searched whole: km {parts}").format(parts=parts))
    if reach is not None:
        complain(_("there are more: only the nearest are here; a smaller --radius leaves none out"))
    if answer.skipped:
        complain(
            ngettext(
                "{n} location could not be read", "{n} locations could not be read", answer.skipped
            ).format(n=answer.skipped)
        )


def _columns() -> tuple[Column, ...]:
    return (
        Column(_("DISTANCE"), right=True),
        Column(_("NAME"), shrinks=True),
        Column(_("OPERATOR"), shrinks=True, drops=3),
        Column(_("PLUGS"), shrinks=True, drops=2),
        Column(_("POWER"), right=True),
        Column(_("FREE"), right=True),
        Column(_("ESTIMATE"), right=True),
        Column(_("RESERVE"), drops=1),
    )


def _row(location: Location) -> tuple[str, ...]:
    free, total = location.evses_available, location.evses_total
    words = {True: _("yes"), False: _("no"), None: formats.UNKNOWN}
    return (
        formats.distance(location.distance_km),
        location.name or formats.UNKNOWN,
        location.cpo_name or formats.UNKNOWN,
        ", ".join(map(formats.plug, location.connector_types)) or formats.UNKNOWN,
        formats.power(location.max_power_kw),
        f"{formats.UNKNOWN if free is None else free}/{total}" if total else formats.UNKNOWN,
        formats.money(location.estimated_price, location.currency),
        words[location.supports_reservation],
    )
