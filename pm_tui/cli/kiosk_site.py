"""The page of a kiosk in a browser and its tabs, on textual-serve: for `kiosk_server`.

Needs the extra `web`.
"""

from __future__ import annotations

import asyncio
import signal
import socket
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.web_runner import GracefulExit
from textual_serve.server import Server

from pm_tui.cli.kiosk_keeper import ENDS
from pm_tui.cli.kiosk_page import AGAIN, ENDED, page
from pm_tui.cli.kiosk_tab import Tab
from pm_tui.config.kiosk import KioskSettings

BEAT = 2.0  # seconds
WIDEST, LARGEST_LETTER = 1000, 99  # cells and pixels that a browser may ask for


class KioskServer(Server):  # type: ignore[misc, unused-ignore]
    """Textual's, for its routes and its files; it answers no page but its own."""

    def __init__(self, child: list[str], url: str, kiosk: KioskSettings) -> None:
        super().__init__("", title=kiosk.desk, public_url=url)
        self._child, self._kiosk = child, kiosk
        self._tabs: dict[Tab, Any] = {}

    def run(self, listening: socket.socket, keeper: socket.socket) -> None:
        """Serve until a signal or the end of the keeper."""
        keeper.setblocking(False)
        loop = asyncio.new_event_loop()

        def leave() -> None:
            """Once: what follows takes a moment, and must not be ended itself."""
            loop.remove_reader(keeper.fileno())
            for number in ENDS:
                loop.remove_signal_handler(number)
                signal.signal(number, signal.SIG_IGN)
            raise GracefulExit

        for number in ENDS:
            loop.add_signal_handler(number, leave)
        loop.add_reader(keeper.fileno(), leave)  # it closes, and never writes
        beat = loop.create_task(_beat(keeper))
        with suppress(GracefulExit):
            web.run_app(
                self._make_app(),
                sock=listening,
                handle_signals=False,
                loop=loop,
                print=None,
                access_log=None,
                shutdown_timeout=1.0,
            )
        beat.cancel()

    def initialize_logging(self) -> None:
        """Python's own: warnings, on stderr. Theirs writes every variable of a fault."""

    async def on_startup(self, app: Any) -> None:
        """No banner."""

    async def on_shutdown(self, app: Any) -> None:
        """Every tab ends, and is told that it may come back."""
        open_ones = dict(self._tabs)
        await asyncio.gather(
            *(websocket.close(code=AGAIN) for websocket in open_ones.values()),
            *(tab.stop() for tab in open_ones),
            return_exceptions=True,
        )

    async def handle_index(self, request: Any) -> Any:
        size = min(max(_number(request, "fontsize", 16), 6), LARGEST_LETTER)
        text = page(self._kiosk, self.public_url, size)
        headers = {"Cache-Control": "no-store"}
        return web.Response(text=text, content_type="text/html", headers=headers)

    async def handle_download(self, request: Any) -> Any:
        raise web.HTTPNotFound

    async def handle_websocket(self, request: Any) -> Any:
        origin = request.headers.get("Origin")
        if origin is not None and urlsplit(origin)[:2] != urlsplit(self.public_url)[:2]:
            raise web.HTTPForbidden
        websocket = web.WebSocketResponse(heartbeat=15)
        await websocket.prepare(request)
        tab = Tab(self._child, websocket.send_bytes)
        self._tabs[tab] = websocket
        closing: asyncio.Task[None] | None = None
        try:
            width, height = (
                min(max(_number(request, name, least), 1), WIDEST)
                for name, least in (("width", 80), ("height", 24))
            )
            await tab.start(width, height)
            closing = asyncio.create_task(_close(websocket, tab))
            async for message in websocket:
                if message.type == web.WSMsgType.TEXT:
                    await _take(message.json(), tab, websocket)
        except (ValueError, OSError):  # not what our page sends; no process to be had
            await websocket.close(code=AGAIN)
        finally:
            await tab.stop()
            if closing is not None:
                await asyncio.gather(closing, return_exceptions=True)
            del self._tabs[tab]
        return websocket


async def _take(told: object, tab: Tab, websocket: Any) -> None:
    """What textual-serve's script in the page says; anything else is nothing."""
    match told:
        case ["stdin", str(typed)]:
            await tab.type_in(typed.encode())
        case ["resize", {"width": int(width), "height": int(height)}]:
            await tab.resize(min(max(width, 1), WIDEST), min(max(height, 1), WIDEST))
        case ["focus" | "blur" as what, *_rest]:
            await tab.note(what)
        case ["ping", stamp]:
            await websocket.send_json(["pong", stamp])


async def _close(websocket: Any, tab: Tab) -> None:
    """A tab whose kiosk has ended must not go on showing what it drew last."""
    code = await tab.ended()
    await websocket.close(code=AGAIN if code else ENDED)


async def _beat(keeper: socket.socket) -> None:
    """Tell the keeper that the loop turns."""
    while True:
        with suppress(OSError):
            keeper.send(b".")
        await asyncio.sleep(BEAT)


def _number(request: Any, name: str, otherwise: int) -> int:
    told = request.query.get(name, "")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 6 else otherwise
