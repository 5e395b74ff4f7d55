"""Children that get killed, forked from a process that has imported everything already: dozens of
kills cost dozens of forks instead of dozens of starts."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Coroutine
from typing import IO, Any

# what httpx loads with its first request: here once, not in each child
import anyio._backends._asyncio  # noqa: F401
import httpcore  # noqa: F401

from tests.sandbox_process import ROOT

Main = Callable[[dict[str, Any]], Coroutine[Any, Any, None]]


class Forge:
    """Runs the `main` of a module that calls `serve`, each time in a process of its own."""

    def __init__(self, module: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", module],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, spec: dict[str, Any]) -> subprocess.CompletedProcess[str]:
        """As `subprocess.run` would."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(spec) + "\n")
        self._process.stdin.flush()
        done = json.loads(self._process.stdout.readline())
        return subprocess.CompletedProcess("", done["code"], done["stdout"], done["stderr"])

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)


def serve(main: Main) -> None:
    """Fork for each line of stdin, and tell how the child ended."""
    gc.freeze()  # a child that looks for garbage would copy all of it
    for line in sys.stdin:
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
            child = os.fork()
            if child == 0:
                _be_a_child(main, json.loads(line), out, err)
            _pid, status = os.waitpid(child, 0)
            out.seek(0)
            err.seek(0)
            done = {
                "code": os.waitstatus_to_exitcode(status),
                "stdout": out.read(),
                "stderr": err.read(),
            }
        print(json.dumps(done), flush=True)


def _be_a_child(main: Main, spec: dict[str, Any], out: IO[str], err: IO[str]) -> None:
    os.dup2(out.fileno(), 1)
    os.dup2(err.fileno(), 2)
    code = 0
    try:
        asyncio.run(main(spec))
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
