"""One tab of a browser and the kiosk that runs for it alone; whichever ends ends the other.

The child draws and reads by the packets of Textual's web driver: a letter, a length of four bytes,
a payload. Nothing but what it draws reaches the browser: no link is opened, no file delivered.
"""

from __future__ import annotations

import asyncio
import json
import socket
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from pm_tui.cli.kiosk_keeper import HUNG, environment

READY = b"__GANGLION__\n"  # what comes before the first packet
DATA, META = b"D", b"M"
STOP_DEADLINE = 3.0  # seconds; less than the keeper waits for us


class Tab:
    """`command` starts a kiosk that takes its keeper's socket as its last argument; what it draws
    goes to `show`."""

    def __init__(self, command: Sequence[str], show: Callable[[bytes], Awaitable[None]]) -> None:
        self._command, self._show = command, show
        self._process: Process | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self, width: int, height: int) -> None:
        """Raises `OSError` where there is no process to be had."""
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        try:
            with theirs:
                self._process = await asyncio.create_subprocess_exec(
                    *self._command,
                    f"{theirs.fileno()}",
                    stdin=PIPE,
                    stdout=PIPE,
                    stderr=DEVNULL,
                    env=environment() | _terminal(width, height),
                    pass_fds=(theirs.fileno(),),
                )
        except BaseException:
            ours.close()
            raise
        self._tasks = [
            asyncio.create_task(self._forward()),
            asyncio.create_task(self._listen(ours)),
        ]

    async def ended(self) -> int:
        """The child's exit code, when it has one: 0 after the PIN."""
        assert self._process is not None  # noqa: S101 - it was started
        return await self._process.wait()

    async def stop(self) -> None:
        """Nobody looks any more."""
        if self._process is None:
            return
        await self._tell(type="quit")
        try:
            await asyncio.wait_for(self._process.wait(), STOP_DEADLINE)
        except TimeoutError:
            self.kill()
            await self._process.wait()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            if self._process is not None:
                self._process.kill()

    # -- what the browser says -------------------------------------------------

    async def type_in(self, data: bytes) -> None:
        await self._send(DATA, data)

    async def resize(self, width: int, height: int) -> None:
        await self._tell(type="resize", width=width, height=height)

    async def note(self, what: str) -> None:
        """That it has the focus, or has it no more."""
        await self._tell(type=what)

    # -- below -----------------------------------------------------------------

    async def _tell(self, **told: str | int) -> None:
        await self._send(META, json.dumps(told).encode())

    async def _send(self, kind: bytes, payload: bytes) -> None:
        if self._process is None or self._process.stdin is None:
            return
        with suppress(OSError, RuntimeError):  # it has ended
            self._process.stdin.write(kind + len(payload).to_bytes(4, "big") + payload)
            await self._process.stdin.drain()

    async def _forward(self) -> None:
        assert self._process is not None and self._process.stdout is not None  # noqa: S101
        out = self._process.stdout
        with suppress(asyncio.IncompleteReadError, ValueError, OSError):
            while await out.readline() not in (READY, b""):
                pass
            while True:
                kind = await out.readexactly(1)
                payload = await out.readexactly(int.from_bytes(await out.readexactly(4), "big"))
                if kind == DATA:
                    await self._show(payload)

    async def _listen(self, ours: socket.socket) -> None:
        """Until it has ended, or beats no more: then it is ended."""
        loop = asyncio.get_running_loop()
        with ours, suppress(OSError):
            try:
                while await asyncio.wait_for(loop.sock_recv(ours, 512), HUNG):
                    pass
            except TimeoutError:
                self.kill()
            else:
                # the child has closed it: by its end, which the process tells
                await self.ended()


def _terminal(width: int, height: int) -> dict[str, str]:
    """A browser has every sign and colour, whatever terminal the server runs on."""
    return {
        "TEXTUAL_DRIVER": "textual.drivers.web_driver:WebDriver",
        "TEXTUAL_COLOR_SYSTEM": "truecolor",
        "TERM": "xterm-256color",
        "TERM_PROGRAM": "textual",
        "LC_ALL": "C.UTF-8",
        "COLUMNS": f"{width}",
        "ROWS": f"{height}",
    }
