"""What the desk counts and may do, without a gateway; with one: `tests/tui/test_kiosk_desk.py`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from pm_tui.config.kiosk import KioskSettings
from pm_tui.models.booking import Booking
from pm_tui.models.result import Result
from pm_tui.services import references
from pm_tui.services.kiosk_desk import Day, Guest, _shown, how_left, later_ends, terms
from pm_tui.services.kiosk_stay import Leaving, token_number, visitors

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def a_booking(name: str, status: str, hours: float = 1) -> Booking:
    end = NOON + timedelta(hours=hours)
    return Booking(name, status, reservation_start=NOON, reservation_end=end)


def a_guest(status: str, *, goes_on: bool = False) -> Guest:
    return Guest(a_booking("b", status), "1", "4", "Nord", goes_on=goes_on)


def test_who_stays_longer_is_counted_once_and_the_count_follows_a_booking_s_life() -> None:
    guests = ("COMPLETED", "CONFIRMED", "NEW WORD", "CONFIRMED", "REQUESTED")
    day = Day((*map(a_guest, guests), a_guest("ATTENDING", goes_on=True)))
    assert day.counts == (("REQUESTED", 1), ("CONFIRMED", 2), ("COMPLETED", 1), ("NEW WORD", 1))


def test_of_one_visitors_bookings_those_that_stand_are_shown_else_the_one_that_was_used() -> None:
    old, new = a_booking("old", "CONFIRMED"), a_booking("new", "CONFIRMED", 2)
    assert [one.id for one in _shown([old, new])] == ["new", "old"]
    refused = a_booking("new", "CANCELLED", 2)
    assert [one.id for one in _shown([old, refused])] == ["old"]
    assert [one.id for one in _shown([a_booking("old", "COMPLETED"), refused])] == ["old"]
    assert [one.id for one in _shown([a_booking("old", "CANCELLED"), refused])] == ["new"]


def test_later_ends_are_later_and_within_the_stay_and_the_hours() -> None:
    kiosk, hour = KioskSettings(longest=timedelta(hours=4)), timedelta(hours=1)
    booking = a_booking("b", "CONFIRMED", 1)
    ends = later_ends(kiosk, booking, NOON, None)
    assert [(end - NOON) / hour for end in ends] == [1.25, 1.5, 2, 3, 4]
    ends = later_ends(kiosk, booking, NOON, NOON + timedelta(minutes=80))
    assert [(end - NOON) / hour for end in ends] == [1.25, 4 / 3]
    assert later_ends(kiosk, a_booking("b", "CONFIRMED", 4), NOON, None) == ()
    assert later_ends(kiosk, Booking("b", "CONFIRMED"), NOON, None) == ()


def test_the_desk_hears_what_a_cancellation_costs_and_why_it_was_refused() -> None:
    told = {status: terms(a_booking("b", status)) for status in ("REQUESTED", "CONFIRMED", "ODD")}
    assert "free of charge" in told["REQUESTED"]
    assert "may cost a fee" in told["CONFIRMED"]
    assert "not known" in told["ODD"]
    assert "unplugged" in terms(a_booking("b", "ATTENDING"))
    assert "nothing to cancel" in terms(a_booking("b", "EXPIRED"))
    assert "too\x1b late" not in how_left(Leaving("refused", "too\x1b late"))
    assert how_left(Leaving("refused", "too late")).endswith("too late")


async def test_visitors_are_todays_and_this_desks_the_next_one_first() -> None:
    hour, day = timedelta(hours=1), NOON.date()
    mine, others = references.visitor("north", day), references.visitor("south", day)
    listed = [
        Booking(
            name, "CONFIRMED", external_id=reference, reservation_start=start, reservation_end=end
        )
        for name, reference, start, end in (
            ("later", mine, NOON + 2 * hour, NOON + 3 * hour),
            ("overnight", mine, NOON - 14 * hour, NOON - 12 * hour),  # 23 to 1 o'clock there
            ("longer", mine, NOON + hour, NOON + 4 * hour),
            ("next", mine, NOON + hour, NOON + 2 * hour),
            ("yesterday", mine, NOON - 15 * hour, NOON - 13 * hour),  # until midnight there
            ("tomorrow", mine, NOON + 11 * hour, NOON + 12 * hour),
            ("theirs", others, NOON, NOON + hour),
            ("employee", references.suggest("it", "north", day, ()), NOON, NOON + hour),
            ("nobody's", None, NOON, NOON + hour),
            ("endless", mine, NOON, None),
        )
    ]
    asked: list[dict[str, object]] = []

    async def bookings(**how: object) -> Result[Any]:
        asked.append(how)
        return Result(SimpleNamespace(bookings=listed), "cache", NOON)

    session = SimpleNamespace(server_now=lambda: NOON, bookings=bookings)
    kiosk: Any = SimpleNamespace(session=session, settings=KioskSettings(desk="north"))
    found = await visitors(kiosk)
    assert [one.id for one in found.value] == ["overnight", "next", "longer", "later"]
    assert asked == [{"since": NOON - 37 * hour, "offline": True}]  # midnight there, a day before


def test_a_visitor_is_known_by_the_number_that_is_shown_else_by_the_operators() -> None:
    token = {"uid": "04A2", "Visual_Number": "4711"}
    assert token_number(Booking("b", "CONFIRMED", token=token)) == "4711"
    assert token_number(Booking("b", "CONFIRMED", cpo_reservation_id="R-1")) == "R-1"
