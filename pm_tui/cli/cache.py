"""`pm-tui cache`: what is remembered, how old, how big; and forgetting it. Sends nothing."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from pm_tui import formats
from pm_tui.cli import asking, common, exits
from pm_tui.cli.output import Column, complain, document, table, wire
from pm_tui.i18n import _
from pm_tui.services import remembered
from pm_tui.services.remembered import Forgotten, Shelf


def run(arguments: Namespace) -> int:
    settings = common.settings_of(arguments)
    if arguments.action == "info":
        return _info(asyncio.run(remembered.look(settings)), as_json=arguments.json)
    if arguments.action == "prune":
        span = timedelta(days=arguments.older_than)
        gone = common.ask(settings, lambda session: remembered.prune(session, span))
    else:
        question = _("Forget every search and every charger? Bookings and favourites stay.")
        if arguments.person:
            question += " " + _("How the full screen was left and drafts go as well.")
        # a script has to say it: unlike a booking it was not asked for by naming what goes
        if not arguments.yes and not asking.can_ask():
            raise exits.CliError(
                exits.USAGE, _("cache clear needs --yes where nobody can be asked")
            )
        asking.confirm(
            question, yes=arguments.yes, otherwise=_("not confirmed; nothing was forgotten.")
        )
        gone = common.ask(settings, remembered.clear)
        if arguments.person:
            remembered.forget_the_person(settings)
    return _forgotten(gone, as_json=arguments.json)


def _info(shelves: Sequence[Shelf], *, as_json: bool) -> int:
    if as_json:
        document({shelf.name: as_document(shelf) for shelf in shelves})
    else:
        now = common.now()
        rows = [
            (
                names()[shelf.name],
                formats.UNKNOWN if shelf.problem else formats.number(shelf.count),
                _ago(shelf.oldest, now),
                _ago(shelf.newest, now),
                size(shelf.size) if shelf.size else formats.UNKNOWN,
                str(shelf.path),
            )
            for shelf in shelves
        ]
        table(_columns(), rows)
    broken = [shelf for shelf in shelves if shelf.problem]
    told = dict.fromkeys(_why(shelf) for shelf in broken)  # two kinds may lie in one file
    for text in told:
        complain(text)
    return exits.OTHER if any(not _renews(shelf) for shelf in broken) else exits.DONE


def _renews(shelf: Shelf) -> bool:
    """Whether nothing is to be done: it is a copy of what the gateway has, and made anew."""
    return shelf.damaged and shelf.name not in ("favourites", "filters", "unfinished", "screen")


def _why(shelf: Shelf) -> str:
    if _renews(shelf):
        text = _("{path} is damaged ({reason}); its next use sets it aside and starts it anew.")
    elif shelf.damaged:
        text = _("{path} is damaged ({reason}); its next use keeps what of it can be read.")
    else:
        return f"{shelf.path}: {shelf.problem}"
    return text.format(path=shelf.path, reason=shelf.problem)


def as_document(shelf: Shelf) -> dict[str, object]:
    """The stable document of one kind; null is not known."""
    return {
        "count": None if shelf.problem else shelf.count,
        "oldest": wire(shelf.oldest),
        "newest": wire(shelf.newest),
        "bytes": shelf.size,
        "path": str(shelf.path),
    }


def names() -> dict[str, str]:
    return {
        "searches": _("Searches"),
        "bookings": _("Bookings"),
        "chargers": _("Chargers"),
        "areas": _("Searched areas"),
        "reports": _("Bookings for reports"),
        "favourites": _("Favourites"),
        "filters": _("Filter profiles"),
        "unfinished": _("Left unfinished"),
        "screen": _("Remembered on screen"),
    }


def _columns() -> tuple[Column, ...]:
    return (
        Column(_("KIND")),
        Column(_("COUNT"), right=True),
        Column(_("OLDEST"), right=True),
        Column(_("NEWEST"), right=True),
        Column(_("SIZE"), right=True),
        Column(_("WHERE"), shrinks=True),
    )


def _ago(at: datetime | None, now: datetime) -> str:
    return formats.UNKNOWN if at is None else _("{age} ago").format(age=formats.age(now - at))


def size(count: int) -> str:
    """Bytes for a person."""
    if count < 2**20:
        return f"{formats.number(count / 2**10, 0)} kB"
    return f"{formats.number(count / 2**20, 1)} MB"


def _forgotten(gone: Forgotten, *, as_json: bool) -> int:
    if as_json:
        document({"forgotten": asdict(gone)})
    else:
        print(
            _(
                "Forgotten: {searches} searches, {chargers} chargers, {areas} searched areas."
            ).format(
                searches=formats.number(gone.searches),
                chargers=formats.number(gone.chargers),
                areas=formats.number(gone.areas),
            )
        )
    return exits.DONE
