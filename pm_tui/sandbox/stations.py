"""What the sandbox's charger network is made of.

Both networks (the generated one and the one read from a register file) are made of these, and
the gateway asks them only through `Network`. Names follow OCPI 2.2.1, which the real gateway's
backends speak (`contract/agent-api.md` section 15).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Cpo:
    """A charge point operator: `party_id` is its three-character OCPI party id."""

    party_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Connector:
    """`max_electric_power` is in watts, as in OCPI."""

    id: str
    standard: str
    format: str  # SOCKET or CABLE
    power_type: str  # AC_1_PHASE, AC_3_PHASE or DC
    max_electric_power: int


@dataclass(frozen=True, slots=True)
class Evse:
    uid: str  # DE*ENB*E123456*1
    connectors: tuple[Connector, ...]


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """`weekday` runs from 1 (Monday) to 7; times are local `HH:MM`. No periods: always open."""

    periods: tuple[tuple[int, str, str], ...] = ()

    @property
    def always(self) -> bool:
        return not self.periods


@dataclass(frozen=True, slots=True)
class Station:
    """One location. `energy_price` is EUR a kWh; `reservable` false means search-only."""

    location_id: str  # DE-ENB-E123456
    name: str
    cpo: Cpo
    address: str
    postal_code: str
    city: str
    latitude: float
    longitude: float
    reservable: bool
    energy_price: Decimal
    evses: tuple[Evse, ...]
    opening: OpeningHours | None = None  # None: not stated
    time_zone: str = "Europe/Berlin"


class Network(Protocol):
    """The chargers of all operators; deterministic for a seed, or for a file."""

    @property
    def cpos(self) -> Sequence[Cpo]: ...

    def near(
        self, latitude: float, longitude: float, radius_km: float
    ) -> list[tuple[float, Station]]:
        """All stations within `radius_km` (great circle) with their distance, nearest first."""
        ...

    def get(self, location_id: str) -> Station | None: ...
