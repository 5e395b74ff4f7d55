"""`pm-tui recover`: find out what became of what was sent and not answered, without a screen."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from pm_tui import formats
from pm_tui.cli import common, exits
from pm_tui.cli.asking import progress
from pm_tui.cli.booking_text import as_json, state
from pm_tui.cli.exits import CliError
from pm_tui.cli.output import complain, document, wire
from pm_tui.i18n import _, ngettext
from pm_tui.models.booking import Booking
from pm_tui.models.json import JsonObject
from pm_tui.models.text import visible_id
from pm_tui.models.times import read_time
from pm_tui.services.book import JournalUnavailable
from pm_tui.services.rebook import interrupted
from pm_tui.services.session import Session
from pm_tui.services.settle import Settled, explain

if TYPE_CHECKING:
    from pm_tui.cache.intent import Intent


def run(arguments: Namespace) -> int:
    settings = common.settings_of(arguments)
    try:
        settled, moves = common.ask(settings, lambda session: recover(session, arguments.give_up))
    except JournalUnavailable as problem:
        raise CliError(exits.OTHER, str(problem)) from None
    if arguments.json:
        document({**as_document(settled), "rebookings": moves})
    else:
        _print(settled, settings.timezone)
        for old_id in map(visible_id, moves):
            text = _("the rebooking of {id} was interrupted; go on: pm-tui rebook {id}")
            print(text.format(id=old_id))
    if not settled.left:
        return exits.DONE
    count = len(settled.left)
    text = ngettext("{n} outcome is not known.", "{n} outcomes are not known.", count)
    complain(text.format(n=count))
    return exits.OUTCOME_UNKNOWN


async def recover(session: Session, given_up: list[str]) -> tuple[Settled, list[str]]:
    """Settle; then give up those that a person says did not happen and that were not found. With
    the bookings whose rebooking was interrupted: going on is for whoever wanted it."""
    unsettled = await session.unsettled()
    known = {intent.id for intent in unsettled}
    if strange := [one for one in given_up if one not in known]:
        text = _("{id} is not waiting for an outcome.").format(id=strange[0])
        raise CliError(exits.NOT_FOUND, text)
    if unsettled:
        progress(_("looking, which may take a minute …"))
    settled = await session.recover()
    for intent in [one for one in settled.left if one.id in given_up]:
        if await session.give_up(intent.id):
            settled.left.remove(intent)
            settled.refused.append(intent)
    return settled, await interrupted(session)


def as_document(settled: Settled) -> JsonObject:
    """`adopted` happened, `refused` surely did not, `left` nobody knows; `unaccounted` are
    bookings that a damaged journal does not explain."""
    return {
        "adopted": [
            {**_intent(intent), "booking": as_json(answer.value)}
            for intent, answer in settled.adopted
        ],
        "refused": [_intent(intent) for intent in settled.refused],
        "left": [{**_intent(one), "reason": explain(one)} for one in settled.left],
        "unaccounted": [as_json(booking) for booking in settled.unaccounted],
    }


def _intent(intent: Intent) -> JsonObject:
    return {
        "id": intent.id,
        "kind": intent.kind,
        "external_id": intent.external_id,
        "booking_id": intent.booking_id,
        "created_at": wire(intent.created_at),
        "request": intent.request,
    }


def _print(settled: Settled, zone: ZoneInfo) -> None:
    if not (settled.adopted or settled.refused or settled.left or settled.unaccounted):
        print(_("Nothing is open."))
    for intent, answer in settled.adopted:
        words = {"book": _("booked: {id} {status}"), "cancel": _("cancelled: {id} {status}")}
        told = state(answer.value)
        print(words[intent.kind].format(id=visible_id(answer.value.id), status=told))
    for intent in settled.refused:
        words = {"book": _("not booked: {name}"), "cancel": _("not cancelled: {name}")}
        print(words[intent.kind].format(name=_name(intent, zone)))
    for intent in settled.left:
        print(_("not known: {name}").format(name=_name(intent, zone)))
        print("  " + explain(intent))
        print("  " + _("If it did not happen: pm-tui recover --give-up {id}").format(id=intent.id))
    for booking in settled.unaccounted:
        print(_("not in the journal: {name}").format(name=_booking(booking, zone)))


def _name(intent: Intent, zone: ZoneInfo) -> str:
    if intent.kind == "cancel":
        return visible_id(intent.booking_id or "")
    start = formats.when(read_time(intent.request.get("reservation_start")), zone)
    evse = visible_id(str(intent.request.get("evse_uid", "")))
    return f"{intent.external_id} ({evse}, {start})"


def _booking(booking: Booking, zone: ZoneInfo) -> str:
    start = formats.when(booking.reservation_start, zone)
    return f"{visible_id(booking.id)} {state(booking)} {booking.external_id or ''} ({start})"
