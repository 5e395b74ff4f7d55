"""Start an installed pm-tui as a user would: on the command line, then on a full screen.

    python -P tests/start_installed.py PROGRAM HOME

Not a test of its own: `.ci/run` calls it with the program of a fresh environment and a home that
does not exist yet. Ends with an error when the program does not do as it should.
"""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pyte

COLUMNS, LINES = 120, 40
PATIENCE = 60.0  # seconds; a first start compiles everything
ASKED = re.compile(rb"\x1b\[\?996n")  # a question to the terminal at which pyte fails
QUIT = b"\x11"  # Ctrl+Q


def command_line(program: str, env: dict[str, str]) -> None:
    """`--version`, and a search that the program answers from a sandbox of its own."""
    version = subprocess.run([program, "--version"], env=env, capture_output=True, check=True)
    print(version.stdout.decode().strip())
    search = [program, "search", "Berlin", "--json"]
    answer = json.loads(subprocess.run(search, env=env, capture_output=True, check=True).stdout)
    assert answer["origin"] == "live" and answer["results"], answer
    print(f"search: {len(answer['results'])} of {answer['total']} locations, {answer['origin']}")


def full_screen(program: str, env: dict[str, str]) -> None:
    """Wait for the first frame and for the line to the sandbox, press Ctrl+Q, expect exit 0."""
    screen = pyte.Screen(COLUMNS, LINES)
    stream = pyte.ByteStream(screen)
    terminal, inside = pty.openpty()
    fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    began = time.monotonic()
    child = subprocess.Popen(
        [program], env=env, stdin=inside, stdout=inside, stderr=inside, start_new_session=True
    )
    os.close(inside)
    seen: dict[str, float] = {}
    deadline = began + PATIENCE
    while time.monotonic() < deadline:
        if not select.select([terminal], [], [], 0.2)[0]:
            continue
        try:
            read = os.read(terminal, 65536)
        except OSError:  # Linux: the other side has closed
            break
        if not read:
            break
        stream.feed(ASKED.sub(b"", read))
        shown = "\n".join(screen.display)
        if "first frame" not in seen and "pm-tui" in shown and "SANDBOX" in shown:
            seen["first frame"] = time.monotonic() - began
        if "online" not in seen and "online" in shown:
            seen["online"] = time.monotonic() - began
            os.write(terminal, QUIT)
    else:
        child.send_signal(signal.SIGTERM)
    code = child.wait(PATIENCE)
    if len(seen) < 2 or code != 0:
        sys.exit(f"exit code {code}, seen {seen}, last screen:\n" + "\n".join(screen.display))
    print(", ".join(f"{what} after {after:.1f} s" for what, after in seen.items()), "- exit code 0")


if __name__ == "__main__":
    program, home = sys.argv[1:]
    Path(home).mkdir()
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    env = {**kept, "HOME": home, "TERM": "xterm-256color", "LANG": "C.UTF-8"}
    command_line(program, env)
    full_screen(program, env)
