"""`pm-tui cancel`: read, asked, sent once."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from tests.cli.conftest import Run, wish
from tests.cli.test_book import Terminal
from tests.sandbox_process import Sandbox


@pytest.fixture
def booking_id(run: Run, gateway: Sandbox) -> str:
    made = str(json.loads(run(*wish("--json"))[1])["booking"]["id"])
    gateway.clear_log()
    return made


def cancels(gateway: Sandbox) -> list[dict[str, Any]]:
    return [one for one in gateway.log() if one["path"].endswith("/cancel")]


def test_cancelled_and_again(run: Run, gateway: Sandbox, booking_id: str) -> None:
    code, out, err = run("cancel", booking_id, "--reason", "ill", "--json")
    assert (code, err) == (0, "")
    shown = json.loads(out)
    assert list(shown) == ["outcome", "booking", "reason"]
    assert (shown["outcome"], shown["booking"]["status"]) == ("cancelled", "CANCELLED")
    code, out, _err = run("cancel", booking_id)
    assert code == 0
    assert "CANCELLED" in out
    assert len(cancels(gateway)) == 1, "what is cancelled is not cancelled again"


def test_a_lost_answer_is_read(run: Run, gateway: Sandbox, booking_id: str) -> None:
    gateway.fault("accept_then_reset", match="POST /bookings/*/cancel")
    assert run("cancel", booking_id)[0] == 0
    assert len(cancels(gateway)) == 1


def test_what_nobody_knows_is_eight_and_recovered(
    run: Run, gateway: Sandbox, booking_id: str
) -> None:
    gateway.fault("drop", match="POST /bookings/*/cancel")
    code, out, err = run("cancel", booking_id, "--json")
    assert (code, json.loads(out)["outcome"]) == (8, "unknown")
    assert "pm-tui recover" in err
    code, out, err = run("recover", "--json")
    assert (code, err) == (0, "")
    (refused,) = json.loads(out)["refused"]
    assert (refused["kind"], refused["booking_id"]) == ("cancel", booking_id)
    assert run("cancel", booking_id)[0] == 0, "it stands, so it can be cancelled anew"


def test_refused_and_not_known(run: Run, gateway: Sandbox, booking_id: str) -> None:
    gateway.fault("error", match="POST /bookings/*/cancel", status=400, text="Too late")
    code, out, err = run("cancel", booking_id, "--json")
    assert (code, json.loads(out)["outcome"]) == (1, "refused")
    assert "Too late" in err
    code, out, _err = run("cancel", "no-such-booking", "--json")
    assert (code, json.loads(out)["booking"]) == (4, None)


def test_a_remembered_state_is_not_enough(run: Run, gateway: Sandbox, booking_id: str) -> None:
    gateway.fault("error", match="GET /bookings/*", times=3)
    code, out, _err = run("cancel", booking_id, "--json")
    assert (code, json.loads(out)["outcome"]) == (1, "refused")
    assert run("cancel", booking_id, "--offline")[0] == 7
    assert cancels(gateway) == []


@pytest.mark.parametrize(("typed", "sent"), [("y\n", 1), ("n\n", 0)])
def test_a_person_is_told_what_it_may_cost(
    run: Run,
    gateway: Sandbox,
    booking_id: str,
    monkeypatch: pytest.MonkeyPatch,
    typed: str,
    sent: int,
) -> None:
    run("booking", booking_id, "--watch")
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    said = Terminal()
    monkeypatch.setattr(sys, "stderr", said)
    assert run("cancel", booking_id)[0] == (0 if sent else 1)
    assert "may charge a fee" in said.getvalue()
    assert len(cancels(gateway)) == sent
