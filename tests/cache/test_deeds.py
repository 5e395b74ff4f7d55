"""The journal of decommissioned chargers: one sender, an end for every beginning."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from pm_tui.cache import deeds as module
from pm_tui.cache.deeds import STALE, Deeds, DeedsUnavailable
from tests.fakes import FixedClock


def test_a_deed_begins_once_and_ends(tmp_path: Path, clock: FixedClock) -> None:
    mine, theirs = Deeds.open(tmp_path, clock), Deeds.open(tmp_path, clock)
    deed = mine.begin("account", "evse1", "Arc")
    assert deed is not None and deed.state == "sending"
    assert theirs.begin("account", "evse1", "Arc") is None, "another window is at it"
    assert theirs.begin("account", "evse2", "Arc") is not None
    mine.end(deed.id, "done")
    mine.end(deed.id, "unknown", "late")
    [first, _second] = theirs.all("account")
    assert (first.state, first.reason, first.label) == ("done", "", "Arc")
    assert theirs.all("other") == []


def test_whose_sender_is_gone_is_unknown(
    tmp_path: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    deeds = Deeds.open(tmp_path, clock)
    deed = deeds.begin("account", "evse1", "")
    assert deed is not None and deeds.open_ones("account") == []
    monkeypatch.setattr(module, "is_gone", lambda _claimer: True)
    [open_one] = deeds.open_ones("account")
    assert (open_one.id, open_one.state, open_one.reason) == (deed.id, "unknown", STALE)
    assert deeds.open_ones("another") == []
    assert deeds.begin("account", "evse1", "") is not None, "it may be sent by a person's will"


def test_one_that_hangs_is_unknown_after_its_time(tmp_path: Path, clock: FixedClock) -> None:
    deeds = Deeds.open(tmp_path, clock)
    deeds.begin("account", "evse1", "")
    clock.advance(minutes=3)
    assert [one.reason for one in deeds.open_ones("account")] == [STALE]


def test_nothing_may_be_sent_that_cannot_be_written(tmp_path: Path, clock: FixedClock) -> None:
    (tmp_path / "state").write_text("no folder")
    deeds = Deeds.open(tmp_path / "state", clock)
    with pytest.raises(DeedsUnavailable):
        deeds.begin("account", "evse1", "")
    assert deeds.notices


def test_a_row_that_was_tampered_with_is_not_believed(tmp_path: Path, clock: FixedClock) -> None:
    import sqlite3

    deeds = Deeds.open(tmp_path, clock)
    deeds.begin("account", "evse1", "")
    deeds.close()
    with sqlite3.connect(tmp_path / "home-journal.db") as file:
        file.execute("UPDATE deed SET device = 'evse2'")
    again = Deeds.open(tmp_path, clock)
    assert "evse2" not in {one.device for one in again.all("account")}
    assert any("home-journal.db" in told for told in again.notices)
    with sqlite3.connect(tmp_path / "home-journal.db") as file:
        file.execute("UPDATE deed SET device = 'evse2'")  # nor while it is open
    with suppress(DeedsUnavailable):
        assert "evse2" not in {one.device for one in again.all("account")}
