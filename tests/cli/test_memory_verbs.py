"""`pm-tui cache` and `pm-tui favourites`: offline, and honest about what goes and what stays."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pm_tui.cache.notebook import FILTERS, LEFT, Notebook
from pm_tui.cache.reports import NAME as REPORTS
from pm_tui.config import Settings
from pm_tui.services.habits import Habits
from pm_tui.services.session import Session
from tests.cli.conftest import Run
from tests.sandbox_process import Sandbox


def test_an_empty_memory_has_nothing_and_says_where_it_would_be(run: Run, gateway: Sandbox) -> None:
    code, out, err = run("cache", "info", "--json")
    assert (code, err) == (0, "")
    told = json.loads(out)
    kinds = ["searches", "bookings", "chargers", "areas", "reports", "favourites"]
    assert list(told) == [*kinds, "filters", "unfinished", "screen"]
    assert {one["count"] for one in told.values()} == {0}
    assert {one["oldest"] for one in told.values()} == {None}
    assert gateway.log() == []


def test_what_is_remembered_how_old_how_big_and_where(
    run: Run, gateway: Sandbox, tmp_path: Path
) -> None:
    run("search", "Berlin")
    run("search", "Berlin", "--radius", "5")
    run("bookings")
    gateway.clear_log()
    told = json.loads(run("cache", "info", "--json")[1])
    assert told["searches"]["count"] == 2
    assert told["chargers"]["count"] == 12
    assert told["areas"]["count"] == 2
    assert told["searches"]["oldest"] <= told["searches"]["newest"]
    assert told["chargers"]["bytes"] > 10_000
    assert Path(told["chargers"]["path"]).is_file()
    assert str(tmp_path) in told["favourites"]["path"]
    code, out, err = run("cache", "info")
    assert (code, err) == (0, "")
    assert "Searched areas" in out
    assert "s ago" in out
    assert gateway.log() == []


def test_clearing_asks_and_leaves_bookings_and_favourites(run: Run, gateway: Sandbox) -> None:
    run("search", "Berlin")
    code, _out, err = run("cache", "clear")
    assert code == 2
    assert "--yes" in err
    code, out, _err = run("cache", "clear", "--yes", "--json")
    assert code == 0
    assert json.loads(out) == {"forgotten": {"searches": 1, "chargers": 12, "areas": 1}}
    told = json.loads(run("cache", "info", "--json")[1])
    assert [told[kind]["count"] for kind in ("searches", "chargers", "areas")] == [0, 0, 0]
    assert run("search", "Berlin", "--offline")[0] == 7
    assert run("cache", "clear", "--yes")[1].startswith("Forgotten: 0 searches, 0 chargers")


def test_what_the_screen_remembers_is_told_and_goes_where_that_is_said(
    run: Run, gateway: Sandbox, tmp_path: Path
) -> None:
    habits = Habits(tmp_path / "state")
    habits.remember("view", "home")
    habits.save()
    account = next(iter(json.loads(run("cache", "info", "--json")[1]).values()))["path"]
    folder = tmp_path / "state" / Path(account).parent.parent.name
    Notebook(folder / LEFT, print).change(lambda values: values.update(search={"place": "Berlin"}))
    Notebook(folder / FILTERS, print).change(lambda values: values.update(filters=[{"name": "x"}]))

    def counts() -> list[int]:
        told = json.loads(run("cache", "info", "--json")[1])
        return [told[kind]["count"] for kind in ("filters", "unfinished", "screen")]

    assert counts() == [1, 1, 1]
    run("cache", "clear", "--yes")
    assert counts() == [1, 1, 1]
    assert run("cache", "clear", "--yes", "--memory")[0] == 0
    assert counts() == [1, 0, 0]
    (folder / FILTERS).write_text("{")
    code, _out, err = run("cache", "info")
    assert code == 1 and "not a notebook" in err
    assert gateway.log() == []


def test_pruning_forgets_by_age(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run("search", "Berlin")
    code, out, _err = run("cache", "prune", "--older-than", "1")
    assert (code, out) == (0, "Forgotten: 0 searches, 0 chargers, 0 searched areas.\n")

    def in_three_days(settings: Settings) -> Session:
        return Session(settings, now=lambda: datetime.now(UTC) + timedelta(days=3))

    monkeypatch.setattr(Session, "open", in_three_days)
    code, out, _err = run("cache", "prune", "--older-than", "2", "--json")
    assert json.loads(out) == {"forgotten": {"searches": 1, "chargers": 12, "areas": 1}}
    assert run("cache", "prune", "--older-than", "0")[0] == 2


def test_a_damaged_file_is_told_and_the_rest_is_shown(run: Run, tmp_path: Path) -> None:
    run("search", "Berlin")
    (file,) = (tmp_path / "cache").glob("*/chargers-*.db")
    file.write_bytes(b"not a database" * 1000)
    file.with_name(REPORTS).write_bytes(b"nor this" * 1000)
    code, out, err = run("cache", "info", "--json")
    assert code == 0, "both are made anew by themselves"
    assert err.count("chargers-") == err.count(REPORTS) == 1
    assert err.count("starts it anew") == 2
    assert json.loads(out)["chargers"]["count"] is None
    assert json.loads(out)["searches"]["count"] == 1
    (line,) = (one for one in run("cache", "info")[1].splitlines() if one.startswith("Chargers"))
    assert line.split()[1] == "–", "not told as none"
    run("search", "Berlin")
    run("report", "2024-03")
    told = json.loads(run("cache", "info", "--json")[1])
    assert (told["chargers"]["count"], told["reports"]["count"]) == (12, 0)


def test_favourites_that_cannot_be_read_are_not_told_as_none(run: Run, tmp_path: Path) -> None:
    run("favourites", "list")
    (file,) = (tmp_path / "state").glob("*/favourites.db")
    file.unlink()
    file.mkdir()
    for words in (["list"], ["list", "--json"], ["export", str(tmp_path / "out.json")]):
        code, out, err = run("favourites", *words)
        assert (code, out) == (1, "")
        assert err.count("favourites.db cannot be written") == 1
    assert not (tmp_path / "out.json").exists()
    code, out, err = run("favourites", "import", str(favourites(tmp_path)))
    assert (code, out, err.count("\n")) == (1, "", 1)
    code, out, err = run("cache", "info", "--json")
    assert (code, json.loads(out)["favourites"]["count"]) == (1, None)


# -- favourites ------------------------------------------------------------------


def favourites(tmp_path: Path) -> Path:
    path = tmp_path / "mine.json"
    charger = {
        "kind": "charger",
        "id": "DE-ENB-E100000",
        "note": "am Tor links",
        "seen_at": "2026-11-01T08:00:00Z",
        "location": {"location_id": "DE-ENB-E100000", "name": "Depot", "city": "Berlin"},
    }
    search = {"kind": "search", "id": "lat=52.52&limit=500&lng=13.405&radius=25", "label": "Berlin"}
    told = {"format": "pm-tui favourites", "version": 1, "favourites": [charger, search]}
    path.write_text(json.dumps(told))
    return path


def test_imported_listed_and_exported(run: Run, gateway: Sandbox, tmp_path: Path) -> None:
    assert "the full screen keeps chargers" in run("favourites", "list")[1]
    code, out, err = run("favourites", "import", str(favourites(tmp_path)))
    assert (code, out, err) == (0, "2 new, 0 changed, 0 known already\n", "")
    code, out, _err = run("favourites", "list")
    assert code == 0
    assert "Depot" in out and "am Tor links" in out and "Berlin, 25.0\u00a0km" in out
    told = json.loads(run("favourites", "list", "--json")[1])
    assert told["chargers"][0]["seen_at"] == "2026-11-01T08:00:00Z"
    assert told["searches"][0]["query"]["radius"] == "25"
    code, out, _err = run("favourites", "export", str(tmp_path / "out.json"), "--json")
    assert json.loads(out) == {"exported": 2}
    again = json.loads((tmp_path / "out.json").read_text())
    assert [one["id"] for one in again["favourites"]] == [
        "DE-ENB-E100000",
        "lat=52.52&limit=500&lng=13.405&radius=25",
    ]
    assert gateway.log() == []


def test_a_file_that_is_none_is_a_usage_error(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text("[]")
    code, _out, err = run("favourites", "import", str(path))
    assert code == 2
    assert "not a file of favourites" in err
    assert run("favourites", "import", str(tmp_path / "no.json"))[0] == 1
