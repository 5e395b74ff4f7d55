"""`pm-tui fleet export`: the billing table of the fleet API, as it was sent."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from pm_tui.cli import common, exits
from pm_tui.cli.exits import CliError
from pm_tui.cli.report import day_given
from pm_tui.i18n import _
from pm_tui.services import fleet
from pm_tui.services.files import write_private


def run(arguments: Namespace) -> int:
    settings = common.settings_of(arguments)
    first, last = day_given("--from", arguments.start), day_given("--to", arguments.end)
    if first is None or last is None or last < first:
        raise CliError(exits.USAGE, _("The end must not be before the start."))
    try:
        body = common.ask(settings, lambda session: fleet.export(session, first, last))
    except ValueError as wrong:
        raise CliError(exits.USAGE, str(wrong)) from None
    write_private(Path(arguments.output).expanduser(), body)
    return exits.DONE
