"""Monthly budgets: the table `[caps]`. The API knows none of an employee (contract §11)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, get_args

from pm_tui.config import anomalies, checks
from pm_tui.config.errors import ConfigError
from pm_tui.i18n import _

CapKind = Literal["employee", "department", "group"]
KINDS: tuple[CapKind, ...] = get_args(CapKind)
EVERYBODY = "*"
_KEYS = frozenset({"currency", "warn_at", *KINDS})


@dataclass(frozen=True, slots=True)
class CapSettings:
    """`limits` by kind and name, in `currency`; the name `*` is whoever has none of their own.
    From `warn_at` percent on a budget is warned of."""

    currency: str = "EUR"
    warn_at: Decimal = Decimal(80)
    limits: Mapping[tuple[CapKind, str], Decimal] = field(default_factory=dict, hash=False)

    def __bool__(self) -> bool:
        return bool(self.limits)

    def limit(self, kind: CapKind, name: str) -> Decimal | None:
        """None where there is no budget."""
        return self.limits.get((kind, name), self.limits.get((kind, EVERYBODY)))


def check(value: object, place: str) -> CapSettings:
    """The table `[caps]` with a table a kind: `[caps.employee]`, `emp042 = 200`."""
    if not isinstance(value, dict):
        raise ConfigError(_("{place}: a table is needed: [caps]").format(place=place))
    for key in value:
        checks.known_key(key, _KEYS, place)
    currency = value.get("currency", "EUR")
    if not isinstance(currency, str) or not re.fullmatch(r"[A-Z]{3}", currency, re.ASCII):
        raise ConfigError(
            _("{place}: a currency is needed, such as EUR").format(place=f"{place} currency")
        )
    warn_at = anomalies.percent(value.get("warn_at", 80), f"{place} warn_at")
    limits: dict[tuple[CapKind, str], Decimal] = {}
    for kind in KINDS:
        table = value.get(kind, {})
        if not isinstance(table, dict):
            raise ConfigError(
                _("{place}: a table is needed: [caps.employee]").format(place=f"{place} {kind}")
            )
        for name, told in table.items():
            limits[kind, name] = anomalies.amount(told, f"{place} {kind} {name}")
    return CapSettings(currency, warn_at, limits)
