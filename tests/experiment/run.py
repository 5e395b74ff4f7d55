"""Bookings through a gateway that fails at random, by a client that is killed at random.

What the gateway holds in the end is compared with what the client's journal says.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from urllib.request import Request, urlopen

from pm_tui.cache.intent import Intent
from pm_tui.cache.journal import Journal
from pm_tui.services.settle import ABSENT_TWICE
from tests import canary
from tests.experiment.client import LATE, Spec, reference
from tests.sandbox_process import ROOT, Sandbox, start_sandbox

Strategy = Literal["journal", "naive"]

# what happens to a booking's POST, and how often: half of them go wrong
FAULTS: tuple[dict[str, Any], ...] = (
    {"fault": "accept_then_hang", "probability": 0.07},
    {"fault": "accept_then_reset", "probability": 0.07},
    {"fault": "accept_then_close", "probability": 0.07},
    {"fault": "lost_body", "probability": 0.07},
    {"fault": "truncated", "probability": 0.05},
    {"fault": "empty", "probability": 0.05},
    {"fault": "error", "status": 503, "process": True, "probability": 0.05},
    {"fault": "error", "status": 503, "probability": 0.05},
    {"fault": "late", "seconds": LATE, "probability": 0.07},
    {"fault": "drop", "probability": 0.05},
    {"fault": "html_502", "probability": 0.03},
)
RARE: tuple[dict[str, Any], ...] = (
    {"fault": "429_seconds", "seconds": 1, "match": "POST /bookings", "probability": 0.01},
    {"fault": "error", "match": "GET /bookings", "probability": 0.05},
    {"fault": "drop", "match": "GET /bookings", "probability": 0.05},
)
LONGEST = 900.0  # seconds for all of it


@dataclass(frozen=True, slots=True)
class Outcome:
    """Wishes by what the gateway holds for them; `extra` counts the bookings too many.

    `lost`: the gateway holds a booking that the client does not know, or the client believes in
    one that is not there. `unsettled`: the client says that a person must decide. `stuck` would
    be a wish that the client believes to be under way.
    """

    strategy: str
    wishes: int
    once: int
    duplicated: int
    extra: int
    missing: int
    lost: int
    unsettled: int
    stuck: int
    kills: int
    posts: int
    seconds: float


@dataclass(slots=True)
class Trial:
    """One strategy at a sandbox of its own."""

    strategy: Strategy
    folder: Path
    wishes: int
    rng: random.Random
    kills: int = 0

    def run(self, *, faults: bool = True) -> tuple[Outcome, Outcome | None]:
        """The end of it, and for the journal the end after a person has decided to book again
        what was absent twice."""
        began = time.monotonic()
        with start_sandbox() as sandbox:
            spec = self._specify(sandbox)
            if faults:
                for fault in (*FAULTS, *RARE):
                    sandbox.fault(**{"match": "POST /bookings", "times": None, **fault})
            self._work(spec, kill=True)
            sandbox.clear_faults()
            time.sleep(2 * LATE)  # what was accepted late has arrived
            if self.strategy == "naive":
                return self._naive_outcome(sandbox, time.monotonic() - began), None
            self._work(spec, kill=False)
            first = self._outcome(sandbox, time.monotonic() - began)
            self._decide()
            self._work(spec, kill=False)
            return first, self._outcome(sandbox, time.monotonic() - began)

    def _specify(self, sandbox: Sandbox) -> Path:
        start = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=2)
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / "spec.json"
        spec = {
            "base_url": sandbox.base_url,
            "api_key": sandbox.api_key,
            "home": str(self.folder),
            "wishes": self.wishes,
            "start": start.isoformat(),
            "points": free_points(sandbox),
        }
        return canary.given(path, json.dumps(spec))

    def _work(self, spec: Path, *, kill: bool) -> None:
        """Run the client until it ends by itself; with `kill`, not without being killed often."""
        deadline = time.monotonic() + LONGEST
        pause = 1.5
        while True:
            client = start_client(self.strategy, spec)
            try:
                code = client.wait(self.rng.uniform(0.5, pause) if kill else LONGEST)
            except subprocess.TimeoutExpired:
                client.kill()
                client.wait()
                self.kills += 1
                pause *= 1.05  # a client that is always killed early would never end
                assert time.monotonic() < deadline, "it does not end"
                continue
            assert code == 0, f"the client ended with {code}"
            return

    def _journal(self) -> Journal:
        return Journal.open(Spec.read(self.folder / "spec.json").settings().state_dir)

    def _decide(self) -> None:
        """The person has looked, and wants what was absent twice booked after all."""
        journal = self._journal()
        for intent in journal.open_intents(self._account()):
            assert intent.reason == ABSENT_TWICE, intent
            journal.refused(intent.id, "given up")
        journal.close()

    def _account(self) -> str:
        return Spec.read(self.folder / "spec.json").settings().account

    def _outcome(self, sandbox: Sandbox, seconds: float) -> Outcome:
        journal = self._journal()
        intents = journal.intents(self._account())
        journal.close()
        held = Counter(str(one["external_id"]) for one in sandbox.bookings())
        return self._counted(
            held,
            lost=lost(intents, sandbox.bookings()),
            unsettled=sum(one.state == "unknown" for one in intents),
            stuck=sum(one.state in ("planned", "sending") for one in intents),
            posts=len(posts(sandbox)),
            seconds=seconds,
        )

    def _naive_outcome(self, sandbox: Sandbox, seconds: float) -> Outcome:
        held = Counter(str(one["external_id"]) for one in sandbox.bookings())
        told = set((self.folder / "done.txt").read_text().split())
        lost = sum(reference(n) in held and str(n) not in told for n in range(self.wishes))
        return self._counted(
            held, lost=lost, unsettled=0, stuck=0, posts=len(posts(sandbox)), seconds=seconds
        )

    def _counted(
        self,
        held: Counter[str],
        *,
        lost: int,
        unsettled: int,
        stuck: int,
        posts: int,
        seconds: float,
    ) -> Outcome:
        counts = [held[reference(number)] for number in range(self.wishes)]
        return Outcome(
            self.strategy,
            self.wishes,
            once=counts.count(1),
            duplicated=sum(count > 1 for count in counts),
            extra=sum(count - 1 for count in counts if count > 1),
            missing=counts.count(0),
            lost=lost,
            unsettled=unsettled,
            stuck=stuck,
            kills=self.kills,
            posts=posts,
            seconds=seconds,
        )


def lost(intents: Sequence[Intent], bookings: Sequence[dict[str, Any]]) -> int:
    """Bookings that no confirmed intent names, and confirmed intents without their booking."""
    named = [one.booking_id for one in intents if one.state == "confirmed"]
    there = [str(one["id"]) for one in bookings]
    return len(set(there) ^ set(named)) + len(named) - len(set(named))


def start_client(strategy: Strategy, spec: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.experiment.client", strategy, str(spec)]
    return subprocess.Popen(command, cwd=ROOT)


def posts(sandbox: Sandbox) -> list[str]:
    """The reference of every booking that was sent, whatever became of it."""
    return [
        str(one["external_id"])
        for one in sandbox.log()
        if one["method"] == "POST" and one["path"].endswith("/bookings")
    ]


def free_points(sandbox: Sandbox) -> list[list[str]]:
    """Pairs of location and EVSE that can be booked now."""
    url = f"{sandbox.base_url}/search?lat=52.52&lng=13.405&radius=50&limit=100"
    with urlopen(Request(url, headers=sandbox.headers), timeout=20) as answer:  # noqa: S310
        found = json.load(answer)["results"]
    return [
        [location["location_id"], evse["evse_uid"]]
        for location in found
        if location["supports_reservation"]
        for evse in location["evses"]
        if evse["status"] == "AVAILABLE"
    ]


def report(outcomes: Sequence[Outcome | None]) -> str:
    columns = ("once", "duplicated", "extra", "missing", "lost", "unsettled", "kills", "posts")
    lines = [f"{'strategy':28}" + "".join(f"{name:>11}" for name in columns) + "    seconds"]
    names = iter(("journal", "journal, person rebooks", "naive"))
    for outcome, name in zip(outcomes, names, strict=False):
        if outcome is not None:
            values = "".join(f"{getattr(outcome, column):>11}" for column in columns)
            lines.append(f"{name:28}{values}{outcome.seconds:>11.0f}")
    return "\n".join(lines)
