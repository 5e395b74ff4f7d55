from __future__ import annotations

from math import acos, cos, pi, radians, sin

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pm_tui.cache.sphere import EARTH_KM, boxes, distances_from, is_place, within

LATITUDES = st.floats(-90, 90)
LONGITUDES = st.floats(-180, 180)


@pytest.mark.parametrize(
    ("here", "there", "km"),
    [
        ((52.5200, 13.4050), (48.1372, 11.5755), 504.2),  # Berlin, Munich
        ((0, 0), (0, 180), 20015.1),
        ((90, 0), (-90, 77), 20015.1),
        ((0, 179.5), (0, -179.5), 111.2),
        ((51, 7), (51, 7), 0),
    ],
)
def test_known_distances(here: tuple[float, float], there: tuple[float, float], km: float) -> None:
    assert distances_from(*here)(*there) == pytest.approx(km, abs=0.3)


@given(LATITUDES, LONGITUDES, LATITUDES, LONGITUDES)
def test_distance_agrees_with_the_cosine_law(a: float, b: float, c: float, d: float) -> None:
    p, q = radians(a), radians(c)
    cosine = sin(p) * sin(q) + cos(p) * cos(q) * cos(radians(d - b))
    expected = EARTH_KM * acos(max(-1.0, min(1.0, cosine)))
    km = distances_from(a, b)(c, d)
    assert km == pytest.approx(expected, abs=0.5)  # the cosine law is poor at both ends
    assert 0 <= km <= EARTH_KM * pi
    assert km == pytest.approx(distances_from(c, d)(a, b), abs=1e-6)


@given(LATITUDES, LONGITUDES, st.floats(0, 21_000), st.lists(st.tuples(LATITUDES, LONGITUDES)))
def test_within_are_those_whose_distance_is_no_more(
    latitude: float, longitude: float, radius: float, places: list[tuple[float, float]]
) -> None:
    km = distances_from(latitude, longitude)
    points = [(*place, "id", row, 0) for row, place in enumerate(places)]
    found = {
        row: haversine
        for haversine, _id, row, _at in within(latitude, longitude, radius, points, 1)
    }
    for row, place in enumerate(places):
        if row in found:
            assert found[row] == km(*place) <= radius + 1e-6
        else:
            assert km(*place) >= radius - 1e-6


@given(LATITUDES, LONGITUDES, st.floats(0.001, 21_000), LATITUDES, LONGITUDES)
@example(89.9, 0, 50, 89.9, 180)
@example(-89.9, 10, 50, -89.99, -170)
@example(0, 180, 10, 0, -180)
@example(52, 179.99, 25, 52, -179.9)
@example(85, 0, 555, 84, 60)
def test_every_point_of_the_circle_lies_in_a_box(
    latitude: float, longitude: float, radius: float, other: float, turn: float
) -> None:
    found = boxes(latitude, longitude, radius)
    assert all(-180 <= box.west <= box.east <= 180 for box in found)
    if distances_from(latitude, longitude)(other, turn) <= radius:
        assert any(
            box.south <= other <= box.north and box.west <= turn <= box.east for box in found
        )


@given(st.floats(-80, 80), LONGITUDES, st.floats(1, 200))
def test_boxes_are_not_much_larger_than_the_circle(lat: float, lng: float, radius: float) -> None:
    found = boxes(lat, lng, radius)
    assert sum(box.east - box.west for box in found) < 2.2 * radius / 111 / cos(radians(82.5))
    assert found[0].north - found[0].south < 2 * radius / 111 + 0.001


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), 90.01, -91])
def test_what_is_no_place(bad: float) -> None:
    assert not is_place(bad, 0)
    assert not is_place(0, bad * 2)
    assert is_place(90, -180) and is_place(-90, 180)
