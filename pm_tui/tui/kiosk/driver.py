"""The terminal of a kiosk: what a keyboard (or a bored user) sends as a signal stops nothing."""

from __future__ import annotations

import signal
from typing import Any

from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver

from pm_tui.tui.driver import PatientDriver

IGNORED = (
    signal.SIGINT,
    signal.SIGQUIT,
    signal.SIGTSTP,
    signal.SIGTTIN,
    signal.SIGTTOU,
    signal.SIGUSR1,
    signal.SIGUSR2,
    signal.SIGALRM,
)


class KioskDriver(PatientDriver):
    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._ignore()

    @property
    def can_suspend(self) -> bool:
        return False

    def start_application_mode(self) -> None:
        super().start_application_mode()
        self._ignore()  # it has put some of them back to what they were

    @staticmethod
    def _ignore() -> None:
        for number in IGNORED:
            signal.signal(number, signal.SIG_IGN)
        # after a SIGSTOP from outside the terminal is still ours, as it was
        signal.signal(signal.SIGCONT, signal.SIG_DFL)


def steadfast(driver: type[Driver]) -> type[Driver]:
    """The same driver, but steadfast where it reads a POSIX terminal."""
    return KioskDriver if driver is LinuxDriver else driver
