"""The real application at the keyboard: started, driven and read by tests.

Everything waits for a condition (`until`), nothing sleeps for luck.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from rich.style import Style
from textual.css.query import NoMatches, QueryError
from textual.errors import NoWidget
from textual.geometry import Size
from textual.message_pump import MessagePump
from textual.pilot import Pilot, WaitForScreenTimeout
from textual.widgets import Input, Static
from textual.widgets._toast import Toast

from pm_tui.config import Settings
from pm_tui.tui.app import PmTuiApp
from pm_tui.tui.widgets.paged_table import PagedTable
from pm_tui.tui.widgets.search_form import SearchForm
from pm_tui.tui.widgets.status_bar import StatusBar
from pm_tui.tui.widgets.text_pane import TextPane
from tests import canary

PATIENCE = 15.0  # seconds: far more than anything takes, on a busy machine too


async def until(condition: Callable[[], object], what: str = "", seconds: float = PATIENCE) -> None:
    """Wait until `condition` holds. A widget that is not there yet is a condition not met.
    What is dear to look at is looked at less often: what is waited for needs the time itself."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while True:
        began = loop.time()
        try:
            if condition():
                return
        except (NoMatches, QueryError, NoWidget):
            pass
        if loop.time() > deadline:
            raise AssertionError(f"waited in vain for {what or condition}")
        await asyncio.sleep(min(max(0.02, 4 * (loop.time() - began)), 0.2))


async def quiet(pilot: Pilot[Any], timeout: float = 30.0) -> bool:
    """As `Pilot._wait_for_screen`: wait until each widget has heard all that it was sent by now, or
    the application has failed (then false). Textual's sends a message to every widget, which costs
    more than the key it waits for; who waits for messages has heard them all."""
    try:
        widgets = [pilot.app, *pilot.app.screen.walk_children(with_self=True)]
    except Exception:  # no screen: as there
        return False
    heard, left = asyncio.Event(), 0

    def one_has() -> None:
        nonlocal left
        left -= 1
        if not left:
            heard.set()

    left = sum(widget.call_later(one_has) for widget in widgets if _is_busy(widget))
    if not left:
        return True
    waits = [asyncio.create_task(one.wait()) for one in (heard, pilot.app._exception_event)]
    done, pending = await asyncio.wait(waits, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
    for wait in pending:
        wait.cancel()
    if not done:
        raise WaitForScreenTimeout("widgets did not hear all that they were sent")
    return not left


def _is_busy(widget: MessagePump) -> bool:
    """Whether it has messages, or is in the middle of one: does not wait for the next."""
    ready: Any = widget._message_queue.ready_event
    return ready.is_set() or not ready._waiters


@dataclass
class Driven:
    """A running application, its keyboard and mouse, and eyes for what is on its screen."""

    app: PmTuiApp
    pilot: Pilot[None]

    # -- hands -----------------------------------------------------------------

    async def press(self, *keys: str) -> None:
        await self.app._press_keys(keys)  # `Pilot.press` would wait for the screen twice
        await self.pilot.pause()

    async def click(self, selector: Any, **where: Any) -> None:
        if isinstance(selector, str) and not where:
            await until(lambda: self._in_sight(selector), f"{selector} to be in sight")
        assert await self.pilot.click(selector, **where)
        await self.pilot.pause()

    async def resize(self, width: int, height: int) -> None:
        """As dragging the window does."""
        await self.pilot.resize_terminal(width, height)
        await until(lambda: self.app.size == Size(width, height), "the new size")
        await self.pilot.pause()

    def _in_sight(self, selector: str) -> bool:
        """Whether it is laid out, and nothing (a toast) lies over its middle."""
        wanted = self.app.screen.query_one(selector)
        x, y = map(int, wanted.region.center)
        found, _region = self.app.screen.get_widget_at(x, y)
        return wanted in found.ancestors_with_self

    def are_free(self, selector: str) -> bool:
        """Whether nothing (a toast) lies over any cell of these lines."""
        screen = self.app.screen
        return all(
            screen.get_widget_at(x, one.region.y)[0] is one
            for one in screen.query(selector)
            for x in range(one.region.x, one.region.right)
        )

    async def fill(self, selector: str, text: str) -> None:
        """As pasted into a field."""
        field = self.app.screen.query_one(selector, Input)
        field.focus()
        field.value = text
        await self.pilot.pause()

    async def search(self, place: str = "Berlin") -> None:
        """Type a place, press Enter, and wait for the rows."""
        await self.fill("#place", place)
        await self.press("escape")
        self.app.screen.query_one(SearchForm).focus_place()
        await self.press("enter")
        await until(lambda: self.rows and self.idle, "rows")

    # -- eyes ------------------------------------------------------------------

    @property
    def screen_name(self) -> str:
        return type(self.app.screen).__name__

    @property
    def lines(self) -> list[str]:
        """What is drawn, line by line."""
        return [strip.text for strip in self.app.screen._compositor.render_strips()]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def styles(self) -> list[list[tuple[str, Style | None]]]:
        """What is drawn, with its styles."""
        strips = self.app.screen._compositor.render_strips()
        return [[(segment.text, segment.style) for segment in strip] for strip in strips]

    def look(self, line: int) -> list[Style | None]:
        """The styles of a line, as far as the table goes."""
        found, at = [], 0
        for text, style in self.styles()[line]:
            if at < self.table.region.width:
                found.append(style)
            at += len(text)
        return found

    def static(self, selector: str) -> str:
        return str(self.app.screen.query_one(selector, Static).content)

    @property
    def head(self) -> str:
        """The line above the table of the view that is shown."""
        views = {
            "FindView": "#results-head",
            "BookingsView": "#bookings-head",
            "HomeView": "#home-head",
        }
        return self.static(views[self.screen_name])

    @property
    def table(self) -> PagedTable[Any]:
        return self.app.screen.query_one(PagedTable)

    @property
    def rows(self) -> list[str]:
        """The rows at hand, as text."""
        table = self.table
        return [
            " ".join(cell.plain.strip() for cell in table.get_row_at(n))
            for n in range(table.row_count)
        ]

    @property
    def focused(self) -> str | None:
        """The id of what has the focus."""
        return self.app.focused.id if self.app.focused is not None else None

    @property
    def pane(self) -> str:
        """The whole text of the details beside or over the table, also what is scrolled away."""
        pane = self.app.screen.query_one(TextPane)
        return "\n".join(str(line) for line in pane._text)

    @property
    def status(self) -> str:
        return str(self.app.screen.query_one(StatusBar).render())

    @property
    def toasts(self) -> list[str]:
        return [str(toast._notification.message) for toast in self.app.screen.query(Toast)]

    @property
    def told(self) -> list[str]:
        """Every notification so far that is still current: title and text."""
        return [f"{one.title}: {one.message}" for one in self.app._notifications]

    @property
    def idle(self) -> bool:
        """Whether nothing is being asked."""
        return self.app.connection.requests_open == 0


async def copied(seen: Driven, key: str) -> str:
    """What is taken along of what is chosen, under its letter."""
    screen, seen.app._clipboard = seen.screen_name, ""
    await seen.press("y")
    await until(lambda: seen.screen_name == "CopyScreen", "the choice")
    await seen.press(key)
    await until(lambda: seen.app.clipboard and seen.screen_name == screen, "the text")
    return seen.app.clipboard


@asynccontextmanager
async def driven(
    settings: Settings, size: tuple[int, int] = (120, 40), **arguments: Any
) -> AsyncIterator[Driven]:
    """The application, started and with its line up (or known to be down)."""
    app = PmTuiApp(settings, **arguments)
    async with app.run_test(size=size, notifications=True) as pilot:
        drive = Driven(app, pilot)
        await until(lambda: app.connection.state != "starting" and drive.idle, "the line")
        await until(lambda: app.screen.query("#filter"), "the whole view")
        yield drive
        canary.keep("screens", "\n".join((drive.text, *drive.told)))
