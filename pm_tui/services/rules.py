"""The rules of a booking, checked while it is typed and before anything is sent.

The server decides; these checks spare a person the round trip and say which sort of no it is.
An error keeps the booking from being sent, a warning does not (`contract/agent-api.md §4, §5,
§13`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, get_args

from pm_tui import formats
from pm_tui.i18n import _
from pm_tui.services import caps
from pm_tui.services.references import LONGEST
from pm_tui.services.when import full_minute, later

if TYPE_CHECKING:
    from pm_tui.models.request import BookingRequest
    from pm_tui.models.result import Result
    from pm_tui.services.caps import Budgets

Field = Literal[
    "evse_uid",
    "reservation_start",
    "reservation_end",
    "token_strategy",
    "customer_id",
    "token_id",
    "fleet_group_id",
    "token_uid",
    "external_id",
]
FIELDS: tuple[Field, ...] = get_args(Field)
Severity = Literal["error", "warning"]
Estimate = tuple[Decimal | None, str | None]

LEAD = timedelta(minutes=15)
MARGIN = timedelta(seconds=30)  # the request travels, and two clocks never quite agree (U19)
USUAL_LONGEST = timedelta(hours=4)
VERY_LONG = timedelta(hours=24)

STRATEGY_FIELDS: dict[str, tuple[Field, ...]] = {
    "driver_token": ("customer_id", "token_id"),
    "group_token": ("fleet_group_id",),
    "ad_hoc": (),
    "pipelet": ("token_uid",),
}
"""The fields of each token strategy; one of them is needed (`contract/agent-api.md §5`)."""

IDENTITY_FIELDS: tuple[Field, ...] = ("customer_id", "token_id", "fleet_group_id", "token_uid")

_TOKEN_UID = re.compile(r"(?:[0-9A-Fa-f]{8}|[0-9A-Fa-f]{14}|[0-9A-Fa-f]{20})")
_REFERENCE = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Draft:
    """A booking as far as it is typed; the names are those of the request's fields.

    None and empty text both mean not given. `evse_status` and `supports_reservation` are what
    the last search said, None when it did not say.
    """

    reservation_start: datetime | None = None
    reservation_end: datetime | None = None
    evse_uid: str | None = None
    evse_status: str | None = None
    supports_reservation: bool | None = None
    token_strategy: str | None = None
    customer_id: str | None = None
    token_id: str | None = None
    fleet_group_id: str | None = None
    token_uid: str | None = None
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong (`error`) or worth a second look (`warning`) with one field."""

    field: Field
    severity: Severity
    text: str


def check(
    draft: Draft,
    now: datetime,
    budgets: Result[Budgets] | None = None,
    price: Estimate = (None, None),
) -> list[Finding]:
    """All that can be said about `draft` at `now` (by the server's clock), in field order. Where
    there are budgets, whether `price` (and its currency), its estimate, is left of them."""
    return [
        *_charger(draft),
        *_window(draft, now),
        *_token(draft),
        *_reference(draft),
        *([] if budgets is None else _budgets(draft, now, budgets, price)),
    ]


def request_of(
    draft: Draft, location_id: str, connector_id: str | None
) -> BookingRequest | list[Finding]:
    """The strict request; or what it still refuses where the rules found nothing."""
    from pydantic import ValidationError

    from pm_tui.models.request import BookingRequest, problems

    try:
        return BookingRequest.model_validate(
            {
                "location_id": location_id,
                "connector_id": connector_id,
                "evse_uid": draft.evse_uid,
                "reservation_start": draft.reservation_start,
                "reservation_end": draft.reservation_end,
                "external_id": draft.external_id,
                "token_strategy": draft.token_strategy,
                **{field: getattr(draft, field) for field in IDENTITY_FIELDS},
            }
        )
    except ValidationError as error:
        return [
            Finding(next((f for f in FIELDS if f == one.field), "evse_uid"), "error", one.message)
            for one in problems(error)
        ]


def earliest_start(now: datetime) -> datetime:
    """The first full minute at which a reservation may start, in the zone of `now`."""
    return full_minute(later(now, LEAD + MARGIN))


def _charger(draft: Draft) -> Iterator[Finding]:
    if not draft.evse_uid:
        yield Finding("evse_uid", "error", _("Choose a charging point (EVSE)."))
        return
    if draft.supports_reservation is False:
        text = _("This location can be searched, but its operator takes no reservations.")
        yield Finding("evse_uid", "error", text)
    elif draft.supports_reservation is None:
        text = _("The operator does not say whether this location can be reserved.")
        yield Finding("evse_uid", "warning", text)
    status = (draft.evse_status or "UNKNOWN").upper()
    if status == "AVAILABLE":
        return
    if status == "UNKNOWN":
        text = _("The state of this charging point is not known; only an available one is booked.")
        yield Finding("evse_uid", "warning", text)
        return
    # what is busy now may well be free in the window: the gateway asks for AVAILABLE (contract §3)
    # and decides; a status is also older than the form
    passing = {
        "CHARGING": _("A vehicle is charging here now: the operator may refuse."),
        "RESERVED": _("This charging point is reserved now: the operator may refuse."),
        "BLOCKED": _("Blocked now, perhaps by a parked vehicle: the operator may refuse."),
    }
    if status in passing:
        yield Finding("evse_uid", "warning", passing[status])
        return
    reasons = {
        "INOPERATIVE": _("This charging point does not work at present."),
        "OUTOFORDER": _("This charging point is out of order."),
        "PLANNED": _("This charging point is planned and not built yet."),
        "REMOVED": _("This charging point has been removed."),
    }
    fallback = _("This charging point is {status}; only an available one can be booked.")
    text = reasons.get(status) or fallback.format(status=draft.evse_status)
    yield Finding("evse_uid", "error", text)


def _window(draft: Draft, now: datetime) -> Iterator[Finding]:
    start, end = draft.reservation_start, draft.reservation_end
    if start is None:
        yield Finding("reservation_start", "error", _("Give a start."))
    elif start.astimezone(UTC) <= now.astimezone(UTC):
        yield Finding("reservation_start", "error", _("The start has passed."))
    elif start.astimezone(UTC) < now.astimezone(UTC) + LEAD + MARGIN:
        first = earliest_start(now).astimezone(start.tzinfo)
        text = _("A reservation starts at least 15 minutes ahead: {first} or later.")
        yield Finding("reservation_start", "error", text.format(first=f"{first:%H:%M}"))
    if end is None:
        yield Finding("reservation_end", "error", _("Give an end."))
    if start is None or end is None:
        return
    length = end.astimezone(UTC) - start.astimezone(UTC)
    if length <= timedelta(0):
        yield Finding("reservation_end", "error", _("The end must follow the start."))
    elif length > VERY_LONG:
        text = _("{length}: more than a day. Is the date right?")
        yield Finding("reservation_end", "warning", text.format(length=formats.duration(length)))
    elif length > USUAL_LONGEST:
        text = _("{length}: many operators refuse more than 4 h.")
        yield Finding("reservation_end", "warning", text.format(length=formats.duration(length)))


def _token(draft: Draft) -> Iterator[Finding]:
    given = [field for field in IDENTITY_FIELDS if getattr(draft, field)]
    if not draft.token_strategy:
        for field in given:
            yield Finding(field, "error", _("Choose the token strategy that this belongs to."))
        return
    if draft.token_strategy not in STRATEGY_FIELDS:
        yield Finding("token_strategy", "error", _("There is no such token strategy."))
        return
    wanted = STRATEGY_FIELDS[draft.token_strategy]
    for field in given:
        if field not in wanted:
            yield Finding(field, "error", _("This does not belong to the chosen token strategy."))
    if wanted and not any(field in given for field in wanted):
        needs = {
            "driver_token": _("A driver's token needs a customer id or a token id."),
            "group_token": _("A group token needs the fleet group."),
            "pipelet": _("A token of your own needs its UID."),
        }
        yield Finding(wanted[0], "error", needs[draft.token_strategy])
    if "token_uid" in wanted and draft.token_uid and not _TOKEN_UID.fullmatch(draft.token_uid):
        text = _("A token UID is 8, 14 or 20 hexadecimal digits; this is {count} characters.")
        yield Finding("token_uid", "error", text.format(count=len(draft.token_uid)))


def _reference(draft: Draft) -> Iterator[Finding]:
    reference = draft.external_id
    if not reference:
        text = _("Left empty, one is made; no report can tell from it who charged.")
        yield Finding("external_id", "warning", text)
    elif len(reference) > LONGEST:
        text = _("{count} characters; more than {most} may be refused.")
        text = text.format(count=len(reference), most=LONGEST)
        yield Finding("external_id", "warning", text)
    elif not _REFERENCE.fullmatch(reference):
        text = _("Letters, digits, - and _ are safe; anything else may be refused.")
        yield Finding("external_id", "warning", text)


def _budgets(
    draft: Draft, now: datetime, known: Result[Budgets], price: Estimate
) -> Iterator[Finding]:
    told = caps.warnings(known, draft.external_id, draft.fleet_group_id, *price, now)
    for kind, text in told:
        by_field = kind == "group" and draft.fleet_group_id
        yield Finding("fleet_group_id" if by_field else "external_id", "warning", text)
