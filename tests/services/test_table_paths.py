"""The path of a table, completed as it is typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from pm_tui.services.table_paths import MOST, complete, expand


@pytest.fixture
def fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Fleet" / "old").mkdir(parents=True)
    for name in ("week.csv", "week.out.csv", "Alpha.tsv", "notes.txt", ".hidden.csv", "a\nb.csv"):
        (tmp_path / "Fleet" / name).touch()
    return tmp_path / "Fleet"


def test_tables_first_then_folders_and_what_a_batch_wrote_behind(fleet: Path) -> None:
    assert complete("Fleet/") == [
        "Fleet/Alpha.tsv",
        "Fleet/week.csv",
        "Fleet/week.out.csv",
        "Fleet/old/",
    ]
    assert complete("~/fl") == ["~/Fleet/"]
    assert complete(f"{fleet}/W") == [f"{fleet}/week.csv", f"{fleet}/week.out.csv"]
    assert complete("Fleet/.") == ["Fleet/.hidden.csv"]


@pytest.mark.parametrize("text", ["/no/such/folder/x", "~nobody-of-that-name/x", "a\0b/c"])
def test_where_there_is_nothing_there_are_no_choices(fleet: Path, text: str) -> None:
    assert complete(text) == []


def test_a_full_folder_offers_only_some(fleet: Path) -> None:
    for n in range(50):
        (fleet / f"{n}.csv").touch()
    assert len(complete("Fleet/")) == MOST


def test_home_is_known(fleet: Path) -> None:
    assert expand(" ~/Fleet/week.csv ") == fleet / "week.csv"
