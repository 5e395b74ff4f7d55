"""The fleet base: the CSV export and bulk tokens (§11)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

import httpx
import pytest

from tests.sandbox.conftest import NO_TLS
from tests.sandbox_process import Sandbox, start_sandbox


@pytest.fixture(scope="module")
def lived_in() -> Iterator[Sandbox]:
    with start_sandbox(history=True) as sandbox:
        yield sandbox


def export(sandbox: Sandbox, **params: str) -> httpx.Response:
    url = sandbox.fleet_url + "/reports/export"
    return httpx.get(url, params=params, headers=sandbox.headers, trust_env=False, verify=NO_TLS)


def test_the_export_holds_the_period_and_only_that(lived_in: Sandbox) -> None:
    now = datetime.fromisoformat(lived_in.now())
    first, last = (now - timedelta(days=60)).date(), (now - timedelta(days=30)).date()
    answer = export(lived_in, period_start=str(first), period_end=str(last))
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/csv")
    assert "attachment" in answer.headers["content-disposition"]
    assert "X-RateLimit-Remaining" in answer.headers
    assert answer.content.startswith(b"\xef\xbb\xbfbooking_id;")
    table = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    expected = {
        row["id"]: row
        for row in lived_in.bookings(history=True)
        if row["status"] == "COMPLETED" and str(first) <= row["created_at"][:10] <= str(last)
    }
    assert {row["booking_id"] for row in table} == set(expected) and len(table) > 50
    for row in table:
        price = expected[row["booking_id"]]["client_price"]
        assert (Decimal(row["client_price"]) if row["client_price"] else None) == (
            None if price is None else Decimal(str(price))
        )


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"period_start": "2026-02-01"},
        {"period_start": "2026-02-01", "period_end": "2026-02-30"},
        {"period_start": "2026-02-02", "period_end": "2026-02-01"},
        {"period_start": "2026-02-01T00:00:00Z", "period_end": "2026-02-28"},
    ],
)
def test_bad_periods(lived_in: Sandbox, params: dict[str, str]) -> None:
    answer = export(lived_in, **params)
    assert answer.status_code == 400 and "period" in answer.json()["error"]


def test_bulk_tokens(lived_in: Sandbox) -> None:
    def post(group: str, body: object) -> httpx.Response:
        url = f"{lived_in.fleet_url}/groups/{group}/tokens/bulk"
        return httpx.post(url, json=body, headers=lived_in.headers, trust_env=False, verify=NO_TLS)

    made = post("group_abc123", {"count": 3})
    assert made.status_code == 201 and len({t["uid"] for t in made.json()["tokens"]}) == 3
    assert post("group_none", {}).status_code == 404
    for count in (0, 101, "3", True):
        assert post("group_abc123", {"count": count}).status_code == 400
