"""A sandbox of the generated network at which it is always the same moment, for the pictures.

`python -m tests.frozen_sandbox` serves it as `pm_tui.sandbox` does. Its clock still obeys the
control endpoint (`Sandbox.advance`); waiting goes by the monotonic clock, which nobody stops.
"""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import time_machine

from tests.sandbox_process import ROOT, Sandbox

NOW = datetime(2026, 10, 13, 12, 30, tzinfo=UTC)  # a Tuesday, half past two in Berlin


def start_frozen_sandbox(state: Path) -> Sandbox:
    """Start one with a past, no accidents and next to no waiting; ready when it returns."""
    command = [sys.executable, "-m", "tests.frozen_sandbox", "--parent-stdin", "--chaos=steady"]
    process = subprocess.Popen(
        [*command, "--cpo-latency=1-5", f"--state={state}"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    first = process.stdout.readline()
    if not first:
        raise RuntimeError(f"the sandbox ended with {process.wait()}")
    return Sandbox(**json.loads(first), process=process)


if __name__ == "__main__":
    from pm_tui.sandbox.__main__ import main

    with time_machine.travel(NOW, tick=False):
        sys.exit(main())
