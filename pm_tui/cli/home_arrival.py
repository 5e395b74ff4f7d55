"""`pm-tui home import`, `check` and `waitlist`: what ev.energy does not have yet."""

from __future__ import annotations

from argparse import Namespace

from pm_tui.cli import exits, home
from pm_tui.cli.exits import CliError
from pm_tui.cli.output import document, facts, wire
from pm_tui.config import Settings
from pm_tui.i18n import _
from pm_tui.models.text import clean, visible_id
from pm_tui.services import home_arrival


def take_on(arguments: Namespace, settings: Settings) -> int:
    """8 when nobody can say whether it came; `home list` tells."""
    given = arguments.provider, arguments.serial, arguments.user
    result = home.ask(settings, lambda side: home_arrival.take_on(side, *given))
    evse = result.value
    if arguments.json:
        document({"origin": result.origin, "fetched_at": wire(result.fetched_at), "evse": evse.raw})
    else:
        print(_("{id} was taken on.").format(id=visible_id(evse.id)))
    return exits.DONE


def waitlist(arguments: Namespace, settings: Settings) -> int:
    fields = _fields(arguments)
    entry = home.ask(settings, lambda side: home_arrival.join_waitlist(side, fields)).value
    if arguments.json:
        document({"id": entry})
    else:
        facts([(_("Entry in the waitlist"), visible_id(entry))])
    return exits.DONE


def check(arguments: Namespace, settings: Settings) -> int:
    """What it answers is shown name by name: the contract does not record it."""
    fields = _fields(arguments)
    answer = home.ask(settings, lambda side: home_arrival.check(side, fields)).value
    if arguments.json:
        document(answer)
    else:
        facts([(clean(name, 60), clean(_shown(value), 300)) for name, value in answer.items()])
    return exits.DONE


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return "" if value is None else str(value)


def _fields(arguments: Namespace) -> dict[str, str]:
    try:
        return home_arrival.fields_in(arguments.fields)
    except ValueError as wrong:
        raise CliError(exits.USAGE, str(wrong)) from None
