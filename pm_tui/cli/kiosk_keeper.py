"""Keeps a kiosk running on its terminal: a child of ours, started again however it ended.

It ends when the child does so by its PIN (0), or on SIGTERM and SIGHUP, which end both (128 + n).
What a keyboard can send is ignored. The two hold the ends of one pair of sockets: the child beats
on it, and whichever is left alone by the other's death sees it close.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from pm_tui.config.kiosk import KioskSettings
from pm_tui.i18n import _

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0  # seconds before a child that ended is started again
STEADY = 60.0  # seconds of life after which the pauses begin anew
HUNG = 60.0  # seconds without a beat; a start on a slow disk takes less
STOP_DEADLINE = 5.0
IGNORED = (signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU)
ENDS = (signal.SIGTERM, signal.SIGHUP)
CHILD = ("-P", "-m", "pm_tui.cli.kiosk_child")
# mouse reports, focus reports, pastes, keyboard protocol and alternate screen off; lines wrap, the
# cursor shows, colours are plain
IN_ORDER = (
    b"\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l\x1b[?1004l\x1b[?2004l\x1b[?2048l"
    b"\x1b[<u\x1b[?1049l\x1b[?7h\x1b[?25h\x1b[0m"
)
CLEAR = b"\x1b[2J\x1b[H"
_IFLAG, _LFLAG = 0, 3  # of what tcgetattr tells
_TTY = 0


class Keeper:
    """For the terminal that stdin is. `flags` are those of the command line."""

    ignored: tuple[signal.Signals, ...] = IGNORED
    ends: tuple[signal.Signals, ...] = ENDS

    def __init__(
        self,
        flags: Mapping[str, Any],
        kiosk: KioskSettings,
        child: Sequence[str] = CHILD,
    ) -> None:
        told = {name: value for name, value in flags.items() if value is not None}
        self._command = [sys.executable, *child, json.dumps(told)]
        self._kiosk = kiosk
        self._asked = 0  # the signal that asked for the end
        self._woken, self._wake = os.pipe()

    def run(self) -> int:
        """The exit code, when it is over."""
        os.set_blocking(self._wake, False)
        signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
        for number in self.ignored:
            signal.signal(number, signal.SIG_IGN)
        for number in self.ends:
            signal.signal(number, self._ask)
        before = _settings_of_line()
        try:
            self._mute(before)
            return self._keep(before)
        finally:
            self._restore(before)

    def _keep(self, before: list[Any] | None) -> int:
        pause = FIRST_PAUSE
        while True:
            began = time.monotonic()
            code = self._run_child()
            if self._asked:
                return 128 + self._asked
            if code == 0:
                return 0
            if time.monotonic() - began >= STEADY:
                pause = FIRST_PAUSE
            self._tell(before)
            self._sleep(pause)
            if self._asked:
                return 128 + self._asked
            pause = min(pause * 2, LONGEST_PAUSE)
            self._tell_no_more()

    def _run_child(self) -> int:
        """Its exit code; below zero where a signal ended it."""
        ours, theirs = socket.socketpair()
        with ours, theirs:
            try:
                process = self._start(theirs.fileno())
            except OSError:  # no memory or no process to be had: it will be tried again
                return 1
            theirs.close()
            self._watch(process, ours)
            with suppress(subprocess.TimeoutExpired):
                return process.wait(STOP_DEADLINE)
            process.kill()
            return process.wait()

    def _start(self, descriptor: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [*self._command, str(descriptor)],
            pass_fds=self._kept(descriptor),
            env=environment(),
        )

    def _kept(self, descriptor: int) -> tuple[int, ...]:
        """What the child has open besides: its end of our pair, at least."""
        return (descriptor,)

    def _watch(self, process: subprocess.Popen[bytes], ours: socket.socket) -> None:
        """Return when the child is about to end, by itself or by us."""
        deadline = time.monotonic() + HUNG
        while not self._asked:
            left = max(deadline - time.monotonic(), 0)
            ready, _out, _err = select.select([ours.fileno(), self._woken], [], [], left)
            if self._woken in ready:
                os.read(self._woken, 512)
            if ours.fileno() in ready:
                if not _received(ours):
                    return
                deadline = time.monotonic() + HUNG
            elif time.monotonic() >= deadline:
                process.kill()
                return
        process.terminate()

    def _ask(self, number: int, _frame: object) -> None:
        self._asked = self._asked or number

    def _sleep(self, seconds: float) -> None:
        """Or until a signal asks for the end."""
        until = time.monotonic() + seconds
        while not self._asked and (left := until - time.monotonic()) > 0:
            if select.select([self._woken], [], [], left)[0]:
                os.read(self._woken, 512)

    # -- the terminal --------------------------------------------------------

    def _tell(self, before: list[Any] | None) -> None:
        """The child has ended, and is started again."""
        self._mute(before)
        _write(IN_ORDER + CLEAR + self._words())

    def _tell_no_more(self) -> None:
        _write(CLEAR)

    def _mute(self, before: list[Any] | None) -> None:
        """Between two children what is typed makes no signal and is not shown."""
        if before is None:
            return
        muted = list(before)
        muted[_LFLAG] &= ~(termios.ECHO | termios.ICANON | termios.ISIG | termios.IEXTEN)
        muted[_IFLAG] &= ~(termios.IXON | termios.IXOFF)
        with suppress(termios.error):
            termios.tcsetattr(_TTY, termios.TCSANOW, muted)

    def _restore(self, before: list[Any] | None) -> None:
        """As it was; what was typed meanwhile is nobody's command."""
        _write(IN_ORDER)
        with suppress(termios.error):
            termios.tcflush(_TTY, termios.TCIFLUSH)
            if before is not None:
                termios.tcsetattr(_TTY, termios.TCSANOW, before)

    def _words(self) -> bytes:
        said = _("One moment, please: this starts again by itself.")
        return "\r\n".join(["", f"  {said}", f"  {self._kiosk.phone}", ""]).encode()


def _settings_of_line() -> list[Any] | None:
    try:
        return termios.tcgetattr(_TTY)
    except termios.error:
        return None


def _write(data: bytes) -> None:
    with suppress(OSError):  # the terminal is gone
        os.write(2, data)


def _received(ours: socket.socket) -> bool:
    """Whether there was a beat; else the other end is closed."""
    try:
        return bool(ours.recv(512))
    except OSError:
        return False


def environment() -> dict[str, str]:
    """For a child: ours without side doors."""
    return {name: told for name, told in os.environ.items() if not _leads_out(name)}


def _leads_out(name: str) -> bool:
    """Whether a variable of the environment opens a side door: Textual's developer tools, logs and
    pictures, and a prompt of Python's."""
    return name.startswith("TEXTUAL") or name in ("PYTHONINSPECT", "PYTHONSTARTUP")
