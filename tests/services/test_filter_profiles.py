"""Filters under names, and a search form as it was left: kept, tolerant, carried by a file."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pm_tui.cache.notebook import FILTERS, LEFT
from pm_tui.services import favourites_file, filter_profiles
from pm_tui.services.account import Account
from pm_tui.services.filter_profiles import LONGEST_NAME, MOST, Profile
from pm_tui.services.search_fields import Fields, keep_search, last_search
from tests.conftest import MakeSettings

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
FAST = Fields(place="Berlin", radius="10", power="150", plug="CHADEMO", reservable=True, text="hof")


@pytest.fixture
def account(make_settings: MakeSettings) -> Account:
    return Account(make_settings(memory=True), now=lambda: NOW)


async def names(account: Account) -> list[str]:
    return [one.name for one in await filter_profiles.listed(account)]


async def test_kept_renamed_deleted_and_brought_back_where_it_stood(account: Account) -> None:
    for name in ("a", "b", "c"):
        assert await filter_profiles.keep(account, Profile(name, FAST))
    kept = await filter_profiles.listed(account)
    assert kept[1].fields == FAST.filters  # a profile has no place
    assert not await filter_profiles.rename(account, "a", "b")
    assert await filter_profiles.rename(account, "a", "z")
    assert await filter_profiles.remove(account, "b")
    assert await names(account) == ["z", "c"]
    assert await filter_profiles.keep(account, kept[1], 1)
    assert await names(account) == ["z", "b", "c"]
    assert await filter_profiles.keep(account, Profile("b", Fields(power="22")))
    assert (await filter_profiles.listed(account))[1].fields.power == "22"


async def test_there_is_a_bound_and_nonsense_is_left_out(account: Account, tmp_path: Path) -> None:
    raw = [{"name": f"n{n}"} for n in range(MOST)]
    odd = [1, {}, {"name": 5}, {"name": ""}, {"name": "n0", "power": 7}]
    assert len(filter_profiles.read([*odd, *raw])) == MOST
    assert filter_profiles.read([{"name": "x" * 99}])[0].name[-1] == "…"
    assert filter_profiles.read([{"name": "a\x1b[2J", "power": ["1"]}])[0].fields == Fields()
    assert filter_profiles.read({"name": "x"}) == []
    for one in filter_profiles.read(raw):
        await filter_profiles.keep(account, one)
    assert not await filter_profiles.keep(account, Profile("one more", FAST))
    (file,) = (tmp_path / "state").rglob(FILTERS)
    file.write_text("{")
    assert await names(account) == []
    assert any(FILTERS in notice for notice in account._notices)
    file.mkdir()
    assert not await filter_profiles.keep(account, Profile("a", FAST)), "it cannot be written"


async def test_the_file_of_favourites_carries_them_and_loses_none_of_ours(
    account: Account, make_settings: MakeSettings, tmp_path: Path
) -> None:
    # whatever is remembered of searches: profiles are
    other = Account(make_settings(home=tmp_path / "other", memory=False), now=lambda: NOW)
    await filter_profiles.keep(account, Profile("fast", FAST))
    await filter_profiles.keep(account, Profile("slow", Fields(power="11")))
    assert await favourites_file.export(account, tmp_path / "mine.json") == 0
    await filter_profiles.keep(other, Profile("fast", Fields(power="300")))
    merged = await favourites_file.merge(other, tmp_path / "mine.json")
    assert (merged.added, merged.known) == (2, 0)
    assert await names(other) == ["fast", "fast 2", "slow"]
    again = await favourites_file.merge(other, tmp_path / "mine.json")
    assert (again.added, again.known) == (0, 2)
    assert await filter_profiles.merge(other, [Profile("fast", Fields(power="7"))]) == 1
    assert (await names(other))[-1] == "fast 3"
    long = Profile("x" * LONGEST_NAME, FAST)
    await filter_profiles.keep(other, long)
    assert await filter_profiles.merge(other, [replace(long, fields=Fields(text="y"))]) == 1
    assert len((await names(other))[-1]) <= LONGEST_NAME


async def test_the_last_search_comes_back_without_a_window_that_is_over(
    account: Account, make_settings: MakeSettings, tmp_path: Path
) -> None:
    assert await last_search(account) == Fields()
    typed = replace(FAST, start="tomorrow 9", end="+2h")
    await keep_search(account, typed)
    window = Account(make_settings(memory=True), now=lambda: NOW)
    assert await last_search(window) == typed
    await keep_search(account, replace(FAST, start="2026-11-24 12:00", end="+2h"))
    assert await last_search(window) == FAST  # 12:00 at the chargers was an hour ago
    await keep_search(account, replace(FAST, start="soon", end="+2h"))
    assert await last_search(window) == FAST
    off = Account(make_settings(memory=False), now=lambda: NOW)
    assert await last_search(off) == Fields()
    await keep_search(off, typed)
    assert await last_search(off) == typed  # as long as it runs
    (file,) = (tmp_path / "state").rglob(LEFT)
    assert "tomorrow" not in file.read_text()
