"""Power loss in the middle of "I need longer": the next start knows, and the desk settles it."""

from __future__ import annotations

import signal
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pm_tui.config import Settings
from pm_tui.services import kiosk_changes
from pm_tui.services.kiosk import Kiosk
from pm_tui.services.kiosk_desk import today
from pm_tui.services.kiosk_open import Left
from pm_tui.services.session import Session
from tests.conftest import MakeSettings
from tests.sandbox_process import Sandbox
from tests.services.conftest import child_env, run_child
from tests.services.kiosk_child import SITES

CHILD = "tests.services.kiosk_child"
# (step, when): what the next start says, what stands of the change ("": nothing of it was done),
# and whether the desk goes on with it. The steps are those of a clash (`test_rebook.FLOWS`).
POINTS: dict[tuple[int, str], tuple[Left, str, str]] = {
    (3, "before"): (Left(), "", ""),
    (4, "before"): (Left(cancelled=1), "none", "on"),  # cancelled, and nobody wrote it down
    (4, "after"): (Left(cancelled=1), "none", "drop"),
    (7, "before"): (Left(made=1, cancelled=1), "new", "on"),  # booked, the same
    (7, "after"): (Left(made=1, cancelled=1), "new", "drop"),
}


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch, hasty: None) -> None:
    monkeypatch.setattr("pm_tui.services.book.FIRST_LOOK", 0.0)
    monkeypatch.setattr("pm_tui.services.settle.GRACE", timedelta(seconds=0.2))
    monkeypatch.setattr("pm_tui.services.watch.FIRST_LOOKS", (0.05,) * 40)
    monkeypatch.setattr("pm_tui.services.kiosk_open._FIRST_PAUSE", 0.05)
    monkeypatch.setattr("pm_tui.services.kiosk_open._LONGEST_PAUSE", 0.05)


@pytest.fixture(scope="module")
def own(own_gateway: Sandbox) -> Sandbox:
    return own_gateway


def killed(own: Sandbox, settings: Settings, **what: Any) -> None:
    done = run_child(CHILD, child_env(settings, own), way="longer", **what)
    assert done.returncode == -signal.SIGKILL, done.stderr


def posts(own: Sandbox) -> int:
    return sum(one["method"] == "POST" for one in own.log())


def hours(own: Sandbox, before: set[str]) -> list[float]:
    """How long each booking is that was made since and stands."""
    return [
        _hours(one)
        for one in own.bookings()
        if one["id"] not in before and one["status"] != "CANCELLED"
    ]


def _hours(one: dict[str, Any]) -> float:
    begin, end = (datetime.fromisoformat(one[f"reservation_{edge}"]) for edge in ("start", "end"))
    return round((end - begin) / timedelta(hours=1), 1)


async def test_a_change_cut_off_at_each_step_is_known_and_ended_by_the_desk(
    own: Sandbox, make_settings: MakeSettings, tmp_path: Path
) -> None:
    for number, ((step, when), (left, standing, deed)) in enumerate(POINTS.items()):
        told = f"step {step}, {when}"
        settings = make_settings(own, home=tmp_path / f"{step}{when}")
        before = {one["id"] for one in own.bookings()}
        killed(own, settings, step=step, when=when, point=number)
        own.clear_log()
        async with Session(settings) as session:  # the next start
            kiosk = Kiosk(session, SITES["longer"])
            assert await kiosk.wake() == left, told
            changes = await kiosk_changes.unfinished(kiosk)
            assert [one.standing for one in changes] == [standing] * bool(standing), told
            assert posts(own) == 0, "nothing goes on by itself"
            other = Kiosk(session, replace(SITES["longer"], desk="another"))
            assert await kiosk_changes.unfinished(other) == (), "it is not theirs"
            if not changes:
                assert sorted(hours(own, before))[1:] == [1.0], told
                continue
            if deed == "drop":
                await kiosk_changes.drop(kiosk, changes[0])
                assert posts(own) == 0, told
                assert len(hours(own, before)) == (1 if standing == "none" else 2), told
            else:
                longer = await kiosk_changes.go_on(kiosk, changes[0])
                assert longer is not None and longer.how == "extended", told
                assert posts(own) == (standing == "none"), told
                assert sorted(hours(own, before))[1:] == [2.0], told
            assert await kiosk_changes.unfinished(kiosk) == (), told
            assert (await today(kiosk)).value.changes == (), told
