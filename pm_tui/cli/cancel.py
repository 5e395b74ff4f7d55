"""`pm-tui cancel ID`: cancel a booking once, after saying what that may cost."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

from pm_tui.api.errors import ApiError, OutcomeUnknown
from pm_tui.cli import common, exits
from pm_tui.cli.asking import confirm
from pm_tui.cli.booking_text import as_facts, as_json, state
from pm_tui.cli.output import complain, document, facts
from pm_tui.i18n import _
from pm_tui.models.booking import Booking
from pm_tui.models.text import visible_id
from pm_tui.services.book import JournalUnavailable
from pm_tui.services.session import NothingRemembered, Session


@dataclass(frozen=True, slots=True)
class Cancelled:
    """How it ended; `booking` is the last that is known of it."""

    outcome: Literal["cancelled", "refused", "unknown"]
    booking: Booking | None = None
    code: int = exits.DONE
    reason: str = ""


def run(arguments: Namespace) -> int:
    settings = common.settings_of(arguments)

    async def ask(session: Session) -> tuple[Cancelled, ZoneInfo]:
        ended = await cancel(session, arguments)
        return ended, await session.clock(ended.booking.location_id if ended.booking else None)

    ended, zone = common.ask(settings, ask)
    if arguments.json:
        document(
            {
                "outcome": ended.outcome,
                "booking": as_json(ended.booking) if ended.booking else None,
                "reason": ended.reason or None,
            }
        )
    elif ended.booking is not None and ended.outcome == "cancelled":
        facts(as_facts(ended.booking, zone, settings.timezone))
    if ended.reason:
        complain(ended.reason)
    return ended.code


async def cancel(session: Session, arguments: Namespace) -> Cancelled:
    """Read, ask, send once. Whether it costs is decided by the state just before."""
    try:
        current = await session.booking(arguments.id)
    except ApiError as problem:
        return Cancelled("refused", None, *exits.explain(problem))
    booking = current.value
    if current.origin != "live":
        problem_now = current.problem or NothingRemembered(_("Cancelling needs the network."))
        return Cancelled("refused", booking, *exits.explain(problem_now))
    if booking.status.upper() == "CANCELLED":
        return Cancelled("cancelled", booking)
    if booking.cancel_terms == "impossible":
        text = _("This booking is {status}: nothing to cancel.").format(status=state(booking))
        return Cancelled("refused", booking, exits.OTHER, text)
    confirm(question_of(booking), yes=arguments.yes)
    try:
        done = await session.cancel(booking.id, arguments.reason)
    except OutcomeUnknown as problem:
        text = _("we do not know yet whether it was cancelled: {reason} Then: pm-tui recover")
        text = text.format(reason=exits.explain(problem)[1])
        return Cancelled("unknown", booking, exits.OUTCOME_UNKNOWN, text)
    except ApiError as problem:
        return Cancelled("refused", booking, *exits.explain(problem))
    except JournalUnavailable as problem:
        return Cancelled("refused", booking, exits.OTHER, str(problem))
    return Cancelled("cancelled", done.value)


def question_of(booking: Booking) -> str:
    terms = {
        "free": _("Cancel {id} ({status})? This is free of charge."),
        "fee possible": _("Cancel {id} ({status})? The operator may charge a fee."),
    }
    text = terms.get(booking.cancel_terms, _("Cancel {id} ({status})? It may cost a fee."))
    return text.format(id=visible_id(booking.id), status=state(booking))
