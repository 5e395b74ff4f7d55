"""Why each request was sent, as the gateway saw it and as the record tells it."""

from __future__ import annotations

from pm_tui.services import request_log
from pm_tui.services.session import Session
from tests.conftest import MakeSettings
from tests.sandbox_process import Sandbox
from tests.services.conftest import BERLIN, a_request


async def test_every_request_has_its_reason(gateway: Sandbox, make_home: MakeSettings) -> None:
    async with Session(make_home(gateway)) as session:
        await session.search(BERLIN)
        await session.look(BERLIN)
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
        # memory's answers are counted, and cost nothing
        await session.search(BERLIN, offline=True)
        sums = request_log.read(session).sums
        assert (sums.requests, sums.from_memory) == (len(whys), 1)
