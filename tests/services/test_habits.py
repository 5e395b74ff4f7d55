"""Named values that outlive the program: of the right kind, bounded, the last window's."""

from __future__ import annotations

from pathlib import Path

from pm_tui.cache.notebook import HABITS
from pm_tui.services.habits import LONGEST, MOST, Habits


def test_a_value_comes_back_where_it_is_of_the_kind_that_is_asked_for(tmp_path: Path) -> None:
    habits = Habits(tmp_path)
    assert habits.remember("map", True)
    assert not habits.remember("map", True)
    habits.remember("view", "home")
    assert habits.recall("view", str, "find") == "home"
    habits.save()
    again = Habits(tmp_path)
    assert again.recall("map", bool, False) is True
    assert again.recall("view", str, "find") == "home"
    assert again.recall("view", list, []) == []
    assert again.recall("map", int, 7) == 7
    assert again.recall("nobody", str, "x") == "x"


def test_two_windows_each_keep_what_they_changed_and_the_last_one_wins(tmp_path: Path) -> None:
    one, other = Habits(tmp_path), Habits(tmp_path)
    one.remember("view", "home")
    one.remember("map", True)
    other.remember("view", "find")
    one.save()
    other.save()
    found = Habits(tmp_path)
    assert (found.recall("view", str, ""), found.recall("map", bool, False)) == ("find", True)


def test_it_is_bounded_and_what_is_forgotten_goes(tmp_path: Path) -> None:
    habits = Habits(tmp_path)
    assert not habits.remember("long", "x" * LONGEST)
    for n in range(MOST + 5):
        habits.remember(f"value {n}", n)
    habits.remember(f"value {MOST}", None)
    habits.save()
    assert f'value {MOST}"' not in (tmp_path / HABITS).read_text()
    habits.remember(f"value {MOST + 1}", None)
    habits.save()  # what the file had already goes as well
    assert f'value {MOST + 1}"' not in (tmp_path / HABITS).read_text()
    found = Habits(tmp_path)
    assert found.recall("value 0", int, -1) == -1
    assert found.recall(f"value {MOST}", int, -1) == -1
    assert found.recall(f"value {MOST + 4}", int, -1) == MOST + 4


def test_a_broken_file_is_told_once_and_no_folder_keeps_nothing(tmp_path: Path) -> None:
    (tmp_path / HABITS).write_text("nonsense")
    habits = Habits(tmp_path)
    assert len(habits.notices) == 1
    nowhere = Habits(None)
    nowhere.remember("view", "home")
    nowhere.save()
    assert nowhere.recall("view", str, "") == "home"
    assert not (tmp_path / HABITS).exists()
