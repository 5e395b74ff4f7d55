"""What tests of several rooms share: one sandbox a worker, and settings that point at it."""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pm_tui import config, formats, i18n
from pm_tui.api.clock import Clock
from pm_tui.config import Settings, keys
from pm_tui.config.home import HomeSettings
from tests import canary
from tests.fakes import FixedClock
from tests.sandbox_process import Sandbox, clean, start_sandbox

MakeSettings = Callable[..., Settings]
_SEARCH = pytest.StashKey[canary.Search]()
NOBODY = "http://127.0.0.1:9/api/v1/client"  # the discard port: nobody listens

IN_MEMORY, ROOM = Path("/dev/shm"), 4 << 30  # bytes; a run takes a tenth of that


def _has_room(folder: Path) -> bool:
    return os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > ROOM


# -- the canary: after the last test no key may be found but where it belongs ----------


def pytest_configure(config: pytest.Config) -> None:
    gc.set_threshold(50_000, 20, 50)  # a fifth of the time went into looking for garbage
    # what the tests start need not compile the program again
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if _has_room(IN_MEMORY):  # thousands of files that are synced: a busy disk takes most of a run
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(IN_MEMORY))
    if hasattr(config, "workerinput"):
        return  # the one process that collects the reports searches, when all others are done
    config.stash[_SEARCH] = search = canary.Search()

    class Reader:
        def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
            if report.when == "teardown":  # which has what was captured from the beginning
                search.report(report.nodeid, report.sections)

    config.pluginmanager.register(Reader())


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    search = session.config.stash.get(_SEARCH, None)
    if search is not None:
        base: Path = session.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]
        if search.finish(base) and session.exitstatus in (pytest.ExitCode.OK, 5):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if findings := config.stash[_SEARCH].findings:
        terminalreporter.section("a key was found where none may be", red=True)
        for finding in findings:
            terminalreporter.line(finding)


@pytest.fixture(scope="session", autouse=True)
def _transcripts(tmp_path_factory: pytest.TempPathFactory) -> None:
    canary.keep_in(tmp_path_factory.getbasetemp())


@pytest.fixture
def capsys(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> pytest.CaptureFixture[str]:
    """pytest's own, but what a test reads is kept for the search at the end."""
    read = capsys.readouterr

    def readouterr() -> object:
        told = read()
        canary.keep("pipes", told.out + told.err)
        return told

    monkeypatch.setattr(capsys, "readouterr", readouterr)
    return capsys


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    """The language is one for the whole process: what a test of German leaves is not the next's;
    so with whether currencies are told by their codes."""
    i18n.use("en")
    yield
    i18n.use("en")
    formats.name_currencies(False)


@pytest.fixture(scope="session")
def shared_gateway() -> Iterator[Sandbox]:
    with start_sandbox() as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def own_gateway() -> Iterator[Sandbox]:
    """For a file whose chargers are its own alone: let its `shared_gateway` be this one."""
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
        flags.setdefault("memory", False)  # what one app of a test leaves is not the next one's
        return config.load(flags, env)

    return make


@pytest.fixture
def make_home(make_settings: MakeSettings) -> MakeSettings:
    """As `make_settings`, with the sandbox's credentials for home chargers."""

    def make(sandbox: Sandbox, **flags: Any) -> Settings:
        settings = make_settings(sandbox, **flags)
        home = HomeSettings(
            url=sandbox.home_url,
            token_url=sandbox.home_token_url,
            client_id=sandbox.home_client_id,
            secret=keys.from_text(sandbox.home_secret, "test"),
        )
        return replace(settings, home=home)

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
