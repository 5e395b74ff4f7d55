"""A kiosk in a browser, over real HTTP: no tab shows what another visitor left, and whatever dies
is started again."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from pm_tui.cli.kiosk_page import AGAIN, ENDED
from pm_tui.config import pin
from pm_tui.config.kiosk import KioskSettings
from pm_tui.config.kiosk_file import with_kiosk
from tests.sandbox_process import ROOT
from tests.tui.driving import until
from tests.tui.terminal import children, is_gone
from tests.tui.test_terminal import env as env

aiohttp = pytest.importorskip("aiohttp")
pytest.importorskip("textual_serve")
pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")
PIN, TYPED = "408215", "B-XY 4711"


@pytest.fixture
def kiosk(env: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """It asks nobody and starts no sandbox; the terminal of its server is poor."""
    site = KioskSettings(desk="lobby", point=(52.52, 13.405), languages=("en",), pin=pin.kept(PIN))
    config = tmp_path / "config.toml"
    config.write_text(with_kiosk("offline = true\n", None, site))
    config.chmod(0o600)
    return env | {"PM_TUI_CONFIG": str(config), "TERM": "linux", "LANG": "C"}


class Browser:
    """A tab: what was drawn, and how it was closed."""

    def __init__(self, socket: Any) -> None:
        self.socket, self.drawn = socket, ""
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for message in self.socket:
            if message.type == aiohttp.WSMsgType.BINARY:
                self.drawn += message.data.decode()

    async def sees(self, words: str) -> None:
        await until(lambda: words in self.drawn, words, 60)

    async def types(self, text: str) -> None:
        await self.socket.send_json(["stdin", text])

    async def closed(self) -> int:
        await asyncio.wait_for(self._reading, 60)
        return int(self.socket.close_code)


@asynccontextmanager
async def a_tab(web: Any, url: str) -> AsyncIterator[Browser]:
    async with web.ws_connect(f"{url}/ws?width=80&height=24", headers={"Origin": url}) as socket:
        yield Browser(socket)


async def test_a_tab_is_begun_anew_and_the_server_kept_running(kiosk: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-P", "-m", "pm_tui", "kiosk", "--web", f"{port}"]
    keeper = subprocess.Popen(command, env=kiosk, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    try:
        async with aiohttp.ClientSession() as web:
            assert keeper.stderr is not None
            assert url in await asyncio.to_thread(keeper.stderr.readline)
            async with web.get(url) as answer:
                assert "starts again by itself" in await answer.text()
            async with web.get(f"{url}/ws", headers={"Origin": "http://evil.example"}) as answer:
                assert answer.status == 403
            (server,) = children(keeper.pid)
            async with a_tab(web, url) as first:
                await first.sees("I need longer")
                assert "█" in first.drawn, "a browser has every sign"
                await first.types("2")
                await first.sees("type the number")
                await first.types(TYPED)
                await first.sees("4711")
                (child,) = children(server)
                os.kill(child, signal.SIGKILL)
                assert await first.closed() == AGAIN
            async with a_tab(web, url) as second:
                await second.sees("I need longer")
                assert "4711" not in second.drawn
                await second.types(f"\x1b[21~{PIN}\r")
                await second.sees("End the kiosk")
                await second.types("3")
                assert await second.closed() == ENDED
            async with a_tab(web, url) as third:
                await third.sees("I need longer")
                (child,) = children(server)
                os.kill(server, signal.SIGKILL)
                await third.closed()
            await until(lambda: is_gone(child), "a tab without a server", 60)
            async with web.get(url) as answer:  # waits for it
                assert answer.status == 200
            (again,) = children(keeper.pid)
            assert again != server
            async with a_tab(web, url) as fourth, a_tab(web, url) as left:
                await fourth.sees("I need longer")
                both = children(again)
                await left.socket.close()
                await until(lambda: len(children(again)) == 1, "the end of a tab that was left", 60)
                keeper.send_signal(signal.SIGHUP)
                assert await fourth.closed() == AGAIN
        assert await asyncio.to_thread(keeper.wait, 20) == 128 + signal.SIGHUP
        assert is_gone(again) and all(map(is_gone, both)) and len(both) == 2
    finally:
        keeper.kill()
        keeper.communicate()
