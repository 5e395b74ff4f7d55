"""Keys, hosts, unknown paths and the headers that come on every answer: §1, §13."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx
import pytest

from tests.sandbox.conftest import NO_TLS
from tests.sandbox_process import Sandbox

POINT = {"lat": "52.52", "lng": "13.405"}


def get(url: str, **headers: str) -> httpx.Response:
    return httpx.get(url, headers=headers, params=POINT, trust_env=False, verify=NO_TLS)


def test_both_forms_of_the_key(sandbox: Sandbox) -> None:
    url = sandbox.base_url + "/search"
    assert get(url, **{"X-API-Key": sandbox.api_key}).status_code == 200
    assert get(url, Authorization=f"Bearer {sandbox.api_key}").status_code == 200
    assert get(url, Authorization=f"bearer {sandbox.api_key}").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [{}, {"X-API-Key": "wrong"}, {"X-API-Key": ""}, {"Authorization": "Basic abc"}],
)
@pytest.mark.parametrize("path", ["/search", "/bookings", "/usage", "/nowhere"])
def test_no_entry_without_it(sandbox: Sandbox, path: str, headers: dict[str, str]) -> None:
    answer = get(sandbox.base_url + path, **headers)
    assert answer.status_code == 401 and "API key" in answer.json()["error"]
    assert get(sandbox.control_url + "/log", **headers).status_code == 401
    assert answer.headers["x-ratelimit-limit"] == "100000"


def test_only_loopback_names_are_served(sandbox: Sandbox) -> None:
    url = sandbox.base_url + "/search"
    for host in ("evil.example", "127.0.0.1.evil.example:80", "10.0.0.1", "[::2]:80"):
        answer = get(url, **sandbox.headers, Host=host)
        assert answer.status_code == 400 and answer.json() == {"error": "Invalid Host header"}
    for host in ("localhost", "LOCALHOST:5", "127.0.0.1", "[::1]:80"):
        assert get(url, **sandbox.headers, Host=host).status_code == 200


def test_unknown_paths_and_methods_are_json(api: httpx.Client) -> None:
    for method, path, status in (
        ("GET", "/nowhere", 404),
        ("GET", "/search/", 404),
        ("DELETE", "/bookings", 405),
        ("PUT", "/bookings/1", 405),
        ("GET", "/bookings/1/cancel", 405),
    ):
        answer = api.request(method, path)
        assert answer.status_code == status and list(answer.json()) == ["error"]
        assert answer.headers["x-ratelimit-remaining"].isdigit()


def test_headers_count_the_request_they_came_with(api: httpx.Client) -> None:
    first, second = (api.get("/search", params=POINT) for _ in range(2))
    left = [int(answer.headers["X-RateLimit-Remaining"]) for answer in (first, second)]
    assert left[1] == left[0] - 1
    reset = datetime.fromisoformat(second.headers["X-RateLimit-Reset"])
    assert reset.tzinfo is not None and second.headers["X-RateLimit-Reset"].endswith("Z")
    assert 0 < (reset - datetime.now(UTC)).total_seconds() < 120
    assert "Retry-After" not in second.headers
    usage = api.get("/usage")
    assert usage.json()["rate_limit"] == {
        "limit": 100_000,
        "remaining": int(usage.headers["X-RateLimit-Remaining"]),
        "period": "minute",
        "reset_at": usage.headers["X-RateLimit-Reset"],
    }


def test_the_date_is_the_sandboxs_own(api: httpx.Client, sandbox: Sandbox) -> None:
    before = parsedate_to_datetime(api.get("/usage").headers["Date"])
    sandbox.advance(7200)
    after = parsedate_to_datetime(api.get("/usage").headers["Date"])
    assert (after - before).total_seconds() >= 7200


def test_the_log_sees_everything_and_control_nothing(api: httpx.Client, sandbox: Sandbox) -> None:
    used = api.get("/usage").json()["monthly_quota"]["used"]
    sandbox.log()
    httpx.get(sandbox.base_url + "/usage", trust_env=False, verify=NO_TLS)
    again = api.get("/usage").json()["monthly_quota"]["used"]
    assert again == used + 1  # neither control nor strangers count
    assert [(r["method"], r["path"], r["status"]) for r in sandbox.log()] == [
        ("GET", "/api/v1/client/usage", 200),
        ("GET", "/api/v1/client/usage", 401),
        ("GET", "/api/v1/client/usage", 200),
    ]
