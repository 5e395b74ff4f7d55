"""The client that is killed: `python -m tests.experiment.client STRATEGY SPEC`.

It works through the wishes of a specification, however often it is started anew, and ends with 0
when nothing more can be done without a person. `journal` is the program's own way; `naive` is the
usual one: send until somebody says yes, and where a point is taken, take another.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from pm_tui import config
from pm_tui.api import agent
from pm_tui.api.agent import AgentClient
from pm_tui.api.errors import ApiError, Conflict
from pm_tui.models.request import BookingRequest
from pm_tui.services import book, settle
from pm_tui.services.session import Session

AT_ONCE = 4
LENGTH = timedelta(minutes=30)
TOTAL = 0.6  # seconds a request is waited for here (the program: 45)
LATE = 0.4  # seconds after which the gateway still accepts what it has dropped
GRACE = timedelta(seconds=1.5)  # longer than both together


@dataclass(frozen=True, slots=True)
class Spec:
    """What is wished for, and where; `points` are pairs of location and EVSE."""

    base_url: str
    api_key: str
    home: Path
    wishes: int
    start: datetime
    points: list[list[str]]

    @classmethod
    def read(cls, path: Path) -> Spec:
        raw: dict[str, Any] = json.loads(path.read_text())
        raw |= {"home": Path(raw["home"]), "start": datetime.fromisoformat(raw["start"])}
        return cls(**raw)

    def wish(self, number: int, attempt: int = 0) -> BookingRequest:
        """Every wish has a window of its own; every attempt a point of its own."""
        start = self.start + number * LENGTH
        location_id, evse_uid = self.points[attempt % len(self.points)]
        return BookingRequest(
            location_id=location_id,
            evse_uid=evse_uid,
            reservation_start=start,
            reservation_end=start + LENGTH,
            external_id=reference(number),
        )

    def settings(self) -> config.Settings:
        env = {
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "PM_TUI_CACHE_DIR": str(self.home / "cache"),
            "PM_TUI_STATE_DIR": str(self.home / "state"),
            "PM_TUI_TIMEZONE": "Europe/Berlin",
            "PM_TUI_API_KEY": self.api_key,
            "PM_TUI_BASE_URL": self.base_url,
        }
        return config.load({}, env)


def reference(number: int) -> str:
    return f"exp-e{number:05}-20261124"


def hurry() -> None:
    """The waits of the program, a thirtieth as long and in the same order of length."""
    agent._BOOKING_TOTAL = TOTAL
    book.FIRST_LOOK = 0.02
    settle.GRACE = GRACE
    settle.AROUND = timedelta(seconds=5)  # one machine, one clock: lists stay short


async def with_journal(spec: Spec) -> None:
    """Named wishes, through the service that the screen and the command line use."""
    gate = asyncio.Semaphore(AT_ONCE)
    async with Session(spec.settings()) as session:

        async def fulfil(number: int) -> bool:
            """Whether nothing more can be done for it now."""
            async with gate:
                ended = await session.book(spec.wish(number), once=f"wish {number}")
            return ended.kind == "booked" or (ended.kind == "unknown" and not ended.problem)

        todo = list(range(spec.wishes))
        while todo:
            random.Random(os.getpid()).shuffle(todo)  # several clients meet everywhere
            done = await asyncio.gather(*map(fulfil, todo))
            todo = [number for number, is_done in zip(todo, done, strict=True) if not is_done]
        while True:
            try:
                await session.recover()
                return
            except ApiError:
                await asyncio.sleep(0.1)


async def naively(spec: Spec) -> None:
    """Plain retry without a journal; what was confirmed is noted down afterwards."""
    notes = spec.home / "done.txt"
    done = set(notes.read_text().split()) if notes.exists() else set()
    client = AgentClient(spec.base_url, SecretStr(spec.api_key))
    gate = asyncio.Semaphore(AT_ONCE)

    async def fulfil(number: int) -> None:
        attempt = 0
        while True:
            try:
                async with gate:
                    await client.create_booking(spec.wish(number, attempt))
                break
            except Conflict:
                attempt += 1  # taken (by whom?): another point
            except ApiError:
                await asyncio.sleep(0.02)
        with notes.open("a") as file:
            file.write(f"{number}\n")

    await asyncio.gather(
        *(fulfil(number) for number in range(spec.wishes) if str(number) not in done)
    )
    await client.aclose()


if __name__ == "__main__":
    hurry()
    strategy = {"journal": with_journal, "naive": naively}[sys.argv[1]]
    asyncio.run(strategy(Spec.read(Path(sys.argv[2]))))
