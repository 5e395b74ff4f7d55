"""An interrupted change is ended for good: nothing is sent, and what may have been is settled."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from threading import Thread

import pytest

from pm_tui.config import Settings
from pm_tui.services.rebook import (
    CannotRebook,
    Rebooking,
    Step,
    carry_out,
    drop,
    go_on,
    interrupted,
    prepare,
    unfinished,
)
from pm_tui.services.session import Session
from tests.sandbox_process import Sandbox
from tests.services.conftest import a_request

OTHER = "DE*ENB*E100000*3"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch, hasty: None) -> None:
    monkeypatch.setattr("pm_tui.services.book.FIRST_LOOK", 0.0)
    monkeypatch.setattr("pm_tui.services.settle.GRACE", timedelta(seconds=0.2))
    monkeypatch.setattr("pm_tui.services.watch.FIRST_LOOKS", (0.05,) * 40)
    monkeypatch.setattr("pm_tui.services.watch.PATIENCE", 0)


async def a_rebooking(session: Session, *, clash: bool) -> Rebooking:
    """Of a booking of its own: a quarter of an hour later at the same point, or at another one."""
    request = a_request()
    ended = await session.book(request)
    assert ended.answer is not None, ended.reason
    start = request.reservation_start + timedelta(minutes=15)
    end = start + timedelta(minutes=30)
    return await prepare(session, ended.answer.value, start, end, None if clash else OTHER)


def standing(gateway: Sandbox, rebooking: Rebooking) -> list[str]:
    """Which of the two are booked now."""
    wishes = {"old": rebooking.old_request, "new": rebooking.request}
    return [
        name
        for name, wish in wishes.items()
        for one in gateway.bookings()
        if one["external_id"] == wish.external_id and one["status"] != "CANCELLED"
    ]


@pytest.mark.parametrize(("clash", "stands"), [(False, ["old", "new"]), (True, ["new"])])
async def test_what_is_dropped_is_over_and_what_stands_is_left_alone(
    session: Session,
    gateway: Sandbox,
    clash: bool,
    stands: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("pm_tui.services.watch.FIRST_LOOKS", (0.01,))
    rebooking = await a_rebooking(session, clash=clash)
    gateway.fault("never_confirms", match="POST /bookings")
    assert (await carry_out(session, rebooking)).outcome == "waiting"
    left = await unfinished(session, rebooking.old)
    assert left is not None and left.standing == ("new" if clash else "both")
    gateway.clear_log()
    await drop(session, left)
    await drop(session, left)  # in two windows: once is enough
    assert await unfinished(session, rebooking.old) is None
    assert rebooking.old.id not in await interrupted(session)
    with pytest.raises(CannotRebook, match="dropped"):
        await go_on(session, left)  # by a window that still asks about it
    assert gateway.log() == []
    assert standing(gateway, rebooking) == stands


async def test_what_may_have_been_sent_stays_open_until_it_is_settled(
    session: Session, gateway: Sandbox
) -> None:
    rebooking = await a_rebooking(session, clash=False)
    gateway.fault("drop", match="POST /bookings/*/cancel")
    assert (await carry_out(session, rebooking)).outcome == "unknown"
    left = await unfinished(session, rebooking.old)
    assert left is not None and left.standing == "unclear"
    await drop(session, left)
    assert await unfinished(session, rebooking.old) is None
    assert [one.booking_id for one in await session.unsettled()] == [rebooking.old.id]
    await session.recover()
    assert await session.unsettled() == []
    assert standing(gateway, rebooking) == ["old", "new"]
    assert await unfinished(session, rebooking.old) is None


async def test_what_is_being_sent_is_not_dropped(session: Session) -> None:
    rebooking = await a_rebooking(session, clash=True)
    desk = await session.desk()

    def claims() -> None:
        intent = desk.journal.plan(
            "cancel",
            session.settings.account,
            {},
            booking_id=rebooking.old.id,
            part_of=rebooking.part,
        )
        assert desk.journal.claim(intent.id)

    await desk.worker(claims)
    with pytest.raises(CannotRebook, match="being sent"):
        await drop(session, rebooking)


@pytest.mark.parametrize("clash", [False, True])
async def test_dropped_in_another_window_the_steps_that_are_left_are_not_taken(
    session: Session, settings: Settings, gateway: Sandbox, clash: bool
) -> None:
    rebooking = await a_rebooking(session, clash=clash)

    async def other_window() -> None:
        async with Session(settings) as other:
            await drop(other, rebooking)

    def step(step: Step) -> None:
        if step == "wait":
            window = Thread(target=lambda: asyncio.run(other_window()))
            window.start()
            window.join()

    if clash:  # its operator refuses, and nobody wants the old time any more
        gateway.fault("refused", match="POST /bookings")
    ended = await carry_out(session, rebooking, step)
    assert ended.outcome == ("lost" if clash else "both")
    assert "dropped" in ended.reason
    assert standing(gateway, rebooking) == ([] if clash else ["old", "new"])
