"""The sandbox as a process: how it starts, fails to start, ends, restarts, and shares a state."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests import warm
from tests.sandbox.conftest import NO_TLS, at, connect
from tests.sandbox_process import ROOT, Sandbox, command, start_sandbox

# runs a sandbox as the app does, says where, and waits to be killed
_PARENT = """
import sys
from tests.sandbox_process import start_sandbox
sandbox = start_sandbox()
print(sandbox.process.pid, sandbox.port, flush=True)
sys.stdin.read()
"""


def fails(*line: str, fresh: bool = False) -> tuple[int, str]:
    env = {**os.environ, "LC_ALL": "C.UTF-8"}
    done = warm.run("pm_tui.sandbox", *line, env=env, fresh=fresh)
    assert done.stdout == ""
    return done.returncode, done.stderr


def book(sandbox: Sandbox, evse: int = 2, start: float = 30) -> httpx.Response:
    body = {
        "location_id": "DE-ENB-E100000",
        "evse_uid": f"DE*ENB*E100000*{evse}",
        "reservation_start": at(sandbox, start),
        "reservation_end": at(sandbox, start + 60),
        "external_id": "sales-emp007-20260210",
    }
    with connect(sandbox) as api:
        return api.post("/bookings", json=body)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_one_line_then_silence_then_zero(number: signal.Signals) -> None:
    process = subprocess.Popen(
        command("tiny", no_history=True),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    line = json.loads(process.stdout.readline())
    assert set(line) == {
        *("base_url", "fleet_url", "control_url", "api_key"),
        *("home_url", "home_token_url", "home_client_id", "home_secret"),
    }
    assert line["base_url"].startswith("http://127.0.0.1:")
    assert line["base_url"].endswith("/api/v1/client")
    # really ready: the very first request is answered
    answer = httpx.get(
        line["base_url"] + "/usage",
        headers={"X-API-Key": line["api_key"]},
        trust_env=False,
        verify=NO_TLS,
    )
    assert answer.status_code == 200
    process.send_signal(number)
    out, err = process.communicate(timeout=10)
    assert (process.returncode, out, err) == (0, "", "")


def test_it_ends_with_requests_under_way() -> None:
    with start_sandbox() as sandbox:
        sandbox.fault("slow", seconds=60)
        sandbox.fault("accept_then_hang", match="POST *")
        for head in (b"GET", b"POST"):
            hanging = socket.create_connection(("127.0.0.1", sandbox.port))
            request = head + b" /api/v1/client/usage HTTP/1.1\r\nHost: 127.0.0.1\r\nX-API-Key: "
            hanging.sendall(request + sandbox.api_key.encode() + b"\r\n\r\n")
        while len(sandbox.log()) < 2:
            time.sleep(0.01)
        assert sandbox.stop() == 0


def test_a_port_in_use() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, text = fails("--port", str(port), fresh=True)
    assert code == 1 and f"127.0.0.1:{port}" in text and text.count("\n") == 1


def test_stations_that_cannot_be_read(tmp_path: Path) -> None:
    code, text = fails("--stations", str(tmp_path / "none.csv.gz"))
    assert code == 1 and "none.csv.gz" in text and text.count("\n") == 1
    broken = tmp_path / "broken.csv.gz"
    broken.write_bytes(b"\x1f\x8b not gzip at all")
    code, text = fails("--stations", str(broken))
    assert code == 1 and "broken.csv.gz" in text and text.count("\n") == 1


def test_a_state_folder_that_cannot_be_used(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("x")
    code, text = fails("--state", str(file))
    assert code == 1 and str(file) in text and text.count("\n") == 1
    (tmp_path / "sandbox.db").write_text("this is no database, however one looks at it" * 99)
    code, text = fails("--state", str(tmp_path))
    assert code == 1 and str(tmp_path) in text and text.count("\n") == 1


@pytest.mark.parametrize(
    "line",
    [
        ["--port", "70000"],
        ["--rate", "0"],
        ["--confirm-seconds", "9-3"],
        ["--confirm-seconds", "nan"],
        ["--chaos", "meteor"],
    ],
)
def test_options_that_are_none(line: list[str]) -> None:
    code, text = fails(*line)
    assert code == 2 and line[0] in text


def test_it_dies_with_a_parent_that_is_killed() -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", _PARENT],
        cwd=ROOT,
        env={**os.environ, "PM_TUI_TESTS_FRESH": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None and parent.stdin is not None
    pid, port = (int(word) for word in parent.stdout.readline().split())
    socket.create_connection(("127.0.0.1", port)).close()
    parent.kill()
    parent.wait()
    parent.stdin.close()
    parent.stdout.close()
    deadline = time.monotonic() + 20
    while alive(pid):
        assert time.monotonic() < deadline, "the sandbox outlived its parent"
        time.sleep(0.02)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


def test_a_parent_that_is_gone_already() -> None:
    line = command("tiny", parent_stdin=True)
    done = subprocess.run(
        line, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=False
    )
    assert done.returncode == 0 and done.stderr == b""


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def test_the_key_is_the_folders(tmp_path: Path) -> None:
    keys = []
    for state in (tmp_path / "a", tmp_path / "a", tmp_path / "b", None):
        with start_sandbox(state=state) as sandbox:
            keys.append(sandbox.api_key)
    assert keys[0] == keys[1] and len(set(keys)) == 3
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o700
    assert all(file.stat().st_mode & 0o777 == 0o600 for file in (tmp_path / "a").iterdir())


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_bookings_quota_and_clock_outlive_the_process(tmp_path: Path, how: str) -> None:
    with start_sandbox(state=tmp_path / "s") as sandbox:
        booking = book(sandbox).json()
        sandbox.advance(45 * 60)
        before = sandbox.bookings()
        with connect(sandbox) as api:
            used = api.get("/usage").json()["monthly_quota"]["used"]
        getattr(sandbox, how)()
    with start_sandbox(state=tmp_path / "s") as sandbox:
        assert sandbox.bookings() == before
        with connect(sandbox) as api:
            again = api.get(f"/bookings/{booking['id']}").json()
            assert again["status"] == "ATTENDING"
            assert api.get("/usage").json()["monthly_quota"]["used"] == used + 2


def test_two_processes_on_one_state(tmp_path: Path) -> None:
    with start_sandbox(state=tmp_path) as one, start_sandbox(state=tmp_path) as two:
        assert one.api_key == two.api_key
        with ThreadPoolExecutor(8) as pool:
            tries = [
                pool.submit(book, sandbox, evse, 30 + hour * 75)
                for hour in range(4)
                for evse in (2, 4)
                for sandbox in (one, two, one, two)
            ]
            codes = [done.result().status_code for done in tries]
        # each EVSE and window went to exactly one
        assert sorted(codes) == [202] * 8 + [409] * 24
        ours, theirs = (
            [(b["id"], b["evse_uid"], b["created_at"], b["script"]) for b in sandbox.bookings()]
            for sandbox in (one, two)
        )
        assert ours == theirs and len(ours) == 8


def test_two_fresh_processes_make_one_history(tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(start_sandbox, state=tmp_path, history=True) for _ in range(2)]
        one, two = (done.result() for done in both)
    with one, two:
        ids = [b["id"] for b in one.bookings(history=True)]
        assert 500 < len(ids) == len(set(ids))
        assert ids == [b["id"] for b in two.bookings(history=True)]
