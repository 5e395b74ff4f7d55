"""`pm-tui rebook ID`: another time or point for a booking, never without one if avoidable."""

from __future__ import annotations

from argparse import Namespace
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from pm_tui import formats
from pm_tui.api.errors import ApiError
from pm_tui.cli import common, exits
from pm_tui.cli.asking import can_ask, confirm, progress
from pm_tui.cli.book import judge, window_of
from pm_tui.cli.booking_text import state
from pm_tui.cli.exits import CliError
from pm_tui.cli.output import complain, document
from pm_tui.config import Settings
from pm_tui.i18n import _
from pm_tui.models.booking import Booking
from pm_tui.models.request import problems
from pm_tui.models.text import visible_id
from pm_tui.services.book import JournalUnavailable
from pm_tui.services.rebook import (
    CannotRebook,
    Rebooked,
    Rebooking,
    Step,
    go_on,
    prepare,
    unfinished,
    wish_behind,
)
from pm_tui.services.rules import Draft, check
from pm_tui.services.session import NothingRemembered, Session


def run(arguments: Namespace) -> int:
    settings = common.settings_of(arguments)
    ended, new = common.ask(settings, lambda session: rebook(session, arguments, settings))
    if arguments.json:
        document(
            {
                "outcome": ended.outcome,
                "old_booking_id": arguments.id,
                "booking_id": ended.booking_id,
                "external_id": ended.external_id or None,
                "reason": ended.reason or None,
            }
        )
    elif ended.outcome == "rebooked":
        print(_("rebooked: {id} ({new})").format(id=visible_id(ended.booking_id or ""), new=new))
    code = code_of(ended)
    if ended.reason:
        later = " " + _("Go on later: pm-tui rebook {id}").format(id=visible_id(arguments.id))
        complain(ended.reason + (later if code == exits.OUTCOME_UNKNOWN else ""))
    return code


async def rebook(
    session: Session, arguments: Namespace, settings: Settings
) -> tuple[Rebooked, str]:
    """Go on with what was interrupted, else prepare, ask and carry out. With the new one in words,
    in the local time of the place."""
    result = await session.booking(arguments.id)
    if result.origin != "live":
        raise result.problem or NothingRemembered(_("Rebooking needs the network."))
    old = result.value
    try:
        # the gateway need not echo where a booking is (contract/agent-api.md §6)
        where = old.location_id or (await wish_behind(session, old)).location_id
        zone = await session.clock(where)
        rebooking = await unfinished(session, old)
        if rebooking is None:
            rebooking = await _prepared(session, old, arguments, zone)
        else:
            progress(_("going on with a rebooking that was interrupted …"))
    except (CannotRebook, JournalUnavailable) as problem:
        raise CliError(exits.OTHER, str(problem)) from None
    new = new_of(rebooking, zone, settings.timezone)
    question = question_of(rebooking, new)
    if rebooking.clash and not arguments.yes and not can_ask():
        raise CliError(exits.USAGE, question + " " + _("Say so with --yes."))
    confirm(question, yes=arguments.yes)
    seen: dict[str, Booking] = {}
    try:
        ended = await go_on(
            session,
            rebooking,
            lambda step: progress(_doing(step)),
            lambda result: seen.update({result.value.id: result.value}),
        )
        await session.note_told(seen.values())
        return ended, new
    except CannotRebook as problem:
        raise CliError(exits.OTHER, str(problem)) from None
    except (ApiError, JournalUnavailable) as problem:
        reason = exits.explain(problem)[1]
        lost = Rebooked("unknown", rebooking.request.external_id or "", None, reason, problem)
        return lost, new


async def _prepared(
    session: Session, old: Booking, arguments: Namespace, zone: ZoneInfo
) -> Rebooking:
    if arguments.start is None or arguments.end is None:
        raise CliError(exits.USAGE, _("--from and --to say the new time."))
    now = common.now()
    start, end = window_of(arguments, now, zone)
    evse_uid = arguments.evse or old.evse_uid or "?"
    draft = Draft(reservation_start=start, reservation_end=end, evse_uid=evse_uid)
    judge(check(draft, now), has_reference=False)
    try:
        return await prepare(session, old, start, end, arguments.evse)
    except ValidationError as error:
        wrong = "; ".join(f"{one.field}: {one.message}" for one in problems(error))
        raise CliError(exits.USAGE, wrong) from None


def new_of(rebooking: Rebooking, zone: ZoneInfo, viewer: ZoneInfo) -> str:
    """The new point and time; in the charger's `zone`, the viewer's beside it where it differs."""
    wish = rebooking.request
    return _("{evse}, {start} to {end}").format(
        evse=visible_id(wish.evse_uid),
        start=formats.when(wish.reservation_start, zone, viewer),
        end=formats.when(wish.reservation_end, zone, viewer),
    )


def question_of(rebooking: Rebooking, new: str) -> str:
    """What will happen in which order, and what that risks."""
    old = rebooking.old
    if not rebooking.clash:
        text = _("Book {new} first and, when it is confirmed, cancel {old} ({status})?")
    else:
        text = _(
            "The new time overlaps the old one at the same point, so {old} ({status}) has to be "
            "cancelled first. Somebody may take the point in between, and cancelling may cost a "
            "fee. If the new one is refused, the old time is booked again where possible. Cancel "
            "{old} and book {new}?"
        )
    return text.format(new=new, old=visible_id(old.id), status=state(old))


def _doing(step: Step) -> str:
    words = {
        "settle": _("looking up what became of what was sent, which may take a minute …"),
        "book": _("booking the new one …"),
        "wait": _("waiting for its operator …"),
        "cancel": _("cancelling the old one …"),
        "restore": _("booking the old time again …"),
    }
    return words[step]


def code_of(ended: Rebooked) -> int:
    if ended.outcome == "rebooked":
        return exits.DONE
    if ended.outcome in ("waiting", "unknown"):
        return exits.OUTCOME_UNKNOWN
    return exits.explain(ended.problem)[0] if ended.problem else exits.OTHER
