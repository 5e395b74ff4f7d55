"""SIGKILL in the middle of a table: repeated, every row is booked once, and the result file never
says of a row what is not so."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from pm_tui.services.batch import know
from pm_tui.services.batch_file import result_path
from pm_tui.services.batch_send import send
from pm_tui.services.session import Session
from tests.conftest import MakeSettings
from tests.sandbox_process import Sandbox
from tests.services.conftest import child_env, run_child
from tests.services.test_batch import Waits, a_table, checked, posts
from tests.services.test_batch import _impatient as _impatient
from tests.services.test_batch_send import told

CHILD = "tests.services.batch_child"
# (step, when, writing of the result): how many rows are booked then, and what the result says.
# A row is planned, claimed and ended in three steps; the result is written at first, and before and
# after each row.
POINTS: dict[tuple[int, str, int], tuple[int, list[str]]] = {
    (2, "after", 0): (0, ["unknown", "not sent"]),  # claimed: nobody can tell that from sent
    (3, "before", 0): (1, ["unknown", "not sent"]),
    (5, "after", 0): (1, ["booked", "unknown"]),
    (6, "before", 0): (2, ["booked", "unknown"]),
    (0, "", 1): (0, []),
    (0, "", 3): (1, ["unknown", "not sent"]),
    (0, "", 5): (2, ["booked", "unknown"]),
}
UNCLEAR = ((2, "after", 0), (5, "after", 0))  # for a person to decide


@pytest.fixture(scope="module")
def own(own_gateway: Sandbox) -> Sandbox:
    return own_gateway


async def repeated(session: Session, path: Path) -> None:
    batch = checked(path)
    await know(session, batch)
    async for _row in send(session, batch, result_path(path), sleep=Waits()):
        pass


@pytest.mark.parametrize("point", POINTS, ids=lambda point: "-".join(map(str, point)))
async def test_a_table_killed_at_every_step_is_repeated_and_books_no_row_twice(
    own: Sandbox, make_settings: MakeSettings, tmp_path: Path, point: Any
) -> None:
    (step, when, file), (booked, says) = point, POINTS[point]
    settings, path = make_settings(own), a_table(tmp_path / "night.csv", 2)
    out = tmp_path / "night.out.csv"
    own.clear_log()
    at = {"step": step, "when": when, "file": file}
    killed = run_child(CHILD, child_env(settings, own), path=str(path), **at)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert len(posts(own)) == booked
    assert (told(out) if out.exists() else []) == says
    for left in tmp_path.glob(".night.out.csv.*.new"):
        os.utime(left, (0, 0))  # of a while ago
    async with Session(settings) as session:  # the next start, and the table once more
        await session.recover()
        await repeated(session, path)
        if point in UNCLEAR:
            assert told(out).count("unknown") == 1, "not sent again by itself"
            for intent in await session.unsettled():
                await session.give_up(intent.id)
            await repeated(session, path)
    assert told(out) == ["booked"] * 2
    assert len(posts(own)) == len(set(posts(own))) == 2
    assert list(tmp_path.glob(".night.out.csv.*")) == [], "nothing is left lying about"
