"""What tests of several rooms share: one sandbox a worker, and settings that point at it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pm_tui import config
from pm_tui.api.clock import Clock
from pm_tui.config import Settings
from tests.fakes import FixedClock
from tests.sandbox_process import Sandbox, clean, start_sandbox

MakeSettings = Callable[..., Settings]
NOBODY = "http://127.0.0.1:9/api/v1/client"  # the discard port: nobody listens


@pytest.fixture(scope="session")
def shared_gateway() -> Iterator[Sandbox]:
    with start_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def gateway(shared_gateway: Sandbox) -> Iterator[Sandbox]:
    """The shared sandbox, without faults and with an empty log. Its bookings stay: use other
    EVSEs or windows, and start one of your own to move its clock or to stop it."""
    with clean(shared_gateway) as lent:
        yield lent
        lent.clear_faults()


@pytest.fixture
def make_settings(tmp_path: Path) -> MakeSettings:
    """Settings below `tmp_path`, from flags and a small environment; nobody's own are read."""

    def make(sandbox: Sandbox | None = None, *, home: Path = tmp_path, **flags: Any) -> Settings:
        env = {
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "PM_TUI_CONFIG": str(_empty(home / "config.toml")),
            "PM_TUI_CACHE_DIR": str(home / "cache"),
            "PM_TUI_STATE_DIR": str(home / "state"),
            "PM_TUI_TIMEZONE": "Europe/Berlin",
            "PM_TUI_LANGUAGE": "en",
        }
        if sandbox is not None:
            env |= {"PM_TUI_API_KEY": sandbox.api_key, "PM_TUI_BASE_URL": sandbox.base_url}
        return config.load(flags, env)

    return make


def _empty(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    return path


@pytest.fixture
def settings(gateway: Sandbox, make_settings: MakeSettings) -> Settings:
    """An account at the shared sandbox."""
    return make_settings(gateway)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries follow at once; the waits between them have tests of their own."""

    async def no_wait(_clock: Clock, _seconds: float) -> None:
        await asyncio.sleep(0)

    monkeypatch.setattr(Clock, "sleep", no_wait)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()
