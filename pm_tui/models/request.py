"""A booking as we ask for it: strict, for a wrong one costs money (contract/agent-api.md §4, §5).

What needs a clock or the charger's answer (15 minutes ahead, four hours) is in `services/rules.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from pm_tui.i18n import _
from pm_tui.models.json import JsonObject
from pm_tui.models.reading import identifier
from pm_tui.models.text import clean
from pm_tui.models.times import wire_time

TokenStrategy = Literal["driver_token", "group_token", "ad_hoc", "pipelet"]
TOKEN_FIELDS: dict[str, tuple[str, ...]] = {
    "driver_token": ("customer_id", "token_id"),
    "group_token": ("fleet_group_id",),
    "ad_hoc": (),
    "pipelet": ("token_uid",),
}
_IDENTITY = ("customer_id", "token_id", "fleet_group_id", "token_uid")
_UID_LENGTHS = (8, 14, 20)


class RuleError(ValueError):
    """A rule of the contract that a request breaks; `field` is where the person can mend it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend in a form: the field's name and a translated sentence."""

    field: str
    message: str


class BookingRequest(BaseModel):
    """The body of `POST /bookings`. Times aware; ids exactly as the search gave them.

    `allow_foreign` lets identity fields pass that do not belong to the strategy (contract §14 U11).
    """

    model_config = ConfigDict(
        frozen=True, strict=True, extra="forbid", hide_input_in_errors=True, validate_default=False
    )

    location_id: str
    evse_uid: str
    reservation_start: AwareDatetime
    reservation_end: AwareDatetime
    connector_id: str | None = None
    external_id: str | None = None
    token_strategy: TokenStrategy | None = None
    customer_id: str | None = None
    token_id: str | None = None
    fleet_group_id: str | None = None
    token_uid: str | None = None
    allow_foreign: Annotated[bool, Field(exclude=True)] = False

    @field_validator("reservation_start", "reservation_end")
    @classmethod
    def _whole_seconds(cls, value: datetime) -> datetime:
        return value.astimezone(UTC).replace(microsecond=0)

    @field_validator("external_id")
    @classmethod
    def _external_id_comes_back_the_same(cls, value: str | None) -> str | None:
        # a booking whose fate is unknown is found by this text, so that it must survive `clean`
        if value is not None and (not value or clean(value) != value):
            message = _("The reference must be one line of 1 to 200 visible characters.")
            raise RuleError("external_id", message)
        return value

    @field_validator("token_uid")
    @classmethod
    def _hex_of_known_length(cls, value: str | None) -> str | None:
        if value is None:
            return None
        if len(value) not in _UID_LENGTHS or not set(value) <= set("0123456789abcdefABCDEF"):
            message = _("The token UID must be 8, 14 or 20 hexadecimal digits.")
            raise RuleError("token_uid", message)
        return value.upper()

    @field_validator(
        "location_id", "evse_uid", "connector_id", "customer_id", "token_id", "fleet_group_id"
    )
    @classmethod
    def _usable_id(cls, value: str | None) -> str | None:
        if value is not None and identifier(value) is None:
            raise ValueError(_("This must not be empty nor longer than 200 characters."))
        return value

    @model_validator(mode="after")
    def _rules(self) -> BookingRequest:
        if self.reservation_end <= self.reservation_start:
            raise RuleError("reservation_end", _("The end must be after the start."))
        given = [name for name in _IDENTITY if getattr(self, name) is not None]
        wanted = TOKEN_FIELDS[self.token_strategy] if self.token_strategy else ()
        if wanted and not set(wanted) & set(given):
            message = _("This token strategy needs: {fields}.")
            raise RuleError(wanted[0], message.format(fields=_(" or ").join(wanted)))
        foreign = [name for name in given if name not in wanted]
        if foreign and not self.allow_foreign:
            message = _("{field} does not belong to this token strategy.")
            raise RuleError(foreign[0], message.format(field=foreign[0]))
        return self

    def body(self) -> JsonObject:
        """What is sent: only what is set, times in UTC with `Z` and whole seconds (§14 U18)."""
        return {
            name: wire_time(value) if isinstance(value, datetime) else value
            for name, value in self.model_dump(exclude_none=True).items()
        }


def problems(error: ValidationError) -> tuple[Problem, ...]:
    """What to mend, one entry a field, in words for the person at the form."""
    found: list[Problem] = []
    for item in error.errors(include_url=False, include_input=False):
        cause = item.get("ctx", {}).get("error")
        place = str(item["loc"][0]) if item["loc"] else ""
        if isinstance(cause, RuleError):
            found.append(Problem(cause.field, str(cause)))
        elif isinstance(cause, ValueError):
            found.append(Problem(place, str(cause)))
        elif item["type"] == "missing":
            found.append(Problem(place, _("This is needed.")))
        elif item["type"] == "timezone_aware":
            found.append(Problem(place, _("This time needs a time zone.")))
        else:
            found.append(Problem(place, _("This value is not possible.")))
    return tuple(found)
