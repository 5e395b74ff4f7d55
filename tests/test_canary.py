"""The search for keys at the end of a run finds them, and only where they must not be."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests import canary, leaking
from tests.sandbox_process import ROOT, start_sandbox

SANDBOX_KEY = "pm_sandbox_" + "0123456789" * 4
CHANNELS = [name for name in vars(leaking) if name.startswith("test_")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What is planted here is gone before the search at the end of this run."""
    return tmp_path / "planted"


@pytest.fixture(autouse=True)
def _cleared(folder: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setattr(canary, "_transcripts", None)
    folder.mkdir()
    yield
    shutil.rmtree(folder)


@pytest.mark.parametrize("key", [canary.KEY, SANDBOX_KEY])
@pytest.mark.parametrize("mark", range(len(list(canary.forms("")))))
def test_every_form_is_found_anywhere(folder: Path, key: str, mark: int) -> None:
    (folder / "deep" / "er").mkdir(parents=True)
    file = folder / "deep" / "er" / "x.bin"
    form = list(canary.forms(key))[mark]
    file.write_bytes(b"\0\xff" * 999 + form + b"\n")
    assert canary.search(folder) == [file]


def test_what_holds_no_key_is_not_found(folder: Path) -> None:
    (folder / "code.py").write_text('fresh = "pm_sandbox_" + secrets.token_hex(20)')
    (folder / "text").write_text("canary, key, KEY0 and 0KEY")
    (folder / "void").touch()
    assert canary.search(folder) == []


def test_a_file_that_was_given_is_allowed_until_it_is_changed(folder: Path) -> None:
    canary.keep_in(folder)
    file = canary.given(folder / "key", canary.KEY)
    assert file.stat().st_mode & 0o777 == 0o600
    assert canary.search(folder) == []
    (folder / "copy").write_text(canary.KEY)
    file.write_text(canary.KEY + canary.KEY)
    assert canary.search(folder) == [folder / "copy", file]


def test_a_sandboxs_state_is_allowed_with_its_own_key_only(folder: Path) -> None:
    with start_sandbox(state=folder / "state") as sandbox:
        assert re.match(rb"pm_sandbox_[0-9a-f]{40}$", sandbox.api_key.encode())
    state = folder / "state" / "sandbox.db"
    assert sandbox.api_key.encode() in state.read_bytes()
    assert canary.search(folder) == []
    shutil.copy(state, folder / "journal.db")
    (folder / "sandbox.db").write_text(sandbox.api_key)
    assert canary.search(folder) == [folder / "journal.db", folder / "sandbox.db"]
    with closing(sqlite3.connect(state)) as database, database:
        database.execute("INSERT INTO meta VALUES ('live', ?)", (canary.KEY,))
    assert state in canary.search(folder)


def test_captured_output_is_searched() -> None:
    search = canary.Search()
    search.report("test_quiet", [("Captured log call", "nothing")])
    search.report("test_loud", [("Captured stdout call", "x"), ("Captured log call", canary.KEY)])
    assert search.findings == ["test_loud: Captured log call"]


@pytest.mark.parametrize("processes", ["0", "1"])  # by itself; for another, as for many
def test_a_run_that_leaves_a_key_anywhere_fails_and_names_the_place(
    folder: Path, processes: str
) -> None:
    base = folder / "base"
    command = [sys.executable, "-m", "pytest", "-q", "-n", processes, f"--basetemp={base}"]
    command += ["-p", "no:cacheprovider", "tests/leaking.py"]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{len(CHANNELS)} passed" in done.stdout  # it is not the tests that failed
    _before, _title, told = done.stdout.partition("a key was found where none may be")
    found = [line for line in told.splitlines() if str(base) in line or "leaking.py" in line]
    places = {Path(line).name for line in found if line.startswith(str(base))}
    assert places == {"notes.txt", "dump", "config.toml", "terminals"}
    assert len([line for line in found if "Captured log" in line]) == 1
    assert len([line for line in found if "Captured stdout" in line]) == 1
    assert not [line for line in found if "test_nothing" in line]
