"""How often is looked: closely while something is about to change, and not at all otherwise."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pm_tui.models.booking import STATUSES, Booking
from pm_tui.services.watch import (
    AT_MOST,
    FIRST_LOOKS,
    LATE,
    NEAR,
    OFFLINE_AT_MOST,
    OFFLINE_FIRST,
    PATIENCE,
    ROUTINE,
    SLOWLY,
    STEADY,
    follow_delays,
    next_look,
    retry_delay,
)
from tests.fakes import NOON


def booking(
    status: str,
    *,
    made: datetime | None = NOON,
    start: datetime | None = None,
    end: datetime | None = None,
) -> Booking:
    return Booking(
        id="b1", status=status, created_at=made, reservation_start=start, reservation_end=end
    )


def look(*bookings: Booking, shown: bool = False, after: float = 0) -> float | None:
    return next_look(bookings, NOON + timedelta(seconds=after), shown=shown)


def test_a_waiting_booking_is_followed_as_documented_for_two_minutes() -> None:
    delays = list(follow_delays())
    assert delays[:4] == [1, 2, 3, 5]
    assert set(delays[4:]) == {STEADY}
    assert PATIENCE <= sum(delays) < PATIENCE + STEADY


def test_nothing_to_wait_for_is_never_looked_at() -> None:
    assert look() is None
    for status in ("COMPLETED", "CANCELLED", "EXPIRED", "NO_SHOW", "completed"):
        assert look(booking(status)) is None


def test_a_list_on_screen_is_looked_at_now_and_then() -> None:
    assert look(shown=True) == AT_MOST
    assert look(booking("COMPLETED"), shown=True) == AT_MOST


@pytest.mark.parametrize("status", ["REQUESTED", "PENDING", "SOMETHING_NEW"])
@pytest.mark.parametrize(
    ("after", "delay"), [(0.1, 1), (1.5, 2), (2.5, 3), (8, STEADY), (119, STEADY), (121, SLOWLY)]
)
def test_a_new_booking_is_looked_at_closely_then_slowly(
    status: str, after: float, delay: float
) -> None:
    assert look(booking(status), after=after) == delay


def test_a_waiting_booking_of_unknown_age_is_looked_at_seldom() -> None:
    assert look(booking("PENDING", made=None)) == AT_MOST


def test_a_forgotten_booking_does_not_spend_the_month() -> None:
    past = NOON - timedelta(days=30)
    for status in ("PENDING", "REQUESTED", "CONFIRMED", "A_STATUS_OF_TOMORROW"):
        assert look(booking(status, start=past, end=past + timedelta(hours=1))) is None
    ahead = booking("PENDING", start=NOON + timedelta(days=30))
    assert look(ahead, after=3 * 3600) == AT_MOST  # it has waited for an hour and more


def test_a_server_whose_clock_is_ahead_is_not_asked_every_second() -> None:
    fresh = booking("PENDING", made=NOON + timedelta(minutes=10))
    assert look(fresh) == STEADY
    assert next_look([fresh], NOON, shown=False, first_seen={"b1": NOON}) == FIRST_LOOKS[0]


def test_a_confirmed_one_is_looked_at_when_its_window_comes_near_and_while_it_runs() -> None:
    start = NOON + timedelta(minutes=20)
    confirmed = booking("CONFIRMED", start=start, end=start + timedelta(hours=1))
    assert look(confirmed) == 5 * 60 + 1  # when the last quarter of an hour begins
    for minutes in (6, 20, 50, 94):
        assert look(confirmed, after=minutes * 60) == ROUTINE
    assert look(confirmed, after=96 * 60) == AT_MOST  # over, and the operator has not said so
    assert look(confirmed, after=8 * 3600) is None  # nor will it
    assert look(booking("CONFIRMED")) == AT_MOST  # nobody knows when
    far = booking("CONFIRMED", start=NOON + timedelta(days=3), end=NOON + timedelta(days=3))
    assert look(far) == AT_MOST


def test_the_most_urgent_booking_decides() -> None:
    later = booking("CONFIRMED", start=NOON + timedelta(hours=9))
    assert look(later, booking("REQUESTED"), booking("COMPLETED"), shown=True, after=4) == STEADY


bookings = st.builds(
    lambda status, made, start, length: booking(
        status,
        made=None if made is None else NOON + timedelta(seconds=made),
        start=None if start is None else NOON + timedelta(seconds=start),
        end=None if start is None or length is None else NOON + timedelta(seconds=start + length),
    ),
    st.sampled_from([*STATUSES, "UNHEARD_OF"]),
    st.none() | st.integers(-400_000, 100),
    st.none() | st.integers(-400_000, 400_000),
    st.none() | st.integers(1, 20_000),
)


def is_long_over(one: Booking) -> bool:
    last = one.reservation_end or one.reservation_start
    return last is not None and last + LATE < NOON


@given(st.lists(bookings, max_size=6), st.booleans())
def test_whatever_is_known_the_month_can_pay_for_the_looks(
    known: list[Booking], shown: bool
) -> None:
    delay = next_look(known, NOON, shown=shown)
    open_ones = [one for one in known if not one.is_final and not is_long_over(one)]
    if delay is None:
        assert not shown
        assert not open_ones
        return
    assert 1 <= delay <= AT_MOST
    young = [
        one
        for one in open_ones
        if one.is_waiting
        and one.created_at is not None
        and NOON - one.created_at <= timedelta(minutes=2)
    ]
    if delay < SLOWLY and not young:
        # nothing is that urgent but a window whose last quarter of an hour begins just then
        starts = [one.reservation_start for one in open_ones if one.reservation_start]
        assert any(abs(start - NEAR - NOON) < timedelta(seconds=SLOWLY) for start in starts)


@given(st.integers(1, 10_000))
def test_the_line_is_tried_again_ever_more_slowly_up_to_a_bound(failures: int) -> None:
    assert OFFLINE_FIRST <= retry_delay(failures) <= retry_delay(failures + 1) <= OFFLINE_AT_MOST


def test_the_first_retries() -> None:
    assert [retry_delay(n) for n in range(1, 7)] == [15, 30, 60, 120, 240, 300]
