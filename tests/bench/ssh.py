"""A session over real ssh, on a slow line: bytes and time a key, ours beside posting's.

    python -m tests.bench ssh [--compress] [--posting PROGRAM] [--rounds 10]

sshd runs on loopback with keys made for this run; between ssh and it lies a line of 64 kbit/s and
150 ms there and back (`tests.bench.line`). Both programs run in one environment, as ssh leaves it:
`SSH_CONNECTION` set, no `COLORTERM`. posting is installed into a folder of this run, if none is
named. Needs OpenSSH's client and server.
"""

from __future__ import annotations

import argparse
import getpass
import math
import os
import shlex
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.line import SlowLine
from tests.bench.pty_child import PtyChild
from tests.bench.replay import frames
from tests.bench.subjects import ROOT, wait_for
from tests.sandbox_process import start_sandbox

SIZE = (120, 40)
RATE = 64_000.0  # bits a second
DELAY = 0.075  # seconds one way
QUIET = 0.6  # seconds without a byte: longer than the way there and back, and any chunk takes
PAUSE = 0.35  # the same within the effect of a key; a cursor blinks slower
UP, DOWN, TAB, ENTER, ESCAPE = b"\x1b[A", b"\x1b[B", b"\t", b"\r", b"\x1b"
POSTING = ("posting==2.11.1", "tree-sitter==0.25.2")  # the newer tree-sitter crashes it
REQUESTS = 60  # in posting's collection: more than a screen shows


@dataclass(frozen=True, slots=True)
class Step:
    """What is pressed before, what the screen shows then, and the keys that are measured."""

    name: str
    before: tuple[bytes, ...]
    wanted: str
    keys: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Guest:
    name: str
    command: tuple[str, ...]
    env: Mapping[str, str]
    ready: str
    steps: tuple[Step, ...]


@dataclass(slots=True)
class Cost:
    """One entry a key: bytes to the terminal, bytes on the line, ms to the first frame and the
    last byte."""

    terminal: list[int] = field(default_factory=list)
    line: list[int] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    last: list[float] = field(default_factory=list)


def ours(env: Mapping[str, str], keys: int) -> Guest:
    return Guest(
        "ours",
        (sys.executable, "-m", "pm_tui"),
        env,
        r"● online",
        (
            Step("form, typing", (), "Place", tuple(bytes([n]) for n in b"Leipzig Mitte"[:keys])),
            Step("table", (b"\x15", b"Berlin", ENTER), r"\n +\d+\.\d .*€\d", (DOWN,) * keys),
            Step("table, scrolling", (DOWN * 34,), "", (DOWN,) * keys),
            Step(
                "map, moving",
                (b"m", TAB, TAB),
                "Closer",
                (b"\x1b[1;2C", b"\x1b[1;2B") * (keys // 2),
            ),
        ),
    )


def posting(program: str, folder: Path, keys: int) -> Guest:
    collection = folder / "collection"
    collection.mkdir()
    for number in range(REQUESTS):
        name = f"station {number:02} " + "abcdefghijkl"[number % 12] * (3 + number % 5)
        text = f"name: {name}\nmethod: GET\nurl: http://127.0.0.1:9/stations/{number}\n"
        (collection / f"station-{number:02}.posting.yaml").write_text(text)
    return Guest(
        "posting",
        (program, "--collection", str(collection)),
        {},
        "station 0[0-9]",
        (
            Step("form, typing", (), "", tuple(bytes([n]) for n in b"example.org/abc"[:keys])),
            Step("table", (b"\x0f", TAB, UP, UP), "", (DOWN,) * keys),
            Step("table, scrolling", (DOWN * 34,), "", (DOWN,) * keys),
        ),
    )


@contextmanager
def server(folder: Path) -> Iterator[tuple[int, Path]]:
    """sshd, with keys of its own: its port and the key that it lets in."""
    for name in ("host", "guest"):
        made = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
        subprocess.run(made, check=True)
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # it wants one to lock itself up in
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    (folder / "config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nPidFile none\nUsePAM no\n"
        f"AuthorizedKeysFile {folder}/guest.pub\nStrictModes no\nPasswordAuthentication no\n"
        "PermitRootLogin prohibit-password\n"
    )
    sshd = shutil.which("sshd") or "/usr/sbin/sshd"
    command = [sshd, "-D", "-f", str(folder / "config"), "-E", str(folder / "log")]
    with subprocess.Popen(command) as process:
        try:
            until = time.monotonic() + 10
            while process.poll() is None and time.monotonic() < until:
                with socket.socket() as attempt:
                    if attempt.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.05)
            yield port, folder / "guest"
        finally:
            process.terminate()


def visit(guest: Guest, port: int, key: Path, home: Path, *, compress: bool) -> dict[str, Cost]:
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PM_TUI_LANGUAGE": "en",
        "PM_TUI_TIMEZONE": "Europe/Berlin",
        **guest.env,
    }
    told = " ".join(shlex.quote(f"{name}={value}") for name, value in env.items())
    remote = (
        f'cd {shlex.quote(str(ROOT))} && exec env -i TERM="$TERM" SSH_CONNECTION="$SSH_CONNECTION" '
        f"{told} {shlex.join(guest.command)}"
    )
    with SlowLine(("127.0.0.1", port), RATE, DELAY) as line:
        options = {
            "IdentityFile": str(key), "UserKnownHostsFile": "/dev/null",
            "StrictHostKeyChecking": "no", "LogLevel": "ERROR",
            "Compression": "yes" if compress else "no",
        }  # fmt: skip
        command = ["ssh", "-tt", "-F", "/dev/null", "-p", str(line.port)]
        command += [part for name, value in options.items() for part in ("-o", f"{name}={value}")]
        command += [f"{getpass.getuser()}@127.0.0.1", remote]
        local = {"PATH": os.environ["PATH"], "HOME": str(home), "TERM": "xterm-256color"}
        with PtyChild(command, local, SIZE, str(home)) as child:
            while not child.pieces and child.now < 30:
                child.read(1)
            wait_for(child, SIZE, guest.ready, quiet=QUIET)
            start = Cost([child.written], [line.down], [], [child.pieces[-1].at * 1000])
            found = {"start": start}
            for step in guest.steps:
                found[step.name] = _walk(child, line, step)
            return found


def _walk(child: PtyChild, line: SlowLine, step: Step) -> Cost:
    for key in step.before:
        child.send(key)
        child.read_until_quiet(QUIET)
    wait_for(child, SIZE, step.wanted, quiet=QUIET)
    cost = Cost()
    for key in step.keys:
        place, passed, sent = len(child.pieces), line.down, child.now
        child.send(key)
        child.read(2)
        child.read_until_quiet(PAUSE, 3)
        caused = child.pieces[place:]
        if caused:
            cost.terminal.append(sum(len(piece.data) for piece in caused))
            cost.line.append(line.down - passed)
            cost.first.append((next(frames(caused)).at - sent) * 1000)
            cost.last.append((caused[-1].at - sent) * 1000)
    return cost


def install(folder: Path) -> str:
    """posting, in a folder of its own."""
    print("installing posting", file=sys.stderr, flush=True)
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    subprocess.run([str(folder / "bin/pip"), "install", "-q", *POSTING], check=True)
    return str(folder / "bin/posting")


def missing() -> str:
    """What this machine lacks, in words; empty when nothing."""
    path = os.environ["PATH"] + ":/usr/sbin:/sbin"
    lacking = [name for name in ("ssh", "sshd", "ssh-keygen") if not shutil.which(name, path=path)]
    names = ", ".join(lacking)
    return f"not here: {names} (Debian: openssh-client, openssh-server)" if lacking else ""


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench ssh", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--compress", action="store_true", help="ssh -C")
    parser.add_argument("--posting", help="where it is installed; without it, it is for this run")
    parser.add_argument("--rounds", type=int, default=10, help="keys a step")
    arguments = parser.parse_args(argv)
    if lacking := missing():
        sys.exit(lacking)
    with TemporaryDirectory(prefix="bench-ssh-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        program = arguments.posting or install(folder / "posting")
        with start_sandbox(network="generated") as sandbox, server(folder) as (port, key):
            env = {"PM_TUI_BASE_URL": sandbox.base_url, "PM_TUI_API_KEY": sandbox.api_key}
            guests = [ours(env, arguments.rounds), posting(program, folder, arguments.rounds)]
            found = {}
            for guest in guests:
                print(f"{guest.name} over ssh", file=sys.stderr, flush=True)
                (home := folder / f"home-{guest.name}").mkdir()
                found[guest.name] = visit(guest, port, key, home, compress=arguments.compress)
    compression = "on" if arguments.compress else "off"
    print(
        f"{SIZE[0]}x{SIZE[1]}, ssh through a relay of 64 kbit/s and 150 ms there and back, "
        f"compression {compression}; medians of {arguments.rounds} keys, machine load "
        f"{os.getloadavg()[0]:.1f}"
    )
    print(f"{'':22}{'':10}{'terminal':>10}{'line':>10}{'first frame':>14}{'last byte':>12}")
    for step in dict.fromkeys(name for costs in found.values() for name in costs):
        for who, costs in found.items():
            if step in costs:
                print(_row(step, who, costs[step]))


def _row(step: str, who: str, cost: Cost) -> str:
    columns = (
        (cost.terminal, 8, "B"),
        (cost.line, 8, "B"),
        (cost.first, 11, "ms"),
        (cost.last, 9, "ms"),
    )
    shown = "".join(
        f"{statistics.median(values) if values else math.nan:>{width},.0f} {unit}"
        for values, width, unit in columns
    )
    return f"{step:22}{who:10}{shown}"
