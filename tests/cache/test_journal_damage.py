"""A damaged journal loses as little as can be, and sends nothing that may have been sent."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pm_tui.cache.durable_open import copy_of
from pm_tui.cache.intent import RESTORED, Intent
from pm_tui.cache.journal import Journal, JournalUnavailable
from tests.cache.faults import Clock, nothing_can_be_written, scribble, tamper

ACCOUNT = "default"
DAY = timedelta(days=1)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def plan(journal: Journal, name: str) -> Intent:
    return journal.plan("book", ACCOUNT, {"pad": name * 40}, external_id=name)


def state(journal: Journal, intent: Intent) -> str | None:
    found = journal.get(intent.id)
    return None if found is None else found.state


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def overwritten(path: Path) -> None:
    path.write_bytes(b"not a database, " * 500)


def deleted(path: Path) -> None:
    path.unlink()


DAMAGES: list[Callable[[Path], None]] = [scribble, emptied, overwritten, deleted]


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_the_daily_copy_calls_planned_is_unknown_after_a_restore(
    tmp_path: Path, clock: Clock, damage: Callable[[Path], None]
) -> None:
    journal = Journal.open(tmp_path, clock)
    done = plan(journal, "done")
    journal.claim(done.id)
    journal.confirmed(done.id, "b-1")
    sent = plan(journal, "sent")
    clock.now += DAY
    plan(journal, "the one that takes the copy")
    journal.claim(sent.id)  # the copy does not know of this
    journal.close()
    damage(journal.path)
    restored = Journal.open(tmp_path, clock)
    assert restored.problem is None
    assert state(restored, done) == "confirmed"
    kept = restored.get(sent.id)
    assert kept is not None and (kept.state, kept.reason) == ("unknown", RESTORED)
    assert not restored.claim(sent.id)
    assert not [one for one in restored.intents(ACCOUNT) if one.state in ("planned", "sending")]
    assert len(restored.notices) == 1 and str(journal.path) in restored.notices[0]
    restored.close()


def test_the_last_two_days_are_to_be_compared_until_they_were(tmp_path: Path, clock: Clock) -> None:
    journal = Journal.open(tmp_path, clock)
    plan(journal, "a")
    assert journal.reconcile_since is None
    journal.close()
    scribble(journal.path)
    for _ in range(2):  # a crash before the comparison does not forget it
        restored = Journal.open(tmp_path, clock)
        since = restored.reconcile_since
        assert since is not None
        assert abs(datetime.now(UTC) - timedelta(hours=48) - since) < timedelta(minutes=5)
        restored.close()
    restored = Journal.open(tmp_path, clock)
    restored.reconciled()
    assert restored.reconcile_since is None


def test_what_is_readable_in_the_damaged_file_is_newer_than_the_copy(
    tmp_path: Path, clock: Clock
) -> None:
    journal = Journal.open(tmp_path, clock)
    intents = [plan(journal, f"n{number}") for number in range(200)]
    for intent in intents:
        journal.claim(intent.id)
        journal.confirmed(intent.id, f"b-{intent.external_id}")
    journal.close()
    copy_of(journal.path).unlink()  # nothing but the file itself
    # one page of the table, in the middle
    with closing(sqlite3.connect(journal.path)) as connection:
        sql = "SELECT pageno FROM dbstat WHERE name = 'intent' AND pagetype = 'leaf'"
        pages = [row[0] for row in connection.execute(sql)]
    scribble(journal.path, (pages[len(pages) // 2] - 1) * 4096)
    restored = Journal.open(tmp_path, clock)
    kept = restored.intents(ACCOUNT)
    assert 150 <= len(kept) < 200
    assert all(one.state == "confirmed" for one in kept)
    assert all(one.booking_id == f"b-{one.external_id}" for one in kept)
    assert restored.reconcile_since is not None


def test_the_damaged_file_is_never_deleted_at_once(tmp_path: Path, clock: Clock) -> None:
    journal = Journal.open(tmp_path, clock)
    plan(journal, "a")
    journal.close()
    overwritten(journal.path)
    content = journal.path.read_bytes()
    Journal.open(tmp_path, clock).close()
    aside = list(tmp_path.glob("journal.db.broken-*"))
    assert [file.read_bytes() for file in aside] == [content]


def test_damage_in_use_is_recovered_and_that_call_is_not_sent(tmp_path: Path, clock: Clock) -> None:
    journal = Journal.open(tmp_path, clock)
    intent = plan(journal, "a")
    tamper(journal.path, "ALTER TABLE intent RENAME TO hidden")
    with pytest.raises(JournalUnavailable):
        journal.claim(intent.id)
    assert journal.problem is None
    assert journal.reconcile_since is not None
    assert state(journal, intent) == "unknown"  # from the copy
    assert plan(journal, "b").state == "planned"


def test_windows_follow_when_one_recovers(tmp_path: Path, clock: Clock) -> None:
    one, other = Journal.open(tmp_path, clock), Journal.open(tmp_path, clock)
    intent = plan(one, "a")
    scribble(one.path)
    third = Journal.open(tmp_path, clock)
    new = plan(third, "b")
    for window in (one, other):
        assert state(window, intent) == "unknown"
        assert [w.id for w in window.open_intents(ACCOUNT)] == [intent.id, new.id]
    assert one.claim(new.id)
    assert not other.claim(new.id)
    assert len(list(tmp_path.glob("journal.db.broken-*"))) == 1


def test_nothing_is_lost_when_the_recovery_cannot_be_written(tmp_path: Path, clock: Clock) -> None:
    journal = Journal.open(tmp_path, clock)
    intent = plan(journal, "a")
    journal.close()
    scribble(journal.path)
    with nothing_can_be_written():
        broken = Journal.open(tmp_path, clock)
        assert broken.problem is not None
        with pytest.raises(JournalUnavailable):
            plan(broken, "b")
        broken.close()
    assert state(Journal.open(tmp_path, clock), intent) == "unknown"


def test_copies_are_daily_and_one_more_is_kept(tmp_path: Path, clock: Clock) -> None:
    journal = Journal.open(tmp_path, clock)
    daily = copy_of(journal.path)
    assert not daily.exists()
    plan(journal, "a")
    plan(journal, "b")
    assert names(daily) == ["a"]
    clock.now += DAY
    plan(journal, "c")
    assert names(daily) == ["a", "b", "c"]
    assert names(daily.with_name("journal.db.daily.1")) == ["a"]
    assert not list(tmp_path.glob("*.copy-*"))


def test_a_copy_that_cannot_be_made_is_told_and_stops_nothing(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal.open(tmp_path, clock)
    copy_of(journal.path).mkdir()
    (copy_of(journal.path) / "in the way").write_text("")
    clock.now = datetime.now(UTC) + 2 * DAY
    copy_of(journal.path).with_name("journal.db.daily.1").write_text("")
    assert plan(journal, "a").state == "planned"
    assert plan(journal, "b").state == "planned"
    assert len(journal.notices) == 1 and "copy" in journal.notices[0]


def names(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as connection:
        rows = connection.execute("SELECT external_id FROM intent ORDER BY rowid")
        return [row[0] for row in rows]


@pytest.mark.parametrize(
    "change",
    [
        "request = replace(request, 'aaa', 'bbb')",
        "booking_id = 'b-2'",
        "state = 'planned'",
        "external_id = 'other'",
        "account = 'sandbox'",
        "request = CAST(x'7bff7d' AS TEXT)",
    ],
)
def test_a_row_that_is_not_as_written_is_never_used(
    tmp_path: Path, clock: Clock, change: str
) -> None:
    journal = Journal.open(tmp_path, clock)
    intent = plan(journal, "a")
    journal.claim(intent.id)
    tamper(journal.path, f"UPDATE intent SET {change}")  # noqa: S608
    with pytest.raises(JournalUnavailable, match="restored"):
        journal.get(intent.id)
    assert state(journal, intent) == "unknown"
    assert journal.problem is None
    journal.close()
    tamper(journal.path, f"UPDATE intent SET {change}")  # noqa: S608
    again = Journal.open(tmp_path, clock)
    assert len(again.notices) == 1
    assert state(again, intent) == "unknown"


@pytest.mark.parametrize("seed", range(12))
def test_random_damage_never_raises_at_the_start_and_never_resends(
    tmp_path: Path, clock: Clock, seed: int
) -> None:
    dice = random.Random(seed)
    journal = Journal.open(tmp_path, clock)
    intents = [plan(journal, f"n{number}") for number in range(60)]
    claimed = {intent.id for intent in intents if dice.random() < 0.7 and journal.claim(intent.id)}
    journal.close()
    size = journal.path.stat().st_size
    for _ in range(dice.randint(1, 4)):
        scribble(journal.path, dice.randrange(size - 64), dice.choice([1, 8, 64]))
    again = Journal.open(tmp_path, clock)
    assert again.problem is None
    try:
        sendable = {one.id for one in again.open_intents(ACCOUNT) if again.claim(one.id)}
    except JournalUnavailable:  # found in use, and recovered from
        sendable = {one.id for one in again.open_intents(ACCOUNT) if again.claim(one.id)}
    assert not sendable & claimed
    again.close()
