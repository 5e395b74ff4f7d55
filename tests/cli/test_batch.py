"""`pm-tui book --batch`: checked, previewed, booked, written back, with codes for scripts."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.test_book import Terminal, posts
from tests.sandbox_process import Sandbox
from tests.services.test_batch import a_table


@pytest.fixture(autouse=True)
def _no_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pm_tui.services.batch_send.PACE", 0.0)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return a_table(tmp_path / "night.csv", 3)


def test_booked_and_repeated(run: Run, gateway: Sandbox, table: Path) -> None:
    code, out, err = run("book", "--batch", str(table), "--json")
    assert (code, err) == (0, "")
    shown = json.loads(out)
    assert (shown["booked"], shown["refused"], shown["unknown"], shown["not_sent"]) == (3, 0, 0, 0)
    assert [one["outcome"] for one in shown["rows"]] == ["booked"] * 3
    assert shown["file"] == str(table.with_name("night.out.csv"))
    code, again, _err = run("book", "--batch", str(table), "--json")
    assert (code, json.loads(again)) == (0, shown)
    assert len(posts(gateway)) == 3
    assert run("book", "--batch", str(table))[1].startswith("3 booked; every row: ")


def test_a_wrong_row_keeps_all_from_being_sent(run: Run, gateway: Sandbox, table: Path) -> None:
    table.write_text(table.read_text() + "L,E,tomorrow 9,tomorrow 10,\n")
    code, out, err = run("book", "--batch", str(table))
    assert (code, out) == (2, "")
    assert "row 5" in err and "nothing was sent" in err
    assert posts(gateway) == []
    assert not table.with_name("night.out.csv").exists()


@pytest.mark.parametrize(
    ("fault", "more", "code"),
    [
        ("error", {"status": 409}, 1),
        ("drop", {}, 8),
        ("suspended", {}, 3),
        ("429_monthly", {}, 6),
    ],
)
def test_codes(
    run: Run, gateway: Sandbox, table: Path, fault: str, more: dict[str, int], code: int
) -> None:
    gateway.fault(fault, match="POST /bookings", **more)
    ended, out, err = run("book", "--batch", str(table), "--json")
    assert ended == code
    assert err.count("\n") == 1
    assert json.loads(out)["rows"][0]["outcome"] != "booked"


def test_usage(run: Run, gateway: Sandbox, table: Path, tmp_path: Path) -> None:
    assert run("book", "L", "E", "--batch", str(table))[0] == 2
    assert run("book", "--batch", str(tmp_path / "none.csv"))[0] == 1
    assert run("book")[0] == 2
    assert gateway.log() == []


@pytest.mark.parametrize(("typed", "sent"), [("y\n", 3), ("\n", 0)])
def test_a_person_sees_what_it_will_cost(
    run: Run,
    gateway: Sandbox,
    table: Path,
    monkeypatch: pytest.MonkeyPatch,
    typed: str,
    sent: int,
) -> None:
    run("search", "52.52,13.405", "--radius", "5")
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    said = Terminal()
    monkeypatch.setattr(sys, "stderr", said)
    code = run("book", "--batch", str(table))[0]
    assert "Book 3 rows, about €" in said.getvalue()
    assert (code, len(posts(gateway))) == (0 if sent else 1, sent)
    assert ("3/3" in said.getvalue()) == bool(sent)
