"""What can be taken along of tables: rows and whole ones, and nothing that a spreadsheet runs."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pm_tui import i18n
from pm_tui.models.booking import Booking
from pm_tui.sandbox.texts import HOSTILE
from pm_tui.services import batch_file, copies_batch, copies_report
from pm_tui.services.copies import LONGEST, Copy
from pm_tui.services.report_behind import Finding
from tests.services.test_report_files import EVIL, ROWS, a_report
from tests.tui.canned import bookings

TABLE = """\
location_id;evse_uid;from;to;external_id;token_uid
L1;E1;2026-11-24T09:00Z;2026-11-24T10:00Z;sales-1;{token}
L2;;nonsense;2026-11-24T10:00Z;=1+1;
"""


def by_key(offered: tuple[Copy, ...]) -> dict[str, Copy]:
    assert len({one.key for one in offered}) == len(offered)
    return {one.key: one for one in offered}


def test_a_row_of_a_report_and_the_rows_as_they_are_shown() -> None:
    shown = ROWS[:2]
    found = by_key(copies_report.of_rows(a_report(), shown, ROWS[0]))
    assert found["t"].text.splitlines() == [
        "Department: Außendienst",
        "2026-10, bookings that are completed",
        "3 bookings: €1,234.50",
        "1 without a price",
        "before €1,000.00 (+€234.50)",
    ]
    assert found["l"].text == "Außendienst\t3\t1\t1234.50\tEUR\t1000.00"
    written = list(csv.DictReader(io.StringIO(found["c"].text)))
    assert [row["total"] for row in written] == ["1234.50", "0.05"]
    lines = [line.split("\t") for line in found["v"].text.split("\n")]
    assert lines[0][:2] == ["Department", "Bookings"]
    assert [line[0] for line in lines[1:]] == ["Außendienst", "'" + EVIL]
    i18n.use("de")
    try:
        german = by_key(copies_report.of_rows(a_report(), shown, ROWS[0]))
    finally:
        i18n.use("en")
    assert german["l"].text == "Außendienst\t3\t1\t1234,50\tEUR\t1000,00"
    assert by_key(copies_report.of_rows(a_report(), (), None)) == {}


def test_what_is_not_complete_says_so_in_every_copy() -> None:
    report = a_report(problems=("the line broke",))
    for one in copies_report.of_rows(report, ROWS, ROWS[0]):
        assert ("INCOMPLETE" in one.text) == (one.key != "l")


def test_a_table_is_taken_whole_or_not_at_all_and_says_why() -> None:
    rows = [replace(ROWS[0], bookings=n) for n in range(200)]
    found = by_key(copies_report.of_rows(a_report(), rows, rows[0]))
    for key in "cv":
        assert found[key].text == ""
        assert f"{LONGEST:,} are sure to arrive" in found[key].why_not
    assert len(found["l"].text) < LONGEST


def test_what_is_worth_a_look_with_the_ids_of_its_bookings() -> None:
    lines = [Finding("emp1: twice at once", 2, ("b1", "b2")), Finding("a budget", 3)]
    found = by_key(copies_report.of_findings(lines, lines[0]))
    assert found["b"].text == "b1\nb2"
    assert found["t"].text == "emp1: twice at once"
    assert found["v"].text.split("\n")[1:] == ["emp1: twice at once\t2", "a budget\t3"]
    assert "b" not in by_key(copies_report.of_findings(lines, lines[1]))


def test_the_bookings_behind_a_line() -> None:
    listed = [*bookings()[:2], Booking.read({"id": "x", "status": "NEW", "external_id": EVIL})]
    found = by_key(copies_report.of_bookings(listed))
    assert found["b"].text.splitlines() == [one.id for one in listed]
    last = found["v"].text.split("\n")[-1].split("\t")
    assert (last[0], last[6], last[-1]) == ("", "'" + EVIL, "x")


@pytest.mark.parametrize(("token", "secret"), [("04AB", True), ("", False)])
def test_a_row_of_a_table_of_bookings(tmp_path: Path, token: str, secret: bool) -> None:
    path = tmp_path / "week.csv"
    path.write_text(TABLE.format(token=token))
    now = datetime(2026, 11, 21, tzinfo=UTC)
    batch = batch_file.load(path)
    batch_file.check(batch, now, {})
    first, second = batch.rows
    first.state, first.booking_id, first.reason = "refused", "bk_1", "@SUM(A1): taken"
    found = by_key(copies_batch.of_batch(batch, batch.rows, first))
    assert (found["i"].text, found["r"].text) == ("bk_1", "sales-1")
    assert found["e"].text.splitlines()[-1] == "@SUM(A1): taken"
    line = (
        f"L1;E1;2026-11-24T09:00Z;2026-11-24T10:00Z;sales-1;{token};refused;bk_1;;'@SUM(A1): taken"
    )
    assert found["l"].text == line
    assert {found[key].secret for key in "lcv"} == {secret}
    assert found["v"].text.split("\n")[2].split("\t")[4] == "'=1+1"
    wrong = by_key(copies_batch.of_batch(batch, [second], second))
    assert "evse_uid" in wrong["e"].text
    assert "i" not in wrong, "it was never booked"
    assert not wrong["c"].secret


def test_hostile_names_are_harmless_cells() -> None:
    for hostile in HOSTILE:
        row = replace(ROWS[0], key=replace(ROWS[0].key, text=hostile))
        booking = Booking.read({"id": "b" + hostile[:50], "status": hostile, "city": hostile})
        for one in (
            *copies_report.of_rows(a_report(), [row], row),
            *copies_report.of_findings([Finding(hostile, 1, (hostile,))], Finding(hostile, 1)),
            *copies_report.of_bookings([booking]),
        ):
            for cell in one.text.replace("\n", "\t").split("\t"):
                assert cell.isprintable()
