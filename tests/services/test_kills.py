"""SIGKILL at every step of a booking and of a cancellation, enumerated: none is lost, none doubled.

A step is a writing of the journal. Killed `before` one, nothing of it is on the disk; killed
`after` it, all is. Between two writings there is at most one request, so that these are all the
states in which a death can leave journal and gateway (what lies within a writing is in
`tests/cache/test_journal_processes.py`).
"""

from __future__ import annotations

import signal
import subprocess
from datetime import timedelta
from typing import Any

import pytest

from pm_tui.cache.intent import STALE, Intent
from pm_tui.cache.journal import Journal
from pm_tui.config import Settings
from pm_tui.models.request import BookingRequest
from pm_tui.services.session import Session
from pm_tui.services.settle import ABSENT_TWICE, NEVER_SENT, NOT_CANCELLED
from tests.conftest import MakeSettings
from tests.sandbox_process import Sandbox
from tests.services.conftest import a_request, child_env, run_child

WISH = "the one wish"
# (step, when): what the journal says at once, and what the gateway has; `lost` is the answer
PLAIN = {
    (1, "before"): (None, False),
    (1, "after"): ("planned", False),
    (2, "before"): ("planned", False),
    (2, "after"): ("sending", False),
    (3, "before"): ("sending", True),
    (3, "after"): ("confirmed", True),
}
LOST = PLAIN | {
    (3, "after"): ("unknown", True),
    (4, "before"): ("unknown", True),
    (4, "after"): ("confirmed", True),
}
# claimed and not yet sent: nobody can tell that from sent and lost, so a person has to look
UNCLEAR = (2, "after")
CHILD = "tests.services.booking_child"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch, hasty: None) -> None:
    monkeypatch.setattr("pm_tui.services.book.FIRST_LOOK", 0.0)
    monkeypatch.setattr("pm_tui.services.settle.GRACE", timedelta(seconds=0.2))
    monkeypatch.setattr("pm_tui.services.settle.PLANNED_FOR", timedelta(0))


@pytest.fixture(scope="module")
def own(own_gateway: Sandbox) -> Sandbox:
    return own_gateway


def cut_off(
    settings: Settings, own: Sandbox, step: int, when: str, **what: Any
) -> subprocess.CompletedProcess[str]:
    spec = {"once": WISH, "booking_id": "", "request": {}, "step": step, "when": when}
    return run_child(CHILD, child_env(settings, own), **spec | what)


def intents(settings: Settings, *, expire: bool = False) -> list[Intent]:
    journal = Journal.open(settings.state_dir)
    try:
        assert (journal.problem, journal.notices) == (None, [])
        if expire:
            journal.expire_stale()
        return [one for one in journal.intents(settings.account) if one.once]
    finally:
        journal.close()


def held(own: Sandbox, request: BookingRequest) -> list[dict[str, Any]]:
    return [one for one in own.bookings() if one["external_id"] == request.external_id]


@pytest.mark.parametrize("answer", ["told", "lost"])
async def test_a_booking_killed_at_every_step_is_there_once_and_known(
    own: Sandbox, make_settings: MakeSettings, tmp_path: Any, answer: str
) -> None:
    expected = LOST if answer == "lost" else PLAIN
    for (step, when), (state, there) in expected.items():
        told = f"{answer}, step {step}, {when}"
        settings = make_settings(own, home=tmp_path / f"{step}{when}")
        request = a_request()
        own.clear_faults()
        if answer == "lost":
            own.fault("accept_then_reset", match="POST /bookings")
        body = request.model_dump(mode="json", exclude_none=True)
        killed = cut_off(settings, own, step, when, request=body)
        assert killed.returncode == -signal.SIGKILL, told + killed.stderr
        assert [one.state for one in intents(settings)] == [state] * (state is not None), told
        assert len(held(own, request)) == there, told
        for one in intents(settings, expire=True):
            assert one.state != "sending", told
            assert state != "sending" or one.reason == STALE, told
        own.clear_faults()
        async with Session(settings) as session:  # the next start
            await session.recover()
        for one in intents(settings):
            end = ("confirmed", "") if there else ("refused", NEVER_SENT)
            end = ("unknown", ABSENT_TWICE) if (step, when) == UNCLEAR else end
            assert (one.state, one.reason) == end, told
        async with Session(settings) as session:  # and the same wish again
            ended = await session.book(request, once=WISH)
        made = held(own, request)
        if (step, when) == UNCLEAR:
            assert (ended.kind, made) == ("unknown", []), told
        else:
            assert ended.kind == "booked" and len(made) == 1, told
            assert ended.booking_id == made[0]["id"], told
            assert intents(settings)[-1].booking_id == made[0]["id"], told


@pytest.mark.parametrize("answer", ["told", "lost"])
async def test_a_cancellation_killed_at_every_step_is_made_or_known_not_to_be(
    own: Sandbox, make_settings: MakeSettings, tmp_path: Any, answer: str
) -> None:
    expected = LOST if answer == "lost" else PLAIN
    for (step, when), (state, there) in expected.items():
        told = f"{answer}, step {step}, {when}"
        settings = make_settings(own, home=tmp_path / f"{step}{when}")
        request = a_request()
        own.clear_faults()
        async with Session(settings) as session:
            booking_id = (await session.book(request)).booking_id
        if answer == "lost":
            own.fault("accept_then_reset", match="POST /bookings/*/cancel")
        killed = cut_off(settings, own, step, when, booking_id=booking_id)
        assert killed.returncode == -signal.SIGKILL, told + killed.stderr
        assert [one.state for one in intents(settings)] == [state] * (state is not None), told
        (one,) = held(own, request)
        assert (one["status"] == "CANCELLED") == there, told
        own.clear_faults()
        async with Session(settings) as session:  # the next start
            await session.recover()
        for kept in intents(settings):
            refused = ("refused", NOT_CANCELLED if (step, when) == UNCLEAR else NEVER_SENT)
            assert (kept.state, kept.reason) == (("confirmed", "") if there else refused), told
        async with Session(settings) as session:  # and the same wish again
            answered = await session.cancel(str(booking_id), "no longer needed", once=WISH)
        assert answered.value.status == "CANCELLED", told
        (one,) = held(own, request)
        assert one["status"] == "CANCELLED", told


@pytest.mark.parametrize("what", ["booking", "cancellation"])
@pytest.mark.parametrize("answer", ["told", "lost"])
async def test_there_are_no_more_steps_than_are_tried(
    own: Sandbox, make_settings: MakeSettings, what: str, answer: str
) -> None:
    settings, request = make_settings(own), a_request()
    booking_id: str | None = ""
    if what == "cancellation":
        async with Session(settings) as session:
            booking_id = (await session.book(request)).booking_id
    own.clear_faults()
    if answer == "lost":
        cancelling = "/*/cancel" if what == "cancellation" else ""
        own.fault("accept_then_reset", match=f"POST /bookings{cancelling}")
    body = request.model_dump(mode="json", exclude_none=True)
    last = max(step for step, _when in (LOST if answer == "lost" else PLAIN))
    done = cut_off(settings, own, last + 1, "before", booking_id=booking_id, request=body)
    assert done.returncode == 0, done.stderr
    assert intents(settings)[-1].state == "confirmed"
