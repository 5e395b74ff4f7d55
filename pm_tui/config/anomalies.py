"""What a report points at: the thresholds of `[report.anomalies]`, each of which can be `false`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import time, timedelta
from decimal import Decimal
from typing import Any

from pm_tui.config import checks
from pm_tui.config.errors import ConfigError
from pm_tui.i18n import _

_NIGHT = re.compile(r"(\d{1,2}):(\d\d)\s*-\s*(\d{1,2}):(\d\d)", re.ASCII)
_MOST = 10_000


@dataclass(frozen=True, slots=True)
class AnomalyRules:
    """None and False switch a rule off. `price` and `count` are how many times the usual is far
    above it; `night` is from and until, by the clock of the report's zone; `no_show` a share in
    percent; `token` how far apart one token's bookings at two places must be; nothing is said of a
    usual or a share of fewer than `least` bookings."""

    overlap: bool = True
    price: Decimal | None = Decimal(3)
    count: Decimal | None = Decimal(3)
    weekend: bool = True
    night: tuple[time, time] | None = (time(22), time(5))
    no_show: Decimal | None = Decimal(20)
    visitor: bool = True
    token: timedelta | None = timedelta(0)
    least: int = 5


def check(value: object, place: str) -> AnomalyRules:
    """The table `[report.anomalies]`; what it leaves out is as it is without it."""
    if not isinstance(value, dict):
        raise ConfigError(_("{place}: a table is needed: [report.anomalies]").format(place=place))
    for key in value:
        checks.known_key(key, frozenset(_CHECKS), place)
    found: dict[str, Any] = {}
    for key, told in value.items():
        of = _CHECKS[key]
        off = told is False and of is not _whole
        found[key] = _OFF[of] if off else of(told, f"{place} {key}")
    return AnomalyRules(**found)


def amount(value: object, place: str) -> Decimal:
    """A number that is not negative; a fraction is taken as it is written."""
    good = isinstance(value, int | float | str) and not isinstance(value, bool)
    text = str(value).strip() if good else ""
    if not re.fullmatch(r"\d{1,9}(\.\d{1,6})?", text, re.ASCII):
        raise ConfigError(_("{place}: a number is needed, such as 3 or 2.5").format(place=place))
    return Decimal(text)


def _factor(value: object, place: str) -> Decimal:
    found = amount(value, place)
    if found <= 1:
        raise ConfigError(_("{place}: more than 1 is needed, or false").format(place=place))
    return found


def percent(value: object, place: str) -> Decimal:
    """More than 0, at most 100."""
    found = amount(value, place)
    if not 0 < found <= 100:
        raise ConfigError(_("{place}: a share of 1 to 100 (percent) is needed").format(place=place))
    return found


def _whole(value: object, place: str) -> int:
    found = amount(value, place)
    if found != int(found) or not 1 <= found <= _MOST:
        raise ConfigError(
            _("{place}: a whole number from 1 to {n} is needed").format(place=place, n=_MOST)
        )
    return int(found)


def _night(value: object, place: str) -> tuple[time, time]:
    match = _NIGHT.fullmatch(value.strip()) if isinstance(value, str) else None
    try:
        if match is not None:
            hours = [int(part) for part in match.groups()]
            return time(hours[0], hours[1]), time(hours[2], hours[3])
    except ValueError:
        pass
    raise ConfigError(_("{place}: two times are needed: 22:00-05:00").format(place=place))


_CHECKS: dict[str, Callable[[object, str], Any]] = {
    "overlap": checks.switch,
    "price": _factor,
    "count": _factor,
    "weekend": checks.switch,
    "night": _night,
    "no_show": percent,
    "visitor": checks.switch,
    "token": checks.span,
    "least": _whole,
}
_OFF: dict[Callable[[object, str], Any], bool | None] = {
    checks.switch: False, _factor: None, percent: None, _night: None, checks.span: None,
}  # fmt: skip
