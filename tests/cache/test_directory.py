"""The charger directory, with every combination of what SQLite was built with."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from pm_tui.cache.directory import Directory, Entry, Seen
from pm_tui.cache.directory_file import NAME, Features, features_here
from pm_tui.cache.faults import Notices
from pm_tui.cache.sphere import distances_from
from tests.cache.faults import NOW, Clock, nothing_can_be_written, scribble, tamper

HOUR = timedelta(hours=1)
Open = Callable[..., Directory]


@pytest.fixture
def notices() -> Notices:
    return Notices()


@pytest.fixture(
    params=[
        Features(True, True),
        Features(False, True),
        Features(True, False),
        Features(False, False),
    ],
    ids=["rtree-fts5", "fts5", "rtree", "plain"],
)
def features(request: pytest.FixtureRequest) -> Features:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def opened(tmp_path: Path, notices: Notices, clock: Clock, features: Features) -> Open:
    def again(**more: object) -> Directory:
        return Directory(tmp_path / "cache", notices, clock, features=features, **more)  # type: ignore[arg-type]

    return again


@pytest.fixture
def directory(opened: Open) -> Directory:
    return opened()


def entry(location_id: str, latitude: float = 52.5, longitude: float = 13.4, **more: str) -> Entry:
    texts = {"name": "Ladepark", "cpo_name": "EnBW", "city": "Berlin", **more}
    return Entry(
        location_id, latitude, longitude, raw={"location_id": location_id, **more}, **texts
    )


def scattered(count: int, seed: int) -> list[Entry]:
    """Points in clusters, at both ends of the world and around."""
    dice = random.Random(seed)
    centres = [(52.5, 13.4), (48.1, 11.6), (0.0, 179.95), (66.5, -179.9), (89.9, 10), (-89.95, -60)]
    made = []
    for number in range(count):
        lat, lng = dice.choice(centres)
        lat = round(max(-90.0, min(90.0, lat + dice.gauss(0, 0.2))), 7)
        lng = round((lng + dice.gauss(0, 0.4) + 180) % 360 - 180, 7)
        made.append(entry(f"L{number:04}", lat, lng))
    return made


def test_this_sqlite_has_both_modules() -> None:
    assert features_here() == Features(True, True)


def near(
    directory: Directory,
    latitude: float,
    longitude: float,
    radius_km: float,
    limit: int | None = None,
) -> list[Seen]:
    return directory.read(directory.spots(latitude, longitude, radius_km, limit))


def test_near_agrees_with_brute_force_everywhere(directory: Directory) -> None:
    entries = scattered(900, 1)
    directory.add(entries, NOW)
    dice = random.Random(2)
    for _ in range(60):
        here = dice.choice(entries)
        latitude = max(-90.0, min(90.0, here.latitude + dice.gauss(0, 0.1)))
        radius = dice.choice([0.5, 5, 25, 200, 3000])
        km = distances_from(latitude, here.longitude)
        expected = sorted(
            (km(one.latitude, one.longitude), one.location_id)
            for one in entries
            if km(one.latitude, one.longitude) <= radius
        )
        found = near(directory, latitude, here.longitude, radius)
        assert [(one.km, one.location_id) for one in found] == expected
        assert near(directory, latitude, here.longitude, radius, limit=3) == found[:3]


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), 91.0, -200.0])
def test_what_is_no_place_is_neither_kept_nor_asked(directory: Directory, bad: float) -> None:
    assert directory.add([entry("a", bad), entry("b", 0, bad * 2), entry("", 1, 1)], NOW) == 0
    assert near(directory, bad, 0, 10) == []


def test_an_answer_is_kept_whole_and_an_older_one_does_not_replace_it(directory: Directory) -> None:
    assert directory.add([entry("a", name="new")], NOW) == 1
    assert directory.add([entry("a", 48, 11, name="old")], NOW - HOUR) == 0
    known = directory.get("a")
    assert known is not None
    assert (known.raw, known.fetched_at) == ({"location_id": "a", "name": "new"}, NOW)
    assert [one.raw["name"] for one in near(directory, 52.5, 13.4, 1)] == ["new"]
    assert near(directory, 48, 11, 1) == []
    assert directory.get("b") is None
    assert directory.count() == 1


def test_a_newer_answer_moves_and_renames(directory: Directory) -> None:
    directory.add([entry("a", name="Alt")], NOW - HOUR)
    directory.add([entry("a", 48, 11, name="Neu")], NOW)
    assert near(directory, 52.5, 13.4, 1) == []
    assert len(near(directory, 48, 11, 1)) == 1
    assert directory.find("alt") == []
    assert [one.location_id for one in directory.find("neu")] == ["a"]


def test_the_last_of_one_id_in_one_answer_counts(directory: Directory) -> None:
    directory.add([entry("a", name="eins"), entry("a", name="zwei")], NOW)
    known = directory.get("a")
    assert known is not None and known.raw["name"] == "zwei"
    assert directory.count() == 1


def test_what_claims_to_come_from_the_future_is_not_believed(
    directory: Directory, clock: Clock
) -> None:
    directory.add([entry("a")], NOW + HOUR)
    directory.add_area(52, 13, 10, "*", True, NOW + HOUR)
    assert directory.get("a") is None
    assert near(directory, 52.5, 13.4, 1) == []
    assert directory.find("ladepark") == []
    assert directory.touching(52, 13, 1) == []
    directory.add([entry("a", name="true")], NOW)
    directory.add_area(52, 13, 10, "*", True, NOW)
    known = directory.get("a")
    assert known is not None and known.raw["name"] == "true"
    assert len(directory.touching(52, 13, 1)) == 1


def test_names_are_found_however_they_are_typed(directory: Directory) -> None:
    directory.add([entry("DE*ENB*E1", city="München"), entry("DE*ION*E2", cpo_name="Ionity")], NOW)
    for typed in ("münchen", "Munchen", "muenchen", "mün", "DE*ENB*E1", "muenchen enbw"):
        assert [one.location_id for one in directory.find(typed)] == ["DE*ENB*E1"], typed
    assert [one.location_id for one in directory.find("ionity")] == ["DE*ION*E2"]
    assert len(directory.find("ladepark")) == 2
    assert len(directory.find("ladepark", limit=1)) == 1
    for typed in ("", "   ", "nirgends"):
        assert directory.find(typed) == []
    assert directory.find('"; DROP TABLE location') == []


def test_whole_words_come_before_beginnings(tmp_path: Path, notices: Notices) -> None:
    directory = Directory(tmp_path, notices, Clock())
    directory.add([entry("a", city="Ulmenhof"), entry("b", city="Ulm")], NOW)
    assert [one.location_id for one in directory.find("ulm")] == ["b", "a"]


def test_odd_texts_are_kept(directory: Directory) -> None:
    odd = entry("a", name="\ud800 x\x00y")
    assert directory.add([odd], NOW) == 1
    known = directory.get("a")
    assert known is not None and known.raw == odd.raw
    assert directory.get("\ud800") is None


def test_areas_that_touch_a_circle(directory: Directory) -> None:
    directory.add_area(52.5, 13.4, 25, "*|0|*", True, NOW - HOUR)
    directory.add_area(52.5, 13.4, 100, "CCS|0|*", False, NOW)
    found = directory.touching(52.5, 13.4, 25)
    assert [(one.radius_km, one.filter_key, one.complete) for one in found] == [
        (100, "CCS|0|*", False),
        (25, "*|0|*", True),
    ]
    assert found[1].fetched_at == NOW - HOUR
    assert [one.radius_km for one in directory.touching(53, 13.4, 31)] == [100, 25]
    assert [one.radius_km for one in directory.touching(53, 13.4, 30)] == [100]  # 55.6 km away
    assert [one.radius_km for one in directory.touching(52.5, 14.2, 30)] == [100, 25]
    assert directory.touching(54, 13.4, 25) == []
    assert directory.touching(52.5, 16, 25) == []


def test_an_incomplete_answer_does_not_hide_a_complete_one(directory: Directory) -> None:
    for moment, complete in ((NOW - HOUR, True), (NOW, False), (NOW - 2 * HOUR, True)):
        directory.add_area(52.5, 13.4, 25, "*", complete, moment)
    found = directory.touching(52.5, 13.4, 25)
    assert [(one.complete, one.fetched_at) for one in found] == [(False, NOW), (True, NOW - HOUR)]


def test_prune_forgets_the_old_but_not_favourites(opened: Open) -> None:
    directory = opened(spared=lambda: ["favourite"])
    directory.add([entry("old", name="Alt"), entry("favourite")], NOW - HOUR)
    directory.add([entry("new")], NOW)
    directory.add_area(52, 13, 5, "*", True, NOW - HOUR)
    assert directory.prune(NOW - HOUR / 2) == 1
    assert directory.get("old") is None
    assert directory.find("alt") == []
    assert {one.location_id for one in near(directory, 52.5, 13.4, 1)} == {"favourite", "new"}
    assert directory.touching(52, 13, 1) == []
    assert directory.prune(NOW - HOUR / 2) == 0


def test_it_is_all_there_after_a_restart(opened: Open, notices: Notices) -> None:
    directory = opened()
    directory.add(scattered(50, 4), NOW)
    found = near(directory, 52.5, 13.4, 500)
    directory.close()
    assert near(opened(), 52.5, 13.4, 500) == found
    assert notices == []


def test_windows_share_it(opened: Open) -> None:
    one, other = opened(), opened()
    one.add([entry("a")], NOW)
    other.add([entry("b")], NOW)
    assert one.count() == other.count() == 2


# -- what a disk does ------------------------------------------------------------------


def test_a_broken_file_is_set_aside_and_rebuilt(
    opened: Open, notices: Notices, tmp_path: Path
) -> None:
    directory = opened()
    directory.add(scattered(50, 4), NOW)
    directory.close()
    scribble(tmp_path / "cache" / NAME)
    again = opened()
    assert again.count() == 0
    assert again.add([entry("a")], NOW) == 1
    assert len(notices) == 1 and str(tmp_path / "cache" / NAME) in notices[0]
    assert len(list((tmp_path / "cache").glob("*.broken-*"))) == 1


def test_damage_in_use_is_rebuilt_and_the_answer_is_kept(
    directory: Directory, notices: Notices, tmp_path: Path
) -> None:
    directory.add([entry("a")], NOW)
    tamper(tmp_path / "cache" / NAME, "DROP TABLE content")
    assert directory.get("a") is None
    assert directory.add([entry("b")], NOW) == 1
    assert directory.get("b") is not None
    assert len(notices) == 1


def test_a_damaged_value_is_no_more_than_its_id(directory: Directory, tmp_path: Path) -> None:
    directory.add([entry("a", name="Ladepark 100")], NOW)
    change = "UPDATE content SET raw = replace(CAST(raw AS TEXT), '100', '900')"
    tamper(tmp_path / "cache" / NAME, change)
    known = directory.get("a")
    assert known is not None and known.raw == {"location_id": "a"}


def test_random_damage_never_raises(opened: Open, tmp_path: Path) -> None:
    directory = opened()
    directory.add(scattered(400, 5), NOW)
    directory.close()
    file = tmp_path / "cache" / NAME
    size = file.stat().st_size
    for step in range(1, 12):
        scribble(file, step * size // 12, 40)
        again = opened()
        near(again, 52.5, 13.4, 500)
        again.find("ladepark")
        again.get("L0001")
        again.touching(52, 13, 1)
        again.prune(NOW - HOUR)
        again.add([entry("new")], NOW)
        assert again.get("new") is not None
        again.close()


def test_a_full_disk_is_read_and_told_once(
    directory: Directory, notices: Notices, tmp_path: Path
) -> None:
    directory.add([entry("a")], NOW)
    with nothing_can_be_written():
        assert directory.add([entry("b")], NOW) == 0
        assert directory.add([entry("c")], NOW) == 0
        assert directory.get("a") is not None
    assert len(notices) == 1 and str(tmp_path / "cache" / NAME) in notices[0]
    assert directory.add([entry("b")], NOW) == 1


def test_a_file_is_readable_when_nothing_can_be_written_from_the_start(opened: Open) -> None:
    first = opened()
    first.add([entry("a")], NOW)
    first.close()
    with nothing_can_be_written():
        assert opened().get("a") is not None


def test_without_a_disk_it_is_memory(tmp_path: Path, notices: Notices, features: Features) -> None:
    (tmp_path / "cache").write_text("a file")
    directory = Directory(tmp_path / "cache", notices, Clock(), features=features)
    directory.add([entry("a")], NOW)
    assert len(near(directory, 52.5, 13.4, 1)) == 1
    assert len(notices) == 1


def test_a_file_made_with_other_modules_is_rebuilt(tmp_path: Path, notices: Notices) -> None:
    Directory(tmp_path, notices, Clock()).close()
    plain = Directory(tmp_path, notices, Clock(), features=Features(False, False))
    assert plain.add([entry("a")], NOW) == 1
    assert len(notices) == 1


def test_of_spots_those_only_that_offer_what_is_wanted(directory: Directory) -> None:
    near, far = entry("near"), entry("far", 52.6)
    offering = [replace(near, offers="CHADEMO=50"), replace(far, offers="IEC_62196_T2=22")]
    directory.add(offering, NOW)
    spots = directory.spots(52.5, 13.4, 25)
    assert list(spots.ids) == ["near", "far"]
    assert [one.fetched_at for one in directory.read(spots)] == [NOW, NOW]
    found = directory.spots(52.5, 13.4, 25, 1, lambda offers: "22" in offers)
    assert list(found.ids) == ["far"]
    directory.add([replace(far, offers="CHADEMO=50")], NOW)
    assert directory.spots(52.5, 13.4, 25, 1, lambda offers: "22" in offers).ids == ()


def test_what_went_meanwhile_is_a_bare_id(directory: Directory) -> None:
    directory.add([entry("a")], NOW - HOUR)
    spots = directory.spots(52.5, 13.4, 25)
    directory.prune(NOW)
    (seen,) = directory.read(spots)
    assert seen.raw == {"location_id": "a"}


def test_many_equally_far_are_in_the_order_of_their_ids(directory: Directory) -> None:
    directory.add([entry(f"L{number:02}") for number in reversed(range(20))], NOW)
    directory.add([entry("first", 52.5, 13.4001)], NOW)
    found = directory.spots(52.5, 13.4001, 25, 5)
    assert list(found.ids) == ["first", "L00", "L01", "L02", "L03"]


def test_those_from_the_future_do_not_take_the_places_of_others(directory: Directory) -> None:
    directory.add([entry(f"future{n}", 52.5 + n / 1000) for n in range(8)], NOW + HOUR)
    directory.add([entry(f"now{n}", 52.52 + n / 1000) for n in range(4)], NOW)
    found = directory.spots(52.5, 13.4, 50, 3)
    assert list(found.ids) == ["now0", "now1", "now2"]


def test_clear_forgets_everything_and_begins_anew(opened: Open) -> None:
    directory = opened(spared=lambda: ["a"])
    directory.add([entry("a"), entry("b")], NOW)
    directory.add_area(52, 13, 5, "*", True, NOW)
    assert directory.clear() == 2
    assert (directory.count(), directory.count_areas(), directory.find("ladepark")) == (0, 0, [])
    assert near(directory, 52.5, 13.4, 1) == []
    directory.add([entry("a")], NOW)
    assert [one.location_id for one in directory.find("ladepark")] == ["a"]
    assert len(near(directory, 52.5, 13.4, 1)) == 1


def test_files_of_earlier_versions_are_removed_and_no_others(
    tmp_path: Path, notices: Notices
) -> None:
    folder = tmp_path / "cache"
    folder.mkdir(mode=0o700)
    for name in ("chargers-1.db", "chargers-1.db-wal", "chargers-99.db", "searches-1.db"):
        (folder / name).touch()
    Directory(folder, notices, Clock()).close()
    left = {path.name for path in folder.iterdir()}
    assert {NAME, "chargers-99.db", "searches-1.db"} <= left
    assert not any(name.startswith("chargers-1.db") for name in left)
