"""Small readers for one value of an answer: what is absent, null or malformed is None.

Nothing here raises for any JSON value: one odd field must not cost the user the other forty.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import fields
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from pm_tui.models.json import JsonObject
from pm_tui.models.text import clean

_ID_LIMIT = 200
_MOST_MONEY = Decimal(1_000_000)
_MOST_COUNT = 10**12
_NUMBER = re.compile(r"\s*[+-]?(\d{1,20}(\.\d{0,20})?|\.\d{1,20})([eE][+-]?\d{1,2})?\s*", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}")


def first(raw: JsonObject, names: Iterable[str]) -> Any:
    """The value of the first of `names` that is there and not null."""
    for name in names:
        value = raw.get(name)
        if value is not None:
            return value
    return None


def child(raw: JsonObject, name: str) -> JsonObject:
    """The object at `name`; an empty one when there is none."""
    value = raw.get(name)
    return value if isinstance(value, dict) else {}


def text(value: Any, limit: int = 200) -> str | None:
    """A cleaned text; a number is taken as its digits, an empty text as unknown."""
    if isinstance(value, str):
        return _cleaned(value, limit) or None
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _MOST_COUNT:
        return str(value)
    return None


_cleaned = lru_cache(maxsize=4096)(clean)  # operators, cities and codes come again and again


def identifier(value: Any) -> str | None:
    """An id, verbatim, because it is compared and sent back; show it through `visible_id`.

    One that is blank, longer than 200 characters or not encodable (a lone surrogate) is no id.
    """
    if isinstance(value, str):
        if value.isascii():
            return value if 0 < len(value) <= _ID_LIMIT and not value.isspace() else None
        if (
            len(value) > _ID_LIMIT
            or value.isspace()
            or any("\ud800" <= c <= "\udfff" for c in value)
        ):
            return None
        return value
    return text(value)


def number(value: Any) -> Decimal | None:
    """A finite number, also one in a text (`"52.5"`)."""
    if value is None:
        return None
    if isinstance(value, Decimal):
        result = value
    elif isinstance(value, bool):
        return None
    elif isinstance(value, int):
        result = Decimal(value)
    elif isinstance(value, float):
        result = Decimal(repr(value))
    elif isinstance(value, str) and _NUMBER.fullmatch(value):
        try:
            result = Decimal(value.strip())
        except InvalidOperation:
            return None
    else:
        return None
    return result if result.is_finite() else None


def real(value: Any, low: float, high: float) -> float | None:
    """A number from `low` to `high`, both included."""
    exact = number(value)
    return float(exact) if exact is not None and low <= exact <= high else None


def money(value: Any) -> Decimal | None:
    """A price: negative, NaN or beyond a million is unknown, never zero (contract §14 U20, U21)."""
    exact = number(value)
    return exact if exact is not None and 0 <= exact <= _MOST_MONEY else None


def currency(value: Any) -> str | None:
    """An ISO 4217 code in capitals."""
    return value if isinstance(value, str) and _CURRENCY.fullmatch(value) else None


def count(value: Any) -> int | None:
    """A whole number that is not negative."""
    exact = number(value)
    if exact is None or not 0 <= exact <= _MOST_COUNT or exact != exact.to_integral_value():
        return None
    return int(exact)


def flag(value: Any) -> bool | None:
    """A boolean; everything else is unknown."""
    return value if isinstance(value, bool) else None


def zone_name(value: Any) -> str | None:
    """The IANA name of a time zone that this computer knows."""
    return value if isinstance(value, str) and len(value) <= 64 and _is_zone(value) else None


@lru_cache(maxsize=1024)
def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def texts(kind: Any, told: Mapping[str, Any], limit: int) -> dict[str, str]:
    """What `told` says for those fields of the dataclass `kind` that are empty texts at first."""
    names = [one.name for one in fields(kind) if one.default == ""]
    return {name: clean(told[name], limit) for name in names if isinstance(told.get(name), str)}
