"""The report view at the keyboard: read, grouped, opened, compared, written; and what it says when
it cannot."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from textual.widgets import Select

from pm_tui import i18n
from pm_tui.config.caps import CapSettings
from pm_tui.services.report import Row
from pm_tui.services.report_period import Period
from pm_tui.services.report_rows import BYS
from pm_tui.tui.report_question import BY_WORDS, Question
from pm_tui.tui.report_words import BLOCKS, months
from pm_tui.tui.screens.report import ReportView
from pm_tui.tui.widgets.report_table import BAR, bar
from tests.conftest import MakeSettings
from tests.sandbox_process import Sandbox, start_sandbox
from tests.services.test_report_behind import TABLE
from tests.tui.driving import Driven, copied, driven, until

BERLIN = ZoneInfo("Europe/Berlin")
MARCH = Period.month(2024, 3, BERLIN)
SMALL = (80, 24)


@pytest.fixture(scope="module")
def archive() -> Iterator[Sandbox]:
    """Two months of 80 bookings, and one with 150 in a second."""
    with start_sandbox() as sandbox:
        for month, seed in ((MARCH, 0), (MARCH.previous(), 1)):
            first, last = (one.isoformat()[:19] + "Z" for one in (month.start, month.end))
            sandbox.seed(since=first, to=last, bookings=80, seed=seed)
        sandbox.seed(burst={"at": "2024-07-14T09:30:07Z", "bookings": 150}, seed=2)
        yield sandbox


def said(seen: Driven) -> str:
    return seen.static("#fleet-said")


def head(seen: Driven) -> str:
    return seen.static("#report-head")


def view(seen: Driven) -> ReportView:
    assert isinstance(seen.app.screen, ReportView)
    return seen.app.screen


def rows(seen: Driven) -> list[str]:
    table = view(seen)._table
    cells = (table.get_row_at(n) for n in range(table.row_count))
    return [" ".join(cell.plain.strip() for cell in row) for row in cells]


def readings(sandbox: Sandbox) -> int:
    """Requests for a report; those that keep the list current name no range."""
    return sum("from_date" in one["query"] for one in sandbox.log())


async def ask_for(seen: Driven, period: str) -> None:
    """Open the view and type a period."""
    await seen.press("f7")
    await until(lambda: seen.screen_name == "ReportView" and "·" in head(seen), "the view")
    await seen.press("d")
    await until(lambda: seen.focused == "period", "the question")
    await seen.fill("#period", period)
    await seen.press("enter")
    await until(lambda: seen.screen_name == "ReportView" and period in head(seen), "the period")


async def test_read_grouped_opened_and_compared(
    archive: Sandbox, make_settings: MakeSettings
) -> None:
    truth = [
        one
        for one in archive.bookings(history=True)
        if one["status"] == "COMPLETED"
        and MARCH.start <= datetime.fromisoformat(one["created_at"]) < MARCH.end
    ]
    total = sum((Decimal(str(one["client_price"] or 0)) for one in truth), Decimal(0))
    async with driven(make_settings(archive), size=SMALL) as seen:
        await ask_for(seen, "2024-03")
        assert "Nothing of 2024-03 has been read yet." in head(seen)
        assert rows(seen) == []
        assert "Copy" not in seen.lines[-1]
        archive.clear_log()
        await seen.press("r")
        await until(lambda: f"{len(truth)} bookings · €{total:,.2f}" in head(seen), "the report")
        assert "live" in head(seen)
        assert readings(archive) == 1
        assert rows(seen)[0].split()[2].startswith("€")
        assert "Copy" in seen.lines[-1]
        assert len((await copied(seen, "v")).splitlines()) == len(rows(seen)) + 1

        await seen.press("b")  # by employee: nothing is asked
        await until(lambda: "by Employee" in head(seen) and "emp0" in rows(seen)[0], "employees")
        await seen.press("B")
        await until(lambda: "emp0" not in rows(seen)[0], "departments")
        await seen.press("enter")
        await until(lambda: view(seen)._inside is not None and rows(seen), "the bookings")
        inside = view(seen)._inside
        assert isinstance(inside, Row) and len(rows(seen)) == inside.bookings
        assert all(inside.key.text in row for row in rows(seen))
        assert await copied(seen, "r") in rows(seen)[0], "the booking under the cursor"
        await seen.press("slash")
        assert seen.focused == "report-bookings" and "Filter" not in seen.lines[-1]
        await seen.press("escape")
        await until(lambda: view(seen)._inside is None and seen.focused == "report-rows", "back")

        await seen.press("a")
        await until(lambda: "all states" in head(seen) and "80 bookings" in head(seen), "all")
        assert "before" not in head(seen)
        await seen.press("c")  # reads the month before as well
        await until(lambda: "· before €" in head(seen), "the comparison")
        assert "2024-02" not in head(seen)
        assert "▇" in seen.text or "█" in seen.text
        await seen.press("less_than_sign")
        await until(lambda: "2024-02" in head(seen) and "80 bookings" in head(seen), "February")
        await seen.press("p")
        await until(lambda: "2024-Q1" in head(seen) and "INCOMPLETE" in head(seen), "a quarter")


async def test_a_file_is_written_and_not_over_another_without_a_word(
    archive: Sandbox, make_settings: MakeSettings, tmp_path: Path
) -> None:
    async with driven(make_settings(archive), size=SMALL) as seen:
        await ask_for(seen, "2024-03")
        await seen.press("r")
        await until(lambda: "live" in head(seen), "the report")
        await seen.press("a")
        await until(lambda: "all states" in head(seen) and "80 bookings" in head(seen), "all")
        await seen.press("p")
        await until(lambda: "2024-Q1" in head(seen) and "INCOMPLETE" in head(seen), "a quarter")
        await seen.press("e")
        await until(lambda: seen.screen_name == "ExportScreen", "the question")
        assert seen.app.screen.query_one("#format", Select).value == "csv", "German is for German"
        seen.app.screen.query_one("#format", Select).value = "json"
        file = tmp_path / "written.csv"
        file.write_text("mine")
        seen.app.screen.query_one("#format", Select).value = "csv"
        await seen.fill("#export-path", str(file))
        await seen.press("ctrl+s")
        await until(lambda: "once more" in seen.static("#export-wrong"), "the warning")
        assert file.read_text() == "mine"
        await seen.press("ctrl+s")
        await until(lambda: seen.screen_name == "ReportView", "the view")
        await until(lambda: file.read_text() != "mine", "the file")
    written = list(csv.DictReader(file.open(newline="")))
    assert written[0]["period"] == "2024-Q1"
    assert written[-1]["key"].startswith("INCOMPLETE: from Mon 1 Jan 2024")
    assert sum(int(row["bookings"] or 0) for row in written) == 80

    async with driven(make_settings(archive, offline=True), size=SMALL) as seen:
        await ask_for(seen, "2024-03")
        await until(lambda: "OFFLINE COPY" in head(seen) and rows(seen), "the remembered report")
        archive.clear_log()
        await seen.press("r")
        await until(lambda: "Offline by choice. Nothing was sent." in head(seen), "a refusal")
        assert archive.log() == [] and "network" not in head(seen)
        await seen.press("slash", *"sal", "enter")
        await until(lambda: len(rows(seen)) == 1 and "sales" in rows(seen)[0], "the filter")
        await seen.press("escape")
        await seen.press("less_than_sign", "less_than_sign")
        await until(lambda: "2024-01" in head(seen) and "That needs the network." in head(seen))


async def test_a_reading_is_shown_stopped_and_gone_on_with_and_what_is_short_is_loud(
    archive: Sandbox, make_settings: MakeSettings
) -> None:
    archive.use_quota(9_990_000)  # of ten million: the last ones
    async with driven(make_settings(archive), size=SMALL) as seen:
        await until(lambda: seen.app.connection.month_used, "the month's figure")
        await ask_for(seen, "2024-07")
        archive.clear_log()
        await seen.press("r")
        await until(lambda: seen.screen_name == "SpendScreen", "a question")
        assert "Read anyway" in seen.text
        await seen.press("escape")
        await until(lambda: "were spared" in head(seen), "what was not read")
        assert readings(archive) == 0
        archive.fault("accept_then_hang", match="GET /bookings", times=1)
        await seen.press("r")
        await until(lambda: seen.screen_name == "SpendScreen", "the question again")
        await seen.press("ctrl+s")
        await until(lambda: "Reading…" in head(seen), "a reading")
        assert "Stop" in seen.text
        await seen.press("x")
        await until(lambda: "has been read yet" in head(seen), "the end of it")
        archive.clear_faults()
        archive.use_quota(0)
        await seen.press("r")
        await until(lambda: "INCOMPLETE: more than 100 bookings" in head(seen), "the truth")
        assert "! INCOMPLETE" in seen.text
        archive.fault("error", match="GET /bookings", times=5)
        await seen.press("r")
        await until(lambda: "server" in view(seen)._problem.lower(), "the problem")
        assert rows(seen)
        archive.clear_faults()


async def filter_the_list(seen: Driven) -> None:
    """Of two that are worth a look; leaves it inside the budget's."""
    await seen.press("slash", *"used", "enter")
    await until(lambda: len(rows(seen)) == 1, "the filter")
    assert "1 of 2 rows" in head(seen)
    await seen.press("slash", "x", "enter")
    await until(lambda: "0 of 2 rows · Nothing fits the filter" in seen.text, "why it is empty")
    await seen.press("escape")
    await until(lambda: "of 2 rows" not in head(seen), "all")
    await seen.press("slash", *"used", "enter")
    await until(lambda: len(rows(seen)) == 1, "the filter")
    await seen.press("escape", "up", "enter")
    await until(lambda: "✗ used up: emp1" in head(seen) and len(rows(seen)) == 2, "a budget's")


async def open_table(seen: Driven, table: Path) -> None:
    """In the place of a period that was never read; another table is refused first."""
    await until(lambda: "t shows a billing table" in head(seen), "the way to a table")
    await until(lambda: not view(seen)._is_summing, "the end of the look")
    await seen.press("n")
    assert not view(seen)._listing
    await seen.press("t")
    await until(lambda: seen.focused == "batch-path", "the question")
    await seen.fill("#batch-path", str(table.with_name("none.csv")))
    await seen.press("enter")
    await until(lambda: "no column" in said(seen), "why it is none")
    await seen.fill("#batch-path", str(table))
    await seen.press("enter")
    await until(lambda: "of the file fleet.csv, as of" in head(seen), "the table")


async def test_what_is_worth_a_look_and_a_fleets_table_in_the_same_view(
    archive: Sandbox, make_settings: MakeSettings, tmp_path: Path
) -> None:
    caps = CapSettings(limits={("employee", "emp1"): Decimal(20)})
    settings = replace(make_settings(archive), caps=caps)
    table = tmp_path / "fleet.csv"
    table.write_text(TABLE)
    (tmp_path / "none.csv").write_text("a;b\n1;2\n")
    async with driven(settings, size=SMALL) as seen:
        await ask_for(seen, "2024-01")  # nothing of it was read
        archive.clear_log()
        await open_table(seen, table)
        assert "1 worth a look (n)" in head(seen) and "sales" in rows(seen)[0]
        assert "live" not in head(seen) and "Read" not in seen.lines[-1]
        await seen.press("r", "c", "p")  # a month has budgets
        await until(lambda: "2 worth a look (n)" in head(seen), "the month")
        await seen.press("enter")
        await until(lambda: len(rows(seen)) == 2 and view(seen)._inside is not None, "a row's")
        assert all("sales-emp1" in row for row in rows(seen))
        await seen.press("escape")
        await until(lambda: seen.focused == "report-rows", "the rows")

        await seen.press("n")
        await until(lambda: seen.focused == "report-findings", "the list")
        assert "known to this client only" in head(seen)
        assert any("all states but cancelled and expired" in line for line in seen.lines)
        assert "used up" in rows(seen)[0] and "at the same time" in rows(seen)[1]
        await seen.press("down")
        reason = "emp1 (sales): 2 bookings at the same time, first on Wed 14 Oct 2026 14:00"
        await until(lambda: seen.static("#report-reason") == reason, "the whole reason")
        assert await copied(seen, "b") == "b1\nb2"
        titles = {one.title for one in seen.app.get_system_commands(seen.app.screen)}
        assert {"Copy: IDs of its bookings", "Copy: Row as text"} <= titles
        await seen.press("enter")
        await until(lambda: len(rows(seen)) == 2 and reason in head(seen), "its bookings")
        for times in ("Wed 14 Oct 14:00–16:00", "Wed 14 Oct 15:00–17:00"):
            assert any(times in line for line in seen.lines), "which is to be cancelled"
        await seen.press("escape")
        await until(lambda: seen.focused == "report-findings", "the list again")
        assert view(seen)._table.cursor_row == 1
        await filter_the_list(seen)
        await seen.press("escape", "escape")
        await until(lambda: seen.focused == "report-rows", "the rows")

        await seen.press("e")
        await until(lambda: seen.screen_name == "ExportScreen", "the question")
        seen.app.screen.query_one("#format", Select).value = "xlsx"
        await seen.fill("#export-path", str(tmp_path / "book.xlsx"))
        await seen.press("ctrl+s")
        await until(lambda: (tmp_path / "book.xlsx").exists(), "the workbook")
        assert readings(archive) == 0
        await until(lambda: seen.screen_name == "ReportView", "the view")
        await seen.press("escape")  # the account's own, as it was left
        await until(lambda: "Nothing of 2024-01 has been read yet." in head(seen), "our own")
        assert "fleet.csv" not in head(seen) and "Read" in seen.lines[-1]
    book = openpyxl.load_workbook(tmp_path / "book.xlsx")
    assert [row[0].value for row in book["Bookings"].iter_rows(min_row=2)] == ["b1", "b2"]


# -- without a screen ------------------------------------------------------------------


def test_the_question_turns() -> None:
    today = date(2026, 11, 21)
    month = Question(Period.month(2026, 11, BERLIN))
    names = []
    asked = month
    for _turn in range(4):
        names.append(asked.period.name)
        asked = asked.widened(today)
    assert names == ["2026-11", "2026-Q4", "2026", "2026-11"]
    assert month.moved(-1).period.name == "2026-10"
    assert [month.grouped(n).by for n in range(len(BYS))] == list(BYS) == list(BY_WORDS)
    assert month.with_states_turned().status is None
    assert month.with_states_turned().with_states_turned() == month


@pytest.mark.parametrize(
    ("amount", "drawn"),
    [("0", ""), ("0.01", "▏"), ("50", "█" * (BAR // 2)), ("100", "█" * BAR), ("-1", "")],
)
def test_a_bar_is_as_long_as_its_share(amount: str, drawn: str) -> None:
    assert bar(Decimal(amount), Decimal(100)) == drawn
    assert bar(Decimal(amount), None) == ""


def test_a_month_that_was_not_read_is_not_drawn_as_nothing() -> None:
    from pm_tui.services.report_months import Month

    january = Month(Period.month(2026, 1, BERLIN), Decimal(0), "EUR")
    unread = replace(january, total=None)
    blocks, names = (
        str(line) for line in months([january, unread, replace(january, total=Decimal(9))])
    )
    assert blocks.startswith(f"{BLOCKS[0] * 2} ·· {BLOCKS[-1] * 2}  ")
    assert names == "01 01 01"
    assert months([unread]) == []
    assert datetime(2026, 1, 1, tzinfo=UTC) > january.period.start


async def test_why_a_period_is_none_is_not_cut(
    archive: Sandbox, make_settings: MakeSettings
) -> None:
    async with driven(make_settings(archive), size=SMALL) as seen:
        await ask_for(seen, "2024-03")
        await seen.press("d")
        await until(lambda: seen.focused == "period", "the question")
        await seen.fill("#period", "the week before the last one of 2026")
        await seen.press("enter")
        await until(lambda: "last or" in seen.text, "why not")
        wrong = " ".join(" ".join(seen.lines).replace("│", " ").split())
        assert "is no period: 2026-10, 2026-Q3, 2026, last or this" in wrong


async def test_a_german_gets_the_table_of_a_german_excel(
    archive: Sandbox, make_settings: MakeSettings
) -> None:
    i18n.use("de")
    async with driven(make_settings(archive), size=SMALL) as seen:
        await seen.press("f7")
        await until(lambda: seen.screen_name == "ReportView" and "·" in head(seen), "the view")
        await seen.press("r")
        await until(lambda: view(seen)._result is not None, "the report")
        await seen.press("e")
        await until(lambda: seen.screen_name == "ExportScreen", "the question")
        assert seen.app.screen.query_one("#format", Select).value == "csv-de"
