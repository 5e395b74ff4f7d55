"""A kiosk on a real terminal, under its keeper."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from pm_tui.tui.kiosk.app import KioskApp

if TYPE_CHECKING:
    from pm_tui.config import Settings


def run(settings: Settings, keeper: socket.socket | None) -> int:
    """0 when somebody with the PIN has ended it, and never else."""
    app = KioskApp(settings)
    if keeper is not None:
        keeper.setblocking(False)

        def beat() -> None:
            try:
                keeper.send(b".")
            except BlockingIOError:
                pass  # it has other things to do
            except OSError:
                app.exit(return_code=1)  # it is gone: two kiosks on one terminal are none

        app.beat = beat
    app.run(mouse=settings.mouse)
    return 0 if app.ended else app.return_code or 1
