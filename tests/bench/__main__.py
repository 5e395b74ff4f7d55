"""Ours beside the least that a Textual program costs, measured in one go.

    python -m tests.bench [--size 120x40] [--rounds 7] [--json]
    python -m tests.bench directory PATH    (offline search: see `tests.bench.directory`)
    python -m tests.bench home              (a large fleet at home: see `tests.bench.home`)
    python -m tests.bench map [PLACES]      (drawing the map: see `tests.bench.pan`)
    python -m tests.bench ssh [--compress]  (over a slow line: see `tests.bench.ssh`)
    python -m tests.bench table [ROWS]      (lists of thousands: see `tests.bench.table`)

The two are started in turn, round by round, because the machine may be busy in between: read the
ratios, and the CPU seconds where the ratios look odd. Needs Linux. Nothing is judged by exit code;
figures beyond their aim are marked `over`.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from tests.bench import directory, home, pan, report, scenarios, ssh, subjects, table
from tests.bench.report import Figure
from tests.bench.scenarios import How, Leaving, Newcomer, Size, Visit
from tests.bench.subjects import Subject
from tests.sandbox_process import start_sandbox

COUNTS = [50, 500, 5000]
ENDS: tuple[How, ...] = ("quit", "SIGTERM", "SIGHUP")


def size_of(text: str) -> Size:
    columns, _, rows = text.partition("x")
    return int(columns), int(rows)


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def measure(size: Size, rounds: int, env: Mapping[str, str]) -> dict[str, Any]:
    floor, mine = subjects.floor(), subjects.ours(env)
    for warming in (floor, mine):  # byte code and page cache: not counted
        with subjects.started(warming, size):
            pass
    floors: list[Visit] = []
    visits: list[Visit] = []
    newcomers: list[Newcomer] = []
    at_rest: list[float] = []
    for number in range(rounds):
        say(f"round {number + 1} of {rounds}")
        floors.append(scenarios.visit(floor, size))
        visits.append(scenarios.visit(mine, size))
        newcomers.append(scenarios.newcomer(size))
        at_rest.append(scenarios.resting(mine, size))
    say("rows after the answer")
    rows = scenarios.rows(COUNTS, size, max(rounds // 2, 1))
    say("ends")
    return {
        "figures": {
            "ours beside the floor": report.visits(floors, visits, at_rest),
            "a newcomer's first start": report.newcomers(floors, newcomers),
            "rows on screen": list(report.answers(rows)),
        },
        "ends": ends(size, floor, mine),
        "raw": {
            "floor": [asdict(one) for one in floors],
            "ours": [asdict(one) for one in visits],
            "newcomer": [asdict(one) for one in newcomers],
            "rows": {count: [asdict(one) for one in runs] for count, runs in rows.items()},
        },
    }


def ends(size: Size, floor: Subject, mine: Subject) -> dict[str, dict[str, Leaving]]:
    newcomer = subjects.ours({})  # with a sandbox of its own, which must go as well
    found: dict[str, dict[str, Leaving]] = {
        who: {how: scenarios.leaving(subject, size, how) for how in ENDS}
        for who, subject in (("floor", floor), ("ours", mine), ("ours, newcomer", newcomer))
    }
    for who, subject in (("ours", mine), ("ours, newcomer", newcomer)):
        found[who]["crash"] = scenarios.leaving(scenarios.crashing(subject), size, "crash")
    return found


def figure(one: Figure) -> dict[str, Any]:
    return {**asdict(one), "ratio": one.ratio, "verdict": one.verdict}


def main() -> None:
    if sys.argv[1:2] == ["directory"]:
        directory.main(sys.argv[2:])
        return
    if sys.argv[1:2] == ["home"]:
        home.main(sys.argv[2:])
        return
    if sys.argv[1:2] == ["map"]:
        pan.main(sys.argv[2:])
        return
    if sys.argv[1:2] == ["ssh"]:
        ssh.main(sys.argv[2:])
        return
    if sys.argv[1:2] == ["table"]:
        table.main(sys.argv[2:])
        return
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--size", type=size_of, default=(120, 40), metavar="COLUMNSxROWS")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", action="store_true", help="figures and every raw value")
    arguments = parser.parse_args()
    size: Size = arguments.size
    load = os.getloadavg()[0]
    with start_sandbox(network="generated") as sandbox:
        env = {"PM_TUI_BASE_URL": sandbox.base_url, "PM_TUI_API_KEY": sandbox.api_key}
        found = measure(size, arguments.rounds, env)
    machine = f"{os.cpu_count()} CPUs, load {load:.1f} before and {os.getloadavg()[0]:.1f} after"
    if arguments.json:
        figures = {t: [figure(one) for one in many] for t, many in found["figures"].items()}
        ended = {
            who: {
                how: {**asdict(one), "clean": report.is_clean(how, one)} for how, one in o.items()
            }
            for who, o in found["ends"].items()
        }
        document = {"size": size, "rounds": arguments.rounds, "machine": machine}
        print(json.dumps(document | {**found, "figures": figures, "ends": ended}, indent=1))
        return
    print(f"{size[0]}x{size[1]}, medians of {arguments.rounds} rounds; {machine}")
    for title, many in found["figures"].items():
        print(*report.table(title, many), sep="\n")
    print(*report.leavings(found["ends"]), sep="\n")


if __name__ == "__main__":
    main()
