"""From what happened to figures: requests, delays, the worst minute; and what others would do."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median

from pm_tui.sandbox.lifecycle import Script, Status
from tests.simulation.month import Made, Month, moments

EVERY = timedelta(seconds=5)
MINUTE = timedelta(seconds=60)
ORDER = [status.value for status in Status]


@dataclass
class Figures:
    """Delays in seconds, by kind of change."""

    name: str
    background: int
    people: int
    worst_minute: int
    delays: dict[str, list[float]] = field(default_factory=dict)

    def note(self, kind: str, delay: float) -> None:
        self.delays.setdefault(kind, []).append(delay)

    def worst(self, *kinds: str) -> float:
        return max((max(self.delays.get(kind, [0.0])) for kind in kinds), default=0.0)

    def median(self, kind: str) -> float:
        return median(self.delays.get(kind, [0.0]))


def worst_minute(times: Iterable[datetime]) -> int:
    window: deque[datetime] = deque()
    most = 0
    for at in sorted(times):
        window.append(at)
        while window[0] <= at - MINUTE:
            window.popleft()
        most = max(most, len(window))
    return most


def ours(month: Month) -> Figures:
    """What was measured. `… in front of somebody`: at each window, since the change or since
    somebody was there to see it; `… in any window`: at the first that showed it before the office
    closed, whoever was there."""
    people = sum(not background for _at, background in month.sent)
    figures = Figures("ours", month.background, people, worst_minute(at for at, _ in month.sent))
    for kind, booking_id, step, made in moments(month):
        if kind in ("confirmed", "refused"):
            seen = _seen(month, made.window, booking_id, made.script, step.status)
            if seen is not None:
                figures.note(kind, (seen - step.at).total_seconds())
        shown: list[datetime] = []
        for window in range(month.office.windows):
            seen = _seen(month, window, booking_id, made.script, step.status)
            if seen is None:
                continue
            shown.append(seen)
            somebody = _somebody(month, window, step.at)
            if somebody is not None and kind not in ("confirmed", "refused"):
                late = (seen - max(step.at, somebody)).total_seconds()
                figures.note(f"{kind}, in front of somebody", max(late, 0.0))
        if shown and kind not in ("confirmed", "refused") and _is_open(month, step.at):
            first = min(shown)
            when = "in any window" if first.date() == step.at.date() else "the next working day"
            figures.note(f"{kind}, {when}", (first - step.at).total_seconds())
    return figures


def _seen(
    month: Month, window: int, booking_id: str, script: Script, status: Status
) -> datetime | None:
    """When a window showed that status, or one that came after it."""
    order = [step.status for step in script.steps]
    later = order[order.index(status) :]
    times = [month.seen.get((window, booking_id, one.value)) for one in later]
    return min((at for at in times if at is not None), default=None)


def _somebody(month: Month, window: int, at: datetime) -> datetime | None:
    """When somebody was at that window next, now included."""
    spans = month.there.get(window, [])
    return min((max(begins, at) for begins, ends in spans if ends > at), default=None)


def _is_open(month: Month, at: datetime) -> bool:
    return any(begins <= at < ends for begins, ends in month.open_hours)


def each_booking(month: Month) -> Figures:
    """Each open booking polled every 5 s while the office is open, by one window, and no limit to
    stop it."""
    figures = Figures("each booking every 5 s", 0, _people(month), 0)
    spans = [
        (max(made.script.steps[0].at, begins), min(made.script.steps[-1].at, ends))
        for made in month.made.values()
        for begins, ends in month.open_hours
    ]
    spans = [(begins, ends) for begins, ends in spans if begins < ends]
    figures.background = sum(int((ends - begins) / EVERY) + 1 for begins, ends in spans)
    figures.worst_minute = int(MINUTE / EVERY) * _most_at_once(spans)
    for kind, _id, step, made in moments(month):
        if _is_open(month, step.at):
            figures.note(kind, _to_next(made.script.steps[0].at, step.at))
    return figures


def one_list(month: Month) -> Figures:
    """The list polled every 5 s while the office is open, by one window."""
    looks = sum(int((ends - begins) / EVERY) for begins, ends in month.open_hours)
    figures = Figures("one list every 5 s", looks, _people(month), int(MINUTE / EVERY))
    for kind, _id, step, _made in moments(month):
        if _is_open(month, step.at):
            figures.note(kind, _to_next(month.open_hours[0][0], step.at))
    return figures


def _people(month: Month) -> int:
    return sum(not background for _at, background in month.sent)


def _to_next(phase: datetime, at: datetime) -> float:
    return (EVERY - (at - phase) % EVERY).total_seconds()


def _most_at_once(spans: Sequence[tuple[datetime, datetime]]) -> int:
    steps = sorted([(begins, 1) for begins, _ in spans] + [(ends, -1) for _, ends in spans])
    now = most = 0
    for _at, step in steps:
        now += step
        most = max(most, now)
    return most


def table(all_figures: Sequence[Figures]) -> str:
    lines = [f"{'':26}{'background':>11}{'people':>8}{'worst minute':>14}"]
    for one in all_figures:
        lines.append(f"{one.name:26}{one.background:>11,}{one.people:>8,}{one.worst_minute:>14}")
    lines.append("")
    lines.append(f"{'seconds until it shows':52}{'number':>8}{'median':>9}{'worst':>9}")
    for one in all_figures:
        for kind in sorted(one.delays):
            delays = one.delays[kind]
            row = f"{one.name + ': ' + kind:52}{len(delays):>8}"
            lines.append(f"{row}{median(delays):>9.1f}{max(delays):>9.1f}")
    return "\n".join(lines)


__all__ = ["Figures", "Made", "each_booking", "one_list", "ours", "table"]
