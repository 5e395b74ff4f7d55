"""A day's charge rate as text: one column a slice of the day, blocks of an eighth of a row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pm_tui.models.home import StatusLog

_BLOCKS = " ▁▂▃▄▅▆▇█"
IDLE = "·"  # it was sampled, and nothing flowed
_STEP = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Chart:
    """`rows` from top to bottom, all of one width; `scale` is what lies below them: the hours.
    `most` in watts is what a full column stands for; None when no power was told."""

    rows: tuple[str, ...]
    scale: str
    most: int | None


def day_of(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Midnight and the next one (aware): 23 to 25 hours apart."""
    begin = datetime.combine(day, time(0), zone)
    return begin, datetime.combine(day + timedelta(days=1), time(0), zone)


def chart(
    samples: Iterable[StatusLog], begin: datetime, end: datetime, width: int, height: int
) -> Chart:
    """The highest rate of each slice between `begin` and `end` (aware). A slice without a sample
    is blank, one in which nothing flowed has a dot; power that flows back counts as nothing."""
    span = _seconds(end, begin)
    slots: list[int | None] = [None] * width
    for sample in samples:
        at = None if sample.sampled is None else sample.sampled.at
        watts = sample.charge_rate_watts
        if at is None or watts is None or not begin <= at < end:
            continue
        slot = min(int(_seconds(at, begin) * width / span), width - 1)
        slots[slot] = max(slots[slot] or 0, watts, 0)
    most = max((watts for watts in slots if watts is not None), default=None)
    return Chart(_rows(slots, most or 1, height), _scale(begin, end, width), most)


def energy(samples: Sequence[StatusLog]) -> int | None:
    """Watt-hours between the meter's first and last reading; None where it told none, or was set
    back between."""
    read = [one.meter_reading_watt_hours for one in samples]
    known = [one for one in read if one is not None]
    if len(known) < 2:
        return None
    total = known[0] - known[-1]  # newest first
    return total if total >= 0 else None


def _rows(slots: Sequence[int | None], most: int, height: int) -> tuple[str, ...]:
    rows = []
    for row in range(height - 1, -1, -1):
        cells = []
        for watts in slots:
            eighths = 0 if watts is None else round(watts * height * 8 / most)
            if watts and eighths == 0:
                eighths = 1  # little is not nothing
            cell = _BLOCKS[min(max(eighths - row * 8, 0), 8)]
            cells.append(IDLE if row == 0 and watts == 0 else cell)
        rows.append("".join(cells))
    return tuple(rows)


def _scale(begin: datetime, end: datetime, width: int) -> str:
    """The hours under their columns, as many as have room."""
    line = [" "] * width
    local = begin
    while local < end:
        column = int(_seconds(local, begin) * width / _seconds(end, begin))
        label = f"{local:%H}"
        if column + len(label) <= width:
            line[column : column + len(label)] = label
        local = local + _STEP  # wall-clock hours: what the person's clock says
    return "".join(line)


def _seconds(later: datetime, earlier: datetime) -> float:
    """Real seconds: two times of one zone would be subtracted by their clocks."""
    return later.timestamp() - earlier.timestamp()
