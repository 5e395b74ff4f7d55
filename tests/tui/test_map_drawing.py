"""The map's geometry and drawing, without an application."""

from __future__ import annotations

from decimal import Decimal
from math import hypot

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pm_tui.tui.map.dots import Dots, clipped
from pm_tui.tui.map.legend import lines
from pm_tui.tui.map.marks import Mark, Marks, State, power_class, sign, state_of
from pm_tui.tui.map.picture import HERE, Picture, Scene, Town, draw, ring_step, runs
from pm_tui.tui.map.plane import CLOSEST, WIDEST, Plane, Window, fitting

KM = st.floats(-400, 400)
POINTS = st.tuples(KM, KM)
LEVELS = st.integers(CLOSEST, WIDEST)
BERLIN = Plane(52.52, 13.405)


def mark(key: str, x: float, y: float, power: int = 0, state: State = "free") -> Mark:
    return Mark(key, x, y, power, state)


def rows(picture: Picture) -> list[str]:
    return ["".join(picture.line(row)[0]) for row in range(picture.height)]


# -- the plane -----------------------------------------------------------------


@given(st.floats(-80, 80), st.floats(-180, 180), KM, KM)
def test_there_and_back(latitude: float, longitude: float, x: float, y: float) -> None:
    plane = Plane(latitude, longitude)
    back = plane.km(*plane.degrees(x, y))
    assert hypot(back[0] - x, back[1] - y) < 1e-6


def test_distances_from_the_middle_are_true() -> None:
    x, y = BERLIN.km(48.13743, 11.57549)  # München
    assert hypot(x, y) == pytest.approx(504.4, abs=0.5)
    assert x < 0 and y < 0
    assert BERLIN.km(52.52, 13.405) == (0, 0)


@given(KM, KM, LEVELS, st.integers(1, 200), st.integers(1, 60))
def test_a_point_is_in_its_cell(x: float, y: float, level: int, width: int, height: int) -> None:
    window = Window(level, 0, 0, width, height).around(x, y)
    column, row = window.cell(x, y)
    assert window.holds(column, row)
    wide, high = window.cell_km
    middle = window.centre(column, row)
    assert abs(middle[0] - x) <= wide * 0.500001
    assert abs(middle[1] - y) <= high * 0.500001
    assert high == 2 * wide  # a cell is twice as high as it is wide


@given(st.lists(POINTS, min_size=1, max_size=20), st.integers(8, 200), st.integers(5, 60))
def test_what_is_fitted_is_seen_whole(
    points: list[tuple[float, float]], width: int, height: int
) -> None:
    window = fitting(points, width, height)
    assert all(window.holds(*window.cell(x, y)) for x, y in points)


@given(KM, KM, LEVELS, st.integers(-8, 8), st.integers(0, 39), st.integers(0, 19))
def test_zooming_keeps_what_is_under_the_mouse(
    x: float, y: float, level: int, by: int, column: int, row: int
) -> None:
    window = Window(level, 0, 0, 40, 20).around(x, y)
    point = window.centre(window.left + column, window.top + row)
    closer = window.zoomed(by, (column, row))
    there = closer.cell(*point)
    assert abs(there[0] - closer.left - column) <= 1
    assert abs(there[1] - closer.top - row) <= 1
    assert CLOSEST <= closer.level <= WIDEST


# -- curves --------------------------------------------------------------------


def extent(dots: Dots) -> tuple[int, int]:
    """How many columns and rows something was drawn in."""
    texts, _kinds = dots.cells()
    drawn = [at for at, text in enumerate(texts) if text != " "]
    columns = {at % dots.width for at in drawn}
    return max(columns) - min(columns) + 1, drawn[-1] // dots.width - drawn[0] // dots.width + 1


@given(st.integers(8, 60))
def test_a_circle_is_round_in_cells_twice_as_high_as_wide(radius: int) -> None:
    dots = Dots(64, 32)
    dots.circle(64, 64, radius, "ring")
    columns, lines = extent(dots)
    assert abs(columns - 2 * lines) <= 2
    assert abs(columns - radius) <= 2


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.floats(0, 1e6), st.integers(1, 5))
def test_no_circle_draws_outside_or_for_long(x: float, y: float, radius: float, every: int) -> None:
    Dots(20, 10).circle(x, y, radius, "ring", every, phase=3)


@given(*[st.floats(-1e5, 1e5)] * 4)
def test_a_line_is_cut_to_what_is_seen(x: float, y: float, to_x: float, to_y: float) -> None:
    cut = clipped((x, y), (to_x, to_y), 40, 40)
    if cut is not None:
        assert all(-0.1 <= at <= 40.1 for end in cut for at in end)
    elif 0 <= x <= 40 and 0 <= y <= 40:
        raise AssertionError("it begins inside")
    Dots(20, 10).line((x, y), (to_x, to_y), "leg")


def test_a_line_crosses_the_pane_and_ascii_is_ascii() -> None:
    for ascii_only in (False, True):
        dots = Dots(10, 5, ascii=ascii_only)
        dots.line((-100, -100), (200, 200), "leg")
        dots.circle(10, 10, 9, "ring")
        texts, kinds = dots.cells()
        assert kinds[0] == "leg" and texts[0] != " "
        assert "".join(texts).isascii() is ascii_only


# -- marks ---------------------------------------------------------------------


def test_shape_and_inside_say_what_colour_says_too() -> None:
    powers = [power_class(None if kw is None else Decimal(kw)) for kw in (None, 11, 50, 150, 400)]
    assert powers == [0, 0, 1, 2, 2]
    assert state_of(2, old=False) == "free"
    assert state_of(0, old=False) == "taken"
    assert state_of(None, old=False) == state_of(2, old=True) == "unknown"
    for ascii_only in (False, True):
        seen = {
            sign([mark("a", 0, 0, power, state)], ascii=ascii_only).text
            for power in range(3)
            for state in ("free", "taken", "unknown")
        }
        assert len(seen) == 9


def test_several_in_a_cell_are_a_number_and_the_best_of_them() -> None:
    two = [mark("a", 0, 0, 2, "taken"), mark("b", 0, 0, 0, "unknown")]
    found = sign(two)
    assert (found.text, found.state, found.shared) == ("2", "unknown", True)
    many = sign([*two * 5, mark("c", 0, 0)])
    assert (many.text, many.state) == ("+", "free")


@given(st.lists(POINTS, min_size=1, max_size=60), st.integers(30, 80))
def test_every_mark_is_in_exactly_one_cell(points: list[tuple[float, float]], level: int) -> None:
    marks = Marks([mark(str(n), x, y) for n, (x, y) in enumerate(points)])
    window = Window(level, 0, 0, 40, 20)
    cells = [at for row in marks.rows(window).values() for there in row.values() for at in there]
    assert sorted(cells) == list(range(len(points)))
    everything = fitting(points, 40, 20)
    counted = sum(
        1 if not found.shared else 10 if found.text == "+" else int(found.text)
        for _column, _row, found in marks.seen(everything)
    )
    assert counted <= len(points)
    if counted < 10:
        assert counted == len(points)


def test_arrows_go_to_the_next_that_way_and_space_to_who_shares_the_cell() -> None:
    marks = Marks(
        [mark("here", 0, 0), mark("east", 5, 0.5), mark("aside", 1, 4), mark("mate", 0.01, 0)]
    )
    window = fitting(((one.x, one.y) for one in marks.all), 40, 20)
    here = marks.all[0]

    def beside(columns: int, rows: int) -> str | None:
        found = marks.beside(here, columns, rows, window)
        return None if found is None else found.key

    assert beside(1, 0) == "east"
    assert beside(0, -1) == "aside"
    assert beside(-1, 0) is None
    assert marks.mate(here, window).key == "mate"
    assert marks.mate(marks.all[3], window).key == "here"
    assert marks.mate(marks.all[1], window).key == "east"
    assert marks.nearest(4, 0) is marks.all[1]
    assert Marks().nearest(0, 0) is None


# -- the picture ---------------------------------------------------------------


def scene() -> Scene:
    marks = Marks(
        [
            mark("a", -8, 6, 2, "free"),
            mark("b", 8, 6, 1, "taken"),
            mark("c", 8, -6, 0, "unknown"),
            mark("d", 8.001, -6.001, 0, "free"),
        ]
    )
    towns = [Town("Großstadt", -3, -4), Town("Nebenan", -3.1, -4), Town("Weit weg", 500, 0)]
    return Scene(BERLIN, marks, towns, middle=(0, 0), edge_km=9)


def test_the_picture_has_chargers_rings_names_and_the_point_that_was_asked_about() -> None:
    window = fitting(scene().extent, 44, 16)
    picture = draw(scene(), window)
    text = "\n".join(rows(picture))
    assert all(len(row) == 44 for row in rows(picture))
    for drawn in ("◆", "□", "2", HERE, "Großstadt", "2 km", "6 km"):
        assert drawn in text, drawn
    assert "Nebenan" in text  # moved aside: names do not overlap
    assert "Weit weg" not in text
    column, row = window.cell(-8, 6)
    texts, kinds = picture.line(row - window.top)
    assert texts[column - window.left] == "◆"
    assert kinds[column - window.left] == "free"
    assert "free-shared" in picture.kinds


def test_in_ascii_nothing_is_drawn_that_is_not() -> None:
    drawn = scene()
    drawn.marks.ascii = True
    drawn.towns = [Town("Teltow", -3, -4)]
    text = "\n".join(rows(draw(drawn, fitting(drawn.extent, 44, 16))))
    assert text.isascii()
    assert all(sign in text for sign in ("H", "d", "2", "X", "Teltow", "."))
    assert all(part.isascii() for line in lines(80, 3, ascii=True) for part, _kind in line)


@given(st.integers(1, 90), st.integers(1, 40), LEVELS, st.integers(-50, 50), st.integers(-50, 50))
def test_whatever_the_window_the_picture_has_its_size(
    width: int, height: int, level: int, left: int, top: int
) -> None:
    picture = draw(scene(), Window(level, left, top, width, height))
    assert len(picture.texts) == len(picture.kinds) == width * height
    assert all(len(text) == 1 for text in picture.texts)


@given(LEVELS, st.integers(10, 200), st.integers(5, 60))
def test_rings_are_a_round_number_apart(level: int, width: int, height: int) -> None:
    step = ring_step(Window(level, 0, 0, width, height))
    digits = f"{step:.0e}"
    assert digits[0] in "125"
    assert float(digits) == pytest.approx(step)


def test_moving_the_window_moves_the_picture_and_changes_nothing_else() -> None:
    bare = scene()
    bare.middle = bare.edge_km = None
    bare.towns = ()
    window = fitting(bare.extent, 44, 16)
    before, after = rows(draw(bare, window)), rows(draw(bare, window.moved(-3, -2)))
    assert [row[3:] for row in after[2:]] == [row[:-3] for row in before[:-2]]


def test_pieces_are_merged_over_spaces() -> None:
    texts = list("a  b c ")
    kinds = ["x", "", "", "x", "", "y", ""]
    assert list(runs(texts, kinds)) == [("a  b ", "x"), ("c ", "y")]
    assert list(runs(list("1 2"), ["x-shared", "", "x-shared"])) == [
        ("1", "x-shared"),
        (" ", ""),
        ("2", "x-shared"),
    ]
    assert list(runs(list("  "), ["", ""])) == [("  ", "")]


@pytest.mark.parametrize("width", [10, 30, 52, 90])
def test_the_legend_fits_and_what_must_be_known_comes_first(width: int) -> None:
    for most in (1, 2, 3):
        found = lines(width, most)
        assert len(found) <= most
        assert all(sum(len(text) for text, _kind in line) <= width for line in found)
        assert found[0][0][0].endswith("free")
