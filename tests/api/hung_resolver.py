"""A program whose resolver never answers: `python -m tests.api.hung_resolver [VERB ...]`.

With a verb the command line, else a bare client that asks once; their deadlines are a blink.
With `screen` the full screen.
"""

from __future__ import annotations

import asyncio
import socket
import sys
import threading
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from pm_tui.api import agent
from pm_tui.api.agent import AgentClient
from pm_tui.api.errors import ApiError
from pm_tui.cli import main
from tests.canary import KEY

HOST = "gateway.example.org"


def never(*_arguments: Any, **_options: Any) -> Any:
    Path.home().joinpath("asked").touch()
    threading.Event().wait()


async def ask() -> None:
    client = AgentClient(f"https://{HOST}/api/v1/client", SecretStr(KEY))
    try:
        await client.usage()
    except ApiError as error:
        print(type(error).__name__, "unsent" if error.unsent else "perhaps sent", flush=True)
    await client.aclose()


if __name__ == "__main__":
    socket.getaddrinfo = never
    if sys.argv[1:] == ["screen"]:
        sys.exit(main([]))
    agent._TOTAL = agent._SEARCH_TOTAL = agent._BOOKING_TOTAL = 0.2
    if sys.argv[1:]:
        sys.exit(main(sys.argv[1:]))
    asyncio.run(ask())
