"""A TCP relay in front of the server: what an HTTP server cannot do to its clients, this does.

Every client connection gets one of its own to the server. The fault layer finds it by its local
port (the server sees it as the client's) and sets what shall happen to the answer. As long as
nothing is set, bytes pass as they come, and connections are kept alive by the two ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from dataclasses import dataclass

_CHUNK = 64 * 1024
_LINGER_ZERO = struct.pack("ii", 1, 0)


class _CutError(Exception):
    """The connection ends here, by a fault."""


@dataclass(slots=True)
class Damage:
    """What happens to the bytes of one answer. `kind` is one of `faults.WIRE` or `drop`.

    A drip sends `piece` bytes every so many `seconds`.
    """

    kind: str
    seconds: float = 0.05
    piece: int = 1
    head: bytes = b""
    body_left: int = -1


class Link:
    """One client connection and its other half."""

    def __init__(
        self,
        client: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        server: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        self._client_reader, self._client = client
        self._server_reader, self._server = server
        self.damage: Damage | None = None

    async def run(self) -> None:
        """Pass bytes both ways until one side is done; never raises for a lost connection."""
        up = asyncio.create_task(self._upstream())
        down = asyncio.create_task(self._downstream())
        try:
            await asyncio.wait({up, down}, return_when=asyncio.FIRST_COMPLETED)
            if up.done() and not down.done() and self._hangs():
                down.cancel()
            await down
        except (_CutError, OSError, asyncio.CancelledError):
            pass
        finally:
            for task in (up, down):
                task.cancel()
            await asyncio.gather(up, down, return_exceptions=True)
            self._client.close()
            self._server.close()

    def reset(self) -> None:
        """End the client's connection with an RST, now."""
        sock = self._client.get_extra_info("socket")
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
        self._client.transport.abort()

    def _hangs(self) -> bool:
        return self.damage is not None and self.damage.kind == "accept_then_hang"

    async def _upstream(self) -> None:
        with contextlib.suppress(OSError):
            while data := await self._client_reader.read(_CHUNK):
                self._server.write(data)
                await self._server.drain()
        # also after a client's RST, or the server would keep this connection for a while
        with contextlib.suppress(OSError):
            self._server.write_eof()

    async def _downstream(self) -> None:
        while data := await self._server_reader.read(_CHUNK):
            if self.damage is not None:
                await self._damaged(data, self.damage)
                continue
            self._client.write(data)
            await self._client.drain()
        if self._hangs():  # the server is done with this connection, the client must not know
            await asyncio.Event().wait()

    async def _damaged(self, data: bytes, damage: Damage) -> None:
        match damage.kind:
            case "accept_then_hang":
                return  # and say nothing until the client gives up
            case "accept_then_reset" | "drop":
                self.reset()
                raise _CutError
            case "accept_then_close":
                raise _CutError
            case "drip":
                await self._drip(data, damage)
            case _:
                await self._cut_body(data, damage)

    async def _drip(self, data: bytes, damage: Damage) -> None:
        for begin in range(0, len(data), damage.piece):
            self._client.write(data[begin : begin + damage.piece])
            await self._client.drain()
            await asyncio.sleep(damage.seconds)

    async def _cut_body(self, data: bytes, damage: Damage) -> None:
        """Pass the head and, for `truncated`, half of the body; then end the connection."""
        if damage.body_left < 0:
            damage.head += data
            head, end, data = damage.head.partition(b"\r\n\r\n")
            if not end:
                return
            damage.body_left = _length(head) // 2 if damage.kind == "truncated" else 0
            self._client.write(head + end)
        part = data[: damage.body_left]
        damage.body_left -= len(part)
        self._client.write(part)
        await self._client.drain()
        if damage.body_left == 0:
            if damage.kind == "lost_body":
                await asyncio.sleep(0.05)  # an RST at once would take the head away with it
                self.reset()
            raise _CutError


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name == b"content-length":
            return int(value)
    return 2  # of a chunked body: its first byte


class Relay:
    """Listens on the public port; `start` first, `close` at the end."""

    def __init__(self, upstream_port: int) -> None:
        self._upstream_port = upstream_port
        self._links: dict[int, Link] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    def link(self, port: int) -> Link | None:
        """The connection that the server sees coming from this local port."""
        return self._links.get(port)

    async def start(self, sock: socket.socket) -> None:
        self._server = await asyncio.start_server(self._accepted, sock=sock)

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  (a coroutine that runs has one)
        self._tasks.add(task)
        port = 0
        try:
            server = await asyncio.open_connection("127.0.0.1", self._upstream_port)
            port = server[1].get_extra_info("sockname")[1]
            self._links[port] = Link((reader, writer), server)
            await self._links[port].run()
        except (OSError, asyncio.CancelledError):
            writer.close()
        finally:
            self._links.pop(port, None)
            self._tasks.discard(task)
