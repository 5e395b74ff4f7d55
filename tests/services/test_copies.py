"""What can be taken along of a thing, and that none of it is more than text."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from pm_tui.api.record import SECRET, Sent
from pm_tui.models.booking import Booking
from pm_tui.models.charger import Location
from pm_tui.models.home import Evse as HomeEvse
from pm_tui.sandbox.texts import HOSTILE
from pm_tui.services import copies, request_log
from pm_tui.services.copies import LONGEST, Copy
from tests.fakes import NOON
from tests.tui import canned

BERLIN = ZoneInfo("Europe/Berlin")
URL = "https://api.example.org/client"


def by_key(offered: tuple[Copy, ...]) -> dict[str, str]:
    assert len({one.key for one in offered}) == len(offered)
    return {one.key: one.text for one in offered}


def test_a_charger() -> None:
    offered = copies.of_location(Location.read(canned.location(3)))
    assert [one.key for one in offered if one.opens] == ["o"]
    found = by_key(offered)
    assert found["i"] == "DE-ENB-E1003"
    assert found["a"] == "Friedrichstraße 4, 10118 Berlin"
    assert found["c"] == "52.523000, 13.405000"
    assert found["g"] == "geo:52.523000,13.405000"
    assert found["m"] == found["o"]
    assert found["m"].startswith("https://www.openstreetmap.org/?mlat=52.523000&mlon=13.405000")
    assert found["e"].splitlines() == [f"DE*ENB*E1003*{n}" for n in (1, 2, 3, 4)]
    assert {found["i"], found["a"], found["c"]} <= set(found["t"].splitlines())


def test_what_is_not_known_is_not_offered() -> None:
    bare = Location.read({"location_id": "x"})
    assert by_key(copies.of_location(bare)) == {"i": "x", "t": "x"}
    half = replace(bare, longitude=13.4)
    assert by_key(copies.of_location(half)) == {"i": "x", "t": "x"}
    assert by_key(copies.of_home(HomeEvse("evse1"))) == {"i": "evse1", "t": "evse1"}
    placed = by_key(copies.of_home(HomeEvse("evse1", location=(52.5, 13.4))))
    assert placed["g"] == "geo:52.500000,13.400000"
    assert placed["t"].splitlines() == ["evse1", placed["c"]]


def test_a_booking_with_its_token_and_the_line_that_reads_it() -> None:
    booking = replace(canned.bookings()[0], token={"token.uid": "04AB"})
    offered = copies.of_booking(booking, "Ladepark 1", BERLIN, URL, NOON)
    found = by_key(offered)
    assert found["i"] == booking.id
    assert found["r"] == booking.external_id
    assert found["k"] == "token.uid: 04AB"
    assert [one.key for one in offered if one.secret] == ["k"]
    assert found["u"] == f'curl -H "X-API-Key: $PM_API_KEY" {URL}/bookings/{booking.id}'
    assert found["t"].splitlines()[0] == "confirmed: Ladepark 1"
    assert "12:03 CET" in found["t"]
    assert "u" not in by_key(copies.of_booking(booking, "Ladepark 1", BERLIN, "", NOON))
    assert "token.uid: 04AB" in found["t"]


def test_hostile_names_are_harmless_lines() -> None:
    for hostile in HOSTILE:
        short = hostile[:50]
        raw = canned.location(0) | {"name": hostile, "address": hostile, "location_id": "a" + short}
        booking = Booking.read({"id": "b" + short, "status": hostile, "external_id": hostile})
        offered = [
            *copies.of_location(Location.read(raw)),
            *copies.of_booking(booking, hostile, BERLIN, URL, NOON),
        ]
        for line in (line for one in offered for line in one.text.split("\n")):
            assert line.isprintable()
            assert line == line.strip()


def test_nothing_is_longer_than_a_terminal_takes() -> None:
    raw = canned.location(0) | {"evses": [{"evse_uid": f"DE*ENB*E{n:09}"} for n in range(500)]}
    found = by_key(copies.of_location(Location.read(raw)))
    lines = found["e"].splitlines()
    assert len(found["e"].encode()) <= LONGEST + len("…".encode())
    assert lines[-1] == "…"
    assert lines[-2] in {f"DE*ENB*E{n:09}" for n in range(500)}  # no half id


# -- the line for a shell ------------------------------------------------------------


def a_row(number: int = 1, **changes: object) -> Sent:
    row = Sent(
        number=number,
        at=NOON + timedelta(seconds=number),
        api="agent",
        why="search",
        method="GET",
        url=f"{URL}/search?lat=52.5&x=%27",
        path="/search?lat=52.5&x=%27",
        attempt=1,
        seconds=0.25,
        status=200,
        headers=(("x-api-key", SECRET), ("user-agent", "pm-tui")),
    )
    return replace(row, **changes)  # type: ignore[arg-type]


def test_a_request_as_a_curl_line() -> None:
    (one,) = copies.of_request(a_row())
    assert one.text == f"curl -H \"X-API-Key: $PM_API_KEY\" '{URL}/search?lat=52.5&x=%27'"
    assert not one.warning
    headers = (("authorization", SECRET), ("evenergy-version", "2"))
    sent = a_row(api="home", method="POST", size=20, url="https://x/a b'; rm", headers=headers)
    (one,) = copies.of_request(sent)
    told = "curl -X POST -H \"Authorization: Bearer $EV_ENERGY_TOKEN\" -H 'evenergy-version: 2'"
    assert one.text == f"{told} --data @body.json 'https://x/a b'\"'\"'; rm'"
    assert "done again" in one.warning


def test_requests_are_filtered_and_ordered() -> None:
    rows = [
        a_row(3, status=503, why="plan", path="/bookings", seconds=2.0),
        a_row(2, status=None, left=False, fault="no connection", remaining=None),
        a_row(1, remaining=7),
    ]

    def numbers(text: str = "", sort: str = "", reverse: bool = False) -> list[int]:
        found = request_log.arranged(rows, text, sort, reverse, lambda why: f"<{why}>")
        return [one.number for one in found]

    assert numbers() == [3, 2, 1]
    assert numbers("503") == numbers("<plan>") == [3]
    assert numbers("no conn") == [2]
    assert numbers("/search") == [2, 1]
    assert numbers(sort="took", reverse=True)[0] == 3
    assert numbers(sort="answer") == [2, 1, 3]
    assert numbers(sort="left", reverse=True)[0] == 1
    assert numbers(sort="time") == [1, 2, 3]
