"""`pm-tui report`: what cron sees of it, and what a person does."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from urllib.request import Request, urlopen
from zoneinfo import ZoneInfo

import pytest

from pm_tui.cli import main, parser, report_parser
from pm_tui.services.report_files import FORMATS
from pm_tui.services.report_period import Period
from pm_tui.services.report_rows import BYS
from tests.sandbox_process import Sandbox, start_sandbox

Line = tuple[int, str, str]
MARCH = Period.month(2024, 3, ZoneInfo("Europe/Berlin"))


@pytest.fixture(scope="module")
def archive() -> Iterator[Sandbox]:
    """A month of 60 bookings, and one with 150 in a second."""
    with start_sandbox() as sandbox:
        span = (one.isoformat().replace("+00:00", "Z") for one in (MARCH.start, MARCH.end))
        first, last = span
        sandbox.seed(since=first, to=last, bookings=60)
        sandbox.seed(burst={"at": "2024-07-14T09:30:07Z", "bookings": 150}, seed=1)
        yield sandbox


class Program:
    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, line: str) -> Line:
        code = main(["report", *line.split()])
        told = self._capsys.readouterr()
        return code, told.out, told.err


@pytest.fixture
def report(
    archive: Sandbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    hasty: None,
) -> Program:
    monkeypatch.setenv("PM_TUI_API_KEY", archive.api_key)
    monkeypatch.setenv("PM_TUI_BASE_URL", archive.base_url)
    monkeypatch.setenv("PM_TUI_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("PM_TUI_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("PM_TUI_TIMEZONE", "Europe/Berlin")
    return Program(capsys)


def test_a_month_as_document_table_and_files(
    report: Program, archive: Sandbox, tmp_path: Path
) -> None:
    truth = [
        one
        for one in archive.bookings(history=True)
        if MARCH.start <= datetime.fromisoformat(one["created_at"]) < MARCH.end
        and one["status"] == "COMPLETED"
    ]
    wanted = sum((Decimal(str(one["client_price"] or 0)) for one in truth), Decimal(0))
    code, out, err = report("2024-03 --json")
    document = json.loads(out)
    assert (code, err) == (0, "")
    assert (Decimal(document["total"]), document["bookings"]) == (wanted, len(truth))
    assert (document["complete"], document["origin"]) == (True, "live")

    archive.clear_log()
    code, out, err = report("2024-03 --by employee --offline")
    assert (code, err, archive.log()) == (0, "", [])
    lines = out.splitlines()
    assert lines[0].startswith("2024-03 (Europe/Berlin), bookings that are completed, remembered, ")
    assert lines[1].startswith("EMPLOYEE")
    assert any(line.startswith("Total ") and f"€{wanted:,.2f}" in line for line in lines)

    for form in FORMATS:
        file = tmp_path / f"report.{form}"
        assert report(f"2024-03 --format {form} --offline --output {file}") == (0, "", "")
        assert file.stat().st_mode & 0o777 == 0o600
        assert file.stat().st_size > 200
    assert (tmp_path / "report.csv-de").read_bytes().startswith(b"\xef\xbb\xbf")
    same = "--from 2024-03-01 --to 31.3.2024 --json --offline"
    assert json.loads(report(same)[1])["total"] == document["total"]


def test_an_incomplete_report_is_loud_and_replaces_no_file(report: Program, tmp_path: Path) -> None:
    file = tmp_path / "july.csv"
    file.write_text("last month's\n")
    code, out, err = report(f"2024-07 --format csv --output {file}")
    assert (code, out, file.read_text()) == (1, "", "last month's\n")
    first, second = err.splitlines()
    assert first.startswith("pm-tui: INCOMPLETE: more than 100 bookings were made in the second ")
    assert second.startswith(f"pm-tui: {file} was not written")
    code, out, err = report("2024-07 --json")
    assert (code, json.loads(out)["complete"]) == (1, False)
    code, out, err = report(f"2024-07 --format csv --output {file} --allow-incomplete")
    assert (code, out) == (0, "")
    assert "INCOMPLETE" in err and "INCOMPLETE" in file.read_text()


def test_the_fleets_table_stored_as_it_was_sent_and_summed(
    report: Program, archive: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "fleet.csv"
    days = "--from 2024-03-01 --to 2024-03-31"
    assert main(["fleet", "export", *days.split(), "--output", str(file)]) == 0
    request = Request(  # noqa: S310  (a loopback address)
        f"{archive.fleet_url}/reports/export?period_start=2024-03-01&period_end=2024-03-31",
        headers={"X-API-Key": archive.api_key},
    )
    with urlopen(request) as answer:  # noqa: S310  (a loopback address)
        body = answer.read()
    assert file.read_bytes() == body and file.stat().st_mode & 0o777 == 0o600
    archive.clear_log()
    code, out, err = report(f"--input {file} --json")
    told = json.loads(out)
    assert (code, err, archive.log()) == (0, "", [])
    lines = csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline=""), delimiter=";")
    assert Decimal(told["total"]) == sum(Decimal(one["client_price"] or 0) for one in lines)
    assert (told["period"]["zone"], told["complete"]) == ("UTC", True)
    code, out, err = report(f"2024-03 --input {file} --by city --timezone Europe/Berlin")
    assert (code, err) == (0, "") and out.startswith("2024-03 (Europe/Berlin), ")
    book = tmp_path / "fleet.xlsx"
    assert report(f"--input {file} --format xlsx --output {book}") == (0, "", "")

    file.write_text("created_at;price\nsoon;1,50\n")
    code, out, err = report(f"--input {file}")
    assert code == 1 and "INCOMPLETE: 1 row tells no time" in err
    file.write_text("when;what\n")
    code, out, err = report(f"--input {file}")
    assert (code, out) == (1, "") and err.startswith(f"pm-tui: {file}: no column created_at")
    backwards = "fleet export --from 2024-03-02 --to 2024-03-01 --output x"
    assert main(backwards.split()) == 2
    assert report(f"--input {tmp_path / 'none.csv'}")[0] == 1


def test_nothing_known_and_nobody_to_ask(report: Program) -> None:
    code, out, err = report("2021-01 --offline")
    assert (code, out) == (7, "")
    assert err == "pm-tui: Nothing of 2021-01 has been read yet.\n"


@pytest.mark.parametrize(
    "line",
    [
        "2024-13",
        "soon",
        "2024-03 --from 2024-03-01 --to 2024-03-02",
        "--from 2024-03-01",
        "--from 2024-03-09 --to 2024-03-02",
        "--from 2024-02-30 --to 2024-03-02",
        "2024-03 --by colour",
        "2024-03 --format xlsx",
        "2024-03 --format pdf",
        "2024-03 --json --format csv",
        "2024-03 --json --format table",
    ],
)
def test_refused_before_anything_is_asked(report: Program, archive: Sandbox, line: str) -> None:
    archive.clear_log()
    code, out, err = report(line)
    assert (code, out, err.count("\n"), archive.log()) == (2, "", 1, [])


def test_a_pattern_that_cannot_be_used_names_its_place(report: Program, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[report]\npatterns = ["{colour}"]\n')
    code, _out, err = report(f"2024-03 --offline --config {file}")
    assert code == 2 and f"{file} report patterns: there is no {{colour}}" in err


def test_the_choices_are_those_of_the_services() -> None:
    assert report_parser.REPORT_BYS == BYS
    assert ("table", *FORMATS) == report_parser.REPORT_FORMATS
    last = parser.build().parse_args(["report"])
    assert (last.period, last.by, last.format) == (None, "department", None)
    assert Period.read("last", ZoneInfo("UTC"), datetime(2026, 1, 2, tzinfo=UTC)).name == "2025-12"


def test_a_month_that_has_not_begun_was_never_read(report: Program, archive: Sandbox) -> None:
    ahead = Period.read("this", ZoneInfo("Europe/Berlin"), datetime.now(UTC)).following()
    archive.clear_log()
    code, out, err = report(ahead.name)
    first, *rest = out.splitlines()
    assert (code, err) == (0, "")
    assert first == f"{ahead.name} (Europe/Berlin), bookings that are completed"
    assert [line for line in rest if "begins on" in line] and "read until" not in out
    assert not [one for one in archive.log() if one["path"].endswith("/bookings")]
    told = json.loads(report(f"{ahead.name} --json")[1])
    assert (told["until"], told["over"], told["bookings"]) == (None, False, 0)
