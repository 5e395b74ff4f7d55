"""The real program without the wait for its imports: forked from a process that has imported all
of it and run none of it.

A fresh interpreter imports for a second before it does what a test is about, hundreds of times in
a run. What `start` gives has arguments, an environment, streams and, where asked for, a session
and a terminal of its own; the module runs as `__main__` as by `python -m`, and in the end threads
are waited for and exit handlers called. What only a fresh one shows (that it starts at all, what
lies in `/proc/PID/cmdline`, what a library reads from the environment when it is imported) needs
`fresh=True`. With `PM_TUI_TESTS_FRESH=1` in the environment all are fresh, as where the system
gives no descriptors of processes.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import IO, Any, Protocol

from tests import warm_parent

ROOT = Path(__file__).parents[1]


class Process(Protocol):
    """What a test asks of a process: a part of `subprocess.Popen`."""

    pid: int
    returncode: int | Any
    stdin: IO[str] | None
    stdout: IO[str] | None
    stderr: IO[str] | None

    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def send_signal(self, sig: int) -> None: ...
    def kill(self) -> None: ...
    def terminate(self) -> None: ...


def start(
    module: str,
    *arguments: str,
    env: Mapping[str, str] | None = None,
    streams: Sequence[int] | None = None,
    terminal: bool = False,
    fresh: bool = False,
) -> Process:
    """`python -m module arguments`, in the checkout. `streams` are the descriptors of its stdin,
    stdout and stderr, which stay the caller's to close, else pipes; `terminal`: in a session that
    stdin controls, as a login's does."""
    if fresh or not warm_parent.IS_POSSIBLE:
        return _fresh([module, *arguments], env, streams, terminal)
    if streams is not None:
        return warm_parent.fork([module, *arguments], env, streams, (), terminal)
    pairs = [os.pipe() for _ in range(3)]
    theirs = [pairs[0][0], pairs[1][1], pairs[2][1]]
    ours = [
        os.fdopen(end, mode, encoding="utf-8")
        for end, mode in zip((pairs[0][1], pairs[1][0], pairs[2][0]), "wrr", strict=True)
    ]
    try:
        return warm_parent.fork([module, *arguments], env, theirs, ours, terminal)
    finally:
        for descriptor in theirs:
            os.close(descriptor)


def _fresh(
    command: list[str],
    env: Mapping[str, str] | None,
    streams: Sequence[int] | None,
    terminal: bool,
) -> Process:
    stdin, stdout, stderr = streams or (subprocess.PIPE,) * 3
    return subprocess.Popen(
        [sys.executable, "-m", *command],
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        env=None if env is None else dict(env),
        cwd=ROOT,
        text=True,
        start_new_session=terminal,
        # its controlling terminal: the kernel sends SIGHUP when it goes
        preexec_fn=partial(warm_parent.be_as_a_program_is, terminal),
    )


def run(
    module: str,
    *arguments: str,
    env: Mapping[str, str] | None = None,
    timeout: float = 60,
    fresh: bool = False,
) -> subprocess.CompletedProcess[str]:
    """As `subprocess.run` would with captured output and nothing to read."""
    with (
        Path(os.devnull).open() as nothing,
        tempfile.TemporaryFile("w+", encoding="utf-8", newline="") as out,
        tempfile.TemporaryFile("w+", encoding="utf-8", newline="") as err,
    ):
        streams = [one.fileno() for one in (nothing, out, err)]
        process = start(module, *arguments, env=env, streams=streams, fresh=fresh)
        try:
            code = process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
        for one in (out, err):
            one.seek(0)
        return subprocess.CompletedProcess([module, *arguments], code, out.read(), err.read())
