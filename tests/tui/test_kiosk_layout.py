"""Large letters, and what of a page has room at which size; nothing is started for it."""

from __future__ import annotations

import string

import pytest

from pm_tui.models.charger import Connector
from pm_tui.services.kiosk import Point
from pm_tui.tui.kiosk import pages
from pm_tui.tui.kiosk.layout import NUMBER, WAY, lay_out, way
from pm_tui.tui.kiosk.pages import Choice, Page
from pm_tui.tui.widgets import large_type
from pm_tui.tui.widgets.plug_pictures import WIDTH, side_by_side

CODE = ["█" * 29] * 15
SIZES = [(60, 20), (80, 24), (120, 40), (200, 60)]
NUMBERS = ["DE-PME-C55726336-7", "04A1B2C3D4E5F60718293A", "7", "tØk€n…" * 6]


def done(number: str, code: str = "geo:1,2") -> Page:
    large = ((("Your number", number),), (("Charger", "4"), ("Until", "16:30")))
    choices = (Choice("print", "Print"), Choice("start", "Finish"))
    text = f"Your number: {number}\nCharger 4, Nord\n14:45 to 16:30\nHauptstraße 1"
    return Page("Confirmed", text, choices, code=code, large=large)


def test_every_letter_of_a_number_and_of_the_titles_has_a_face_of_its_own() -> None:
    letters = string.ascii_uppercase + string.digits + "ÄÖÜ-_.:?!/*+,…()'"
    faces = {letter: tuple(large_type.drawn(letter, 9)) for letter in letters}
    assert len(set(faces.values())) == len(letters)
    assert all(len(face) == large_type.HIGH for face in faces.values())
    assert large_type.drawn("ß", 9) == large_type.drawn("SS", 9)
    assert "漢" in "".join(large_type.drawn("漢", 9)), "what has no face is shown as it is"


@pytest.mark.parametrize("scale", [1, 2])
@pytest.mark.parametrize("number", NUMBERS)
def test_large_letters_never_leave_their_width_and_break_where_a_reader_would(
    number: str, scale: int
) -> None:
    for width in range(1, 120):
        rows = large_type.drawn(number, width, scale)
        assert all(len(row) <= width for row in rows)
        assert len(rows) % (large_type.HIGH * scale) == 0
    assert large_type.drawn("AB-CD", 12) == [
        *large_type.drawn("AB-", 12),
        *large_type.drawn("CD", 12),
    ]


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("code", [[], CODE])
def test_the_number_comes_first_and_nothing_is_out_of_reach(
    number: str, size: tuple[int, int], code: list[str]
) -> None:
    width, height = size
    page = done(number, "geo:1,2" if code else "")
    layout = lay_out(page, width, height, code)
    beside = 2 + len(layout.code[0]) if layout.code else 0
    assert max(map(len, layout.large)) + beside + 4 <= width
    ids = [one.id for one in layout.choices]
    assert ids[-1] == "start", "the last one ends it, whatever else there is"
    seen = 2 + len(layout.large) + layout.room + 4 <= height
    assert (WAY in ids) or (seen and (not code or layout.code)), "what has no room is a key away"
    if len(number) < 20:
        assert 2 + len(layout.large) + layout.room <= height, "the number and all keys are seen"


def test_the_way_there_shows_the_text_and_the_code_together() -> None:
    page = way(done(NUMBERS[0]))
    layout = lay_out(page, 60, 20, CODE)
    assert [one.id for one in layout.choices] == [NUMBER]
    assert (len(layout.code), layout.below, page.text) == (15, False, done(NUMBERS[0]).text)


def test_a_title_is_large_where_it_leaves_room_for_every_choice() -> None:
    page = Page("Welcome", "Reserve.", (Choice("a", "A"), Choice("b", "B"), Choice("c", "C")))
    assert len(lay_out(page, 80, 24, []).title) == 6
    assert len(lay_out(page, 60, 20, []).title) == 3
    assert lay_out(page, 80, 15, []).title == ()
    many = Page("Welcome", "", tuple(Choice(f"{n}", "x") for n in range(9)))
    narrow = lay_out(many, 60, 20, [])
    assert (narrow.title, narrow.rows) == ((), 2)
    assert narrow.room <= 20 - 4


def test_connectors_are_pictured_where_they_fit_and_named_anyway() -> None:
    plugs = (Connector("1", "IEC_62196_T2_COMBO", None, None, None), Connector("2", "CHADEMO"))
    point = Point("l", "DE*X*1", "Nord", "1", True, plugs)
    page = pages.chargers([point])
    assert page.choices[0].pictures == ("IEC_62196_T2_COMBO", "CHADEMO")
    assert "CCS, CHAdeMO" in page.choices[0].note
    layout = lay_out(page, 80, 24, [])
    assert (layout.pictures, layout.rows) == (2, 3)
    assert lay_out(page, 40, 24, []).pictures == 0
    rows = side_by_side(("CHADEMO", "no such"), 2)
    assert {len(row) for row in rows} == {2 * WIDTH + 1}
