"""Faults as a raw client sees them on the wire, and what the server did meanwhile."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from pm_tui.sandbox.faults import Fault, Faults
from pm_tui.sandbox.options import PROFILES as NAMES
from pm_tui.sandbox.profiles import PROFILES
from tests.sandbox.conftest import connect
from tests.sandbox_process import Sandbox, start_sandbox

Make = Callable[..., dict[str, Any]]


class Raw:
    """A client that sees bytes: one connection."""

    def __init__(self, sandbox: Sandbox, timeout: float = 5) -> None:
        self._key = sandbox.api_key
        self._sock = socket.create_connection(("127.0.0.1", sandbox.port), timeout)

    def __enter__(self) -> Raw:
        return self

    def __exit__(self, *_: object) -> None:
        self._sock.close()

    def send(self, method: str, path: str, body: object = None) -> None:
        data = b"" if body is None else json.dumps(body).encode()
        head = (
            f"{method} /api/v1/client{path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"X-API-Key: {self._key}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(data)}\r\n\r\n"
        )
        self._sock.sendall(head.encode() + data)

    def receive(self) -> tuple[bytes, str]:
        """Everything until the end, and the end: `closed`, `reset` or `silent`."""
        seen = b""
        try:
            while chunk := self._sock.recv(65536):
                seen += chunk
        except ConnectionResetError:
            return seen, "reset"
        except TimeoutError:
            return seen, "silent"
        return seen, "closed"


def booked(sandbox: Sandbox, body: dict[str, Any]) -> int:
    return sum(b["evse_uid"] == body["evse_uid"] for b in sandbox.bookings())


@pytest.mark.parametrize(
    ("kind", "end", "sees_head"),
    [
        ("accept_then_hang", "silent", False),
        ("accept_then_reset", "reset", False),
        ("accept_then_close", "closed", False),
        ("lost_body", "reset", True),
        ("truncated", "closed", True),
    ],
)
def test_booked_but_the_answer_is_lost(
    sandbox: Sandbox, body: Make, kind: str, end: str, sees_head: bool
) -> None:
    wanted = body()
    sandbox.fault(kind, match="POST /bookings")
    with Raw(sandbox, timeout=0.4) as raw:
        raw.send("POST", "/bookings", wanted)
        seen, how = raw.receive()
    assert how == end
    assert seen.startswith(b"HTTP/1.1 202 ") is sees_head
    assert booked(sandbox, wanted) == 1
    if sees_head:
        head, _, part = seen.partition(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        assert len(part) == (0 if kind == "lost_body" else length // 2)
    entry = sandbox.log()[-1]
    assert entry["fault"] == kind and entry["external_id"] == wanted["external_id"]
    # it was armed once
    with connect(sandbox) as api:
        assert api.post("/bookings", json=wanted).status_code == 409


def test_dropped_before_it_was_processed(sandbox: Sandbox, body: Make) -> None:
    wanted = body()
    sandbox.fault("drop", match="POST /bookings")
    with Raw(sandbox) as raw:
        raw.send("POST", "/bookings", wanted)
        assert raw.receive() == (b"", "reset")
    assert booked(sandbox, wanted) == 0
    assert sandbox.log()[-1]["status"] is None


def test_late_acceptance(sandbox: Sandbox, body: Make) -> None:
    """What makes a resend dangerous: not there when one looks, there a moment later."""
    wanted = body()
    sandbox.fault("late", match="POST /bookings", seconds=0.3)
    with Raw(sandbox) as raw:
        raw.send("POST", "/bookings", wanted)
        assert raw.receive() == (b"", "reset")
    assert booked(sandbox, wanted) == 0
    for _ in range(200):
        if booked(sandbox, wanted):
            break
        time.sleep(0.02)
    assert booked(sandbox, wanted) == 1


def test_a_drip_is_whole_and_slow(sandbox: Sandbox) -> None:
    sandbox.fault("drip", match="GET /usage", seconds=0.001)
    with Raw(sandbox, timeout=1) as raw:
        raw.send("GET", "/usage")
        first = raw._sock.recv(65536)
        assert len(first) < 20
        seen = first
        while not seen.endswith(b"}}"):
            seen += raw._sock.recv(65536)
        assert json.loads(seen.partition(b"\r\n\r\n")[2])["rate_limit"]


def test_a_connection_outlives_a_drip_and_is_kept_alive(sandbox: Sandbox) -> None:
    sandbox.fault("drip", match="GET /usage", seconds=0)
    with connect(sandbox) as api:
        with api.stream("GET", "/usage") as first:
            port = first.extensions["network_stream"].get_extra_info("client_addr")
            first.read()
        for _ in range(3):
            with api.stream("GET", "/usage") as later:
                stream = later.extensions["network_stream"]
                assert stream.get_extra_info("client_addr") == port
                assert later.status_code == 200
                later.read()


@pytest.mark.parametrize(("process", "number"), [(False, 0), (True, 1)])
def test_a_server_error_with_and_without_a_booking(
    sandbox: Sandbox, api: httpx.Client, body: Make, process: bool, number: int
) -> None:
    wanted = body()
    sandbox.fault("error", match="POST /bookings", process=process, status=500)
    answer = api.post("/bookings", json=wanted)
    assert answer.status_code == 500 and answer.json()["error"]
    assert "X-RateLimit-Remaining" in answer.headers
    assert booked(sandbox, wanted) == number


def test_a_burst_ends(sandbox: Sandbox, api: httpx.Client) -> None:
    sandbox.fault("error", match="GET *", times=3, skip=1)
    assert [api.get("/usage").status_code for _ in range(6)] == [200, 503, 503, 503, 200, 200]
    assert [entry["fault"] for entry in sandbox.log()] == [None, *["error"] * 3, None, None]


def test_an_empty_acceptance(sandbox: Sandbox, api: httpx.Client, body: Make) -> None:
    wanted = body()
    sandbox.fault("empty", match="POST /bookings")
    answer = api.post("/bookings", json=wanted)
    assert answer.status_code == 202 and answer.content == b""
    assert booked(sandbox, wanted) == 1


def test_strangers_answers(sandbox: Sandbox, api: httpx.Client) -> None:
    for kind, status in (("html", 200), ("html_502", 502)):
        sandbox.fault(kind)
        answer = api.get("/usage")
        assert answer.status_code == status and answer.headers["content-type"].startswith(
            "text/html"
        )
        assert b"<html>" in answer.content and "X-RateLimit-Limit" not in answer.headers
    sandbox.fault("redirect", location="http://127.0.0.1:9/steal")
    answer = api.get("/usage")
    assert (answer.status_code, answer.headers["location"]) == (302, "http://127.0.0.1:9/steal")


def test_every_form_of_429(sandbox: Sandbox, api: httpx.Client) -> None:
    sandbox.fault("429_seconds", seconds=7)
    answer = api.get("/usage")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
    assert answer.json() == {"error": "Rate limit exceeded. Retry after 7 seconds."}
    assert answer.headers["X-RateLimit-Remaining"] == "0"
    sandbox.fault("429_date", seconds=30)
    answer = api.get("/usage")
    moment = parsedate_to_datetime(answer.headers["Retry-After"])
    assert moment - parsedate_to_datetime(answer.headers["Date"]) == timedelta(seconds=30)
    sandbox.fault("429_bare")
    answer = api.get("/usage")
    assert answer.status_code == 429 and "Retry-After" not in answer.headers
    assert datetime.fromisoformat(answer.headers["X-RateLimit-Reset"]).tzinfo
    sandbox.fault("429_monthly")
    answer = api.get("/usage")
    assert answer.status_code == 429 and int(answer.headers["X-RateLimit-Remaining"]) > 0
    assert api.get("/usage").status_code == 200


def test_suspended_malformed_raw_and_hostile(sandbox: Sandbox, api: httpx.Client) -> None:
    sandbox.fault("suspended")
    assert api.get("/usage").status_code == 403
    sandbox.fault("malformed", times=7)
    assert len({api.get("/usage").content for _ in range(7)}) == 7
    sandbox.fault("raw", text='{"bookings": [{"id": "x", "status": "TELEPORTED"}]}')
    assert api.get("/bookings").json()["bookings"][0]["status"] == "TELEPORTED"
    sandbox.fault("hostile_error")
    assert "\x1b" in api.get("/usage").json()["error"]


def test_bombs(sandbox: Sandbox, api: httpx.Client) -> None:
    sandbox.fault("bomb", size=3_000_000)
    with api.stream("GET", "/search") as answer:
        assert sum(len(chunk) for chunk in answer.iter_bytes()) > 2_900_000
    sandbox.fault("bomb", size=3_000_000, encoding="gzip")
    with api.stream("GET", "/search") as answer:
        assert sum(len(chunk) for chunk in answer.iter_raw()) < 30_000
        assert answer.headers["content-encoding"] == "gzip"


def test_slow_is_only_slow(sandbox: Sandbox, api: httpx.Client, body: Make) -> None:
    wanted = body()
    sandbox.fault("slow", seconds=0.3)
    with pytest.raises(httpx.ReadTimeout):
        api.post("/bookings", json=wanted, timeout=0.1)
    for _ in range(100):  # it is carried out for a client that is gone
        if booked(sandbox, wanted):
            break
        time.sleep(0.02)
    assert booked(sandbox, wanted) == 1


def test_what_is_slow_is_let_go_when_all_faults_are_cleared(
    sandbox: Sandbox, api: httpx.Client
) -> None:
    sandbox.fault("slow", seconds=600)
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(api.get, "/usage", timeout=60)
        while sandbox.control("GET", "/faults")["armed"]:
            time.sleep(0.01)  # until it has struck
        sandbox.clear_faults()
        assert answer.result().status_code == 200


def test_disarming(sandbox: Sandbox, api: httpx.Client) -> None:
    keep = sandbox.fault("error", times=None)
    gone = sandbox.fault("drop", times=None)
    assert sandbox.control("DELETE", f"/faults?id={gone}") == {"disarmed": 1}
    assert [f["id"] for f in sandbox.control("GET", "/faults")["armed"]] == [keep]
    assert [api.get("/usage").status_code for _ in range(3)] == [503] * 3
    assert sandbox.control("DELETE", "/faults") == {"disarmed": 1}
    assert api.get("/usage").status_code == 200


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"fault": "meteor"},
        {"fault": "drop", "colour": "red"},
        {"fault": "drop", "times": "3"},
        {"fault": "drop", "probability": True},
        {"fault": "drop", "id": 3},
        {"faults": [{"fault": "drop"}, {"fault": "meteor"}]},
        {"faults": [3]},
    ],
)
def test_a_fault_that_is_none_is_refused(sandbox: Sandbox, document: object) -> None:
    with pytest.raises(RuntimeError, match="Invalid fault"):
        sandbox.control("POST", "/faults", document)
    assert sandbox.control("GET", "/faults") == {"armed": []}


@pytest.mark.parametrize("call", [("texts", {"mode": "x"}), ("clock", {"advance_seconds": -1})])
def test_other_bad_control_calls(sandbox: Sandbox, call: tuple[str, object]) -> None:
    with pytest.raises(RuntimeError, match="Invalid"):
        sandbox.control("POST", "/" + call[0], call[1])


def test_matching_and_chance() -> None:
    faults = Faults(seed=1)
    faults.arm(Fault("drop", match="GET /bookings/*", times=None))
    assert faults.take({"drop"}, "GET", "/bookings") is None
    assert faults.take({"drop"}, "POST", "/bookings/1") is None
    assert faults.take({"error"}, "GET", "/bookings/1") is None
    assert faults.take({"drop"}, "GET", "/bookings/1") is not None
    faults.disarm()
    faults.arm(Fault("drop", times=None, probability=0.25))
    hits = sum(faults.take({"drop"}, "GET", "/x") is not None for _ in range(1000))
    assert 180 < hits < 320


def test_every_profile_is_real() -> None:
    assert set(PROFILES) == set(NAMES)
    for profile in PROFILES.values():
        assert all(fault.times is None for fault in profile.make())
        assert profile.make() is not profile.make()


@pytest.mark.parametrize("chaos", ["flaky", "lossy", "html", "limits", "hostile"])
def test_a_profile_does_harm_and_the_server_survives(chaos: str) -> None:
    good = bad = 0
    with start_sandbox(chaos=chaos) as sandbox:
        for _ in range(30):
            with connect(sandbox) as api:
                try:
                    answer = api.post("/bookings", json={}, timeout=0.1)
                except httpx.TransportError:
                    bad += 1
                    continue
                good += answer.status_code == 400 and "Missing" in answer.text
                bad += "Missing" not in answer.text
        assert good and bad
        assert sandbox.control("GET", "/faults")["armed"]
        assert sandbox.stop() == 0
