"""A booking is sent once, whatever happens on the way, and the journal tells how it ended."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pm_tui.api.errors import BadRequest, Conflict, NotFound, OutcomeUnknown, Unreachable
from pm_tui.cache.intent import STALE, Intent
from pm_tui.cache.journal import Journal, JournalUnavailable
from pm_tui.config import Settings
from pm_tui.models.request import BookingRequest
from pm_tui.services.book import own_reference
from pm_tui.services.references import parse
from pm_tui.services.session import Session
from tests.conftest import NOBODY, MakeSettings
from tests.sandbox_process import Sandbox, start_sandbox
from tests.services.conftest import a_request

LOST = ("accept_then_hang", "accept_then_reset", "accept_then_close", "lost_body", "empty")


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch, hasty: None) -> None:
    monkeypatch.setattr("pm_tui.api.agent._BOOKING_TOTAL", 0.5)
    monkeypatch.setattr("pm_tui.services.book.FIRST_LOOK", 0.0)


def posts(sandbox: Sandbox, path: str = "/bookings") -> list[dict[str, Any]]:
    return [one for one in sandbox.log() if one["method"] == "POST" and one["path"].endswith(path)]


def journal_of(settings: Settings) -> list[Intent]:
    journal = Journal.open(settings.state_dir)
    try:
        return journal.intents(settings.account)
    finally:
        journal.close()


async def test_booked_sent_once_and_written_down(
    session: Session, gateway: Sandbox, settings: Settings
) -> None:
    request = a_request()
    ended = await session.book(request)
    assert ended.kind == "booked"
    assert ended.answer is not None
    assert ended.answer.value.status == "REQUESTED"
    assert len(posts(gateway)) == 1
    (intent,) = journal_of(settings)
    assert (intent.state, intent.booking_id) == ("confirmed", ended.answer.value.id)
    assert intent.request == request.body()
    kept = await session.booking(ended.answer.value.id, offline=True)
    assert kept.value.external_id == request.external_id
    assert request.external_id in await session.references()


async def test_a_wish_without_a_reference_gets_one_that_it_can_be_found_by(
    session: Session, gateway: Sandbox
) -> None:
    gateway.fault("accept_then_reset", match="POST /bookings")
    ended = await session.book(a_request(external_id=None))
    assert ended.kind == "booked"
    assert parse(ended.external_id) is not None
    assert ended.answer is not None
    assert ended.answer.value.external_id == ended.external_id


async def test_taken_is_refused_and_nothing_is_left_open(
    session: Session, gateway: Sandbox, settings: Settings
) -> None:
    first = a_request()
    await session.book(first)
    ended = await session.book(first.model_copy(update={"external_id": "second-one"}))
    assert ended.kind == "refused"
    assert isinstance(ended.problem, Conflict)
    assert "not free" in ended.reason
    assert len(posts(gateway)) == 2
    assert [intent.state for intent in journal_of(settings)] == ["confirmed", "refused"]
    assert session.connection.unsettled == 0


@pytest.mark.parametrize("fault", LOST)
async def test_a_lost_answer_is_looked_up_and_never_sent_again(
    session: Session, gateway: Sandbox, settings: Settings, fault: str
) -> None:
    more = {"seconds": 5} if fault == "accept_then_hang" else {}
    gateway.fault(fault, match="POST /bookings", **more)
    request = a_request()
    ended = await session.book(request)
    assert ended.kind == "booked"
    assert ended.answer is not None
    (truth,) = [one for one in gateway.bookings() if one["external_id"] == request.external_id]
    assert ended.answer.value.id == truth["id"]
    assert len(posts(gateway)) == 1
    (intent,) = journal_of(settings)
    assert (intent.state, intent.booking_id) == ("confirmed", truth["id"])
    assert session.connection.unsettled == 0


async def test_what_nobody_can_say_stays_unknown_until_a_reading_of_the_list_settles_it(
    session: Session, gateway: Sandbox, settings: Settings
) -> None:
    gateway.fault("accept_then_reset", match="POST /bookings")
    gateway.fault("error", match="GET /bookings", times=3)
    request = a_request()
    ended = await session.book(request)
    assert (ended.kind, ended.answer) == ("unknown", None)
    assert ended.reason
    assert session.connection.unsettled == 1
    assert [intent.state for intent in journal_of(settings)] == ["unknown"]
    listed = await session.bookings()
    await session.settle(listed.value.bookings)
    assert session.connection.unsettled == 0
    assert [intent.state for intent in journal_of(settings)] == ["confirmed"]
    assert len(posts(gateway)) == 1


async def test_accepted_later_than_we_looked_is_found_by_the_next_reading(
    session: Session, gateway: Sandbox
) -> None:
    gateway.fault("late", match="POST /bookings", seconds=0.3)
    ended = await session.book(a_request())
    assert ended.kind == "unknown"
    for _ in range(100):
        await asyncio.sleep(0.05)
        await session.settle((await session.bookings()).value.bookings)
        if session.connection.unsettled == 0:
            break
    assert session.connection.unsettled == 0
    assert len(posts(gateway)) == 1


async def test_a_server_error_after_a_booking_may_hide_it_so_it_is_looked_up(
    session: Session, gateway: Sandbox
) -> None:
    gateway.fault("error", match="POST /bookings", status=503, process=True)
    ended = await session.book(a_request())
    assert ended.kind == "booked"
    assert len(posts(gateway)) == 1


async def test_refused_connections_book_nothing_and_leave_nothing_open(
    make_settings: MakeSettings, gateway: Sandbox
) -> None:
    settings = replace(make_settings(gateway), base_url=NOBODY)
    async with Session(settings) as session:
        ended = await session.book(a_request())
        assert ended.kind == "refused"
        assert isinstance(ended.problem, Unreachable)
        assert ended.problem.unsent
    assert [intent.state for intent in journal_of(settings)] == ["refused"]


async def test_offline_by_choice_sends_nothing(
    make_settings: MakeSettings, gateway: Sandbox
) -> None:
    async with Session(make_settings(gateway, offline=True)) as session:
        with pytest.raises(Unreachable):
            await session.book(a_request())
    assert gateway.log() == []


async def test_without_a_journal_nothing_is_sent(
    make_settings: MakeSettings, gateway: Sandbox, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    settings = replace(make_settings(gateway), state_dir=tmp_path / "file" / "state")
    async with Session(settings) as session:
        with pytest.raises(JournalUnavailable):
            await session.book(a_request())
    assert posts(gateway) == []


async def test_left_in_the_middle_it_is_unknown_and_settled_by_the_next_session(
    gateway: Sandbox, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pm_tui.api.agent._BOOKING_TOTAL", 60)  # it is we who give up
    gateway.fault("accept_then_hang", match="POST /bookings", seconds=5)
    request = a_request()
    async with Session(settings) as session:
        sending = asyncio.ensure_future(session.book(request))
        while not posts(gateway):
            await asyncio.sleep(0.02)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
    assert [intent.state for intent in journal_of(settings)] == ["unknown"]
    async with Session(settings) as session:
        await session.settle((await session.bookings()).value.bookings)
        assert session.connection.unsettled == 0
    assert [intent.state for intent in journal_of(settings)] == ["confirmed"]
    assert len(posts(gateway)) == 1


# -- settled before anything new is sent ------------------------------------------


def interrupted(settings: Settings, request: BookingRequest) -> Intent:
    """What a run leaves that was killed while it was sending."""
    journal = Journal.open(settings.state_dir)
    intent = journal.plan("book", settings.account, request.body(), external_id=request.external_id)
    assert journal.claim(intent.id)
    assert journal.unknown(intent.id, STALE)
    journal.close()
    return intent


async def test_what_an_earlier_run_left_open_is_looked_for_before_anything_is_sent(
    session: Session, gateway: Sandbox, settings: Settings
) -> None:
    interrupted(settings, a_request())
    ended = await session.book(a_request())
    assert ended.kind == "booked", f"another point or time does not have to wait: {ended.reason}"
    assert [one["method"] for one in gateway.log()] == ["GET", "POST"]
    await session.book(a_request())
    assert [one["method"] for one in gateway.log()] == ["GET", "POST", "POST"]
    assert session.connection.unsettled == 1


async def test_where_that_look_fails_nothing_new_is_sent(
    session: Session, gateway: Sandbox, settings: Settings
) -> None:
    interrupted(settings, a_request())
    gateway.fault("error", match="GET /bookings", times=3)
    ended = await session.book(a_request())
    assert ended.kind == "refused"
    assert "earlier booking" in ended.reason
    assert posts(gateway) == []


async def test_the_same_point_and_time_is_not_booked_again_while_it_is_unknown(
    session: Session, gateway: Sandbox, settings: Settings
) -> None:
    request = a_request()
    intent = interrupted(settings, request)
    again = request.model_copy(update={"external_id": "once-more"})
    ended = await session.book(again)
    assert ended.kind == "unknown"
    assert str(request.external_id) in ended.reason
    assert posts(gateway) == []
    assert await session.give_up(intent.id), "a person looked, and decides"
    assert (await session.book(again)).kind == "booked"
    assert len(posts(gateway)) == 1


async def test_a_conflict_after_a_lost_booking_is_our_own_success(
    session: Session, gateway: Sandbox, settings: Settings
) -> None:
    gateway.fault("late", match="POST /bookings", seconds=0.3)
    request = a_request()
    lost = await session.book(request)
    assert lost.kind == "unknown" and lost.intent_id is not None
    await session.give_up(lost.intent_id)  # too early: the gateway was only slow
    while not any(one["external_id"] == request.external_id for one in gateway.bookings()):
        await asyncio.sleep(0.05)
    ended = await session.book(request.model_copy(update={"external_id": "once-more"}))
    assert ended.kind == "booked"
    assert ended.external_id == request.external_id
    assert ended.answer is not None
    assert [one.state for one in journal_of(settings)] == ["confirmed", "refused"]
    assert len(gateway_bookings(gateway, request)) == 1


async def test_a_conflict_with_somebody_elses_booking_is_refused_whatever_was_given_up(
    session: Session, gateway: Sandbox, settings: Settings, make_settings: MakeSettings
) -> None:
    request = a_request()
    await session.give_up(interrupted(settings, request).id)
    async with Session(make_settings(gateway, home=settings.state_dir / "elsewhere")) as somebody:
        taken = request.model_copy(update={"external_id": "somebody"})
        assert (await somebody.book(taken)).kind == "booked"
    ended = await session.book(request.model_copy(update={"external_id": "ours"}))
    assert (ended.kind, type(ended.problem)) == ("refused", Conflict)


def gateway_bookings(gateway: Sandbox, request: BookingRequest) -> list[dict[str, Any]]:
    start = request.body()["reservation_start"]
    return [one for one in gateway.bookings() if one["reservation_start"] == start]


async def test_two_windows_that_book_the_same_at_once_make_one_booking(
    gateway: Sandbox, settings: Settings
) -> None:
    gateway.fault("slow", match="POST /bookings", seconds=0.2)
    request = a_request()
    async with Session(settings) as one, Session(settings) as other:
        first = asyncio.ensure_future(one.book(request))
        while [intent.state for intent in journal_of(settings)] != ["sending"]:
            await asyncio.sleep(0.01)
        second = await other.book(request)
        assert second.kind == "unknown"
        assert (await first).kind == "booked"
    assert [one["method"] for one in gateway.log()] == ["POST"], "nor is it looked for meanwhile"


# -- wishes with a name ---------------------------------------------------------


async def test_a_named_wish_is_booked_once_however_often_it_is_repeated(
    session: Session, gateway: Sandbox
) -> None:
    request = a_request()
    first = await session.book(request, once="row 1")
    again = await session.book(request.model_copy(update={"external_id": None}), once="row 1")
    assert first.answer is not None
    assert (again.kind, again.booking_id) == ("booked", first.answer.value.id)
    assert again.external_id == request.external_id
    assert len(posts(gateway)) == 1


async def test_a_named_wish_that_was_refused_may_be_tried_again(
    session: Session, gateway: Sandbox, settings: Settings
) -> None:
    gateway.fault("error", match="POST /bookings", status=400, text="No")
    request = a_request()
    assert (await session.book(request, once="row 1")).kind == "refused"
    assert (await session.book(request, once="row 1")).kind == "booked"
    assert (await session.book(request, once="row 1")).kind == "booked"
    assert len(posts(gateway)) == 2
    assert [one.state for one in journal_of(settings)] == ["refused", "confirmed"]


async def test_a_named_wish_that_is_unknown_is_not_sent_again(
    session: Session, gateway: Sandbox
) -> None:
    gateway.fault("drop", match="POST /bookings")
    request = a_request()
    first = await session.book(request, once="row 1")
    for _time in range(2):
        again = await session.book(request, once="row 1")
        assert (again.kind, again.intent_id) == ("unknown", first.intent_id)
        assert "not in the list" in again.reason
    assert len(posts(gateway)) == 1


async def test_a_reference_that_another_desk_has_used_is_not_made_again(
    session: Session, gateway: Sandbox, make_settings: MakeSettings, tmp_path: Path
) -> None:
    request = a_request(external_id=None, token_strategy="driver_token", customer_id="emp9")
    theirs = own_reference(request, ())
    async with Session(make_settings(gateway, home=tmp_path / "other")) as other:
        await other.book(a_request(external_id=theirs))
    await session.bookings()
    ended = await session.book(request)
    assert ended.external_id == theirs + "-2"


@pytest.mark.parametrize(
    ("payer", "expected"),
    [
        ({"token_strategy": "driver_token", "customer_id": "Émp 042"}, "pm-emp_042-20261124"),
        ({"token_strategy": "driver_token", "customer_id": "---"}, "pm-desk-20261124"),
        ({"token_strategy": "pipelet", "token_uid": "04AABBCC"}, "pm-04aabbcc-20261124"),
        ({}, "pm-desk-20261124"),
    ],
)
def test_a_reference_of_our_own_keeps_the_convention_and_is_new(
    payer: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("getpass.getuser", lambda: "")
    start = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)  # the next day at the charger
    window = {"reservation_start": start, "reservation_end": start + timedelta(hours=1)}
    request = a_request(external_id=None, **window, **payer)
    assert own_reference(request, ()) == expected
    assert own_reference(request, {expected, expected + "-2"}) == expected + "-3"


# -- cancelling --------------------------------------------------------------


async def booked(session: Session) -> str:
    ended = await session.book(a_request())
    assert ended.answer is not None
    return ended.answer.value.id


async def test_cancelled_with_its_reason(
    session: Session, gateway: Sandbox, settings: Settings
) -> None:
    booking_id = await booked(session)
    done = await session.cancel(booking_id, "plans changed")
    assert done.value.status == "CANCELLED"
    (intent,) = [one for one in journal_of(settings) if one.kind == "cancel"]
    assert (intent.state, intent.booking_id) == ("confirmed", booking_id)
    assert intent.request == {"reason": "plans changed"}
    assert (await session.booking(booking_id, offline=True)).value.status == "CANCELLED"


@pytest.mark.parametrize("fault", LOST)
async def test_a_lost_cancellation_is_settled_by_reading(
    session: Session, gateway: Sandbox, fault: str
) -> None:
    booking_id = await booked(session)
    more = {"seconds": 5} if fault == "accept_then_hang" else {}
    gateway.fault(fault, match="POST /bookings/*/cancel", **more)
    done = await session.cancel(booking_id, "plans changed")
    assert done.value.status == "CANCELLED"
    assert len(posts(gateway, "/cancel")) == 1
    assert session.connection.unsettled == 0


async def test_a_cancellation_left_in_the_middle_is_unknown_and_no_other_window_sends_it(
    session: Session, gateway: Sandbox, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pm_tui.api.agent._BOOKING_TOTAL", 60)
    booking_id = await booked(session)
    gateway.fault("accept_then_hang", match="POST /bookings/*/cancel", seconds=60)
    sending = asyncio.ensure_future(session.cancel(booking_id, "no time", once="leave"))
    while not posts(gateway, "/cancel"):
        await asyncio.sleep(0.02)
    with pytest.raises(OutcomeUnknown, match="another window"):
        await session.cancel(booking_id, "no time", once="leave")
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    (intent,) = [one for one in journal_of(settings) if one.kind == "cancel"]
    assert intent.state == "unknown"
    assert len(posts(gateway, "/cancel")) == 1


async def test_a_cancellation_that_did_not_arrive_stays_unknown(
    session: Session, gateway: Sandbox, settings: Settings
) -> None:
    booking_id = await booked(session)
    gateway.fault("drop", match="POST /bookings/*/cancel")
    with pytest.raises(OutcomeUnknown):
        await session.cancel(booking_id, "plans changed")
    assert session.connection.unsettled == 1
    (intent,) = [one for one in journal_of(settings) if one.kind == "cancel"]
    assert intent.state == "unknown"
    assert (await session.booking(booking_id)).value.status != "CANCELLED"


async def test_what_cannot_be_cancelled_is_refused_with_the_gateways_reason(
    session: Session, settings: Settings
) -> None:
    booking_id = await booked(session)
    await session.cancel(booking_id, "plans changed")
    with pytest.raises(BadRequest):
        await session.cancel(booking_id, "again")
    with pytest.raises(NotFound):
        await session.cancel("no-such-booking", "whatever")
    states = [one.state for one in journal_of(settings) if one.kind == "cancel"]
    assert states == ["confirmed", "refused", "refused"]


# -- the account's clock -------------------------------------------------------


@pytest.fixture
def moving() -> Iterator[Sandbox]:
    """A sandbox of its own, whose clock a test may move."""
    with start_sandbox() as sandbox:
        yield sandbox


async def test_too_late_for_the_gateways_clock_is_refused_by_the_gateway(
    moving: Sandbox, make_settings: MakeSettings
) -> None:
    moving.advance(7200)
    async with Session(make_settings(moving)) as session:
        start = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
        late = a_request(reservation_start=start, reservation_end=start + timedelta(minutes=30))
        ended = await session.book(late)
    assert ended.kind == "refused"
    assert isinstance(ended.problem, BadRequest)
