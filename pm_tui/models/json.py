"""JSON as the wire has it: prices stay the digits that were sent, and nothing but numbers is one.

Python's own reader takes NaN and turns 12.10 into a float; here a fraction is a `Decimal` from
the first byte, and `dumps` writes it back as the same digits, so that a remembered answer is
read again as the answer it was.
"""

from __future__ import annotations

import json
import secrets
from decimal import Decimal
from typing import Any, NoReturn

JsonObject = dict[str, Any]


def loads(body: bytes) -> Any:
    """The value in `body`; fractions are `Decimal`. `ValueError` for everything else, always."""
    try:
        # as json.loads does, which makes a new decoder each time
        return _DECODER.decode(body.decode(json.detect_encoding(body), "surrogatepass"))
    except (RecursionError, ArithmeticError) as error:
        raise ValueError("JSON nested too deep or with an absurd number") from error


def dumps(value: Any) -> str:
    """`value` as ASCII JSON text; a finite `Decimal` is written as a number, digit for digit.

    The C encoder has no hook for number text, so a mark that nobody can guess holds the place.
    """
    mark = secrets.token_hex(16)
    numbers: list[str] = []

    def place(item: Any) -> str:
        if not isinstance(item, Decimal):
            raise TypeError(f"{type(item).__name__} is not JSON")
        if not item.is_finite():
            raise ValueError("NaN and infinity are not JSON")
        numbers.append(str(item))
        return mark

    try:
        text = json.dumps(value, default=place, allow_nan=False, separators=(",", ":"))
    except RecursionError as error:
        raise ValueError("nested too deep for JSON") from error
    first, *rest = text.split(f'"{mark}"')
    return first + "".join(number + part for number, part in zip(numbers, rest, strict=True))


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(parse_float=Decimal, parse_constant=_refuse)
