"""What windows share: no request is counted twice or not at all, one reads, all hear of it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pm_tui.cache.claimer import Claimer
from pm_tui.cache.shared import NAME, WINDOW, NotShared, SharedFile
from pm_tui.models.json import JsonObject

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC).timestamp()
DAY = 86400.0


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[SharedFile, SharedFile]]:
    files = SharedFile(tmp_path, "one"), SharedFile(tmp_path, "two")
    yield files
    for file in files:
        file.close()


Two = tuple[SharedFile, SharedFile]


def test_the_minute_is_everybodys_and_a_fifth_of_it_peoples(two: Two) -> None:
    for n in range(8):
        assert two[n % 2].reserve(NOW + n, True, 10)[0] == 0
    wait, common = two[0].reserve(NOW + 8, True, 10)
    assert (wait, common.sent) == (WINDOW - 8, 8)
    assert two[1].reserve(NOW + 8, False, 10)[0] == 0
    assert two[0].reserve(NOW + 9, False, 10)[0] == 0
    assert two[1].reserve(NOW + 10, False, 10)[0] == WINDOW - 10
    assert two[1].reserve(NOW + WINDOW - 0.5, False, 10)[0] == 0.5  # nor is half a second nothing
    assert two[1].reserve(NOW + WINDOW, False, 10)[0] == 0  # those of a dead window age out too


def test_several_at_once_never_count_more_than_the_limit(tmp_path: Path) -> None:
    def ask(n: int) -> int:
        file = SharedFile(tmp_path, str(n))
        got = sum(file.reserve(NOW, False, 50)[0] == 0 for _ in range(20))
        file.close()
        return got

    with ThreadPoolExecutor(5) as threads:
        assert sum(threads.map(ask, range(5))) == 50


def test_what_was_not_sent_costs_nothing(two: Two) -> None:
    two[0].usage(NOW, 100, 1000)
    two[0].heard(50, NOW + 30)
    for background in (False, True, True):
        two[0].reserve(NOW, background, 10)
    two[0].unsent(True)
    common = two[1].look(NOW)
    assert (common.sent, common.month_used, common.background_today) == (2, 102, 1)
    assert common.remaining == 48


def test_a_429_that_one_met_stops_all_until_a_person_tries(two: Two) -> None:
    two[0].closed(NOW + DAY, True)
    wait, common = two[1].reserve(NOW, False, 10)
    assert (wait, common.spent, common.sent) == (DAY, True, 0)
    two[1].closed(NOW + 30, False)  # a shorter one in between is no news
    assert two[0].look(NOW).spent
    two[1].opened(NOW + 5)
    assert two[0].reserve(NOW + 5, False, 10)[0] == 0
    assert two[0].look(NOW + 5).opened_at == NOW + 5


def test_other_machines_are_seen_through_the_headers(two: Two) -> None:
    two[0].heard(1, NOW + 30)
    assert two[1].reserve(NOW, True, 100)[0] == 30
    assert two[1].reserve(NOW, False, 100)[0] == 0
    assert two[0].reserve(NOW, False, 100)[0] == 30
    assert two[0].reserve(NOW + 31, False, 100)[0] == 0


def test_the_month_is_counted_on_from_what_usage_told_and_begins_anew(two: Two) -> None:
    two[0].reserve(NOW, False, 100)
    assert two[0].look(NOW).month_used is None
    two[0].usage(NOW, 4000, 10_000)
    for _ in range(3):
        two[1].reserve(NOW, True, 100)
    two[0].usage(NOW, None, None)  # asked in vain: what was known stays
    common = two[0].look(NOW)
    assert (common.month_used, common.month_limit, common.background_today) == (4003, 10_000, 3)
    assert two[0].look(NOW + DAY).background_today == 0
    december = NOW + 12 * DAY
    two[0].reserve(december, False, 100)
    common = two[1].look(december)
    assert (common.month_used, common.told_at) == (1, None)


def test_one_reads_and_the_others_have_it(two: Two) -> None:
    one, other = two
    assert one.claim(NOW, 0, 20) == "yours"
    assert other.claim(NOW, 0, 20) == "busy"
    assert other.claim(NOW, 0, 20, anyway=True) == "yours"  # a person asked
    assert one.claim(NOW, 0, 20) == "busy"
    seq = other.tell(NOW, NOW - 1, [{"id": "b1"}], whole=True, complete=True)
    assert one.claim(NOW, 0, 20) == "news"
    (news,) = one.news(NOW, 0)
    assert (news.seq, news.at, news.whole, news.rows) == (seq, NOW - 1, True, [{"id": "b1"}])
    assert one.news(NOW, seq) == []
    assert one.claim(NOW, seq, 20) == "yours"
    other.release()  # which has nothing any more
    assert other.claim(NOW, seq, 20) == "busy"
    one.release()
    assert other.claim(NOW, seq, 20) == "yours"


def test_a_claim_that_waited_for_the_lock_does_not_take_an_older_one_for_a_wrong_clock(
    two: Two,
) -> None:
    one, other = two
    one.claim(NOW + 0.3, 0, 20)
    assert other.claim(NOW, 0, 20) == "busy"  # it asked before, and was heard after
    assert other.claim(NOW + 1, 0, 20) == "busy"


def test_a_single_booking_is_heard_of_before_the_list_and_forgotten_after_a_minute(
    two: Two,
) -> None:
    one, other = two
    one.tell(NOW, NOW, [{"id": "new"}], whole=False, complete=False)
    one.tell(NOW + 1, NOW + 1, [], whole=True, complete=True)
    assert [news.whole for news in other.news(NOW, 0)] == [False, True]
    one.tell(NOW + 90, NOW + 90, [], whole=True, complete=True)
    assert [news.at for news in other.news(NOW, 0)] == [NOW + 90]


def test_whoever_reads_and_dies_is_replaced_at_once_else_after_its_time(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = two
    one.claim(NOW, 0, 20)
    assert other.claim(NOW + 19, 0, 20) == "busy"
    assert other.claim(NOW + 20, 0, 20) == "yours"
    one._me = Claimer(one._me.host, one._me.pid, "another start")
    one.claim(NOW + 60, 0, 20)  # by a process that runs no more
    assert other.claim(NOW + 61, 0, 20) == "yours"


def test_a_reading_that_failed_is_not_tried_by_everybody(two: Two) -> None:
    one, other = two
    one.claim(NOW, 0, 20)
    one.failed(NOW, "offline", "no network")
    common = other.look(NOW)
    assert (common.failures, common.tried_at, common.state) == (1, NOW, "offline")
    assert other.claim(NOW, 0, 20) == "yours"
    other.tell(NOW, NOW, [], whole=True, complete=True)
    assert one.look(NOW).failures == 0


def test_a_clock_that_was_set_back_blocks_nobody(two: Two) -> None:
    for _ in range(10):
        two[0].reserve(NOW + DAY, False, 10)
    two[0].claim(NOW + DAY, 0, 20)
    two[0].closed(NOW + 40 * DAY, True)  # no month is as long
    assert two[1].reserve(NOW, False, 10)[0] == 0
    assert not two[1].look(NOW).spent
    assert two[1].claim(NOW, 0, 20) == "yours"


def test_a_damaged_file_begins_anew_and_is_private(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"no database" * 1000)
    (tmp_path / NAME).chmod(0o644)
    file = SharedFile(tmp_path, "one")
    assert file.reserve(NOW, False, 10)[0] == 0
    file.close()
    assert (tmp_path / NAME).stat().st_mode & 0o077 == 0


def test_a_folder_that_cannot_be_used_says_why(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NotShared, match="cannot be used"):
        SharedFile(tmp_path / "file" / "state", "one")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_one_looks_at_a_watched_charger_until_it_is_done_or_gone(two: Two) -> None:
    one, other = two
    assert one.look_at(NOW, ["a", "b"], 20)
    assert one.look_at(NOW, ["b"], 20)
    assert not other.look_at(NOW, ["c", "b"], 20)
    assert other.look_at(NOW, ["c"], 20)  # and nothing was taken in vain
    one.looked()
    assert other.look_at(NOW, ["a", "c"], 20)
    assert not one.look_at(NOW + 19, ["a"], 20)
    assert one.look_at(NOW + 20, ["a"], 20)  # whoever it was has died
    assert other.look_at(NOW - 3600, ["a"], 20)  # the clock was set back


def test_a_single_booking_is_kept_while_the_list_that_serves_a_new_window_is_older(
    two: Two,
) -> None:
    one, other = two
    one.tell(NOW, NOW, [], whole=True, complete=True)
    one.tell(NOW + 90, NOW + 90, [{"id": "a"}], whole=False, complete=False)
    one.tell(NOW + 270, NOW + 270, [{"id": "b"}], whole=False, complete=False)
    assert [news.at - NOW for news in other.news(NOW + 280, 0)] == [0, 90, 270]
    # whoever opens later reads the list, and hears no old tale; whoever was there hears it all
    assert [news.at - NOW for news in other.news(NOW + 500, 0)] == [0, 270]
    assert [news.at - NOW for news in other.news(NOW + 500, 1)] == [90, 270]
    one.tell(NOW + 500, NOW + 500, [{"id": "c"}], whole=False, complete=False)
    assert [news.at - NOW for news in other.news(NOW + 500, 1)] == [270, 500]


def test_what_a_person_was_told_is_what_a_window_showed_last_else_how_it_was_first_met(
    two: Two,
) -> None:
    one, other = two
    rows: list[JsonObject] = [{"id": name, "status": "PENDING"} for name in "ab"]
    rows.append({"id": 7})
    one.tell(NOW, NOW, rows, whole=True, complete=True)
    one.tell(NOW, NOW, [{"id": "a", "status": "CONFIRMED"}], whole=False, complete=False)
    assert other.told() == {"a": "PENDING", "b": "PENDING"}
    other.note_told(NOW + DAY, {"a": "CONFIRMED"})
    assert one.told() == {"a": "CONFIRMED", "b": "PENDING"}
    one.note_told(NOW + 90.5 * DAY, {})  # what nobody read any more
    assert one.told() == {"a": "CONFIRMED"}
