"""Run the gateway: the server on an inner port, the relay on the public one, until told to end."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator

import uvicorn

from pm_tui.sandbox.app import make_app
from pm_tui.sandbox.gateway import CLIENT_BASE, CONTROL_BASE, FLEET_BASE, Gateway
from pm_tui.sandbox.history import write_history
from pm_tui.sandbox.home_access import CLIENT_ID
from pm_tui.sandbox.home_wire import HOME_BASE, TOKEN_PATH
from pm_tui.sandbox.relay import Relay

_HOST = "127.0.0.1"


class _Server(uvicorn.Server):
    """Leaves the signals to us: uvicorn's would end the process with the signal, not with 0."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def listen(port: int) -> socket.socket:
    """A listening socket on loopback; raises `OSError` when the port is taken."""
    # asyncio switches Nagle's algorithm off (40 ms an answer) only where the protocol is named
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        # else a restart on the same port would have to wait for the old connections' TIME_WAIT
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((_HOST, port))
        sock.listen(128)
        sock.setblocking(False)
    except OSError:
        sock.close()
        raise
    return sock


def announcement(gateway: Gateway, port: int) -> str:
    """The line on stdout that says: ready."""
    root = f"http://{_HOST}:{port}"
    return json.dumps(
        {
            "base_url": root + CLIENT_BASE,
            "fleet_url": root + FLEET_BASE,
            "control_url": root + CONTROL_BASE,
            "api_key": gateway.api_key,
            "home_url": root + HOME_BASE,
            "home_token_url": root + TOKEN_PATH,
            "home_client_id": CLIENT_ID,
            "home_secret": gateway.home.access.secret,
        }
    )


async def serve(gateway: Gateway, public: socket.socket) -> None:
    """Serve on `public` until SIGINT, SIGTERM or, if asked for, the end of stdin."""
    inner = listen(0)
    gateway.relay = Relay(inner.getsockname()[1])
    config = uvicorn.Config(
        make_app(gateway),
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=1,
    )
    server = _Server(config)

    def stop() -> None:
        server.should_exit = True

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows: there Ctrl-C ends asyncio.run
            loop.add_signal_handler(number, stop)
    if gateway.options.parent_stdin:
        _watch_stdin(lambda: loop.call_soon_threadsafe(stop))
    serving = asyncio.create_task(server.serve([inner]))
    while not server.started and not serving.done():
        await asyncio.sleep(0.001)
    await gateway.relay.start(public)
    _announce(announcement(gateway, public.getsockname()[1]))
    history = asyncio.create_task(write_history(gateway))
    try:
        await asyncio.wait({serving, history}, return_when=asyncio.FIRST_EXCEPTION)
        server.should_exit = True  # also when the history failed: its error is raised below
        await history
        await serving
    finally:
        history.cancel()
        await gateway.relay.close()


def _announce(line: str) -> None:
    # whoever started us may not be listening any more; we serve all the same
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


def _watch_stdin(ended: Callable[[], object]) -> None:
    """Call `ended` when stdin ends: the parent has died, even if it was killed."""

    def watch() -> None:
        with contextlib.suppress(OSError):  # no stdin at all is an ended one, too
            while os.read(0, 4096):
                pass
        with contextlib.suppress(RuntimeError):  # the loop has ended before it
            ended()

    threading.Thread(target=watch, name="parent", daemon=True).start()
