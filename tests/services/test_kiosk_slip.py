"""What a visitor is told and takes along: short, harmless, and without anybody's name or key."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pm_tui import i18n
from pm_tui.api.errors import Conflict, NotFound, RateLimited, Unreachable
from pm_tui.config.kiosk import KioskSettings
from pm_tui.models.booking import Booking
from pm_tui.models.charger import Location
from pm_tui.services import kiosk_words as words
from pm_tui.services.account import NothingRemembered
from pm_tui.services.book import Ended
from pm_tui.services.kiosk_slip import WIDTH, NotPrinted, print_slip, text
from pm_tui.services.kiosk_stay import token_number
from tests import canary

KIOSK = KioskSettings(desk="x", phone="+49 30 1")
BOOKING = Booking.read(
    {
        "id": "b1",
        "status": "CONFIRMED",
        "evse_uid": "DE*ENB*E1*4",
        "reservation_start": "2026-11-23T09:15:00Z",
        "reservation_end": "2026-11-23T11:30:00Z",
        "token": {"uid": "04AA", "visual_number": "PM-1234", "valid_until": "2026-11-23T11:30:00Z"},
    }
)
PLACE = Location.read(
    {
        "location_id": "l",
        "name": "Tiefgarage\x1b[31m Nord",
        "address": "Hauptstraße der Verkehrsbetriebe 117, Einfahrt B",
        "coordinates": {"latitude": "52.52", "longitude": "13.405"},
    }
)


def test_the_slip_says_what_is_needed_and_fits() -> None:
    i18n.use("de")
    slip = text(KIOSK, BOOKING, PLACE)
    for part in ("PM-1234", "10:15", "12:30", "geo:52.520000,13.405000", "+49 30 1", "reserviert"):
        assert part in slip
    assert max(map(len, slip.splitlines())) <= WIDTH
    assert "\x1b" not in slip
    assert "PM-1234" in text(KIOSK, BOOKING, None)
    assert "Verkehrsbetriebe\n117, Einfahrt B\n" in slip, "broken between words"
    assert "Nummer am Empfang" in " ".join(slip.split())


@pytest.mark.parametrize(
    ("status", "says", "says_not"),
    [
        ("CONFIRMED", "Your charger is reserved", "Not"),
        ("PENDING", "Not confirmed yet", "is reserved"),
        ("CANCELLED", "Not reserved any more: cancelled", "type the number"),
    ],
)
def test_a_slip_that_is_printed_again_promises_nothing_that_no_longer_stands(
    status: str, says: str, says_not: str
) -> None:
    slip = text(KIOSK, replace(BOOKING, status=status), PLACE)
    assert says in slip
    assert says_not not in slip


def test_an_end_on_another_day_says_which() -> None:
    assert BOOKING.reservation_end is not None
    late = replace(BOOKING, reservation_end=BOOKING.reservation_end + timedelta(hours=12))
    assert "Tue 24 Nov 00:30" in text(KIOSK, late, PLACE)


@pytest.mark.parametrize(
    ("token", "number"),
    [
        ({"token": {"uid": "A", "visual_number": "B"}}, "B"),
        ({"token_code": "C", "token_contract": "D"}, "C"),
        ({"token": {"valid_until": "x"}, "cpo_reservation_id": "R-9"}, "R-9"),
        ({}, None),
    ],
)
def test_the_number_of_a_token_whose_name_nobody_documents(
    token: dict[str, object], number: str | None
) -> None:
    assert token_number(Booking.read({"id": "b", "status": "CONFIRMED", **token})) == number


async def test_the_command_gets_the_slip_and_no_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PM_TUI_API_KEY", canary.KEY)
    out = tmp_path / "printed"
    await print_slip(["sh", "-c", f"cat > {out}; env | grep -c PM_TUI_ >> {out}; true"], "Grüße\n")
    assert out.read_text() == "Grüße\n0\n"
    with pytest.raises(NotPrinted, match="code 3"):
        await print_slip(["sh", "-c", "exit 3"], "x" * 1_000_000)
    with pytest.raises(NotPrinted, match="no-such-program"):
        await print_slip(["no-such-program"], "x")
    monkeypatch.setattr("pm_tui.services.kiosk_slip.PATIENCE", 0.05)
    with pytest.raises(NotPrinted, match="no end"):
        await print_slip(["sleep", "60"], "x")


def test_a_visitor_hears_what_is_booked_and_nothing_of_the_machine() -> None:
    now = datetime.now(UTC)
    line = Unreachable("E000")
    refused = (Conflict("E409"), NotFound("E404"), line, None, ValueError("E1"))
    for problem in (*refused, RateLimited(now, "E429"), NothingRemembered("E", line)):
        told = words.not_booked(Ended("refused", "ref", reason="E500", problem=problem))
        assert "Nothing is booked" in told
        assert "E" not in told.replace("Nothing", "")
        assert words.not_shown(problem) == told
    assert "not book again" in words.not_booked(Ended("unknown", "ref", reason="E500"))
    assert words.not_booked(Ended("booked", "ref")) == ""
    assert "+49 30 1" in words.whom_to_ask(KIOSK)
    assert "desk" in words.whom_to_ask(KioskSettings())
