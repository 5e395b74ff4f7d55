"""When a desk is open, and until when a visitor may stay."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pm_tui.config.opening import DAY, Hours
from pm_tui.services.rules import earliest_start

SHORTEST = timedelta(minutes=30)  # a stay that is worth a reservation
STEP = timedelta(minutes=15)  # of the picker
_LENGTHS = (1, 2, 4, 8)  # hours that are offered as large choices
_WEEK = 8  # days to look ahead: a desk open once a week opens within


@dataclass(frozen=True, slots=True)
class Desk:
    """`closes` is None while it is closed, or never closes; `opens` is the next opening of a
    closed one. UTC."""

    is_open: bool
    closes: datetime | None = None
    opens: datetime | None = None


@dataclass(frozen=True, slots=True)
class Stay:
    """What a visitor may choose: from `start` until one of `ends`, or any step up to `latest`.
    `ends` is empty where the desk closes too soon. UTC."""

    start: datetime
    ends: tuple[datetime, ...]
    latest: datetime

    def moved(self, end: datetime, steps: int) -> datetime:
        """`end` some steps of the picker on, on quarters of an hour, within what is allowed."""
        quarters = _quarter(end, up=steps < 0) + steps * STEP
        return min(max(quarters, _quarter(self.start + SHORTEST, up=True)), self.latest)


def desk(hours: Sequence[Hours], now: datetime, zone: ZoneInfo) -> Desk:
    """How the desk stands at `now` (aware), its clock being that of `zone`. No hours: open."""
    if not hours:
        return Desk(True)
    for begin, end in _merged(sorted(_spans(hours, now, zone))):
        if begin <= now < end:
            # what goes on past all that was looked at never closes
            return Desk(True, closes=end if end < now + timedelta(days=_WEEK - 1) else None)
        if now < begin:
            return Desk(False, opens=begin)
    return Desk(False)


def stay(
    now: datetime, longest: timedelta, closes: datetime | None, *, start: datetime | None = None
) -> Stay:
    """What may be chosen at `now` by the gateway's clock: no longer than `longest`, and not past
    the closing time. Ends lie on quarters of an hour, except the last one."""
    begin = (start or earliest_start(now)).astimezone(UTC)
    latest = min(begin + longest, closes or datetime.max.replace(tzinfo=UTC))
    ends = [_quarter(begin + timedelta(hours=hours), up=True) for hours in _LENGTHS]
    offered = [end for end in ends if end < latest - STEP]
    if latest - begin >= SHORTEST:
        offered.append(latest)
    return Stay(begin, tuple(offered), latest)


def _quarter(moment: datetime, *, up: bool) -> datetime:
    past = timedelta(
        minutes=moment.minute % 15, seconds=moment.second, microseconds=moment.microsecond
    )
    return moment - past + (STEP if up and past else timedelta())


def _spans(
    hours: Sequence[Hours], now: datetime, zone: ZoneInfo
) -> Iterator[tuple[datetime, datetime]]:
    today = now.astimezone(zone).date()
    for offset in range(-1, _WEEK + 1):
        day = today + timedelta(days=offset)
        midnight = datetime.combine(day, time(), zone)
        for rule in hours:
            if day.isoweekday() in rule.days:
                yield _clock(midnight, rule.begin), _clock(midnight, rule.end)


def _clock(midnight: datetime, minutes: int) -> datetime:
    """So many minutes after midnight by the clock on the wall, whatever the clock change did."""
    days, rest = divmod(minutes, DAY)
    return (midnight + timedelta(days=days, minutes=rest)).astimezone(UTC)


def _merged(spans: Sequence[tuple[datetime, datetime]]) -> Iterator[tuple[datetime, datetime]]:
    """Spans that touch are one: midnight is no closing time."""
    if not spans:
        return
    begin, end = spans[0]
    for later, last in spans[1:]:
        if later > end:
            yield begin, end
            begin, end = later, last
        else:
            end = max(end, last)
    yield begin, end
