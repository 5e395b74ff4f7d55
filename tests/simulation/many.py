"""Many windows of one account on one host, as processes with several sessions each, against one
sandbox: what they ask together beside what one window asks, and what happens when the one that
reads is killed."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pm_tui import config
from pm_tui.models.booking import Booking
from pm_tui.models.request import BookingRequest
from pm_tui.models.result import Result
from pm_tui.services.bookings import BookingList
from pm_tui.services.ledger import Ledger, Place
from pm_tui.services.plan import Look, Presence
from pm_tui.services.session import Session
from pm_tui.services.watcher import Watcher
from tests import warm
from tests.sandbox_process import Sandbox, start_sandbox

LEASE = 20.0  # seconds a reader that is not known to be dead is waited for
WATCHED = 60.0  # seconds in which requests are counted


class Quiet:
    """An audience that is always there, and writes down what it is told."""

    def __init__(self, name: str, known: Ledger) -> None:
        self._name, self._known = name, known

    def presence(self) -> Presence:
        return Presence(True, True, datetime.now(UTC))

    def read(self, result: Result[BookingList], places: dict[str, Place]) -> None:
        self._known.take(result, places)
        self._say("read", [one.status for one in result.value.bookings])

    def told(self, result: Result[Booking]) -> None:
        self._known.take_one(result)

    def failed(self, problem: Exception) -> None:
        self._say("failed", str(problem))

    async def take_stock(self, listed: Sequence[Booking] | None) -> None:
        """No screen shows it."""

    def no_journal(self, problem: Exception) -> None:
        self._say("failed", str(problem))

    def planned(self, look: Look) -> None:
        """Nobody reads it."""

    def _say(self, what: str, more: object) -> None:
        print(json.dumps([self._name, what, more]), flush=True)


def settings(home: Path, base_url: str, key: str) -> config.Settings:
    env = {
        "HOME": str(home),
        "PM_TUI_CACHE_DIR": str(home / "cache"),
        "PM_TUI_STATE_DIR": str(home / "state"),
        "PM_TUI_TIMEZONE": "Europe/Berlin",
        "PM_TUI_API_KEY": key,
        "PM_TUI_BASE_URL": base_url,
    }
    return config.load({"language": "en"}, env)


async def sit(home: Path, base_url: str, key: str, name: str, count: int) -> None:
    """So many sessions with their watchers, until killed."""
    async with asyncio.TaskGroup() as group:
        for n in range(count):
            group.create_task(_window(settings(home, base_url, key), f"{name}.{n}"))


async def _window(own: config.Settings, name: str) -> None:
    async with Session(own) as session:
        known = Ledger()
        await Watcher(session, known, Quiet(name, known), lambda: datetime.now(UTC)).run()


@contextmanager
def windows(
    sandbox: Sandbox, home: Path, processes: int, each: int
) -> Iterator[list[warm.Process]]:
    """Processes that sit there; killed in the end. What they say lies in files of their number."""
    line = ["tests.simulation.many", str(home), sandbox.base_url, sandbox.api_key]
    running = []
    for n in range(processes):
        with (home / f"{n}.txt").open("w") as said, Path(os.devnull).open() as nothing:
            streams = (nothing.fileno(), said.fileno(), 2)
            running.append(warm.start(*line, str(n), str(each), streams=streams))
    try:
        yield running
    finally:
        for one in running:
            one.kill()
            one.wait()


def sayings(home: Path) -> list[list[Any]]:
    """What all of them said so far, each by itself in order."""
    return [
        json.loads(line)
        for file in sorted(home.glob("*.txt"))
        for line in file.read_text().splitlines()
        if line.endswith("]")
    ]


def reading(home: Path) -> set[str]:
    """The windows that showed a list."""
    return {name for name, what, _more in sayings(home) if what == "read"}


def until(condition: Any, seconds: float) -> float:
    """Seconds waited; raises when it was in vain."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > seconds:
            raise AssertionError("waited in vain")
        time.sleep(0.05)
    return time.monotonic() - began


def lists(sandbox: Sandbox) -> int:
    """Readings of the list that have arrived."""
    return sum(
        one["method"] == "GET" and one["path"].endswith("/bookings") for one in sandbox.log()
    )


async def book(own: config.Settings, n: int) -> None:
    """One booking, which its operator does not answer for a while."""
    start = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=2)
    request = BookingRequest(
        location_id="DE-ENB-E100000",
        evse_uid=f"DE*ENB*E100000*{n}",
        reservation_start=start,
        reservation_end=start + timedelta(hours=1),
        external_id=f"windows-{n}",
    )
    async with Session(own) as session:
        ended = await session.book(request)
        assert ended.kind == "booked", ended


def requests(processes: int, each: int, seconds: float) -> tuple[int, int]:
    """What so many windows ask: while they start, and in so many seconds of following a booking
    that stays unanswered."""
    with tempfile.TemporaryDirectory() as folder, start_sandbox(confirm_seconds="3600") as sandbox:
        home = Path(folder)
        with windows(sandbox, home, processes, each):
            until(lambda: len(reading(home)) == processes * each, 120)
            started = len(sandbox.log())
            asyncio.run(book(settings(home, sandbox.base_url, sandbox.api_key), 2))
            sandbox.clear_log()
            time.sleep(seconds)
            return started, len(sandbox.log())


def takeover(processes: int, each: int) -> float:
    """Seconds until the list is read again after the process that was reading it was killed."""
    with tempfile.TemporaryDirectory() as folder, start_sandbox(confirm_seconds="3600") as sandbox:
        home = Path(folder)
        with windows(sandbox, home, processes, each) as running:
            until(lambda: len(reading(home)) == processes * each, 120)
            asyncio.run(book(settings(home, sandbox.base_url, sandbox.api_key), 2))
            until(lambda: lists(sandbox) >= 3, 30)
            sandbox.fault("slow", match="GET /bookings", seconds=15)
            until(lambda: _reader(home) is not None and _is_reading(sandbox), 30)
            reader = _reader(home)
            victim = next(one for one in running if one.pid == reader)
            before = lists(sandbox)
            victim.kill()
            return until(lambda: lists(sandbox) > before, 60)


def _is_reading(sandbox: Sandbox) -> bool:
    """Whether an answer is under way: the slow one."""
    return any(one["status"] is None for one in sandbox.log())


def _reader(home: Path) -> int | None:
    """The process that has taken on the reading."""
    (file,) = home.glob("state/*/windows-1.db")
    with sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True) as db:
        row = db.execute("SELECT pid FROM reader").fetchone()
    return None if row is None else int(row[0])


def report(count: int) -> str:
    processes = max(1, count // 10)
    each = count // processes
    one_start, one = requests(1, 1, WATCHED)
    many_start, many = requests(processes, each, WATCHED)
    took = takeover(processes, each)
    return "\n".join(
        [
            f"{'windows':>10}{'requests to start':>20}{f'in {WATCHED:.0f} s after a booking':>30}",
            f"{1:>10}{one_start:>20}{one:>30}",
            f"{processes * each:>10}{many_start:>20}{many:>30}",
            f"{many / one:.2f} times as many, for {processes * each} times the windows",
            f"the process that was reading is killed: read by another after {took:.1f} s",
        ]
    )


if __name__ == "__main__":
    home, url, key, name, count = sys.argv[1:]
    asyncio.run(sit(Path(home), url, key, name, int(count)))
