"""A rebooking that is killed at one of its steps; see `run_child`.

A step is a writing of the journal; `before` it the change is on its way only, `after` it is
synced. Between two writings there is at most one request, so that being killed before the writing
that follows a request is being killed when the gateway has acted and nobody wrote it down.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from typing import Any

from pm_tui import config
from pm_tui.cache.durable import DurableFile
from pm_tui.services import book, watch
from pm_tui.services.rebook import carry_out, prepare
from pm_tui.services.session import Session


def kill_at(step: int, when: str) -> None:
    """SIGKILL at the `step`-th writing, counted from 1; 0 is never."""
    write = DurableFile.write
    count = 0

    def counted(self: DurableFile, work: Callable[..., Any]) -> Any:
        nonlocal count
        count += 1
        if count == step and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        done = write(self, work)
        if count == step and when == "after":
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    DurableFile.write = counted  # type: ignore[method-assign]


async def main(spec: dict[str, Any]) -> None:
    start, end = (datetime.fromisoformat(spec[name]) for name in ("start", "end"))
    async with Session(config.load({})) as session:
        old = (await session.booking(spec["old"])).value
        rebooking = await prepare(session, old, start, end, spec["evse"])
        assert rebooking.clash == spec["clash"]
        kill_at(spec["step"], spec["when"])
        print((await carry_out(session, rebooking)).outcome)


if __name__ == "__main__":
    book.FIRST_LOOK = 0.0
    watch.FIRST_LOOKS = (0.05,) * 40  # type: ignore[assignment]
    asyncio.run(main(json.loads(sys.argv[1])))
