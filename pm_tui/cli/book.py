"""`pm-tui book`: one booking, sent once, and the truth about how it ended."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from pm_tui import formats
from pm_tui.api.errors import ApiError
from pm_tui.cli import common, exits
from pm_tui.cli.asking import confirm, progress
from pm_tui.cli.booking_text import as_facts, as_json, state
from pm_tui.cli.exits import CliError
from pm_tui.cli.output import complain, document, facts
from pm_tui.config import Settings
from pm_tui.i18n import _
from pm_tui.models.booking import Booking
from pm_tui.models.json import JsonObject
from pm_tui.models.request import BookingRequest, problems
from pm_tui.models.text import visible_id
from pm_tui.services.book import Ended, JournalUnavailable
from pm_tui.services.rules import Draft, Finding, check
from pm_tui.services.session import NothingRemembered, Session
from pm_tui.services.when import parse_when

PAYERS = ("customer_id", "token_id", "fleet_group_id", "token_uid")


def run(arguments: Namespace) -> int:
    settings = common.settings_of(arguments)
    alone = [arguments.location_id, arguments.evse_uid, arguments.start, arguments.end]
    if arguments.batch is not None:
        from pm_tui.cli import batch  # a booking of its own does not need it

        if any(alone):
            raise CliError(exits.USAGE, _("--batch takes everything from its table."))
        return batch.run(arguments, settings)
    if not all(alone):
        text = _("LOCATION_ID, EVSE_UID, --from and --to are needed (or --batch FILE).")
        raise CliError(exits.USAGE, text)
    ended, zone = common.ask(settings, lambda session: book(session, arguments, settings))
    code, reason = verdict(ended, waited=arguments.wait)
    if arguments.json:
        document(as_document(ended, reason))
    elif ended.answer is not None:
        facts(as_facts(ended.answer.value, zone, settings.timezone))
    if reason:
        complain(reason)
    return code


async def book(
    session: Session, arguments: Namespace, settings: Settings
) -> tuple[Ended, ZoneInfo]:
    """Check, ask and send; with the zone of the charger, whose local times are meant."""
    zone = await session.clock(arguments.location_id)
    request = request_of(arguments, zone)
    confirm(question_of(request, zone, settings.timezone), yes=arguments.yes)
    return await send(session, request, wait=arguments.wait), zone


def window_of(arguments: Namespace, now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """`--from` and `--to` as the charger's local times (`zone`). Raises `CliError`, also for an
    hour that a change of its clocks skips, or gives twice."""
    try:
        start = parse_when(arguments.start, now=now, zone=zone)
        return start, parse_when(arguments.end, now=now, zone=zone, base=start)
    except ValueError as error:  # WhenError is one as well
        raise CliError(exits.USAGE, str(error)) from None


def request_of(arguments: Namespace, zone: ZoneInfo) -> BookingRequest:
    """The request that the options describe, with every rule checked. Raises `CliError`."""
    now = common.now()
    start, end = window_of(arguments, now, zone)
    payer = {name: getattr(arguments, name) for name in PAYERS if getattr(arguments, name)}
    draft = Draft(
        reservation_start=start,
        reservation_end=end,
        evse_uid=arguments.evse_uid,
        token_strategy=arguments.strategy,
        external_id=arguments.external_id,
        **payer,
    )
    judge(check(draft, now), has_reference=bool(arguments.external_id))
    try:
        return BookingRequest(
            location_id=arguments.location_id,
            evse_uid=arguments.evse_uid,
            reservation_start=start,
            reservation_end=end,
            connector_id=arguments.connector_id,
            external_id=arguments.external_id or None,
            token_strategy=arguments.strategy,
            **payer,
        )
    except ValidationError as error:
        wrong = "; ".join(f"{one.field}: {one.message}" for one in problems(error))
        raise CliError(exits.USAGE, wrong) from None


def judge(findings: list[Finding], *, has_reference: bool) -> None:
    """Say what is worth a second look; raises `CliError` for what cannot be sent."""
    errors = [one for one in findings if one.severity == "error"]
    if errors:
        text = "; ".join(f"{one.field}: {one.text}" for one in errors)
        raise CliError(exits.USAGE, text)
    for one in findings:
        # nobody has just searched here, so nothing is known of the point; a reference is made
        if one.field != "evse_uid" and (one.field != "external_id" or has_reference):
            complain(f"{one.field}: {one.text}")


def question_of(request: BookingRequest, zone: ZoneInfo, viewer: ZoneInfo) -> str:
    start, end = request.reservation_start, request.reservation_end
    return _("Book {evse} from {start} to {end} ({length})?").format(
        evse=visible_id(request.evse_uid),
        start=formats.when(start, zone, viewer),
        end=formats.when(end, zone, viewer),
        length=formats.duration(end - start),
    )


async def send(session: Session, request: BookingRequest, *, wait: bool) -> Ended:
    """Send it; with `wait`, an unknown is settled and a booking followed until it is decided."""
    try:
        ended = await session.book(request)
    except JournalUnavailable as problem:
        return Ended("refused", request.external_id or "", reason=str(problem), problem=problem)
    except ApiError as problem:
        reason = exits.explain(problem)[1]
        return Ended("refused", request.external_id or "", reason=reason, problem=problem)
    if not wait:
        return ended
    try:
        if ended.kind == "unknown":
            ended = await settled(session, ended)
        if ended.answer is not None:
            async for result in session.watch(ended.answer.value.id):
                ended = replace(ended, answer=replace(ended.answer, value=result.value))
                await session.note_told([result.value])
    except (ApiError, NothingRemembered, JournalUnavailable) as problem:
        complain(exits.explain(problem)[1])  # what is known of the booking stands
    return ended


async def settled(session: Session, ended: Ended) -> Ended:
    """How it stands after two looks with the grace time between."""
    progress(_("no answer; looking for the booking for about a minute …"))
    found = await session.recover()
    for intent, answer in found.adopted:
        if intent.id == ended.intent_id:
            return replace(ended, kind="booked", answer=answer, reason="", problem=None)
    return ended


def verdict(ended: Ended, *, waited: bool) -> tuple[int, str]:
    """The exit code and the line for stderr (empty: nothing to add)."""
    if ended.kind == "unknown":
        text = _("we do not know yet whether it was booked: {reason} Then: pm-tui recover")
        return exits.OUTCOME_UNKNOWN, text.format(reason=ended.reason)
    if ended.kind == "refused":
        code = exits.explain(ended.problem)[0] if ended.problem else exits.OTHER
        return code, ended.reason
    if not waited or ended.answer is None:
        return exits.DONE, ""
    booking = ended.answer.value
    if booking.status.upper() in ("CANCELLED", "EXPIRED", "NO_SHOW"):
        return exits.OTHER, _("the operator did not agree: {status}.").format(status=state(booking))
    if booking.is_waiting:
        return exits.OUTCOME_UNKNOWN, _("not decided yet; the booking still waits.")
    return exits.DONE, ""


def as_document(ended: Ended, reason: str) -> JsonObject:
    """The stable document. A booking that its operator turned down after all is *refused*."""
    booking: Booking | None = ended.answer.value if ended.answer else None
    lost = booking is not None and booking.status.upper() in ("CANCELLED", "EXPIRED", "NO_SHOW")
    return {
        "outcome": "refused" if lost else ended.kind,
        "booking": as_json(booking) if booking else None,
        "external_id": ended.external_id or None,
        "reason": reason or None,
    }
