"""What ev.energy says of a home charger (contract/evenergy-v2.md §10), both ages of the object.

Nothing is required but an id: fields came over time and may be absent or null, which is both
"unknown" and never false or 0. Words of the API (states, modes) stay as they are sent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit

from pm_tui.models.json import JsonObject
from pm_tui.models.reading import count, first, flag, identifier, number, real, text
from pm_tui.models.times import read_time

T = TypeVar("T")

DECOMMISSIONED = "DECOMMISSIONED"
_ID = re.compile(r"[a-z]{4}[A-Z0-9]{26}")
_MOST = 10**9


class NotAnId(ValueError):
    """What a person gave in place of an id; the text says of what."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as the server wrote it, and what that is (aware, UTC; None where it is no time).

    The text matters: the address of a log repeats it digit by digit (§14).
    """

    raw: str
    at: datetime | None

    @classmethod
    def read(cls, value: Any) -> Moment | None:
        if not isinstance(value, str) or identifier(value) is None:
            return None
        return cls(value, read_time(value))


@dataclass(frozen=True, slots=True)
class Ref(Generic[T]):
    """Another resource: its URL, or the thing itself where it was expanded. `id` from the thing,
    else from the last part of the URL that looks like one (§14)."""

    id: str | None
    url: str | None = None
    value: T | None = None


def id_in(url: str) -> str | None:
    """The last part of a URL's path that has the shape of an id."""
    try:
        parts = urlsplit(url).path.split("/")
    except ValueError:
        return None
    return next((part for part in reversed(parts) if _ID.fullmatch(part)), None)


def user_id(given: str) -> str | None:
    """The id of a user from itself or from the user's URL (§14); None for anything else."""
    found = given.strip() if _ID.fullmatch(given.strip()) else id_in(given.strip())
    return found if found is not None and found.startswith("user") else None


@dataclass(frozen=True, slots=True)
class Make:
    """A manufacturer. `onboarding_url` None: the make alone is not enough to begin (§10)."""

    id: str | None
    name: str | None
    onboarding_url: str | None = None

    @classmethod
    def read(cls, raw: Any) -> Make:
        """Raises `ValueError` for what has neither id nor name."""
        raw = _object(raw, "id", "name")
        return cls(
            identifier(raw.get("id")),
            text(first(raw, ("display_name", "name"))),
            identifier(raw.get("onboarding_url")),
        )


@dataclass(frozen=True, slots=True)
class Model:
    """A model of charger; `make` where the answer tells it."""

    id: str | None
    name: str | None
    make: Ref[Make] | None = None

    @classmethod
    def read(cls, raw: Any) -> Model:
        """Raises `ValueError` for what has neither id nor name."""
        raw = _object(raw, "id", "name")
        return cls(
            identifier(raw.get("id")),
            text(first(raw, ("display_name", "name"))),
            _ref(raw.get("make"), Make.read),
        )


@dataclass(frozen=True, slots=True)
class User:
    """Whose charger it is; without an email where the account was made without one."""

    id: str | None
    email: str | None = None
    full_name: str | None = None

    @property
    def name(self) -> str | None:
        return self.full_name or self.email

    @classmethod
    def read(cls, raw: Any) -> User:
        """Raises `ValueError` for what has no id."""
        raw = _object(raw, "id")
        return cls(identifier(raw.get("id")), text(raw.get("email")), text(raw.get("full_name")))


@dataclass(frozen=True, slots=True)
class StatusLog:
    """One sample. Watts, watt-hours, percent; `sampled` by the device, `logged` by the server."""

    sampled: Moment | None
    logged: Moment | None = None
    is_plugged_in: bool | None = None
    is_charging: bool | None = None
    charge_rate_watts: int | None = None
    meter_reading_watt_hours: int | None = None
    state_of_charge_percentage: int | None = None
    mode: str | None = None
    raw: JsonObject = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def read(cls, raw: Any) -> StatusLog:
        """Nothing is required (§10); raises `ValueError` for what is no object."""
        raw = _object(raw)
        return cls(
            Moment.read(raw.get("sampled_at")),
            Moment.read(raw.get("logged_at")),
            flag(raw.get("is_plugged_in")),
            flag(raw.get("is_charging")),
            whole(raw.get("charge_rate_watts")),
            whole(raw.get("meter_reading_watt_hours")),
            whole(raw.get("state_of_charge_percentage")),
            text(raw.get("mode")),
            raw,
        )


@dataclass(frozen=True, slots=True)
class CommandLog:
    """What the charger was told to do. Milliamperes."""

    logged: Moment | None
    max_load_target_milliamps: int | None = None
    is_enabled_target: bool | None = None
    always_enabled: bool | None = None
    reason: str | None = None
    raw: JsonObject = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def read(cls, raw: Any) -> CommandLog:
        """Nothing is required (§10); raises `ValueError` for what is no object."""
        raw = _object(raw)
        return cls(
            Moment.read(raw.get("logged_at")),
            whole(raw.get("max_load_target_milliamps")),
            flag(raw.get("is_enabled_target")),
            flag(raw.get("always_enabled")),
            text(raw.get("reason")),
            raw,
        )


@dataclass(frozen=True, slots=True)
class SubSession:
    """A part of a charging session in one mode; `end` is None while it runs. `cost` is in the
    currency's smallest unit, as far as one can tell (§10)."""

    id: str | None
    start: datetime | None = None
    end: datetime | None = None
    mode: str | None = None
    energy_watt_hours: int | None = None
    cost: int | None = None
    currency: str | None = None
    raw: JsonObject = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def read(cls, raw: Any) -> SubSession:
        """Raises `ValueError` for what has no id."""
        raw = _object(raw, "id")
        return cls(
            identifier(raw.get("id")),
            read_time(raw.get("start")),
            read_time(raw.get("end")),
            text(raw.get("mode")),
            count(raw.get("energy_delivered_watt_hours")),
            whole(raw.get("cost")),
            text(raw.get("currency"), 10),
            raw,
        )


@dataclass(frozen=True, slots=True)
class Evse:
    """A home charger. `location` is (latitude, longitude); `raw` is what was sent."""

    id: str
    cpid: str | None = None
    model: Ref[Model] | None = None
    user: Ref[User] | None = None
    latest: Ref[StatusLog] | None = None
    lock_mode: str | None = None
    location: tuple[float, float] | None = None
    lifecycle_state: str | None = None
    raw: JsonObject = field(default_factory=dict, repr=False, compare=False)

    @property
    def status(self) -> StatusLog | None:
        """The last sample, where the answer holds it."""
        return None if self.latest is None else self.latest.value

    @property
    def model_name(self) -> str | None:
        return None if self.model is None or self.model.value is None else self.model.value.name

    @property
    def make_name(self) -> str | None:
        model = None if self.model is None else self.model.value
        make = None if model is None or model.make is None else model.make.value
        return None if make is None else make.name

    @property
    def user_name(self) -> str | None:
        return None if self.user is None or self.user.value is None else self.user.value.name

    @property
    def email(self) -> str | None:
        return None if self.user is None or self.user.value is None else self.user.value.email

    @property
    def is_gone(self) -> bool:
        return self.lifecycle_state == DECOMMISSIONED

    @classmethod
    def read(cls, raw: Any) -> Evse:
        """Raises `ValueError` for what has no id."""
        raw = _object(raw, "id")
        evse_id = identifier(raw.get("id"))
        if evse_id is None:
            raise ValueError("a charger without an id")
        return cls(
            evse_id,
            text(raw.get("cpid")),
            _ref(raw.get("model"), Model.read),
            _ref(raw.get("user"), User.read),
            _ref(raw.get("latest_status_log"), StatusLog.read),
            text(raw.get("lock_mode")),
            _location(raw.get("location")),
            text(raw.get("lifecycle_state")),
            raw,
        )


def whole(value: Any) -> int | None:
    """A whole number, also below zero (power that flows back)."""
    exact = number(value)
    if exact is None or abs(exact) > _MOST or exact != exact.to_integral_value():
        return None
    return int(exact)


def _object(raw: Any, *one_of: str) -> JsonObject:
    if not isinstance(raw, dict) or (one_of and not any(text(raw.get(name)) for name in one_of)):
        raise ValueError("not the object that was expected")
    return raw


def _ref(value: Any, reader: Any) -> Ref[Any] | None:
    """By its JSON type: a text is the URL, an object the thing (§14)."""
    if isinstance(value, str):
        url = identifier(value)
        return None if url is None else Ref(id_in(url), url)
    if not isinstance(value, dict):
        return None
    try:
        return Ref(_id_of(value), identifier(value.get("url")), reader(value))
    except ValueError:
        return None


def _id_of(raw: JsonObject) -> str | None:
    return identifier(raw.get("id")) or id_in(text(raw.get("url"), 2000) or "")


def _location(value: Any) -> tuple[float, float] | None:
    if not isinstance(value, dict):
        return None
    latitude = real(value.get("latitude"), -90, 90)
    longitude = real(value.get("longitude"), -180, 180)
    return None if latitude is None or longitude is None else (latitude, longitude)
