"""Keys typed ahead: each goes on its way when all is done that the one before has set off.

Textual hands a key to what has the focus when it is read. Over a slow line several come in one
piece, and all of them would go to what had the focus before the first: the text behind a Tab into
the old field, a letter behind the key that opens a form to the list below it, as a command.

What is done is found out by laps: a message from what has the focus up to the application, behind
all that is on that way already. A dialog that needs more than that (a session, a file) says so with
`opens`.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from textual import on
from textual.app import App
from textual.events import Event, Key, Paste
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget

LAPS = 3  # the key's action; what that posts; what this brings about
MOST_LAPS = 30  # however often the focus moves meanwhile
LOST = 0.1  # seconds after which to look whether a lap got lost with the widget it was at
TRIES = 10  # then it is over, wherever it is: whoever holds it up does not hold up the keyboard
PATIENCE = 1.0  # seconds that keys wait for a dialog; then they go where they can

P = ParamSpec("P")
T = TypeVar("T")


class Lap(Message):
    """Bubbles through whatever is between the focus and the application."""

    def __init__(self, app: App[Any], number: int) -> None:
        super().__init__()
        self.set_sender(app)  # a screen that were its sender would be the end of its way
        self.number = number


class InTurn(App[None]):
    """Mixed into the application, before whatever else minds keys."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._held: deque[Key | Paste] = deque()
        self._settled = False  # nor is it at the start, before anything has the focus
        self._only_text = False  # has been let go since it was
        self._lap = self._laps_left = self._laps_run = 0
        self._lap_from: tuple[Screen[Any], Widget | None] | None = None
        self._lost: asyncio.TimerHandle | None = None
        # the dialogs that are on their way, with their time limit; those that are there, with the
        # mode and the depth of its stack that they are at
        self._opening: dict[object, asyncio.TimerHandle] = {}
        self._shown: dict[object, tuple[str, int]] = {}
        self._at = ("", 0)

    def on_mount(self) -> None:
        self.screen_change_signal.subscribe(self, self._screens_changed, immediate=True)

    # -- keys ----------------------------------------------------------------

    async def on_event(self, event: Event) -> None:
        if not isinstance(event, Key | Paste) or event.is_forwarded:
            await super().on_event(event)
        elif self._held or not self._may_go(event):
            self._held.append(event)
            if not self._lap:
                self._settle()
        else:
            await self._let_go(event)

    def _may_go(self, event: Key | Paste) -> bool:
        """Text need not wait for text before it."""
        return self._settled or (self._only_text and self._is_text(event))

    def _is_text(self, event: Key | Paste) -> bool:
        focused = self.focused if self.screen_stack else None
        if focused is None or isinstance(event, Paste):
            return focused is not None
        return focused.check_consume_key(event.key, event.character)

    async def _let_go(self, event: Key | Paste) -> None:
        self._only_text = (self._settled or self._only_text) and self._is_text(event)
        await super().on_event(event)
        self._settle()

    # -- until all is done -----------------------------------------------------

    def _settle(self) -> None:
        """Wait, from now on, until nothing is under way."""
        self._settled, self._laps_left, self._laps_run = False, LAPS, 0
        self._begin_lap()

    def _begin_lap(self, *, when_drawn: bool = False) -> None:
        if not self.screen_stack:
            return
        self._lap += 1
        self._laps_run += 1
        screen, focused = self._lap_from = self.screen, self.focused
        self._mind_the_lap(self._lap, focused or screen, TRIES)
        if when_drawn:
            screen.call_after_refresh(self._post_lap, self._lap)
        else:
            self._post_lap(self._lap)

    def _post_lap(self, number: int) -> None:
        if number == self._lap and self.screen_stack:
            (self.focused or self.screen).post_message(Lap(self, number))

    def _mind_the_lap(self, number: int, at: Widget, tries: int) -> None:
        if self._lost is not None:
            self._lost.cancel()
        if not tries or not at.is_attached:
            self.post_message(Lap(self, number))
        elif self.is_running:
            loop = asyncio.get_running_loop()
            self._lost = loop.call_later(LOST, self._mind_the_lap, number, at, tries - 1)

    @on(Lap)
    async def _lap_over(self, event: Lap) -> None:
        event.stop()
        if event.number != self._lap or self._settled or not self.screen_stack:
            return
        if self._lost is not None:
            self._lost.cancel()
        before, now = self._lap_from, (self.screen, self.focused)
        self._laps_left = self._laps_left - 1 if before == now else LAPS
        if self._opening:
            return  # what is on its way begins anew when it is there, or takes too long
        if self._laps_left > 0 and self._laps_run < MOST_LAPS:
            # some views choose what has the focus when they have been drawn
            self._begin_lap(when_drawn=before is None or before[0] is not now[0])
            return
        self._settled = True
        while self._held and self._may_go(self._held[0]):
            await self._let_go(self._held.popleft())

    # -- dialogs ---------------------------------------------------------------

    def hold_keys(self, token: object) -> None:
        """Until a dialog is shown, for a second at most; and again when it has been left."""
        loop = asyncio.get_running_loop()
        self._opening[token] = loop.call_later(PATIENCE, self.let_keys_go, token)

    def let_keys_go(self, token: object) -> None:
        """What `token` stands for is over."""
        self._shown.pop(token, None)
        if (limit := self._opening.pop(token, None)) is not None:
            limit.cancel()
            self._settle()

    def _screens_changed(self, _screen: Screen[Any]) -> None:
        before, now = self._at, (self.current_mode, len(self.screen_stack))
        self._at = now
        left = [one for one, (mode, at) in self._shown.items() if mode == now[0] and at > now[1]]
        if now[0] != before[0] or now[1] > before[1]:
            for token, limit in self._opening.items():
                limit.cancel()
                self._shown[token] = now
            self._opening.clear()
        for token in left:
            del self._shown[token]
            self.hold_keys(token)
        self._settle()


class _Opener(Protocol):
    @property
    def app(self) -> Any: ...


S = TypeVar("S", bound=_Opener)


def opens(
    deed: Callable[Concatenate[S, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate[S, P], Coroutine[Any, Any, T]]:
    """For a worker that shows a dialog: what is typed meanwhile is for that. Not for one that asks
    about what it has read anew from the gateway, which a person must have seen."""

    @wraps(deed)
    async def opening(self: S, /, *args: P.args, **kwargs: P.kwargs) -> T:
        token = object()
        self.app.hold_keys(token)
        try:
            return await deed(self, *args, **kwargs)
        finally:
            self.app.let_keys_go(token)

    return opening
