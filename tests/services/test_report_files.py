"""Reports as files: read back by other programs, with nothing in them that acts."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from pm_tui import i18n
from pm_tui.models.booking import Booking
from pm_tui.models.result import Result
from pm_tui.services.caps import Budget
from pm_tui.services.report import Anomaly, Report, Row, Total
from pm_tui.services.report_files import (
    as_csv,
    as_document,
    as_german_csv,
    as_html,
    as_json,
    guarded,
)
from pm_tui.services.report_period import Period
from pm_tui.services.report_rows import Key
from pm_tui.services.report_words import anomaly_lines, cap_lines, notes
from pm_tui.services.report_xlsx import NoLibrary, as_workbook
from pm_tui.tui.report_words import as_read
from tests.strategies import unicode_text

AT = datetime(2026, 11, 1, 5, tzinfo=UTC)
OCTOBER = Period.month(2026, 10, ZoneInfo("Europe/Berlin"))
EVIL = '=HYPERLINK("http://x/","a")'
ROWS = (
    Row(Key("value", "Außendienst"), "EUR", 3, 1, Decimal("1234.50"), Decimal("1000.00")),
    Row(Key("value", EVIL), "EUR", 1, 0, Decimal("0.05")),
    Row(Key("value", "<b>&"), "EUR", 1, 0, Decimal("2.00")),
    Row(Key("missing"), "EUR", 2, 0, Decimal("10.10")),
)


def a_report(**changes: Any) -> Result[Report]:
    fields: dict[str, Any] = {
        "period": OCTOBER,
        "by": "department",
        "status": "COMPLETED",
        "rows": ROWS,
        "totals": (Total("EUR", 7, 1, Decimal("1246.65")),),
        "until": OCTOBER.end,
    }
    return Result(Report(**fields | changes), "live", AT)


def test_the_document() -> None:
    document = as_document(a_report())
    assert list(document) == [
        "period", "complete", "origin", "fetched_at", "currency", "total", "bookings", "unpriced",
        "rows", "anomalies", "caps", "until", "over",
    ]  # fmt: skip
    assert document["period"] == {
        "from": "2026-09-30T22:00:00Z",
        "to": "2026-10-31T23:00:00Z",
        "zone": "Europe/Berlin",
    }
    assert document["rows"][3] == {
        "key": "(missing)", "bookings": 2, "unpriced": 0, "total": "10.10",
    }  # fmt: skip
    told = json.loads(as_json(a_report()))
    assert (told["total"], told["bookings"], told["unpriced"]) == ("1246.65", 7, 1)
    assert sum(Decimal(row["total"]) for row in told["rows"]) == Decimal(told["total"])


def test_a_document_of_several_currencies_adds_nothing() -> None:
    totals = (Total("EUR", 7, 1, Decimal("1246.65")), Total("CHF", 1, 0, Decimal("3.00")))
    document = as_document(a_report(totals=totals))
    assert (document["currency"], document["total"]) == (None, None)
    assert document["totals"] == {"EUR": "1246.65", "CHF": "3.00"}
    assert {row["currency"] for row in document["rows"]} == {"EUR"}
    nothing = as_document(a_report(rows=(), totals=()))
    assert (nothing["currency"], nothing["total"], nothing["rows"]) == (None, "0.00", [])


def test_anomalies_in_the_document_on_the_page_and_below_a_table() -> None:
    strange = Anomaly("overlap", "<i>anna</i>: 11 bookings", tuple(f"b{n}" for n in range(11)))
    result = a_report(anomalies=(strange, *(Anomaly("night", f"n{n}") for n in range(13))))
    told = as_document(result)["anomalies"]
    assert told[0] == {"kind": "overlap", "reason": strange.reason, "bookings": list(strange.ids)}
    page = as_html(result).decode()
    assert "&lt;i&gt;anna" in page and "b0, b1," in page and "b9 …" in page and "b10" not in page
    lines = anomaly_lines(result.value)
    assert (lines[0], lines[1], len(lines)) == ("Worth a look:", f"- {strange.reason}", 14)
    assert lines[-1] == "- and 2 more (--json has all)"
    assert anomaly_lines(a_report().value) == []
    assert "<ul>" not in as_html(a_report()).decode()


def test_budgets_in_the_document_on_the_page_and_below_a_table() -> None:
    near = Budget("employee", "<b>", "EUR", Decimal(20), Decimal("18.75"), Decimal(80), 1)
    well = Budget("group", "g7", "EUR", Decimal(10), Decimal(0), Decimal(80), forecast=Decimal(0))
    result = a_report(caps=(near, well))
    assert as_document(result)["caps"][0] == {
        "kind": "employee", "name": "<b>", "currency": "EUR", "limit": "20", "used": "18.75",
        "left": "1.25", "forecast": None, "level": "near", "bookings": 1, "unpriced": 0,
        "other_currency": 0,
    }  # fmt: skip
    page = as_html(result).decode()
    assert "! above 80 % &lt;b&gt;: €18.75" in page and "known to this client only" in page
    lines = cap_lines(result.value)
    assert (lines[0], len(lines)) == ("Budgets:", 3) and "this client only" in lines[-1]
    assert cap_lines(a_report(caps=(well,)).value) == ["Budgets: 1, all well"]
    assert cap_lines(a_report().value) == []
    # the rows count other states, and both stand on one page
    assert "all states but cancelled and expired" in page
    assert "but cancelled" not in as_html(a_report()).decode()


def test_csv_for_programs_and_for_a_german_excel() -> None:
    plain = as_csv(a_report())
    assert plain.count(b"\r\n") == plain.count(b"\n") == 5
    rows = list(csv.DictReader(io.StringIO(plain.decode(), newline="")))
    assert [row["key"] for row in rows] == ["Außendienst", "'" + EVIL, "<b>&", "(missing)"]
    assert sum(Decimal(row["total"]) for row in rows) == Decimal("1246.65")
    assert [row["previous"] for row in rows] == ["1000.00", "", "", ""]
    i18n.use("de")
    german = as_german_csv(a_report())
    assert german.startswith(b"\xef\xbb\xbf")
    lines = german.decode("utf-8-sig").split("\r\n")
    assert lines[1].startswith("2026-10;") and ";1234,50;1000,00;" in lines[1]
    assert lines[2].split(";")[2].startswith("\"'=HYPERLINK(")


def test_what_is_not_complete_says_so_in_every_file() -> None:
    short = a_report(problems=("a second was full",))
    assert as_document(short)["complete"] is False
    assert b"INCOMPLETE: a second was full" in as_csv(short)
    assert b",false," in as_csv(short)
    assert b"INCOMPLETE: a second was full" in as_german_csv(short)
    assert "a second was full" in as_html(short).decode()
    body = as_workbook(short, ())
    assert "a second was full" in str(list(_cells(body, 0)))


def test_half_a_month_says_in_every_file_how_far_it_goes() -> None:
    until = datetime(2026, 10, 15, 2, 30, tzinfo=UTC)
    half = a_report(until=until, is_over=False)
    document = as_document(half)
    assert (document["complete"], document["over"]) == (True, False)
    assert document["until"] == "2026-10-15T02:30:00Z"
    assert as_document(a_report())["over"] is True
    rows = list(csv.DictReader(io.StringIO(as_csv(half).decode(), newline="")))
    assert {(row["complete"], row["until"], row["over"]) for row in rows} == {
        ("true", "2026-10-15T02:30:00Z", "false")
    }
    assert "not over yet: read until Thu 15 Oct 2026 04:30 CEST" in as_html(half).decode()
    i18n.use("de")
    first, *lines = as_german_csv(half).decode("utf-8-sig").splitlines()
    assert first.endswith(";Vollständig;Gelesen bis;Zeitraum vorbei")
    assert all(line.endswith(";ja;15.10.2026 04:30;nein") for line in lines)
    assert notes(half.value) == [
        "noch nicht vorbei: gelesen bis Do 15.10.2026 04:30 MESZ",
        "1 Buchung hat keinen Preis und ist nicht in der Summe",
    ]
    sheet = {row[0]: row[1] for row in _cells(as_workbook(half, ()), 0)}
    assert sheet["Gelesen bis"] == datetime(2026, 10, 15, 4, 30)  # noqa: DTZ001
    assert sheet["Zeitraum vorbei"] == "nein"


def test_a_month_that_has_not_begun_was_read_up_to_nowhere() -> None:
    ahead = a_report(rows=(), totals=(), until=OCTOBER.start, is_over=False, has_begun=False)
    assert notes(ahead.value) == ["not begun yet: it begins on Thu 1 Oct 2026 00:00 CEST"]
    document = as_document(ahead)
    assert (document["until"], document["over"]) == (None, False)


def test_a_part_that_was_not_read_again_keeps_its_age_above_the_table() -> None:
    zone, now = OCTOBER.zone, AT + timedelta(minutes=5)
    assert str(as_read(a_report(latest=AT), now, zone)) == "as read 06:00:00, 5 min ago"
    newer = a_report(latest=now)
    assert str(as_read(newer, now, zone)) == "as read 06:05:00, parts 5 min ago"


class Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert not any(name in ("src", "href") or name.startswith("on") for name, _value in attrs)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_the_page_fetches_nothing_and_runs_nothing() -> None:
    page = Page()
    page.feed(as_html(a_report()).decode())
    assert not {"script", "img", "link", "iframe", "b"} & set(page.tags)
    assert {"<b>&", EVIL, "€1,246.65", "Außendienst"} <= set(page.texts)


def _cells(body: bytes, sheet: int) -> list[tuple[Any, ...]]:
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(body))
    return list(book.worksheets[sheet].iter_rows(values_only=True))


def test_a_workbook_has_numbers_and_dates_and_no_formula() -> None:
    raw = {
        "id": "b1",
        "status": "COMPLETED",
        "created_at": "2026-10-31T22:30:00Z",
        "external_id": "@SUM(1)",
        "client_price": Decimal("18.75"),
        "client_price_currency": "EUR",
        "location_city": "Köln",
    }
    body = as_workbook(a_report(), [Booking.read(raw)])
    sheet = _cells(body, 0)
    titles = next(n for n, row in enumerate(sheet) if row[0] == "Department")
    found = sheet[titles + 1 :]
    assert [row[0] for row in found] == [
        "Außendienst", "'" + EVIL, "<b>&", "(no reference)", "Total",
    ]  # fmt: skip
    assert [row[4] for row in found] == [1234.5, 0.05, 2, 10.1, 1246.65]
    line = _cells(body, 1)[1]
    assert line[1] == datetime(2026, 10, 31, 23, 30)  # noqa: DTZ001  (a spreadsheet has no zones)
    assert (line[5], line[6], line[8]) == ("'@SUM(1)", "Köln", 18.75)
    days = (Row(Key("value", "2026-10-25"), "EUR", 1, 0, Decimal(1)),)
    dated = _cells(as_workbook(a_report(by="day", rows=days), ()), 0)
    assert datetime(2026, 10, 25) in [row[0] for row in dated]  # noqa: DTZ001


def test_without_the_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "xlsxwriter", None)
    with pytest.raises(NoLibrary, match=r"pm-tui\[xlsx\]"):
        as_workbook(a_report(), ())


@given(unicode_text(max_size=40) | st.text("=+-@＝\t\r\n' a", max_size=8))
@examples(deadline=None, max_examples=100)
def test_no_cell_begins_a_formula(text: str) -> None:
    cell = guarded(text)
    assert not cell.startswith(tuple("=+-@\t\r\n＝＋－＠"))
    assert "\n" not in cell and "\r" not in cell
    rows = list(csv.reader(io.StringIO(as_csv(a_report(rows=(
        Row(Key("value", text), "EUR", 1, 0, Decimal(1)),
    ))).decode(), newline="")))  # fmt: skip
    assert len(rows) == 2 and rows[1][2] == cell
