"""Power loss at each step of a visitor's way: one booking or none, and the next start says so."""

from __future__ import annotations

import itertools
import signal
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pm_tui.services.kiosk import Kiosk, Visit
from pm_tui.services.kiosk_open import Left
from pm_tui.services.session import Session
from tests.conftest import MakeSettings
from tests.sandbox_process import Sandbox
from tests.services.conftest import child_env, run_child
from tests.services.kiosk_child import SITES

MADE, NONE, UNSURE = Left(made=1), Left(), Left(unclear=1)
# (step, when): what the next start says, and how many bookings there are
BOOKING: dict[tuple[Any, str], tuple[Left | None, int]] = {
    ("choosing", ""): (None, 0),
    (1, "before"): (NONE, 0),  # as before the first writing, any time since it began
    (1, "after"): (NONE, 0),  # and as before the second
    (2, "after"): (UNSURE, 0),  # claimed and not sent: nobody can tell that from sent and lost
    (3, "before"): (MADE, 1),
    (3, "after"): (MADE, 1),
    ("waiting", ""): (MADE, 1),
    ("told", ""): (None, 1),
}
LOST: dict[tuple[Any, str], tuple[Left | None, int]] = {
    (3, "after"): (MADE, 1),
    (4, "before"): (MADE, 1),
    (4, "after"): (MADE, 1),
}
# as many are left as stand: a cancellation that surely was not sent is none
LEAVING: dict[tuple[Any, str], tuple[Left | None, int]] = {
    ("begun", ""): (NONE, 1),
    (2, "after"): (NONE, 1),  # it stands, and may be cancelled again
    (3, "before"): (Left(cancelled=1), 0),
    (3, "after"): (Left(cancelled=1), 0),
}
WAYS = {"told": BOOKING, "lost": LOST, "leaving": LEAVING}
CHILD = "tests.services.kiosk_child"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch, hasty: None) -> None:
    monkeypatch.setattr("pm_tui.services.book.FIRST_LOOK", 0.0)
    monkeypatch.setattr("pm_tui.services.settle.GRACE", timedelta(seconds=0.2))
    monkeypatch.setattr("pm_tui.services.kiosk_open._FIRST_PAUSE", 0.05)
    monkeypatch.setattr("pm_tui.services.kiosk_open._LONGEST_PAUSE", 0.05)


@pytest.fixture(scope="module")
def own(own_gateway: Sandbox) -> Sandbox:
    return own_gateway


def standing(own: Sandbox) -> set[str]:
    return {one["id"] for one in own.bookings() if one["status"] != "CANCELLED"}


@pytest.mark.parametrize("way", WAYS)
async def test_power_loss_at_each_step_leaves_one_booking_or_none_and_is_told(
    own: Sandbox, make_settings: MakeSettings, tmp_path: Path, way: str
) -> None:
    points = itertools.count(step=2)  # one for each who is cut off, one for who comes next
    for (step, when), (left, bookings) in WAYS[way].items():
        told = f"{way}, step {step}, {when}"
        settings = make_settings(own, home=tmp_path / f"{step}{when}")
        before = standing(own)
        if way == "lost":
            own.fault("accept_then_reset", match="POST /bookings")
        spec = {"step": step, "when": when, "way": way, "point": next(points)}
        killed = run_child(CHILD, child_env(settings, own), **spec)
        assert killed.returncode == -signal.SIGKILL, told + killed.stderr
        own.clear_faults()
        own.clear_log()
        async with Session(settings) as session:  # the next start
            kiosk = Kiosk(session, SITES[way])
            assert await kiosk.wake() == left, told
            assert len(standing(own) - before) == bookings, told
            if left is None:
                assert own.log() == [], told
            assert await kiosk.wake() is None or left == UNSURE, told
            # whoever comes next books, and there is one more
            end = session.server_now() + timedelta(hours=1)
            taken = {one["evse_uid"] for one in own.bookings()}
            shown = [one for one in (await kiosk.points(end)).value if one.is_free]
            free = next(one for one in shown if one.evse_uid not in taken)
            ended = await kiosk.book(Visit(), free, end)
            assert ended.kind == "booked", told + ended.reason
        assert len(standing(own) - before) == bookings + 1, told
