"""Times as people type them, turned into moments that exist exactly once.

A reservation is agreed in the charger's zone, typed by somebody who may sit in another one, and
sent in UTC. The one silent mistake that must not happen is to read a typed hour as an hour that
the person did not mean, so whatever is unclear is an error that says what to type instead: an
hour that the clock change skips (`NoSuchTime`), or an hour that it gives twice (`Ambiguous`).

All comparing and elapsed-time arithmetic goes through UTC: within one zone Python compares and
subtracts wall clocks, which is an hour wrong over a clock change.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Literal
from zoneinfo import ZoneInfo

from pm_tui import formats
from pm_tui.i18n import _
from pm_tui.services.when_days import LONGEST, WhenError, days_meant, fold

__all__ = ["Ambiguous", "NoSuchTime", "Unit", "WhenError", "at", "full_minute", "later"]
__all__ += ["parse_when", "refuse_over", "show_when", "step"]

Unit = Literal["minute", "hour", "day"]

show_when = formats.when
"""`Tue 24 Nov 14:30 CET (13:30 UTC)`: what `parse_when` reads back (up to the bracket)."""

_ABBREVIATIONS = {"mez": "cet", "mesz": "cest"}  # what German speakers call them

_SPAN = re.compile(
    r"(?:\+|in ) ?(?=\d)"
    r"(?:(?P<weeks>\d{1,3}) ?(?:w|weeks?|wochen?) ?)?"
    r"(?:(?P<days>\d{1,4}) ?(?:d|t|days?|tage?n?) ?)?"
    r"(?:(?P<hours>\d{1,5}) ?(?:h|std|hours?|stunden?) ?)?"
    r"(?:(?P<minutes>\d{1,6}) ?(?:m|min|mins|minutes?|minuten?))?",
    re.ASCII,
)
_SPAN_CLOCK = re.compile(r"(?:\+|in ) ?(?P<hours>\d{1,3})[:h](?P<minutes>[0-5]\d)", re.ASCII)
_MOMENT = re.compile(
    r"(?:(?P<day>.+?) )??"
    r"(?:(?P<compact>\d{3,4})"
    r"|(?P<hour>\d{1,2})(?:[:.](?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d+)?)?)?)"
    r"(?: ?(?:uhr|h)(?: ?(?P<after>\d{1,2}))?)?"
    r"(?: ?(?P<half>[ap]m))?"
    r"(?: ?(?P<name>[a-z]{1,5}))?"
    r"(?: ?(?P<offset>[+-]\d{2}:\d{2}))?",
    re.ASCII,
)
_ENDS_IN_CLOCK = re.compile(r"(?:^| )\d{1,2}\.\d{1,2}$", re.ASCII)  # 14.30; a day is 14.3.
_ISO_DAY = re.compile(r"\d{4}-\d{1,2}-\d{1,2}", re.ASCII)


class NoSuchTime(WhenError):
    """An hour that the clock change skips. `next_valid` is the first moment after the gap."""

    def __init__(self, wanted: datetime, next_valid: datetime) -> None:
        super().__init__(
            _(
                "{wanted} does not exist on {day}: the clocks go forward. "
                "The next valid time is {next}."
            ).format(
                wanted=f"{wanted:%H:%M}",
                day=formats.day(wanted.date()),
                next=f"{next_valid:%H:%M} {next_valid.tzname()}",
            )
        )
        self.next_valid = next_valid


class Ambiguous(WhenError):
    """An hour that the clock change gives twice: the person says which, `first` or `second`."""

    def __init__(self, first: datetime, second: datetime) -> None:
        super().__init__(
            _(
                "{wanted} happens twice on {day}: the clocks go back. "
                "Choose A ({first}) or B ({second})."
            ).format(
                wanted=f"{first:%H:%M}",
                day=formats.day(first.date()),
                first=formats.zone_mark(first, with_offset=True),
                second=formats.zone_mark(second, with_offset=True),
            )
        )
        self.first = first
        self.second = second


def parse_when(
    text: str, *, now: datetime, zone: ZoneInfo, base: datetime | None = None
) -> datetime:
    """The moment that `text` means in `zone`, aware in `zone`.

    Read are clock times (`14:30`, `1430`, `14.30`, `14 Uhr`, `2:30 pm`), with or without a day
    (`today`, `morgen`, `fri`, `25.11.`, `25.11.2026`, `2026-11-25`, `21 Nov`), spans (`+2h`,
    `+90m`, `+1d 2h`) and `now`; in English and German whatever language is in force. A zone behind
    the time (`CEST`, `+02:00`, `UTC`, or `A`/`B` for the first and second of two) settles which
    moment is meant. An offset that the zone does not use is read only behind a full ISO date:
    `9:00-12:00` is no moment.

    A bare time is the next such after `now`, or, in the end field of a window whose start is
    `base`, the next such after `base`. Spans count from `base` where given: hours and minutes are
    real time, days keep the clock time. A day without a time keeps the clock time of `base` or
    `now`. Results from `now` are rounded up to the full minute.

    Raises `WhenError`, `NoSuchTime`, `Ambiguous`.
    """
    words = fold(text)
    if not words or len(words) > LONGEST:
        raise _not_understood(text)
    try:
        moment = _read(text, words, now, zone, base)
    except OverflowError:
        raise _too_far() from None
    if not 1970 <= moment.year < 2200:
        raise _too_far()
    return moment


def at(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """`clock` on `day` in `zone`. Raises `NoSuchTime` in a gap, `Ambiguous` where it is twice."""
    first = datetime.combine(day, clock, zone).replace(fold=0)
    second = first.replace(fold=1)
    before, after = _offset(first), _offset(second)
    if before == after:
        return first
    if before < after:
        raise NoSuchTime(first, _end_of_gap(first, second, zone))
    raise Ambiguous(first, second)


def step(value: datetime, unit: Unit, amount: int) -> datetime:
    """`value` moved by `amount` units, never onto a time that does not exist.

    Hours and minutes are real time, so that the repeated hour is walked through twice. Minutes
    snap to multiples of `amount` (14:03 and 15 up is 14:15). Days keep the clock time; a skipped
    hour becomes the end of the gap, a repeated one keeps the offset that `value` had.
    """
    zone = value.tzinfo
    if not isinstance(zone, ZoneInfo):
        raise TypeError("step needs a datetime in a ZoneInfo")
    if unit == "day":
        return _same_clock(value, value.date() + timedelta(days=amount), zone)
    if unit == "hour":
        return (value.astimezone(UTC) + timedelta(hours=amount)).astimezone(zone)
    beyond = value.minute % abs(amount) if amount else 0
    if beyond and amount < 0:
        amount = 0
    moved = value.astimezone(UTC) + timedelta(minutes=amount - beyond)
    return moved.astimezone(zone)


def later(value: datetime, span: timedelta) -> datetime:
    """`value` plus `span` of real time, in the zone of `value`."""
    return (value.astimezone(UTC) + span).astimezone(value.tzinfo)


def refuse_over(end: datetime, now: datetime) -> None:
    """Nothing is free in a window that is over: no request is spent on it. Raises `WhenError`
    where `end` is not ahead of `now`."""
    if end.astimezone(UTC) <= now.astimezone(UTC):
        raise WhenError(_("The end has passed."))


def full_minute(moment: datetime) -> datetime:
    """`moment` itself when it has no seconds, else the next full minute."""
    whole = moment.replace(second=0, microsecond=0)
    if whole == moment:
        return moment
    return (whole.astimezone(UTC) + timedelta(minutes=1)).astimezone(moment.tzinfo)


def _read(text: str, words: str, now: datetime, zone: ZoneInfo, base: datetime | None) -> datetime:
    anchor = (base or full_minute(now)).astimezone(zone)
    if words in ("now", "jetzt"):
        return full_minute(now).astimezone(zone)
    if words.startswith(("+", "in ")):
        return _after_span(text, words, anchor)
    if not _ENDS_IN_CLOCK.search(words) and (days := days_meant(words, anchor, now, zone)):
        return _choose(days, anchor.timetz().replace(tzinfo=None, fold=0), zone, "", now, base)
    return _day_and_clock(text, words, now, zone, base)


def _day_and_clock(
    text: str, words: str, now: datetime, zone: ZoneInfo, base: datetime | None
) -> datetime:
    match = _MOMENT.fullmatch(words)
    if match is None:
        raise _not_understood(text)
    clock, extra_day = _clock(text, match)
    mark: str | timezone = match["offset"] or match["name"] or ""
    if mark in ("z", "utc", "gmt"):
        mark = UTC
    elif match["offset"] and _ISO_DAY.fullmatch(match["day"] or ""):
        mark = _fixed(text, match["offset"])
    where: tzinfo = mark if isinstance(mark, timezone) else zone
    anchor = (base or now).astimezone(where)
    if match["day"]:
        days = days_meant(match["day"], anchor, now, where)
        if not days:
            raise _not_understood(text)
    else:
        days = [anchor.date(), anchor.date() + timedelta(days=1)]
    days = [day + timedelta(days=extra_day) for day in days]
    return _choose(days, clock, zone, mark, now, base)


def _choose(
    days: list[date],
    clock: time,
    zone: ZoneInfo,
    mark: str | timezone,
    now: datetime,
    base: datetime | None,
) -> datetime:
    """The first of the days on which the moment still lies ahead; the last one as it is."""
    for day in days[:-1]:
        try:
            moment = _moment(day, clock, zone, mark)
        except NoSuchTime as gap:
            if _ahead(gap.next_valid, now, base):
                raise
        except Ambiguous as twice:
            ahead = [one for one in (twice.first, twice.second) if _ahead(one, now, base)]
            if len(ahead) == 2:
                raise
            if ahead:
                return ahead[0]
        else:
            if _ahead(moment, now, base):
                return moment
    return _moment(days[-1], clock, zone, mark)


def _ahead(moment: datetime, now: datetime, base: datetime | None) -> bool:
    instant = moment.astimezone(UTC)
    return instant > base.astimezone(UTC) if base else instant >= now.astimezone(UTC)


def _moment(day: date, clock: time, zone: ZoneInfo, mark: str | timezone) -> datetime:
    if isinstance(mark, timezone):
        return datetime.combine(day, clock, mark).astimezone(zone)
    name = _ABBREVIATIONS.get(mark, mark)
    try:
        choices = {"": at(day, clock, zone)}
    except Ambiguous as twice:
        if not name:
            raise
        choices = {"a": twice.first, "b": twice.second}
    for letter, choice in choices.items():
        if name in (letter, (choice.tzname() or "").casefold(), formats.offset(choice)):
            return choice
    if name in ("a", "b"):
        raise WhenError(_("This time comes only once; leave out the A or B."))
    raise WhenError(
        _("{zone} is not in use at that time in {place}.").format(zone=mark.upper(), place=zone.key)
    )


def _clock(text: str, match: re.Match[str]) -> tuple[time, int]:
    """The clock time and the days that it adds (24:00 is 0:00 of the day after)."""
    if compact := match["compact"]:
        hour, minute = int(compact[:-2]), int(compact[-2:])
    else:
        hour, minute = int(match["hour"]), int(match["minute"] or match["after"] or 0)
    if match["half"]:
        if not 1 <= hour <= 12:
            raise _not_understood(text)
        hour = hour % 12 + (12 if match["half"] == "pm" else 0)
    if (hour, minute) == (24, 0):
        return time(0), 1
    try:
        return time(hour, minute, int(match["second"] or 0)), 0
    except ValueError:
        raise WhenError(_("An hour goes from 0:00 to 23:59.")) from None


def _after_span(text: str, words: str, anchor: datetime) -> datetime:
    match = _SPAN_CLOCK.fullmatch(words) or _SPAN.fullmatch(words)
    if match is None:
        raise _not_understood(text)
    amount = {unit: int(found) for unit, found in match.groupdict().items() if found}
    if not amount:
        raise _not_understood(text)
    moved = anchor
    if days := amount.get("weeks", 0) * 7 + amount.get("days", 0):
        zone = anchor.tzinfo
        assert isinstance(zone, ZoneInfo)  # noqa: S101  parse_when made it so
        moved = _same_clock(anchor, anchor.date() + timedelta(days=days), zone, strict=True)
    return later(moved, timedelta(hours=amount.get("hours", 0), minutes=amount.get("minutes", 0)))


def _same_clock(value: datetime, day: date, zone: ZoneInfo, *, strict: bool = False) -> datetime:
    try:
        return at(day, value.timetz().replace(tzinfo=None, fold=0), zone)
    except NoSuchTime as gap:
        if strict:
            raise
        return gap.next_valid
    except Ambiguous as twice:
        return twice.second if _offset(twice.second) == _offset(value) else twice.first


def _end_of_gap(first: datetime, second: datetime, zone: ZoneInfo) -> datetime:
    low, high = second.astimezone(UTC), first.astimezone(UTC)  # the change lies in ]low, high]
    old = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low) // timedelta(seconds=1) // 2)
        low, high = (middle, high) if middle.astimezone(zone).utcoffset() == old else (low, middle)
    return high.astimezone(zone)


def _fixed(text: str, offset: str) -> timezone:
    hours, minutes = int(offset[1:3]), int(offset[4:])
    if hours > 15 or minutes > 59:
        raise _not_understood(text)
    span = timedelta(hours=hours, minutes=minutes)
    return timezone(-span if offset[0] == "-" else span)


def _offset(moment: datetime) -> timedelta:
    offset = moment.utcoffset()
    if offset is None:
        raise TypeError("aware times only")
    return offset


def _too_far() -> WhenError:
    return WhenError(_("That is too far away."))


def _not_understood(text: str) -> WhenError:
    if not text.strip():
        return WhenError(_("Type a time, such as 14:30, +2h or tomorrow 9."))
    return WhenError(
        _("Not understood as a time. Try 14:30, +2h, tomorrow 9, fri 8:30 or 25.11. 14:30.")
    )
