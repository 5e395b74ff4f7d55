"""A raw loopback server that does what a test scripts, byte for byte: httpx's real counterpart."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from pm_tui.api.clock import Clock
from tests.api.loopback import Loopback, Raw

Act = Callable[[asyncio.StreamWriter], Awaitable[bool]]  # True: keep the connection


class Seen(Raw):
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
class Wire(Loopback):
    """Serves `acts` in turn, the last one again and again, and keeps what it saw."""

    acts: list[Act]
    seen: list[Seen] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"{self.origin}/api/v1/client"

    async def answer(self, request: Raw, writer: asyncio.StreamWriter) -> bool:
        act = self.acts[min(len(self.seen), len(self.acts) - 1)]
        self.seen.append(Seen(**vars(request)))
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
