"""The three months a fresh state brings along."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import pytest

from pm_tui.sandbox.gateway import Gateway
from pm_tui.sandbox.history import make_history, write_history
from pm_tui.sandbox.options import Options
from tests.sandbox.conftest import connect
from tests.sandbox.tiny_network import TinyNetwork
from tests.sandbox_process import Sandbox, start_sandbox


@pytest.fixture(scope="module")
def lived_in() -> Iterator[Sandbox]:
    with start_sandbox(history=True) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def rows(lived_in: Sandbox) -> list[dict[str, Any]]:
    return lived_in.bookings(history=True)


def test_lists_wait_for_it() -> None:
    with start_sandbox(history=True) as sandbox, connect(sandbox) as api:
        assert len(api.get("/bookings", params={"limit": 100}).json()["bookings"]) == 100


def test_three_months_of_every_kind(rows: list[dict[str, Any]], lived_in: Sandbox) -> None:
    statuses = Counter(row["status"] for row in rows)
    assert 550 < len(rows) < 650
    assert statuses["COMPLETED"] > 380 and statuses["CANCELLED"] > 30
    assert statuses["NO_SHOW"] > 15 and statuses["EXPIRED"] > 10 and statuses["CONFIRMED"] == 6
    now = datetime.fromisoformat(lived_in.now())
    created = [datetime.fromisoformat(row["created_at"]) for row in rows]
    assert max(created) < now and now - min(created) > timedelta(days=80)
    upcoming = [r for r in rows if datetime.fromisoformat(r["reservation_end"]) > now]
    assert {row["status"] for row in upcoming} == {"CONFIRMED"} and len(upcoming) == 6


def test_the_odd_ones_are_there(rows: list[dict[str, Any]]) -> None:
    ids = [row.get("external_id") for row in rows]
    departments = Counter((text or "").partition("-emp")[0] for text in ids)
    assert departments["field-service"] > 30 and departments["engineering"] > 60
    assert sum((text or "").startswith("visitor-") for text in ids) > 20
    assert any("external_id" not in row for row in rows)
    assert any("external_id" in row and row["external_id"] is None for row in rows)
    completed = [row for row in rows if row["status"] == "COMPLETED"]
    assert 0 < sum(row["client_price"] is None for row in completed) < 40
    assert any(row["location_city"] is None for row in rows)
    assert {"." in row["created_at"] for row in rows} == {True, False}


def test_they_are_real_places(rows: list[dict[str, Any]]) -> None:
    network = TinyNetwork()
    for row in rows:
        station = network.get(row["location_id"])
        assert station is not None and station.reservable
        assert row["evse_uid"] in {evse.uid for evse in station.evses}
    assert len({row["location_city"] for row in rows} - {None}) == 4


def test_no_list_is_whole_with_one_request(lived_in: Sandbox) -> None:
    with connect(lived_in) as api:
        rows = api.get("/bookings", params={"limit": 100, "status": "COMPLETED"}).json()
        assert len(rows["bookings"]) == 100
        assert all(row["status"] == "COMPLETED" for row in rows["bookings"])
        assert len(api.get("/bookings").json()["bookings"]) == 20


def gateway(seed: int, history: bool = True) -> Gateway:
    return Gateway.open(Options(seed=seed, history=history), TinyNetwork())


def test_a_seed_makes_a_history() -> None:
    one, again, other = (list(islice(make_history(gateway(n)), 50)) for n in (1, 1, 2))
    assert [b.id for b in one] == [b.id for b in again] != [b.id for b in other]
    assert [b.details for b in one] == [b.details for b in again]


async def test_it_is_written_once_or_not_at_all() -> None:
    made = gateway(1)
    await write_history(made)
    number = made.store.size()
    await write_history(made)
    assert made.store.size() == number > 500 and made.history_ready.is_set()
    without = gateway(1, history=False)
    await asyncio.wait_for(write_history(without), 5)
    assert without.store.size() == 0 and without.history_ready.is_set()


def test_a_past_as_a_test_wants_it() -> None:
    """So many in a span and so many in one second of it, to be told like any others."""
    with start_sandbox() as sandbox:
        burst = {"at": "2024-05-14T09:30:07Z", "bookings": 5}
        span = {"since": "2024-05-01T00:00:00Z", "to": "2024-06-01T00:00:00Z"}
        assert sandbox.seed(bookings=40, burst=burst, at=["2024-04-30T22:00:00Z"], **span) == 46
        assert sandbox.seed(at=["2024-04-30T22:00:00Z"]) == 1
        rows = sandbox.bookings(history=True)
        with pytest.raises(RuntimeError, match="Invalid"):
            sandbox.seed(bookings=40, since=span["to"], to=span["since"])
    assert len({row["id"] for row in rows}) == len(rows) == 47
    made = Counter(row["created_at"][:19] for row in rows)
    assert (made["2024-05-14T09:30:07"], made["2024-04-30T22:00:00"]) == (5, 2)
    assert all("2024-04-30T22" <= row["created_at"] < "2024-06-01" for row in rows)
