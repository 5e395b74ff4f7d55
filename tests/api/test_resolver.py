"""Names are looked up where nobody has to wait for the answer."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pm_tui.api.resolver import look_up_apart
from tests import warm
from tests.canary import KEY

LIMIT = 60  # seconds; the resolver of these programs never answers, so without us they never end


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return {
        "HOME": str(tmp_path),
        "LANG": "C.UTF-8",
        "PM_TUI_STATE_DIR": str(tmp_path / "state"),
        "PM_TUI_CACHE_DIR": str(tmp_path / "cache"),
        "PM_TUI_API_KEY": KEY,
        "PM_TUI_BASE_URL": "https://gateway.example.org/api/v1/client",
    }


def run(env: dict[str, str], *line: str, fresh: bool = False) -> subprocess.CompletedProcess[str]:
    return warm.run("tests.api.hung_resolver", *line, env=env, timeout=LIMIT, fresh=fresh)


def test_a_resolver_that_never_answers_does_not_hold_a_client_back(env: dict[str, str]) -> None:
    done = run(env, fresh=True)  # how an interpreter ends is the question
    assert (done.returncode, done.stdout) == (0, "Timeout unsent\n"), done.stderr


def test_nor_the_command_line_and_nothing_is_left_open(env: dict[str, str]) -> None:
    wish = ("DE-ENB-E100000", "DE*ENB*E100000*2", "--from", "+5h", "--to", "+30min")
    done = run(env, "book", *wish)
    assert (done.returncode, done.stdout) == (7, ""), done.stderr
    done = run(env, "recover", "--json")
    assert (done.returncode, done.stdout.count('"left":[]')) == (0, 1), done.stdout + done.stderr


@pytest.fixture
def loop_of_its_own() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


def test_it_answers_as_the_loop_would(loop_of_its_own: asyncio.AbstractEventLoop) -> None:
    async def ask() -> Any:
        look_up_apart()
        options = {"family": socket.AF_INET, "type": socket.SOCK_STREAM}
        return await asyncio.get_running_loop().getaddrinfo("127.0.0.1", 80, **options)

    found = loop_of_its_own.run_until_complete(ask())
    assert found == socket.getaddrinfo("127.0.0.1", 80, socket.AF_INET, socket.SOCK_STREAM)


def test_a_name_that_is_not_known_is_the_systems_error(
    loop_of_its_own: asyncio.AbstractEventLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_arguments: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    async def ask() -> Any:
        look_up_apart()
        return await asyncio.get_running_loop().getaddrinfo("nowhere.example.org", 80)

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(socket.gaierror):
        loop_of_its_own.run_until_complete(ask())


def test_an_answer_that_comes_too_late_harms_nobody(
    loop_of_its_own: asyncio.AbstractEventLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = threading.Event()
    answered: list[threading.Thread] = []

    def late(*_arguments: Any) -> list[Any]:
        go.wait()
        answered.append(threading.current_thread())
        return []

    async def ask() -> None:
        look_up_apart()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.get_running_loop().getaddrinfo("x", 80), 0.01)
        go.set()
        while not answered or answered[0].is_alive():
            await asyncio.sleep(0.01)

    monkeypatch.setattr(socket, "getaddrinfo", late)
    loop_of_its_own.run_until_complete(ask())
