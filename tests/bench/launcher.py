"""The real program with one thing added from outside, where a figure cannot be had without.

python -m tests.bench.launcher crash          a callback raises, some seconds after the start
python -m tests.bench.launcher stamp FILE     writes when an answer was handed to the screen
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

from pm_tui.cli import main
from pm_tui.config import Settings
from pm_tui.models.query import SearchQuery
from pm_tui.services.find import Found
from pm_tui.services.session import Session
from pm_tui.tui import app as app_module
from pm_tui.tui.app import PmTuiApp

CRASH_AFTER = 6.0  # seconds: everything is up by then, a sandbox of its own as well


class Crashing(PmTuiApp):
    def on_ready(self) -> None:
        self.set_timer(CRASH_AFTER, self._crash)

    def _crash(self) -> None:
        raise RuntimeError("crashed on purpose")


class StampedSession(Session):
    """Notes when each answer leaves it, in seconds of the clock that all processes share."""

    stamps: Path

    async def search(self, query: SearchQuery, **options: Any) -> Found:
        found = await super().search(query, **options)
        with self.stamps.open("a") as file:
            print(time.perf_counter(), len(found.value.locations), file=file)
        return found


class Stamped(PmTuiApp):
    def __init__(self, settings: Settings, *, now: Callable[[], datetime] | None = None) -> None:
        super().__init__(settings, now=now, session=lambda: StampedSession(settings, now=now))


if __name__ == "__main__":
    if sys.argv[1] == "stamp":
        StampedSession.stamps = Path(sys.argv[2])
    with patch.object(app_module, "PmTuiApp", Crashing if sys.argv[1] == "crash" else Stamped):
        sys.exit(main([]))
