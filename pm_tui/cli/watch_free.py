"""`pm-tui watch-free`: wait until a charger is free."""

from __future__ import annotations

from argparse import Namespace
from datetime import UTC, datetime, timedelta

from pm_tui import formats
from pm_tui.cli import common, exits
from pm_tui.cli.asking import progress
from pm_tui.cli.exits import CliError
from pm_tui.cli.output import document, wire
from pm_tui.cli.search import plug_code
from pm_tui.config import ConfigError, Settings
from pm_tui.config.checks import span
from pm_tui.i18n import _, ngettext
from pm_tui.models.charger import Location
from pm_tui.models.text import visible_id
from pm_tui.services.free import FreeWatcher, Terms, Watch, Wish, can_be_watched, terms
from pm_tui.services.free_plan import LONGEST, MOST
from pm_tui.services.session import Session


class Teller:
    """The `Audience` of one watch: nobody is at a keyboard, but somebody waits."""

    def __init__(self) -> None:
        self.end: Watch | None = None

    def is_awake(self) -> bool:
        return True

    def watched(self) -> None:
        """Only the end is told."""

    def ended(self, watch: Watch) -> None:
        self.end = watch


def run(arguments: Namespace) -> int:
    settings = common.settings_of(arguments)
    if settings.offline:
        raise CliError(exits.USAGE, _("watching needs the network; leave out --offline."))
    agreed = agreed_on(arguments, settings, common.now())
    plug_code(arguments.connector)  # refused before anything is looked up
    watch = common.ask(settings, lambda session: _watch(session, arguments, agreed))
    if arguments.json:
        document(as_document(watch))
    if watch.free_at is None:
        raise CliError(exits.NOT_FREE, _not_free(watch))
    if not arguments.json:
        print(_free(watch, settings))
    return exits.DONE


def agreed_on(arguments: Namespace, settings: Settings, now: datetime) -> Terms:
    """How long and how often; `CliError` for what cannot be."""
    try:
        length = span(arguments.length, "--for")
        if not length:
            raise CliError(exits.USAGE, _("--for is no time at all; 10 min or 2 h would be one."))
        return terms(now, length, arguments.requests, settings.status_age)
    except ConfigError as wrong:
        raise CliError(exits.USAGE, str(wrong)) from None
    except ValueError:
        text = _("--for is at most {hours} h and --requests at most {n}.")
        hours = LONGEST // timedelta(hours=1)
        raise CliError(exits.USAGE, text.format(hours=hours, n=MOST)) from None


async def _watch(session: Session, arguments: Namespace, agreed: Terms) -> Watch:
    known = await session.locations([arguments.location_id])
    if arguments.location_id not in known:
        raise CliError(
            exits.NOT_FOUND, _("this location was never seen here; search for it first.")
        )
    wish = _wish(known[arguments.location_id].value, arguments)
    if not can_be_watched(wish):
        raise CliError(exits.NOT_FOUND, _("no such charging point is known at this location."))
    n = agreed.most
    text = ngettext(
        "at most {n} request, one every {gap}", "at most {n} requests, one every {gap}", n
    )
    progress(text.format(n=formats.number(n), gap=formats.age(agreed.gap)))
    teller = Teller()
    watcher = FreeWatcher(session, teller, lambda: datetime.now(UTC))
    watch = watcher.start(wish, agreed)
    await watcher.run()
    if watcher.problem is not None and (teller.end is None or teller.end.looked_at is None):
        raise watcher.problem  # nothing was ever told: that is why, not the charger
    return teller.end or watch


def _wish(location: Location, arguments: Namespace) -> Wish:
    return Wish(
        location,
        evse_uid=arguments.evse_uid,
        plug=plug_code(arguments.connector),
        power_kw=arguments.min_power,
    )


def as_document(watch: Watch) -> dict[str, object]:
    """The stable document. `evse_uid` is the point that was free at `free_at`."""
    return {
        "free": watch.free_at is not None,
        "location_id": watch.location.location_id,
        "evse_uid": watch.evse_uid or None,
        "free_at": wire(watch.free_at),
        "looked_at": wire(watch.looked_at),
        "requests": watch.spent,
    }


def _free(watch: Watch, settings: Settings) -> str:
    at = formats.when(watch.free_at, settings.timezone) if watch.free_at else formats.UNKNOWN
    what = visible_id(watch.evse_uid) if watch.evse_uid else formats.UNKNOWN
    return _("{what} was free at {time}").format(what=what, time=at)


def _not_free(watch: Watch) -> str:
    n = watch.spent
    if watch.looked_at is None:
        return _("nothing was told of it; the time or the requests are used up.")
    return ngettext("not free in {n} look.", "not free in {n} looks.", n).format(n=n)
