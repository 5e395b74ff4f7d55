"""An open session at a real sandbox, and bookings that nobody else in this run has asked for."""

from __future__ import annotations

import itertools
import json
import subprocess
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest_asyncio

from pm_tui.config import Settings
from pm_tui.models.query import SearchQuery
from pm_tui.models.request import BookingRequest
from pm_tui.services.session import Session
from tests import warm
from tests.sandbox_process import Sandbox

BERLIN = SearchQuery(52.52, 13.405)
_hours = itertools.count(1)  # each booking of a run has a window of its own


@pytest_asyncio.fixture
async def session(settings: Settings) -> AsyncIterator[Session]:
    async with Session(settings) as opened:
        yield opened


def child_env(settings: Settings, sandbox: Sandbox) -> dict[str, str]:
    """The environment of a process that shares the folders of `settings`."""
    return {
        "HOME": str(settings.state_dir.parent),
        "PM_TUI_STATE_DIR": str(settings.state_dir),
        "PM_TUI_CACHE_DIR": str(settings.cache_dir),
        "PM_TUI_API_KEY": sandbox.api_key,
        "PM_TUI_BASE_URL": sandbox.base_url,
    }


def run_child(module: str, env: dict[str, str], **spec: Any) -> subprocess.CompletedProcess[str]:
    """What `module` does with `spec` as its argument, in a process of its own that may kill
    itself."""
    return warm.run(module, json.dumps(spec), env=env)


def a_request(**changes: Any) -> BookingRequest:
    """A booking of a free charging point of the tiny network, in a window used only once."""
    n = next(_hours)
    start = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=n)
    fields: dict[str, Any] = {
        "location_id": "DE-ENB-E100000",
        "evse_uid": "DE*ENB*E100000*2",
        "reservation_start": start,
        "reservation_end": start + timedelta(minutes=30),
        "external_id": f"it-emp{n:03}-20261124",
    }
    return BookingRequest(**fields | changes)
