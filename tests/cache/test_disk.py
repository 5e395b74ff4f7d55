"""The attacks of the research (section 1.1), each on diskcache's default and on ours.

The default is attacked in the same way so that a test which no longer attacks anything fails.
"""

from __future__ import annotations

import pickle
import sqlite3
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from diskcache import Cache, Disk, JSONDisk

from pm_tui.cache.disk import DATABASE, bookings_cache, searches_cache, wal_is_safe
from tests.cache.faults import tamper

Factory = Callable[[Path], Cache]
OURS = pytest.mark.parametrize("factory", [searches_cache, bookings_cache])


class Bomb:
    """A pickle that makes a file when it is read."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.trace,)


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    return tmp_path / "code-ran"


def bomb(trace: Path) -> bytes:
    return pickle.dumps(Bomb(trace))


def filled(factory: Factory, folder: Path) -> Cache:
    cache = factory(folder)
    cache.set("key", b"value")
    cache.close()
    return cache


def naive(disk: type[Disk]) -> Factory:
    return lambda folder: Cache(str(folder), disk=disk)


@pytest.mark.parametrize("disk", [Disk, JSONDisk])
def test_pickled_values_run_in_diskcaches_own_disks(
    tmp_path: Path, trace: Path, disk: type[Disk]
) -> None:
    cache = Cache(str(tmp_path / "c"), disk=disk)
    cache.set("key", "value")
    tamper(tmp_path / "c" / DATABASE, "UPDATE Cache SET mode = 4, value = ?", bomb(trace))
    with pytest.raises(TypeError) if disk is JSONDisk else nullcontext():
        cache.get("key")
    assert trace.exists()


@OURS
def test_a_pickled_value_is_refused(factory: Factory, tmp_path: Path, trace: Path) -> None:
    cache = filled(factory, tmp_path / "c")
    tamper(tmp_path / "c" / DATABASE, "UPDATE Cache SET mode = 4, value = ?", bomb(trace))
    with pytest.raises(ValueError, match="refused"):
        cache.get("key")
    assert not trace.exists()


@OURS
def test_a_pickled_value_that_looks_raw_is_refused(
    factory: Factory, tmp_path: Path, trace: Path
) -> None:
    cache = filled(factory, tmp_path / "c")
    tamper(tmp_path / "c" / DATABASE, "UPDATE Cache SET value = ?", bomb(trace))
    with pytest.raises(ValueError, match="damaged"):
        cache.get("key")
    assert not trace.exists()


@pytest.mark.parametrize("disk", [Disk, JSONDisk])
def test_pickled_keys_run_in_diskcaches_own_disks(
    tmp_path: Path, trace: Path, disk: type[Disk]
) -> None:
    cache = Cache(str(tmp_path / "c"), disk=disk)
    cache.set("key", "value")
    tamper(tmp_path / "c" / DATABASE, "UPDATE Cache SET raw = 0, key = ?", bomb(trace))
    with pytest.raises(TypeError) if disk is JSONDisk else nullcontext():
        list(cache)
    assert trace.exists()


@OURS
def test_a_pickled_key_is_refused(factory: Factory, tmp_path: Path, trace: Path) -> None:
    cache = filled(factory, tmp_path / "c")
    tamper(tmp_path / "c" / DATABASE, "UPDATE Cache SET raw = 0, key = ?", bomb(trace))
    for read in (list, lambda c: list(c.iterkeys()), lambda c: c.peekitem()):
        with pytest.raises(ValueError, match="refused"):
            read(cache)
    assert not trace.exists()


def outside(tmp_path: Path) -> Path:
    file = tmp_path / "outside"
    file.write_bytes(b"secret")
    return file


POINT_OUTSIDE = "UPDATE Cache SET mode = 2, filename = '../outside', value = NULL"


def test_the_default_disk_reads_and_deletes_a_file_outside(tmp_path: Path) -> None:
    file = outside(tmp_path)
    cache = filled(naive(Disk), tmp_path / "c")
    tamper(tmp_path / "c" / DATABASE, POINT_OUTSIDE)
    assert cache.get("key") == b"secret"
    cache.delete("key")
    assert not file.exists()


@OURS
def test_a_file_outside_is_not_read(factory: Factory, tmp_path: Path) -> None:
    outside(tmp_path)
    cache = filled(factory, tmp_path / "c")
    tamper(tmp_path / "c" / DATABASE, POINT_OUTSIDE)
    with pytest.raises(ValueError, match="refused"):
        cache.get("key")


@OURS
@pytest.mark.parametrize(
    "end", [lambda c: c.delete("key"), lambda c: c.set("key", b"new"), lambda c: c.clear()]
)
def test_a_file_outside_is_not_deleted(
    factory: Factory, end: Callable[[Cache], object], tmp_path: Path
) -> None:
    file = outside(tmp_path)
    cache = filled(factory, tmp_path / "c")
    tamper(tmp_path / "c" / DATABASE, POINT_OUTSIDE)
    with pytest.raises(ValueError, match="refused"):
        end(cache)
    assert file.read_bytes() == b"secret"


def test_eviction_does_not_delete_a_file_outside(tmp_path: Path) -> None:
    file = outside(tmp_path)
    cache = filled(searches_cache, tmp_path / "c")
    tamper(tmp_path / "c" / DATABASE, POINT_OUTSIDE)
    with pytest.raises(ValueError, match="refused"):
        for number in range(70):
            cache.set(f"big-{number}", bytes(2**20))
    assert file.read_bytes() == b"secret"


@OURS
@pytest.mark.parametrize("value", ["text", 1, 1.5, None, True, {"a": 1}, [1], bytearray(b"x")])
def test_only_bytes_go_in(factory: Factory, value: object, tmp_path: Path) -> None:
    cache = factory(tmp_path / "c")
    with pytest.raises(TypeError):
        cache.set("key", value)


@OURS
@pytest.mark.parametrize("key", [1, b"key", None, ("a",)])
def test_only_text_is_a_key(factory: Factory, key: object, tmp_path: Path) -> None:
    cache = factory(tmp_path / "c")
    with pytest.raises(TypeError):
        cache.set(key, b"value")


@OURS
def test_each_flipped_byte_is_noticed(factory: Factory, tmp_path: Path) -> None:
    cache = filled(factory, tmp_path / "c")
    stored = sqlite3.connect(tmp_path / "c" / DATABASE).execute("SELECT value FROM Cache")
    value = stored.fetchone()[0]
    for place in range(len(value)):
        damaged = value[:place] + bytes([value[place] ^ 1]) + value[place + 1 :]
        tamper(tmp_path / "c" / DATABASE, "UPDATE Cache SET value = ?", damaged)
        with pytest.raises(ValueError, match="damaged"):
            cache.get("key")


@OURS
def test_large_values_are_inline(factory: Factory, tmp_path: Path) -> None:
    cache = factory(tmp_path / "c")
    value = bytes(range(256)) * 40_000
    cache.set("key", value)
    assert cache.get("key") == value
    assert not list((tmp_path / "c").rglob("*.val"))


def test_bookings_are_never_evicted_and_synced(tmp_path: Path) -> None:
    cache = bookings_cache(tmp_path / "c")
    assert (cache.eviction_policy, cache.cull_limit, cache.sqlite_synchronous) == ("none", 0, 3)
    assert cache.sqlite_journal_mode == "delete"
    cache.set("first", b"1")
    for number in range(40):
        cache.set(str(number), bytes(2**15))
    assert cache.get("first") == b"1"


def test_searches_are_evicted_oldest_first(tmp_path: Path) -> None:
    cache = searches_cache(tmp_path / "c")
    cache.reset("size_limit", 2**18)
    for number in range(100):
        cache.set(str(number), bytes(2**13))
    assert cache.get("0") is None
    assert cache.get("99") is not None


@OURS
def test_settings_of_another_opener_do_not_last(factory: Factory, tmp_path: Path) -> None:
    wanted = dict(settings_of(filled(factory, tmp_path / "c"), tmp_path))
    Cache(str(tmp_path / "c"), eviction_policy="none", sqlite_mmap_size=2**26, cull_limit=3).close()
    assert dict(settings_of(factory(tmp_path / "c"), tmp_path)) == wanted


def settings_of(cache: Cache, tmp_path: Path) -> list[tuple[str, object]]:
    cache.close()
    connection = sqlite3.connect(tmp_path / "c" / DATABASE)
    sql = "SELECT key, value FROM Settings WHERE key NOT IN ('count', 'size', 'hits', 'misses')"
    return connection.execute(sql).fetchall()


@OURS
@pytest.mark.parametrize(
    ("key", "value"),
    [("disk_evil", 1), ("_directory", "/"), ("sqlite_cache_size", "1; --"), ("cull_limit", "x")],
)
def test_a_planted_setting_is_refused_before_it_acts(
    factory: Factory, key: str, value: object, tmp_path: Path
) -> None:
    filled(factory, tmp_path / "c")
    sql = "INSERT OR REPLACE INTO Settings(key, value) VALUES (?, ?)"
    tamper(tmp_path / "c" / DATABASE, sql, key, value)
    with pytest.raises(ValueError, match="refused"):
        factory(tmp_path / "c")


@OURS
@pytest.mark.parametrize("name", ["$HOME", "a$x"])
def test_a_folder_name_is_not_expanded(factory: Factory, name: str, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="folder name"):
        factory(tmp_path / name)


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 60, 0), True),
        ((4, 0, 0), True),
    ],
)
def test_wal_only_where_its_reset_is_fixed(version: tuple[int, int, int], safe: bool) -> None:
    assert wal_is_safe(version) is safe
