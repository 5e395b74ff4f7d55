"""A terminal driver that survives bytes which are no text, and asks for the terminal's ground.

A terminal in the oldest mouse mode (after tmux detach and attach, or an SSH reconnect) reports
columns past 95 in bytes that are not UTF-8; Textual's input thread ends the program over them.
"""

from __future__ import annotations

import sys
from typing import Any

from textual.driver import Driver
from textual.drivers import linux_driver
from textual.drivers.linux_driver import LinuxDriver

from pm_tui.tui.ground import ASK, GroundParser
from pm_tui.tui.lasting_file import LastingFile


class PatientDriver(LinuxDriver):
    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._file: Any = LastingFile(sys.__stderr__ or sys.stderr)  # as it chooses itself

    def start_application_mode(self) -> None:
        if hasattr(self._app, "forget_screen"):
            self._app.forget_screen()  # it begins with an empty one, after a suspension as well
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if getattr(self._app, "asks_for_ground", False):
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
        setattr(linux_driver, "XTermParser", GroundParser)  # noqa: B010
        while True:
            try:
                super().run_input_thread()
            except UnicodeDecodeError:
                continue
            return


def patient(driver: type[Driver]) -> type[Driver]:
    """The same driver, patient where it reads a POSIX terminal."""
    return PatientDriver if driver is LinuxDriver else driver
