"""One sandbox a module, lent to each test with faults, texts and log cleared."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import settings

from tests.sandbox_process import Sandbox, clean, start_sandbox

Body = dict[str, Any]

# an example that a busy machine interrupts is not a slow one
settings.register_profile("sandbox", deadline=None)
settings.load_profile("sandbox")


@pytest.fixture(scope="module")
def shared() -> Iterator[Sandbox]:
    with start_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(shared: Sandbox) -> Iterator[Sandbox]:
    with clean(shared) as lent:
        yield lent


@pytest.fixture
def api(sandbox: Sandbox) -> Iterator[httpx.Client]:
    with connect(sandbox) as client:
        yield client


# loading the system's certificates for plain HTTP would cost 30 ms a client
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def connect(sandbox: Sandbox) -> httpx.Client:
    return httpx.Client(
        base_url=sandbox.base_url,
        headers=sandbox.headers,
        trust_env=False,
        timeout=10,
        verify=NO_TLS,
    )


def at(sandbox: Sandbox, minutes: float) -> str:
    """A wire time so many minutes from the sandbox's now."""
    now = datetime.fromisoformat(sandbox.now())
    return (now + timedelta(minutes=minutes)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.fixture(scope="module")
def used() -> set[str]:
    """The EVSEs that tests of this module have asked for."""
    return set()


@pytest.fixture
def body(api: httpx.Client, sandbox: Sandbox, used: set[str]) -> Callable[..., Body]:
    """Makes a good `POST /bookings` body for an EVSE that nobody has booked yet in this window."""

    def make(start: float = 30, minutes: float = 60, **more: Any) -> Body:
        window = {"start_time": at(sandbox, start), "end_time": at(sandbox, start + minutes)}
        for lat, lng in ((52.52, 13.405), (48.137, 11.575), (50.937, 6.96)):
            found = api.get("/search", params={"lat": lat, "lng": lng, "limit": 100, **window})
            for place in found.json()["results"]:
                for evse in place["evses"]:
                    if evse["status"] == "AVAILABLE" and evse["evse_uid"] not in used:
                        used.add(evse["evse_uid"])
                        return {
                            "location_id": place["location_id"],
                            "evse_uid": evse["evse_uid"],
                            "reservation_start": window["start_time"],
                            "reservation_end": window["end_time"],
                            "external_id": f"it-emp001-{len(used)}",
                            **more,
                        }
        raise AssertionError("no free EVSE left")

    return make
