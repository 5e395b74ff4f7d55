"""The parent of `tests.warm`: one a worker of pytest, started when it is first asked.

`python -m tests.warm_parent N` imports, waits on the socket N, and forks for each request. It
reaps a child when it is asked for its end only: until then nobody else can have its number.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import functools
import gc
import importlib
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import subprocess
import sys
import termios
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).parents[1]
IS_POSSIBLE = hasattr(os, "pidfd_open") and os.environ.get("PM_TUI_TESTS_FRESH") != "1"
SETTINGS = ("PM_TUI_", "TEXTUAL_")
LARGEST = 1 << 17  # bytes of a request: arguments and an environment
# what is imported late and dear, by a name in a string or within a function of a library
LATE = (
    *("anyio._backends._asyncio", "encodings.idna", "h11", "httpx", "textual.app"),
    *("textual.drivers.linux_driver", "uvicorn.lifespan.off", "uvicorn.lifespan.on"),
    *("uvicorn.loops.asyncio", "uvicorn.protocols.http.h11_impl", "tests.sandbox.tiny_network"),
)


def be_as_a_program_is(terminal: bool) -> None:
    """In a child: Ctrl+C ends it, though a shell that runs the tests behind ignores it, and its
    stdin is its controlling terminal."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if terminal:
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)


# -- who asks ---------------------------------------------------------------------------


class Forked:
    """A process of the parent's, to be treated as a `subprocess.Popen` of text."""

    def __init__(self, parent: _Parent, pid: int, ours: Sequence[IO[str]]) -> None:
        self.pid = pid
        self.returncode: int | Any = None
        self.stdin: IO[str] | None
        self.stdout: IO[str] | None
        self.stderr: IO[str] | None
        self.stdin, self.stdout, self.stderr = ours or (None, None, None)
        self._parent, self._end = parent, os.pidfd_open(pid)

    def poll(self) -> int | None:
        return self._ended(0)

    def wait(self, timeout: float | None = None) -> int:
        if (code := self._ended(timeout)) is None:
            raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
        return code

    def _ended(self, timeout: float | None) -> int | None:
        if self.returncode is None:
            poll = select.poll()
            poll.register(self._end, select.POLLIN)
            if poll.poll(None if timeout is None else timeout * 1000):
                self.returncode = self._parent.ask({"reap": self.pid})
                os.close(self._end)
        code: int | None = self.returncode
        return code

    def send_signal(self, sig: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, sig)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)


class _Parent:
    """Of one process of pytest; ends when that does."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            command = [sys.executable, "-m", "tests.warm_parent", str(theirs.fileno())]
            # what is read at an import must not be what the first test that asks has set
            plain = {name: v for name, v in os.environ.items() if not name.startswith(SETTINGS)}
            env = plain | {"LC_ALL": "C.UTF-8"}
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=env, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL
            )
        atexit.register(self._close)

    def ask(self, request: dict[str, Any], descriptors: Sequence[int] = ()) -> int:
        with self._lock:
            socket.send_fds(self._line, [json.dumps(request).encode()], list(descriptors))
            return int(self._line.recv(LARGEST))

    def _close(self) -> None:
        self._line.shutdown(socket.SHUT_RDWR)
        self._line.close()
        self._process.wait(10)


_the_parent = functools.cache(_Parent)


def fork(
    command: list[str],
    env: Mapping[str, str] | None,
    theirs: Sequence[int],
    ours: Sequence[IO[str]],
    terminal: bool,
) -> Forked:
    """A child that runs `python -m command` with `theirs` as its streams, at whose other ends are
    `ours`."""
    spec = {
        "command": command,
        "terminal": terminal,
        "env": dict(os.environ if env is None else env),
    }
    parent = _the_parent()
    return Forked(parent, parent.ask(spec, theirs), ours)


# -- the parent and its children --------------------------------------------------------


def import_all() -> None:
    """Everything of the program, but what runs when it is imported or lacks a library."""
    import pm_tui

    for found in pkgutil.walk_packages(pm_tui.__path__, "pm_tui."):
        if not found.name.endswith("__main__") or "sandbox" in found.name:
            importlib.import_module(found.name)
    for name in LATE:
        importlib.import_module(name)


def serve(line: socket.socket) -> dict[str, Any] | None:
    """Fork until the line ends; in a child what it shall do."""
    while True:
        data, descriptors, _flags, _from = socket.recv_fds(line, LARGEST, 3)
        if not data:
            return None
        request: dict[str, Any] = json.loads(data)
        if "reap" in request:
            answer = os.waitstatus_to_exitcode(os.waitpid(request["reap"], 0)[1])
        elif (answer := os.fork()) == 0:
            line.close()
            for stream, descriptor in enumerate(descriptors):
                os.dup2(descriptor, stream)
            os.closerange(3, max(descriptors) + 1)
            return request
        for descriptor in descriptors:
            os.close(descriptor)
        line.send(str(answer).encode())


def become(spec: dict[str, Any]) -> None:
    """What the interpreter does before `python -m` runs anything."""
    if spec["terminal"]:
        os.setsid()
    be_as_a_program_is(spec["terminal"])
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(spec["env"])
    names = {"stdin": "r", "stdout": "w", "stderr": "w"}
    for descriptor, (name, mode) in enumerate(names.items()):
        stream = os.fdopen(
            descriptor,
            mode,
            buffering=1 if name == "stderr" or os.isatty(descriptor) else -1,
            encoding="utf-8",
            errors="backslashreplace" if name == "stderr" else "strict",
            closefd=False,
        )
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl+C is for pytest, which then ends us
    import_all()
    assert threading.active_count() == 1, "a fork would have this thread only"
    gc.collect()
    gc.freeze()  # what all children share is not written to by each
    with socket.socket(fileno=int(sys.argv[1])) as line:
        spec = serve(line)
    if spec is not None:
        become(spec)
        _end(_code_of(*spec["command"]))


def _code_of(module: str, *arguments: str) -> int:
    """The exit code of `python -m`."""
    sys.argv[1:] = arguments
    # what runs as `__main__` is not there under its own name as well
    is_package = hasattr(sys.modules.get(module), "__path__")
    sys.modules.pop(f"{module}.__main__" if is_package else module, None)
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        print(end.code, file=sys.stderr)
        return 1
    except BaseException:
        sys.excepthook(*sys.exc_info())
        return 1
    return 0


def _end(code: int) -> None:
    """As the interpreter ends, but it does not take apart what it shares with the parent: that
    would copy all of it first."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
