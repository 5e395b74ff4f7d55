"""The proofs in short; whole they are `python -m tests.simulation` and `… windows`."""

from __future__ import annotations

from pathlib import Path

from tests.simulation import many, measure
from tests.simulation.month import Simulation
from tests.simulation.office import Office

DAYS = 2
MONTH = 22


def test_two_days_cost_their_part_of_the_month_and_show_changes_in_time(tmp_path: Path) -> None:
    month = Simulation(Office(days=DAYS, seed=7), tmp_path).run()
    ours, others = measure.ours(month), measure.one_list(month)
    assert len(month.made) > DAYS * 15
    assert ours.background < 2500 * DAYS / MONTH
    assert ours.background < others.background / 20
    assert ours.worst_minute <= 60
    assert ours.median("confirmed") <= 2.2  # of some thirty; of 440 it is below 2
    assert ours.worst("confirmed", "refused") <= 6
    seen = [kind for kind in ours.delays if kind.endswith("in front of somebody")]
    assert len(seen) >= 2
    assert ours.worst(*seen) <= 300


def test_many_windows_ask_no_more_than_one_and_outlive_the_one_that_reads() -> None:
    _start, one = many.requests(1, 1, 8)
    started, six = many.requests(3, 2, 8)
    assert one >= 2
    assert six <= one + 1  # the edge of the seconds counted
    assert started <= 4
    assert many.takeover(3, 2) < many.LEASE
