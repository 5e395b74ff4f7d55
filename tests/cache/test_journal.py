from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from pm_tui.cache import journal as journal_module
from pm_tui.cache.claimer import Claimer, is_gone, me
from pm_tui.cache.intent import STALE, UPDATE, Intent, write
from pm_tui.cache.journal import LEASE, Journal, JournalUnavailable
from tests.cache.faults import NOW, Clock, nothing_can_be_written, tamper

REQUEST = {"location_id": "DE-1", "evse_uid": "DE*1"}
ACCOUNT = "default"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def journal(tmp_path: Path, clock: Clock) -> Iterator[Journal]:
    opened = Journal.open(tmp_path, clock)
    yield opened
    opened.close()


def planned(journal: Journal, **more: str) -> Intent:
    return journal.plan("book", ACCOUNT, REQUEST, **more)


def state(journal: Journal, intent: Intent) -> str:
    found = journal.get(intent.id)
    assert found is not None
    return found.state


# -- the settings that the promises rest on ---------------------------------------------


def test_the_settings_of_the_specification_are_in_force(journal: Journal, tmp_path: Path) -> None:
    run = journal._file._connection.execute
    wanted = {
        "journal_mode": "delete",
        "synchronous": 3,
        "trusted_schema": 0,
        "foreign_keys": 1,
        "busy_timeout": 5000,
    }
    assert {name: run(f"PRAGMA {name}").fetchone()[0] for name in wanted} == wanted
    tables = run("SELECT name, strict FROM pragma_table_list WHERE schema = 'main'").fetchall()
    assert {name: strict for name, strict in tables if not name.startswith("sqlite_")} == {
        "intent": 1,
        "mark": 1,
    }
    assert journal.problem is None


def test_every_file_is_private(journal: Journal, tmp_path: Path) -> None:
    planned(journal)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700
    files = list(tmp_path.iterdir())
    assert {file.name for file in files} == {"journal.db", "journal.db.daily", "journal.db.lock"}
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


# -- the life of an intent -----------------------------------------------------------------


def test_an_intent_is_kept_whole(journal: Journal) -> None:
    made = planned(journal, external_id="it-emp1-20261120", once="form-1", part_of="change-1")
    assert made.state == "planned" and made.is_open
    assert (made.kind, made.account, made.request) == ("book", ACCOUNT, REQUEST)
    assert (made.external_id, made.once, made.part_of) == ("it-emp1-20261120", "form-1", "change-1")
    assert (made.created_at, made.updated_at, made.booking_id) == (NOW, NOW, None)
    assert (made.claimer, made.lease_until, made.reason) == (None, None, "")
    assert journal.get(made.id) == made
    assert journal.parts("change-1") == [made]
    assert journal.get("another") is None


def test_a_booking_from_plan_to_confirmation(journal: Journal, clock: Clock) -> None:
    intent = planned(journal)
    clock.now += timedelta(seconds=1)
    assert journal.claim(intent.id)
    sending = journal.get(intent.id)
    assert sending is not None
    assert (sending.state, sending.claimer) == ("sending", me())
    assert sending.lease_until == clock.now + LEASE
    assert sending.updated_at == clock.now
    assert journal.confirmed(intent.id, "b-1")
    done = journal.get(intent.id)
    assert done is not None
    assert (done.state, done.booking_id, done.is_open) == ("confirmed", "b-1", False)
    assert journal.open_intents(ACCOUNT) == []


def test_only_one_claim_succeeds(journal: Journal, tmp_path: Path, clock: Clock) -> None:
    intent = planned(journal)
    other = Journal.open(tmp_path, clock)
    assert other.claim(intent.id)
    assert not journal.claim(intent.id)
    assert not other.claim(intent.id)
    assert not journal.claim("no such intent")
    other.close()


@pytest.mark.parametrize("end", ["confirmed", "refused", "unknown"])
def test_nothing_that_was_sent_can_be_claimed_again(journal: Journal, end: str) -> None:
    intent = planned(journal)
    journal.claim(intent.id)
    assert getattr(journal, end)(intent.id, "b-1")
    assert not journal.claim(intent.id)
    assert state(journal, intent) == end


def test_what_another_window_sends_cannot_be_withdrawn(journal: Journal, tmp_path: Path) -> None:
    meant, claimed = planned(journal), planned(journal)
    other = Journal.open(tmp_path)
    assert other.claim(claimed.id)
    assert journal.withdrawn(meant.id, "not now")
    assert not journal.withdrawn(claimed.id, "not now")
    assert (state(journal, meant), state(journal, claimed)) == ("refused", "sending")
    assert other.unknown(claimed.id, "timeout")
    assert not journal.withdrawn(claimed.id, "not now")
    other.close()


def test_an_unknown_is_settled_by_whoever_finds_out(journal: Journal) -> None:
    found, absent = planned(journal), planned(journal)
    for intent in (found, absent):
        journal.claim(intent.id)
        assert journal.unknown(intent.id, "timeout")
    assert [one.reason for one in journal.open_intents(ACCOUNT)] == ["timeout"] * 2
    assert journal.confirmed(found.id, "b-1")
    assert journal.refused(absent.id, "given up")
    given_up = journal.get(absent.id)
    assert given_up is not None and given_up.reason == "given up"
    assert journal.open_intents(ACCOUNT) == []


def test_a_booking_that_exists_overrules_what_was_thought(journal: Journal) -> None:
    intent = planned(journal)
    assert journal.refused(intent.id, "given up")
    assert journal.confirmed(intent.id, "b-1")
    assert journal.confirmed(intent.id, "b-1")
    assert not journal.confirmed(intent.id, "b-2")
    assert not journal.refused(intent.id, "late")
    assert not journal.unknown(intent.id, "late")
    last = journal.get(intent.id)
    assert last is not None and (last.state, last.booking_id) == ("confirmed", "b-1")


def test_a_planned_intent_is_never_unknown(journal: Journal) -> None:
    intent = planned(journal)
    assert not journal.unknown(intent.id, "why")
    assert state(journal, intent) == "planned"


def test_a_cancellation_names_its_booking(journal: Journal) -> None:
    with pytest.raises(ValueError, match="booking"):
        journal.plan("cancel", ACCOUNT, {"reason": "x"})
    intent = journal.plan("cancel", ACCOUNT, {"reason": "x"}, booking_id="b-1")
    assert journal.claim(intent.id)
    assert not journal.confirmed(intent.id, "b-2")
    assert journal.confirmed(intent.id, "b-1")


def test_what_was_cancelled_from_here_is_known_from_when_it_is_sent(journal: Journal) -> None:
    ids = ["planned", "sending", "unknown", "confirmed", "refused", "other"]
    for name in ids:
        account = "another" if name == "other" else ACCOUNT
        intent = journal.plan("cancel", account, {"reason": "x"}, booking_id=name)
        if name != "planned":
            journal.claim(intent.id)
        if name not in ("planned", "sending"):
            end = "confirmed" if name == "other" else name
            getattr(journal, end)(intent.id, name)
    assert journal.cancelled(ACCOUNT, [*ids, "b-1"]) == {"sending", "unknown", "confirmed"}
    assert journal.cancelled(ACCOUNT, ["confirmed"]) == {"confirmed"}


def test_one_wish_is_one_intent(journal: Journal, tmp_path: Path, clock: Clock) -> None:
    first = planned(journal, once="form-1")
    journal.claim(first.id)
    other = Journal.open(tmp_path, clock)
    second = other.plan("book", ACCOUNT, {"other": True}, once="form-1")
    assert (second.id, second.state, second.request) == (first.id, "sending", REQUEST)
    assert other.plan("book", "another account", REQUEST, once="form-1").id != first.id
    assert planned(journal).id != planned(journal).id
    other.close()


def test_open_intents_are_the_accounts_own_oldest_first(journal: Journal, clock: Clock) -> None:
    made = []
    for _ in range(4):
        made.append(planned(journal))
        clock.now += timedelta(seconds=1)
    journal.plan("book", "sandbox", REQUEST)
    journal.claim(made[1].id)
    journal.claim(made[2].id)
    journal.confirmed(made[2].id, "b")
    assert [one.id for one in journal.open_intents(ACCOUNT)] == [made[n].id for n in (0, 1, 3)]
    assert [one.id for one in journal.intents(ACCOUNT, made[2].created_at)] == [
        made[2].id,
        made[3].id,
    ]
    assert len(journal.intents(ACCOUNT)) == 4


def test_external_ids_by_prefix(journal: Journal) -> None:
    for name in ("it-emp1-20261120", "it-emp1-20261120-a", "it_emp1", "IT-EMP1", "ops-1"):
        planned(journal, external_id=name)
    planned(journal)
    assert journal.external_ids("it-emp1-20261120") == {"it-emp1-20261120", "it-emp1-20261120-a"}
    assert len(journal.external_ids()) == 5
    assert journal.external_ids("%") == frozenset()


# -- claims whose holder is gone ------------------------------------------------------------


def put_claim(journal: Journal, intent: Intent, claimer: Claimer) -> None:
    """Make it as if another process had claimed it."""
    now = journal.get(intent.id)
    assert now is not None
    tamper(journal.path, UPDATE, *write(replace(now, claimer=claimer)), intent.id)


def test_a_living_claim_within_its_lease_is_left_alone(journal: Journal, clock: Clock) -> None:
    intent = planned(journal)
    journal.claim(intent.id)
    clock.now += LEASE - timedelta(seconds=1)
    assert journal.expire_stale() == []
    assert state(journal, intent) == "sending"


@pytest.mark.parametrize("later", [LEASE, LEASE * 9, -timedelta(seconds=1), -timedelta(days=1)])
def test_a_lease_that_is_over_makes_it_unknown(
    journal: Journal, clock: Clock, later: timedelta
) -> None:
    """A clock that was set back counts as over: unknown is safe, and nobody knows how long."""
    intent = planned(journal)
    journal.claim(intent.id)
    clock.now += later
    expired = journal.expire_stale()
    assert [(one.id, one.state, one.reason) for one in expired] == [(intent.id, "unknown", STALE)]
    assert journal.expire_stale() == []


@pytest.mark.parametrize("how", ["no such process", "number used again"])
def test_a_claimer_that_is_gone_makes_it_unknown_at_once(journal: Journal, how: str) -> None:
    intent = planned(journal)
    journal.claim(intent.id)
    own = me()
    gone = replace(own, pid=2**22 + 7) if how == "no such process" else replace(own, started="1")
    put_claim(journal, intent, gone)
    assert len(journal.expire_stale()) == 1
    assert state(journal, intent) == "unknown"
    assert not journal.claim(intent.id)


def test_another_hosts_claim_waits_for_its_lease(journal: Journal, clock: Clock) -> None:
    intent = planned(journal)
    journal.claim(intent.id)
    put_claim(journal, intent, Claimer("another host", 2**22 + 7, "1"))
    assert journal.expire_stale() == []
    clock.now += LEASE
    assert [one.id for one in journal.expire_stale()] == [intent.id]


def test_a_late_answer_settles_what_was_expired(journal: Journal, clock: Clock) -> None:
    intent = planned(journal)
    journal.claim(intent.id)
    clock.now += LEASE
    journal.expire_stale()
    assert journal.confirmed(intent.id, "b-1")


def test_a_process_knows_itself() -> None:
    assert me() == me()
    assert me().pid == os.getpid()
    assert not is_gone(me())
    assert not is_gone(Claimer("", 1, ""))


# -- what a disk does -----------------------------------------------------------------------


def test_a_full_disk_forbids_to_send_and_reading_goes_on(journal: Journal) -> None:
    intent = planned(journal)
    with nothing_can_be_written():
        with pytest.raises(JournalUnavailable, match=r"journal\.db"):
            planned(journal)
        with pytest.raises(JournalUnavailable):
            journal.claim(intent.id)
        assert [one.id for one in journal.open_intents(ACCOUNT)] == [intent.id]
    assert state(journal, intent) == "planned"
    assert journal.claim(intent.id)


def test_a_full_disk_from_the_start(tmp_path: Path, clock: Clock) -> None:
    first = Journal.open(tmp_path, clock)
    intent = planned(first)
    first.close()
    with nothing_can_be_written():
        again = Journal.open(tmp_path, clock)
        assert again.get(intent.id) == intent
        with pytest.raises(JournalUnavailable):
            again.claim(intent.id)
        again.close()


def test_a_home_without_a_place_forbids_to_send(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    journal = Journal.open(tmp_path / "file" / "state")
    assert journal.problem is not None and str(tmp_path / "file") in journal.problem
    assert journal.notices == [journal.problem]
    assert journal.open_intents(ACCOUNT) == []
    with pytest.raises(JournalUnavailable, match="file"):
        planned(journal)


def test_a_newer_format_is_read_but_not_written(journal: Journal, tmp_path: Path) -> None:
    intent = planned(journal)
    journal.close()
    tamper(journal.path, "PRAGMA user_version = 7")
    before = journal.path.read_bytes()
    newer = Journal.open(tmp_path)
    assert newer.problem is not None and "7" in newer.problem
    for change in (
        lambda: planned(newer),
        lambda: newer.claim(intent.id),
        lambda: newer.refused(intent.id, ""),
    ):
        with pytest.raises(JournalUnavailable, match="7"):
            change()
    assert [one.id for one in newer.open_intents(ACCOUNT)] == [intent.id]
    newer.close()
    assert journal.path.read_bytes() == before
    assert not list(tmp_path.glob("*.broken-*"))


def test_a_network_home_has_a_journal_per_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "is_network_filesystem", lambda _path: True)
    monkeypatch.setattr("platform.node", lambda: "desk/../7")
    journal = Journal.open(tmp_path)
    assert journal.path == tmp_path / "journal-desk_.._7.db"
    assert len(journal.notices) == 1
    assert planned(journal).state == "planned"
    journal.close()
