"""A tab's process: what it draws, and its end when it hangs or nobody looks any more."""

from __future__ import annotations

import asyncio
import signal
import sys

import pytest

from pm_tui.cli import kiosk_site, kiosk_tab
from pm_tui.cli.kiosk_tab import Tab

DRAWS = """
import os, sys, time
packet = lambda kind, body: os.write(1, kind + len(body).to_bytes(4, "big") + body)
print("before it is ready", flush=True)
os.write(1, b"__GANGLION__\\n")
packet(b"M", b'{"type": "open_url", "url": "https://example.org", "new_tab": true}')
packet(b"D", os.environ["TERM"].encode())
packet(b"D", sys.stdin.buffer.read(12))
"""


def a_tab(code: str, drawn: list[bytes]) -> Tab:
    async def show(data: bytes) -> None:
        drawn.append(data)

    return Tab([sys.executable, "-S", "-c", code], show)


async def test_what_it_draws_reaches_the_browser_and_nothing_else() -> None:
    drawn: list[bytes] = []
    tab = a_tab(DRAWS, drawn)
    await tab.start(80, 24)
    await tab.type_in("Grüße".encode())
    assert await asyncio.wait_for(tab.ended(), 20) == 0
    await tab.stop()
    assert drawn == [b"xterm-256color", b"D\x00\x00\x00\x07" + "Grüße".encode()]
    await tab.type_in(b"too late")


@pytest.mark.parametrize("why", ["HUNG", "STOP_DEADLINE"])
async def test_one_that_hangs_is_killed(monkeypatch: pytest.MonkeyPatch, why: str) -> None:
    monkeypatch.setattr(kiosk_tab, why, 0.1)
    tab = a_tab("import time; time.sleep(60)", [])
    await tab.start(80, 24)
    if why == "STOP_DEADLINE":
        await tab.stop()
    assert await asyncio.wait_for(tab.ended(), 20) == -signal.SIGKILL
    await tab.stop()


async def test_what_no_page_of_ours_says_is_nothing() -> None:
    class Mute:
        said: list[object] = []  # noqa: RUF012 - looked at below

        async def send_json(self, told: object) -> None:
            self.said.append(told)

    tab = a_tab("", [])
    odd: list[object] = [{}, [], ["stdin"], ["stdin", 7], ["resize", {"width": "x"}], ["quit"], "m"]
    for told in odd:
        await kiosk_site._take(told, tab, Mute())
    await kiosk_site._take(["ping", 1], tab, Mute())
    assert Mute.said == [["pong", 1]]
