"""A session that answers what a test lays down, in place of the real one."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

import pytest

from pm_tui import i18n
from pm_tui.cli import main
from pm_tui.config import Settings
from pm_tui.models.booking import Booking
from pm_tui.models.result import Result
from pm_tui.services.ledger import Place
from tests.sandbox_process import Sandbox

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


class FakeSession:
    """`answers` by method name: a value to give or an error to raise; `asked` is what was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.asked: list[tuple[str, Any, dict[str, Any]]] = []
        self.notices: list[str] = []
        self.known: dict[str, Place] = {}
        self.settings: Settings | None = None
        self.open_count = 0

    def take_notices(self) -> list[str]:
        told, self.notices = self.notices, []
        return told

    def open(self, settings: Settings) -> Self:
        self.settings = settings
        return self

    async def __aenter__(self) -> Self:
        self.open_count += 1
        return self

    async def __aexit__(self, *_exc: object) -> None:
        self.open_count -= 1

    def _answer(self, method: str, first: Any, options: dict[str, Any]) -> Any:
        self.asked.append((method, first, options))
        answer = self.answers[method]
        if isinstance(answer, BaseException):
            raise answer
        return answer

    async def search(self, query: Any, **options: Any) -> Any:
        return self._answer("search", query, options)

    async def bookings(self, **options: Any) -> Any:
        return self._answer("bookings", None, options)

    async def booking(self, booking_id: str, **options: Any) -> Any:
        return self._answer("booking", booking_id, options)

    async def places(self, location_ids: Any) -> dict[str, Place]:
        return {one: self.known[one] for one in location_ids if one in self.known}

    async def clock(self, location_id: str | None) -> ZoneInfo:
        return self.known.get(location_id or "", Place()).clock

    async def usage(self, **options: Any) -> Any:
        return self._answer("usage", None, options)

    async def note_told(self, bookings: Any) -> None:
        self.asked.append(("note_told", [one.id for one in bookings], {}))

    async def watch(self, booking_id: str) -> AsyncIterator[Result[Booking]]:
        for answer in self._answer("watch", booking_id, {}):
            yield answer


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> FakeSession:
    fake = FakeSession()
    monkeypatch.setattr("pm_tui.cli.common.Session", fake)
    monkeypatch.setattr("pm_tui.cli.common.now", lambda: NOW)
    return fake


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads the configuration of whoever runs it, and each starts in English."""
    own = ("API_KEY", "API_KEY_FILE", "BASE_URL", "PROFILE", "LANGUAGE", "CONFIG")
    for name in (*own, "HOME_TOKEN", "HOME_SECRET", "HOME_CLIENT_ID", "HOME_URL"):
        monkeypatch.delenv(f"PM_TUI_{name}", raising=False)
    for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    monkeypatch.setenv("PM_TUI_TIMEZONE", "Europe/Berlin")
    i18n.use("en")


# -- the whole program in this process, at a real gateway ------------------------------

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(
    gateway: Sandbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    hasty: None,
) -> Run:
    """`code, stdout, stderr` of a command line; what is waited for is over at once."""
    monkeypatch.setenv("PM_TUI_API_KEY", gateway.api_key)
    monkeypatch.setenv("PM_TUI_BASE_URL", gateway.base_url)
    monkeypatch.setenv("PM_TUI_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("PM_TUI_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setattr("pm_tui.api.agent._BOOKING_TOTAL", 0.5)
    monkeypatch.setattr("pm_tui.services.book.FIRST_LOOK", 0.0)
    monkeypatch.setattr("pm_tui.services.settle.GRACE", timedelta(seconds=0.3))
    monkeypatch.setattr("pm_tui.services.watch.FIRST_LOOKS", (0.05,) * 40)

    def run_program(*line: str) -> tuple[int, str, str]:
        code = main(list(line))
        told = capsys.readouterr()
        return code, told.out, told.err

    return run_program


_hours = itertools.count(2000, 7)  # each has a window of its own, months after everybody's


def wish(*more: str, evse: str = "DE*ENB*E100000*2") -> tuple[str, ...]:
    """The command line that books a free point of the tiny network for an hour of its own."""
    start = f"+{next(_hours)}h"
    return ("book", "DE-ENB-E100000", evse, "--from", start, "--to", "+30min", *more)
