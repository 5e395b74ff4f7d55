"""A notebook is read whatever lies there, written whole or not at all, and shared by windows."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pm_tui.cache import files
from pm_tui.cache.notebook import BROKEN, FORMAT, LARGEST, Notebook
from pm_tui.models.json import JsonObject


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def book(tmp_path: Path, told: list[str]) -> Notebook:
    return Notebook(tmp_path / "state" / "book.json", told.append)


def put(book: Notebook, name: str, value: object) -> bool:
    def change(values: JsonObject) -> None:
        values[name] = value

    return book.change(change)


def test_what_is_put_is_read_by_another_window_and_by_nobody_else(
    book: Notebook, told: list[str]
) -> None:
    assert book.read() == {}
    assert put(book, "a", [1, None, "ü"])
    assert put(book, "a", [1, None, "ü"])  # the same again is no writing
    assert book.path is not None
    assert Notebook(book.path, told.append).read() == {"a": [1, None, "ü"]}
    assert {file.stat().st_mode & 0o777 for file in book.path.parent.iterdir()} == {0o600}
    assert book.path.parent.stat().st_mode & 0o777 == 0o700
    assert told == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b'{"format": "pm-tui notebook", "values": [1]}',
        b'{"format": "another", "values": {}}',
        b"[" * 100_000,
        b" " * (LARGEST + 1),
    ],
    ids=["empty", "binary", "list", "no values", "another", "deep", "large"],
)
def test_a_broken_file_is_set_aside_with_a_word_and_it_begins_anew(
    book: Notebook, told: list[str], body: bytes
) -> None:
    path = book.path
    assert path is not None
    path.parent.mkdir()
    path.write_bytes(body)
    assert book.read() == {}
    assert path.with_name(path.name + BROKEN).read_bytes() == body
    assert len(told) == 1 and path.name + BROKEN in told[0]
    assert put(book, "a", 1)
    assert book.read() == {"a": 1}


def test_what_would_make_it_too_large_is_not_kept_and_the_rest_stays(
    book: Notebook, told: list[str]
) -> None:
    put(book, "a", 1)
    assert not put(book, "b", "x" * LARGEST)
    assert "is full" in told[0]
    assert book.read() == {"a": 1}


def test_a_folder_that_cannot_be_written_is_told_and_nothing_else_happens(
    tmp_path: Path, told: list[str]
) -> None:
    (tmp_path / "file").touch()
    book = Notebook(tmp_path / "file" / "book.json", told.append)
    assert not put(book, "a", 1)
    assert book.read() == {}
    assert "this is not kept" in told[0]
    strange = Notebook(tmp_path, told.append)  # a folder where the file should be
    assert strange.read() == {}
    assert "cannot be read" in told[-1]


def test_a_disk_that_fills_while_it_is_written_leaves_what_was(
    book: Notebook, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    put(book, "a", 1)

    def full(_path: Path, _body: bytes) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as faulty:
        faulty.setattr(files, "write_private", full)
        assert not put(book, "a", 2)
    assert "No space left" in told[0]
    assert book.read() == {"a": 1}


def test_windows_that_write_at_once_lose_nothing_of_each_other(
    book: Notebook, told: list[str]
) -> None:
    assert book.path is not None
    windows = [Notebook(book.path, told.append) for _n in range(4)]

    def work(n: int) -> None:
        for i in range(5):
            put(windows[n], f"{n}.{i}", i)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert len(book.read()) == 20
    document = json.loads(book.path.read_text())
    assert document["format"] == FORMAT
    assert told == []


def test_without_a_path_it_is_kept_for_this_run_alone(told: list[str]) -> None:
    book = Notebook(None, told.append)
    assert put(book, "a", 1)
    assert book.read() == {"a": 1}
    assert Notebook(None, told.append).read() == {}
