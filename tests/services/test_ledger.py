"""What the ledger tells of a new reading: each change once, never what we did ourselves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pm_tui.models.booking import STATUSES, Booking
from pm_tui.models.result import Origin, Result
from pm_tui.models.zones import CHARGERS_ZONE
from pm_tui.services.bookings import BookingList
from pm_tui.services.ledger import Ledger, Place
from tests.fakes import NOON

HOUR = timedelta(hours=1)
COLUMNS = ("status", "window", "starts", "location", "price", "external_id", "age")


def booking(booking_id: str = "b1", status: str = "REQUESTED", **more: Any) -> Booking:
    return Booking(id=booking_id, status=status, **more)


def reading(
    *bookings: Booking,
    minute: float = 0,
    origin: Origin = "live",
    seen_at: dict[str, datetime] | None = None,
) -> Result[BookingList]:
    value = BookingList(tuple(bookings), complete=True, seen_at=seen_at or {})
    return Result(value, origin, NOON + timedelta(minutes=minute))


def kinds(changes: Sequence[Any]) -> list[tuple[str, str]]:
    return [(change.before, change.kind) for change in changes]


def test_the_first_reading_changes_nothing_and_each_change_is_told_once() -> None:
    ledger = Ledger()
    assert ledger.take(reading(booking()), {}) == []
    told = ledger.take(reading(booking(status="CONFIRMED"), minute=1), {})
    assert kinds(told) == [("REQUESTED", "confirmed")]
    assert ledger.take(reading(booking(status="CONFIRMED"), minute=2), {}) == []
    lost = ledger.take(reading(booking(status="CANCELLED"), minute=3), {})
    assert kinds(lost) == [("CONFIRMED", "lost")]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("CONFIRMED", "confirmed"),
        ("CANCELLED", "lost"),
        ("expired", "lost"),
        ("NO_SHOW", "lost"),
        ("PENDING", "other"),
        ("ATTENDING", "other"),
        ("NEW_WORD", "other"),
    ],
)
def test_what_a_change_means(status: str, kind: str) -> None:
    ledger = Ledger()
    ledger.take(reading(booking()), {})
    (change,) = ledger.take(reading(booking(status=status), minute=1), {})
    assert change.kind == kind


def test_an_answer_overtaken_by_a_newer_one_is_not_believed() -> None:
    ledger = Ledger()
    later = NOON + timedelta(seconds=3)
    ledger.take_one(Result(booking(status="CONFIRMED"), "live", later))
    assert ledger.take(reading(booking(status="PENDING")), {}) == []
    known = ledger.booking("b1")
    assert known is not None
    assert known.status == "CONFIRMED"
    assert ledger.time_of("b1") == later


def test_a_clock_set_back_does_not_freeze_what_is_live() -> None:
    ledger = Ledger()
    ledger.take_one(Result(booking(status="PENDING"), "live", NOON + HOUR))
    (change,) = ledger.take(reading(booking(status="CONFIRMED")), {})
    assert change.kind == "confirmed"


def test_what_the_person_did_is_no_change_any_more() -> None:
    ledger = Ledger()
    ledger.take(reading(booking(status="CONFIRMED")), {})
    ledger.take_one(Result(booking(status="CANCELLED"), "live", NOON + timedelta(seconds=30)))
    assert ledger.take(reading(booking(status="CANCELLED"), minute=1), {}) == []


def test_a_list_that_cannot_be_read_leaves_nothing_live() -> None:
    ledger = Ledger()
    ledger.take(reading(booking()), {})
    ledger.fail("the key was revoked")
    assert not ledger.is_live("b1")
    assert ledger.problem == "the key was revoked"
    ledger.take(reading(booking(), minute=1), {})
    assert ledger.problem == ""


def test_what_memory_adds_to_a_live_reading_is_known_but_not_live() -> None:
    ledger = Ledger()
    old = NOON - 3 * HOUR
    ledger.take(reading(booking("b1"), booking("b2"), seen_at={"b2": old}), {})
    assert (ledger.is_live("b1"), ledger.is_live("b2")) == (True, False)
    assert (ledger.time_of("b1"), ledger.time_of("b2")) == (NOON, old)
    ledger.take(reading(booking("b1"), minute=1, origin="cache"), {})
    assert not ledger.is_live("b1")
    assert {one.id for one in ledger.bookings} == {"b1", "b2"}


def test_places_and_zones() -> None:
    ledger = Ledger()
    zone = ZoneInfo("Europe/Lisbon")
    ledger.take(reading(), {"L1": Place("Ladepark Süd", zone)})
    named = booking(location_id="L1", location_city="Berlin")
    assert (ledger.place(named), ledger.zone(named)) == ("Ladepark Süd", zone)
    unnamed = booking(location_id="L2", location_city="Berlin")
    assert (ledger.place(unnamed), ledger.zone(unnamed)) == ("Berlin", CHARGERS_ZONE)
    assert ledger.place(booking(location_id="L3")) == "L3"
    assert ledger.place(booking()) == "–"
    assert ledger.known_places == {"L1"}
    ledger.note_place("L3", Place("Nord"))
    assert ledger.place(booking(location_id="L3")) == "Nord"
    assert ledger.known_places == {"L1", "L3"}


def sorted_ids(bookings: Sequence[Booking], key: str, reverse: bool = False) -> str:
    ledger = Ledger()
    ledger.take(reading(*bookings), {})
    return "".join(one.id for one in ledger.sort(bookings, key, reverse, NOON))


def test_the_next_to_start_is_on_top_and_what_is_over_behind() -> None:
    def at(name: str, status: str, start: float | None) -> Booking:
        begins = None if start is None else NOON + start * HOUR
        ends = None if begins is None else begins + HOUR
        return booking(name, status, reservation_start=begins, reservation_end=ends)

    known = [
        at("a", "COMPLETED", -48),
        at("b", "CONFIRMED", 5),
        at("c", "COMPLETED", -2),
        at("d", "PENDING", 1),
        at("e", "CONFIRMED", None),
        at("f", "ATTENDING", -0.5),
        at("g", "CANCELLED", 2),
    ]
    order = sorted_ids(known, "starts")
    assert order[:3] == "fdb"  # running, then the next ones
    assert order[-1] == "e"
    assert set(order[3:6]) == set("acg")
    assert order.index("c") < order.index("a")


def test_unknown_comes_last_either_way() -> None:
    known = [
        booking("a", client_price=Decimal("2.5"), external_id="x"),
        booking("b"),
        booking("c", client_price=Decimal("10"), external_id="a"),
    ]
    assert sorted_ids(known, "price") == "acb"
    assert sorted_ids(known, "price", reverse=True) == "cab"
    assert sorted_ids(known, "external_id") == "cab"


moments = st.none() | st.integers(-10_000, 10_000).map(lambda n: NOON + timedelta(minutes=n))
some_bookings = st.lists(
    st.builds(
        Booking,
        id=st.text("abcdef", min_size=1, max_size=3),
        status=st.sampled_from([*STATUSES, "ODD"]),
        client_price=st.none() | st.decimals(0, 100, places=2),
        external_id=st.none() | st.text("xyz", max_size=3),
        location_city=st.none() | st.sampled_from(["Berlin", "Köln"]),
        reservation_start=moments,
        reservation_end=moments,
    ),
    max_size=8,
    unique_by=lambda one: one.id,
)


@given(some_bookings, st.sampled_from(COLUMNS), st.booleans())
def test_every_column_sorts_any_bookings_and_loses_none(
    known: list[Booking], key: str, reverse: bool
) -> None:
    ledger = Ledger()
    ledger.take(reading(*known), {})
    found = ledger.sort(known, key, reverse, NOON)
    assert sorted(one.id for one in found) == sorted(one.id for one in known)


@given(st.lists(some_bookings, max_size=4))
def test_replaying_any_readings_tells_a_change_exactly_when_a_status_differs(
    readings: list[list[Booking]],
) -> None:
    ledger = Ledger()
    known: dict[str, str] = {}
    for minute, bookings in enumerate(readings):
        told = ledger.take(reading(*bookings, minute=minute), {})
        changed = {
            one.id: (known[one.id], one.status)
            for one in bookings
            if one.id in known and known[one.id] != one.status
        }
        assert {c.booking.id: (c.before, c.booking.status) for c in told} == changed
        known |= {one.id: one.status for one in bookings}
    assert {one.id: one.status for one in ledger.bookings} == known


def test_what_was_told_before_this_window_is_compared_with_its_first_live_reading() -> None:
    ledger = Ledger()
    ledger.heard({"b1": "REQUESTED", "b2": "CANCELLED"})
    old = reading(booking(), booking("b2", "CONFIRMED"), origin="cache")
    assert ledger.take(old, {}) == [], "memory may be older than what was told"
    assert ledger.shown == {}
    live = reading(booking(status="CONFIRMED"), booking("b2", "CANCELLED"), minute=1)
    assert kinds(ledger.take(live, {})) == [("REQUESTED", "confirmed")]
    assert ledger.shown == {"b1": "CONFIRMED", "b2": "CANCELLED"}
    ledger.heard({"b1": "REQUESTED"})  # this window knows better
    assert ledger.take(reading(booking(status="CONFIRMED"), minute=2), {}) == []


def test_what_we_cancelled_ourselves_is_no_loss_and_what_the_operator_cancelled_is() -> None:
    ledger = Ledger()
    ledger.take(reading(booking(), booking("b2"), booking("b3")), {})
    gone = [booking(name, "CANCELLED") for name in ("b1", "b2")]
    seen = [*gone, booking("b3", "EXPIRED"), booking("new", "CANCELLED")]
    assert ledger.newly_cancelled(seen) == ["b1", "b2"]
    ledger.cancelled_here |= {"b1", "b3"}
    changes = ledger.take(reading(*seen, minute=1), {})
    assert [(one.booking.id, one.kind) for one in changes] == [
        ("b1", "other"),
        ("b2", "lost"),
        ("b3", "lost"),  # whatever was wished, it was not cancelled
    ]
    assert ledger.newly_cancelled(seen) == []
