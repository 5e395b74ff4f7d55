"""`pm-tui home …`: home chargers, read. What changes something is in `home_change`."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from pm_tui import formats
from pm_tui.api.errors import ApiError
from pm_tui.cli import common, exits, home_arrival, home_change
from pm_tui.cli.bookings import edge
from pm_tui.cli.exits import CliError
from pm_tui.cli.output import Column, complain, document, facts, table, wire
from pm_tui.config import Settings
from pm_tui.i18n import _, ngettext
from pm_tui.models.home import Evse, NotAnId, StatusLog
from pm_tui.models.json import JsonObject
from pm_tui.models.result import Result
from pm_tui.models.text import visible_id
from pm_tui.services import home_words
from pm_tui.services.account import NothingRemembered
from pm_tui.services.home import MOST_LINES, Home, NoSuchName
from pm_tui.services.home_contact import Contact
from pm_tui.services.home_line import NoCredentials, how_to_set
from pm_tui.services.home_list import WHOLE, Listing
from pm_tui.services.home_reach import reach_of
from pm_tui.services.home_sort import arranged

T = TypeVar("T")


def run(arguments: Namespace) -> int:
    settings = common.settings_of(arguments)
    if settings.home.access is None:
        raise CliError(exits.UNAUTHORISED, how_to_set())
    verbs = {
        "list": _list,
        "show": _show,
        "log": _log,
        "decommission": home_change.decommission,
        "location": home_change.location,
        "onboard": home_change.onboard,
        "reconnect": home_change.reconnect,
        "import": home_arrival.take_on,
        "check": home_arrival.check,
        "waitlist": home_arrival.waitlist,
    }
    return verbs[arguments.action](arguments, settings)


def ask(settings: Settings, question: Callable[[Home], Awaitable[T]]) -> T:
    """Ask the side of home chargers. Raises `CliError` for what only it can say."""
    try:
        return common.ask(settings, lambda session: question(session.home))
    except NoCredentials as missing:
        raise CliError(exits.UNAUTHORISED, str(missing)) from None
    except NoSuchName as unknown:
        raise CliError(exits.NOT_FOUND, str(unknown)) from None
    except NotAnId as wrong:
        raise CliError(exits.USAGE, str(wrong)) from None


def _list(arguments: Namespace, settings: Settings) -> int:
    async def read(home: Home) -> Listing:
        listing = home.listing(arguments.user, tuple(arguments.expand or WHOLE))
        await listing.all()
        return listing

    listing = ask(settings, read)
    rows = listing.rows
    at = listing.fetched_at or common.now()
    origin: Result[None] = Result(None, "live" if listing.is_live else "cache", at, listing.problem)
    common.tell_problem(origin)
    if listing.skipped:
        complain(
            ngettext(
                "{n} charger could not be read", "{n} chargers could not be read", listing.skipped
            ).format(n=listing.skipped)
        )
    if arguments.json:
        evses = [row.value.raw for row in rows]
        document({"origin": origin.origin, "fetched_at": wire(at), "evses": evses})
        return exits.DONE
    found = ngettext("{n} home charger", "{n} home chargers", len(rows)).format(n=len(rows))
    print(f"{found}, {common.origin_of(origin)}")
    if rows:
        _print(rows, settings.home.reach)
    return exits.DONE


def _print(rows: list[Result[Evse]], threshold: timedelta) -> None:
    now = common.now()
    table(
        (
            Column(_("MODEL"), shrinks=True),
            Column(_("MAKE"), shrinks=True, drops=3),
            Column(_("USER"), shrinks=True),
            Column(_("STATE"), drops=1),
            Column(_("PLUGGED IN"), drops=4),
            Column(_("CHARGING")),
            Column(_("POWER"), right=True),
            Column(_("SAMPLE"), right=True, drops=5),
            Column(_("REACH"), drops=2),
            Column(_("ID")),
        ),
        [
            (*home_words.row(row.value, now, threshold), visible_id(row.value.id))
            for row in arranged(rows, "", "user", False, now, threshold)
        ],
    )


async def _read(
    home: Home, evse_id: str, offline: bool
) -> tuple[Result[Evse], Result[Contact] | None]:
    """The charger, and how it is reached as far as that can be had from the same place."""
    if not offline:
        for settled in await (await home.remover()).settle():
            complain(home_change.told(settled)[1])
    device = await home.device(evse_id)
    if device.origin != "live" and not offline:
        return device, None  # the server was waited for once
    try:
        return device, await home.contact(evse_id)
    except (NothingRemembered, ApiError):  # the charger itself is what was asked for
        return device, None


def _show(arguments: Namespace, settings: Settings) -> int:
    result, contact = ask(settings, lambda home: _read(home, arguments.id, settings.offline))
    common.tell_problem(result)
    evse, now = result.value, common.now()
    found = reach_of(evse, now, settings.home.reach)
    if arguments.json:
        seconds = None if found.age is None else int(found.age.total_seconds())
        document(
            {
                "origin": result.origin,
                "fetched_at": wire(result.fetched_at),
                "reachability": found.answer,
                "sample_age_seconds": seconds,
                "evse": evse.raw,
                **_contact(contact),
            }
        )
        return exits.DONE
    titles = (
        _("Model"),
        _("Make"),
        _("User"),
        _("State"),
        _("Plugged in"),
        _("Charging"),
        _("Power"),
        _("Last sample"),
        _("Reachability"),
    )
    pairs = list(zip(titles, home_words.row(evse, now, settings.home.reach), strict=True))
    pairs += [
        (_("Location"), home_words.place(evse.location)),
        *([] if contact is None else home_words.reached(contact.value)),
        (_("Id"), visible_id(evse.id)),
        (_("Source"), common.origin_of(result)),
    ]
    if contact is not None and contact.origin != result.origin:
        pairs.append((_("Connection"), common.origin_of(contact)))
    facts(pairs)
    return exits.DONE


def _contact(found: Result[Contact] | None) -> JsonObject:
    """With a time of its own: it may be remembered where the charger is live."""
    raw = {} if found is None else found.value.raw
    return {
        "connectivity": raw.get("connectivity"),
        "vpp_modes": raw.get("vpp_modes"),
        "connectivity_origin": None if found is None else found.origin,
        "connectivity_fetched_at": None if found is None else wire(found.fetched_at),
    }


def _log(arguments: Namespace, settings: Settings) -> int:
    now = common.now()
    since = edge(arguments.since, settings.timezone, end=False) or now - timedelta(days=1)
    result = ask(settings, lambda home: home.status_log(arguments.id, since, now))
    common.tell_problem(result)
    rows = result.value
    if len(rows) >= MOST_LINES:
        text = _("only the newest {n} samples; a later --since shows them all")
        complain(text.format(n=formats.number(len(rows))))
    if arguments.json:
        document(
            {
                "origin": result.origin,
                "fetched_at": wire(result.fetched_at),
                "evse_id": arguments.id,
                "since": wire(since),
                "until": wire(now),
                # what is remembered may have gaps
                "complete": result.origin == "live" and len(rows) < MOST_LINES,
                "status_logs": [row.raw for row in rows],
            }
        )
        return exits.DONE
    found = ngettext("{n} sample", "{n} samples", len(rows)).format(n=len(rows))
    print(f"{found}, {common.origin_of(result)}")
    if rows:
        columns = (
            Column(_("SAMPLED")),
            Column(_("PLUGGED IN")),
            Column(_("CHARGING")),
            Column(_("POWER"), right=True),
            Column(_("METER"), right=True, drops=1),
        )
        table(columns, [_line(row, settings) for row in rows])
    return exits.DONE


def _line(row: StatusLog, settings: Settings) -> tuple[str, ...]:
    at = None if row.sampled is None else row.sampled.at
    return (
        formats.when(at, settings.timezone, now=common.now()),
        home_words.yes(row.is_plugged_in),
        home_words.yes(row.is_charging),
        home_words.watts(row.charge_rate_watts),
        home_words.energy(row.meter_reading_watt_hours),
    )
