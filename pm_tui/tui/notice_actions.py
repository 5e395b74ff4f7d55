"""What a person is told: on screen, in a list to be read later, and where it matters by bell and
on the desktop."""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from textual import work
from textual.app import App

if TYPE_CHECKING:
    from pm_tui.config import Settings
    from pm_tui.tui.desktop import Way

MOST = 200  # notices that are kept


@dataclass(frozen=True, slots=True)
class Notice:
    """What was told at `at` (aware, UTC)."""

    at: datetime
    title: str
    text: str
    severity: str


class NoticeActions(App[None]):
    """Mixed into the application; needs its clock and settings."""

    if TYPE_CHECKING:
        settings: Settings
        now: Callable[[], datetime]

    # of whoever shows them all, while it is up
    notice_told: Callable[[], None] = staticmethod(lambda: None)
    _way: asyncio.Future[Way | None] | None = None
    _rung = 0

    @property
    def notices(self) -> deque[Notice]:
        """The last of them, newest first; in memory alone."""
        if not hasattr(self, "_notices"):
            self._notices: deque[Notice] = deque(maxlen=MOST)
        return self._notices

    def notify(
        self, message: str, *, title: str = "", severity: Any = "information", **how: Any
    ) -> None:
        """As Textual's, and kept."""
        self.notices.appendleft(Notice(self.now(), title, message, severity))
        super().notify(message, title=title, severity=severity, **how)
        self.notice_told()

    def bell(self) -> None:
        """The terminal's, unless nobody wants it."""
        if self.settings.notices.bell:
            super().bell()

    def ring(self, title: str, text: str) -> None:
        """Call somebody who looks at something else: once, by bell and on the desktop. Draws
        nothing."""
        self.bell()
        self._to_desktop(title, text)

    @work(group="desktop", exit_on_error=False)
    async def _to_desktop(self, title: str, text: str) -> None:
        from pm_tui.tui import desktop

        if self._way is None:  # asked once, of tmux in a thread
            wanted, env = self.settings.notices.desktop, dict(os.environ)
            self._way = asyncio.ensure_future(asyncio.to_thread(desktop.way, wanted, env))
        way = await self._way
        if way is not None and self._driver is not None:
            self._rung += 1
            self._driver.write(desktop.sequence(way, title, text, self._rung))
            self._driver.flush()

    def action_notices(self) -> None:
        """List what was told."""
        from pm_tui.tui.screens.notices import NoticesScreen

        if not isinstance(self.screen, NoticesScreen):
            self.clear_notifications()  # they would cover the list that they stand in
            self.push_screen(NoticesScreen())

    def action_clear_notices(self) -> None:
        """Take away all that lies over the screen, over a dialog as well; the list keeps it."""
        self.clear_notifications()
