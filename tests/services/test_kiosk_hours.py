"""When a desk is open and how long a visitor may stay, over midnight and clock changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from pm_tui.config.opening import Hours, read
from pm_tui.services.kiosk_hours import SHORTEST, desk, stay

BERLIN = ZoneInfo("Europe/Berlin")


def rules(*texts: str) -> tuple[Hours, ...]:
    return tuple(read(text, "here") for text in texts)


def berlin(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=BERLIN)


def test_a_desk_opens_and_closes_by_its_own_clock() -> None:
    week = rules("mon-fri 7:00-19:00", "sat 9:00-13:00")
    assert desk((), berlin(21, 3), BERLIN).is_open
    saturday = desk(week, berlin(21, 12, 59), BERLIN)
    assert (saturday.is_open, saturday.closes) == (True, berlin(21, 13))
    closed = desk(week, berlin(21, 13), BERLIN)
    assert (closed.is_open, closed.opens) == (False, berlin(23, 7))
    once = desk(rules("sat 9:00-13:00"), berlin(21, 13), BERLIN)
    assert once.opens == berlin(28, 9)


def test_midnight_is_no_closing_time_where_it_goes_on() -> None:
    night = rules("fri 18:00-24:00", "sat 00:00-2:00")
    assert desk(night, berlin(20, 23), BERLIN).closes == berlin(21, 2)
    always = desk(rules("mon-sun 0:00-24:00"), berlin(21, 12), BERLIN)
    assert (always.is_open, always.closes) == (True, None)


def test_a_rule_may_go_past_midnight() -> None:
    nights = rules("mon-fri 19:00-07:00")
    friday = desk(nights, berlin(20, 23), BERLIN)
    assert (friday.is_open, friday.closes) == (True, berlin(21, 7))
    assert desk(nights, berlin(21, 6, 59), BERLIN).closes == berlin(21, 7), "from the day before"
    closed = desk(nights, berlin(21, 7), BERLIN)
    assert (closed.is_open, closed.opens) == (False, berlin(23, 19))
    assert not desk(nights, berlin(23, 6), BERLIN).is_open, "Sunday has none"
    round_the_clock = rules("mon-sun 7:00-19:00", "mon-sun 19:00-07:00")
    assert desk(round_the_clock, berlin(21, 12), BERLIN).closes is None


def test_a_clock_change_moves_no_opening() -> None:
    autumn = desk(rules("sun 1:00-19:00"), berlin(25, 1, 30, month=10), BERLIN)
    assert autumn.closes == berlin(25, 19, month=10)
    assert autumn.closes.astimezone(UTC).hour == 18
    spring = desk(rules("sun 7:00-19:00"), berlin(29, 1, month=3), BERLIN)
    assert spring.opens == berlin(29, 7, month=3)


def test_what_is_offered_ends_before_the_desk_does() -> None:
    now, hour = berlin(23, 10, 3), timedelta(hours=1)
    offered = stay(now, 4 * hour, None)
    assert offered.start == berlin(23, 10, 19)
    assert offered.ends == (berlin(23, 11, 30), berlin(23, 12, 30), berlin(23, 14, 19))
    short = stay(now, 4 * hour, berlin(23, 11))
    assert short.ends == (berlin(23, 11),)
    assert stay(now, 4 * hour, berlin(23, 10, 45)).ends == ()
    longer = stay(now, 4 * hour, None, start=berlin(23, 9))
    assert longer.latest == berlin(23, 13)


def test_the_picker_stays_within_what_is_allowed() -> None:
    offered = stay(berlin(23, 10, 3), timedelta(hours=4), None)
    end = offered.ends[0]
    assert offered.moved(end, 1) == berlin(23, 11, 45)
    assert offered.moved(end, 99) == offered.latest
    assert offered.moved(offered.latest, -1) == berlin(23, 14, 15)
    least = offered.moved(end, -99)
    assert least - offered.start >= SHORTEST
    assert least == berlin(23, 11)
