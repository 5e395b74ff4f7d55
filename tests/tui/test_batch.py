"""A table on screen, against a real gateway: checked, asked, sent, stopped, repeated, told."""

from __future__ import annotations

import asyncio
import csv
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pm_tui.config import Settings
from pm_tui.services.ledger import Change
from pm_tui.tui.screens.batch import BatchView
from pm_tui.tui.widgets.text_pane import TextPane
from tests.conftest import MakeSettings
from tests.fakes import NOON
from tests.sandbox_process import Sandbox
from tests.services.test_batch import a_table, posts
from tests.tui.canned import CannedSession, bookings
from tests.tui.driving import Driven, copied, driven, until

SMALL = (80, 24)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pm_tui.services.batch_send.PACE", 0.05)
    monkeypatch.setattr("pm_tui.services.book.FIRST_LOOK", 0.0)
    monkeypatch.setattr("pm_tui.services.settle.GRACE", timedelta(seconds=0.3))


async def to_view(seen: Driven) -> BatchView:
    await seen.press("f3", "t")
    await until(lambda: seen.screen_name == "BatchView" and seen.focused == "batch-path", "a view")
    view = seen.app.screen
    assert isinstance(view, BatchView)
    return view


async def check(seen: Driven, path: Path) -> None:
    await to_view(seen)
    await seen.fill("#batch-path", str(path))
    await seen.press("enter")
    await until(lambda: seen.rows and seen.focused == "batch-rows", "the rows")


async def send(seen: Driven) -> None:
    await seen.press("ctrl+s")
    await until(lambda: seen.screen_name == "BookTableScreen", "the question")
    await seen.press("b")


def head(seen: Driven) -> str:
    return seen.static("#batch-head")


def over(seen: Driven) -> bool:
    job = seen.app.batch_job
    return job is not None and job.over


def states(seen: Driven) -> list[str]:
    assert seen.app.batch_job is not None
    return [row.state for row in seen.app.batch_job.batch.rows]


def told(path: Path) -> list[str]:
    with path.open(newline="") as file:
        return [row["outcome"] for row in csv.DictReader(file)]


async def test_a_table_is_checked_asked_for_and_booked_each_row_once(
    settings: Settings, gateway: Sandbox, tmp_path: Path
) -> None:
    path = a_table(tmp_path / "week.csv", 6)
    async with driven(settings, size=SMALL) as seen:
        await seen.search("Berlin")  # so that there are prices and names
        await check(seen, path)
        assert head(seen).startswith("week.csv · 6 rows: 6 ready · about €")
        assert all("· ready" in row for row in seen.rows)
        first = seen.app.screen.query_one("#batch-detail", TextPane)._text[0]
        assert str(first) == "Row 2 · ready", "one dot"
        seen.app.clear_notifications()  # nothing lies over the button
        await until(lambda: "Book 6 rows (Ctrl+S)" in seen.text, "what it does")
        await seen.press("ctrl+s")
        await until(lambda: seen.screen_name == "BookTableScreen", "the question")
        await until(lambda: "Book 6 rows, about €" in seen.text, "what it costs")
        assert seen.focused == "no"
        await seen.press("ctrl+s", "ctrl+s")  # a held key does not answer it
        assert seen.screen_name == "BookTableScreen"
        assert posts(gateway) == []
        await seen.press("b")
        await until(lambda: over(seen), "the end")
        await until(lambda: "6 booked" in head(seen) and "All is booked" in head(seen), "the end")
        assert "6/6 · every row: " in seen.static("#batch-progress")
        assert all("✓ booked" in row for row in seen.rows)
        assert "Copy" in seen.lines[-1]
        made_first = await copied(seen, "i")
        line = await copied(seen, "l")
        await seen.press("f3")
        await until(lambda: "6 bookings" in seen.head or len(seen.rows) >= 6, "the bookings")
    assert Counter(posts(gateway)).most_common(1)[0][1] == 1
    assert len(posts(gateway)) == 6
    wanted = {row["external_id"] for row in csv.DictReader(path.open())}
    made = Counter(one["external_id"] for one in gateway.bookings())
    assert {made[one] for one in wanted} == {1}
    with (tmp_path / "week.out.csv").open(newline="") as file:
        written = list(csv.DictReader(file))
    truth = {one["external_id"]: one["id"] for one in gateway.bookings()}
    assert made_first in truth.values() and f"booked,{made_first}," in line
    assert [one["booking_id"] for one in written] == [truth[one["external_id"]] for one in written]


async def no_tables(seen: Driven, folder: Path) -> None:
    """What is no table is said at once, and asked for again."""
    await until(lambda: "location_id, evse_uid, from, to" in seen.text, "what it takes")
    (folder / "notes.csv").write_text("hello\n")
    for name, said in (("notes.csv", "lacks"), ("none.csv", "No such file"), ("", "directory")):
        await seen.fill("#batch-path", str(folder / name))
        await seen.press("enter")
        await until(lambda said=said: said in head(seen), said)  # type: ignore[misc]
    assert seen.focused == "batch-path"
    (folder / "notes.csv").unlink()


async def completed(seen: Driven, view: BatchView) -> None:
    """A path, folder by folder."""
    await seen.fill("#batch-path", "~/f")
    await seen.press("l")
    await until(lambda: view._path.is_open, "the folder")
    await seen.press("tab")
    await until(lambda: view._path.is_open and "week.csv" in seen.text, "what is in it")
    await seen.press("down", "enter")
    await until(lambda: seen.rows, "the table")
    assert "5 rows: 5 ready" in head(seen)


async def an_error(seen: Driven, path: Path) -> None:
    """It keeps all from being sent until it is mended."""
    good = path.read_text()
    path.write_text(good + "L,E,tomorrow 9,2020-01-01 10:00,x\n")
    await seen.press("r")
    await until(lambda: "6 rows: 1 with errors, 5 ready" in head(seen), "the error")
    assert "mend the file" in head(seen)
    assert seen.rows[0].startswith("7 ✗ error"), "what is to be mended stands on top"
    await until(lambda: "give date, year and time" in seen.text, "why")
    await seen.press("ctrl+s")
    await until(lambda: any("Nothing can be sent" in one for one in seen.told), "the reason")
    assert seen.screen_name == "BatchView"
    path.write_text(good)
    await seen.press("r")
    await until(lambda: "5 rows: 5 ready" in head(seen), "the mended table")


async def sorted_and_filtered(seen: Driven, wanted: str) -> None:
    """By every column, where there is room for all."""
    await seen.resize(200, 60)
    for column in seen.table.all_columns:
        for _turn in range(2):
            before = (seen.table.sort_key, seen.table.sort_is_reversed)
            seen.table.request_sort(column.key)
            await until(
                lambda before=before: (  # type: ignore[misc]
                    (seen.table.sort_key, seen.table.sort_is_reversed) != before
                ),
                column.key,
            )
    await seen.press("slash")
    await seen.fill("#filter", wanted)
    await until(lambda: len(seen.rows) == 1 and wanted in seen.rows[0], "one row")
    await seen.press("escape")
    await until(lambda: len(seen.rows) == 5, "all rows")


async def changed_since(seen: Driven, path: Path) -> None:
    """It is shown before it is sent."""
    a_table(path, 2)
    await seen.press("ctrl+s")
    await until(lambda: any("not as it was shown" in one for one in seen.told), "a word")
    assert "2 rows: 2 ready" in head(seen)
    path.unlink()
    await seen.press("ctrl+s")
    await until(lambda: "No such file" in head(seen), "the reason")


async def test_what_is_wrong_with_a_table_is_told_before_anything_is_sent(
    settings: Settings, gateway: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "fleet"
    folder.mkdir()
    path = a_table(folder / "week.csv", 5)
    wanted = next(csv.DictReader(path.open()))["external_id"]
    monkeypatch.setenv("HOME", str(tmp_path))
    async with driven(settings, size=SMALL) as seen:
        for keys in ((), ("f3",)):  # it is found in the palette from anywhere
            await seen.press(*keys)
            titles = [one.title for one in seen.app.get_system_commands(seen.app.screen)]
            assert titles.count("Book a table") == 1
        view = await to_view(seen)
        await no_tables(seen, folder)
        await completed(seen, view)
        await an_error(seen, path)
        await sorted_and_filtered(seen, wanted)
        await changed_since(seen, path)
        # a result that cannot be written
        a_table(path, 2)
        (folder / "week.out.csv").mkdir()
        await seen.fill("#batch-path", str(path))
        await seen.press("enter")
        await until(lambda: "2 rows: 2 ready" in head(seen), "the table")
        await send(seen)
        await until(lambda: over(seen), "the end")
        await until(lambda: "week.out.csv" in head(seen) and "Stopped" in head(seen), "why")
        assert states(seen) == ["not sent"] * 2
    assert posts(gateway) == []


async def test_stopped_in_the_middle_and_repeated_only_the_rest_is_sent(
    settings: Settings, gateway: Sandbox, tmp_path: Path
) -> None:
    path = a_table(tmp_path / "week.csv", 8)
    gateway.fault("slow", match="POST /bookings", times=None, seconds=0.2)
    async with driven(settings, size=SMALL) as seen:
        await check(seen, path)
        await send(seen)
        await until(lambda: states(seen).count("booked") >= 2, "two rows")
        await seen.press("escape")
        await until(lambda: seen.screen_name == "StopTableScreen", "the question")
        await until(lambda: "Stop after the row" in seen.text, "what it asks")
        await seen.press("x")
        await until(lambda: over(seen), "the end")
        done = states(seen).count("booked")
        assert 2 <= done < 8
        assert states(seen).count("not sent") == 8 - done
        assert Counter(told(tmp_path / "week.out.csv")) == Counter(states(seen))
        await until(lambda: "Stopped" in head(seen), "what to do")
        await seen.press("r")
        await until(lambda: f"{done} booked already" in head(seen), "what is left")
        gateway.clear_faults()
        gateway.fault("slow", match="POST /bookings", times=None, seconds=60)
        await send(seen)
        # it goes on behind another view and tells its end
        await seen.press("f2")
        assert not over(seen)
        gateway.clear_faults()
        await until(lambda: over(seen), "the end")
        assert states(seen) == ["booked"] * 8
        await until(lambda: any("week.csv was sent: 8 booked" in one for one in seen.told), "word")
        await seen.press("f3", "t")
        await until(lambda: "All is booked" in head(seen), "how it ended")
        await seen.press("escape")
        await until(lambda: seen.focused == "batch-path", "another table")
        assert seen.app.screen.query_one("#batch-path").value == str(path)  # type: ignore[attr-defined]
        await seen.press("escape")
        await until(lambda: seen.screen_name == "BookingsView", "the bookings")
    assert told(tmp_path / "week.out.csv") == ["booked"] * 8
    assert sorted(Counter(posts(gateway)).values()) == [1] * 8


async def test_quit_in_the_middle_and_repeated_in_a_new_window_only_the_rest_is_sent(
    settings: Settings, gateway: Sandbox, tmp_path: Path
) -> None:
    path = a_table(tmp_path / "week.csv", 6)
    gateway.fault("accept_then_hang", match="POST /bookings", skip=2)
    async with driven(settings) as seen:
        await check(seen, path)
        await send(seen)
        await until(lambda: len(posts(gateway)) == 3, "the third one under way")
        await until(lambda: len(gateway.bookings()) >= 3, "and booked")
        await seen.press("ctrl+q")
    left = told(tmp_path / "week.out.csv")
    assert left == ["booked"] * 2 + ["unknown"] + ["not sent"] * 3
    async with driven(settings) as seen:
        await until(lambda: seen.app.known.result is not None and seen.idle, "the first reading")
        await until(lambda: seen.app.connection.unsettled == 0, "what became of the third")
        await check(seen, path)
        assert "6 rows: 3 ready, 3 booked already" in head(seen)
        await send(seen)
        await until(lambda: over(seen), "the end")
        assert states(seen) == ["booked"] * 6
    assert told(tmp_path / "week.out.csv") == ["booked"] * 6
    assert sorted(Counter(posts(gateway)).values()) == [1] * 6


async def test_a_lost_answer_is_shown_as_unknown_and_settled(
    settings: Settings, gateway: Sandbox, tmp_path: Path
) -> None:
    path = a_table(tmp_path / "week.csv", 3)
    async with driven(settings, size=SMALL) as seen:
        await check(seen, path)
        gateway.fault("accept_then_reset", match="POST /bookings")
        gateway.fault("error", match="GET /bookings", times=None)
        await send(seen)
        await until(lambda: over(seen), "the end")
        assert states(seen) == ["unknown", "booked", "booked"]
        await until(lambda: "Do not book what is unknown again" in head(seen), "what to do")
        assert any("? unknown" in row for row in seen.rows)
        assert told(tmp_path / "week.out.csv") == ["unknown", "booked", "booked"]
        gateway.clear_faults()
        seen.app.look_soon()
        await until(lambda: seen.app.connection.unsettled == 0, "what became of it")
        await seen.press("r")
        await until(lambda: "3 booked already" in head(seen), "all")
        await seen.press("ctrl+s")
        await until(lambda: any("Nothing to send" in one for one in seen.told), "a word")
    assert sorted(Counter(posts(gateway)).values()) == [1] * 3


async def test_offline_it_is_checked_and_says_why_it_is_not_sent(
    make_settings: MakeSettings, gateway: Sandbox, tmp_path: Path
) -> None:
    path = a_table(tmp_path / "week.csv", 2)
    async with driven(make_settings(gateway, offline=True)) as seen:
        await check(seen, path)
        assert "2 rows: 2 ready" in head(seen)
        assert "Offline" in head(seen)
        await seen.press("ctrl+s")
        await until(lambda: any("needs the network" in one for one in seen.told), "why not")
        assert seen.screen_name == "BatchView"
    assert not (tmp_path / "week.out.csv").exists()


async def test_a_journal_that_cannot_be_written_is_told_and_nothing_is_sent(
    settings: Settings, gateway: Sandbox, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    path = a_table(tmp_path / "week.csv", 2)
    async with driven(replace(settings, state_dir=tmp_path / "file" / "state")) as seen:
        await to_view(seen)
        await seen.fill("#batch-path", str(path))
        await seen.press("enter")
        await until(lambda: seen.rows or "journal" in head(seen), "an answer")
        if seen.rows:
            await send(seen)
            await until(lambda: "Stopped" in head(seen), "why")
    assert posts(gateway) == []


async def test_confirmations_of_a_whole_table_ring_once(
    make_settings: MakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    bells: list[Any] = []
    monkeypatch.setattr("pm_tui.tui.booking_actions.BURST", timedelta(seconds=0.2))
    async with driven(make_settings(), session=CannedSession, now=lambda: NOON) as seen:
        monkeypatch.setattr(seen.app, "bell", lambda: bells.append(1))
        one = bookings()[0]
        many = [Change(one, "REQUESTED") for _n in range(12)]
        seen.app.tell(many[:1])
        assert len(bells) == 1, "the first one at once"
        seen.app.tell(many[1:7])
        seen.app.tell(many[7:])
        assert len(bells) == 1
        await until(lambda: len(bells) == 2, "the others")
        await asyncio.sleep(0)
        assert "and 8 more" in seen.told[-1]
        lost = [Change(replace_status(one, "CANCELLED"), "CONFIRMED")]
        seen.app.tell(lost)
        assert len(bells) == 3, "a loss does not wait"
        over = replace(lost[0].booking, reservation_end=NOON - timedelta(hours=1))
        seen.app.tell([Change(over, "CONFIRMED")])
        assert "Look for another" not in seen.app.notices[0].text, (
            "of what is over nobody needs one"
        )
        bells.clear()
        told = len(seen.app.notices)
        seen.app.tell(lost * 7)  # as after a night without a window
        assert (len(bells), len(seen.app.notices)) == (1, told + 1)
        notice = seen.app.notices[0]
        assert notice.title == "7 bookings are lost"
        assert notice.text.startswith("✗ cancelled ")
        assert "and 4 more\nLook for another charger" in notice.text


def replace_status(booking: Any, status: str) -> Any:
    return replace(booking, status=status)
