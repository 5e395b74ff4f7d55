"""`pm-tui home …`: the whole program at the sandbox's ev.energy."""

from __future__ import annotations

import json
import re
import shlex
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.canary import HOME_SECRET
from tests.cli.conftest import Run
from tests.sandbox_process import Sandbox


@pytest.fixture
def home(run: Run, gateway: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Run:
    gateway.home(evses=101, back=True)  # two pages
    monkeypatch.setenv("PM_TUI_HOME_URL", gateway.home_url)
    monkeypatch.setenv("PM_TUI_HOME_TOKEN_URL", gateway.home_token_url)
    monkeypatch.setenv("PM_TUI_HOME_CLIENT_ID", gateway.home_client_id)
    monkeypatch.setenv("PM_TUI_HOME_SECRET", gateway.home_secret)
    return lambda *line: run("home", *line)


def test_list_show_log_place_and_what_is_remembered(home: Run, gateway: Sandbox) -> None:
    code, out, err = home("list", "--json")
    assert (code, err) == (0, "")
    told = json.loads(out)
    assert list(told) == ["origin", "fetched_at", "evses"] and told["origin"] == "live"
    evse = told["evses"][4]
    assert {"id", "url", "model", "user", "latest_status_log"} <= set(evse)
    assert evse["model"]["make"]["name"] and evse["user"]["full_name"]

    code, out, _err = home("list", "--user", evse["user"]["id"], "--expand", "user", "--json")
    [one, *_more] = json.loads(out)["evses"]
    assert one["user"]["id"] == evse["user"]["id"] and isinstance(one["model"], str)

    code, out, _err = home("show", evse["id"], "--json")
    shown = json.loads(out)
    assert shown["connectivity"]["firmware_version"] and "Idle" in shown["vpp_modes"]
    assert shown["connectivity_origin"] == "live"
    assert shown["reachability"] == "reachable" and shown["evse"]["id"] == evse["id"]
    plain = home("show", evse["id"])[1]
    assert "Reachability  ● reachable" in plain and "Firmware" in plain
    assert "Connection" in home("show", evse["id"], "--offline")[1]

    two_days_ago = f"{datetime.now(UTC) - timedelta(days=2):%Y-%m-%d}"
    code, out, _err = home("log", evse["id"], "--since", two_days_ago, "--json")
    logs = json.loads(out)["status_logs"]
    assert json.loads(out)["complete"] is True
    out = home("log", evse["id"], "--offline", "--json")[1]
    assert json.loads(out)["complete"] is False, "what is remembered may have gaps"
    assert code == 0 and len(logs) > 300 and "sampled_at" in logs[0]

    code, out, _err = home("location", evse["id"], "48.1,11.5", "--json")
    assert json.loads(out)["location"] == {"latitude": 48.1, "longitude": 11.5}
    saved = home("location", evse["id"], "48.2,11.5")[1]
    assert saved.endswith(": Location saved: 48.20000, 11.50000\n")
    assert home("location", evse["id"], "--clear")[1].endswith(": Location cleared.\n")
    assert home("location", evse["id"], "north")[0] == 2

    code, out, err = home("list", "--offline")
    assert code == 0 and "home chargers, remembered" in out and "Offline by choice" in err


def test_decommission_and_onboard(home: Run, run: Run, gateway: Sandbox) -> None:
    evses = json.loads(home("list", "--json")[1])["evses"]
    evse_id = evses[71]["id"]
    code, _out, err = home("decommission", evse_id)
    assert code == 2 and "--confirm" in err
    code, _out, err = home("decommission", evse_id, "--confirm", "wrong")
    assert code == 2 and evse_id[-6:] in err and "Nothing was sent" in err
    code, out, err = home("decommission", evse_id, "--confirm", evse_id[-6:], "--json")
    assert code == 0
    assert json.loads(out) == {
        "result": "gone",
        "evse_id": evse_id,
        "already": False,
        "reason": None,
    }
    gateway.fault("html", "DELETE *")
    other = evses[72]["id"]
    code, _out, err = home("decommission", other, "--confirm", other[-6:])
    assert code == 8 and "not known yet" in err
    open_ones = json.loads(run("doctor", "--json")[1])["open_decommissions"]
    assert [one["evse_id"] for one in open_ones] == [other]
    assert f"pm-tui home show {other}" in run("doctor")[2]
    sent = [one["method"] for one in gateway.log() if one["method"] == "DELETE"]
    assert len(sent) == 2

    user = evses[1]["user"]["id"]
    code, out, _err = home("onboard", "--make", "Nordlade", "--user", user, "--json")
    assert code == 0 and json.loads(out)["url"].startswith("http://127.0.0.1")
    code, _out, err = home("onboard", "--make", "Nothing", "--user", user)
    assert code == 4 and "Nordlade" in err


def test_what_comes_in_and_what_is_connected_anew(home: Run, gateway: Sandbox) -> None:
    evse = json.loads(home("list", "--json")[1])["evses"][4]
    code, out, _err = home("reconnect", evse["id"], "--json")
    assert code == 0 and list(json.loads(out)) == ["url", "evse_id"]
    assert "reconnect-page" in home("reconnect", evse["id"])[1]

    line = ("--provider", "easee", "--user", evse["user"]["id"], "--serial")
    code, out, _err = home("import", *line, "SN-cli", "--json")
    assert code == 0 and json.loads(out)["evse"]["user"].endswith(evse["user"]["id"])
    assert "taken on" in home("import", *line, "SN-cli-2")[1]
    assert home("import", *line, "7")[0] == 4
    code, _out, err = home("import", *line, "SN-cli")
    assert code == 1 and "registered already" in err and "Read the list" in err
    gateway.fault("html", "POST */import")
    code, _out, err = home("import", *line, "SN-cli-3")
    assert code == 8 and "in the list" in err

    assert json.loads(home("check", "make=Nordlade", "--json")[1]) == {"is_compatible": True}
    assert home("check", "make=Nobody")[1].split() == ["is_compatible", "no"]
    code, _out, err = home("check", "maker=Nobody")
    assert code == 1 and "make: This field is required." in err, "it names what is missing"
    assert "ewlt" in home("waitlist", "email=a@example.org")[1]
    assert home("waitlist", "email")[0] == 2


def test_the_examples_of_the_readme_work_as_they_stand(home: Run) -> None:
    evses = json.loads(home("list", "--json")[1])["evses"]
    arc = next(one["id"] for one in evses if one["model"]["name"] == "Arc One")
    text = (Path(__file__).parents[2] / "README.md").read_text()
    lines = re.findall(r"^\.venv/bin/pm-tui home (.+)$", text, re.MULTILINE)
    assert len(lines) == 10
    for line in lines:
        words = shlex.split(line.replace("EVSE_ID", arc))
        if words[0] != "log":  # of a day that is long gone
            assert home(*words)[0] == 0, line


def test_without_credentials_and_with_wrong_ones(
    run: Run, gateway: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, _out, err = run("home", "list")
    assert code == 3 and "PM_TUI_HOME_TOKEN" in err
    assert run("usage")[0] == 0
    monkeypatch.setenv("PM_TUI_HOME_URL", gateway.home_url)
    monkeypatch.setenv("PM_TUI_HOME_TOKEN", HOME_SECRET)
    code, _out, err = run("home", "list")
    assert code == 3 and "home_token" in err
    assert run("usage")[0] == 0
