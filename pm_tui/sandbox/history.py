"""Three months of past bookings for a fresh state, so that lists and reports have something.

Deterministic for a seed, and relative to the moment of creation. Made of the network's own
stations around a few cities. It holds what real data holds: departments with a hyphen, visitors,
free-form and missing `external_id`, prices that never came, double bookings of one employee.
"""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from pm_tui.sandbox import pricing
from pm_tui.sandbox.gateway import Gateway
from pm_tui.sandbox.lifecycle import Luck, Script, write_script
from pm_tui.sandbox.options import Span
from pm_tui.sandbox.stations import Evse, Station
from pm_tui.sandbox.store import Booking
from pm_tui.sandbox.wire import stamp

DAYS = 92
NUMBER = 600
UPCOMING = 6

_CITIES = ((52.52, 13.405), (48.137, 11.575), (50.937, 6.96), (53.551, 9.994))
_RADIUS = 6.0
_DEPARTMENTS = ("engineering", "sales", "field-service", "logistics", "it", "human-resources")
_SHARES = (26, 24, 22, 14, 8, 6)
_FREE_FORM = (
    "my-ref-001",
    "driver-123-session-456",
    "guest-booking-789",
    "fleet-delivery-route-morning",
    "depot-bay-14-morning",
    "2026",
    "-",
    "Außendienst München 7",
    "",
)
_BATCH = 40


async def write_history(gateway: Gateway) -> None:
    """Fill a fresh state, then let the lists answer. Makes way for requests between batches."""
    store = gateway.store
    try:
        if gateway.options.history and store.meta("history") is None:
            bookings: list[Booking] = []
            for booking in make_history(gateway):
                bookings.append(booking)
                if len(bookings) % _BATCH == 0:
                    await asyncio.sleep(0)
            with store.transaction():
                if store.meta("history") is None:  # another sandbox may have been quicker
                    store.insert(bookings)
                    store.set_meta("history", stamp(gateway.clock.now()))
    finally:
        gateway.history_ready.set()


def make_history(gateway: Gateway) -> Iterator[Booking]:
    now = gateway.clock.now().replace(microsecond=0)
    rng = gateway.rng("history")
    cities = stations_of(gateway)
    if not cities:
        return
    for number in range(NUMBER):
        days = rng.uniform(0.05, DAYS)
        starts = _office_hour(now - timedelta(days=days), rng, -2)
        if starts + timedelta(hours=5) < now:
            yield _booking(rng.choice(rng.choice(cities[:3] * 2 + cities)), starts, number, rng)
    for number in range(UPCOMING):
        starts = _office_hour(now + timedelta(days=1.1 + number * 0.5), rng, 2)
        # made an hour ago at the latest, and confirmed
        lead = starts - now + timedelta(hours=rng.uniform(1, 30))
        luck = Luck(Span(2, 8), refused=0, no_show=0, expired=0)
        yield _booking(rng.choice(cities[0]), starts, NUMBER + number, rng, lead, luck)


def stations_of(gateway: Gateway) -> list[list[Station]]:
    """Where people book: some stations of each of a few cities."""
    cities = [
        [row[1] for row in gateway.network.near(lat, lng, _RADIUS) if row[1].reservable]
        for lat, lng in _CITIES
    ]
    # cut after sorting by id: the same stations whatever order the network finds them in
    return [sorted(rows, key=lambda s: s.location_id)[:150] for rows in cities if rows]


def _office_hour(moment: datetime, rng: random.Random, away: int) -> datetime:
    """A quarter of an hour on that day; from a weekend mostly moved `away` days."""
    if moment.weekday() > 4 and rng.random() < 0.8:
        moment += timedelta(days=away)
    quarter = rng.choice((0, 15, 30, 45))
    return moment.replace(hour=rng.randint(5, 19), minute=quarter, second=0, microsecond=0)


def _booking(
    station: Station,
    starts: datetime,
    number: int,
    rng: random.Random,
    lead: timedelta | None = None,
    luck: Luck | None = None,
) -> Booking:
    evse = rng.choice(station.evses)
    ends = starts + timedelta(minutes=rng.choice((30, 45, 60, 60, 90, 120, 180, 240)))
    lead = lead or timedelta(minutes=rng.choice((20, 45, 90, 240, 1200)) * rng.uniform(0.9, 2))
    milliseconds = rng.randrange(1000) if number % 2 else 0
    created = (starts - lead).replace(microsecond=milliseconds * 1000)
    script = write_script(created, starts, ends, luck or Luck(Span(1, 10)), rng)
    if luck is None and rng.random() < 0.06:
        script = script.cancelled(created + (starts - created) * rng.uniform(0.05, 0.9))
    return past(station, evse, (created, starts, ends), script, rng)


def past(
    station: Station,
    evse: Evse,
    times: tuple[datetime, datetime, datetime],
    script: Script,
    rng: random.Random,
) -> Booking:
    """A booking of another day, made by somebody of the fleet; `times` are when it was made, its
    start and its end."""
    created, starts, ends = times
    estimated = pricing.estimate(station, evse, ends - starts)
    fields = who(starts, rng)
    odd = rng.random()
    return Booking(
        id=str(uuid.UUID(int=rng.getrandbits(128), version=4)),
        created=created,
        starts=starts,
        ends=ends,
        evse_uid=evse.uid,
        group_id=fields.get("fleet_group_id"),
        request={
            "location_id": station.location_id,
            "evse_uid": evse.uid,
            "reservation_start": stamp(starts),
            "reservation_end": stamp(ends),
            **fields,
        },
        details={
            "estimated_price": str(estimated),
            "final_price": None if odd < 0.02 else str(pricing.final(estimated, rng)),
            "location_city": None if 0.02 < odd < 0.035 else station.city,
            "cpo_reservation_id": f"{station.cpo.party_id}-R{rng.randrange(10**8):08d}",
        },
        script=script,
        origin="history",
    )


def who(starts: datetime, rng: random.Random) -> dict[str, Any]:
    """Who booked: the caller's reference and the token fields that go with it."""
    day = f"{starts:%Y%m%d}"
    kind = rng.random()
    if kind < 0.02:
        return {"external_id": None, "token_strategy": "ad_hoc"}
    if kind < 0.035:
        return {}
    if kind < 0.065:
        return {"external_id": rng.choice(_FREE_FORM)}
    if kind < 0.15:
        place = rng.choice(("reception", "reception", "contractor", "board"))
        return {"external_id": f"visitor-{place}-{day}", "token_strategy": "ad_hoc"}
    if kind < 0.22:
        return {
            "external_id": f"group_field-drv{rng.randint(1, 12):02d}-{day}",
            "token_strategy": "group_token",
            "fleet_group_id": "group_field",
        }
    (department,) = rng.choices(_DEPARTMENTS, _SHARES)
    # a few people drive a lot
    employee = f"emp{min(rng.randint(1, 60), rng.randint(1, 60)):03d}"
    return {
        "external_id": f"{department}-{employee}-{day}",
        "token_strategy": "driver_token",
        "customer_id": f"cust_{employee}",
    }
