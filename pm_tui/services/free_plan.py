"""What watching a charger until it is free costs, and when the next look at it is due.

Pure functions, as `plan`, whose limits hold here as well. There is no way to ask for one charger
(contract/agent-api.md §2): a look is a search around it, and one search does for its neighbours.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from pm_tui.cache.sphere import distances_from
from pm_tui.models.query import SearchQuery
from pm_tui.services.plan import MIN_GAP, Budget, Look, Why, hindrance, paced

if TYPE_CHECKING:
    from pm_tui.models.charger import Evse, Location

MINUTE = timedelta(minutes=1)
LEAST_GAP = MINUTE  # between two looks, however short a status is settled to stay new
LONGEST = timedelta(hours=24)
MOST = 500  # requests for one watch: a twentieth of the usual month
USUAL = (timedelta(hours=2), 60)
ALONE_KM = 0.2  # around a charger: an address is not told to the metre twice
NEIGHBOURS_KM = 2.0
UNATTENDED = 2  # times longer between two looks while nobody is at the window
FRESH = timedelta(seconds=30)  # what another window was told so recently is as good as asked
EARLY = datetime.min.replace(tzinfo=UTC)

State = Literal["waiting", "free", "over"]


@dataclass(frozen=True, slots=True)
class Wish:
    """A location as it was known, and what of it must be free: the one `evse_uid`, else any
    charging point with a connector of this plug and power. `latitude` and `longitude` are known
    (`can_be_watched`)."""

    location: Location
    evse_uid: str | None = None
    plug: str | None = None
    power_kw: float | None = None

    def free_one(self, told: Location) -> str | None:
        """The uid of a charging point that is free for certain in what was `told`; unknown is
        not free."""
        return next((one.evse_uid for one in told.evses if one.available and self.fits(one)), None)

    def fits(self, evse: Evse) -> bool:
        """Whether this is what is waited for; unknown does not fit a filter that is set."""
        if self.evse_uid is not None:
            return evse.evse_uid == self.evse_uid
        if self.plug is None and self.power_kw is None:
            return True
        return any(
            self.plug in (None, one.standard)
            and (
                self.power_kw is None
                or (one.power_kw is not None and one.power_kw >= Decimal(self.power_kw))
            )
            for one in evse.connectors
        )


def can_be_watched(wish: Wish) -> bool:
    """Whether an answer could ever say that it is free: it lies somewhere, and has such a point."""
    placed = wish.location.latitude is not None and wish.location.longitude is not None
    return placed and any(wish.fits(evse) for evse in wish.location.evses)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a person agreed to: until when, how far apart the looks are, how many at most."""

    until: datetime
    gap: timedelta
    most: int


def terms(now: datetime, length: timedelta, most: int, status_age: timedelta) -> Terms:
    """A look as often as a status stays new; rarer where so many requests would not do for so
    long. `most` is cut to what can be needed. Raises `ValueError` below one request, for no time,
    and beyond `LONGEST` and `MOST`."""
    if not timedelta() < length <= LONGEST or not 1 <= most <= MOST:
        raise ValueError("not a watch")
    gap = max(status_age, LEAST_GAP)
    needed = max(-(-length // gap), 1)  # the first at once, none at the very end
    if needed > most:
        gap = -(-length // (most * MINUTE)) * MINUTE
        needed = -(-length // gap)
    return Terms(now + length, gap, needed)


@dataclass(frozen=True, slots=True)
class Watch:
    """One charger that is watched. Times aware, by our clock; `looked_at` is the last answer that
    could have told, by whichever window, `spent` how many requests went for it (at most
    `terms.most`). `told` is the location as that answer had it, `evse_uid` the point that was free
    in it at `free_at`. `missed`: the last answer did not have it."""

    id: int
    wish: Wish
    terms: Terms
    started_at: datetime
    looked_at: datetime | None = None
    spent: int = 0
    state: State = "waiting"
    told: Location | None = None
    evse_uid: str | None = None
    free_at: datetime | None = None
    missed: bool = False

    @property
    def location(self) -> Location:
        """As it was told last."""
        return self.told or self.wish.location

    def is_over(self, now: datetime) -> bool:
        """Whether time or requests are used up."""
        return now >= self.terms.until or self.spent >= self.terms.most

    def due(self, awake: bool) -> datetime:
        if self.looked_at is None:
            return self.started_at
        return self.looked_at + self.terms.gap * (1 if awake else UNATTENDED)


@dataclass(frozen=True, slots=True)
class Facts:
    """As `plan.Facts`; `awake`: somebody is at the window."""

    now: datetime
    watches: Sequence[Watch]
    budget: Budget
    awake: bool = True
    offline: bool = False
    tried_at: datetime | None = None
    failures: int = 0


def next_look(facts: Facts) -> Look:
    """When a watched charger is looked at next, and for how many; never in the past. Looks like
    these stop first when the limits come near, as all that nobody waits for at the keyboard."""
    now = facts.now
    waiting = [one for one in facts.watches if one.state == "waiting"]
    if not waiting:
        return Look(None, Why.NOTHING)
    if hindered := hindrance(now, facts.budget, facts.offline, facts.tried_at, facts.failures):
        return hindered
    soonest = min(waiting, key=lambda one: one.due(facts.awake))
    wished = Look(soonest.due(facts.awake), Why.WATCHED, len(waiting))
    last = soonest.looked_at or soonest.started_at - timedelta(seconds=MIN_GAP)  # the first at once
    return paced(wished, last, now, facts.budget)


def end(watches: Iterable[Watch]) -> datetime | None:
    """When the first of those that wait ends without having become free."""
    return min((one.terms.until for one in watches if one.state == "waiting"), default=None)


def together(watches: Sequence[Watch], now: datetime, awake: bool) -> list[Watch]:
    """What one search asks for: the one that is due longest first, then its neighbours that wait.
    One that a common answer did not have is asked for alone."""
    waiting = sorted(
        (one for one in watches if one.state == "waiting"), key=lambda one: one.due(awake)
    )
    if not waiting or waiting[0].due(awake) > now:
        return []
    first, *others = waiting
    if first.missed:
        return [first]
    km = distances_from(*place(first))
    return [first, *(one for one in others if not one.missed and km(*place(one)) <= NEIGHBOURS_KM)]


def around(watches: Sequence[Watch]) -> SearchQuery:
    """The search that asks for all of them."""
    here = place(watches[0])
    km = distances_from(*here)
    farthest = max(km(*place(one)) for one in watches)
    return SearchQuery(*here, radius_km=round(farthest + ALONE_KM, 3))


def place(watch: Watch) -> tuple[float, float]:
    """Degrees."""
    return watch.wish.location.latitude or 0.0, watch.wish.location.longitude or 0.0
