"""`pm-tui favourites`: listed, exported, imported. Sends nothing."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from pm_tui import formats
from pm_tui.cli import common, exits
from pm_tui.cli.exits import CliError
from pm_tui.cli.output import Column, complain, document, table, wire
from pm_tui.config import Settings
from pm_tui.i18n import _
from pm_tui.services import favourites, favourites_file
from pm_tui.services.favourites import Charger, FavouritesUnavailable, Kept, Search
from pm_tui.services.session import Session

T = TypeVar("T")


def run(arguments: Namespace) -> int:
    settings = common.settings_of(arguments)
    if arguments.action == "list":
        kept = _ask(settings, _listed)
        return _list(kept, as_json=arguments.json)
    path = Path(arguments.file)
    if arguments.action == "export":
        count = _ask(settings, lambda session: favourites_file.export(session, path))
        told: dict[str, Any] = {"exported": count}
        words = favourites_file.exported_words(count)
    else:
        try:
            merged = _ask(settings, lambda session: favourites_file.merge(session, path))
        except favourites_file.NotFavourites as wrong:
            raise CliError(exits.USAGE, f"{path}: {wrong}") from None
        told, words = asdict(merged), favourites_file.merged_words(merged)
    if arguments.json:
        document(told)
    else:
        print(words)
    return exits.DONE


def _ask(settings: Settings, question: Callable[[Session], Awaitable[T]]) -> T:
    """As `common.ask`; that favourites cannot be had is told once. Raises `CliError`."""

    async def asked(session: Session) -> T:
        try:
            return await question(session)
        except FavouritesUnavailable as problem:
            for notice in session.take_notices():
                if notice != str(problem):
                    complain(notice)
            raise CliError(exits.OTHER, str(problem)) from None

    return common.ask(settings, asked)


async def _listed(session: Session) -> Kept:
    """None is said only where there are none."""
    kept = await favourites.listed(session)
    if kept.problem:
        raise FavouritesUnavailable(kept.problem)
    return kept


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
