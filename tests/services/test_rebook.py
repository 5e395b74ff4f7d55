"""A booking is changed without ever losing both, and interrupted anywhere it goes on."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pm_tui.api.errors import ApiError
from pm_tui.config import Settings
from pm_tui.models.booking import Booking
from pm_tui.models.request import BookingRequest
from pm_tui.models.result import Result
from pm_tui.services.rebook import (
    CannotRebook,
    Rebooking,
    carry_out,
    go_on,
    interrupted,
    prepare,
    unfinished,
)
from pm_tui.services.references import next_reference
from pm_tui.services.session import Session
from tests.sandbox_process import Sandbox, start_sandbox
from tests.services.conftest import a_request, child_env, run_child

OTHER = "DE*ENB*E100000*3"
HOUR = timedelta(hours=1)
CHILD = "tests.services.rebook_child"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch, hasty: None) -> None:
    monkeypatch.setattr("pm_tui.api.agent._BOOKING_TOTAL", 0.5)
    monkeypatch.setattr("pm_tui.services.book.FIRST_LOOK", 0.0)
    monkeypatch.setattr("pm_tui.services.settle.GRACE", timedelta(seconds=0.3))
    monkeypatch.setattr("pm_tui.services.watch.FIRST_LOOKS", (0.05,) * 40)
    monkeypatch.setattr("pm_tui.services.watch.PATIENCE", 0)


async def booked(session: Session, request: BookingRequest) -> Booking:
    ended = await session.book(request)
    assert ended.answer is not None, ended.reason
    return ended.answer.value


async def a_rebooking(session: Session, *, clash: bool) -> Rebooking:
    """Of a booking of its own: half an hour later at the same point, or at another one."""
    request = a_request(token_strategy="driver_token", customer_id="cust_emp042")
    old = await booked(session, request)
    start = request.reservation_start + timedelta(minutes=15)
    return await prepare(session, old, start, start + HOUR / 2, None if clash else OTHER)


def status(gateway: Sandbox, booking_id: str | None) -> str:
    return str(next(one["status"] for one in gateway.bookings() if one["id"] == booking_id))


async def test_prepared_with_everything_that_stays(session: Session) -> None:
    rebooking = await a_rebooking(session, clash=False)
    old, new = rebooking.old_request, rebooking.request
    assert (new.evse_uid, new.customer_id, new.token_strategy) == (
        OTHER,
        "cust_emp042",
        "driver_token",
    )
    assert new.location_id == old.location_id
    assert new.external_id != old.external_id
    assert str(new.external_id).startswith(str(old.external_id).rpartition("-")[0])


async def test_what_cannot_be_changed_is_not_tried(session: Session) -> None:
    start = a_request().reservation_start
    for raw in ({"id": "1", "status": "COMPLETED"}, {"id": "1", "status": "CONFIRMED"}):
        with pytest.raises(CannotRebook):
            await prepare(session, Booking.read(raw), start, start + HOUR, None)


async def test_the_new_one_first_and_confirmed_then_the_old_one(
    session: Session, gateway: Sandbox
) -> None:
    rebooking = await a_rebooking(session, clash=False)
    gateway.clear_log()
    ended = await carry_out(session, rebooking)
    assert ended.outcome == "rebooked"
    assert status(gateway, ended.booking_id) == "CONFIRMED"
    assert status(gateway, rebooking.old.id) == "CANCELLED"
    changes = [one["path"] for one in gateway.log() if one["method"] == "POST"]
    assert [path.endswith("/cancel") for path in changes] == [False, True]
    assert await unfinished(session, rebooking.old) is None


@pytest.mark.parametrize("fault", ["error", "refused"])
async def test_refused_by_gateway_or_operator_the_old_one_stands(
    session: Session, gateway: Sandbox, fault: str
) -> None:
    rebooking = await a_rebooking(session, clash=False)
    more = {"status": 409} if fault == "error" else {}
    gateway.fault(fault, match="POST /bookings", **more)
    ended = await carry_out(session, rebooking)
    assert ended.outcome == "kept"
    assert ended.reason
    assert status(gateway, rebooking.old.id) != "CANCELLED"
    assert await unfinished(session, rebooking.old) is None, "there is nothing to go on with"


async def test_an_operator_that_takes_its_time_is_waited_for_by_going_on_later(
    session: Session, gateway: Sandbox
) -> None:
    rebooking = await a_rebooking(session, clash=False)
    gateway.fault("never_confirms", match="POST /bookings")
    ended = await carry_out(session, rebooking)
    assert ended.outcome == "waiting"
    assert status(gateway, rebooking.old.id) != "CANCELLED"
    resumed = await unfinished(session, rebooking.old)
    assert resumed is not None
    assert (resumed.part, resumed.request) == (rebooking.part, rebooking.request)


async def test_an_old_one_that_cannot_be_cancelled_leaves_both_and_says_so(
    session: Session, gateway: Sandbox
) -> None:
    rebooking = await a_rebooking(session, clash=False)
    gateway.fault("error", match="POST /bookings/*/cancel", status=400, text="Too late")
    ended = await carry_out(session, rebooking)
    assert ended.outcome == "both"
    assert "Too late" in ended.reason
    assert await unfinished(session, rebooking.old) is None


async def test_a_lost_cancellation_is_gone_on_with(session: Session, gateway: Sandbox) -> None:
    rebooking = await a_rebooking(session, clash=False)
    gateway.fault("drop", match="POST /bookings/*/cancel")
    assert (await carry_out(session, rebooking)).outcome == "unknown"
    await session.recover()
    resumed = await unfinished(session, rebooking.old)
    assert resumed is not None
    ended = await carry_out(session, resumed)
    assert ended.outcome == "rebooked"
    assert status(gateway, rebooking.old.id) == "CANCELLED"


# -- the same point at overlapping times ---------------------------------------


async def test_a_clash_is_known_and_done_the_other_way_round(
    session: Session, gateway: Sandbox
) -> None:
    rebooking = await a_rebooking(session, clash=True)
    assert rebooking.clash
    gateway.clear_log()
    ended = await carry_out(session, rebooking)
    assert ended.outcome == "rebooked"
    assert status(gateway, rebooking.old.id) == "CANCELLED"
    changes = [one["path"] for one in gateway.log() if one["method"] == "POST"]
    assert [path.endswith("/cancel") for path in changes] == [True, False]


@pytest.mark.parametrize("fault", ["error", "refused"])
async def test_refused_then_the_old_time_is_booked_again(
    session: Session, gateway: Sandbox, fault: str
) -> None:
    rebooking = await a_rebooking(session, clash=True)
    more = {"status": 409} if fault == "error" else {}
    gateway.fault(fault, match="POST /bookings", **more)
    ended = await carry_out(session, rebooking)
    assert ended.outcome == "restored"
    (again,) = [one for one in gateway.bookings() if one["id"] == ended.booking_id]
    assert again["reservation_start"] == rebooking.old_request.body()["reservation_start"]
    assert again["status"] != "CANCELLED"
    assert await unfinished(session, rebooking.old) is None


async def test_neither_to_be_had_is_told_as_loudly_as_it_is(
    session: Session, gateway: Sandbox
) -> None:
    rebooking = await a_rebooking(session, clash=True)
    gateway.fault("error", match="POST /bookings", status=409, times=2)
    ended = await carry_out(session, rebooking)
    assert ended.outcome == "lost"
    assert "Nothing is booked now" in ended.reason


async def test_an_old_one_that_cannot_be_cancelled_stops_it_at_once(
    session: Session, gateway: Sandbox
) -> None:
    rebooking = await a_rebooking(session, clash=True)
    gateway.fault("error", match="POST /bookings/*/cancel", status=400, text="Too late")
    gateway.clear_log()
    assert (await carry_out(session, rebooking)).outcome == "kept"
    assert [one["method"] for one in gateway.log()].count("POST") == 1
    assert await unfinished(session, rebooking.old) is None


async def test_an_operator_that_takes_its_time_in_a_clash_is_watched_to_the_end(
    session: Session, gateway: Sandbox
) -> None:
    rebooking = await a_rebooking(session, clash=True)
    gateway.fault("never_confirms", match="POST /bookings")
    waiting = await carry_out(session, rebooking)
    assert waiting.outcome == "waiting"
    left = await unfinished(session, rebooking.old)
    assert left is not None
    assert left.begun and not left.unclear
    assert sorted(left.done) == ["book", "cancel"]
    assert await interrupted(session) == [rebooking.old.id]
    # its end is what a refusal of the operator looks like
    assert waiting.booking_id is not None
    await session.cancel(waiting.booking_id, "as if refused")
    assert (await go_on(session, left)).outcome == "restored"
    assert await interrupted(session) == []


async def test_a_clash_is_over_when_the_list_shows_that_the_operator_agreed(
    session: Session, gateway: Sandbox
) -> None:
    rebooking = await a_rebooking(session, clash=True)
    gateway.fault("never_confirms", match="POST /bookings")
    waiting = await carry_out(session, rebooking)
    assert waiting.booking_id is not None
    new = (await session.booking(waiting.booking_id)).value
    assert await interrupted(session, [new]) == [rebooking.old.id], "it waits"
    assert await interrupted(session, [replace(new, status="CONFIRMED")]) == []
    assert await unfinished(session, rebooking.old) is None


async def test_a_line_that_fails_when_the_old_one_is_gone_is_not_told_as_the_old_one_stands(
    session: Session, gateway: Sandbox
) -> None:
    rebooking = await a_rebooking(session, clash=True)
    gateway.fault("error", match="POST /bookings", status=500)
    gateway.fault("error", match="GET /bookings", times=None)
    assert (await carry_out(session, rebooking)).outcome == "unknown"
    assert status(gateway, rebooking.old.id) == "CANCELLED"
    left = await unfinished(session, rebooking.old)
    assert left is not None
    gateway.clear_faults()
    gateway.fault("error", match="*", times=None)
    try:
        outcome = (await carry_out(session, left)).outcome
    except ApiError:
        outcome = "unknown"
    assert outcome == "unknown"


async def test_each_step_is_told_as_it_begins_and_what_was_seen(
    session: Session, gateway: Sandbox
) -> None:
    steps: list[str] = []
    seen: list[Result[Booking]] = []
    rebooking = await a_rebooking(session, clash=False)
    ended = await carry_out(session, rebooking, steps.append, seen.append)
    assert tuple(steps) == rebooking.steps
    assert {one.value.id for one in seen} == {rebooking.old.id, ended.booking_id}
    steps.clear()
    rebooking = await a_rebooking(session, clash=True)
    gateway.fault("refused", match="POST /bookings")
    assert (await carry_out(session, rebooking, steps.append)).outcome == "restored"
    assert tuple(steps) == (*rebooking.steps, "restore")


@pytest.mark.parametrize(
    ("fault", "why"), [("never_confirms", "already"), ("", "is cancelled: it cannot")]
)
async def test_what_another_window_has_changed_meanwhile_is_not_changed_again(
    session: Session, gateway: Sandbox, fault: str, why: str
) -> None:
    mine = await a_rebooking(session, clash=False)
    start = mine.request.reservation_start + 2 * HOUR
    theirs = await prepare(session, mine.old, start, start + HOUR / 2, OTHER)
    if fault:
        gateway.fault(fault, match="POST /bookings")
    await carry_out(session, theirs)
    gateway.clear_log()
    with pytest.raises(CannotRebook, match=why):
        await carry_out(session, mine)
    assert [one for one in gateway.log() if one["method"] == "POST"] == []


# -- killed at every step -------------------------------------------------------


@pytest.fixture(scope="module")
def own() -> Iterator[Sandbox]:
    with start_sandbox(confirm_seconds="0.1-0.1") as sandbox:
        yield sandbox


def spec(rebooking: Rebooking) -> dict[str, Any]:
    request = rebooking.request
    return {
        "old": rebooking.old.id,
        "start": request.reservation_start.isoformat(),
        "end": request.reservation_end.isoformat(),
        "evse": request.evse_uid,
        "clash": rebooking.clash,
    }


@dataclass(frozen=True)
class Flow:
    """A way that a rebooking can go, with `refusing` as the gateway's part in it.

    `steps` counts the writings of the journal. It is killed from the `first` on: those before are
    as in the flow that nobody refuses. Killed at one of `doubtful` a person has to look:
    a booking that was claimed and not sent, or refused without our hearing of it, is not listed,
    and nobody can tell that from one that is on its way.
    """

    clash: bool
    steps: int
    doubtful: tuple[tuple[int, str], ...]
    ends: str
    refusing: dict[str, Any] | None = None
    first: int = 1


OPERATOR = {"fault": "refused"}
GATEWAY = {"fault": "error", "status": 409}
FLOWS = {
    # plan, claim and end of two intents
    "safe": Flow(False, 6, ((2, "after"),), "rebooked"),
    # the new one; plan and end of what closes it: the old one's cancellation is not needed
    "safe, operator refuses": Flow(False, 5, ((2, "after"),), "kept", OPERATOR, 2),
    "safe, gateway refuses": Flow(False, 3, ((2, "after"), (3, "before")), "kept", GATEWAY, 2),
    # the new one is planned before all and once more; plan and end of what closes it: the old time
    # need not be booked again
    "clash": Flow(True, 9, ((6, "after"),), "rebooked"),
    # ... but for that, the old time is booked again
    "clash, operator refuses": Flow(
        True, 10, ((6, "after"), (9, "after")), "restored", OPERATOR, 5
    ),
    "clash, gateway refuses": Flow(
        True, 10, ((6, "after"), (7, "before"), (9, "after")), "restored", GATEWAY, 5
    ),
}


@pytest.mark.timeout(300)  # two dozen processes, one after the other
@pytest.mark.parametrize("flow", FLOWS.values(), ids=FLOWS)
async def test_killed_at_every_step_it_goes_on_where_it_stopped(
    own: Sandbox, make_settings: Any, tmp_path: Path, flow: Flow
) -> None:
    for step in range(flow.first, flow.steps + 2):
        for when in ("before", "after"):
            settings = make_settings(own, home=tmp_path / f"{step}{when}")
            async with Session(settings) as session:
                rebooking = await a_rebooking(session, clash=flow.clash)
            own.clear_faults()
            if flow.refusing:
                own.fault(match="POST /bookings", **flow.refusing)
            at = {"step": step, "when": when}
            killed = run_child(CHILD, child_env(settings, own), **spec(rebooking), **at)
            told = f"step {step} {when}: {killed.stderr}"
            if step > flow.steps:
                assert killed.returncode == 0, f"there are more steps than are tried; {told}"
                assert killed.stdout.strip() == flow.ends, told
                continue
            assert killed.returncode == -signal.SIGKILL, told
            if not flow.clash:
                assert standing(own, rebooking), told
            outcome = await went_on(settings, rebooking)
            if (step, when) in flow.doubtful:
                assert outcome == "unknown", told
                outcome = await went_on(settings, rebooking, give_up=True)
            while outcome == "waiting":  # the operator is slower than one goes on
                outcome = await went_on(settings, rebooking)
            if outcome == "over":
                assert (step, when) == (flow.steps, "after"), told
                outcome = flow.ends
            # what was refused once may be had when it is tried again
            assert outcome in {flow.ends, "rebooked"}, told
            (one,) = standing(own, rebooking)  # never two, never none
            wish = rebooking.request if outcome == "rebooked" else rebooking.old_request
            assert one["reservation_start"] == wish.body()["reservation_start"], told
            async with Session(settings) as session:
                assert await interrupted(session) == [], told


async def went_on(settings: Settings, rebooking: Rebooking, *, give_up: bool = False) -> str:
    """As a person does who comes back to it: goes on, or wishes anew where nothing was done."""
    wish = rebooking.request
    async with Session(settings) as session:
        if give_up:
            for intent in await session.unsettled():
                await session.give_up(intent.id)
        old = (await session.booking(rebooking.old.id)).value
        left = await unfinished(session, old)
        if left is None and old.status == "CANCELLED":
            return "over"
        if left is None:
            start, end = wish.reservation_start, wish.reservation_end
            left = await prepare(session, old, start, end, wish.evse_uid)
        return (await go_on(session, left)).outcome


def standing(own: Sandbox, rebooking: Rebooking) -> list[dict[str, Any]]:
    """What is booked of the old and the new wish now."""
    wanted = {
        (one.evse_uid, one.body()["reservation_start"])
        for one in (rebooking.old_request, rebooking.request)
    }
    return [
        one
        for one in own.bookings()
        if (one["evse_uid"], one["reservation_start"]) in wanted and one["status"] != "CANCELLED"
    ]


@pytest.mark.parametrize(
    ("old", "expected"),
    [
        ("eng-emp042-20261120", "eng-emp042-20261124"),
        ("eng-emp042-20261124", "eng-emp042-20261124-2"),
        ("my-ref-001", "my-ref-001-2"),
        (None, None),
        ("x" * 70, "x" * 59 + "-2"),
    ],
)
def test_a_new_reference_is_another_one_of_the_same_kind(
    old: str | None, expected: str | None
) -> None:
    start = a_request().reservation_start.replace(year=2026, month=11, day=24, hour=9)
    assert next_reference(old, start, {old or ""}) == expected
