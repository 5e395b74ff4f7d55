"""Figures side by side: floor, ours, their ratio, what was aimed at."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from tests.bench.scenarios import Leaving, Newcomer, Rows, Start, Visit

CLEAN_EXIT = {"quit": "0", "SIGTERM": "143", "SIGHUP": "129", "crash": "not 0"}


@dataclass(frozen=True, slots=True)
class Figure:
    """`aim` bounds the ratio to the floor or our own value; None where there is none."""

    name: str
    unit: str
    floor: float | None
    ours: float
    aim: float | None = None
    of: Literal["ratio", "value"] = "value"

    @property
    def ratio(self) -> float | None:
        return self.ours / self.floor if self.floor else None

    @property
    def verdict(self) -> str:
        value = self.ratio if self.of == "ratio" else self.ours
        if self.aim is None or value is None:
            return ""
        return "ok" if value <= self.aim else "over"


def median(values: Iterable[float]) -> float:
    return statistics.median(values)


def p95(values: Sequence[float]) -> float:
    return sorted(values)[min(len(values) - 1, int(0.95 * len(values)))]


def visits(floor: Sequence[Visit], ours: Sequence[Visit], at_rest: Sequence[float]) -> list[Figure]:
    """Medians over the rounds; for keys over all keys of all rounds."""

    def both(
        name: str,
        unit: str,
        read: Callable[[Visit], float],
        aim: float | None = None,
        of: Literal["ratio", "value"] = "value",
        of_all: Callable[[Iterable[float]], float] = median,
    ) -> Figure:
        return Figure(name, unit, of_all(map(read, floor)), of_all(map(read, ours)), aim, of)

    def keys(
        name: str,
        unit: str,
        read: Callable[[Visit], Sequence[float]],
        of_all: Callable[[Sequence[float]], float],
        aim: float | None = None,
    ) -> Figure:
        a, b = (of_all([n for one in side for n in read(one)]) for side in (floor, ours))
        return Figure(name, unit, a, b, aim)

    return [
        both("first byte", "ms", lambda v: v.start.first_byte),
        both("first useful frame", "ms", lambda v: v.start.useful, 1.5, "ratio"),
        both("first full frame", "ms", lambda v: v.start.full, 1.5, "ratio"),
        both("  in the quickest round", "ms", lambda v: v.start.full, 1.5, "ratio", min),
        both("  its CPU, user+system", "ms", lambda v: v.start.full_cpu, 1.5, "ratio"),
        both("  bytes until then", "B", lambda v: v.start.full_bytes),
        both("settled", "ms", lambda v: v.start.settled, 2.0, "ratio"),
        both("  bytes until then", "B", lambda v: v.start.settled_bytes, 80_000),
        both("  repaints until then", "", lambda v: v.start.repaints),
        keys("arrow key", "B", lambda v: v.still.sizes, median, 1300),
        keys("  to its frame, median", "ms", lambda v: v.still.delays, median, 10),
        keys("  to its frame, 95 %", "ms", lambda v: v.still.delays, p95, 35),
        keys("arrow key, scrolling", "B", lambda v: v.scrolling.sizes, median),
        keys("  to its frame, median", "ms", lambda v: v.scrolling.delays, median, 10),
        keys("  to its frame, 95 %", "ms", lambda v: v.scrolling.delays, p95, 35),
        Figure("idle, with a countdown", "B/s", None, median(one.idle for one in ours), 200),
        Figure("idle, without", "B/s", median(one.idle for one in floor), median(at_rest), 0),
        both("memory (RSS) after the start", "MB", lambda v: v.memory_at_rest, 70),
        both("  having scrolled in the rows", "MB", lambda v: v.memory_in_use, 70),
    ]


def newcomers(floor: Sequence[Visit], found: Sequence[Newcomer]) -> list[Figure]:
    def start(name: str, read: Callable[[Start], float]) -> Figure:
        a, b = median(read(one.start) for one in floor), median(read(one.start) for one in found)
        return Figure(name, "ms", a, b, 1.5, "ratio")

    return [
        start("first useful frame", lambda one: one.useful),
        start("first full frame", lambda one: one.full),
        start("  its CPU, user+system", lambda one: one.full_cpu),
        Figure("sandbox answers", "ms", None, median(one.online for one in found)),
        Figure("sandbox's memory (RSS)", "MB", None, median(o.sandbox_memory for o in found)),
    ]


def answers(found: Mapping[int, Sequence[Rows]]) -> Iterator[Figure]:
    for count, runs in found.items():
        handed = median(one.since_handed for one in runs)
        yield Figure(f"{count:,} rows, since handed over", "ms", None, handed, 150)
        answered = median(one.since_answer for one in runs)
        yield Figure(f"{count:,} rows, since the last byte", "ms", None, answered, 150)


def table(title: str, figures: Iterable[Figure]) -> Iterator[str]:
    yield f"\n{title:38}{'floor':>10}{'ours':>10}{'ratio':>8}   aim"
    for one in figures:
        floor = "" if one.floor is None else _short(one.floor)
        ratio = "" if one.ratio is None else f"{one.ratio:.2f}"
        times = " x floor" if one.of == "ratio" else ""
        aim = "" if one.aim is None else f"{one.verdict:5} <= {one.aim:,g}{times}"
        label = f"{one.name} {f'[{one.unit}]' if one.unit else ''}"
        yield f"{label:38}{floor:>10}{_short(one.ours):>10}{ratio:>8}   {aim}".rstrip()


def _short(value: float) -> str:
    return f"{value:,.1f}" if abs(value) < 100 and value % 1 else f"{value:,.0f}"


def is_clean(how: str, one: Leaving) -> bool:
    wanted = CLEAN_EXIT[how]
    right = one.exit_code not in (0, None) if wanted == "not 0" else str(one.exit_code) == wanted
    return right and not one.left_on and not one.orphans


def leavings(found: Mapping[str, Mapping[str, Leaving]]) -> Iterator[str]:
    yield "\nafter the end"
    for who, ends in found.items():
        for how, one in ends.items():
            verdict = "ok" if is_clean(how, one) else "over"
            left = ", ".join(one.left_on) or "terminal clean"
            orphans = f", {one.orphans} processes left" if one.orphans else ""
            took = "" if how == "crash" else f"{one.took:,.0f} ms"
            yield (
                f"  {who:16}{how:9}exit {one.exit_code!s:5}({CLEAN_EXIT[how]} wanted) "
                f"{took:>9}  {verdict:5} {left}{orphans}"
            )
