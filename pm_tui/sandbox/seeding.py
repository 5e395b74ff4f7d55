"""Past bookings as a test wants them: a number of them in a span, so many in one second.

Made of the network's own stations and of the people of the history, drawn from a seed. What they
cost and how they ended is drawn as well, so that the truth is asked from the state, not from here.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pm_tui.sandbox.gateway import Gateway
from pm_tui.sandbox.history import past, stations_of
from pm_tui.sandbox.lifecycle import Luck, write_script
from pm_tui.sandbox.options import Span
from pm_tui.sandbox.stations import Station
from pm_tui.sandbox.store import Booking
from pm_tui.sandbox.wire import ApiError, parse_stamp

MOST = 200_000
_LOCAL = ZoneInfo("Europe/Berlin")
# how often somebody books at an hour of the local day, 0 to 23
_HOURS = (1, 1, 0, 0, 1, 3, 8, 14, 16, 14, 11, 10, 9, 10, 10, 9, 8, 8, 7, 5, 4, 3, 2, 1)


def wanted(body: dict[str, Any]) -> tuple[list[datetime], int]:
    """The moments of creation that a request names, and its seed.

    `{"from", "to", "bookings": n}` spreads n over the span as offices book; `"at": [times]` adds
    one booking each; `"burst": {"at", "bookings"}` many within one second. `"seed"`: another draw.
    """
    rng = random.Random(f"{body.get('seed', 0)}/seeding")
    made = [parse_stamp(text, "at") for text in body.get("at", [])]
    if "bookings" in body:
        first, last = parse_stamp(body.get("from"), "from"), parse_stamp(body.get("to"), "to")
        made += _spread(first, last, _count(body["bookings"]), rng)
    if "burst" in body:
        burst = body["burst"]
        second = parse_stamp(burst.get("at"), "burst.at").replace(microsecond=0)
        made += [
            second + timedelta(milliseconds=rng.randrange(1000))
            for _ in range(_count(burst.get("bookings")))
        ]
    return made, _count(body.get("seed", 0) + 1)


def make(gateway: Gateway, made: list[datetime], seed: int) -> Iterator[Booking]:
    # the size: asked the same twice, it makes others
    rng = random.Random(f"{gateway.options.seed}/{seed}/seeded/{gateway.store.size()}")
    stations = [station for city in stations_of(gateway) for station in city]
    for created in sorted(made):
        yield _booking(rng.choice(stations), created, rng)


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MOST:
        raise ApiError(400, f"Invalid number: 0 to {MOST}")
    return value


def _spread(first: datetime, last: datetime, number: int, rng: random.Random) -> Iterator[datetime]:
    """Half-open; more on weekdays and in office hours."""
    seconds = (last - first).total_seconds()
    if seconds <= 0:
        raise ApiError(400, "Invalid span: to must be after from")
    most = max(_HOURS)
    while number:
        moment = first + timedelta(milliseconds=int(rng.random() * seconds * 1000))
        local = moment.astimezone(_LOCAL)
        weight = _HOURS[local.hour] / most * (0.3 if local.weekday() > 4 else 1.0)
        if rng.random() < max(weight, 0.02):
            number -= 1
            yield moment if number % 2 else moment.replace(microsecond=0)


def _booking(station: Station, created: datetime, rng: random.Random) -> Booking:
    evse = rng.choice(station.evses)
    starts = created.replace(second=0, microsecond=0) + timedelta(minutes=rng.choice((20, 45, 90)))
    ends = starts + timedelta(minutes=rng.choice((30, 45, 60, 60, 90, 120, 180, 240)))
    script = write_script(created, starts, ends, Luck(Span(1, 10)), rng)
    return past(station, evse, (created, starts, ends), script, rng)
