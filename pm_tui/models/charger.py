"""Locations, EVSEs and connectors as a search answers them, read tolerantly.

The documentation gives few names (contract/agent-api.md §3, §14 U14), so that every likely place
and spelling is tried; what is absent, null or malformed is None: unknown, not zero and not an
error. Plain dataclasses, because an answer holds thousands: pydantic with the same tolerance
takes several times as long. Ids are verbatim (`visible_id` shows them), all other texts clean.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any

from pm_tui.models import reading
from pm_tui.models.json import JsonObject
from pm_tui.models.opening import OpeningPeriod, read_opening
from pm_tui.models.power import read_power

_NOT_FREE = frozenset(
    # the other statuses of OCPI 2.2 but UNKNOWN (contract §9)
    ["BLOCKED", "CHARGING", "INOPERATIVE", "OUTOFORDER", "PLANNED", "REMOVED", "RESERVED"]
)


@dataclass(frozen=True, slots=True)
class Connector:
    """A plug or socket of an EVSE; `power_kw` is the most it gives."""

    id: str | None
    standard: str | None
    format: str | None = None
    power_type: str | None = None
    power_kw: Decimal | None = None

    @classmethod
    def read(cls, raw: JsonObject) -> Connector:
        """A connector from its JSON object. Those that say the same are one: a country has a few
        hundred different ones, and reading them is half the work of reading a location."""
        values = raw.values()
        if {*map(type, values)} <= _PLAIN:  # True is no 1 here, though a dictionary thinks so
            return _connector(*raw, *values)
        return cls.read_anew(raw)

    @classmethod
    def read_anew(cls, raw: JsonObject) -> Connector:
        return cls(
            id=reading.identifier(reading.first(raw, ("id", "connector_id"))),
            standard=reading.text(reading.first(raw, ("standard", "connector_type", "type")), 40),
            format=reading.text(raw.get("format"), 40),
            power_type=reading.text(raw.get("power_type"), 40),
            power_kw=read_power(raw),
        )


@dataclass(frozen=True, slots=True)
class Evse:
    """A charging point, for one vehicle at a time; `evse_uid` is "" when the server gave none."""

    evse_uid: str
    status: str | None = None
    connectors: tuple[Connector, ...] = ()
    estimated_price: Decimal | None = None
    currency: str | None = None

    @classmethod
    def read(cls, raw: JsonObject) -> Evse:
        """An EVSE from its JSON object; one without a uid is kept, it still tells something."""
        price, currency = _price(raw)
        return cls(
            evse_uid=reading.identifier(reading.first(raw, ("evse_uid", "uid", "evse_id"))) or "",
            status=reading.text(raw.get("status"), 40),
            connectors=_connectors(raw),
            estimated_price=price,
            currency=currency,
        )

    @property
    def available(self) -> bool | None:
        """Free now; None when there is no status or one that we do not know."""
        if self.status is None:
            return None
        status = self.status.upper()
        if status == "AVAILABLE":
            return True
        return False if status in _NOT_FREE else None

    @property
    def max_power_kw(self) -> Decimal | None:
        """The most that one of its connectors gives."""
        return max((c.power_kw for c in self.connectors if c.power_kw is not None), default=None)

    @property
    def connector_types(self) -> tuple[str, ...]:
        """The codes of its plugs (contract §9), each once, as listed."""
        return tuple(dict.fromkeys(c.standard for c in self.connectors if c.standard))


@dataclass(frozen=True, slots=True)
class Location:
    """A place with EVSEs of one CPO. Degrees, km; `raw` is the object as the server sent it.

    `estimated_price` is the location's own, else the lowest of its EVSEs' when they agree on
    the currency. `opening` is None when unknown; `always_open` says 24/7.
    """

    location_id: str
    name: str | None = None
    distance_km: float | None = None
    cpo_name: str | None = None
    cpo_party_id: str | None = None
    supports_reservation: bool | None = None
    address: str | None = None
    city: str | None = None
    postal_code: str | None = None
    country: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    time_zone: str | None = None
    always_open: bool | None = None
    opening: tuple[OpeningPeriod, ...] | None = None
    opening_text: str | None = None
    evses: tuple[Evse, ...] = ()
    own_connectors: tuple[Connector, ...] = ()
    estimated_price: Decimal | None = None
    currency: str | None = None
    raw: JsonObject = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def read(cls, raw: Any) -> Location:
        """A location from its JSON object; `ValueError` when it is none or has no id."""
        if not isinstance(raw, dict):
            raise ValueError("a location is an object")
        location_id = reading.identifier(reading.first(raw, ("location_id", "id")))
        if location_id is None:
            raise ValueError("a location without an id")
        evses = tuple(Evse.read(item) for item in _objects(raw.get("evses")))
        price, currency = _price(raw)
        if price is None:
            price, currency = _lowest(evses)
        latitude, longitude = _coordinates(raw)
        hours = read_opening(raw)
        return cls(
            location_id=location_id,
            name=reading.text(raw.get("name")),
            distance_km=reading.real(raw.get("distance_km"), 0, 21_000),
            cpo_name=reading.text(raw.get("cpo_name")),
            cpo_party_id=reading.text(raw.get("cpo_party_id"), 40),
            supports_reservation=reading.flag(raw.get("supports_reservation")),
            address=reading.text(raw.get("address")),
            city=reading.text(raw.get("city")),
            postal_code=reading.text(reading.first(raw, ("postal_code", "zip")), 20),
            country=reading.text(raw.get("country"), 60),
            latitude=latitude,
            longitude=longitude,
            time_zone=reading.zone_name(raw.get("time_zone")),
            always_open=hours.always,
            opening=hours.periods,
            opening_text=hours.text,
            evses=evses,
            own_connectors=_connectors(raw),
            estimated_price=price,
            currency=currency,
            raw=raw,
        )

    @property
    def evses_total(self) -> int:
        """How many EVSEs the answer lists; 0 can also mean that it does not list them."""
        return len(self.evses)

    @property
    def evses_available(self) -> int | None:
        """How many are free for certain; None when none is and the state of some is unknown."""
        states = [evse.available for evse in self.evses]
        free = states.count(True)
        return free if free or (states and None not in states) else None

    @property
    def max_power_kw(self) -> Decimal | None:
        """The most that one of its connectors gives."""
        found = [e.max_power_kw for e in self.evses] + [c.power_kw for c in self.own_connectors]
        return max((power for power in found if power is not None), default=None)

    @property
    def connector_types(self) -> tuple[str, ...]:
        """The codes of its plugs (contract §9), each once, as listed."""
        codes = [code for evse in self.evses for code in evse.connector_types]
        codes += [c.standard for c in self.own_connectors if c.standard]
        return tuple(dict.fromkeys(codes))


_PLAIN = {str, int}


@lru_cache(maxsize=2048)
def _connector(*names_then_values: Any) -> Connector:
    half = len(names_then_values) // 2
    names, values = names_then_values[:half], names_then_values[half:]
    return Connector.read_anew(dict(zip(names, values, strict=True)))


def _objects(value: Any) -> Iterable[JsonObject]:
    return (item for item in value if isinstance(item, dict)) if isinstance(value, list) else ()


def _connectors(raw: JsonObject) -> tuple[Connector, ...]:
    """The connectors listed, else those that flat fields speak of (the power goes to each)."""
    listed = tuple(Connector.read(item) for item in _objects(raw.get("connectors")))
    if listed:
        return listed
    flat = reading.first(raw, ("connector_types", "connector_type", "standard", "connectors"))
    codes = [reading.text(code, 40) for code in (flat if isinstance(flat, list) else [flat])]
    power = read_power(raw)
    found = tuple(Connector(None, code, power_kw=power) for code in codes if code)
    return found or ((Connector(None, None, power_kw=power),) if power is not None else ())


def _price(raw: JsonObject) -> tuple[Decimal | None, str | None]:
    """Estimate and currency from `pricing` or flat fields (contract §14 U14)."""
    pricing = raw.get("pricing")
    if pricing is None and raw.get("estimated_price") is None:
        return None, None  # most EVSEs
    for holder in (pricing, raw) if isinstance(pricing, dict) else (raw,):
        price = reading.money(holder.get("estimated_price"))
        if price is not None:
            return price, reading.currency(holder.get("currency") or raw.get("currency"))
    return None, None


def _lowest(evses: tuple[Evse, ...]) -> tuple[Decimal | None, str | None]:
    priced = [(e.estimated_price, e.currency) for e in evses if e.estimated_price is not None]
    if not priced or len({currency for _, currency in priced}) > 1:
        return None, None
    return min(priced, key=lambda pair: pair[0])


def _coordinates(raw: JsonObject) -> tuple[float | None, float | None]:
    """Latitude and longitude, from an object or flat; one without the other is worth nothing."""
    nested = raw.get("coordinates")
    for holder in (nested, raw) if isinstance(nested, dict) else (raw,):
        latitude = reading.real(reading.first(holder, ("latitude", "lat")), -90, 90)
        longitude = reading.real(reading.first(holder, ("longitude", "lng", "lon")), -180, 180)
        if latitude is not None and longitude is not None:
            return latitude, longitude
    return None, None
