"""A terminal driver that survives bytes which are no text.

A terminal in the oldest mouse mode (after tmux detach and attach, or an SSH reconnect) reports
columns past 95 in bytes that are not UTF-8; Textual's input thread ends the program over them.
"""

from __future__ import annotations

from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver


class PatientDriver(LinuxDriver):
    def run_input_thread(self) -> None:
        """Read keys for ever; what cannot be read is dropped."""
        while True:
            try:
                super().run_input_thread()
            except UnicodeDecodeError:
                continue
            return


def patient(driver: type[Driver]) -> type[Driver]:
    """The same driver, patient where it reads a POSIX terminal."""
    return PatientDriver if driver is LinuxDriver else driver
