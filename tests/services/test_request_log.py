"""Why each request was sent, as the gateway saw it and as the record tells it."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

from pm_tui.api.record import Record
from pm_tui.services import request_log, request_month
from pm_tui.services.account import Account
from pm_tui.services.connection import Connection
from pm_tui.services.session import Session
from tests.conftest import MakeSettings
from tests.fakes import NOON
from tests.sandbox_process import Sandbox
from tests.services.conftest import BERLIN, a_request


async def test_every_request_has_its_reason(gateway: Sandbox, make_home: MakeSettings) -> None:
    async with Session(make_home(gateway)) as session:
        await session.search(BERLIN)
        await session.look(BERLIN)
        assert request_log.read(session).month is None, "nobody was told"
        await session.usage()
        await session.bookings()
        ended = await session.book(a_request())
        assert ended.booking_id is not None, ended.reason
        await session.booking(ended.booking_id)
        async for _seen in session.watch(ended.booking_id):
            break
        await session.cancel(ended.booking_id, "no longer needed")
        listing = session.home.listing()
        await listing.more()
        log = request_log.read(session)
        whys = [one.why for one in reversed(log.rows)]
        assert whys == [
            "search", "watched", "usage", "look", "booking", "read", "confirmation", "cancelling",
            "login", "home",
        ]  # fmt: skip
        assert log.sums.requests == len(whys)
        assert [one.api for one in log.rows[:2]] == ["home", "home"]
        assert log.rows[0].number == len(whys)
        assert log.rows[0].at <= log.at
        # and so is the month, by whom: those at ev.energy are none of it
        month = log.month
        assert month is not None and month.told_at is not None
        assert (month.asked_for, month.by_itself) == (5, 3)
        assert month.used == session.connection.month_used
        assert month.left == (month.limit or 0) - month.used
        assert log.rows[7].at <= month.told_at <= log.at
        assert month.ends_at.day == 1 and month.ends_at > log.at
        # memory's answers are counted, and cost nothing
        await session.search(BERLIN, offline=True)
        sums = request_log.read(session).sums
        assert (sums.requests, sums.from_memory) == (len(whys), 1)


def an_account(told_at: datetime | None, common: object = None, **known: Any) -> Account:
    """One whose month has 40 of 100."""
    line = Connection("online", NOON, month_told_at=told_at, **{"month_used": 40} | known)
    return cast(
        Account,
        SimpleNamespace(
            connection=line,
            host=SimpleNamespace(common=common),
            record=Record(),
            server_now=lambda: datetime(2026, 12, 31, 23, 59, tzinfo=UTC),
        ),
    )


def test_the_last_months_count_is_not_told_as_this_ones() -> None:
    december, november = (datetime(2026, one, 30, tzinfo=UTC) for one in (12, 11))
    month = request_month.read(an_account(december, month_limit=100))
    assert month is not None
    assert (month.left, month.told_at, month.today) == (60, december, None)
    assert month.ends_at == datetime(2027, 1, 1, tzinfo=UTC)
    assert request_month.read(an_account(november)) is None
    assert request_month.read(an_account(None, month_used=None)) is None
    # other windows of the host know better, and when is theirs to know
    shared = request_month.read(an_account(november, SimpleNamespace(background_today=7)))
    assert shared is not None
    assert (shared.told_at, shared.today, shared.left) == (None, 7, None)
    spent = request_month.read(an_account(december, month_used=120, month_limit=100))
    assert spent is not None and spent.left == 0
