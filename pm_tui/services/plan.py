"""When the list of bookings is read next, and why: a pure function, so that it can be proven.

10,000 requests a month (contract/agent-api.md §13) are one every 4.3 minutes, for people and for
the screen together. So the list is read closely only while an operator's answer is awaited, every
few minutes while somebody is there to see a change, and asleep only when a booking begins or ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import accumulate, chain, count
from typing import TYPE_CHECKING

from pm_tui.services import watch

if TYPE_CHECKING:
    from pm_tui.models.booking import Booking

MIN_GAP = 1.0  # seconds between two looks, however many bookings wait
ENOUGH = 8  # answers known before the looks are laid by them
WAY = 0.3  # seconds to the gateway and back
BEHIND = timedelta(seconds=1.5)
CLOSELY = timedelta(minutes=2)  # how long a new booking is followed as `watch.follow_delays` says
SLOWLY = 60.0  # seconds, for one that waits longer,
WAITING_LONG = timedelta(minutes=10)  # and how long that; then it is like any other open one
WATCH = 290.0  # seconds: a loss is on screen within five minutes, the way to it included
AT_MOST = 900.0  # for what is days ahead, or over, or only an open list that others may add to
SOON = timedelta(hours=36)  # ahead of a start: when somebody may still plan with it
BEFORE = timedelta(minutes=10)  # a start: a loss hurts now, and can still be mended
AFTER = timedelta(minutes=5)  # a start or an end: by then an operator has noticed
LATE = timedelta(hours=6)  # after the end: until then an operator may still tell how it ended
AWAKE = timedelta(minutes=10)  # without a key or the mouse, in a window that has the focus
AWAKE_BEHIND = timedelta(minutes=1)  # the same, in one that has not
SLEEPY = 1500.0  # seconds between two looks while nobody is there
OFFLINE_FIRST, OFFLINE_AT_MOST = 15.0, 300.0  # seconds
SETTLE_GAP = 50.0  # seconds: as long as a booking may be on its way (services/settle.py)
PEOPLES_SHARE = 0.5  # of what the month has left; the rest is spread over its days
UNHURRIED = 0.75  # of a day's part, before the looks become rarer
DEFAULT_QUOTA = 10_000  # requests a month, where nobody told (§13)
ROUNDING = timedelta(milliseconds=10)
EARLY = datetime.min.replace(tzinfo=UTC)


class Why(StrEnum):
    """The reason for the next look; the words for it are the screen's."""

    FIRST = "first"  # nothing was read yet
    FOLLOWING = "following"  # `n` bookings wait for their operator
    STARTS = "starts"  # a booking starts about then
    SETTLING = "settling"  # what nobody knows the outcome of is looked for once more
    ENDS = "ends"  # one has ended about then
    RUNS = "runs"  # one is under way
    AHEAD = "ahead"  # `n` open ones, any of which can be lost
    SHOWN = "shown"  # the list is on screen, and others book too
    ASLEEP = "asleep"  # nobody is there
    NOTHING = "nothing"  # nothing is open
    WATCHED = "watched"  # `n` chargers are watched until they are free (see `free_plan`)
    SPARING = "sparing"  # the day's part of the month is used up, or nearly
    LIMIT = "limit"  # the minute is used up
    SPENT = "spent"  # the month is
    RETRY = "retry"  # the last look failed
    OFFLINE = "offline"  # by choice


@dataclass(frozen=True, slots=True)
class Presence:
    """Whether the list is on screen, whether the terminal has the focus (one that does not tell
    has it), and when somebody last pressed a key or moved the mouse (aware)."""

    shown: bool = False
    focused: bool = True
    touched_at: datetime = EARLY

    def is_awake(self, now: datetime) -> bool:
        return now - self.touched_at < (AWAKE if self.focused else AWAKE_BEHIND)


@dataclass(frozen=True, slots=True)
class Budget:
    """What all windows of the host know of the limits. None is unknown; `month_ends` is the next
    first in UTC (§14 U9), `background_today` counts what no person asked for since midnight UTC."""

    minute_limit: int = 100
    minute_left: int | None = None
    month_limit: int | None = None
    month_used: int | None = None
    background_today: int = 0
    blocked_until: datetime | None = None
    spent: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """Times aware, by our clock; `clock_ahead` is the gateway's minus ours and places the windows.
    `waiting_since`: when a booking was first seen to wait, by id. `last_look` is when the list was
    read last, by whichever window; `tried_at` and `failures` count the vain tries since.
    `settle_at` is when what nobody knows the outcome of is to be looked for again."""

    now: datetime
    bookings: Iterable[Booking] = ()
    waiting_since: Mapping[str, datetime] = field(default_factory=dict)
    presence: Presence = Presence()
    budget: Budget = Budget()
    last_look: datetime | None = None
    tried_at: datetime | None = None
    failures: int = 0
    clock_ahead: timedelta = timedelta()
    offline: bool = False
    settle_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """`at` None: not before something else happens. `n` is how many bookings it is for."""

    at: datetime | None
    why: Why
    n: int = 0


def plan(facts: Facts) -> Look:
    """The next look at the list of bookings that nobody has asked for; never in the past."""
    now, budget = facts.now, facts.budget
    if hindered := hindrance(now, budget, facts.offline, facts.tried_at, facts.failures):
        return hindered
    if facts.last_look is None:
        return _after_limit(Look(now, Why.FIRST), budget)
    look = _soonest(facts, facts.last_look)
    return look if look.at is None else paced(look, facts.last_look, now, budget)


def hindrance(
    now: datetime, budget: Budget, offline: bool, tried_at: datetime | None, failures: int
) -> Look | None:
    """What comes before any look that nobody asks for: none while the line cannot be used, and
    the next try after the last failed ones. None when nothing is in the way."""
    if offline:
        return Look(None, Why.OFFLINE)
    if budget.spent and budget.blocked_until is not None and budget.blocked_until > now:
        return Look(None, Why.SPENT)
    if failures and tried_at is not None:
        again = tried_at + timedelta(seconds=retry_delay(failures))
        return _after_limit(Look(max(again, now), Why.RETRY), budget)
    return None


def paced(look: Look, last: datetime, now: datetime, budget: Budget) -> Look:
    """A look that is wished for at `look.at`, the last having been at `last`, as the limits allow
    it: later while they run out, none when the day's part has."""
    slower = _slower(budget, now)
    if slower is None:
        return Look(None, Why.SPARING)
    wished = now if look.at is None else look.at
    gap = max((wished - last).total_seconds(), _least_gap(budget))
    at = last + timedelta(seconds=gap * slower)
    why = look.why if slower == 1 else Why.SPARING
    return _after_limit(Look(max(at, now), why, look.n), budget)


def retry_delay(failures: int) -> float:
    """Seconds until the line is tried again after so many failures in a row."""
    return float(min(OFFLINE_FIRST * 2 ** min(failures - 1, 10), OFFLINE_AT_MOST))


def allowance(budget: Budget, now: datetime) -> int:
    """How many looks nobody asks for today may cost: half of what the month has left is people's,
    the rest is spread over its remaining days in UTC."""
    limit = DEFAULT_QUOTA if budget.month_limit is None else budget.month_limit
    left = limit - (budget.month_used or 0)
    at_midnight = max(left + budget.background_today, 0)
    return int(at_midnight * (1 - PEOPLES_SHARE) / days_left(now))


def days_left(now: datetime) -> int:
    """Days of the month that are not over, today included (UTC)."""
    today = now.astimezone(UTC).date()
    following = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    return (following - today).days


# -- what each booking wishes ------------------------------------------------


def _soonest(facts: Facts, last: datetime) -> Look:
    # and one more look, for what changed before they left
    awake = facts.presence.is_awake(facts.now) or last < facts.presence.touched_at
    open_ones = [one for one in facts.bookings if _may_change(one, facts)]
    waiting = [one for one in open_ones if _is_young(one, facts)]
    wishes: list[Look] = []
    closely = _close_looks(facts.bookings) if waiting else []
    for one in waiting:
        at = _follow(facts.now, _since(one, facts), last, closely)
        if not awake:  # where nobody waits for it, whoever does goes first
            at += BEHIND
        wishes.append(Look(at, Why.FOLLOWING, len(waiting)))
    if facts.settle_at is not None:
        at = max(facts.settle_at, last + timedelta(seconds=SETTLE_GAP))
        wishes.append(Look(at, Why.SETTLING, 1))
    rest = [one for one in open_ones if one not in waiting]
    if awake:
        wishes += _awake(rest, facts, last)
    else:
        wishes += _asleep(rest, facts, last)
    if not wishes:
        return Look(None, Why.NOTHING if not open_ones else Why.ASLEEP)
    return min(wishes, key=lambda wish: wish.at or facts.now)


def _may_change(booking: Booking, facts: Facts) -> bool:
    """Whatever a status says, nothing is asked for long after its window: one forgotten row must
    not spend the month."""
    last = booking.reservation_end or booking.reservation_start
    return not booking.is_final and (last is None or last - facts.clock_ahead + LATE > facts.now)


def _since(booking: Booking, facts: Facts) -> datetime:
    """From when on it is followed: the first sight, for the server's clock may not be ours."""
    made = booking.created_at and booking.created_at - facts.clock_ahead
    return facts.waiting_since.get(booking.id) or made or EARLY


def _is_young(booking: Booking, facts: Facts) -> bool:
    return booking.is_waiting and facts.now - _since(booking, facts) < WAITING_LONG


def _close_looks(bookings: Iterable[Booking]) -> list[float]:
    """Seconds after the first sight at which a booking that waits is looked at closely.

    As documented (contract §8) until enough of this account's bookings tell, by the gateway's own
    times, how long its operators take: then when a third, two thirds and all of those had been
    answered, which shows the next answer sooner for fewer looks. Never rarer than every 5 s.
    """
    took = sorted(
        (one.status_updated_at - one.created_at).total_seconds()
        for one in bookings
        if one.status.upper() == "CONFIRMED" and one.status_updated_at and one.created_at
    )
    took = [seconds for seconds in took if 0 < seconds <= CLOSELY.total_seconds()]
    if len(took) < ENOUGH:
        return list(accumulate(watch.FIRST_LOOKS))
    looks: list[float] = []
    for answered in (took[len(took) // 3], took[len(took) * 2 // 3], took[-1] + WAY):
        before = looks[-1] if looks else 0.0
        looks.append(min(max(answered, before + watch.FIRST_LOOKS[0]), before + watch.STEADY))
    return looks


def _follow(now: datetime, since: datetime, last: datetime, closely: list[float]) -> datetime:
    """The next of the moments at which a booking that waits is looked at. They hang on its first
    sight alone, so that all windows of a host mean the same ones."""
    seen = max((min(last, now) - since + ROUNDING).total_seconds(), 0.0)
    for moment in chain(closely, count(closely[-1] + watch.STEADY, watch.STEADY)):
        if moment > CLOSELY.total_seconds():
            break
        if moment > seen:
            return since + timedelta(seconds=moment)
    return max(last, since + CLOSELY) + timedelta(seconds=SLOWLY)


def _awake(bookings: list[Booking], facts: Facts, last: datetime) -> Iterator[Look]:
    """Somebody is there to see it: everything that may change is seen within five minutes."""
    near = [one for one in bookings if _is_near(one, facts)]
    if near:
        at = last + timedelta(seconds=WATCH)
        seen_at = max(at, facts.now) + facts.clock_ahead
        yield Look(at, _reason(near, seen_at), len(near))
    elif bookings or facts.presence.shown:
        why = Why.AHEAD if bookings else Why.SHOWN
        yield Look(last + timedelta(seconds=AT_MOST), why, len(bookings))


def _asleep(bookings: list[Booking], facts: Facts, last: datetime) -> Iterator[Look]:
    """Nobody is: shortly before each start, around it and after the end, never in a hurry."""
    moments = [
        moment for one in bookings for moment in _moments(one, facts.clock_ahead) if moment > last
    ]
    if moments:
        at = max(min(moments), last + timedelta(seconds=SLEEPY))
        yield Look(at, Why.ASLEEP, len(bookings))


def _moments(booking: Booking, clock_ahead: timedelta) -> Iterator[datetime]:
    """When a booking can change by itself, by our clock."""
    if (start := booking.reservation_start) is not None:
        yield start - clock_ahead - BEFORE
        yield start - clock_ahead + AFTER
    if (end := booking.reservation_end) is not None:
        yield end - clock_ahead + AFTER


def _is_near(booking: Booking, facts: Facts) -> bool:
    start, end = booking.reservation_start, booking.reservation_end
    now = facts.now + facts.clock_ahead
    if start is None:
        return False
    return start - SOON <= now <= (end or start) + 2 * AFTER


def _reason(near: list[Booking], at: datetime) -> Why:
    """What the look at `at`, by the gateway's clock, is about to show first of all."""
    starts = [one.reservation_start for one in near if one.reservation_start]
    if any(abs(at - start) <= BEFORE for start in starts):
        return Why.STARTS
    ends = [one.reservation_end for one in near if one.reservation_end]
    if any(end <= at for end in ends):
        return Why.ENDS
    return Why.RUNS if any(start <= at for start in starts) else Why.AHEAD


# -- what the limits allow ---------------------------------------------------


def _least_gap(budget: Budget) -> float:
    """Seconds from one look to the next: more, the less the minute has left."""
    if budget.minute_left is None or budget.minute_left > budget.minute_limit / 2:
        return min(MIN_GAP, watch.FIRST_LOOKS[0])
    return watch.STEADY if budget.minute_left > budget.minute_limit / 4 else 4 * watch.STEADY


def _slower(budget: Budget, now: datetime) -> float | None:
    """How many times longer the gaps are while the day's part runs out; None when it has."""
    part = allowance(budget, now)
    left = part - budget.background_today
    if left <= 0:
        return None
    return max(1.0, part * (1 - UNHURRIED) / left)


def _after_limit(look: Look, budget: Budget) -> Look:
    """Nothing goes while the minute is closed."""
    until = budget.blocked_until
    if until is None or look.at is None or look.at >= until:
        return look
    return Look(until, Why.LIMIT, look.n)
