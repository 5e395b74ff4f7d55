"""A table that is being sent: watched, stopped, killed and written down all the while."""

from __future__ import annotations

import asyncio
import csv
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pm_tui.api.errors import ApiError, OutcomeUnknown, Unreachable
from pm_tui.cache.journal import JournalUnavailable
from pm_tui.config import Settings
from pm_tui.services import batch as batches
from pm_tui.services import batch_file, batch_send
from pm_tui.services.batch import Batch
from pm_tui.services.batch_send import MANY_LOST, PACE, Run
from pm_tui.services.book import Ended
from pm_tui.services.session import Session
from tests.conftest import MakeSettings
from tests.sandbox_process import Sandbox
from tests.services.conftest import a_request
from tests.services.test_batch import Waits, a_table, checked, posts
from tests.services.test_batch import _impatient as _impatient
from tests.services.test_batch import run as run_whole


def told(path: Path) -> list[str]:
    with path.open(newline="") as file:
        return [row["outcome"] for row in csv.DictReader(file)]


def states(batch: Batch) -> list[str]:
    return [row.state for row in batch.rows]


async def test_stopped_between_two_rows_and_repeated_only_the_rest_is_sent(
    session: Session, gateway: Sandbox, tmp_path: Path
) -> None:
    path, run = a_table(tmp_path / "a.csv", 4), Run()
    batch, out = checked(path), tmp_path / "a.out.csv"
    async for row in batch_send.send(session, batch, out, run=run, sleep=Waits()):
        if row.number == 3:
            run.stop()
    assert states(batch) == ["booked", "booked", "not sent", "not sent"] == told(out)
    assert (run.stopping, batch.stopped) == (True, None)
    await run_whole(session, path)
    assert told(out) == ["booked"] * 4
    assert set(Counter(posts(gateway)).values()) == {1}


async def test_what_is_being_sent_is_waited_for(
    session: Session, gateway: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, book = Run(), session.book
    out = tmp_path / "a.out.csv"

    async def stopped_meanwhile(*wish: Any, **more: Any) -> Ended:
        assert told(out) == ["unknown", "not sent"], "a power cut now must not say: not sent"
        run.stop()
        return await book(*wish, **more)

    monkeypatch.setattr(session, "book", stopped_meanwhile)
    batch = checked(a_table(tmp_path / "a.csv", 2))
    async for _row in batch_send.send(session, batch, out, run=run):
        pass
    assert states(batch) == ["booked", "not sent"] == told(out)
    assert len(posts(gateway)) == 1


async def test_a_wait_for_the_minute_shows_itself_and_ends_at_once(
    session: Session, gateway: Sandbox, tmp_path: Path
) -> None:
    run, stages = Run(), []

    def note() -> None:
        stages.append(run.stage)
        if run.stage == "waiting":
            run.stop()

    run.on_change = note
    gateway.fault("429_seconds", match="POST /bookings", seconds=200)
    batch = checked(a_table(tmp_path / "a.csv", 2))
    rows = [row async for row in batch_send.send(session, batch, run=run)]  # at once
    assert states(batch) == ["not sent"] * 2
    assert [row.number for row in rows] == [2]
    assert stages == ["sending", "waiting", "sending"]


async def test_the_pace_is_kept_after_a_wait_as_well(
    session: Session, gateway: Sandbox, tmp_path: Path
) -> None:
    gateway.fault("429_seconds", match="POST /bookings", seconds=1)
    batch = checked(a_table(tmp_path / "a.csv", 2))
    async for _row in batch_send.send(session, batch, sleep=asyncio.sleep):
        pass
    assert states(batch) == ["booked"] * 2
    first, second = (
        datetime.fromisoformat(one["at"])
        for one in gateway.log()
        if one["method"] == "POST" and one["status"] < 400
    )
    # counted from the first try, the second row would be overdue
    assert (second - first).total_seconds() > PACE - 0.2


async def test_where_every_answer_is_lost_it_does_not_go_on_for_ever(
    session: Session, gateway: Sandbox, tmp_path: Path
) -> None:
    gateway.fault("drop", match="POST /bookings", times=None)
    batch = await run_whole(session, a_table(tmp_path / "a.csv", MANY_LOST + 2))
    assert states(batch) == ["unknown"] * MANY_LOST + ["not sent"] * 2
    assert isinstance(batch.stopped, OutcomeUnknown)


async def test_cancelled_half_way_nobody_says_that_it_was_not_sent(
    session: Session, gateway: Sandbox, tmp_path: Path
) -> None:
    batch, out = checked(a_table(tmp_path / "a.csv", 2)), tmp_path / "a.out.csv"
    gateway.fault("slow", match="POST /bookings", seconds=60)

    async def whole() -> None:
        async for _row in batch_send.send(session, batch, out):
            pass

    task = asyncio.create_task(whole())
    while not any(one["method"] == "POST" for one in await asyncio.to_thread(gateway.log)):
        await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait({task})
    assert task.cancelled()
    assert states(batch) == ["unknown", "not sent"] == told(out)


async def test_what_is_unclear_from_before_is_not_sent_and_taken_over_when_it_is_found(
    session: Session, gateway: Sandbox, tmp_path: Path
) -> None:
    path = a_table(tmp_path / "a.csv", 2)
    batch = checked(path)
    gateway.fault("accept_then_reset", match="POST /bookings")
    gateway.fault("error", match="GET /bookings", times=None)
    await anext(batch_send.send(session, batch))
    assert states(batch) == ["unknown", "not sent"]
    again = checked(path)
    await batches.know(session, again)
    assert states(again) == ["unknown", "not sent"]
    assert (len(again.to_send), bool(again.rows[0].reason)) == (1, True)
    gateway.clear_faults()
    await session.settle((await session.bookings()).value.bookings)  # as the watcher does
    async for _row in batch_send.send(session, again):
        pass
    assert states(again) == ["booked"] * 2
    assert set(Counter(posts(gateway)).values()) == {1}


async def test_a_row_that_an_unclear_booking_kept_back_is_not_called_booked(
    session: Session, gateway: Sandbox, tmp_path: Path
) -> None:
    request, run = a_request(), Run()
    gateway.fault("accept_then_reset", match="POST /bookings")
    gateway.fault("error", match="GET /bookings", times=None)
    assert (await session.book(request)).kind == "unknown"
    longer = request.reservation_end + timedelta(minutes=15)
    batch = checked(a_table(tmp_path / "a.csv", 1))
    batch.rows[0].request = request.model_copy(update={"reservation_end": longer})

    def settle() -> None:
        if run.stage == "settling":
            gateway.clear_faults()

    run.on_change = settle
    async for _row in batch_send.send(session, batch, run=run):
        pass
    assert run.stage == "settling"
    assert states(batch) == ["refused"]
    assert str(request.external_id) in batch.rows[0].reason
    assert len(posts(gateway)) == 1


async def test_offline_by_choice_nothing_is_sent_nor_called_unknown(
    make_settings: MakeSettings, gateway: Sandbox, tmp_path: Path
) -> None:
    async with Session(make_settings(gateway, offline=True)) as session:
        batch = checked(a_table(tmp_path / "a.csv", 2))
        with pytest.raises(Unreachable):
            await anext(batch_send.send(session, batch))
    assert states(batch) == ["not sent"] * 2


async def test_a_table_that_cannot_be_written_back_is_not_sent(
    session: Session, gateway: Sandbox, tmp_path: Path
) -> None:
    batch = checked(a_table(tmp_path / "a.csv", 2))
    with pytest.raises(OSError):
        await anext(batch_send.send(session, batch, tmp_path / "none" / "a.out.csv"))
    assert states(batch) == ["not sent"] * 2
    assert posts(gateway) == []


async def test_a_journal_that_fails_before_a_row_ends_it_and_the_row_was_not_sent(
    settings: Settings, gateway: Sandbox, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    async with Session(replace(settings, state_dir=tmp_path / "file" / "state")) as session:
        batch, out = checked(a_table(tmp_path / "a.csv", 2)), tmp_path / "a.out.csv"
        with pytest.raises(JournalUnavailable):
            await anext(batch_send.send(session, batch, out))
    assert states(batch) == ["not sent"] * 2 == told(out)
    assert posts(gateway) == []


async def test_a_journal_that_fails_after_the_answer_does_not_hide_it(
    session: Session, gateway: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = await session.desk()

    async def unreadable() -> list[Any]:
        raise JournalUnavailable("the disk is gone")

    batch = checked(a_table(tmp_path / "a.csv", 1))
    await session.recover()
    monkeypatch.setattr(desk.settler, "unsettled", unreadable)
    async for _row in batch_send.send(session, batch):
        pass
    assert states(batch) == ["booked"]


async def test_before_a_first_look_nothing_is_sent_and_it_stops(
    session: Session, gateway: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def failing(_desk: object) -> None:
        raise ApiError("no list")

    monkeypatch.setattr(session, "_look_first", failing)
    batch = checked(a_table(tmp_path / "a.csv", 2))
    async for _row in batch_send.send(session, batch):
        pass
    assert states(batch) == ["not sent"] * 2
    assert isinstance(batch.stopped, ApiError)


def test_a_comma_too_many_is_an_error(tmp_path: Path) -> None:
    path = a_table(tmp_path / "a.csv", 2)
    path.write_text(path.read_text().rstrip() + ",,x\n")
    batch = checked(path)
    assert [bool(row.errors) for row in batch.rows] == [False, True]
    assert batch_file.result_path(path).name == "a.out.csv"
