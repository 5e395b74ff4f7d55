"""The geometry of a way, and the circles that cover it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import hypot, sqrt

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pm_tui.cache.sphere import distances_from
from pm_tui.models.query import MAX_RADIUS_KM, SearchQuery
from pm_tui.models.route import RouteQuery, Stop, route
from pm_tui.services.corridor import LARGEST_KM, SLACK, SLACK_KM, Arc, Leg, gaps, question, way_of

BERLIN = Stop("Berlin", 52.52437, 13.41053)
LEIPZIG = Stop("Leipzig", 51.33962, 12.37129)
MUENCHEN = Stop("München", 48.13743, 11.57549)
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def way(*stops: Stop, aside: float = 25.0, **more: object) -> RouteQuery:
    first = stops[0]
    return RouteQuery(first.latitude, first.longitude, aside, stops=stops, **more)  # type: ignore[arg-type]


PLACES = st.builds(Stop, st.just("x"), st.floats(44, 58), st.floats(-5, 20))
WAYS = st.lists(PLACES, min_size=2, max_size=5, unique=True)
ASIDE = st.floats(0.5, 100)


@given(WAYS, ASIDE, st.floats(0, 1), st.floats(-1, 1), st.floats(-1, 1))
@example([BERLIN, LEIPZIG], 50.0, 0.0, 1.0, 0.6)  # behind the first stop
@example([BERLIN, LEIPZIG], 50.0, 1.0, -1.0, -0.6)  # and beyond the last
def test_every_point_of_the_corridor_is_in_a_circle(
    stops: list[Stop], aside: float, share: float, off: float, on: float
) -> None:
    query = way(*stops, aside=aside)
    whole = way_of(query)
    km = share * whole.length_km
    leg = next(leg for leg in reversed(whole.legs) if km >= leg.begins_km)
    latitude, longitude = leg.at(km - leg.begins_km)
    # anywhere around a point of the leg, no farther than the corridor is wide
    scale = aside / max(hypot(off, on), 1.0) / 112.0
    point = (latitude + off * scale, longitude + on * scale)
    if whole.beside(*point)[1] > aside:
        return
    asked = [question(query, arc) for arc in whole.arcs()]
    distances = [
        distances_from(one.latitude, one.longitude)(*point) / one.radius_km for one in asked
    ]
    assert min(distances) <= 1


@given(WAYS, ASIDE)
def test_circles_are_few_and_none_is_refused(stops: list[Stop], aside: float) -> None:
    whole = way_of(way(*stops, aside=aside))
    arcs = whole.arcs()
    assert all(arc.radius_km <= max(LARGEST_KM, 1.5 * aside) + 1e-6 for arc in arcs)
    assert all(arc.radius_km < MAX_RADIUS_KM for arc in arcs)
    # together they are the way, one after the other
    assert gaps(whole.length_km, [arc.span for arc in arcs]) == ()
    spans = [arc.span for arc in arcs]
    assert all(a[1] == pytest.approx(b[0], abs=1e-6) for a, b in pairwise(spans))
    # one fewer on a leg would not do
    radius = (max(LARGEST_KM, 1.5 * aside) - SLACK_KM) / SLACK
    half, end = sqrt(radius**2 - aside**2), radius - aside
    for leg in whole.legs:
        count = sum(arc.leg is leg for arc in arcs)
        assert count == 1 or leg.length_km > 2 * min(end, half) + 2 * half * (count - 2) - 1e-6


def test_as_few_as_there_can_be_from_berlin_to_munich() -> None:
    for aside, most in ((2.0, 6), (25.0, 6), (60.0, 6)):
        assert len(way_of(way(BERLIN, LEIPZIG, MUENCHEN, aside=aside)).arcs()) <= most
    assert len(way_of(way(BERLIN, Stop("Potsdam", 52.39886, 13.06566), aside=5)).arcs()) == 1


@given(WAYS, st.floats(0.5, 60))
def test_halves_cover_the_same_with_smaller_circles(stops: list[Stop], aside: float) -> None:
    for arc in way_of(way(*stops, aside=aside)).arcs():
        halves = arc.halves()
        assert len(halves) == (2 if arc.end_km - arc.begin_km > max(aside, 1) else 0)
        if halves:
            assert halves[0].span[0] == arc.span[0]
            assert halves[0].span[1] == pytest.approx(halves[1].span[0])
            assert halves[1].span[1] == arc.span[1]
            assert halves[0].first == arc.first and halves[1].last == arc.last
            assert all(half.radius_km < arc.radius_km for half in halves)


@given(WAYS, st.floats(0.5, 60), st.floats(0, 120))
def test_what_a_cut_answer_covers_lies_within_its_reach(
    stops: list[Stop], aside: float, reach: float
) -> None:
    for arc in way_of(way(*stops, aside=aside)).arcs():
        covered = arc.covered(reach)
        if covered is None:
            continue
        begin, end = covered
        assert arc.span[0] <= begin < end <= arc.span[1] + 1e-9
        if reach < arc.radius_km / 1.01:
            centre = arc.leg.begins_km + arc.centre_km
            assert hypot(max(centre - begin, end - centre, 0), aside) <= reach + 0.2


def test_a_circle_that_is_cut_short_covers_a_stop_only_with_all_around_it() -> None:
    leg = Leg(BERLIN, LEIPZIG, begins_km=100, length_km=200, bearing=0)
    middle = Arc(leg, 40, 120, 80, aside_km=30, first=False, last=False)
    first = Arc(leg, 0, 70, 40, aside_km=30, first=True, last=False)
    last = Arc(leg, 130, 200, 160, aside_km=30, first=False, last=True)
    radii = [50 * SLACK + SLACK_KM, 70 * SLACK + SLACK_KM, 70 * SLACK + SLACK_KM]
    assert [arc.radius_km for arc in (middle, first, last)] == pytest.approx(radii)
    assert [middle.covered(km) for km in (30, 34, 50.01)] == [None, (164, 196), (140, 220)]
    assert [first.covered(km) for km in (60, 70.01)] == [(110, 170), (100, 170)]
    assert [last.covered(km) for km in (60, 70.01)] == [(230, 290), (230, 300)]
    assert [(half.centre_km, *half.span) for half in middle.halves()] == [
        (60, 140, 180),
        (100, 180, 220),
    ]
    assert replace(middle, end_km=40.9, aside_km=0.3).halves() == ()


def test_where_along_the_way_and_how_far_aside() -> None:
    whole = way_of(way(BERLIN, LEIPZIG, MUENCHEN))
    assert whole.length_km == pytest.approx(149 + 361, abs=3)
    assert whole.beside(BERLIN.latitude, BERLIN.longitude) == (0, 0)
    km, aside = whole.beside(MUENCHEN.latitude, MUENCHEN.longitude)
    assert km == pytest.approx(whole.length_km)
    assert aside == pytest.approx(0, abs=1e-3)
    km, aside = whole.beside(51.8667, 12.6484)  # Wittenberg lies all but on it
    assert 80 < km < 95 and aside < 12
    assert whole.beside(53.55, 9.99)[1] > 200  # Hamburg does not
    for leg in whole.legs:
        assert leg.at(0) == pytest.approx((leg.start.latitude, leg.start.longitude))
        assert leg.at(leg.length_km) == pytest.approx((leg.end.latitude, leg.end.longitude))
    (over,) = way_of(way(Stop("Fiji", -17.0, 179.0), Stop("Samoa", -17.0, -179.0))).legs
    assert over.at(over.length_km) == pytest.approx((-17.0, -179.0))


def test_gaps_are_what_nothing_covers() -> None:
    assert gaps(100, [(80, 100), (30, 60), (0, 40)]) == ((60, 80),)
    assert gaps(100, []) == ((0, 100),)
    assert gaps(100, [(0, 100.0)]) == ()


def test_one_asks_for_the_time_in_which_one_may_be_there() -> None:
    hour = timedelta(hours=1)
    query = way(BERLIN, LEIPZIG, start=NOON, end=NOON + hour, speed_kmh=60.0, limit=7)
    asked = [question(query, arc) for arc in way_of(query).arcs()]
    assert {one.limit for one in asked} == {7}
    assert asked[0].start == NOON
    first: Arc = way_of(query).arcs()[0]
    assert asked[0].end is not None
    passed = timedelta(minutes=round(first.span[1]))
    assert asked[0].end == NOON + passed + timedelta(hours=1)
    assert query.window_at(30) == (
        NOON + timedelta(minutes=30),
        NOON + timedelta(minutes=90),
    )


def test_a_way_has_a_key_like_every_search() -> None:
    stops = (BERLIN, Stop("Halle (Saale) & Umland; 50%", 51.48, 11.97))
    for query in (
        way(*stops, aside=7.5, connector_type="CHADEMO", power_min_kw=50.0, speed_kmh=95.5),
        way(*stops, start=NOON, end=NOON + timedelta(hours=2)),
    ):
        again = SearchQuery.from_key(query.key())
        short = [Stop(s.label, round(s.latitude, 6), round(s.longitude, 6)) for s in stops]
        assert again == route(query, short, query.speed_kmh)
    assert type(SearchQuery.from_key(SearchQuery(52.0, 13.0).key())) is SearchQuery


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"stops": (BERLIN,)}, "2 to"),
        ({"stops": (BERLIN, BERLIN)}, "same"),
        ({"radius_km": 150.0}, "100 km"),
        ({"speed_kmh": 5.0}, "speed"),
    ],
)
def test_what_cannot_be_a_way(wrong: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        RouteQuery(52.5, 13.4, **{"stops": (BERLIN, LEIPZIG), **wrong})  # type: ignore[arg-type]
