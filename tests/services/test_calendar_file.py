"""Calendar files, read back with a library that had no part in writing them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from icalendar import Calendar

from pm_tui import i18n
from pm_tui.models.booking import STATUSES, Booking
from pm_tui.services.calendar_file import _folded, _text, as_calendar, sequence, written_words
from pm_tui.services.ledger import Place
from tests.strategies import unicode_text

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


def a_booking(**changes: Any) -> Booking:
    return Booking.read(
        {
            "id": "b1",
            "status": "CONFIRMED",
            "created_at": "2026-11-20T10:00:00Z",
            "status_updated_at": "2026-11-20T10:00:07.500Z",
            "reservation_start": "2026-11-24T14:30:00+01:00",
            "reservation_end": "2026-11-24T16:30:00+01:00",
            "location_id": "DE-ENB-E1",
            "location_city": "Köln",
            "evse_uid": "DE*ENB*E1*2",
            "external_id": "sales-emp1-20261124",
        }
        | changes
    )


def events(*bookings: Booking, places: dict[str, Place] | None = None) -> list[Any]:
    body = as_calendar(bookings, places or {}, NOW)
    assert all(len(line) <= 75 for line in body.split(b"\r\n"))
    assert body.count(b"\n") == body.count(b"\r\n")
    calendar = Calendar.from_ical(body)
    assert calendar.errors == [] and (calendar["VERSION"], calendar["METHOD"]) == ("2.0", "PUBLISH")
    found = list(calendar.walk("VEVENT"))
    assert not any(event.errors for event in found)
    return found


def test_an_event() -> None:
    (event,) = events(a_booking(), places={"DE-ENB-E1": Place("Parkhaus; Dom, West")})
    assert (event["UID"], event["SEQUENCE"], event["STATUS"]) == ("b1@pm-tui", 58, "CONFIRMED")
    assert event["DTSTART"].dt == datetime(2026, 11, 24, 13, 30, tzinfo=UTC)
    assert event["DTEND"].dt == datetime(2026, 11, 24, 15, 30, tzinfo=UTC)
    assert event["DTSTAMP"].dt == NOW
    assert event["SUMMARY"] == "Charging: Parkhaus; Dom, West"
    assert event["LOCATION"] == "Parkhaus; Dom, West, Köln, DE*ENB*E1*2"
    told = event["DESCRIPTION"].split("\n")
    assert told[:2] == ["confirmed", "Reference: sales-emp1-20261124"] and told[-1] == "ID: b1"
    assert event["TRANSP"] == "OPAQUE"


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("REQUESTED", "TENTATIVE"),
        ("PENDING", "TENTATIVE"),
        ("SOMETHING_NEW", "TENTATIVE"),
        ("ATTENDING", "CONFIRMED"),
        ("COMPLETED", "CONFIRMED"),
        ("NO_SHOW", "CONFIRMED"),
        ("CANCELLED", "CANCELLED"),
        ("EXPIRED", "CANCELLED"),
    ],
)
def test_what_became_of_it(status: str, told: str) -> None:
    (event,) = events(a_booking(status=status))
    assert event["STATUS"] == told
    assert (event["TRANSP"] == "TRANSPARENT") == (told == "CANCELLED")


def test_the_sequence_rises_with_every_change_and_the_uid_stays() -> None:
    created = datetime(2026, 11, 20, 10, tzinfo=UTC)
    states = [("REQUESTED", 0), ("PENDING", 0), ("CONFIRMED", 4), ("ATTENDING", 360_000),
              ("COMPLETED", 370_000)]  # fmt: skip
    told = [
        a_booking(status=status, status_updated_at=(created + timedelta(seconds=after)).isoformat())
        for status, after in states
    ]
    numbers = [sequence(one) for one in told]
    assert numbers == sorted(set(numbers))
    assert len({event["UID"] for event in events(*told)}) == 1
    assert sequence(told[0]) < sequence(a_booking(status="CANCELLED", status_updated_at=None))
    ancient = a_booking(created_at="1990-01-01T00:00:00Z")
    assert sequence(ancient) < 2**31  # what RFC 5545 allows


def test_without_a_time_there_is_no_event() -> None:
    timeless = [
        a_booking(reservation_end=None),
        a_booking(reservation_end="2026-11-24T13:30:00Z"),  # of no length
    ]
    assert events(*timeless) == []
    assert written_words([a_booking(), *timeless]) == (
        "1 booking written; 2 tell no time and are left out"
    )


def test_in_german() -> None:
    i18n.use("de")
    (event,) = events(a_booking(status="CANCELLED", location_id=None))
    assert event["SUMMARY"] == "Laden: Köln"
    assert event["DESCRIPTION"].startswith("storniert\n")


TEXTS = unicode_text(max_size=120) | st.text("\\;,:\n\r\"' äß€😀", max_size=90)


@given(TEXTS, TEXTS, st.sampled_from(STATUSES))
@examples(deadline=None, max_examples=80)
def test_whatever_the_texts_are(name: str, reference: str, status: str) -> None:
    one = a_booking(id=f"b{name}", external_id=reference, location_city=name, status=status)
    (event,) = events(one)
    assert event["UID"].isascii() and event["UID"].endswith("@pm-tui")
    if one.location_city:
        assert event["SUMMARY"] == f"Charging: {one.location_city}"
    if one.external_id:
        assert f"Reference: {one.external_id}" in event["DESCRIPTION"].split("\n")


@given(TEXTS)
@examples(deadline=None, max_examples=80)
def test_a_folded_line_is_the_line(text: str) -> None:
    line = "X:" + _text(text.replace("\r", ""))
    if "\n" not in line:
        assert _folded(line).replace(b"\r\n ", b"").removesuffix(b"\r\n").decode() == line
    assert all(len(part) <= 75 for part in _folded(line).split(b"\r\n"))
