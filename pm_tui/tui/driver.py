"""A terminal driver that survives bytes which are no text, and hears of the terminal's ground.

A terminal in the oldest mouse mode (after tmux detach and attach, or an SSH reconnect) reports
columns past 95 in bytes that are not UTF-8; Textual's input thread ends the program over them.
"""

from __future__ import annotations

import sys
from functools import partial
from time import monotonic
from typing import Any

from textual.driver import Driver
from textual.drivers import linux_driver
from textual.drivers.linux_driver import LinuxDriver

from pm_tui.tui.ground import ASK, ASK_PREFERRED, HEAR, HEAR_NO_MORE, Asked, GroundParser
from pm_tui.tui.lasting_file import LastingFile


class PatientDriver(LinuxDriver):
    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._file: Any = LastingFile(sys.__stderr__ or sys.stderr)  # as it chooses itself
        self._asked, self._hears = Asked(), False

    def start_application_mode(self) -> None:
        if hasattr(self._app, "forget_screen"):
            self._app.forget_screen()  # it begins with an empty one, after a suspension as well
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self._hears = getattr(self._app, "hears_ground", False)
        if self._hears:
            self.write(HEAR)
        if getattr(self._app, "asks_for_ground", False):
            self.ask_ground()
            self.write(ASK_PREFERRED)  # of one that does not tell its colour
        self.flush()

    def stop_application_mode(self) -> None:
        if self._hears:
            self.write(HEAR_NO_MORE)  # before the keys are no longer read
        super().stop_application_mode()

    def ask_ground(self) -> None:
        """Ask for the colour of the ground; the answer comes as `GroundTold`, if one does."""
        self._asked.at = monotonic()
        self.write(ASK)
        self.flush()

    def _enable_mouse_support(self) -> None:
        """Over a slow line the mouse is heard when it clicks, drags and turns its wheel, not when
        it passes over: each report would go there and its highlight come back."""
        if not (self._mouse and getattr(self._app, "lean", False)):
            super()._enable_mouse_support()
            return
        self.write("\x1b[?1000h\x1b[?1002h\x1b[?1015h\x1b[?1006h")
        self.flush()

    def _disable_mouse_support(self) -> None:
        super()._disable_mouse_support()
        if self._mouse and getattr(self._app, "lean", False):
            self.write("\x1b[?1002l")
            self.flush()

    def run_input_thread(self) -> None:
        """Read keys for ever; what cannot be read is dropped."""
        # where Textual looks for it; there is no other way to hand it one
        parser = partial(GroundParser, asked=self._asked)
        setattr(linux_driver, "XTermParser", parser)  # noqa: B010
        while True:
            try:
                super().run_input_thread()
            except UnicodeDecodeError:
                continue
            return


def patient(driver: type[Driver]) -> type[Driver]:
    """The same driver, patient where it reads a POSIX terminal."""
    return PatientDriver if driver is LinuxDriver else driver
