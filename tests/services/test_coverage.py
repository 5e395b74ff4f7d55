"""What earlier searches cover of a circle: proved by one, measured for several."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import acos, cos, pi, radians
from typing import Any

import pytest

from pm_tui.cache.directory import Area
from pm_tui.services.coverage import cover

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
KM = 1 / 111.195  # degrees of latitude


def area(north_km: float, radius: float, hours: float = 0, east_km: float = 0) -> Area:
    east = east_km * KM / cos(radians(52.5))
    at = NOW - timedelta(hours=hours)
    return Area(52.5 + north_km * KM, 13.4 + east, radius, "*|0|*", True, at)


def test_one_that_holds_it_all_is_proof_and_the_last_one_counts() -> None:
    new, old = area(3, 40, hours=1), area(0, 100, hours=20)
    found = cover(52.5, 13.4, 25, [new, old])
    assert (found.share, found.percent, found.areas) == (1, 100, (new,))
    assert found.oldest == NOW - timedelta(hours=1)


def test_nothing_known_covers_nothing() -> None:
    for areas in ([], [area(60, 20)]):
        found = cover(52.5, 13.4, 25, areas)
        assert (found.share, found.percent, found.areas, found.oldest) == (0, 0, (), None)


@pytest.mark.parametrize("away", [0.0, 10.0, 25.0, 40.0])
def test_a_part_is_measured_as_geometry_has_it(away: float) -> None:
    radius = 25.0
    found = cover(52.5, 13.4, radius, [area(away, 20)])
    assert abs(found.share - lens(radius, 20, away) / (pi * radius**2)) < 0.01
    assert found.percent < 100


def lens(a: float, b: float, d: float) -> Any:
    """What two circles have in common, on a plane: exact enough for 25 km."""
    if d <= abs(a - b):
        return pi * min(a, b) ** 2
    x = (d * d + a * a - b * b) / (2 * d)
    left = a * a * acos(x / a) - x * (a * a - x * x) ** 0.5
    right = b * b * acos((d - x) / b) - (d - x) * (b * b - (d - x) ** 2) ** 0.5
    return left + right


def test_several_that_cover_it_together_are_never_called_the_whole() -> None:
    quarters = [area(n, 24, east_km=e) for n in (-15, 15) for e in (-15, 15)]
    found = cover(52.5, 13.4, 25, quarters)
    assert found.percent == 99
    assert found.share < 1


def test_an_old_area_counts_only_for_what_the_new_ones_leave_open() -> None:
    new, inside, beside = area(0, 15, 1), area(2, 5, 50), area(20, 10, 9)
    found = cover(52.5, 13.4, 25, [new, beside, inside])
    assert found.areas == (new, beside)
    assert found.oldest == NOW - timedelta(hours=9)


def test_at_the_ends_of_the_world() -> None:
    half = Area(89.9, 0, 30, "*|0|*", True, NOW)
    assert 0.2 < cover(90, 0, 25, [half]).share <= 1
    across = Area(0, 179.99, 25, "*|0|*", True, NOW)
    assert cover(0, -179.99, 20, [across]).share == 1


def test_a_part_is_the_same_all_around_the_globe() -> None:
    def share(longitude: float) -> float:
        there = Area(52.6, (longitude + 0.2 + 180) % 360 - 180, 20, "*|0|*", True, NOW)
        return cover(52.5, longitude, 25, [there]).share

    assert 0.3 < share(13.4) < 0.7
    assert {share(longitude) for longitude in (-180, -77.5, 13.4, 179.9)} == {share(0)}
