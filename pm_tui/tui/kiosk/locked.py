"""The lock of the kiosk: the gate to the desk's side, and nothing else that leads anywhere."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual import on, work
from textual.app import App
from textual.content import Content

from pm_tui.i18n import _
from pm_tui.tui.kiosk.desk import DeskScreen
from pm_tui.tui.kiosk.desk_name import DeskName
from pm_tui.tui.kiosk.gate import GateScreen
from pm_tui.tui.kiosk.pages import Choice
from pm_tui.tui.kiosk.screen import KioskScreen

if TYPE_CHECKING:
    from textual.driver import Driver

    from pm_tui.config import Settings
    from pm_tui.services.kiosk import Kiosk
    from pm_tui.services.kiosk_lock import Tries
    from pm_tui.services.kiosk_open import Left
    from pm_tui.tui.kiosk.unclear import Blocked


BEAT = 2.0  # seconds
# the application's actions that a key or the mouse may ask for
ALLOWED = frozenset({"gate", "focus_next", "focus_previous"})


class Locked(App[None], inherit_bindings=False):
    """The fourth of the kiosk. `ended` says that somebody with the PIN has ended it."""

    settings: Settings
    ended = False
    beat: Callable[[], None] | None = None  # tells whoever keeps it running that it does
    blocked: Blocked
    left: Left | None
    _monotonic: Callable[[], float] = time.monotonic
    _pins: Tries | None = None

    if TYPE_CHECKING:

        async def kiosk(self) -> Kiosk: ...
        def _show(self) -> None: ...
        def next_visitor(self) -> None: ...
        def note(self, problem: BaseException) -> None: ...

    def show_desk_name(self) -> None:
        """Once the first screen is there."""
        self.screen.query_one(DeskName).update(Content(f"F10 {self.settings.kiosk.desk}"))

    # -- life ----------------------------------------------------------------

    def on_mount(self) -> None:
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(name, self._end_by, name)
        if self.beat is not None:
            self.beat()
            self.set_interval(BEAT, self.beat)

    def get_driver_class(self) -> type[Driver]:
        from pm_tui.tui.kiosk.driver import steadfast  # needs a POSIX terminal

        return steadfast(super().get_driver_class())

    def _end_by(self, number: signal.Signals) -> None:
        """End with the terminal in order (128 + signal); whoever keeps it running decides."""
        self.exit(return_code=128 + number)

    # -- the gate ------------------------------------------------------------

    def action_gate(self) -> None:
        """Ask for the PIN."""
        if isinstance(self.screen, KioskScreen):
            self.push_screen(GateScreen())

    def close_gate(self) -> None:
        """Back to what a visitor sees, whatever is above it."""
        while len(self.screen_stack) > 1:
            self.pop_screen()
        self.call_next(self._show)

    @on(GateScreen.Typed)
    def _typed(self, event: GateScreen.Typed) -> None:
        self._look_at(event.pin)

    @work(exclusive=True, group="pin", exit_on_error=False)
    async def _look_at(self, typed: str) -> None:
        from pm_tui.services import kiosk_lock, kiosk_words

        if self._pins is None:
            self._pins = kiosk_lock.of_pins(self.settings.state_dir, self._monotonic)
        try:
            opens = await kiosk_lock.opens(self._pins, typed, self.settings.kiosk.pin)
        except kiosk_lock.TooSoon as wait:
            opens, said, seconds, unread = False, "", wait.seconds, typed
        else:
            said, seconds, unread = _("That was not the PIN.") + " ", self._pins.wait(), ""
        ready = self._monotonic() + seconds
        gate = self.screen
        if not isinstance(gate, GateScreen):
            return  # nobody waits for it any more
        if opens:
            self.left = None  # the desk has read it
            gate.open_up(self._behind())
        else:
            gate.say(lambda: said + kiosk_words.next_try(ready - self._monotonic()), unread)

    def _behind(self) -> list[Choice]:
        """What the desk may do."""
        choices = [Choice("back", _("Back")), Choice("desk", _("The desk's view"))]
        if self.blocked in ("undecided", "found"):
            note = _("what was not certain is settled, or was not booked")
            choices.append(Choice("free", _("Let visitors book again"), note))
        choices.append(Choice("end", _("End the kiosk")))
        return choices

    @on(GateScreen.Chosen)
    async def _behind_chosen(self, event: GateScreen.Chosen) -> None:
        gate = self.screen
        if not isinstance(gate, GateScreen) or event.id not in gate.offered:
            return  # of a gate that is closed, or was never opened
        if event.id == "end":
            self.ended = True
            self.exit()
            return
        if event.id == "free":
            self._let_book()
        self.close_gate()
        if event.id == "desk":
            self.push_screen(DeskScreen())

    @work(exclusive=True, group="free", exit_on_error=False)
    async def _let_book(self) -> None:
        from pm_tui.services import kiosk_open

        try:
            await kiosk_open.give_up(await self.kiosk())
        except Exception as problem:  # no journal: then nobody books anyway
            self.note(problem)
            return
        self.next_visitor()
        self._show()

    # -- no other way --------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Of all that Textual's application can do on request, the little that is needed here: no
        palette, no picture, no help, no other theme or screen, no suspending and no quitting."""
        return action in ALLOWED

    def open_url(self, url: str, *, new_tab: bool = True) -> None:
        """Nothing is opened."""

    def copy_to_clipboard(self, text: str) -> None:
        """What one visitor typed is not for the next one to paste, nor for the terminal."""
