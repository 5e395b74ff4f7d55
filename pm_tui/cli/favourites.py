"""`pm-tui favourites`: listed, exported, imported. Sends nothing."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pm_tui import formats
from pm_tui.cli import common, exits
from pm_tui.cli.exits import CliError
from pm_tui.cli.output import Column, complain, document, table, wire
from pm_tui.i18n import _
from pm_tui.services import favourites, favourites_file
from pm_tui.services.favourites import Charger, Kept, Search


def run(arguments: Namespace) -> int:
    settings = common.settings_of(arguments)
    if arguments.action == "list":
        kept = common.ask(settings, favourites.listed)
        return _list(kept, as_json=arguments.json)
    path = Path(arguments.file)
    if arguments.action == "export":
        count = common.ask(settings, lambda session: favourites_file.export(session, path))
        told: dict[str, Any] = {"exported": count}
        words = favourites_file.exported_words(count)
    else:
        try:
            merged = common.ask(settings, lambda session: favourites_file.merge(session, path))
        except favourites_file.NotFavourites as wrong:
            raise CliError(exits.USAGE, f"{path}: {wrong}") from None
        told, words = asdict(merged), favourites_file.merged_words(merged)
    if arguments.json:
        document(told)
    else:
        print(words)
    return exits.DONE


def _list(kept: Kept, *, as_json: bool) -> int:
    if as_json:
        document(
            {
                "chargers": [_charger(one) for one in kept.chargers],
                "searches": [_search(one) for one in kept.searches],
            }
        )
    elif kept.chargers or kept.searches:
        columns = (
            Column(_("KIND")),
            Column(_("NAME"), shrinks=True),
            Column(_("OPERATOR"), shrinks=True, drops=1),
            Column(_("CITY"), shrinks=True),
            Column(_("NOTE"), shrinks=True),
            Column(_("SEEN"), right=True),
            Column("ID", shrinks=True, drops=2),
        )
        table(columns, [*map(_charger_row, kept.chargers), *map(_search_row, kept.searches)])
    else:
        print(_("No favourites yet: the full screen keeps chargers (“Favourite”) and searches."))
    if kept.unread:
        complain(_("{n} not readable").format(n=kept.unread))
    return exits.DONE


def _charger(one: Charger) -> dict[str, Any]:
    location = one.location
    return {
        "location_id": one.id,
        "name": location.name,
        "cpo_name": location.cpo_name,
        "city": location.city,
        "note": one.note,
        "evses_available": location.evses_available,
        "evses_total": location.evses_total or None,
        "seen_at": wire(one.seen_at),
        "added_at": wire(one.added_at),
    }


def _search(one: Search) -> dict[str, Any]:
    return {
        "label": one.label,
        "note": one.note,
        "query": one.query.params(),
        "added_at": wire(one.added_at),
    }


def _charger_row(one: Charger) -> tuple[str, ...]:
    location, unknown = one.location, formats.UNKNOWN
    seen = unknown
    if one.seen_at is not None:
        seen = _("{age} ago").format(age=formats.age(common.now() - one.seen_at))
    return (
        _("charger"),
        location.name or unknown,
        location.cpo_name or unknown,
        location.city or unknown,
        one.note or unknown,
        seen,
        one.id,
    )


def _search_row(one: Search) -> tuple[str, ...]:
    unknown = formats.UNKNOWN
    radius = formats.distance(one.query.radius_km)
    name = f"{one.label}, {radius}" if one.label else radius
    return (_("search"), name, unknown, unknown, one.note or unknown, unknown, one.id)
