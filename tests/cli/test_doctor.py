"""`pm-tui doctor`: fine is 0, what is wrong is named, and the key never."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from pm_tui import crash
from pm_tui.cache.disk import JOURNAL_MODE
from pm_tui.cli.doctor import clock_words
from tests import canary
from tests.cli.conftest import Run, wish
from tests.conftest import NOBODY
from tests.sandbox_process import Sandbox, start_sandbox


def test_fine(run: Run, gateway: Sandbox, tmp_path: Path) -> None:
    run(*wish())
    code, out, err = run("doctor", "--json")
    assert (code, err) == (0, "")
    shown = json.loads(out)
    assert (shown["ok"], shown["wrong"], shown["open_intents"]) == (True, [], [])
    assert shown["versions"]["sqlite"] == sqlite3.sqlite_version
    assert shown["versions"]["httpx"] == "0.28.1"
    assert shown["cache_journal_mode"] == JOURNAL_MODE
    assert shown["key"] == "PM_TUI_API_KEY"
    assert (set(shown["places"]), shown["crash_reports"]) == (
        {"journal", "config", "cache", "state"},
        [],
    )
    assert shown["places"]["journal"] == {
        "path": str(tmp_path / "state" / "journal.db"),
        "mode": "0600",
    }
    assert shown["places"]["cache"]["mode"] == "0700"
    assert abs(shown["clock_ahead_seconds"]) < 5
    assert shown["monthly_quota"]["limit"] == 10_000_000
    code, plain, _err = run("doctor")
    assert code == 0
    assert sqlite3.sqlite_version in plain
    assert gateway.api_key not in out + plain


def test_what_is_open_is_wrong(run: Run, gateway: Sandbox) -> None:
    gateway.fault("drop", match="POST /bookings")
    reference = json.loads(run(*wish("--json"))[1])["external_id"]
    code, out, err = run("doctor", "--json")
    assert code == 1
    assert [one["external_id"] for one in json.loads(out)["open_intents"]] == [reference]
    assert err == "pm-tui: 1 outcome is not known: pm-tui recover\n"


def test_unreachable_is_told_and_the_rest_is_known(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PM_TUI_BASE_URL", NOBODY)
    code, out, err = run("doctor", "--json")
    shown = json.loads(out)
    assert (code, shown["ok"], shown["clock_ahead_seconds"]) == (1, False, None)
    assert shown["places"]["journal"]["mode"] == "0600"
    assert "cannot be reached" in err


def test_a_folder_that_others_can_read(run: Run, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.touch(mode=0o644)
    config.chmod(0o644)
    code, _out, err = run("doctor", "--config", str(config))
    assert code == 1
    assert f"{config}: others can read it" in err


def test_a_theme_that_is_none(run: Run, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.touch(mode=0o600)
    config.write_text('theme = "nrod"\n')
    code, _out, err = run("doctor", "--config", str(config))
    assert (code, "no theme “nrod”" in err) == (1, True)


def test_a_journal_that_cannot_be_written(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch(mode=0o600)
    monkeypatch.setenv("PM_TUI_STATE_DIR", str(tmp_path / "file" / "state"))
    code, _out, err = run("doctor")
    assert code == 1
    assert str(tmp_path / "file") in err


def test_a_key_that_is_not_there(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PM_TUI_API_KEY")
    monkeypatch.setenv("PM_TUI_API_KEY_FILE", "/nonexistent/key")
    code, out, err = run("doctor")
    assert code == 1
    assert "sqlite" in out
    assert "/nonexistent/key" in err


def test_a_key_file_and_a_crash_report_are_told(
    run: Run, gateway: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = canary.given(tmp_path / "key", gateway.api_key)
    monkeypatch.delenv("PM_TUI_API_KEY")
    monkeypatch.setenv("PM_TUI_API_KEY_FILE", str(key))
    report = crash.report(ValueError("oh"), "testing", tmp_path / "state")
    code, out, err = run("doctor", "--json")
    shown = json.loads(out)
    assert (code, shown["wrong"], err) == (0, [], "")
    assert shown["places"]["key"] == {"path": str(key), "mode": "0600"}
    assert shown["crash_reports"] == [str(report)]
    _code, plain, _err = run("doctor")
    assert str(key) in plain and str(report) in plain
    key.chmod(0o644)
    code, _out, err = run("doctor")
    assert code == 1 and "others can read it" in err


def test_two_clocks_that_disagree(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with start_sandbox() as early:
        early.advance(300)
        monkeypatch.setenv("PM_TUI_API_KEY", early.api_key)
        monkeypatch.setenv("PM_TUI_BASE_URL", early.base_url)
        code, out, err = run("doctor", "--json")
    assert code == 1
    assert 290 < json.loads(out)["clock_ahead_seconds"] < 310
    assert "disagree by" in err


def test_a_clock_is_ahead_or_behind() -> None:
    assert [clock_words(n) for n in (2, 0, -1)] == [
        "2 s ahead of ours",
        "0 s ahead of ours",
        "1 s behind ours",
    ]
