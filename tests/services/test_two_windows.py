"""Two windows of one account at one moment: what one is sending the other neither sends nor
forgets."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pm_tui.cache.intent import Intent
from pm_tui.config import Settings
from pm_tui.services.session import Session
from tests.sandbox_process import Sandbox
from tests.services.conftest import a_request
from tests.services.test_batch import a_table, posts, run


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch, hasty: None) -> None:
    monkeypatch.setattr("pm_tui.api.agent._BOOKING_TOTAL", 0.5)
    monkeypatch.setattr("pm_tui.services.book.FIRST_LOOK", 0.0)
    monkeypatch.setattr("pm_tui.services.settle.GRACE", timedelta(seconds=0.3))


async def test_a_wish_that_another_window_claims_at_this_moment_stays_its_own(
    session: Session, gateway: Sandbox
) -> None:
    """Were it called refused here while its answer is lost there, a repetition would book again."""
    desk, request = await session.desk(), a_request()
    plan = desk.booker._plan_once

    def overtaken(*wish: Any) -> Intent:
        intent = plan(*wish)
        assert desk.journal.claim(intent.id)
        return intent

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(desk.booker, "_plan_once", overtaken)
        ended = await session.book(request, once="wish")
    assert (ended.kind, "Another window" in ended.reason) == ("unknown", True)
    assert ended.intent_id is not None
    intent = await desk.worker(desk.journal.get, ended.intent_id)
    assert intent is not None and intent.state == "sending"
    assert await desk.worker(desk.journal.unknown, intent.id, "timeout")
    again = await session.book(request, once="wish")
    assert (again.kind, again.intent_id) == ("unknown", intent.id)
    assert posts(gateway) == []


@pytest.mark.parametrize("fault", [None, "accept_then_reset", "late"])
async def test_the_same_table_sent_by_two_windows_at_once_books_each_row_once(
    settings: Settings, gateway: Sandbox, tmp_path: Path, fault: str | None
) -> None:
    path = a_table(tmp_path / "a.csv", 8)
    if fault is not None:
        gateway.fault(fault, match="POST /bookings", times=3, seconds=0.1)
    async with Session(settings) as left, Session(settings) as right:
        await asyncio.gather(run(left, path), run(right, path))
    async with Session(settings) as later:
        batch = await run(later, path)
    assert [row.state for row in batch.rows] == ["booked"] * 8
    wishes = {row.cells["external_id"] for row in batch.rows}
    assert Counter(posts(gateway)) == dict.fromkeys(wishes, 1)
    made = Counter(str(one["external_id"]) for one in gateway.bookings())
    assert {made[one] for one in wishes} == {1}
