"""What nobody knows is looked for, and going back to the start makes no second booking of it."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

import pytest

from pm_tui.cache.claimer import me
from pm_tui.config import Settings
from tests.sandbox_process import Sandbox
from tests.tui.driving import until
from tests.tui.visiting import Visitor, a_kiosk


@pytest.fixture
def gateway(lonely: Sandbox) -> Sandbox:
    return lonely


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pm_tui.api.agent._BOOKING_TOTAL", 0.5)
    monkeypatch.setattr("pm_tui.services.book.FIRST_LOOK", 0.0)
    monkeypatch.setattr("pm_tui.services.settle.GRACE", timedelta(seconds=0.3))
    monkeypatch.setattr("pm_tui.services.watch.PATIENCE", 0)
    monkeypatch.setattr("pm_tui.services.kiosk_open._FIRST_PAUSE", 0.1)
    monkeypatch.setattr("pm_tui.services.kiosk_open._LONGEST_PAUSE", 0.1)


async def books(visitor: Visitor, charger: str = "1") -> None:
    await visitor.press("1", "2")
    await until(lambda: any("free" in one for one in visitor.choices), "free chargers")
    await visitor.press(charger, "1")


async def confirmed(visitor: Visitor) -> None:
    """However long its operator takes: nobody waits for it by itself here (`_soon`)."""
    ends = ("Confirmed", "Not confirmed yet")
    await until(lambda: any(one in visitor.said for one in ends), "an answer")
    while "Confirmed" not in visitor.said:
        await visitor.press("1")  # look again
        await until(lambda: any(one in visitor.said for one in ends), "an answer")


async def looks(visitor: Visitor, words: str, gone: str = "nothing else can be booked") -> None:
    """Until the first page, which is looked at once a second, says so."""

    def said() -> bool:
        visitor.app.look_for_somebody()
        return words in visitor.said and gone not in visitor.said

    await until(said, words)


def posts(gateway: Sandbox) -> int:
    return sum(one["method"] == "POST" for one in gateway.log())


OPTIONS: dict[str, Any] = {"languages": ("en",), "ask": "nothing"}


async def test_a_lost_answer_is_found_and_meanwhile_nobody_books(
    settings: Settings, gateway: Sandbox
) -> None:
    seconds = [0.0]
    async with a_kiosk(settings, monotonic=lambda: seconds[0], **OPTIONS) as visitor:
        gateway.fault("accept_then_hang", match="POST /bookings")
        gateway.fault("drop", match="GET /bookings", times=None)
        await books(visitor)
        await visitor.sees("being looked up")
        assert "+49 30 1" in visitor.said
        await visitor.press("1")  # back to the start
        await visitor.sees("Welcome")
        assert "nothing else can be booked" in visitor.said
        await visitor.press("1", "1")
        assert "Welcome" in visitor.said, "nothing can be begun"
        gateway.clear_faults()
        await looks(visitor, "1 booking was made")
        assert "Is it yours?" in visitor.said
        await visitor.press("1", "1")
        assert "Welcome" in visitor.said, "it may be that of who still stands here"
        seconds[0] += 60
        await looks(visitor, "Welcome", "Is it yours?")
        assert posts(gateway) == len(gateway.bookings()) == 1
        # who stays is told the number as soon as it is found
        gateway.fault("accept_then_hang", match="POST /bookings")
        gateway.fault("drop", match="GET /bookings", times=None)
        await books(visitor, "2")
        await visitor.sees("being looked up")
        gateway.clear_faults()
        await visitor.sees("Confirmed")
        assert gateway.bookings()[1]["token"]["visual_number"] in visitor.said
        assert posts(gateway) == len(gateway.bookings()) == 2


async def test_absent_twice_it_is_for_the_desk_or_the_next_visitor(
    settings: Settings, gateway: Sandbox
) -> None:
    seconds = [0.0]
    async with a_kiosk(settings, monotonic=lambda: seconds[0], **OPTIONS) as visitor:
        gateway.fault("error", match="POST /bookings", status=503)
        await books(visitor)
        await visitor.sees("Please ask at the desk")
        await visitor.press("1")
        await visitor.sees("Welcome")
        seconds[0] += 59
        await visitor.press("1")
        visitor.app.look_for_somebody()
        assert "please do not book again" in visitor.said
        seconds[0] += 60
        visitor.app.look_for_somebody()
        assert "please do not book again" not in visitor.said
        await visitor.press("1", "2")
        await until(lambda: any("free" in one for one in visitor.choices), "free chargers")
        await visitor.press("2", "1")  # another charger: at the first one it may stand
        await confirmed(visitor)
        assert (posts(gateway), len(gateway.bookings())) == (2, 1)


async def test_what_its_operator_has_not_answered_is_not_booked_again(
    settings: Settings, gateway: Sandbox
) -> None:
    async with a_kiosk(settings, **OPTIONS) as visitor:
        gateway.fault("never_confirms", match="POST /bookings")
        await books(visitor)
        await visitor.sees("Not confirmed yet")
        asked = len(gateway.log())
        await visitor.press("1")  # look again
        await until(lambda: len(gateway.log()) > asked, "another look")
        await visitor.sees("Not confirmed yet")
        await visitor.press("2", "1", "1")
        assert "please do not book again" in visitor.said
        assert len(gateway.bookings()) == 1


async def test_the_next_start_settles_and_says_what_was_interrupted(
    settings: Settings, gateway: Sandbox
) -> None:
    gateway.fault("accept_then_hang", match="POST /bookings")
    gateway.fault("drop", match="GET /bookings", times=None)
    async with a_kiosk(settings, **OPTIONS) as visitor:
        await books(visitor)
        await visitor.sees("being looked up")
    gateway.clear_faults()
    async with a_kiosk(settings, **OPTIONS) as visitor:
        await looks(visitor, "1 booking was made")
        assert "Is it yours?" in visitor.said
        await visitor.press("1", "1")
        assert "Welcome" in visitor.said
    assert posts(gateway) == len(gateway.bookings()) == 1
    gateway.clear_log()
    # and after a power loss before anything was written down
    mark = settings.state_dir / "kiosk" / "under-way-1.json"
    mark.write_text(json.dumps({**asdict(replace(me(), pid=2**22 + 1)), "at": time.time()}))
    async with a_kiosk(settings, **OPTIONS) as visitor:
        await visitor.sees("nothing was booked or cancelled")
        await visitor.press("1")
        await visitor.sees("When do you leave?")
    async with a_kiosk(settings, **OPTIONS) as visitor:
        await until(lambda: not visitor.app.workers, "the look at the journal")
        assert "For the desk" not in visitor.said
    assert gateway.log() == [], "nothing was open, so nobody was asked"
