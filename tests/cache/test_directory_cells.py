"""What the directory answers from memory is what the file says."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from pm_tui.cache import directory_cells
from pm_tui.cache.directory import Directory, Entry, Spots
from pm_tui.cache.directory_file import NAME, Features
from pm_tui.cache.directory_rows import Offers
from pm_tui.cache.faults import Notices
from pm_tui.cache.sphere import distances_from
from tests.cache.faults import NOW, Clock, scribble
from tests.cache.test_directory import HOUR, entry, scattered

BERLIN = (52.5, 13.4, 25.0)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=[True, False], ids=["rtree", "plain"])
def directory(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Directory:
    return opened(tmp_path, clock, request.param)


def opened(folder: Path, clock: Clock, rtree: bool = True) -> Directory:
    return Directory(folder, Notices(), clock, features=Features(rtree, True))


def write(directory: Directory) -> None:
    """Something that changes no answer."""
    directory.add_area(0, 0, 1, "*", True, NOW + timedelta(seconds=directory.count_areas()))


def statements(directory: Directory, latitude: float, longitude: float, km: float) -> list[str]:
    """What the file is asked for it."""
    asked: list[str] = []
    directory._file.connection.set_trace_callback(asked.append)
    directory.spots(latitude, longitude, km)
    directory._file.connection.set_trace_callback(None)
    return [one for one in asked if not one.startswith("PRAGMA data_version")]


def wanted(entries: list[Entry], place: tuple[float, float, float], offers: Offers | None) -> Spots:
    """By looking at all of them."""
    latitude, longitude, radius = place
    km = distances_from(latitude, longitude)
    found = sorted(
        (away, one.location_id)
        for one in entries
        if (away := km(one.latitude, one.longitude)) <= radius
        and (offers is None or offers(one.offers))
    )
    return Spots(tuple(away for away, _ in found), tuple(name for _, name in found))


def test_memory_and_file_agree_with_brute_force(directory: Directory) -> None:
    entries = [
        replace(one, offers=("CHADEMO=50", "IEC_62196_T2=22", "")[n % 3])
        for n, one in enumerate(scattered(1500, 5))
    ]
    directory.add(entries, NOW)
    dice = random.Random(6)
    for _ in range(80):
        here = dice.choice(entries)
        latitude = max(-90.0, min(90.0, here.latitude + dice.gauss(0, 0.1)))
        place = latitude, here.longitude, dice.choice([0.5, 5, 25, 200])
        limit = dice.choice([None, 1, 30, 200])
        offers = dice.choice([None, lambda text: "22" in text])
        every = wanted(entries, place, offers)
        write(directory)
        read = directory.spots(*place, limit, offers)
        held = directory.spots(*place, limit, offers)
        assert (read.km, read.ids) == (every.km[:limit], every.ids[:limit])
        assert held == read


def test_who_asks_again_while_nobody_writes_is_answered_from_memory(directory: Directory) -> None:
    directory.add(scattered(300, 5), NOW)
    assert statements(directory, *BERLIN)  # the file, for what this one needs
    assert statements(directory, *BERLIN)  # whole cells
    assert statements(directory, *BERLIN) == statements(directory, 52.51, 13.41, 20) == []
    assert statements(directory, 48.1, 11.6, 25)
    assert statements(directory, *BERLIN) == []
    write(directory)
    assert statements(directory, *BERLIN)


def test_what_is_written_here_or_in_another_window_is_seen(
    directory: Directory, tmp_path: Path, clock: Clock
) -> None:
    other = opened(tmp_path, clock, directory._file.features.rtree)

    def seen() -> set[str]:
        found = [set(one.spots(*BERLIN).ids) for one in (directory, other) for _again in range(3)]
        assert all(ids == found[0] for ids in found)
        return found[0]

    directory.add([entry("a"), entry("b")], NOW - HOUR)
    assert seen() == {"a", "b"}
    other.add([entry("a", 48.1, 11.6), entry("c")], NOW)
    assert seen() == {"b", "c"}
    directory.prune(NOW)
    assert seen() == {"c"}
    other.clear()
    assert seen() == set()


def test_what_is_held_from_a_time_to_come_is_not_believed(
    directory: Directory, clock: Clock
) -> None:
    directory.add([entry("now"), entry("later", 52.51)], NOW)
    directory.add([entry("later", 52.52)], NOW + HOUR)
    for _again in range(3):
        assert directory.spots(*BERLIN).ids == ("now",)
    clock.now += HOUR
    for _again in range(3):
        assert directory.spots(*BERLIN).ids == ("now", "later")
    clock.now -= 2 * HOUR  # the computer's clock was set right
    for _again in range(3):
        assert directory.spots(*BERLIN).ids == ()


def test_a_town_beside_the_circle_is_not_counted_into_it(directory: Directory) -> None:
    near = [entry(f"near{n}", 52.55 + n / 1000, 13.45) for n in range(3)]
    far = [entry(f"town{n:03}", 52.69, 13.65 + n / 10_000) for n in range(300)]
    directory.add(near + far, NOW)
    for _again in range(2):
        found = directory.spots(52.55, 13.45, 50, 10)
        assert found.ids == wanted(near + far, (52.55, 13.45, 50), None).ids[:10]
    assert statements(directory, 52.55, 13.45, 50)  # all of them: that is more than the nearest
    assert statements(directory, 52.55, 13.45, 50) == []


def test_what_is_held_stays_within_its_bound(
    directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory_cells, "_MOST_HELD", 60)
    entries = [entry(f"L{n:02}", 50 + n / 5, 10) for n in range(20)]
    directory.add(entries, NOW)
    for here in entries * 2:
        assert directory.spots(here.latitude, 10, 5).ids == (here.location_id,)
        assert len(directory._cells._cells) <= 60 + 9


def test_around_a_pole_the_file_is_asked(directory: Directory) -> None:
    directory.add([entry("a", 89.9)], NOW)
    for _again in range(3):
        assert directory.spots(89.8, -100, 200).ids == ("a",)
    assert statements(directory, 89.8, -100, 200)


def test_a_file_that_was_made_anew_is_not_answered_for_from_memory(
    directory: Directory, tmp_path: Path
) -> None:
    directory.add(scattered(300, 5), NOW)
    for _again in range(2):
        assert len(directory.spots(*BERLIN)) > 0
    scribble(tmp_path / NAME)
    directory.find("ladepark")  # the damage is found, the file set aside
    assert directory.count() == 0
    assert len(directory.spots(*BERLIN)) == 0
