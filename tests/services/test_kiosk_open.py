"""What a run of the kiosk leaves that ends in the middle, and for how long that holds up others."""

from __future__ import annotations

import itertools
import json
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pm_tui.cache.claimer import me
from pm_tui.services import kiosk_marks, kiosk_open

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


def test_a_mark_of_a_living_process_is_left_alone(tmp_path: Path) -> None:
    assert kiosk_marks.left(tmp_path / "none") is None
    folder = tmp_path / "state" / "kiosk"
    for _ in range(2):
        kiosk_marks.put(folder, NOW)
    assert folder.stat().st_mode & 0o777 == 0o700
    (mark,) = folder.iterdir()
    assert mark.stat().st_mode & 0o777 == 0o600
    assert kiosk_marks.left(folder) is None
    kiosk_marks.take_away(folder)
    kiosk_marks.take_away(folder)
    assert list(folder.iterdir()) == []


def test_marks_of_processes_that_are_gone_are_told_once(tmp_path: Path) -> None:
    gone = replace(me(), pid=2**22 + 1)
    node = gone.host.partition("|")[0]
    told = {
        "1": {**asdict(gone), "at": NOW.timestamp()},
        "2": {**asdict(gone), "host": f"{node}|another boot", "at": NOW.timestamp() - 60},
        "3": {**asdict(gone), "host": "another machine", "at": NOW.timestamp() - 120},
    }
    for name, mark in told.items():
        (tmp_path / f"under-way-{name}.json").write_text(json.dumps(mark))
    assert kiosk_marks.left(tmp_path) == NOW - timedelta(seconds=60)
    assert [path.name for path in tmp_path.iterdir()] == ["under-way-3.json"]
    assert kiosk_marks.left(tmp_path) is None
    for torn in ("", "{", '{"host": 1}', '{"host":"x","pid":1,"started":"","at":1e400}'):
        (tmp_path / "under-way-4.json").write_text(torn)
        assert kiosk_marks.left(tmp_path) is not None, torn


def test_looks_become_rare_while_nobody_answers() -> None:
    first = list(itertools.islice(kiosk_open.pauses(), 9))
    assert first == [5, 10, 20, 40, 80, 160, 300, 300, 300]
