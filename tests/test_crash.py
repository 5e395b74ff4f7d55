"""A report of a crash: private, without values, without the key, and in nobody's way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pm_tui import crash
from pm_tui.api.errors import Unreachable
from pm_tui.cache.journal import JournalUnavailable
from pm_tui.config import ConfigError
from tests import canary
from tests.cache.faults import nothing_can_be_written
from tests.canary import KEY


@pytest.fixture(autouse=True)
def _nothing_known(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(crash, "_hidden", set())
    monkeypatch.setattr(crash, "_written", {})
    monkeypatch.setattr(crash, "_folder", None)
    yield


def fault(text: str, *, secret: str = "") -> Exception:
    """As it is caught, `secret` in a variable of its frame."""
    try:
        raise ValueError(text)
    except ValueError as error:
        return error


def other(text: str) -> Exception:
    try:
        raise ValueError(text)
    except ValueError as error:
        return error


def test_private_in_a_private_folder_with_where_and_when_but_no_values(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "deep"
    path = crash.report(fault("oh", secret=KEY), "testing", folder)
    assert path is not None and path.parent == folder
    assert re.fullmatch(r"crash-\d{8}T\d{6}Z\.txt", path.name)
    assert path.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    text = path.read_text("ascii")
    assert text.startswith("pm-tui ") and ": testing\n" in text
    assert "ValueError: oh" in text and "in fault" in text
    assert KEY not in text and "secret =" not in text


@pytest.mark.parametrize("key", [KEY, 'a"quoted\\key', "key/with+signs%"])
def test_what_is_hidden_is_in_no_form_in_it(tmp_path: Path, key: str) -> None:
    crash.hide(key)
    error = fault(f"{key} {key!r} {[key]} {key.encode()!r}")
    error.add_note(f"a note with {key}")
    cause = fault(f"a cause with {key}")
    error.__cause__ = cause
    path = crash.report(error, "testing", tmp_path)
    assert path is not None
    text = path.read_text() + crash.told(error, "testing", tmp_path)
    assert key not in text
    assert repr(key)[1:-1] not in text
    assert "a cause with ********" in text and "a note with ********" in text


def test_the_key_is_hidden_as_soon_as_it_is_read() -> None:
    from pm_tui.config.keys import from_text

    assert KEY in crash.line(fault(KEY))
    from_text(KEY, "here").read()
    assert canary.found_in(crash.line(fault(KEY)).encode()) == set()


def test_what_acts_on_a_terminal_is_spelt_out() -> None:
    said = crash.line(fault("\x1b]0;owned\x07 \u202e Süd\r\nsecond line"))
    assert re.fullmatch("[ -~]*", said)
    assert "\\x1b]0;owned\\x07 \\u202e S\\xfcd\\x0d" in said


def test_a_text_without_end_is_cut(tmp_path: Path) -> None:
    path = crash.report(fault("x" * 9_000_000), "testing", tmp_path)
    assert path is not None
    assert path.stat().st_size < crash.LONGEST + 5000


def test_the_same_fault_is_written_once_and_another_again(tmp_path: Path) -> None:
    first = crash.report(fault("one"), "testing", tmp_path)
    assert crash.report(fault("two"), "testing", tmp_path) == first
    second = crash.report(other("three"), "testing", tmp_path)
    assert second != first
    assert len(list(tmp_path.iterdir())) == 2


def test_only_the_newest_few_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "journal.db").touch()
    for number in range(crash.KEPT + 3):
        monkeypatch.setattr(crash, "_written", {})
        assert crash.report(fault(str(number)), "testing", tmp_path) is not None
    kept = [path.read_text() for path in tmp_path.glob("crash-*")]
    assert len(kept) == crash.KEPT
    assert not [text for text in kept if "ValueError: 0" in text]
    assert [text for text in kept if f"ValueError: {crash.KEPT + 2}" in text]
    assert (tmp_path / "journal.db").exists()


def test_where_nothing_can_be_written_there_is_none(tmp_path: Path) -> None:
    assert crash.report(fault("x"), "testing") is None
    with nothing_can_be_written():
        assert crash.report(fault("x"), "testing", tmp_path) is None
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").touch()
    assert crash.report(fault("x"), "testing", tmp_path / "file") is None
    assert crash.told(fault("x"), "testing").startswith("unexpected error: ValueError: x (")


def test_an_error_that_explains_itself_is_no_crash() -> None:
    for foreseen in (Unreachable("x"), ConfigError("x"), JournalUnavailable("x")):
        assert not crash.is_ours(foreseen)
    for unforeseen in (KeyError("x"), OSError("x"), fault("x")):
        assert crash.is_ours(unforeseen)
