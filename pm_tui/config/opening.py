"""When a desk is open, as the configuration says it: `mon-fri 07:00-19:00`, and past midnight
`fri 19:00-07:00`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pm_tui.config.errors import ConfigError
from pm_tui.i18n import _

# English and German by their first two letters; 1 is Monday
_DAYS = {
    "mo": 1, "tu": 2, "di": 2, "we": 3, "mi": 3, "th": 4, "do": 4, "fr": 5, "sa": 6, "su": 7,
    "so": 7,
}  # fmt: skip
_RULE = re.compile(
    r"(?P<first>[a-z]{2,10})(?:\s*-\s*(?P<last>[a-z]{2,10}))?\s+"
    r"(?P<begin>\d{1,2}:\d\d)\s*-\s*(?P<end>\d{1,2}:\d\d)",
    re.ASCII,
)
DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Hours:
    """Open on each of `days` (1 Monday to 7 Sunday) from `begin` to `end`, in minutes after
    midnight by the desk's clock; an `end` beyond 1440 is on the day after. `text` is how it was
    written."""

    days: tuple[int, ...]
    begin: int
    end: int
    text: str


def read(text: str, place: str) -> Hours:
    """One rule: `mon-fri 07:00-19:00` or `sa 9:00-13:00`; one that ends before it begins ends on
    the day after. Raises `ConfigError`."""
    match = _RULE.fullmatch(text.strip().casefold())
    days = _days(match["first"], match["last"] or match["first"]) if match else ()
    begin, end = (_minutes(match[edge]) if match else None for edge in ("begin", "end"))
    if not days or begin is None or end is None or begin in (end, DAY):
        raise ConfigError(
            _("{place}: opening hours such as mon-fri 07:00-19:00 are needed").format(place=place)
        )
    return Hours(days, begin, end if begin < end else end + DAY, text.strip())


def _days(first: str, last: str) -> tuple[int, ...]:
    begin, end = _DAYS.get(first[:2]), _DAYS.get(last[:2])
    if begin is None or end is None:
        return ()
    if begin <= end:
        return tuple(range(begin, end + 1))
    return (*range(begin, 8), *range(1, end + 1))  # sat-mon


def _minutes(clock: str) -> int | None:
    hours, minutes = map(int, clock.split(":"))
    total = hours * 60 + minutes
    return total if minutes < 60 and total <= DAY else None
