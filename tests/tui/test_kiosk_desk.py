"""The desk's view: today's visitors, and what the desk does with them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from textual.widgets import OptionList

from pm_tui.config import Settings
from pm_tui.models.booking import Booking
from pm_tui.services.kiosk import Visit
from pm_tui.services.kiosk_desk import Guest
from pm_tui.services.rebook_parts import CLASH
from pm_tui.services.references import visitor as visitor_reference
from pm_tui.services.session import Session
from pm_tui.services.settle import NEVER_SENT
from pm_tui.tui.kiosk import desk_words as words
from pm_tui.tui.kiosk.desk import DeskScreen
from tests.sandbox_process import Sandbox
from tests.tui.driving import until
from tests.tui.visiting import SITE, Visitor, a_kiosk

PLATE = "B-XY 4711"
_used: set[str] = set()


@pytest.fixture(scope="module")
def shared_gateway(own_gateway: Sandbox) -> Sandbox:
    return own_gateway  # others book at the same places and times


async def a_guest(visitor: Visitor, plate: str, hours: float) -> str:
    """Book for somebody; the number of the token."""
    kiosk = await visitor.app.kiosk()
    end = kiosk.session.server_now().replace(microsecond=0) + timedelta(hours=hours)
    free = [one for one in (await kiosk.points(end)).value if one.is_free]
    point = next(one for one in free if one.evse_uid not in _used)
    _used.add(point.evse_uid)
    ended = await kiosk.book(Visit(name=plate), point, end)
    assert ended.booking_id is not None, ended.reason
    async for result in kiosk.session.watch(ended.booking_id):
        booking = result.value
    return booking.token["token.visual_number"]


def confirmed(gateway: Sandbox) -> int:
    return sum(one["status"] == "CONFIRMED" for one in gateway.bookings())


def noon() -> ZoneInfo:
    """Where it is noon now: what goes on after midnight is another day's."""
    behind = datetime.now(UTC).hour - 12
    return ZoneInfo(f"Etc/GMT{behind:+d}" if behind else "Etc/GMT")


async def at_the_desk(visitor: Visitor) -> None:
    await visitor.app.push_screen(DeskScreen())
    await visitor.sees("read at")


async def test_the_day_is_seen_and_changed_with_keys(
    settings: Settings, gateway: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pm_tui.services.kiosk_stay.CHARGERS_ZONE", noon())
    slip = tmp_path / "slip"
    printer = ("sh", "-c", f"cat > {slip}")
    async with a_kiosk(settings, (60, 20), languages=("en",), print_command=printer) as visitor:
        await visitor.sees("Welcome")
        gateway.clear_log()
        await at_the_desk(visitor)
        assert "Nobody has booked at this desk today" in visitor.text
        assert len(gateway.log()) == 1, "one request"
        told = re.search(r"(\w) reads again", visitor.choices[0])
        assert told is not None
        await visitor.press(told[1])
        await until(lambda: len(gateway.log()) == 2, "what the key that is told does")
        await visitor.press("c")
        await visitor.sees("Choose a visitor first")
        first, second = await a_guest(visitor, PLATE, 1), await a_guest(visitor, "", 2)
        await visitor.press("r")
        await visitor.sees("2 visitors: 2 confirmed")
        for there in (first, second, PLATE, "✓ confirmed", "Charger"):
            assert there in visitor.text
        await visitor.press("p")
        await visitor.sees("Printed.")
        assert first in slip.read_text()
        assert PLATE not in slip.read_text()
        before, sure = len(gateway.bookings()), confirmed(gateway)
        await visitor.press("l")
        await visitor.sees("Until when?")
        await visitor.press("2")
        await visitor.sees("has been made longer")
        await until(lambda: confirmed(gateway) == sure + 1, "the operator's word")
        await until(lambda: not visitor.app.workers, "the end of what makes it longer")
        await visitor.press("r")
        await until(lambda: visitor.text.count("✓ confirmed") == 3, "all three bookings")
        await visitor.sees("2 visitors: 2 confirmed")  # who stays longer is still one
        assert len(gateway.bookings()) == before + 1
        assert visitor.text.count("goes on longer") == 1
        await visitor.press("home", "c")
        await visitor.sees("Cancel this booking?")
        await visitor.sees("may cost a fee")
        await visitor.press("1")
        await visitor.at(DeskScreen)
        assert "✗" not in visitor.text
        gateway.fault("drop", times=None)
        await visitor.press("c")
        await visitor.sees("Cancel this booking?")
        await visitor.press("2")
        await visitor.sees("not certain")
        assert "? cancelled?" in visitor.text
        gateway.clear_faults()


async def test_offline_it_says_so_and_is_left_alone(settings: Settings, gateway: Sandbox) -> None:
    seconds = [0.0]
    async with a_kiosk(settings, languages=("de",), monotonic=lambda: seconds[0]) as visitor:
        await visitor.sees("Willkommen")
        number = await a_guest(visitor, PLATE, 1)
        gateway.fault("drop", times=None)
        await visitor.app.push_screen(DeskScreen())
        await visitor.sees("OFFLINE-KOPIE")
        assert number in visitor.text
        for touched, told in (("cancel", "Buchung stornieren?"), ("longer", "Bis wann?")):
            assert await visitor.pilot.click(f"#desk-{touched}")
            await visitor.sees(told)
            await visitor.press("escape")
            await visitor.at(DeskScreen)
        assert await visitor.pilot.click("#desk-cancel")
        await visitor.sees("Buchung stornieren?")
        screen = next(one for one in visitor.app.screen_stack if isinstance(one, DeskScreen))
        seconds[0] += 46
        screen.look_for_somebody()
        await visitor.sees("Willkommen")
        assert number not in visitor.text + visitor.said
        gateway.clear_faults()
        await visitor.press("down")  # somebody is there again
        await visitor.app.push_screen(DeskScreen())
        await until(lambda: visitor.app.screen.query_one(OptionList).option_count, "guests")
        assert await visitor.pilot.click("#desk-back")
        await visitor.sees("Willkommen")


async def an_interrupted_change(settings: Settings) -> None:
    """As a power loss leaves it: the old booking cancelled, the new one not made."""
    part = f"{CLASH}b1:0001"
    async with Session(settings) as session:
        desk, account = await session.desk(), session.settings.account
        start = session.server_now() + timedelta(hours=1)
        wish = {
            "evse_uid": "DE*X*7",
            "reservation_start": start.isoformat(),
            "reservation_end": (start + timedelta(hours=1)).isoformat(),
        }
        reference = visitor_reference(SITE.desk, start.date())

        def write() -> None:
            new = desk.journal.plan(
                "book", account, wish, external_id=reference, once=f"{part}:new", part_of=part
            )
            desk.journal.refused(new.id, NEVER_SENT)
            old = desk.journal.plan("cancel", account, {}, booking_id="b1", part_of=part)
            desk.journal.confirmed(old.id, "b1")

        await desk.worker(write)


async def test_a_change_that_was_interrupted_is_told_until_the_desk_has_ended_it(
    settings: Settings, gateway: Sandbox
) -> None:
    await an_interrupted_change(settings)
    gateway.clear_log()
    async with a_kiosk(settings, (60, 20)) as visitor:
        await until(lambda: visitor.app.unfinished, "the look at the journal")
        visitor.app.look_for_somebody()
        await visitor.sees("1 Änderung einer Buchung wurde nicht beendet")
        await visitor.press("f2")
        await visitor.sees("1 change of a booking was not finished")
        assert gateway.log() == [], "that costs no request"
        await visitor.app.push_screen(DeskScreen())
        await visitor.sees("read at")
        assert "not finished:" in visitor.text and "charger 7" in visitor.text
        assert "nothing is booked instead" in visitor.text
        await visitor.press("enter")
        await visitor.sees("Dropping it sends nothing")
        await visitor.press("1")  # leave it as it is
        await visitor.at(DeskScreen)
        await visitor.touch("not finished:")
        await visitor.sees("Dropping it sends nothing")
        await visitor.touch("Drop it")
        await visitor.sees("The change is dropped.")
        await until(lambda: "not finished:" not in visitor.text, "the row that left")
        await visitor.press("escape")
        await visitor.sees("Willkommen")
        assert "nicht beendet" not in visitor.said
    assert not [one for one in gateway.log() if one["method"] == "POST"]


def test_who_stays_longer_is_known_by_the_number_on_the_slip_too() -> None:
    booking = Booking("b", "COMPLETED")
    assert words.plain(Guest(booking, "2222", "4", "Nord")).count("\n") == 1
    shown = words.guest(Guest(booking, "2222", "4", "Nord", earlier=("1111",))).plain
    assert shown.splitlines()[2] == "  earlier number: 1111"
