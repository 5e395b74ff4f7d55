"""The fleet's billing table: whatever it looks like, every row of it is in the total or told."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from pm_tui.services.fleet import FleetFile
from pm_tui.services.fleet_table import FleetError, FleetTable, read
from tests.strategies import unicode_text

UTC_ZONE, BERLIN = ZoneInfo("UTC"), ZoneInfo("Europe/Berlin")
AT = datetime(2026, 11, 1, 5, tzinfo=UTC)
HEADER = "booking_id;created_at;external_id;status;client_price;currency"


def table(*lines: str, header: str = HEADER, **how: Any) -> FleetTable:
    return read("\r\n".join((header, *lines)).encode(how.get("encoding", "utf-8")), UTC_ZONE)


def prices(*amounts: str) -> list[Decimal | None]:
    lines = (f"b{n};2026-10-14T10:00:00Z;;;{text};EUR" for n, text in enumerate(amounts))
    return [row["client_price"] for row in table(*lines).rows]


def test_a_comma_a_mark_other_names_and_another_order() -> None:
    for encoding in ("utf-8-sig", "utf-16", "cp1252"):
        read_as = table(
            '"18,75 €","Außendienst, Süd",14.10.2026 09:30,b1',
            header="Betrag,Ort,Erstellt am,ID",
            encoding=encoding,
        )
        (row,) = read_as.rows
        assert (row["id"], row["location_city"]) == ("b1", "Außendienst, Süd")
        assert (row["client_price"], row["created_at"]) == (
            Decimal("18.75"),
            "2026-10-14T09:30:00Z",
        )
        assert (row["status"], read_as.problems) == ("COMPLETED", ())


def test_points_and_commas_are_those_of_the_column() -> None:
    assert prices("18.75", "1,234.50", "") == [Decimal("18.75"), Decimal("1234.50"), None]
    assert prices("18,75", "1.234,50", "1.234") == [
        Decimal("18.75"), Decimal("1234.50"), Decimal(1234),
    ]  # fmt: skip
    assert prices("7", "EUR 8") == [Decimal(7), Decimal(8)]
    assert prices("1.234.567", "12") == [None, Decimal(12)]  # beyond what a booking can cost
    for unclear in (["1.234"], ["1,234", "7"], ["1,5", "1.5"]):
        with pytest.raises(FleetError, match="points or commas"):
            prices(*unclear)


def test_times_without_an_offset_are_of_the_zone() -> None:
    for text in ("2026-10-14", "14.10.2026", "2026-10-14 00:00:00", "2026-10-13T22:00:00Z"):
        (row,) = read(f"created_at;price\n{text};5".encode(), BERLIN).rows
        assert row["created_at"] == "2026-10-13T22:00:00Z"


def test_what_cannot_be_relied_on_is_told_and_a_line_of_sums_is_no_booking() -> None:
    found = table(
        "b1;2026-10-14T10:00:00Z;;COMPLETED;18.75;EUR",
        "b1;2026-10-14T10:00:00Z;;COMPLETED;1.25;EUR",
        "b2;soon;;COMPLETED;5.00;EUR",
        "b3;2026-10-14T10:00:00Z;;COMPLETED;-3.00;EUR",
        "b4;2026-10-14T10:00:00Z;;COMPLETED;1.00;EUR;more",
        "",
        "Total;;;;26.00;EUR",
    )
    assert [row["id"] for row in found.rows] == ["b1", "b1#2", "b2", "b3", "b4"]
    assert found.problems == (
        "1 row has more or fewer cells than the header",
        "1 amount could not be read and is not in the total",
        "1 row tells no time that can be read",
        "1 row names a booking that an earlier one names; both are in the total",
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no column created_at, client_price; there are: –"),
        ("a;b\n1;2", "no column created_at, client_price; there are: a, b"),
        ("created_at;price\n", "The table has no rows."),
        ('created_at;price\n"' + "x" * 200_000, "The table cannot be read: "),
        ('{"error": "no"}', "no column created_at, client_price"),
    ],
)
def test_a_table_that_is_none(text: str, reason: str) -> None:
    with pytest.raises(FleetError) as wrong:
        read(text.encode(), UTC_ZONE)
    assert str(wrong.value).startswith(reason)


ROWS = st.lists(
    st.tuples(
        st.datetimes(min_value=datetime(2026, 9, 1), max_value=datetime(2026, 11, 30)),  # noqa: DTZ001
        st.none() | st.decimals(0, 5000, places=2),
        unicode_text(max_size=20),
        st.sampled_from(["EUR", "CHF"]),
    ),
    min_size=1,
    max_size=15,
)


@given(ROWS, st.sampled_from(",;"), st.booleans(), st.booleans())
@examples(deadline=None, max_examples=60)
def test_the_report_of_a_table_is_the_sum_of_its_rows(
    make_settings_once: Any, rows: list[tuple[Any, ...]], delimiter: str, german: bool, bom: bool
) -> None:
    text = io.StringIO()
    out = csv.writer(text, delimiter=delimiter)
    out.writerow(["created_at", "external_id", "price", "currency"])
    wanted: dict[str, Decimal] = {}
    for made, price, reference, currency in rows:
        told = "" if price is None else str(price).replace(".", "," if german else ".")
        out.writerow([f"{made.isoformat(timespec='seconds')}Z", reference, told, currency])
        wanted[currency] = wanted.get(currency, Decimal(0)) + (price or 0)
    body = text.getvalue().encode("utf-8-sig" if bom else "utf-8")
    file = FleetFile(body, AT, make_settings_once, UTC_ZONE)
    report = file.report(file.period, "department", "COMPLETED").value
    assert {one.currency: one.total for one in report.totals} == wanted
    assert (report.bookings, report.complete) == (len(rows), True)
    assert report.unpriced == sum(one[1] is None for one in rows)


@pytest.fixture(scope="module")
def make_settings_once(tmp_path_factory: pytest.TempPathFactory) -> Any:
    from pm_tui import config

    home = tmp_path_factory.mktemp("fleet")
    (home / "config.toml").touch()
    return config.load({}, {"HOME": str(home), "PM_TUI_CONFIG": str(home / "config.toml")})


def test_what_is_worth_a_look_is_told_where_people_charge(make_settings_once: Any) -> None:
    """The file's days are those of UTC; night and the hours of bookings are the report's zone's."""
    header = "booking_id;created_at;start;end;status;price;external_id"
    lines = [
        f"b{n};2026-10-09T08:00:00Z;2026-10-09T{start}:00Z;2026-10-09T{end}:00Z;COMPLETED;5;"
        "sales-emp1-20261009"
        for n, (start, end) in enumerate(
            [("12:00", "13:00"), ("12:30", "13:30"), ("04:30", "05:00")]
        )
    ]
    file = FleetFile("\n".join((header, *lines)).encode(), AT, make_settings_once, UTC_ZONE)
    report = file.report(file.period, "department", None).value
    assert (report.period.zone, report.zone) == (UTC_ZONE, BERLIN)
    (overlap,) = [one.reason for one in report.anomalies if one.kind == "overlap"]
    assert overlap.endswith("first on Fri 9 Oct 2026 14:00")
    assert not [one for one in report.anomalies if one.kind == "night"], "half past six is day"
