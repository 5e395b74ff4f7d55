"""A slow line: a relay between two programs on loopback that delays and throttles what passes.

`tc netem` would do it in the kernel, but many machines (this project's among them) have no such
module; a relay needs no rights either. Bytes are passed on in the order and the pace of a line of
that rate, after that delay, in each direction on its own.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from queue import Queue
from types import TracebackType
from typing import Self

CHUNK = 512  # bytes: a line of 64 kbit/s takes a sixteenth of a second for them
BUFFER = 32  # chunks on their way; then the sender waits, as in TCP


class SlowLine:
    """A context manager; `port` is where to connect. `rate` in bits a second, `delay` in seconds
    one way."""

    def __init__(self, target: tuple[str, int], rate: float, delay: float) -> None:
        self._target, self._rate, self._delay = target, rate, delay
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self.down = 0
        """Bytes that came back from the target."""

    def __enter__(self) -> Self:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._server.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):  # closed
            while True:
                client, _address = self._server.accept()
                target = socket.create_connection(self._target)
                for one in (client, target):
                    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._pass(client, target, down=False)
                self._pass(target, client, down=True)

    def _pass(self, source: socket.socket, sink: socket.socket, *, down: bool) -> None:
        way: Queue[tuple[float, bytes]] = Queue(BUFFER)

        def take() -> None:
            free = 0.0  # when the line has sent what it was given
            data = b"-"
            while data:
                try:
                    data = source.recv(CHUNK)
                except OSError:
                    data = b""
                if down:
                    self.down += len(data)
                free = max(free, time.monotonic()) + len(data) * 8 / self._rate
                way.put((free + self._delay, data))

        def give() -> None:
            with contextlib.suppress(OSError):
                while True:
                    at, data = way.get()
                    time.sleep(max(at - time.monotonic(), 0))
                    if not data:
                        sink.shutdown(socket.SHUT_WR)
                        return
                    sink.sendall(data)

        for work in (take, give):
            threading.Thread(target=work, daemon=True).start()
