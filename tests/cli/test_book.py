"""`pm-tui book`: one document, one code, one POST."""

from __future__ import annotations

import asyncio
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from pm_tui.config import Settings, load
from pm_tui.services.references import parse
from pm_tui.services.session import Session
from tests.cli.conftest import Run, wish
from tests.sandbox_process import Sandbox

BOOK = ("book", "DE-ENB-E100000", "DE*ENB*E100000*2")
KEYS = ["outcome", "booking", "external_id", "reason"]


def posts(gateway: Sandbox) -> list[dict[str, Any]]:
    return [one for one in gateway.log() if one["method"] == "POST"]


def test_booked(run: Run, gateway: Sandbox) -> None:
    code, out, err = run(
        *wish("--json", "--external-id", "it-1", "--strategy", "pipelet", "--token-uid", "04abcdef")
    )
    assert (code, err) == (0, "")
    shown = json.loads(out)
    assert list(shown) == KEYS
    assert (shown["outcome"], shown["external_id"], shown["reason"]) == ("booked", "it-1", None)
    assert shown["booking"]["status"] == "REQUESTED"
    assert shown["booking"]["token_uid"] == "04ABCDEF"
    assert [one["external_id"] for one in posts(gateway)] == ["it-1"]


def test_booked_for_people_and_waited_for(run: Run) -> None:
    code, out, err = run(*wish("--wait", "--connector-id", "1"))
    assert (code, err) == (0, "")
    assert "CONFIRMED" in out
    assert "DE*ENB*E100000*2" in out


def test_what_was_waited_for_is_told_and_not_once_more_by_the_next_window(run: Run) -> None:
    async def told(settings: Settings) -> dict[str, str]:
        async with Session(settings) as session:
            return await session.host.told() or {}

    def stands(booking_id: str) -> str:
        return asyncio.run(told(load({})))[booking_id]

    booked, waited_for = (
        json.loads(run(*wish("--json", *more))[1])["booking"]["id"] for more in ((), ("--wait",))
    )
    assert (stands(booked), stands(waited_for)) == ("REQUESTED", "CONFIRMED")
    assert run("booking", booked, "--watch")[0] == 0
    assert stands(booked) == "CONFIRMED"
    moved = ("--from", "+1990h", "--to", "+30min", "--yes", "--json")
    moved_id = json.loads(run("rebook", booked, *moved)[1])["booking_id"]
    assert stands(moved_id) == "CONFIRMED"


def test_a_reference_is_made_by_the_convention_and_never_twice(run: Run) -> None:
    made = set()
    for _time in range(3):
        _code, out, _err = run(*wish("--json", "--strategy", "driver_token", "--token-id", "T 1"))
        made.add(json.loads(out)["external_id"])
    assert len(made) == 3
    assert all(str(one).startswith("pm-t_1-") for one in made)
    assert any(parse(one) is not None for one in made)


def test_taken_is_a_conflict(run: Run) -> None:
    line = wish("--json")
    assert run(*line)[0] == 0
    # not the same wish again: it asks for another connector
    code, out, err = run(*line, "--connector-id", "1")
    assert code == 5
    shown = json.loads(out)
    assert (shown["outcome"], shown["booking"]) == ("refused", None)
    assert err == f"pm-tui: {shown['reason']}\n"


def test_a_lost_answer_is_found(run: Run, gateway: Sandbox) -> None:
    gateway.fault("accept_then_reset", match="POST /bookings")
    code, out, _err = run(*wish("--json"))
    assert (code, json.loads(out)["outcome"]) == (0, "booked")
    assert len(posts(gateway)) == 1


def test_what_nobody_knows_is_eight_and_waiting_settles_it(run: Run, gateway: Sandbox) -> None:
    gateway.fault("late", match="POST /bookings", seconds=0.2)
    code, out, err = run(*wish("--json"))
    assert code == 8
    shown = json.loads(out)
    assert (shown["outcome"], shown["booking"]) == ("unknown", None)
    assert shown["external_id"]
    assert "pm-tui recover" in err and err.count("\n") == 1
    gateway.fault("late", match="POST /bookings", seconds=0.2)
    code, out, err = run(*wish("--json", "--wait"))
    assert (code, err) == (0, "")
    assert json.loads(out)["booking"]["status"] == "CONFIRMED"
    assert len(posts(gateway)) == 2


def test_an_operator_that_turns_it_down_after_all(run: Run, gateway: Sandbox) -> None:
    gateway.fault("refused", match="POST /bookings")
    code, out, err = run(*wish("--json", "--wait"))
    shown = json.loads(out)
    assert (code, shown["outcome"]) == (1, "refused")
    assert shown["booking"]["status"] == "CANCELLED"
    assert "did not agree: cancelled." in err


def test_the_line_breaking_while_waiting_does_not_hide_the_booking(
    run: Run, gateway: Sandbox
) -> None:
    gateway.fault("suspended", match="GET /bookings/*", times=None)
    code, out, err = run(*wish("--json", "--wait"))
    assert json.loads(out)["outcome"] == "booked"
    assert code == 8
    assert "suspended" in err


@pytest.mark.parametrize(
    ("fault", "more", "expected"),
    [
        ("error", {"status": 401}, 3),
        ("suspended", {}, 3),
        ("error", {"status": 404}, 4),
        ("429_seconds", {"seconds": 40}, 6),
        ("error", {"status": 400, "text": "Fleet group spending limit exceeded"}, 1),
    ],
)
def test_codes(run: Run, gateway: Sandbox, fault: str, more: dict[str, Any], expected: int) -> None:
    gateway.fault(fault, match="POST /bookings", **more)
    code, out, err = run(*wish("--json"))
    assert (code, json.loads(out)["outcome"]) == (expected, "refused")
    assert err.count("\n") == 1


def test_unreachable_and_offline_send_nothing(
    run: Run, gateway: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, out, _err = run(*wish("--json", "--offline"))
    assert (code, json.loads(out)["outcome"]) == (7, "refused")
    monkeypatch.setenv("PM_TUI_BASE_URL", "http://127.0.0.1:9/api/v1/client")
    code, out, _err = run(*wish("--json"))
    assert (code, json.loads(out)["outcome"]) == (7, "refused")
    assert posts(gateway) == []


def test_without_a_journal_nothing_is_sent(
    run: Run, gateway: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("PM_TUI_STATE_DIR", str(tmp_path / "file" / "state"))
    code, out, err = run(*wish("--json"))
    assert (code, json.loads(out)["outcome"]) == (1, "refused")
    assert "file" in err
    assert posts(gateway) == []


@pytest.mark.parametrize(
    "line",
    [
        ["book"],
        ["book", "L", "E", "--from", "+2h"],
        ["book", "L", "E", "--from", "+5min", "--to", "+1h"],
        ["book", "L", "E", "--from", "+2h", "--to", "soon"],
        ["book", "L", "E", "--from", "+2h", "--to", "+1h", "--strategy", "mine"],
        ["book", "L", "E", "--from", "+2h", "--to", "+1h", "--strategy", "driver_token"],
        ["book", "L", "E", "--from", "+2h", "--to", "+1h", "--customer-id", "c"],
        ["book", "L", "E", "--from", "+2h", "--to", "+1h", "--token-id", "c", "--token-uid", "04"],
        [
            *[
                "book",
                "L",
                "E",
                "--from",
                "+2h",
                "--to",
                "+1h",
                "--strategy",
                "pipelet",
                "--token-uid",
                "04abc",
            ]
        ],
        [*["book", "L", "E", "--from", "+2h", "--to", "+1h", "--external-id"], "two\nlines"],
    ],
)
def test_refused_before_anything_is_sent(run: Run, gateway: Sandbox, line: list[str]) -> None:
    code, out, err = run(*line)
    assert (code, out) == (2, "")
    assert err.splitlines()[-1].startswith("pm-tui: ")
    assert gateway.log() == []


@pytest.mark.parametrize(
    ("times", "said"),
    [
        (("2027-03-28 02:30", "+2h"), "does not exist"),
        (("2027-10-31 01:00", "2027-10-31 02:30"), "happens twice"),
    ],
)
def test_an_hour_that_the_chargers_clock_skips_or_repeats_is_not_sent(
    run: Run, gateway: Sandbox, monkeypatch: pytest.MonkeyPatch, times: tuple[str, str], said: str
) -> None:
    monkeypatch.setenv("PM_TUI_TIMEZONE", "UTC")
    code, out, err = run(*BOOK, "--from", times[0], "--to", times[1])
    assert (code, out) == (2, "")
    assert said in err
    assert gateway.log() == []


def test_the_hour_is_the_chargers_whatever_clock_the_viewer_has(
    run: Run, gateway: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PM_TUI_TIMEZONE", "UTC")
    monkeypatch.setattr(sys, "stdin", Terminal("y\n"))
    said = Terminal()
    monkeypatch.setattr(sys, "stderr", said)
    code, out, _err = run(*BOOK, "--from", "2028-01-11 9", "--to", "11")
    assert code == 0
    assert "from Tue 11 Jan 2028 09:00 CET (08:00 UTC) to" in said.getvalue()
    (sent,) = gateway.bookings()[-1:]
    assert sent["reservation_start"] == "2028-01-11T08:00:00Z"
    assert sent["reservation_end"] == "2028-01-11T10:00:00Z"
    assert "Tue 11 Jan 2028 09:00 CET (08:00 UTC)" in out
    found = run("booking", sent["id"])[1]
    assert "Tue 11 Jan 2028 11:00 CET (10:00 UTC)" in found
    assert "Tue 11 Jan 2028 09:00 CET" in run("bookings")[1]


def test_very_long_is_worth_a_second_look_and_not_refused(run: Run) -> None:
    line = [*wish("--json")]
    line[line.index("+30min")] = "+5h"
    code, _out, err = run(*line)
    assert code == 0
    assert "4 h" in err


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("typed", "booked"), [("y\n", 1), ("\n", 0), ("no\n", 0), ("", 0)])
def test_a_person_is_asked(
    run: Run, gateway: Sandbox, monkeypatch: pytest.MonkeyPatch, typed: str, booked: int
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    said = Terminal()
    monkeypatch.setattr(sys, "stderr", said)
    code = run(*wish())[0]
    assert "Book DE*ENB*E100000*2 from" in said.getvalue()
    assert code == (0 if booked else 1)
    assert len(posts(gateway)) == booked


def test_a_person_who_said_yes_is_not_asked(
    run: Run, gateway: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(sys, "stderr", Terminal())
    assert run(*wish("--yes"))[0] == 0
    assert len(posts(gateway)) == 1
