"""Names of hosts are looked up in threads that nobody waits for.

asyncio asks the system's resolver in its thread pool, and both `asyncio.run` and Python's own end
wait for that pool: where the resolver hangs (a VPN that has just gone), so would a program that
is told to end (research, section 2: 6 s for a deadline of 1 s).
"""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import suppress
from typing import Any


def look_up_apart() -> None:
    """Let the running loop resolve names in daemon threads. For httpx: call it before a request."""
    asyncio.get_running_loop().getaddrinfo = _getaddrinfo  # type: ignore[method-assign]


async def _getaddrinfo(
    host: Any,
    port: Any,
    *,
    family: int = 0,
    type: int = 0,  # noqa: A002 - asyncio's name
    proto: int = 0,
    flags: int = 0,
) -> Any:
    """As `loop.getaddrinfo`."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Any] = loop.create_future()

    def settle(found: Any, fault: Exception | None) -> None:
        if answer.done():
            return  # nobody waits any more
        if fault is not None:
            answer.set_exception(fault)
        else:
            answer.set_result(found)

    def ask() -> None:
        found, fault = None, None
        try:
            found = socket.getaddrinfo(host, port, family, type, proto, flags)
        except Exception as error:  # whatever it is, the caller gets it
            fault = error
        with suppress(RuntimeError):  # the loop has ended before it
            loop.call_soon_threadsafe(settle, found, fault)

    threading.Thread(target=ask, name="resolver", daemon=True).start()
    return await answer
