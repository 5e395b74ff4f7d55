"""What is done with a program, and what is noted of it. Times in ms, memory in MB.

Times of two processes are compared: on Linux `perf_counter` is one clock for all of them.
"""

from __future__ import annotations

import signal
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from subprocess import PIPE, Popen
from tempfile import TemporaryDirectory
from typing import Literal

from tests.bench import canned
from tests.bench.proc import alive, children, rss_mb
from tests.bench.pty_child import PtyChild
from tests.bench.replay import first_showing, frames, left_on
from tests.bench.subjects import ROOT, Subject, ours, started, wait_for

Size = tuple[int, int]
How = Literal["quit", "SIGTERM", "SIGHUP", "crash"]

DOWN = b"\x1b[B"
KEYS = 20
KEY_GAP = 0.06  # seconds of silence after which a key has had its effect
IDLE = 4.0
AFTERTHOUGHTS = 2.0  # seconds for what a program does once, some time after it has settled
SCREENFUL = 20  # the row that must be there too before rows count as shown


@dataclass(slots=True)
class Start:
    first_byte: float
    useful: float
    full: float
    full_cpu: float
    full_bytes: int
    settled: float
    settled_bytes: int
    repaints: int


@dataclass(slots=True)
class Keys:
    """One entry a key: bytes written, and ms until its first frame had ended."""

    sizes: list[int] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)


@dataclass(slots=True)
class Visit:
    start: Start
    idle: float
    still: Keys
    scrolling: Keys
    memory_at_rest: float
    memory_in_use: float


@dataclass(slots=True)
class Leaving:
    """`left_on` are the modes that the terminal was left with, `orphans` child processes."""

    exit_code: int | None
    took: float
    left_on: list[str]
    orphans: int


@dataclass(slots=True)
class Newcomer:
    """The first start ever: the sandbox is started beside the screen."""

    start: Start
    online: float
    sandbox_memory: float


@dataclass(slots=True)
class Rows:
    """ms until a screenful of rows was written: since the last byte of the answer was sent, and
    since the answer was handed to the screen."""

    since_answer: float
    since_handed: float


def read_start(child: PtyChild, size: Size, subject: Subject) -> Start:
    """The start of a child that has settled."""
    wait_for(child, size, subject.full, quiet=0)
    useful = first_showing(child.pieces, size, subject.useful)
    frame = first_showing(child.pieces, size, subject.full)
    assert useful is not None and frame is not None
    whole = size[0] * size[1]  # bytes; a frame with more than one for each cell is a repaint
    return Start(
        first_byte=child.pieces[0].at * 1000,
        useful=useful.at * 1000,
        full=frame.at * 1000,
        full_cpu=frame.cpu * 1000,
        full_bytes=len(frame.data),
        settled=child.pieces[-1].at * 1000,
        settled_bytes=child.written,
        repaints=sum(len(one.data) > whole for one in frames(child.pieces)),
    )


def visit(subject: Subject, size: Size) -> Visit:
    """Start, rest, fill the table, move in it."""
    with started(subject, size) as child:
        start = read_start(child, size, subject)
        idle, memory = rest(child), rss_mb(child.pid)
        if subject.question:
            child.send(subject.question)
            child.read_until_quiet(0.3)
            child.send(b"\r")
            wait_for(child, size, subject.answered)
        # as many keys as surely stay on the first page, in a small terminal as well
        still = press(child, min(KEYS, size[1] - 16))
        for _ in range(size[1]):
            child.send(DOWN)
            child.read_until_quiet(KEY_GAP / 2)
        return Visit(start, idle, still, press(child, KEYS), memory, rss_mb(child.pid))


def rest(child: PtyChild) -> float:
    """Bytes a second while nobody touches a key."""
    child.read_for(AFTERTHOUGHTS)
    before = child.written
    child.read_for(IDLE)
    return (child.written - before) / IDLE


def resting(subject: Subject, size: Size) -> float:
    """The same with no countdown on the screen: offline, no limit is running."""
    with started(subject.with_arguments("--offline"), size) as child:
        return rest(child)


def press(child: PtyChild, count: int) -> Keys:
    """Press Down, again and again, each time when the effect of the last is over."""
    keys = Keys()
    child.read_until_quiet(KEY_GAP)
    for _ in range(count):
        place, sent = len(child.pieces), child.now
        child.send(DOWN)
        child.read(1)
        child.read_until_quiet(KEY_GAP)
        caused = child.pieces[place:]
        if caused:
            keys.sizes.append(sum(len(piece.data) for piece in caused))
            keys.delays.append((next(frames(caused)).at - sent) * 1000)
    return keys


def leaving(subject: Subject, size: Size, how: How) -> Leaving:
    """End it, or let it crash, and look at what it leaves behind."""
    with started(subject, size) as child:
        child.read_for(AFTERTHOUGHTS)  # by now there is a sandbox, where one is started
        offspring = children(child.pid)
        before = child.now
        if how == "quit":
            child.send(subject.leave)
        elif how != "crash":
            child.signal(signal.Signals[how])
        child.wait(10)
        took = (child.now - before) * 1000
        child.read_for(0.3)
        orphans = sum(map(alive, offspring))
        return Leaving(child.exit_code, took, left_on(child.pieces), orphans)


def newcomer(size: Size) -> Newcomer:
    subject = ours({})
    with started(subject, size) as child:
        start = read_start(child, size, subject)
        wait_for(child, size, "● online")
        online = first_showing(child.pieces, size, "● online")
        assert online is not None
        return Newcomer(start, online.at * 1000, sum(map(rss_mb, children(child.pid))))


def rows(counts: list[int], size: Size, rounds: int) -> dict[int, list[Rows]]:
    """Search in a gateway that answers with so many locations, each round in a fresh program."""
    found: dict[int, list[Rows]] = {count: [] for count in counts}
    command = [sys.executable, "-m", "tests.bench.canned", *map(str, counts)]
    with Popen(command, stdout=PIPE, text=True, cwd=ROOT) as server:
        assert server.stdout is not None
        try:
            port = server.stdout.readline().strip()
            for _ in range(rounds):
                for count in counts:
                    env = {
                        "PM_TUI_BASE_URL": f"http://127.0.0.1:{port}/{count}",
                        "PM_TUI_API_KEY": "a-key-for-nothing",
                    }
                    found[count].append(_rows(env, size, server))
        finally:
            server.terminate()
    return found


def _rows(env: dict[str, str], size: Size, server: Popen[str]) -> Rows:
    assert server.stdout is not None
    with TemporaryDirectory(prefix="bench-") as folder:
        stamps = Path(folder, "stamps")
        subject = ours(env, "tests.bench.launcher", "stamp", str(stamps))
        with started(subject, size) as child:
            read_start(child, size, subject)
            child.send(f"{canned.CENTRE[0]}, {canned.CENTRE[1]}".encode())
            child.read_until_quiet(0.3)
            child.send(b"\r")
            last = min(SCREENFUL, size[1] - 14)
            wanted = f"{canned.name(0)}.*{canned.name(last)}"
            wait_for(child, size, wanted)
            shown = first_showing(child.pieces, size, wanted)
            assert shown is not None
            at = child.started + shown.at
            handed = float(stamps.read_text().split()[0])
            return Rows((at - float(server.stdout.readline())) * 1000, (at - handed) * 1000)


def crashing(subject: Subject) -> Subject:
    """The same program with a callback that raises."""
    return replace(subject, command=(sys.executable, "-m", "tests.bench.launcher", "crash"))
