"""`pm-tui ics`: bookings as a calendar file."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

from pm_tui.cli import common, exits
from pm_tui.cli.exits import CliError
from pm_tui.cli.output import complain
from pm_tui.i18n import _
from pm_tui.models.booking import Booking
from pm_tui.models.result import Result
from pm_tui.services import calendar_file
from pm_tui.services.files import write_private
from pm_tui.services.session import Session


def run(arguments: Namespace) -> int:
    if bool(arguments.ids) == arguments.all:
        raise CliError(exits.USAGE, _("ids of bookings are needed, or --all."))
    settings = common.settings_of(arguments)

    async def make(session: Session) -> tuple[Result[list[Booking]], bytes]:
        chosen = await calendar_file.choose(session, arguments.ids)
        return chosen, await calendar_file.calendar(session, chosen.value)

    chosen, body = common.ask(settings, make)
    common.tell_problem(chosen)
    if left := calendar_file.skipped_words(chosen.value):
        complain(left)
    if not calendar_file.drawable(chosen.value):
        raise CliError(exits.NOT_FOUND, _("there is no booking with a time: nothing was written."))
    if arguments.output is not None:
        write_private(Path(arguments.output).expanduser(), body)
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(body)
    return exits.DONE
