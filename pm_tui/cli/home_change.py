"""`pm-tui home decommission`, `location`, `onboard` and `reconnect`."""

from __future__ import annotations

import sys
from argparse import Namespace

from pm_tui.api.errors import ApiError
from pm_tui.cli import exits, home
from pm_tui.cli.asking import can_ask
from pm_tui.cli.exits import CliError
from pm_tui.cli.output import complain, document, facts, wire
from pm_tui.config import Settings
from pm_tui.i18n import _
from pm_tui.models.text import clean, visible_id
from pm_tui.services import home_words
from pm_tui.services.home import Home
from pm_tui.services.home_deeds import (
    DeedsUnavailable,
    NotConfirmed,
    Removed,
    warning,
    what_to_type,
)


def decommission(arguments: Namespace, settings: Settings) -> int:
    """0 when it is gone, 8 when nobody can say yet."""
    if arguments.confirm is None and not can_ask():
        raise CliError(exits.USAGE, _("--confirm TEXT is needed; nothing was sent."))

    async def remove(side: Home) -> Removed:
        remover = await side.remover()
        for settled in await remover.settle():
            if settled.evse_id == arguments.id and settled.kind == "gone":
                return settled  # by the earlier call whose answer was lost
        evse = (await remover.look(arguments.id)).value
        if caution := warning(evse):
            complain(caution)
        typed = arguments.confirm
        if typed is None:
            typed = _typed(home_words.name(evse), what_to_type(evse))
        return await remover.remove(arguments.id, typed)

    try:
        removed = home.ask(settings, remove)
    except NotConfirmed as refused:
        raise CliError(exits.USAGE, str(refused)) from None
    except DeedsUnavailable as problem:
        raise CliError(exits.OTHER, str(problem)) from None
    code, text = told(removed)
    if arguments.json:
        document(
            {
                "result": removed.kind,
                "evse_id": removed.evse_id,
                "already": removed.already,
                "reason": removed.reason or None,
            }
        )
    elif removed.kind == "gone":
        print(text)
    if removed.kind != "gone":
        complain(text)
    return code


def _typed(name: str, wanted: str) -> str:
    question = _("Take {name} off for good? Type {wanted}:").format(name=name, wanted=wanted)
    print(clean(question, 500), end=" ", file=sys.stderr, flush=True)
    return sys.stdin.readline()


def told(removed: Removed) -> tuple[int, str]:
    """The exit code of an outcome and what to say of it."""
    shown = visible_id(removed.evse_id)
    if removed.kind == "gone":
        text = _("{id} was decommissioned before.") if removed.already else _("{id} is off.")
        return exits.DONE, text.format(id=shown)
    if removed.kind == "unknown":
        then = _("Then: pm-tui home show {id}").format(id=shown)
        return exits.OUTCOME_UNKNOWN, f"{removed.reason} {then}"
    code = exits.OTHER
    if isinstance(removed.problem, ApiError):
        code = exits.explain(removed.problem)[0]
    return code, removed.reason


def location(arguments: Namespace, settings: Settings) -> int:
    try:
        place = None if arguments.clear else home_words.place_in(arguments.place)
    except ValueError as wrong:
        raise CliError(exits.USAGE, str(wrong)) from None
    result = home.ask(settings, lambda side: side.set_location(arguments.id, place))
    if arguments.json:
        document(
            {
                "origin": result.origin,
                "fetched_at": wire(result.fetched_at),
                "evse_id": result.value.id,
                "location": result.value.raw.get("location"),
            }
        )
    else:
        print(f"{visible_id(result.value.id)}: {home_words.placed(place, result.value)}")
    return exits.DONE


def onboard(arguments: Namespace, settings: Settings) -> int:
    found = home.ask(settings, lambda side: side.onboarding(arguments.make, arguments.user))
    if arguments.json:
        document({"url": found.url, "what": found.what, "user": found.user})
    else:
        facts([(_("For"), found.user), (_("Charger"), found.what), (_("Link"), found.url)])
    return exits.DONE


def reconnect(arguments: Namespace, settings: Settings) -> int:
    url = home.ask(settings, lambda side: side.reconnect(arguments.id))
    if arguments.json:
        document({"url": url, "evse_id": arguments.id})
    else:
        facts([(_("Charger"), visible_id(arguments.id)), (_("Link"), url)])
    return exits.DONE
