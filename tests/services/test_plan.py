"""When is looked next: closely while something is about to change, never beyond the budget."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pm_tui.models.booking import STATUSES, Booking
from pm_tui.services.plan import (
    AFTER,
    AT_MOST,
    AWAKE,
    AWAKE_BEHIND,
    BEFORE,
    BEHIND,
    CLOSELY,
    DEFAULT_QUOTA,
    ENOUGH,
    LATE,
    MIN_GAP,
    OFFLINE_AT_MOST,
    OFFLINE_FIRST,
    SETTLE_GAP,
    SLEEPY,
    SLOWLY,
    SOON,
    WAITING_LONG,
    WATCH,
    Budget,
    Facts,
    Look,
    Presence,
    Why,
    allowance,
    days_left,
    plan,
    retry_delay,
)
from pm_tui.services.watch import STEADY
from tests.fakes import NOON

HERE = Presence(touched_at=NOON)
AWAY = Presence(touched_at=NOON - timedelta(hours=2))
HOUR = timedelta(hours=1)


def booking(
    status: str,
    *,
    made: datetime | None = NOON,
    start: datetime | None = None,
    end: datetime | None = None,
    number: int = 1,
    changed: datetime | None = None,
) -> Booking:
    return Booking(
        id=f"b{number}",
        status=status,
        created_at=made,
        reservation_start=start,
        reservation_end=end,
        status_updated_at=changed,
    )


def look(*bookings: Booking, after: float = 0, last: float | None = None, **facts: Any) -> Look:
    """The plan `after` seconds past noon, `last` those of the last look (the same by default)."""
    now = NOON + timedelta(seconds=after)
    last_look = now if last is None else NOON + timedelta(seconds=last)
    known: dict[str, Any] = {"presence": HERE, "last_look": last_look, **facts}
    return plan(Facts(now=now, bookings=bookings, **known))


def seconds(planned: Look) -> float | None:
    """From noon."""
    return None if planned.at is None else (planned.at - NOON).total_seconds()


# -- following -------------------------------------------------------------------


@pytest.mark.parametrize("status", ["REQUESTED", "PENDING", "SOMETHING_NEW"])
def test_a_new_booking_is_looked_at_after_1_2_3_5_5_seconds_then_slowly(status: str) -> None:
    at, moments = 0.0, []
    while at < 400:
        planned = look(booking(status), after=at)
        assert planned.why is Why.FOLLOWING
        at = seconds(planned) or 0.0
        moments.append(at)
    assert moments[:6] == [1, 3, 6, 11, 16, 21]
    close = [one for one in moments if one <= CLOSELY.total_seconds()]
    assert {b - a for a, b in pairwise(close[3:])} == {STEADY}
    late = [one for one in moments if one > CLOSELY.total_seconds()]
    assert {b - a for a, b in pairwise(late)} == {SLOWLY}


def test_whoever_looked_in_between_moves_nothing() -> None:
    """Windows that saw it at the same time mean the same moments, whichever of them looks."""
    for last, then in ((0, 1), (1.2, 3), (1.9, 3), (4.9, 6), (7, 11)):
        assert seconds(look(booking("PENDING"), after=last, last=last)) == then


def test_two_bookings_at_once_cost_one_look_a_second_at_most() -> None:
    both = [booking("PENDING"), booking("PENDING", made=NOON + timedelta(seconds=0.4), number=2)]
    assert look(*both, after=1, last=1) == Look(
        NOON + timedelta(seconds=1 + MIN_GAP), Why.FOLLOWING, 2
    )


def test_what_waits_for_long_is_looked_at_like_any_other() -> None:
    start = NOON + 5 * HOUR
    old = booking("PENDING", start=start, end=start + HOUR)
    after = WAITING_LONG.total_seconds() + 1
    here = Presence(touched_at=NOON + timedelta(seconds=after))
    assert look(old, after=after, presence=here).why is Why.AHEAD
    unknown = booking("PENDING", made=None, start=start, end=start + HOUR)
    assert look(unknown).why is Why.AHEAD


def test_our_first_sight_counts_not_the_servers_clock() -> None:
    ahead = booking("PENDING", made=NOON + timedelta(minutes=10))
    assert seconds(look(ahead, waiting_since={"b1": NOON})) == 1
    assert seconds(look(ahead, clock_ahead=timedelta(minutes=10))) == 1


def test_once_the_operators_are_known_the_looks_are_laid_by_how_long_they_take() -> None:
    known = [
        booking("CONFIRMED", number=n + 2, changed=NOON + timedelta(seconds=2 + n))
        for n in range(ENOUGH)  # answered within 2, 3 … 9 s
    ]

    def moments(*others: Booking) -> list[float]:
        at, found = 0.0, []
        for _look in range(5):
            at = seconds(look(booking("REQUESTED"), *others, after=at)) or 0.0
            found.append(round(at, 1))
        return found

    gone = replace(known[0], status="CANCELLED")  # which no operator did
    assert moments(gone, *known[1:]) == [1, 3, 6, 11, 16]  # too few to know
    assert moments(*reversed(known)) == [4, 7, 9.3, 14.3, 19.3]
    slow = [replace(one, status_updated_at=NOON + timedelta(seconds=90)) for one in known]
    assert moments(*slow) == [5, 10, 15, 20, 25]  # the next may be quicker than all before
    odd = [replace(one, status_updated_at=NOON - HOUR) for one in known]
    assert moments(*odd) == [1, 3, 6, 11, 16]


def test_following_goes_on_where_nobody_waits_but_after_those_who_do() -> None:
    assert seconds(look(booking("PENDING"), presence=AWAY)) == 1 + BEHIND.total_seconds()


# -- watching --------------------------------------------------------------------


def test_what_is_unclear_is_looked_for_again_when_it_is_due_and_never_in_a_circle() -> None:
    due = NOON + timedelta(seconds=SETTLE_GAP + 30)
    assert look(settle_at=due) == Look(due, Why.SETTLING, 1)
    assert seconds(look(settle_at=NOON - timedelta(hours=1))) == SETTLE_GAP
    assert look(settle_at=due, presence=AWAY).why is Why.SETTLING  # money may be lost meanwhile


def test_nothing_to_wait_for_is_never_looked_at() -> None:
    for status in ("COMPLETED", "CANCELLED", "EXPIRED", "NO_SHOW", "completed"):
        assert look(booking(status)) == Look(None, Why.NOTHING)
    assert look() == Look(None, Why.NOTHING)


def test_an_open_list_shows_what_others_book_now_and_then() -> None:
    shown = replace(HERE, shown=True)
    assert look(presence=shown) == Look(NOON + timedelta(seconds=AT_MOST), Why.SHOWN)
    assert look(presence=replace(AWAY, shown=True)).at is None


def test_somebody_who_is_there_sees_every_change_within_five_minutes() -> None:
    start = NOON + timedelta(hours=3)
    confirmed = booking("CONFIRMED", start=start, end=start + HOUR)
    assert look(confirmed) == Look(NOON + timedelta(seconds=WATCH), Why.AHEAD, 1)
    assert WATCH <= 300 - 5
    for minutes in (150, 180, 210, 239):
        at = minutes * 60.0
        here = Presence(touched_at=NOON + timedelta(seconds=at))
        assert seconds(look(confirmed, after=at, presence=here)) == at + WATCH


@pytest.mark.parametrize(
    ("minutes", "why"),
    [(0, Why.AHEAD), (-8, Why.STARTS), (4, Why.STARTS), (20, Why.RUNS), (62, Why.ENDS)],
)
def test_it_says_what_may_be_seen_then(minutes: int, why: Why) -> None:
    start = NOON - timedelta(minutes=minutes) if minutes else NOON + 5 * HOUR
    later = booking("CONFIRMED", start=NOON + 6 * HOUR, number=2)
    assert look(booking("CONFIRMED", start=start, end=start + HOUR), later).why is why


def test_what_is_days_ahead_or_just_over_can_wait() -> None:
    far = booking(
        "CONFIRMED", start=NOON + timedelta(days=3), end=NOON + timedelta(days=3, hours=1)
    )
    over = booking("CONFIRMED", start=NOON - 3 * HOUR, end=NOON - 2 * HOUR)
    for one in (far, over, booking("CONFIRMED")):
        assert look(one) == Look(NOON + timedelta(seconds=AT_MOST), Why.AHEAD, 1)


def test_asleep_it_looks_before_each_start_around_it_and_after_the_end() -> None:
    start = NOON + timedelta(hours=3)
    confirmed = booking("CONFIRMED", start=start, end=start + HOUR)
    slept = -BEFORE + timedelta(seconds=SLEEPY)  # the look around the start is not in a hurry
    at, moments = NOON, []
    while (planned := look(confirmed, presence=AWAY, last_look=at)).at is not None:
        assert planned.why is Why.ASLEEP
        at = planned.at
        moments.append(at - start)
    assert moments == [-BEFORE, slept, HOUR + AFTER]
    assert planned == Look(None, Why.ASLEEP)


def test_the_servers_clock_places_the_window() -> None:
    start = NOON + timedelta(hours=3)
    confirmed = booking("CONFIRMED", start=start)
    planned = look(confirmed, presence=AWAY, clock_ahead=timedelta(minutes=7))
    assert planned.at == start - BEFORE - timedelta(minutes=7)
    for minutes, begins, gap in ((7, 6, WATCH), (-7, -6, AT_MOST)):
        near = booking("CONFIRMED", start=NOON + SOON + timedelta(minutes=begins))
        assert seconds(look(near, clock_ahead=timedelta(minutes=minutes))) == gap


def test_asleep_many_starts_cost_a_look_in_twenty_five_minutes_at_most() -> None:
    crowd = [booking("CONFIRMED", start=NOON + timedelta(minutes=n), number=n) for n in range(40)]
    at, looks = NOON, 0
    while (planned := look(*crowd, presence=AWAY, last_look=at)).at is not None:
        assert planned.at - at >= timedelta(seconds=SLEEPY)
        at, looks = planned.at, looks + 1
    assert looks <= 3


def test_a_window_behind_others_falls_asleep_sooner() -> None:
    start = NOON + timedelta(hours=9)
    ahead = booking("CONFIRMED", start=start, end=start + HOUR)
    for presence, span in ((HERE, AWAKE), (replace(HERE, focused=False), AWAKE_BEHIND)):
        before, after = span.total_seconds() - 1, span.total_seconds()
        assert look(ahead, presence=presence, after=before).why is Why.AHEAD
        assert look(ahead, presence=presence, after=after).why is Why.ASLEEP


def test_what_changed_before_they_left_is_still_seen() -> None:
    start = NOON + timedelta(hours=9)
    ahead = booking("CONFIRMED", start=start, end=start + HOUR)
    left = Presence(focused=False, touched_at=NOON + timedelta(seconds=20))
    assert seconds(look(ahead, presence=left, after=200, last=0)) == WATCH
    assert look(ahead, presence=left, after=300, last=WATCH).why is Why.ASLEEP


def test_who_comes_back_sees_at_once_what_is_older_than_five_minutes() -> None:
    start = NOON + timedelta(hours=9)
    ahead = booking("CONFIRMED", start=start, end=start + HOUR)
    back = Presence(touched_at=NOON + timedelta(seconds=1800))
    assert seconds(look(ahead, presence=back, after=1800, last=0)) == 1800
    assert seconds(look(ahead, presence=back, after=1800, last=1700)) == 1700 + WATCH


def test_a_forgotten_booking_does_not_spend_the_month() -> None:
    past = NOON - timedelta(days=30)
    for status in ("PENDING", "REQUESTED", "CONFIRMED", "A_STATUS_OF_TOMORROW"):
        assert look(booking(status, start=past, end=past + HOUR)).at is None


def test_the_first_look_is_at_once_and_none_is_when_offline_was_chosen() -> None:
    assert look(last_look=None) == Look(NOON, Why.FIRST)
    assert look(booking("PENDING"), offline=True) == Look(None, Why.OFFLINE)


# -- the budget ------------------------------------------------------------------


def test_half_of_what_the_month_has_left_is_peoples_the_rest_is_spread_over_its_days() -> None:
    assert days_left(NOON) == 10  # 21 to 30 November
    assert allowance(Budget(month_limit=10_000, month_used=8000), NOON) == 100
    assert allowance(Budget(month_limit=10_000, month_used=8000, background_today=60), NOON) == 103
    assert allowance(Budget(), NOON) == DEFAULT_QUOTA / 2 / 10
    assert allowance(Budget(month_limit=10, month_used=50), NOON) == 0
    assert days_left(datetime(2026, 12, 31, 23, 59, tzinfo=UTC)) == 1


def test_when_the_days_part_runs_out_looks_become_rarer_then_stop_and_begin_at_midnight() -> None:
    start = NOON + timedelta(hours=3)
    ahead = booking("CONFIRMED", start=start, end=start + HOUR)
    gaps = []
    for today in (0, 70, 80, 95):
        budget = Budget(month_limit=10_000, month_used=8000, background_today=today)
        planned = look(ahead, budget=budget)
        gaps.append((seconds(planned), planned.why))
    assert gaps[0] == gaps[1] == (WATCH, Why.AHEAD)
    assert WATCH < (gaps[2][0] or 0) < (gaps[3][0] or 0)
    assert gaps[3][1] is Why.SPARING
    nothing = Budget(month_limit=10_000, month_used=8100, background_today=200)
    assert look(ahead, budget=nothing) == Look(None, Why.SPARING)
    assert look(ahead, budget=replace(nothing, background_today=0)).at is not None


def test_a_minute_that_is_nearly_used_up_is_left_to_people() -> None:
    fresh = booking("REQUESTED")
    gaps = [seconds(look(fresh, after=1, budget=Budget(minute_left=left))) for left in (90, 40, 10)]
    assert gaps == [3, 1 + STEADY, 1 + 4 * STEADY]


def test_a_closed_minute_is_waited_for() -> None:
    until = NOON + timedelta(seconds=45)
    budget = Budget(blocked_until=until)
    assert look(booking("PENDING"), budget=budget) == Look(until, Why.LIMIT, 1)
    assert look(last_look=None, budget=budget) == Look(until, Why.LIMIT)


def test_a_spent_month_is_not_looked_into_until_it_ends() -> None:
    until = NOON + timedelta(days=9)
    budget = Budget(blocked_until=until, spent=True)
    assert look(booking("PENDING"), budget=budget) == Look(None, Why.SPENT)
    over = replace(budget, blocked_until=NOON)
    assert look(booking("PENDING"), budget=over).why is Why.FOLLOWING


# -- the line --------------------------------------------------------------------


@given(st.integers(1, 10_000))
def test_the_line_is_tried_again_ever_more_slowly_up_to_a_bound(failures: int) -> None:
    assert OFFLINE_FIRST <= retry_delay(failures) <= retry_delay(failures + 1) <= OFFLINE_AT_MOST


def test_the_first_retries() -> None:
    assert [retry_delay(n) for n in range(1, 7)] == [15, 30, 60, 120, 240, 300]
    planned = look(booking("PENDING"), failures=2, tried_at=NOON)
    assert (seconds(planned), planned.why) == (30, Why.RETRY)


# -- whatever is known -----------------------------------------------------------

bookings = st.builds(
    lambda status, made, start, length, number: booking(
        status,
        made=None if made is None else NOON + timedelta(seconds=made),
        start=None if start is None else NOON + timedelta(seconds=start),
        end=None if start is None or length is None else NOON + timedelta(seconds=start + length),
        number=number,
    ),
    st.sampled_from([*STATUSES, "UNHEARD_OF"]),
    st.none() | st.integers(-400_000, 100),
    st.none() | st.integers(-400_000, 400_000),
    st.none() | st.integers(1, 20_000),
    st.integers(0, 5),
)
presences = st.builds(
    lambda shown, focused, ago: Presence(shown, focused, NOON - timedelta(seconds=ago)),
    st.booleans(),
    st.booleans(),
    st.integers(0, 100_000),
)
budgets = st.builds(
    Budget,
    minute_left=st.none() | st.integers(0, 100),
    month_limit=st.none() | st.integers(0, 20_000),
    month_used=st.none() | st.integers(0, 20_000),
    background_today=st.integers(0, 400),
    blocked_until=st.none() | st.integers(-100, 100).map(lambda s: NOON + timedelta(seconds=s)),
    spent=st.booleans(),
)
everything = st.builds(
    Facts,
    now=st.just(NOON),
    bookings=st.lists(bookings, max_size=6),
    presence=presences,
    budget=budgets,
    last_look=st.none() | st.integers(0, 5000).map(lambda s: NOON - timedelta(seconds=s)),
    clock_ahead=st.integers(-300, 300).map(lambda s: timedelta(seconds=s)),
    failures=st.integers(0, 3),
    tried_at=st.integers(0, 100).map(lambda s: NOON - timedelta(seconds=s)),
)


@given(everything)
def test_no_look_is_in_the_past_or_follows_another_too_fast(facts: Facts) -> None:
    planned = plan(facts)
    if planned.at is None:
        return
    assert planned.at >= NOON
    until = facts.budget.blocked_until
    assert until is None or planned.at >= until
    if facts.last_look is not None and planned.why is not Why.RETRY:
        assert planned.at - facts.last_look >= timedelta(seconds=MIN_GAP)


@given(everything)
def test_a_look_sooner_than_five_minutes_has_a_booking_that_waits_or_a_moment_near(
    facts: Facts,
) -> None:
    planned = plan(facts)
    if planned.at is None or facts.last_look is None or facts.failures or planned.at == NOON:
        return
    if planned.at - facts.last_look < timedelta(seconds=WATCH):
        assert planned.why in (Why.FOLLOWING, Why.SPARING)
        assert any(one.is_waiting for one in facts.bookings)


@given(everything)
def test_what_is_open_is_never_left_out_while_there_is_a_budget(facts: Facts) -> None:
    planned = plan(facts)
    open_ones = [
        one
        for one in facts.bookings
        if not one.is_final
        and (last := one.reservation_end or one.reservation_start)
        and last + LATE - facts.clock_ahead > NOON
    ]
    spends = facts.budget.background_today < allowance(facts.budget, NOON)
    if open_ones and spends and facts.presence.is_awake(NOON) and not facts.budget.spent:
        assert planned.at is not None


@given(everything, st.integers(0, 5000), st.integers(0, 300))
def test_more_budget_never_means_a_later_look(facts: Facts, more: int, fewer: int) -> None:
    budget = facts.budget
    richer = replace(
        budget,
        month_used=max((budget.month_used or 0) - more, 0),
        background_today=max(budget.background_today - fewer, 0),
        minute_left=None,
    )
    if richer.background_today != budget.background_today:
        richer = replace(richer, month_used=max((richer.month_used or 0) - fewer, 0))
    soon, late = plan(replace(facts, budget=richer)), plan(facts)
    if late.at is not None:
        assert soon.at is not None
        assert soon.at <= late.at


@settings(max_examples=20, deadline=None)  # each is a month
@given(st.integers(0, 12_000), st.integers(0, 12_000), st.integers(1, 28), st.integers(0, 50))
def test_the_month_is_never_overspent_by_looks_nobody_asked_for(
    limit: int, used: int, first: int, people: int
) -> None:
    """However eager: a look every time the plan allows one, day after day, to the month's end."""
    start = NOON - timedelta(days=20)
    now = start + timedelta(days=first - 1)
    begun, looks, asked = used, 0, 0
    while now.month == start.month:
        today = 0
        fact = Facts(now=now, bookings=[booking("PENDING", made=now)], last_look=now, presence=HERE)
        while True:
            budget = Budget(month_limit=limit, month_used=used, background_today=today)
            if plan(replace(fact, budget=budget)).at is None:
                break
            today, used, looks = today + 1, used + 1, looks + 1
        people_today = min(people, max(limit - used, 0))
        used, asked = used + people_today, asked + people_today
        now += timedelta(days=1)
    left = max(limit - begun, 0)
    assert looks + asked <= left
    assert used <= max(limit, begun)
    if left:
        assert used < limit or asked > 0 or left < 2  # something is left for people to the end
