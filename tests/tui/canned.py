"""A session that answers from a few canned models, for pictures that never change.

Only for the snapshots: every other test of the screen talks to a real gateway.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from pm_tui.api.record import Record, Sent, Why
from pm_tui.cache.intent import Intent
from pm_tui.cache.notebook import Notebook
from pm_tui.models.booking import Booking
from pm_tui.models.charger import Location
from pm_tui.models.query import SearchQuery
from pm_tui.models.result import Origin, Result
from pm_tui.models.search import SearchAnswer
from pm_tui.models.times import wire_time
from pm_tui.models.usage import Usage
from pm_tui.services.bookings import BookingList
from pm_tui.services.connection import Connection
from pm_tui.services.favourites import Kept
from pm_tui.services.find import Found
from pm_tui.services.ledger import Place
from pm_tui.services.plan import Budget
from pm_tui.services.report import Report, Row, Total
from pm_tui.services.report_months import MONTHS, Month
from pm_tui.services.report_period import Period
from pm_tui.services.report_rows import Key
from pm_tui.services.session import NothingRemembered
from tests.fakes import NOON
from tests.tui.canned_home import CannedHome

AGE = timedelta(hours=2, minutes=14)  # of what is remembered
STREETS = ("Alexanderstraße", "Torstraße", "Invalidenstraße", "Friedrichstraße", "Am Ostbahnhof")
CPOS = (("ENB", "Energienetz Baden"), ("ION", "Ionenfeld"), ("STW", "Stadtwerke Beispielstadt"))
PLUGS = (("IEC_62196_T2", 22_000), ("IEC_62196_T2_COMBO", 150_000), ("CHADEMO", 50_000))
STATUSES = ("AVAILABLE", "CHARGING", "AVAILABLE", "OUTOFORDER", "RESERVED")


def location(n: int) -> dict[str, Any]:
    party, cpo = CPOS[n % 3]
    street = STREETS[n % len(STREETS)]
    evses = [
        {
            "evse_uid": f"DE*{party}*E{1000 + n}*{k + 1}",
            "status": STATUSES[(n + k) % len(STATUSES)],
            "connectors": [
                {
                    "id": "1",
                    "standard": PLUGS[(n + k) % 3][0],
                    "format": "CABLE" if (n + k) % 3 else "SOCKET",
                    "max_electric_power": PLUGS[(n + k) % 3][1],
                }
            ],
        }
        for k in range(1 + n % 4)
    ]
    price = {"estimated_price": 6.5 + n * 0.85, "currency": "EUR"} if n % 7 != 6 else {}
    return {
        "location_id": f"DE-{party}-E{1000 + n}",
        "name": f"Ladepark {street} {n + 1}",
        "distance_km": round(0.3 + n * 0.37, 2),
        "cpo_name": cpo,
        "cpo_party_id": party,
        "supports_reservation": None if n % 11 == 10 else n % 5 != 4,
        "address": f"{street} {n + 1}",
        "postal_code": f"10{115 + n}",
        "city": "Berlin",
        "coordinates": {"latitude": str(52.52 + n / 1000), "longitude": "13.405"},
        "time_zone": "Europe/Berlin",
        "evses": evses,
        "pricing": price,
    }


def search_answer() -> SearchAnswer:
    operators = [
        {"cpo_party_id": party, "cpo_name": name, "count": 14, "duration_ms": 80, "error": None}
        for party, name in CPOS[:2]
    ]
    party, name = CPOS[2]
    operators.append({"cpo_party_id": party, "cpo_name": name, "count": 0, "error": "timeout"})
    return SearchAnswer.read(
        {"total": 42, "results": [location(n) for n in range(42)], "cpo_results": operators}
    )


def bookings() -> tuple[Booking, ...]:
    """One of every status; the first is confirmed and begins soon."""
    states = ("CONFIRMED", "PENDING", "REQUESTED", "ATTENDING", "COMPLETED", "CANCELLED")
    rows = [
        {
            "id": f"44262979-aadd-4fa5-b168-14ddc5839f{n:02}",
            "status": status,
            "cpo_reservation_id": f"ENB-R4093460{n}" if n in (0, 3, 4) else None,
            "client_price": Decimal("12.50") + n,
            "client_price_currency": "EUR",
            "external_id": f"engineering-emp{40 + n:03}-20261121",
            "location_city": "Berlin",
            "created_at": wire_time(NOON - timedelta(minutes=3 + n)),
            "location_id": f"DE-{CPOS[n % 3][0]}-E{1000 + n}",
            "evse_uid": f"DE*{CPOS[n % 3][0]}*E{1000 + n}*1",
            "reservation_start": wire_time(NOON + timedelta(hours=2 + n if n < 3 else 0 - n)),
            "reservation_end": wire_time(NOON + timedelta(hours=4 + n if n < 3 else 4 - n)),
            "token_strategy": "driver_token",
            "customer_id": f"cust_emp{40 + n:03}",
        }
        for n, status in enumerate((*states, "EXPIRED", "NO_SHOW"))
    ]
    return tuple(map(Booking.read, rows))


def a_report() -> Report:
    """A month with everything in it that a report can have to say."""
    october = Period.month(2026, 10, ZoneInfo("Europe/Berlin"))
    names = ("engineering", "field-service", "sales", "Außendienst", "it", "human-resources")
    rows = [
        Row(
            Key("value", name), "EUR", 41 - 7 * n, n % 3, Decimal("912.40") / (n + 1) // 1,
            Decimal(700 - 90 * n),
        )
        for n, name in enumerate(names)
    ]  # fmt: skip
    rows += [
        Row(Key("visitor"), "EUR", 9, 0, Decimal("210.00"), Decimal("180.50")),
        Row(Key("unparsed"), "EUR", 2, 0, Decimal("31.00"), Decimal("0.00")),
        Row(Key("missing"), "EUR", 1, 1, Decimal("0.00"), Decimal("12.00")),
    ]
    total = sum((row.total for row in rows), Decimal(0))
    counted = Total("EUR", sum(r.bookings for r in rows), sum(r.unpriced for r in rows), total)
    return Report(
        october, "department", "COMPLETED", tuple(rows), (counted,), until=october.end,
        problems=("from 2026-10-11 00:00 to 2026-10-12 08:30 nothing was read",),
        previous={"EUR": Decimal("2103.50")},
    )  # fmt: skip


def a_record() -> Record:
    """What was sent for all that, and a booking that was refused at first."""
    record = Record()
    sent: tuple[tuple[Why, str, str, int], ...] = (
        ("usage", "GET", "/usage", 200),
        ("watched", "GET", "/bookings", 200),
        ("search", "GET", "/locations/search?latitude=52.52&longitude=13.405&radius=25", 200),
        ("booking", "POST", "/bookings", 409),
        ("booking", "POST", "/bookings", 201),
        ("confirmation", "GET", "/bookings/44262979-aadd-4fa5-b168-14ddc5839f00", 200),
    )
    for n, (why, method, path, status) in enumerate(sent):
        at, url = NOON - timedelta(seconds=90 - 15 * n), f"https://api.example{path}"
        one = Sent(n + 1, at, "agent", why, method, url, path, 1, 0.2 + n / 10, status)
        size = 310 if method == "POST" else 0
        record.add(replace(one, size=size, received=900 + n, limit=100, remaining=98 - n))
    return record


class CannedSession:
    """What the screen asks of a session, answered at once. `origin` "cache" is being offline."""

    def __init__(self, origin: Origin = "live") -> None:
        self.origin: Origin = origin
        self.at: datetime = NOON if origin == "live" else NOON - AGE
        self.connection = Connection(
            "online" if origin == "live" else "offline",
            since=NOON - timedelta(minutes=12),
            problem="" if origin == "live" else "The server cannot be reached.",
            last_sync=self.at,
            limit=100,
            remaining=93,
            reset_at=NOON + timedelta(seconds=41),
            month_used=1204,
            month_limit=10_000,
        )
        self.line = SimpleNamespace(on_change=None, connection=self.connection)
        self.settings = SimpleNamespace(
            account="canned", offline=False, timezone=ZoneInfo("Europe/Berlin")
        )
        self.host = None
        self.home = CannedHome(origin, self.at)
        self.clock_ahead = timedelta()

    async def __aenter__(self) -> CannedSession:
        return self

    async def close(self) -> None:
        """Nothing is open."""

    def take_notices(self) -> list[str]:
        return []

    async def answers(
        self, query: SearchQuery, *, label: str = "", **_options: object
    ) -> AsyncIterator[Found]:
        yield await self.search(query, label=label)

    async def search(self, query: SearchQuery, *, label: str = "") -> Found:
        return Found(search_answer(), self.origin, self.at)

    def now(self) -> datetime:
        return NOON

    server_now = now

    async def with_stores(self, work: object) -> Kept:
        return Kept()

    async def with_notebook(
        self, _name: str, work: Callable[[Notebook], Any], **_how: object
    ) -> object:
        return work(Notebook(None, print))

    async def known_bookings(self, *, background: bool = False) -> Result[BookingList]:
        return Result(BookingList(bookings(), complete=True), self.origin, self.at)

    async def summed(self, period: Period, *_asked: object, **_more: object) -> Result[Report]:
        return Result(replace(a_report(), period=period), self.origin, self.at)

    async def report_months(self, last: Period, **_more: object) -> list[Month]:
        period, found = last, list[Month]()
        for n in range(MONTHS):
            found.append(Month(period, Decimal(2400 - n * 170) if n % 5 != 4 else None, "EUR"))
            period = period.previous()
        return found[::-1]

    async def booking(self, booking_id: str) -> Result[Booking]:
        found = next(one for one in bookings() if one.id == booking_id)
        return Result(found, self.origin, self.at)

    async def settle(self, bookings: Sequence[Booking]) -> None:
        """Nothing is unsettled."""

    async def unsettled(self) -> list[Intent]:
        return []

    async def usage(self) -> Result[Usage]:
        raise NothingRemembered("the line tells the month's figure")

    def usage_is_old(self) -> bool:
        return False

    def budget(self) -> Budget:
        return Budget()

    async def places(self, location_ids: Iterable[str]) -> dict[str, Place]:
        zone = ZoneInfo("Europe/Berlin")
        return {one["location_id"]: Place(one["name"], zone) for one in map(location, range(8))}

    async def references(self) -> frozenset[str]:
        return frozenset()

    async def locations(self, ids: Iterable[str]) -> dict[str, Result[Location]]:
        found = [Location.read(location(n)) for n in range(42)]
        return {
            one.location_id: Result(one, "cache", NOON - AGE)
            for one in found
            if one.location_id in ids
        }

    async def desk(self) -> SimpleNamespace:
        """A journal in which nothing is written."""

        async def at_once(work: Callable[..., Any], *arguments: object) -> Any:
            return work(*arguments)

        def none(*_asked: object) -> list[Intent]:
            return []

        return SimpleNamespace(worker=at_once, journal=SimpleNamespace(intents=none, parts=none))
