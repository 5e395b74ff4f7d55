from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from pm_tui.cache.durable_open import copy_of
from pm_tui.cache.faults import Notices
from pm_tui.cache.favourites import Favourites, FavouritesUnavailable
from pm_tui.cache.stores import Stores
from tests.cache.faults import NOW, Clock, nothing_can_be_written, scribble


def opened(
    tmp_path: Path, clock: Clock | None = None, notices: Notices | None = None
) -> Favourites:
    return Favourites(tmp_path, Notices() if notices is None else notices, clock or Clock())


def test_kept_with_note_and_content_after_a_restart(tmp_path: Path) -> None:
    clock = Clock()
    first = opened(tmp_path, clock)
    first.add("charger", "DE-1", "am Tor links", {"name": "Depot"})
    clock.now += timedelta(seconds=1)
    first.add("search", "52.5,13.4", content={"lat": "52.5"})
    first.close()
    one, two = opened(tmp_path).all()
    assert (one.kind, one.id, one.note, one.content) == (
        "charger", "DE-1", "am Tor links", {"name": "Depot"},
    )  # fmt: skip
    assert one.added_at == NOW
    assert (two.kind, two.content) == ("search", {"lat": "52.5"})


def test_adding_again_changes_the_note_and_keeps_the_content(tmp_path: Path) -> None:
    favourites = opened(tmp_path)
    favourites.add("charger", "DE-1", "old", {"a": 1})
    favourites.add("charger", "DE-1", "new")
    assert [(one.note, one.content) for one in favourites.all()] == [("new", {"a": 1})]
    favourites.add("charger", "DE-1", "new", {"a": 2})
    assert favourites.all()[0].content == {"a": 2}


def test_the_kinds_are_apart(tmp_path: Path) -> None:
    favourites = opened(tmp_path)
    favourites.add("charger", "x")
    favourites.add("search", "x")
    assert favourites.ids("charger") == {"x"}
    assert favourites.remove("charger", "x")
    assert not favourites.remove("charger", "x")
    assert [one.kind for one in favourites.all()] == ["search"]
    assert favourites.all("charger") == []


def test_a_full_disk_says_so_and_keeps_what_was(tmp_path: Path) -> None:
    favourites = opened(tmp_path)
    favourites.add("charger", "DE-1")
    with nothing_can_be_written():
        with pytest.raises(FavouritesUnavailable, match=r"favourites\.db"):
            favourites.add("charger", "DE-2")
        assert favourites.ids("charger") == {"DE-1"}
    favourites.add("charger", "DE-3")
    assert favourites.ids("charger") == {"DE-1", "DE-3"}


def test_a_damaged_file_comes_back_from_its_copy(tmp_path: Path) -> None:
    clock = Clock()
    first = opened(tmp_path, clock)
    first.add("charger", "DE-1")
    clock.now = NOW + timedelta(days=400)  # past the day of any copy
    first.add("charger", "DE-2")
    first.close()
    assert copy_of(tmp_path / "favourites.db").exists()
    scribble(tmp_path / "favourites.db")
    notices = Notices()
    again = opened(tmp_path, notices=notices)
    assert again.ids("charger") == {"DE-1", "DE-2"}
    again.add("charger", "DE-3")
    assert len(notices) == 1 and "favourites.db.broken-" in notices[0]
    assert len(list(tmp_path.glob("favourites.db.broken-*"))) == 1


def test_pruning_the_stores_spares_them(tmp_path: Path) -> None:
    from pm_tui.cache.directory import Entry

    stores = Stores.open(tmp_path / "cache", tmp_path / "state", Clock())
    ids = ("kept", "gone")
    stores.directory.add([Entry(one, 52, 13, "", "", "", {"location_id": one}) for one in ids], NOW)
    stores.favourites.add("charger", "kept")
    assert stores.directory.prune(NOW + timedelta(days=1)) == 1
    assert stores.directory.get("kept") is not None
    stores.close()


def test_a_home_without_a_place_is_told_and_empty(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    notices = Notices()
    favourites = opened(tmp_path / "file", notices=notices)
    assert favourites.all() == []
    with pytest.raises(FavouritesUnavailable, match="file"):
        favourites.add("charger", "DE-1")
    assert len(notices) == 1
