"""The experiment in short; the long one is `python -m tests.experiment`."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

from pm_tui.cache.journal import Journal
from tests.experiment.client import Spec, reference
from tests.experiment.run import Trial, posts, start_client
from tests.sandbox_process import start_sandbox

WISHES = 30
SHARED = 150


def test_killed_and_failed_at_random_nothing_is_booked_twice_or_lost(tmp_path: Path) -> None:
    first, decided = Trial("journal", tmp_path, WISHES, random.Random(20261124)).run()
    for outcome in (first, decided):
        assert outcome is not None
        assert (outcome.duplicated, outcome.lost, outcome.stuck) == (0, 0, 0)
    assert first.once + first.unsettled == WISHES, "unsettled is only what is not there"
    assert first.unsettled > 0, "nothing went wrong: the faults do not work"
    assert first.kills > 0
    assert decided is not None
    assert (decided.once, decided.unsettled) == (WISHES, 0)


def test_the_naive_way_books_twice_so_that_the_faults_mean_something(tmp_path: Path) -> None:
    outcome, _none = Trial("naive", tmp_path, WISHES // 2, random.Random(20261124)).run()
    assert outcome.duplicated > 0


def test_three_processes_over_150_shared_wishes_send_each_exactly_once(tmp_path: Path) -> None:
    with start_sandbox() as sandbox:
        trial = Trial("journal", tmp_path, SHARED, random.Random(1))
        path = trial._specify(sandbox)
        clients = [start_client("journal", path) for _ in range(3)]
        assert [client.wait(100) for client in clients] == [0, 0, 0]
        sent = Counter(posts(sandbox))
        held = Counter(str(one["external_id"]) for one in sandbox.bookings())
    wished = {reference(number): 1 for number in range(SHARED)}
    assert sent == wished
    assert held == wished
    settings = Spec.read(path).settings()
    journal = Journal.open(settings.state_dir)
    assert Counter(one.state for one in journal.intents(settings.account)) == {"confirmed": SHARED}
    journal.close()
