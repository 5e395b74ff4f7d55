"""The sending of a table that is killed at one of its steps; see `run_child`.

The steps are the writings of the journal, as in `rebook_child`; with `file` it is that writing of
the result that is not finished.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from pm_tui import config
from pm_tui.api import agent
from pm_tui.services import batch_file, batch_send, book
from pm_tui.services.session import Session
from tests.services.rebook_child import kill_at


def kill_in_file(number: int) -> None:
    """SIGKILL in the `number`-th writing of the result, before it takes the place of the last."""
    sync, count = os.fsync, 0

    def counted(descriptor: int) -> None:
        nonlocal count
        if Path(f"/proc/self/fd/{descriptor}").readlink().name.endswith(".new"):
            count += 1
            if count == number:
                os.kill(os.getpid(), signal.SIGKILL)
        sync(descriptor)

    os.fsync = counted  # type: ignore[assignment]


async def main(spec: dict[str, Any]) -> None:
    settings, path = config.load({}), Path(spec["path"])
    async with Session(settings) as session:
        await session.unsettled()  # opens the journal, whose own writing is none of the steps
        table, _places = await batch_file.read_known(session, path, session.now())
        kill_at(spec["step"], spec["when"])
        kill_in_file(spec["file"])
        async for _row in batch_send.send(session, table, batch_file.result_path(path)):
            pass


if __name__ == "__main__":
    agent._BOOKING_TOTAL = 5.0
    book.FIRST_LOOK = 0.0
    batch_send.PACE = 0.0
    asyncio.run(main(json.loads(sys.argv[1])))
