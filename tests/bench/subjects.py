"""Whom we measure: the command, its environment, and how one sees that it stands."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.floor import FIRST_ROW
from tests.bench.pty_child import PtyChild
from tests.bench.replay import screen_of

ROOT = Path(__file__).parents[2]
QUIET = 0.35  # seconds without a byte that count as settled; a countdown writes every second
START_DEADLINE = 30.0
FORM = r"Place.*25.*▌.*Location"


@dataclass(frozen=True, slots=True)
class Subject:
    """`useful` is what the screen matches once one can work with it, `full` once all of it is
    painted; `leave` the key to quit; `question` what is typed before there is a table to move in,
    `answered` what shows then."""

    name: str
    command: tuple[str, ...]
    useful: str
    full: str
    leave: bytes
    question: bytes = b""
    answered: str = ""
    env: Mapping[str, str] = field(default_factory=dict)

    def with_arguments(self, *arguments: str) -> Subject:
        return replace(self, command=(*self.command, *arguments))


def floor() -> Subject:
    command = (sys.executable, "-m", "tests.bench.floor")
    return Subject("floor", command, FIRST_ROW, FIRST_ROW, b"q")


def ours(env: Mapping[str, str], *command: str) -> Subject:
    """With no address in `env` it starts its own sandbox, as for a newcomer."""
    return Subject(
        "ours",
        (sys.executable, "-m", *(command or ("pm_tui",))),
        # the form with its last field and what stands in it, the table's header; and all the bars
        FORM,
        FORM + r".*(starting|online|offline).*Quit",
        b"\x11",
        b"Berlin",
        r"Location.*\n +\d+\.\d .*€\d",
        env,
    )


@contextmanager
def started(subject: Subject, size: tuple[int, int]) -> Iterator[PtyChild]:
    """Run it in a home that nobody ever used, and wait until it has settled."""
    with TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as home:
        env = {
            "PATH": os.environ["PATH"],
            "HOME": home,
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "PM_TUI_LANGUAGE": "en",
            "PM_TUI_TIMEZONE": "Europe/Berlin",
            **{f"XDG_{name}_HOME": f"{home}/{name}" for name in ("CONFIG", "CACHE", "STATE")},
            **subject.env,
        }
        with PtyChild(subject.command, env, size, str(ROOT)) as child:
            while not child.pieces and child.now < START_DEADLINE:
                child.read(1)
            child.read_until_quiet(QUIET, START_DEADLINE)
            yield child


def wait_for(child: PtyChild, size: tuple[int, int], wanted: str, quiet: float = 0.1) -> None:
    """Read until the screen matches and nothing came for `quiet` seconds.

    Raises `RuntimeError` with the screen when it never does.
    """
    until = child.now + START_DEADLINE
    while not re.search(wanted, screen := screen_of(child.pieces, size), re.DOTALL):
        if child.now > until or child.wait(0):
            raise RuntimeError(f"never saw {wanted!r} on\n{screen}")
        child.read_until_quiet(0.1, 5)
    child.read_until_quiet(quiet, 5)
