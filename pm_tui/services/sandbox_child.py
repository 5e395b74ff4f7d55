"""The sandbox gateway as a child process that ends with us, however we end.

The child holds the reading end of a pipe whose writing end only we hold: when we die, even by
SIGKILL, the pipe closes and the child leaves. It is a process of its own so that its imports and
its work cost the screen nothing.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pm_tui.i18n import _

START_DEADLINE = 20.0  # seconds; a cold disk on a busy host needs a few
STOP_DEADLINE = 3.0


class SandboxFailed(RuntimeError):
    """The sandbox did not come up; the text says what it said."""


@dataclass(frozen=True, slots=True)
class Gateway:
    """Where a gateway answers, and the keys for it (the sandbox's own, worth nothing)."""

    base_url: str
    fleet_url: str
    api_key: str
    home_url: str
    home_token_url: str
    home_client_id: str
    home_secret: str


class SandboxChild:
    def __init__(self, state: Path, options: Sequence[str] = ()) -> None:
        self._state = state
        self._options = tuple(options)
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> Gateway:
        """Start the child and wait until it answers. Raises `SandboxFailed`."""
        # -P: else the folder we were started in comes first on the child's path, and a file of
        # somebody else's named as a module of ours would run as us
        command = (sys.executable, "-P", "-m", "pm_tui.sandbox", "--parent-stdin")
        self._process = await asyncio.create_subprocess_exec(
            *command,
            "--state",
            str(self._state),
            *self._options,
            # the settings are ours, and a key among them is for the live gateway alone
            env={name: v for name, v in os.environ.items() if not name.startswith("PM_TUI_")},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            # a Ctrl-C meant for the screen must not reach the child before the screen is done
            start_new_session=True,
        )
        try:
            line = await asyncio.wait_for(self._first_line(), START_DEADLINE)
            told = json.loads(line)
            return Gateway(**{name: told[name] for name in Gateway.__dataclass_fields__})
        except (TimeoutError, ValueError, KeyError) as problem:
            raise SandboxFailed(await self._last_words()) from problem

    async def _first_line(self) -> bytes:
        if self._process is None or self._process.stdout is None:
            return b""
        return await self._process.stdout.readline()

    async def _last_words(self) -> str:
        said = b""
        if self._process is not None and self._process.stderr is not None:
            if self._process.returncode is None:
                self._process.kill()
            said = await self._process.stderr.read(2000)
            await self._process.wait()  # else asyncio tells on stderr of a child it lost
        detail = said.decode(errors="replace").strip().splitlines()
        return _("The sandbox did not start: {reason}").format(
            reason=detail[-1] if detail else _("it said nothing")
        )

    @property
    def is_gone(self) -> bool:
        """Whether it ended without being asked to."""
        return self._process is not None and self._process.returncode is not None

    async def stop(self) -> None:
        """Close the pipe, wait for the child to leave, and kill it when it does not."""
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), STOP_DEADLINE)
        except TimeoutError:
            with suppress(ProcessLookupError):  # it left between the two lines
                process.kill()
            await process.wait()
