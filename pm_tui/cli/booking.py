"""`pm-tui booking ID`: one booking, once or until its operator has decided."""

from __future__ import annotations

from argparse import Namespace
from zoneinfo import ZoneInfo

from pm_tui import formats
from pm_tui.cli import common, exits
from pm_tui.cli.booking_text import as_facts, as_json, state
from pm_tui.cli.exits import CliError
from pm_tui.cli.output import document, facts, wire
from pm_tui.i18n import _
from pm_tui.models.booking import Booking
from pm_tui.models.result import Result
from pm_tui.services.session import Session


def run(arguments: Namespace) -> int:
    settings = common.settings_of(arguments)
    if arguments.watch and settings.offline:
        raise CliError(exits.USAGE, _("--watch needs the network; leave out --offline."))
    speak = arguments.watch and not arguments.json

    async def ask(session: Session) -> tuple[Result[Booking], ZoneInfo]:
        if arguments.watch:
            found = await _follow(session, arguments.id, settings.timezone, speak=speak)
        else:
            found = await session.booking(arguments.id)
        return found, await session.clock(found.value.location_id)

    result, zone = common.ask(settings, ask)
    common.tell_problem(result)
    if arguments.json:
        document(
            {
                "origin": result.origin,
                "fetched_at": wire(result.fetched_at),
                "booking": as_json(result.value),
            }
        )
    else:
        known = as_facts(result.value, zone, settings.timezone)
        facts([*known, (_("Source"), common.origin_of(result))])
    if arguments.watch and result.value.is_waiting:
        raise CliError(exits.OUTCOME_UNKNOWN, _("not decided yet; the booking still waits."))
    return exits.DONE


async def _follow(
    session: Session, booking_id: str, zone: ZoneInfo, *, speak: bool
) -> Result[Booking]:
    """The last state told; with `speak` a line for each change on the way."""
    last: Result[Booking] | None = None
    async for result in session.watch(booking_id):
        if speak and (last is None or result.value.status != last.value.status):
            moment = result.value.status_updated_at or result.fetched_at
            print(f"{formats.when(moment, zone)}  {state(result.value)}", flush=True)
        last = result
    if last is None:
        raise CliError(exits.OUTCOME_UNKNOWN, _("nothing was told of this booking."))
    await session.note_told([last.value])
    return last
