"""A booking or a cancellation that is killed at one of its steps, which are those of
`rebook_child`; see `run_child`."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from pm_tui import config
from pm_tui.api import agent
from pm_tui.models.request import BookingRequest
from pm_tui.services import book
from pm_tui.services.session import Session
from tests.services.rebook_child import kill_at


async def main(spec: dict[str, Any]) -> None:
    async with Session(config.load({})) as session:
        await session.unsettled()  # opens the journal, whose own writing is none of the steps
        kill_at(spec["step"], spec["when"])
        if spec["booking_id"]:
            await session.cancel(spec["booking_id"], "no longer needed", once=spec["once"])
        else:
            request = BookingRequest.model_validate_json(json.dumps(spec["request"]))
            await session.book(request, once=spec["once"])


if __name__ == "__main__":
    agent._BOOKING_TOTAL = 5.0
    book.FIRST_LOOK = 0.0
    asyncio.run(main(json.loads(sys.argv[1])))
