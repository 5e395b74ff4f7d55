"""A visitor's booking at a real sandbox: of the site alone, once, and nameless."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from pm_tui.config import Settings
from pm_tui.config.kiosk import KioskSettings
from pm_tui.models.booking import Booking
from pm_tui.models.zones import CHARGERS_ZONE
from pm_tui.services import kiosk_desk
from pm_tui.services import kiosk_stay as stay
from pm_tui.services.kiosk import Kiosk, Point, Visit, anew
from pm_tui.services.session import Session
from tests.conftest import MakeSettings
from tests.sandbox_process import Sandbox, start_sandbox

SITE = KioskSettings(
    desk="Süd-Tor",
    point=(53.551, 9.994),
    radius_km=9.0,
    locations=tuple(f"DE-{('ENB', 'ION', 'STW')[n % 3]}-E4{n:05}" for n in (0, 1, 2, 3, 5, 6, 7)),
)
NAME = "Marlene-Zitterbart"
_used: set[str] = set()


@pytest.fixture(scope="module")
def shared_gateway(own_gateway: Sandbox) -> Sandbox:
    return own_gateway  # others book at the same places and times


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch, hasty: None) -> None:
    monkeypatch.setattr("pm_tui.api.agent._BOOKING_TOTAL", 0.5)
    monkeypatch.setattr("pm_tui.services.book.FIRST_LOOK", 0.0)
    monkeypatch.setattr("pm_tui.services.settle.GRACE", timedelta(seconds=0.3))
    monkeypatch.setattr("pm_tui.services.watch.FIRST_LOOKS", (0.05,) * 40)
    monkeypatch.setattr("pm_tui.services.watch.PATIENCE", 0)


@pytest_asyncio.fixture
async def kiosk(settings: Settings) -> AsyncIterator[Kiosk]:
    async with Session(settings) as session:
        yield Kiosk(session, SITE)


def in_hours(hours: float) -> datetime:
    return datetime.now(UTC).replace(microsecond=0) + timedelta(hours=hours)


async def free_point(kiosk: Kiosk) -> Point:
    """A free point, another one each time."""
    found = (await kiosk.points(in_hours(2))).value
    point = next(one for one in found if one.is_free and one.evse_uid not in _used)
    _used.add(point.evse_uid)
    return point


async def confirmed(kiosk: Kiosk, visit: Visit, hours: float = 1) -> Booking:
    ended = await kiosk.book(visit, await free_point(kiosk), in_hours(hours))
    assert ended.booking_id is not None, ended.reason
    async for result in kiosk.session.watch(ended.booking_id):
        booking = result.value
    assert booking.status == "CONFIRMED"
    return booking


async def test_a_visitor_sees_the_site_alone_and_books_once(
    kiosk: Kiosk, gateway: Sandbox, tmp_path: Path
) -> None:
    assert await kiosk.wake() is None
    assert gateway.log() == [], "an idle kiosk spends nothing"
    found = await kiosk.points(in_hours(2))
    assert found.origin == "live"
    assert {one.location_id for one in found.value} == set(SITE.locations)
    states = [one.is_free for one in found.value]
    assert states == sorted(states, reverse=True), "free ones first"
    visit, point = Visit(name=NAME), await free_point(kiosk)
    before = len(gateway.bookings())
    ended = await kiosk.book(visit, point, in_hours(1))
    assert ended.booking_id is not None, ended.reason
    again = await kiosk.book(visit, point, in_hours(2))
    assert (again.kind, again.booking_id) == ("booked", ended.booking_id)
    assert len(gateway.bookings()) == before + 1
    made = gateway.bookings()[-1]
    assert made["token_strategy"] == "ad_hoc"
    assert made["external_id"].startswith("visitor-sued_tor-")
    now = kiosk.session.now()
    assert kiosk.guests.name(ended.booking_id, now) == NAME
    assert kiosk.guests.name(ended.booking_id, now + timedelta(hours=2)) == ""
    assert kiosk.guests.name(ended.booking_id, now) == "", "and then it is gone"
    await kiosk.session.close()
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    assert [path for path in files if NAME.encode() in path.read_bytes()] == []
    assert NAME not in str(gateway.bookings())


async def test_a_lost_answer_makes_no_second_booking(
    kiosk: Kiosk, gateway: Sandbox, settings: Settings
) -> None:
    visit, point = Visit(), await free_point(kiosk)
    before = len(gateway.bookings())
    gateway.fault("accept_then_hang", match="POST /bookings")
    gateway.fault("drop", match="GET /bookings", times=None)
    ended = await kiosk.book(visit, point, in_hours(1))
    assert ended.kind == "unknown"
    other = await free_point(kiosk)
    assert (await kiosk.book(visit, other, in_hours(1))).kind == "unknown"
    # nor as another visit, as who goes back to the first page would begin it
    assert (await kiosk.book(Visit(), other, in_hours(1))).kind == "unknown"
    gateway.clear_faults()
    async with Session(settings) as session:  # the next start says what became of it
        woken = await Kiosk(session, SITE).wake()
        assert woken is not None
        assert (woken.made, woken.unclear) == (1, 0)
    assert len(gateway.bookings()) == before + 1


async def states(kiosk: Kiosk, end: datetime, visit: Visit | None = None) -> dict[str, Point]:
    return {one.evse_uid: one for one in (await kiosk.points(end, visit)).value}


async def test_what_the_desk_has_booked_is_not_offered_in_that_time(
    kiosk: Kiosk, gateway: Sandbox
) -> None:
    booking = await confirmed(kiosk, Visit())
    assert booking.evse_uid is not None
    gateway.clear_log()
    shown = await states(kiosk, in_hours(2))
    assert len(gateway.log()) == 1, "what is known here costs no request"
    point = shown[booking.evse_uid]
    assert (point.is_free, point.is_booked) == (False, True)
    assert any(one.is_free for one in shown.values())
    assert not any(one.is_booked for uid, one in shown.items() if uid not in _used)
    kiosk.session.now = lambda: datetime.now(UTC) + timedelta(hours=2)
    assert not (await states(kiosk, in_hours(4)))[booking.evse_uid].is_booked, "it is over then"
    kiosk.session.now = lambda: datetime.now(UTC)
    await kiosk.session.cancel(booking.id, "test")
    await kiosk.session.booking(booking.id)
    assert not (await states(kiosk, in_hours(2)))[booking.evse_uid].is_booked, "nor does it stand"


async def test_after_a_refusal_the_visit_goes_on(kiosk: Kiosk, gateway: Sandbox) -> None:
    visit, point = Visit(), await free_point(kiosk)
    gateway.fault("error", match="POST /bookings", status=400, text="no", times=1)
    assert (await kiosk.book(visit, point, in_hours(1))).kind == "refused"
    assert visit.refused == {}, "that was not the point's fault"
    gateway.fault("error", match="POST /bookings", status=409, text="taken")
    assert (await kiosk.book(visit, point, end := in_hours(1))).kind == "refused"
    assert (await states(kiosk, end, visit))[point.evse_uid].is_booked, "not offered again"
    assert (await states(kiosk, end - timedelta(minutes=15), visit))[point.evse_uid].is_free
    assert (await states(kiosk, end, Visit()))[point.evse_uid].is_free, "the next one may try"
    ended = await kiosk.book(visit, await free_point(kiosk), in_hours(1))
    assert ended.answer is not None
    with pytest.raises(ValueError, match="stands"):
        anew(visit, ended.answer.value)
    await kiosk.session.cancel(ended.answer.value.id, "test")
    gone = await kiosk.session.booking(ended.answer.value.id)
    again = anew(visit, gone.value)
    assert again.id != visit.id
    shown = await states(kiosk, in_hours(2), again)
    assert shown[ended.answer.value.evse_uid or ""].is_booked, "its operator has said no"


async def test_who_books_just_before_midnight_is_known_at_once(make_settings: MakeSettings) -> None:
    with start_sandbox() as late:
        now = datetime.now(CHARGERS_ZONE)
        then = now.replace(hour=23, minute=50) + timedelta(days=now.hour == 23)
        late.advance(then.timestamp() - now.timestamp())
        async with Session(make_settings(late)) as session:
            kiosk = Kiosk(session, SITE)
            point = (await kiosk.points(in_hours(30))).value[0]  # tells the gateway's clock too
            end = session.server_now().replace(microsecond=0) + timedelta(hours=2)
            ended = await kiosk.book(Visit(name=NAME), point, end)
            assert ended.answer is not None, ended.reason
            booking = ended.answer.value
            begin = booking.reservation_start
            assert begin is not None
            assert begin.astimezone(CHARGERS_ZONE).hour == 0, "it begins on the next day"
            found = await stay.find(kiosk, stay.token_number(booking) or "")
            assert found is not None
            assert found.value.id == booking.id
            assert [one.id for one in (await stay.visitors(kiosk, live=True)).value] == [booking.id]


async def test_the_number_on_the_slip_holds_past_midnight(make_settings: MakeSettings) -> None:
    with start_sandbox() as late:
        now = datetime.now(CHARGERS_ZONE)
        then = now.replace(hour=22, minute=50) + timedelta(days=now.hour >= 22)
        late.advance(then.timestamp() - now.timestamp())
        async with Session(make_settings(late)) as session:
            kiosk = Kiosk(session, SITE)
            point = (await kiosk.points(in_hours(30))).value[0]  # tells the gateway's clock too
            begun = session.server_now().replace(microsecond=0)
            ended = await kiosk.book(Visit(), point, begun + timedelta(hours=1))
            async for seen in session.watch(ended.booking_id or ""):
                booking = seen.value
            slip = stay.token_number(booking) or ""
            longer = await stay.extend(kiosk, booking, begun + timedelta(hours=2))
            assert longer.how == "extended", longer.reason
            late.advance(90 * 60)
            await kiosk_desk.today(kiosk)  # which tells what time it is there
            guests = (await kiosk_desk.today(kiosk)).value.guests
            assert [one.booking.id for one in guests] == [longer.booking_id], "a new day"
            assert guests[0].earlier == (slip,)
            found = await stay.find(kiosk, slip)
            assert found is not None
            assert found.value.id == longer.booking_id


async def test_the_number_finds_the_visitor_and_leaving_ends_it(kiosk: Kiosk) -> None:
    booking = await confirmed(kiosk, Visit(name=NAME))
    number = stay.token_number(booking)
    assert number
    found = await stay.find(kiosk, f" {number.lower()} ")
    assert found is not None
    assert found.value.id == booking.id
    assert await stay.find(kiosk, number[:-1]) is None
    assert await stay.find(kiosk, "") is None
    assert booking.id in [one.id for one in (await stay.visitors(kiosk)).value]
    other_desk = Kiosk(kiosk.session, KioskSettings(desk="north", point=SITE.point))
    assert (await stay.visitors(other_desk)).value == ()
    assert (await stay.leave(kiosk, booking)).how == "left"
    assert (await stay.leave(kiosk, booking)).how in ("left", "over")
    assert kiosk.guests.name(booking.id, kiosk.session.now()) == ""
    assert await stay.find(kiosk, number) is None


async def test_longer_before_it_began_is_rebooked(kiosk: Kiosk, gateway: Sandbox) -> None:
    booking = await confirmed(kiosk, Visit(name=NAME))
    assert booking.reservation_start is not None
    assert booking.reservation_end is not None
    kiosk.session.now = lambda: datetime.now(UTC) - timedelta(minutes=10)  # the start is far enough
    end = booking.reservation_end + timedelta(minutes=30)
    longer = await stay.extend(kiosk, booking, end)
    assert longer.how in ("extended", "kept"), longer.reason
    standing = [
        one for one in gateway.bookings()
        if one["evse_uid"] == booking.evse_uid and one["status"] in ("CONFIRMED", "PENDING")
    ]  # fmt: skip
    assert longer.booking_id in [one["id"] for one in standing]
    assert booking.id not in [one["id"] for one in standing]
    assert longer.booking_id is not None
    assert kiosk.guests.name(longer.booking_id, kiosk.session.now()) == NAME


async def test_longer_after_it_began_is_followed_once(kiosk: Kiosk, gateway: Sandbox) -> None:
    booking = await confirmed(kiosk, Visit(name=NAME))
    start, end = booking.reservation_start, booking.reservation_end
    assert start is not None
    assert end is not None
    before = len(gateway.bookings())
    wanted = end + timedelta(minutes=45)
    longer = await stay.extend(kiosk, booking, wanted)  # the start is too near to be given up
    assert (longer.how, len(gateway.bookings())) == ("extended", before + 1), longer.reason
    again = await stay.extend(kiosk, booking, wanted)
    assert (again.how, again.booking_id) == ("extended", longer.booking_id)
    assert len(gateway.bookings()) == before + 1
    made = {one["id"]: one for one in gateway.bookings()}
    assert made[booking.id]["status"] == "CONFIRMED", "the old one stands"
    assert await stay.until(kiosk, booking) == wanted
    number = stay.token_number(booking) or ""
    found = await stay.find(kiosk, number)
    assert found is not None and found.value.id == booking.id
    with pytest.raises(stay.CannotRebook):
        await stay.extend(kiosk, booking, end)
    await kiosk.session.cancel(longer.booking_id or "", "as an operator may")
    longer = await stay.extend(kiosk, booking, wanted)
    assert (longer.how, len(gateway.bookings())) == ("extended", before + 2), "a new one"
    assert longer.booking_id != again.booking_id
    assert kiosk.guests.name(longer.booking_id or "", kiosk.session.now()) == NAME
    assert (await stay.leave(kiosk, booking)).how == "left"
    ids = (booking.id, longer.booking_id or "")
    names = [kiosk.guests.name(one, kiosk.session.now()) for one in ids]
    assert names == ["", ""], "with the booking the name goes, also that of what followed it"
    made = {one["id"]: one for one in gateway.bookings()}
    assert made[longer.booking_id or ""]["status"] == made[booking.id]["status"] == "CANCELLED"


async def at_the_desk(kiosk: Kiosk, point: str | None) -> list[tuple[str, ...]]:
    """The visitors at that point as the desk has them: the booking's id, and the numbers."""
    guests = (await kiosk_desk.today(kiosk)).value.guests
    here = [one for one in guests if one.booking.evse_uid == point]
    return [(one.booking.id, one.number, *one.earlier) for one in here]


async def test_the_number_holds_as_long_as_what_was_made_longer(kiosk: Kiosk) -> None:
    booking = await confirmed(kiosk, Visit())
    slip = stay.token_number(booking)
    assert booking.reservation_end is not None
    wanted = booking.reservation_end + timedelta(minutes=45)
    longer = await stay.extend(kiosk, booking, wanted)
    await kiosk.session.cancel(booking.id, "over, as at its end")
    assert (await kiosk.session.booking(booking.id)).value.is_final
    found = await stay.find(kiosk, stay.token_number(booking) or "")
    assert found is not None, "who stays longer knows one number alone"
    assert (found.value.id, found.value.reservation_end) == (longer.booking_id, wanted)
    known = [(longer.booking_id, stay.token_number(found.value), slip)]
    assert await at_the_desk(kiosk, booking.evse_uid) == known, "by the slip's number too"
    assert (await stay.leave(kiosk, found.value)).how == "left"
    assert await stay.find(kiosk, stay.token_number(booking) or "") is None
    assert await at_the_desk(kiosk, booking.evse_uid) == known, "and when it is over"


async def test_offline_a_kiosk_says_so(make_settings: MakeSettings, gateway: Sandbox) -> None:
    async with Session(make_settings(gateway)) as session:
        kiosk = Kiosk(session, SITE)
        await kiosk.points(end := in_hours(2))
        gateway.fault("drop", times=None)
        kept = await kiosk.points(end)
        assert (kept.origin, kept.problem is None) == ("cache", False)
        assert (await stay.visitors(kiosk)).value == ()
