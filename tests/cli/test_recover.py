"""`pm-tui recover`: what was sent and not answered is found out, and never sent again."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cli.conftest import Run, wish
from tests.sandbox_process import Sandbox


def posts(gateway: Sandbox) -> list[dict[str, Any]]:
    return [one for one in gateway.log() if one["method"] == "POST"]


def test_nothing_is_open(run: Run, gateway: Sandbox) -> None:
    code, out, err = run("recover")
    assert (code, out, err) == (0, "Nothing is open.\n", "")
    code, out, _err = run("recover", "--json")
    empty: dict[str, list[str]] = {"adopted": [], "refused": [], "left": [], "unaccounted": []}
    assert json.loads(out) == {**empty, "rebookings": []}
    assert gateway.log() == []


def test_accepted_late_is_adopted(run: Run, gateway: Sandbox) -> None:
    gateway.fault("late", match="POST /bookings", seconds=0.2)
    reference = json.loads(run(*wish("--json"))[1])["external_id"]
    code, out, err = run("recover", "--json")
    assert (code, err) == (0, "")
    (adopted,) = json.loads(out)["adopted"]
    assert adopted["external_id"] == reference
    assert adopted["booking"]["external_id"] == reference
    assert adopted["request"]["external_id"] == reference
    assert run("recover")[1] == "Nothing is open.\n"
    assert len(posts(gateway)) == 1


def test_absent_twice_is_left_to_a_person_who_gives_it_up(run: Run, gateway: Sandbox) -> None:
    gateway.fault("drop", match="POST /bookings")
    line = wish("--json")
    run(*line)
    code, out, err = run("recover")
    assert code == 8
    assert "twice" in out and "--give-up" in out
    assert err == "pm-tui: 1 outcome is not known.\n"
    code, out, _err = run("recover", "--json")
    (left,) = json.loads(out)["left"]
    assert "twice" in left["reason"]

    assert run(*line)[0] == 8, "not booked again by itself"
    assert run("recover", "--give-up", "no-such-one")[0] == 4
    code, out, _err = run("recover", "--give-up", left["id"], "--json")
    assert code == 0
    assert [one["id"] for one in json.loads(out)["refused"]] == [left["id"]]
    assert len(posts(gateway)) == 1
    assert run(*line)[0] == 0
    assert len(posts(gateway)) == 2


def test_who_gives_up_what_was_booked_hears_that_it_was(run: Run, gateway: Sandbox) -> None:
    gateway.fault("late", match="POST /bookings", seconds=0.2)
    run(*wish())
    intent = json.loads(run("recover", "--json")[1])
    assert len(intent["adopted"]) == 1
    assert run("recover", "--give-up", intent["adopted"][0]["id"])[0] == 4


def test_without_the_network_nothing_changes(run: Run, gateway: Sandbox) -> None:
    gateway.fault("drop", match="POST /bookings")
    run(*wish())
    gateway.fault("error", match="GET /bookings", times=3)
    assert run("recover")[0] == 1
    assert run("recover", "--offline")[0] == 7
    assert run("recover")[0] == 8


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_line_is_in_the_language(run: Run, gateway: Sandbox, language: str) -> None:
    gateway.fault("drop", match="POST /bookings")
    run(*wish())
    _code, out, err = run("recover", "--language", language)
    assert ("Zweimal" in out) == (language == "de")
    assert ("not known" in err) == (language == "en")
