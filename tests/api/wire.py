"""A raw loopback server that does what a test scripts, byte for byte: httpx's real counterpart."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any

from pm_tui.api.clock import Clock

Act = Callable[[asyncio.StreamWriter], Awaitable[bool]]  # True: keep the connection


@dataclass
class Seen:
    """A request as it came over the wire; `connection` counts the connections."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    connection: int

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def http(
    status: int = 200,
    body: Any = b"",
    headers: Mapping[str, str] | None = None,
    *,
    kind: str = "application/json",
    length: int | None = None,
) -> bytes:
    """An answer; anything but bytes is sent as JSON. `length` lies about the body's."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [
        f"HTTP/1.1 {status} X",
        f"Content-Type: {kind}",
        f"Content-Length: {len(raw) if length is None else length}",
        *(f"{name}: {value}" for name, value in (headers or {}).items()),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + raw


def says(*args: Any, **kwargs: Any) -> Act:
    """Answer and keep the connection."""
    data = http(*args, **kwargs)

    async def act(writer: asyncio.StreamWriter) -> bool:
        writer.write(data)
        await writer.drain()
        return True

    return act


def writes(data: bytes, *, reset: bool = False) -> Act:
    """Write bytes, then close, politely or with a reset."""

    async def act(writer: asyncio.StreamWriter) -> bool:
        writer.write(data)
        with contextlib.suppress(ConnectionError):
            await writer.drain()
        if reset:
            await asyncio.sleep(0.2)  # let the bytes be read before the reset throws them away
            sock: socket.socket = writer.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return False

    return act


def drips(data: bytes, pause: float = 0.02) -> Act:
    """One byte at a time, so that no single read is ever late."""

    async def act(writer: asyncio.StreamWriter) -> bool:
        for byte in data:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(pause)
        return False

    return act


async def hangs(_writer: asyncio.StreamWriter) -> bool:
    """Take the request and say nothing for ever."""
    await asyncio.Event().wait()
    return False


@dataclass
class Wire:
    """Serves `acts` in turn, the last one again and again, and keeps what it saw."""

    acts: list[Act]
    seen: list[Seen] = field(default_factory=list)
    connections: int = 0
    tls: ssl.SSLContext | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        assert self._server is not None
        port = self._server.sockets[0].getsockname()[1]
        scheme = "https" if self.tls else "http"
        return f"{scheme}://127.0.0.1:{port}/api/v1/client"

    async def __aenter__(self) -> Wire:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self.tls)
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        number = self.connections
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            try:
                while await self._answer(reader, writer, number):
                    pass
            except asyncio.CancelledError:
                pass
            finally:
                writer.close()
                self._tasks.discard(task)

    async def _answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int
    ) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        method, target, _version = head[0].split(" ")
        pairs = (line.partition(": ") for line in head[1:] if line)
        headers = {name.lower(): value for name, _sep, value in pairs}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        act = self.acts[min(len(self.seen), len(self.acts) - 1)]
        self.seen.append(Seen(method, target, headers, body, number))
        return await act(writer)


class FakeClock(Clock):
    """Time that only passes when somebody sleeps; remembers the sleeps."""

    def __init__(self, now: datetime = datetime(2026, 11, 21, 12, tzinfo=UTC)) -> None:
        self.start = now
        self.passed = 0.0
        self.slept: list[float] = []
        self.rolled = 0.5

    def now(self) -> datetime:
        return self.start + timedelta(seconds=self.passed)

    def monotonic(self) -> float:
        return 1000.0 + self.passed

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.passed += seconds

    def roll(self) -> float:
        return self.rolled
