"""Listing a large fleet of home chargers: time, requests and memory.

    python -m tests.bench home [--evses 5000]

The sandbox serves them over real HTTP, in pages of 100, and one charger disappears while the list
is read: the last of a page, which is the cursor of the next.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import tempfile
import time
import tracemalloc
from collections.abc import Sequence
from pathlib import Path

from pm_tui import config
from pm_tui.services.session import Session
from tests.sandbox_process import Sandbox, start_sandbox


def main(argv: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench home")
    parser.add_argument("--evses", type=int, default=5000)
    evses: int = parser.parse_args(argv).evses
    with start_sandbox() as sandbox, tempfile.TemporaryDirectory() as folder:
        sandbox.home(evses=evses)
        for traced in (False, True):  # tracing costs time: the figures are of two runs
            sandbox.home(back=True)
            sandbox.clear_log()
            asyncio.run(measure(sandbox, Path(folder) / str(traced), evses, traced=traced))


async def measure(sandbox: Sandbox, folder: Path, evses: int, *, traced: bool) -> None:
    env = {
        "HOME": str(folder),
        "PM_TUI_CACHE_DIR": str(folder / "cache"),
        "PM_TUI_STATE_DIR": str(folder / "state"),
        "PM_TUI_API_KEY": sandbox.api_key,
        "PM_TUI_BASE_URL": sandbox.base_url,
        "PM_TUI_HOME_URL": sandbox.home_url,
        "PM_TUI_HOME_TOKEN_URL": sandbox.home_token_url,
        "PM_TUI_HOME_CLIENT_ID": sandbox.home_client_id,
        "PM_TUI_HOME_SECRET": sandbox.home_secret,
    }
    if traced:
        tracemalloc.start()
    async with Session.open(config.load({}, env)) as session:
        began, before = time.perf_counter(), _peak()
        listing = session.home.listing()
        await listing.more()
        first = time.perf_counter() - began
        client = await session.home.line.open()
        await client.decommission(listing.rows[-1].value.id)
        await listing.all()
        took = time.perf_counter() - began
        ids = {row.value.id for row in listing.rows}
        assert len(ids) == len(listing.rows) == evses, (len(ids), evses)
        if traced:
            print(f"memory held: {tracemalloc.get_traced_memory()[0] / 2**20:.1f} MiB traced")
            tracemalloc.stop()
            return
        lists = sum(one["path"].endswith("/evses") for one in sandbox.log())
        print(f"{evses} chargers, complete and each once, one lost on the way")
        print(f"requests: {lists} pages, {len(sandbox.log())} in all (with the token and the loss)")
        print(f"first page after {first * 1000:.0f} ms, all after {took:.2f} s")
        print(f"peak memory of the process: +{(_peak() - before) / 1024:.1f} MiB")


def _peak() -> int:
    """The most this process ever held, in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
