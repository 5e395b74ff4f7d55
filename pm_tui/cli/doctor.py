"""`pm-tui doctor`: what runs where, and what is wrong with it. Never the key."""

from __future__ import annotations

import asyncio
from argparse import Namespace

from pm_tui import formats
from pm_tui.cli import common, config_keys, exits
from pm_tui.cli.output import complain, document, facts, wire
from pm_tui.config import Settings
from pm_tui.i18n import _
from pm_tui.models.json import JsonObject
from pm_tui.models.usage import Usage
from pm_tui.services.checkup import Checkup, Where, examine
from pm_tui.services.session import Session


def run(arguments: Namespace) -> int:
    settings = common.settings_of(arguments)
    checkup = asyncio.run(_examine(settings))
    checkup.wrong += filter(None, [config_keys.wrong_theme(settings)])
    if arguments.json:
        document(as_document(checkup))
    else:
        facts([(name, text) for name, text in as_facts(checkup) if text])
    for problem in dict.fromkeys(checkup.wrong):
        complain(problem)
    return exits.OTHER if checkup.wrong else exits.DONE


async def _examine(settings: Settings) -> Checkup:
    """Not by `common.ask`: a session whose stores cannot be opened is what this is for."""
    session = Session.open(settings)
    try:
        return await examine(session)
    finally:
        for notice in session.take_notices():
            complain(notice)
        await session.close()


def as_document(checkup: Checkup) -> JsonObject:
    """The stable document; null is not known."""
    ahead = checkup.clock_ahead
    usage = checkup.usage or Usage()
    return {
        "ok": not checkup.wrong,
        "wrong": checkup.wrong,
        "versions": checkup.versions,
        "cache_journal_mode": checkup.journal_mode,
        "key": checkup.key,
        "places": {
            name: {"path": str(place.path), "mode": place.mode}
            for name, place in checkup.places.items()
        },
        "crash_reports": [str(path) for path in checkup.crashes],
        "clock_ahead_seconds": None if ahead is None else ahead.total_seconds(),
        "open_intents": [
            {
                "id": intent.id,
                "kind": intent.kind,
                "external_id": intent.external_id,
                "booking_id": intent.booking_id,
                "created_at": wire(intent.created_at),
            }
            for intent in checkup.open_intents
        ],
        "open_decommissions": [
            {"evse_id": deed.device, "model": deed.label, "created_at": wire(deed.created_at)}
            for deed in checkup.open_deeds
        ],
        "monthly_quota": {
            "limit": usage.month_limit,
            "used": usage.month_used,
            "remaining": usage.month_remaining,
        },
    }


def as_facts(checkup: Checkup) -> list[tuple[str, str]]:
    """Name and value, an empty value where nothing is known."""
    ahead, usage = checkup.clock_ahead, checkup.usage
    rows = [(name, version) for name, version in checkup.versions.items()]
    rows.append((_("Journal mode of caches"), checkup.journal_mode))
    rows.append((_("API key"), checkup.key or ""))
    titles = {
        "key": _("Key file"),
        "config": _("Configuration"),
        "cache": _("Cache"),
        "state": _("State"),
        "journal": _("Booking journal"),
    }
    rows += [(titles[name], _place(place)) for name, place in checkup.places.items()]
    rows += [(_("Crash report"), str(path)) for path in checkup.crashes]
    if ahead is not None:
        rows.append((_("Gateway's clock"), clock_words(round(ahead.total_seconds()))))
    rows.append((_("Open outcomes"), formats.number(len(checkup.open_intents))))
    if checkup.open_deeds:
        n = formats.number(len(checkup.open_deeds))
        rows.append((_("Home chargers, outcome open"), n))
    if usage is not None:
        used, limit = formats.number(usage.month_used), formats.number(usage.month_limit)
        rows.append((_("Used this month"), _("{part} of {whole}").format(part=used, whole=limit)))
    return rows


def _place(place: Where) -> str:
    return f"{place.path}  ({place.mode or _('not there yet')})"


def clock_words(ahead: int) -> str:
    """How many seconds the gateway's clock is ahead of ours, or behind it (below 0)."""
    text = _("{n} s ahead of ours") if ahead >= 0 else _("{n} s behind ours")
    return text.format(n=formats.number(abs(ahead)))
