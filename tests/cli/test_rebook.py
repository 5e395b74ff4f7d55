"""`pm-tui rebook`: in the safe order where there is one, and else only with the risk accepted."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from tests.cli.conftest import Run, wish
from tests.cli.test_book import Terminal
from tests.sandbox_process import Sandbox

OTHER = "DE*ENB*E100000*3"


@pytest.fixture
def booking(run: Run, gateway: Sandbox, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setattr("pm_tui.services.watch.PATIENCE", 0)
    made: dict[str, Any] = json.loads(run(*wish("--json"))[1])["booking"]
    gateway.clear_log()
    return made


def changes(gateway: Sandbox) -> list[str]:
    return [
        "cancel" if one["path"].endswith("/cancel") else "book"
        for one in gateway.log()
        if one["method"] == "POST"
    ]


def overlapping(booking: dict[str, Any]) -> tuple[str, ...]:
    return ("--from", booking["reservation_start"], "--to", "+45min")


def test_rebooked_to_another_point(run: Run, gateway: Sandbox, booking: dict[str, Any]) -> None:
    line = ("rebook", booking["id"], *overlapping(booking), "--evse", OTHER, "--json")
    code, out, err = run(*line)
    assert (code, err) == (0, "")
    shown = json.loads(out)
    assert list(shown) == ["outcome", "old_booking_id", "booking_id", "external_id", "reason"]
    assert (shown["outcome"], shown["old_booking_id"]) == ("rebooked", booking["id"])
    assert changes(gateway) == ["book", "cancel"]
    assert run(*line)[0] == 1, "the old one is gone now"


def test_the_new_hour_is_the_chargers(
    run: Run, booking: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PM_TUI_TIMEZONE", "UTC")
    line = ("rebook", booking["id"], "--from", "2028-01-12 9", "--to", "+1h", "--yes")
    code, out, _err = run(*line)
    assert code == 0
    assert "Wed 12 Jan 2028 09:00 CET (08:00 UTC) to Wed 12 Jan 2028 10:00" in out


def test_a_clash_needs_a_yes(run: Run, gateway: Sandbox, booking: dict[str, Any]) -> None:
    line = ("rebook", booking["id"], *overlapping(booking))
    code, out, err = run(*line)
    assert (code, out) == (2, "")
    assert "overlaps" in err and "--yes" in err
    assert changes(gateway) == []
    code, out, _err = run(*line, "--yes")
    assert code == 0
    assert out.startswith("rebooked: ")
    assert changes(gateway) == ["cancel", "book"]


@pytest.mark.parametrize(("typed", "code"), [("y\n", 0), ("\n", 1)])
def test_a_person_is_told_the_order_and_the_risk(
    run: Run,
    booking: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    typed: str,
    code: int,
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    said = Terminal()
    monkeypatch.setattr(sys, "stderr", said)
    assert run("rebook", booking["id"], *overlapping(booking))[0] == code
    assert "may cost a fee" in said.getvalue()


def test_refused_the_old_one_stands(run: Run, gateway: Sandbox, booking: dict[str, Any]) -> None:
    gateway.fault("error", match="POST /bookings", status=409)
    line = ("rebook", booking["id"], *overlapping(booking), "--evse", OTHER, "--json")
    code, out, _err = run(*line)
    assert (code, json.loads(out)["outcome"]) == (5, "kept")
    assert changes(gateway) == ["book"]


def test_interrupted_it_goes_on_with_the_id_alone(
    run: Run, gateway: Sandbox, booking: dict[str, Any]
) -> None:
    gateway.fault("drop", match="POST /bookings/*/cancel")
    code, out, err = run("rebook", booking["id"], *overlapping(booking), "--evse", OTHER, "--json")
    assert (code, json.loads(out)["outcome"]) == (8, "unknown")
    assert f"pm-tui rebook {booking['id']}" in err
    assert json.loads(run("recover", "--json")[1])["rebookings"] == [booking["id"]]
    assert f"go on: pm-tui rebook {booking['id']}" in run("recover")[1]
    code, out, _err = run("rebook", booking["id"], "--json")
    assert (code, json.loads(out)["outcome"]) == (0, "rebooked")
    assert changes(gateway) == ["book", "cancel", "cancel"]
    assert json.loads(run("recover", "--json")[1])["rebookings"] == []


@pytest.mark.parametrize(
    "more",
    [
        (),
        ("--from", "+2h"),
        ("--from", "+5min", "--to", "+1h"),
        ("--from", "+3h", "--to", "soon"),
    ],
)
def test_refused_before_anything_is_sent(
    run: Run, gateway: Sandbox, booking: dict[str, Any], more: tuple[str, ...]
) -> None:
    assert run("rebook", booking["id"], *more)[0] == 2
    assert changes(gateway) == []


def test_not_known_and_offline(run: Run) -> None:
    assert run("rebook", "no-such-booking", "--from", "+2h", "--to", "+1h")[0] == 4
    assert run("rebook", "no-such-booking", "--from", "+2h", "--to", "+1h", "--offline")[0] == 7
