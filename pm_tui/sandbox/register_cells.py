"""What stands inside one cell of the register's CSV: charging points, opening hours.

A few thousand texts make up a hundred thousand rows, so each is read once and remembered.
"""

from __future__ import annotations

import re
from functools import cache

from pm_tui.i18n import _
from pm_tui.sandbox.network_sites import ALWAYS, DOMESTIC_WATTS, Plugs, plugs
from pm_tui.sandbox.stations import OpeningHours

_FORMATS = {"S": "SOCKET", "C": "CABLE"}
# the register gives a point's power, not a plug's: what the plug's standard cannot carry is not
# its own but that of its neighbour on the same point (contract/agent-api.md §9)
_MOST_WATTS = {
    "DOMESTIC_F": DOMESTIC_WATTS,
    "IEC_62196_T1": 7_400,
    "IEC_62196_T2": 43_000,
    "CHADEMO": 100_000,
}
_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_RULE = re.compile(r"([A-Z][a-z](?:[-,][A-Z][a-z])*) (\S+)")
_SPAN = re.compile(r"((?:[01]\d|2[0-3]):[0-5]\d)-((?:[01]\d|2[0-3]):[0-5]\d|24:00)")


class CellError(ValueError):
    """A cell that cannot be read; `column` if it is another than the one being read."""

    def __init__(self, problem: str, column: str = "") -> None:
        super().__init__(problem)
        self.column = column


@cache
def parse_points(connectors: str, power_kw: str, formats: str) -> tuple[Plugs, ...]:
    """The connectors of each charging point: points are parted by `|`, connectors by `+`."""
    kinds, powers, shapes = (text.split("|") for text in (connectors, power_kw, formats))
    for column, parts in (("power_kw", powers), ("formats", shapes)):
        if len(parts) != len(kinds):
            raise CellError(
                _("{count} points, but {wanted} in the column connectors").format(
                    count=len(parts), wanted=len(kinds)
                ),
                column,
            )
    points = []
    for kind, power, shape in zip(kinds, powers, shapes, strict=True):
        standards, letters = kind.split("+"), shape.split("+")
        if len(standards) != len(letters) or not set(letters) <= set(_FORMATS):
            raise CellError(
                _("{text!r} does not fit {kind!r}").format(text=shape, kind=kind), "formats"
            )
        watts = _watts(power)
        parts_ = []
        for standard, letter in zip(standards, letters, strict=True):
            if not re.fullmatch(r"[A-Z][A-Z0-9_]+", standard):
                raise CellError(
                    _("{text!r} is not an OCPI connector type").format(text=standard), "connectors"
                )
            most = _MOST_WATTS.get(standard, watts)
            parts_.append((standard, _FORMATS[letter], min(watts, most)))
        points.append(plugs(*parts_))
    return tuple(points)


def _watts(kilowatts: str) -> int:
    if not re.fullmatch(r"[0-9]{1,4}(?:\.[0-9]+)?", kilowatts) or not float(kilowatts):
        raise CellError(_("{text!r} is not a power").format(text=kilowatts), "power_kw")
    return round(float(kilowatts) * 1000)


@cache
def parse_hours(text: str) -> OpeningHours | None:
    """`24/7`, `Mo-Fr 07:00-20:00; Sa 07:00-19:00`; None for not stated, also `restricted`."""
    if text in ("", "restricted"):
        return None
    if text == "24/7":
        return ALWAYS
    periods = []
    for rule in text.split("; "):
        found = _RULE.fullmatch(rule)
        if not found:
            raise CellError(_("{text!r} are no opening hours").format(text=text), "opening_hours")
        for span in found[2].split(","):
            times = _SPAN.fullmatch(span)
            if not times:
                raise CellError(
                    _("{text!r} are no opening hours").format(text=text), "opening_hours"
                )
            periods += [(day, times[1], times[2]) for day in _weekdays(found[1])]
    if {day for day, *span in periods if span == ["00:00", "24:00"]} == set(range(1, 8)):
        return ALWAYS
    return OpeningHours(tuple(sorted(periods)))


def _weekdays(text: str) -> list[int]:
    """Days from 1 (Monday); a range may run over the end of the week."""
    days: list[int] = []
    for part in text.split(","):
        names = part.split("-")
        if len(names) > 2 or not set(names) <= set(_DAYS):
            raise CellError(_("{text!r} are no weekdays").format(text=text), "opening_hours")
        first, last = _DAYS.index(names[0]), _DAYS.index(names[-1])
        days += [day % 7 + 1 for day in range(first, last + 1 + (7 if last < first else 0))]
    return days
