from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pm_tui.cache import blobs
from pm_tui.cache import stores as stores_module
from pm_tui.cache.disk import DATABASE
from pm_tui.cache.stores import Stores, decode, encode
from tests.cache.faults import NOW, Clock, nothing_can_be_written, scribble, tamper
from tests.strategies import unicode_text

MINUTE = timedelta(minutes=1)
ANSWER: dict[str, Any] = {
    "total": 1,
    "results": [{"location_id": "DE-1", "price": Decimal("0.10")}],
}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def stores(tmp_path: Path, clock: Clock) -> Iterator[Stores]:
    opened = again(tmp_path, clock)
    yield opened
    opened.close()


def again(tmp_path: Path, clock: Clock | None = None) -> Stores:
    return Stores.open(tmp_path / "cache", tmp_path / "state", clock or Clock())


def booking(number: int) -> dict[str, Any]:
    return {"id": f"b-{number}", "status": "CONFIRMED", "client_price": Decimal("18.70")}


def database(tmp_path: Path, name: str) -> Path:
    return tmp_path / "cache" / name / DATABASE


# -- what is remembered -----------------------------------------------------------


def test_an_answer_comes_back_equal_after_a_restart(stores: Stores, tmp_path: Path) -> None:
    stores.searches.put("q", "Berlin", ANSWER, NOW)
    stores.close()
    kept = again(tmp_path).searches.get("q")
    assert kept is not None
    assert (kept.key, kept.label, kept.raw, kept.fetched_at) == ("q", "Berlin", ANSWER, NOW)
    assert str(kept.raw["results"][0]["price"]) == "0.10"


def test_a_later_answer_takes_the_place_and_an_older_does_not(stores: Stores) -> None:
    for moment, total in ((NOW, 1), (NOW + MINUTE, 2), (NOW - MINUTE, 3)):
        stores.searches.put("q", "", {"total": total}, moment)
        stores.bookings.put([{"id": "b", "total": total}], moment)
    search, kept = stores.searches.get("q"), stores.bookings.get("b")
    assert search is not None and kept is not None
    assert (search.raw["total"], kept.raw["total"]) == (2, 2)


def test_recent_searches_are_newest_first_without_answers(stores: Stores) -> None:
    for number in range(5):
        stores.searches.put(f"q{number}", f"place {number}", ANSWER, NOW + number * timedelta(0, 1))
    stores.searches.put("q1", "again", ANSWER, NOW + 30 * timedelta(0, 1))
    found = stores.searches.recent(3)
    assert [one.key for one in found] == ["q1", "q4", "q3"]
    assert found[0].label == "again"
    assert all(one.raw == {} for one in found)


def test_recent_searches_do_not_read_answers(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    stores.searches.put("q", "place", ANSWER, NOW)
    read: list[str] = []
    get = blobs.Blobs.get

    def noted(self: blobs.Blobs, key: str) -> bytes | None:
        read.append(key)
        return get(self, key)

    monkeypatch.setattr(blobs.Blobs, "get", noted)
    assert len(stores.searches.recent(5)) == 1
    assert read == [stores_module._LISTED]


def test_bookings_are_kept_by_id_and_those_without_are_not(stores: Stores) -> None:
    stores.bookings.put([booking(1), {"status": "?"}, {"id": None}, {"id": "  "}, booking(2)], NOW)
    assert sorted(one.key for one in stores.bookings.all()) == ["b-1", "b-2"]
    kept = stores.bookings.get("b-1")
    assert kept is not None and kept.raw == booking(1)
    assert stores.bookings.get("b-3") is None


@pytest.mark.parametrize("ahead", [timedelta(minutes=2, seconds=1), timedelta(days=365)])
def test_what_claims_to_come_from_the_future_is_not_believed(
    stores: Stores, clock: Clock, ahead: timedelta
) -> None:
    clock.now = NOW + ahead  # the clock was wrong when it was fetched
    stores.searches.put("q", "", ANSWER, clock.now)
    stores.bookings.put([booking(1)], clock.now)
    clock.now = NOW
    assert stores.searches.get("q") is None
    assert stores.searches.recent(5) == []
    assert stores.bookings.get("b-1") is None
    assert stores.bookings.all() == []
    stores.bookings.put([booking(1)], NOW)  # and does not keep out what is true
    assert len(stores.bookings.all()) == 1


def test_two_minutes_ahead_is_still_believed(stores: Stores) -> None:
    stores.searches.put("q", "", ANSWER, NOW + 2 * MINUTE)
    assert stores.searches.get("q") is not None


def test_values_of_another_schema_are_not_seen(stores: Stores, tmp_path: Path) -> None:
    stores.bookings.put([booking(1)], NOW)
    stores.close()
    tamper(database(tmp_path, "bookings"), "UPDATE Cache SET key = '9:b-1'")
    reopened = again(tmp_path)
    assert reopened.bookings.all() == []
    assert reopened.bookings.get("b-1") is None


def test_windows_see_each_others_bookings(stores: Stores, tmp_path: Path) -> None:
    other = again(tmp_path)
    stores.bookings.put([booking(1)], NOW)
    assert other.bookings.get("b-1") is not None
    other.close()


def test_folders_are_private(stores: Stores, tmp_path: Path) -> None:
    for folder in ("cache", "cache/searches", "cache/bookings", "state"):
        assert stat.S_IMODE((tmp_path / folder).stat().st_mode) == 0o700


JSON = (
    st.none() | st.booleans() | st.integers() | unicode_text()
    | st.decimals(allow_nan=False, allow_infinity=False) | st.just([{"a": [None]}])
)  # fmt: skip


@given(
    st.dictionaries(unicode_text(max_size=5), JSON, max_size=4),
    unicode_text(),
    st.datetimes(timezones=st.timezones()),
)
def test_any_json_and_time_survives(raw: dict[str, Any], label: str, at: Any) -> None:
    try:
        utc = at.astimezone(NOW.tzinfo)
    except OverflowError:
        return
    kept = decode("k", encode(label, raw, at), utc)
    assert kept is not None
    assert (kept.raw, kept.label, kept.fetched_at) == (raw, label, utc)


@given(st.binary())
def test_any_bytes_are_a_miss_or_an_answer(value: bytes) -> None:
    assert decode("k", value, NOW) is None


# -- what a disk does --------------------------------------------------------------


def filled(stores: Stores) -> None:
    stores.searches.put("q", "Berlin", ANSWER, NOW)
    stores.bookings.put([booking(1), booking(2)], NOW)
    stores.close()


@pytest.mark.parametrize("name", ["searches", "bookings"])
@pytest.mark.parametrize("how", ["header", "text", "truncated"])
def test_a_broken_cache_is_set_aside_rebuilt_and_told_once(
    stores: Stores, tmp_path: Path, name: str, how: str
) -> None:
    filled(stores)
    file = database(tmp_path, name)
    if how == "truncated":
        os.truncate(file, 3000)
    else:
        file.write_bytes(b"not a database, " * 999) if how == "text" else scribble(file)
    reopened = again(tmp_path)
    assert reopened.searches.get("q") is None if name == "searches" else True
    reopened.searches.put("new", "", ANSWER, NOW)
    reopened.bookings.put([booking(3)], NOW)
    assert len(reopened.notices) == 1
    assert str(tmp_path / "cache" / name) in reopened.notices[0]
    assert len(list((tmp_path / "cache").glob(f"{name}.broken-*"))) == 1
    reopened.close()
    third = again(tmp_path)
    assert third.notices == []
    assert third.searches.get("new") is not None
    assert third.bookings.get("b-3") is not None


@pytest.mark.parametrize("name", ["searches", "bookings"])
def test_damage_in_use_is_set_aside_and_the_program_goes_on(
    stores: Stores, tmp_path: Path, name: str
) -> None:
    stores.searches.put("q", "", ANSWER, NOW)
    stores.bookings.put([booking(1)], NOW)
    tamper(database(tmp_path, name), "DROP TABLE Cache")
    assert stores.searches.recent(5) == [] or name == "bookings"
    stores.searches.put("new", "", ANSWER, NOW)
    stores.bookings.put([booking(2)], NOW)
    assert stores.searches.get("new") is not None
    assert stores.bookings.get("b-2") is not None
    assert len(stores.notices) == 1


def test_random_damage_gives_misses_but_never_wrong_or_raised(
    stores: Stores, tmp_path: Path
) -> None:
    raws = [{"id": f"b-{n}", "text": f"{n}" * 300} for n in range(300)]
    stores.bookings.put(raws, NOW)
    stores.close()
    size = database(tmp_path, "bookings").stat().st_size
    for step in range(12):
        scribble(database(tmp_path, "bookings"), (step + 1) * size // 13, 7)
    reopened = again(tmp_path)
    kept = {one.key: one.raw for one in reopened.bookings.all()}
    assert all(kept.get(raw["id"], raw) == raw for raw in raws)
    reopened.bookings.put([booking(1)], NOW)
    assert reopened.bookings.get("b-1") is not None


def test_a_planted_row_is_a_miss_and_is_replaced(stores: Stores, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("mine")
    stores.bookings.put([booking(1)], NOW)
    tamper(database(tmp_path, "bookings"), "UPDATE Cache SET mode = 2, filename = '../../outside'")
    assert stores.bookings.get("b-1") is None
    stores.bookings.put([booking(1)], NOW)
    assert stores.bookings.get("b-1") is not None
    assert outside.read_text() == "mine"


def test_only_a_few_broken_ones_are_kept(tmp_path: Path) -> None:
    clock = Clock()
    for number in range(6):
        clock.now = NOW + number * MINUTE
        again(tmp_path, clock).close()
        scribble(database(tmp_path, "searches"))
    kept = sorted(path.name for path in (tmp_path / "cache").glob("searches.broken-*"))
    assert len(kept) == 3
    assert kept[-1] == "searches.broken-20261120T120500Z".rstrip("Z")


def test_a_rebuilt_cache_of_another_window_is_not_set_aside_again(
    stores: Stores, tmp_path: Path
) -> None:
    other = again(tmp_path)
    stores.bookings.put([booking(1)], NOW)
    tamper(database(tmp_path, "bookings"), "DROP TABLE Cache")
    stores.bookings.put([booking(2)], NOW)
    other.bookings.put([booking(3)], NOW)
    assert len(list((tmp_path / "cache").glob("bookings.broken-*"))) == 1
    assert sorted(one.key for one in stores.bookings.all()) == ["b-2", "b-3"]
    other.close()


def test_a_full_disk_keeps_the_old_readable_and_the_new_in_memory(
    stores: Stores, tmp_path: Path
) -> None:
    stores.searches.put("q", "old", ANSWER, NOW)
    stores.bookings.put([booking(1)], NOW)
    with nothing_can_be_written():
        stores.searches.put("new", "new", ANSWER, NOW)
        stores.bookings.put([booking(2)], NOW)
        stores.bookings.put([booking(3)], NOW)
        assert {one.key for one in stores.searches.recent(5)} == {"q", "new"}
        assert {one.key for one in stores.bookings.all()} == {"b-1", "b-2", "b-3"}
    assert len(stores.notices) == 2
    assert any(str(tmp_path / "cache" / "bookings") in text for text in stores.notices)
    assert not list((tmp_path / "cache").glob("*.broken-*"))


def test_a_disk_full_at_the_start_is_read_and_the_new_kept_in_memory(
    stores: Stores, tmp_path: Path
) -> None:
    filled(stores)
    with nothing_can_be_written():
        reopened = again(tmp_path)
        assert reopened.searches.get("q") is not None
        assert {one.key for one in reopened.bookings.all()} == {"b-1", "b-2"}
        reopened.bookings.put([booking(3)], NOW)
        assert reopened.bookings.get("b-3") is not None
        assert reopened.notices
    reopened.close()


def test_a_full_disk_on_the_first_day_is_memory(tmp_path: Path) -> None:
    with nothing_can_be_written():
        stores = again(tmp_path)
        stores.searches.put("q", "", ANSWER, NOW)
        stores.bookings.put([booking(1)], NOW)
        assert stores.searches.get("q") is not None
        assert len(stores.bookings.all()) == 1
        assert any(str(tmp_path / "cache") in text for text in stores.notices)


def test_a_home_that_cannot_be_written_is_memory(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    stores = again(tmp_path)
    stores.searches.put("q", "Berlin", ANSWER, NOW)
    stores.bookings.put([booking(1)], NOW)
    assert stores.searches.get("q") is not None
    assert [one.label for one in stores.searches.recent(5)] == ["Berlin"]
    assert len(stores.bookings.all()) == 1
    assert all(str(tmp_path / "cache") in text for text in stores.notices)
    assert len(stores.notices) == 3


def test_a_network_home_is_memory_and_names_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stores_module, "is_network_filesystem", lambda _path: True)
    stores = again(tmp_path)
    stores.bookings.put([booking(1)], NOW)
    assert len(stores.bookings.all()) == 1
    assert not (tmp_path / "cache").exists()
    assert len(stores.notices) == 1
    assert "PM_TUI_CACHE_DIR" in stores.notices[0]


def test_memory_in_place_of_searches_is_bounded(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("")
    stores = again(tmp_path)
    for number in range(200):
        stores.searches.put(f"q{number}", "", ANSWER, NOW)
    assert stores.searches.get("q0") is None
    assert stores.searches.get("q199") is not None


def test_a_lock_that_is_held_delays_but_neither_breaks_nor_loses(
    stores: Stores, tmp_path: Path
) -> None:
    stores.bookings.put([booking(1)], NOW)
    for blob in stores._blobs:
        blob._cache.close()
        blob._cache._timeout = 0.01  # not two seconds of a test
    hold = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "c.execute('BEGIN EXCLUSIVE'); print('held', flush=True); sys.stdin.read()"
    )
    path = str(database(tmp_path, "bookings"))
    with subprocess.Popen(
        [sys.executable, "-c", hold, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None and holder.stdin is not None
        holder.stdout.readline()
        stores.bookings.put([booking(2)], NOW)
        assert stores.bookings.get("b-2") is not None
        assert stores.bookings.get("b-1") is None  # a miss, while it cannot be read
        holder.stdin.close()
    assert stores.bookings.get("b-1") is not None
    assert stores.notices == []
    assert not list((tmp_path / "cache").glob("*.broken-*"))


def test_stores_opened_in_one_thread_work_in_another(tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    stores = again(tmp_path)
    with ThreadPoolExecutor(1) as worker:
        worker.submit(stores.bookings.put, [booking(1)], NOW).result()
        assert worker.submit(stores.bookings.get, "b-1").result() is not None
        worker.submit(stores.favourites.add, "charger", "DE-1").result()
        assert worker.submit(stores.directory.count).result() == 0
        worker.submit(stores.close).result()


def test_searches_are_forgotten_by_age_or_all(stores: Stores, tmp_path: Path) -> None:
    for number, at in enumerate((NOW - timedelta(days=9), NOW)):
        stores.searches.put(f"key{number}", "Berlin", {"results": []}, at)
    stores.bookings.put([{"id": "b1"}], NOW - timedelta(days=9))
    assert stores.searches.prune(NOW - timedelta(days=1)) == 1
    assert stores.searches.get("key0") is None
    assert [one.key for one in stores.searches.recent(9)] == ["key1"]
    assert stores.searches.clear() == 1
    assert stores.searches.recent(9) == []
    assert stores.searches.clear() == 0
    assert stores.bookings.get("b1") is not None
