"""`pm-tui usage`: what is left of the minute and of the month."""

from __future__ import annotations

from argparse import Namespace

from pm_tui import formats
from pm_tui.cli import common, exits
from pm_tui.cli.output import document, facts, wire
from pm_tui.i18n import _


def run(arguments: Namespace) -> int:
    settings = common.settings_of(arguments)
    result = common.ask(settings, lambda session: session.usage())
    usage = result.value
    if arguments.json:
        document(
            {
                "origin": result.origin,
                "fetched_at": wire(result.fetched_at),
                "rate_limit": {
                    "limit": usage.minute_limit,
                    "remaining": usage.minute_remaining,
                    "reset_at": wire(usage.minute_reset_at),
                },
                "monthly_quota": {
                    "limit": usage.month_limit,
                    "used": usage.month_used,
                    "remaining": usage.month_remaining,
                    "resets_at": wire(usage.month_resets_at),
                },
            }
        )
        return exits.DONE
    zone = settings.timezone
    rows = [
        (_("Left this minute"), _of(usage.minute_remaining, usage.minute_limit)),
        (_("Minute ends"), formats.when(usage.minute_reset_at, zone, now=common.now())),
        (_("Used this month"), _of(usage.month_used, usage.month_limit)),
        (_("Left this month"), formats.number(usage.month_remaining)),
        (_("Month ends"), formats.when(usage.month_resets_at, zone, now=common.now())),
    ]
    facts(rows)
    return exits.DONE


def _of(part: int | None, whole: int | None) -> str:
    return _("{part} of {whole}").format(part=formats.number(part), whole=formats.number(whole))
