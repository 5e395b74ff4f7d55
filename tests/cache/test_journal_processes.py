"""Several processes on one journal, and processes that die between any two steps."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from pm_tui.cache.intent import RESTORED, STALE
from pm_tui.cache.journal import Journal

ACCOUNT = "default"

CLAIM_ALL = """
import random, sys, time
from pathlib import Path
from pm_tui.cache.journal import Journal
journal = Journal.open(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
intents = journal.open_intents("default")
random.shuffle(intents)
for intent in intents:
    time.sleep(0.001)  # SQLite's lock is not fair: who holds it would take it again
    if intent.state == "planned" and journal.claim(intent.id):
        print(intent.id)
        journal.confirmed(intent.id, "b-" + intent.id)
"""


def test_three_processes_claim_each_of_200_intents_exactly_once(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path)
    planned = {journal.plan("book", ACCOUNT, {"n": n}).id for n in range(200)}
    command = [sys.executable, "-c", CLAIM_ALL, str(tmp_path)]
    processes = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    claimed: Counter[str] = Counter()
    shares = []
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    for process in processes:
        out, _err = process.communicate(timeout=60)
        assert process.returncode == 0
        shares.append(len(out.split()))
        claimed.update(out.split())
    assert set(claimed) == planned
    assert set(claimed.values()) == {1}
    assert all(shares), "one process did it all: nothing was shared"
    assert {one.state for one in journal.intents(ACCOUNT)} == {"confirmed"}


OPEN_AT_ONCE = """
import sys
from pathlib import Path
from pm_tui.cache.journal import Journal
sys.stdin.readline()
journal = Journal.open(Path(sys.argv[1]))
assert journal.problem is None, journal.problem
print(journal.plan("book", "default", {}).id)
"""


@pytest.mark.parametrize("damaged", [False, True])
def test_windows_that_start_at_once_share_one_journal(tmp_path: Path, damaged: bool) -> None:
    if damaged:
        first = Journal.open(tmp_path)
        first.plan("book", ACCOUNT, {})
        first.close()
        first.path.write_bytes(b"x" * 5000)
    command = [sys.executable, "-c", OPEN_AT_ONCE, str(tmp_path)]
    processes = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    made = {process.communicate("\n", timeout=60)[0].strip() for process in processes}
    assert len(made) == 4 and "" not in made
    found = {one.id: one for one in Journal.open(tmp_path).open_intents(ACCOUNT)}
    assert made <= set(found)
    assert len(list(tmp_path.glob("*.broken-*"))) == damaged
    assert [one.reason for one in found.values() if one.id not in made] == [RESTORED] * damaged


# A process that runs the steps of a booking and is killed (SIGKILL, by itself) at one of them;
# "in X" is after X wrote its row and before it committed, with the change spilt into the file.
STEPS = """
import os, signal, sys
from pathlib import Path
from pm_tui.cache.journal import Journal
folder, last = Path(sys.argv[1]), sys.argv[2]

def step(name):
    if name == last:
        os.kill(os.getpid(), signal.SIGKILL)

class Killed:
    def __init__(self, connection):
        self.connection = connection
        self.connection.execute("PRAGMA cache_size=1")

    def __getattr__(self, name):
        return getattr(self.connection, name)

    def execute(self, sql, values=()):
        if sql == "COMMIT":
            os.kill(os.getpid(), signal.SIGKILL)
        return self.connection.execute(sql, values)

def within(name):
    if name == last:
        journal._file._connection = Killed(journal._file._connection)

journal = Journal.open(folder)
step("open")
within("in plan")
intent = journal.plan("book", "default", {"n": "x" * 9000}, external_id="x", once="w")
step("plan")
within("in claim")
assert journal.claim(intent.id)
step("claim")
# here the request is on its way
within("in end")
end = sys.argv[3]
assert getattr(journal, end)(intent.id, "b-1")
step("end")
"""

EXPECTED = {
    "open": [],
    "in plan": [],
    "plan": ["planned"],
    "in claim": ["planned"],
    "claim": ["unknown"],
    "in end": ["unknown"],
    "end": ["confirmed"],
}


ENDS = ("confirmed", "refused", "unknown")


@pytest.mark.parametrize(
    ("last", "end"),  # how it is to end matters only where it comes so far
    [(last, end) for last in EXPECTED for end in (ENDS if "end" in last else ENDS[:1])],
)
def test_killed_at_every_step_the_journal_is_right(tmp_path: Path, last: str, end: str) -> None:
    process = subprocess.run(
        [sys.executable, "-c", STEPS, str(tmp_path), last, end], timeout=60, check=False
    )
    assert process.returncode == -signal.SIGKILL
    # a rollback journal is left where, and only where, a change was on its way
    assert tmp_path.joinpath("journal.db-journal").exists() == last.startswith("in ")
    journal = Journal.open(tmp_path)
    assert journal.problem is None and journal.notices == []
    expired = journal.expire_stale()
    expected = EXPECTED[last]
    if last == "end":
        expected = [end]
    found = journal.intents(ACCOUNT)
    assert [one.state for one in found] == expected
    assert [one.reason for one in expired] == ([STALE] if last in ("claim", "in end") else [])
    # the rule that no booking is made twice: only what was surely never sent can be claimed
    for one in found:
        assert journal.claim(one.id) == (expected == ["planned"])


KILLED_WHILE_WRITING = """
import sys
from pathlib import Path
from pm_tui.cache.journal import Journal
journal = Journal.open(Path(sys.argv[1]))
while True:
    intent = journal.plan("book", "default", {"pad": "x" * 300})
    print("planned", intent.id, flush=True)
    assert journal.claim(intent.id)
    print("sending", intent.id, flush=True)
    assert journal.confirmed(intent.id, "b")
    print("confirmed", intent.id, flush=True)
"""


@pytest.mark.parametrize("lines", [1, 2, 3, 47, 101])
def test_killed_at_any_instant_nothing_acknowledged_is_lost(tmp_path: Path, lines: int) -> None:
    command = [sys.executable, "-c", KILLED_WHILE_WRITING, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = dict.fromkeys([""], "")
        for _ in range(lines):
            state, intent_id = process.stdout.readline().split()
            told[intent_id] = state
        process.kill()
        for line in process.stdout:  # what was acknowledged before the signal came
            state, intent_id = line.split()
            told[intent_id] = state
    del told[""]
    journal = Journal.open(tmp_path)
    assert journal.problem is None and journal.notices == []
    order = ["planned", "sending", "confirmed"]
    for intent_id, state in told.items():
        kept = journal.get(intent_id)
        assert kept is not None
        assert order.index(kept.state) >= order.index(state)
