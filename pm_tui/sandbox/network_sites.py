"""What stands at one site: EVSEs, connectors, a name, hours and a price, drawn from a seed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from typing import Literal, TypeVar

from pm_tui.sandbox.network_names import (
    DIRECTIONS,
    GARAGE_NAMES,
    GARAGES,
    LANDMARKS,
    MOTORWAY,
    SHOPS,
)
from pm_tui.sandbox.stations import Connector, Cpo, OpeningHours

Kind = Literal["street", "lantern", "garage", "retail", "triple", "hub", "motorway", "super"]
Plugs = tuple[Connector, ...]
T = TypeVar("T")

DOMESTIC_WATTS = 3_700  # a household socket gives no more, whatever the register says

# how often a site is of a kind: by and large the mix of the German register of 2025
KINDS: tuple[tuple[Kind, float], ...] = (
    ("street", 60.0),
    ("lantern", 2.2),
    ("garage", 15.0),
    ("retail", 9.0),
    ("triple", 4.5),
    ("hub", 5.6),
    ("motorway", 1.6),
    ("super", 0.5),
)

_RETAILERS = ("LDL", "KAU", "ASD")
_DAY = (1, 2, 3, 4, 5, 6, 7)
ALWAYS = OpeningHours()


def _hours(days: Sequence[int], opens: str, closes: str) -> tuple[tuple[int, str, str], ...]:
    return tuple((day, opens, closes) for day in days)


_SHOP_HOURS = (
    OpeningHours(_hours(_DAY[:6], "07:00", "22:00")),
    OpeningHours(_hours(_DAY[:6], "08:00", "20:00")),
    OpeningHours(_hours(_DAY[:6], "07:00", "21:00")),
)
_GARAGE_HOURS = (
    OpeningHours(_hours(_DAY, "06:00", "22:00")),
    OpeningHours(_hours(_DAY, "06:00", "24:00")),
    OpeningHours(_hours(_DAY[:5], "07:00", "18:00") + _hours(_DAY[5:6], "10:00", "14:00")),
)


def pick(items: Sequence[T], rng: random.Random) -> T:
    """As `rng.choice`, several times as fast."""
    return items[int(rng.random() * len(items))]


def power_type(standard: str, watts: int) -> str:
    if standard in ("IEC_62196_T2_COMBO", "IEC_62196_T1_COMBO", "CHADEMO", "TESLA_S"):
        return "DC"
    return "AC_1_PHASE" if watts <= 7_400 else "AC_3_PHASE"


@cache
def plugs(*parts: tuple[str, str, int]) -> Plugs:
    """Connectors from (standard, format, watts); equal EVSEs share them."""
    return tuple(
        Connector(str(n), standard, format_, power_type(standard, watts), watts)
        for n, (standard, format_, watts) in enumerate(parts, 1)
    )


def _ac(watts: int, cable: bool = False) -> Plugs:
    return plugs(("IEC_62196_T2", "CABLE" if cable else "SOCKET", watts))


def _ccs(kilowatts: int) -> Plugs:
    return plugs(("IEC_62196_T2_COMBO", "CABLE", kilowatts * 1000))


_WITH_SCHUKO = plugs(("IEC_62196_T2", "SOCKET", 22_000), ("DOMESTIC_F", "SOCKET", DOMESTIC_WATTS))
_DOUBLE_DC = plugs(("IEC_62196_T2_COMBO", "CABLE", 50_000), ("CHADEMO", "CABLE", 50_000))
_OLD_TESLA = plugs(("IEC_62196_T2_COMBO", "CABLE", 150_000), ("TESLA_S", "CABLE", 150_000))


def evses(kind: Kind, rng: random.Random) -> list[Plugs]:
    """The connectors of each EVSE of a site of that kind, fastest last."""
    chance = rng.random()
    if kind == "street":
        count = 1 if chance < 0.16 else 2 if chance < 0.93 else 4
        chance = rng.random()
        if chance < 0.045:
            return [_WITH_SCHUKO] * count
        return [_ac(22_000 if chance < 0.88 else 11_000, chance > 0.97)] * count
    if kind == "lantern":
        return [_ac(3_700)]
    if kind == "garage":
        count = pick((1, 2, 2, 2, 2, 2, 3, 4, 4, 6, 8), rng)
        if chance < 0.01:
            count = 20
        return [_ac(11_000 if rng.random() < 0.5 else 22_000, rng.random() < 0.35)] * count
    if kind == "retail":
        fast = _ccs(pick((50, 50, 60, 75, 100, 150, 150, 150), rng))
        return [_ac(22_000, chance < 0.5)] * pick((0, 1, 2, 2), rng) + [fast] * (1 + (chance > 0.5))
    if kind == "triple":
        return [_ac(22_000, cable=True), _DOUBLE_DC if chance < 0.75 else _ccs(50)]
    if kind == "super":
        old = [_OLD_TESLA] * (8 if chance < 0.1 else 0)
        return old + [_ccs(250)] * pick((8, 8, 12, 12, 16, 16, 20, 24, 32, 40 - len(old)), rng)
    if kind == "motorway":
        return [_ccs(pick((300, 300, 350, 350, 400), rng))] * pick((4, 4, 6, 6, 8, 12, 16), rng)
    return [_ccs(pick((150, 150, 200, 300, 300, 300, 400), rng))] * pick(
        (2, 2, 4, 4, 6, 8, 12), rng
    )


def name(kind: Kind, cpo: Cpo, town: str, street: str, rng: random.Random) -> str:
    """What the operator calls the site; `town` is shown as `Berlin-Mitte`."""
    chance = rng.random()
    if kind == "street":
        if chance < 0.4:
            return street
        if chance < 0.8:
            return f"{pick(LANDMARKS, rng)} {town}" if chance < 0.6 else pick(LANDMARKS, rng)
        return f"{cpo.name} {street}" if chance < 0.9 else f"{town}, {street}"
    if kind == "lantern":
        return f"Laterne {street}"
    if kind == "garage":
        return f"{pick(GARAGES, rng)} {pick(GARAGE_NAMES, rng)}"
    if kind == "retail":
        shop = cpo.name if cpo.party_id in _RETAILERS else pick(SHOPS, rng)
        return f"{shop} {street if chance < 0.6 else town}"
    if kind == "super":
        return f"Tesla Supercharger {town}"
    if kind == "motorway":
        return f"{pick(MOTORWAY, rng)} {town}{pick(DIRECTIONS, rng)}"
    if kind == "hub":
        return f"{cpo.name} {'Ladepark' if chance < 0.7 else 'Schnellladen'} {town}"
    return f"{cpo.name} {town}" if chance < 0.5 else f"{pick(LANDMARKS, rng)} {town}"


def opening(kind: Kind, rng: random.Random) -> OpeningHours | None:
    """Most operators do not say; of those who do, most never close."""
    chance = rng.random()
    if kind == "retail" and chance < 0.3:
        return pick(_SHOP_HOURS, rng)
    if kind == "garage" and chance < 0.15:
        return pick(_GARAGE_HOURS, rng)
    fast = kind in ("hub", "motorway", "super")
    return ALWAYS if chance > (0.45 if fast else 0.75) else None


_CENTS = tuple(Decimal(cents) / 100 for cents in (-2, -1, 0, 0, 0, 0, 1, 2))


def price(base: Decimal, watts: int, rng: random.Random) -> Decimal:
    """EUR a kWh in whole cents: the operator's price, dearer from 300 kW up, a little apart."""
    fast = Decimal("0.03") if watts >= 300_000 else Decimal("0.00")
    return base + fast + pick(_CENTS, rng)
