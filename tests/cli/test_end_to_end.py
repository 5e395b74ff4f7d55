"""The program as a script sees it: a process, real HTTP to a sandbox, codes and documents."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from tests import canary, warm
from tests.sandbox_process import Sandbox, clean, start_sandbox

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def server() -> Iterator[Sandbox]:
    with start_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(server: Sandbox) -> Iterator[Sandbox]:
    with clean(server):
        yield server


@pytest.fixture
def env(sandbox: Sandbox, tmp_path: Path) -> dict[str, str]:
    return environment(tmp_path) | {
        "PM_TUI_API_KEY": sandbox.api_key,
        "PM_TUI_BASE_URL": sandbox.base_url,
    }


def environment(home: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    return kept | {
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PM_TUI_CACHE_DIR": str(home / "cache"),
        "PM_TUI_STATE_DIR": str(home / "state"),
        "PM_TUI_TIMEZONE": "Europe/Berlin",
    }


@pytest.fixture
def run(env: dict[str, str]) -> Run:
    def run_program(
        line: str, *, fresh: bool = False, **more: str
    ) -> subprocess.CompletedProcess[str]:
        done = warm.run("pm_tui", *line.split(), env={**env, **more}, fresh=fresh)
        canary.keep("pipes", done.stdout + done.stderr)
        return done

    return run_program


def book(sandbox: Sandbox, evse: str, location: str, reference: str) -> str:
    start = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=2)
    body = {
        "location_id": location,
        "evse_uid": evse,
        "reservation_start": start.isoformat(),
        "reservation_end": (start + timedelta(hours=1)).isoformat(),
        "external_id": reference,
        "token_strategy": "ad_hoc",
    }
    request = Request(  # noqa: S310  (the sandbox's own loopback URL)
        sandbox.base_url + "/bookings",
        json.dumps(body).encode(),
        {**sandbox.headers, "Content-Type": "application/json"},
    )
    with urlopen(request, timeout=20) as answer:  # noqa: S310
        return str(json.load(answer)["id"])


def document(done: subprocess.CompletedProcess[str], code: int = 0) -> dict[str, Any]:
    assert (done.returncode, done.stderr) == (code, "")
    assert done.stdout.count("\n") == 1
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def complaint(done: subprocess.CompletedProcess[str], code: int) -> str:
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    assert re.fullmatch(r"pm-tui: [^\n]+\n", done.stderr)
    return done.stderr


def test_search_live_then_remembered(run: Run, sandbox: Sandbox) -> None:
    live = document(run("search Berlin --radius 10 --connector ccs --json", fresh=True))
    assert live["origin"] == "live"
    assert live["results"], "the tiny network has CCS in Berlin"
    assert all("IEC_62196_T2_COMBO" in row["connector_types"] for row in live["results"])
    distances = [row["distance_km"] for row in live["results"]]
    assert distances == sorted(distances)
    assert {row["cpo_party_id"] for row in live["cpo_results"]} == {"ENB", "ION", "STW"}
    asked = len(sandbox.log())

    kept = document(run("search Berlin --radius 10 --connector ccs --json --offline"))
    assert kept == {**live, "origin": "cache"}
    assert len(sandbox.log()) == asked, "offline sends nothing"

    again = "search Berlin --radius 10 --connector ccs --json --offline"
    complaint(run(again, PM_TUI_BASE_URL=unused_url()), 7)  # another account: nothing of ours


def unused_url() -> str:
    return "http://127.0.0.1:9/api/v1/client"  # the discard port: nobody listens


def test_search_by_hand(run: Run) -> None:
    done = run("search 52.52,13.405 --radius 10 --reservable --sort price --limit 3")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0].startswith("52.52, 13.405, 10.0\u00a0km: 3 of ")
    assert lines[1].split()[:3] == ["DISTANCE", "NAME", "OPERATOR"]
    assert len(lines) == 5
    prices = [float(re.findall(r"€([0-9.]+)", line)[0]) for line in lines[2:]]
    assert prices == sorted(prices)
    assert all(line.endswith("yes") for line in lines[2:])


def test_a_booking_is_listed_watched_and_remembered(run: Run, sandbox: Sandbox) -> None:
    found = document(run("search Hamburg --radius 20 --reservable --json"))
    place = found["results"][0]
    booking_id = book(sandbox, place["evses"][0]["evse_uid"], place["location_id"], "ops-emp1-1")

    watched = document(run(f"booking {booking_id} --watch --json"))
    assert watched["booking"]["status"] == "CONFIRMED"
    assert watched["booking"]["external_id"] == "ops-emp1-1"
    assert watched["booking"]["token"]["uid"]

    today = f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%d}"
    listed = document(run(f"bookings --status CONFIRMED --since {today} --json"))
    assert booking_id in {booking["id"] for booking in listed["bookings"]}
    kept = document(run("bookings --offline --json"))
    assert kept["origin"] == "cache"
    assert booking_id in {booking["id"] for booking in kept["bookings"]}

    shown = run(f"booking {booking_id} --offline")
    assert "CONFIRMED (confirmed)" in shown.stdout
    assert "remembered, " in shown.stdout


def test_usage(run: Run) -> None:
    shown = document(run("usage --json"))
    assert shown["rate_limit"]["limit"] == 100_000
    assert shown["monthly_quota"]["remaining"] <= 10_000_000
    assert "only known online" in complaint(run("usage --offline"), 7)


def test_unauthorised(run: Run) -> None:
    text = complaint(run("search Berlin --json", PM_TUI_API_KEY=canary.KEY), 3)
    assert "canary" not in text


@pytest.mark.parametrize(
    ("line", "fault", "more", "code"),
    [
        ("search Berlin", "error", {"status": 403}, 3),
        ("booking b", "error", {"status": 409}, 5),
        ("usage", "429_seconds", {"seconds": 30}, 6),
        ("bookings", "429_seconds", {"seconds": 30}, 6),
        ("search Berlin", "429_seconds", {"seconds": 86_400}, 6),
        ("usage", "error", {"status": 400}, 1),
        ("usage", "html", {}, 1),
    ],
)
def test_codes_of_the_server(
    run: Run, sandbox: Sandbox, line: str, fault: str, more: dict[str, Any], code: int
) -> None:
    sandbox.fault(fault, times=None, **more)
    complaint(run(line), code)


def test_not_found(run: Run) -> None:
    complaint(run("booking 00000000-0000-0000-0000-000000000000"), 4)
    complaint(run("search Xyzzyhausen"), 4)


def test_unreachable(run: Run) -> None:
    text = complaint(run("bookings", PM_TUI_BASE_URL=unused_url()), 7)
    assert "The server cannot be reached." in text
    assert "No bookings are remembered." in text


def test_unreachable_with_something_remembered(
    run: Run, env: dict[str, str], tmp_path: Path
) -> None:
    with start_sandbox() as passing:
        here = {"PM_TUI_BASE_URL": passing.base_url, "PM_TUI_API_KEY": passing.api_key}
        live = document(run("search Berlin --json", **here))
    done = run("search Berlin --json", **here)
    assert done.returncode == 0
    assert json.loads(done.stdout) == {**live, "origin": "cache"}
    assert "not live: The server cannot be reached." in done.stderr


def test_hostile_texts_reach_no_terminal(run: Run, sandbox: Sandbox) -> None:
    sandbox.texts("hostile")
    for line in ("search Berlin", "search Berlin --json", "bookings"):
        done = run(line)
        assert done.returncode == 0
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", done.stdout)


def test_the_key_is_nowhere(run: Run, sandbox: Sandbox, tmp_path: Path) -> None:
    shown = [run(line) for line in ("search Berlin", "bookings", "usage --json", "config show")]
    assert all(done.returncode == 0 for done in shown)
    told = "".join(done.stdout + done.stderr for done in shown)
    assert sandbox.api_key not in told
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files, "something was remembered"
    for path in files:
        assert sandbox.api_key.encode() not in path.read_bytes()
        assert path.stat().st_mode & 0o077 == 0, f"{path} is private"


def test_interrupted(env: dict[str, str], sandbox: Sandbox) -> None:
    sandbox.fault("slow", times=None, seconds=30)
    process = subprocess.Popen(
        [sys.executable, "-m", "pm_tui", "usage"],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # a shell that runs the tests behind ignores it, and so would all that they start
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    )
    for _ in range(200):
        if sandbox.log():
            break
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (130, "", "")


def test_without_a_key_a_sandbox_comes_and_goes(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pm_tui", "search", "Berlin", "--limit", "2", "--json"],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["results"]) == 2
    folder = str(tmp_path / "state").encode()
    for command in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            assert folder not in command.read_bytes(), "the child lives on"
        except OSError:
            continue  # ended while we looked


def test_the_sandbox_verb(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "pm_tui", "sandbox", "--port", "0", "--no-history"],
        env=environment(tmp_path),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    told = json.loads(process.stdout.readline())
    assert told["base_url"].startswith("http://127.0.0.1:")
    assert told["api_key"]
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode == 0
