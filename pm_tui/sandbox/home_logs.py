"""What a home charger of the sandbox did at any time: a function of the time, so that logs live.

Every device samples each five minutes. A day runs from noon to noon: plugged in most evenings,
charged in the night, away in the morning; some stand there by day. One in twenty was never heard
of, one reports in the small hours only, one does not know what it delivers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pm_tui.sandbox.home_fleet import Device, number_of

PERIOD = 300  # seconds between two samples
KEPT = timedelta(days=30)
_HOUR = timedelta(hours=1)
_DIGITS = (0, 4, 6, 9)  # of a second's fraction: devices differ (§13)


@dataclass(frozen=True, slots=True)
class Night:
    """One stay at the plug; `watts` while it charges."""

    plugged: datetime
    unplugged: datetime
    begins: datetime
    ends: datetime
    watts: int
    is_smart: bool

    def energy(self, until: datetime) -> int:
        """Watt-hours delivered before `until`."""
        span = min(max(until - self.begins, timedelta()), self.ends - self.begins)
        return round(self.watts * span / _HOUR)


@dataclass(frozen=True, slots=True)
class Sample:
    at: datetime
    text: str  # the time as this device writes it
    is_plugged_in: bool | None
    is_charging: bool | None
    watts: int | None
    meter: int | None


def night_of(device: Device, day: int) -> Night | None:
    """The stay that begins on the `day`-th day since 1970; None when the car was away."""
    chance = number_of("night", device.id, day)
    if chance % 10 >= 7:
        return None
    start = datetime(1970, 1, 1, 12, tzinfo=UTC) + timedelta(days=day)
    if device.number % 5 == 0:
        start -= timedelta(hours=9)  # at work in the night, at home by day
    plugged = start + timedelta(minutes=240 + chance // 10 % 300)
    is_smart = chance // 7 % 4 != 0
    wait = timedelta(minutes=180 + chance // 13 % 150) if is_smart else timedelta(minutes=2)
    watts = device.model.watts * (970 + chance // 17 % 30) // 1000
    begins = plugged + wait
    ends = begins + timedelta(minutes=70 + chance // 11 % 190)
    unplugged = max(ends, plugged + timedelta(hours=8)) + timedelta(minutes=chance // 3 % 200)
    return Night(plugged, unplugged, begins, ends, watts, is_smart)


def nights(device: Device, since: datetime, until: datetime) -> Iterator[Night]:
    """The stays that touch the time between, newest first."""
    first, last = (since - timedelta(days=2)).timestamp(), until.timestamp()
    for day in range(int(last // 86_400), int(first // 86_400) - 1, -1):
        night = night_of(device, day)
        if night is not None and night.plugged <= until and night.unplugged >= since:
            yield night


def is_silent(device: Device, at: datetime) -> bool:
    """Whether this device says nothing then."""
    kind = device.number % 20
    return kind == 10 or (kind == 11 and at.hour != 2)


def sample(device: Device, index: int) -> Sample | None:
    """The `index`-th sample since 1970; None when there is none."""
    chance = number_of("sample", device.id, index)
    at = datetime.fromtimestamp(index * PERIOD + device.number * 37 % PERIOD, UTC)
    if is_silent(device, at):
        return None
    digits = _DIGITS[device.number % len(_DIGITS)]
    fraction = f".{chance % 10**digits:0{digits}d}" if digits else ""
    micros = int(fraction[1:7].ljust(6, "0")) if digits else 0
    text = f"{at:%Y-%m-%dT%H:%M:%S}{fraction}Z"
    at = at.replace(microsecond=micros)
    if device.number % 20 == 12:
        return Sample(at, text, None, None, None, None)
    night = next(nights(device, at, at), None)
    charging = night is not None and night.begins <= at < night.ends
    watts = night.watts + chance % 61 - 30 if night is not None and charging else 0
    meter = 1_000_000 + device.number * 1000 + (0 if night is None else night.energy(at))
    return Sample(at, text, night is not None, charging, watts, meter)


def samples(device: Device, before: datetime, since: datetime) -> Iterator[Sample]:
    """Those taken at `since` or later and not after `before`, newest first."""
    if device.number % 20 == 10:
        return
    index = int(before.timestamp()) // PERIOD + 1
    while index * PERIOD >= since.timestamp() - PERIOD:
        found = sample(device, index)
        index -= 1
        if found is not None and since <= found.at <= before:
            yield found


def latest(device: Device, now: datetime) -> Sample | None:
    return next(samples(device, now, now - timedelta(days=2)), None)


@dataclass(frozen=True, slots=True)
class Command:
    at: datetime
    reason: str
    milliamps: int | None
    enabled: bool | None


def commands(device: Device, before: datetime, since: datetime) -> Iterator[Command]:
    """What it was told, newest first."""
    for night in nights(device, since, before):
        amps = night.watts * 1000 // 230
        told = [
            Command(night.plugged + timedelta(seconds=20), "REFRESH_SCHEDULES", None, None),
            Command(night.begins, "START_CHARGE", amps, True),
            Command(night.ends, "STOP_CHARGE", 0, False),
        ]
        yield from (one for one in reversed(told) if since <= one.at <= before)
