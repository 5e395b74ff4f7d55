"""The kiosk in a browser: where it listens, what a tab runs, and what is said when it cannot."""

from __future__ import annotations

import json
import shlex
import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from pm_tui.cli import kiosk_web
from pm_tui.cli.exits import DONE, USAGE, CliError
from pm_tui.config.kiosk import KioskSettings

KIOSK = KioskSettings(desk="lobby")


@pytest.mark.parametrize(
    ("text", "host", "url", "local"),
    [
        ("8000", "127.0.0.1", "http://127.0.0.1:8000", True),
        ("192.168.1.20:8000", "192.168.1.20", "http://192.168.1.20:8000", False),
        ("[::1]:80", "::1", "http://[::1]:80", True),
        ("kiosk.example:1", "kiosk.example", "http://kiosk.example:1", False),
    ],
)
def test_it_listens_on_this_machine_alone_unless_told(
    text: str, host: str, url: str, local: bool
) -> None:
    where = kiosk_web.address(text)
    assert (where.host, where.url, where.is_local) == (host, url, local)


@pytest.mark.parametrize("text", ["", "0", "65536", "x", "1.2.3.4", "0.0.0.0:80", "[::]:80", "²"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(CliError) as refused:
        kiosk_web.address(text)
    assert refused.value.code == USAGE


def test_a_tab_runs_the_kiosk_with_the_same_flags_and_survives_a_shell() -> None:
    words = shlex.split(kiosk_web.command({"config": "/a b/$(x).toml", "profile": None}))
    assert words[:-1] == [sys.executable, *kiosk_web.CHILD]
    assert json.loads(words[-1]) == {"config": "/a b/$(x).toml"}


def test_without_the_extra_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "textual_serve", None)
    monkeypatch.setitem(sys.modules, "textual_serve.server", None)
    with pytest.raises(CliError, match=r"pm-tui\[web\]"):
        kiosk_web.serve({}, KIOSK, "8000")


class Forbidden(Exception):
    pass


class Server:
    """What we need of textual-serve's."""

    made: list[Server] = []  # noqa: RUF012 - looked at by the test

    def __init__(self, command: str, *, public_url: str, **told: Any) -> None:
        self.command, self.public_url, self.told = command, public_url, told
        self.made.append(self)

    def serve(self) -> None:
        pass

    async def handle_websocket(self, request: Any) -> str:
        return "a tab"


async def test_it_serves_its_own_page_alone_and_warns_where_others_reach_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    web = SimpleNamespace(HTTPForbidden=Forbidden)
    for name, content in (
        ("aiohttp", {"web": web}),
        ("textual_serve", {}),
        ("textual_serve.server", {"Server": Server}),
    ):
        module = ModuleType(name)
        vars(module).update(content)
        monkeypatch.setitem(sys.modules, name, module)
    assert kiosk_web.serve({}, KIOSK, "8000") == DONE
    assert "http://127.0.0.1:8000" in (said := capsys.readouterr().err)
    assert "encrypted" not in said
    assert kiosk_web.serve({}, KIOSK, "10.0.0.7:8000") == DONE
    assert "encrypted" in capsys.readouterr().err
    assert kiosk_web.serve({}, KIOSK, "10.0.0.7:8000", "https://kiosk.example/") == DONE
    assert "encrypted" not in capsys.readouterr().err
    with pytest.raises(CliError, match="--web-url"):
        kiosk_web.serve({}, KIOSK, "8000", "kiosk.example")
    server = Server.made[-1]
    assert (server.public_url, server.told["title"]) == ("https://kiosk.example", "lobby")
    for origin in (None, "https://kiosk.example"):
        headers = {} if origin is None else {"Origin": origin}
        assert await server.handle_websocket(SimpleNamespace(headers=headers)) == "a tab"
    for origin in ("https://evil.example", "http://kiosk.example", "null"):
        with pytest.raises(Forbidden):
            await server.handle_websocket(SimpleNamespace(headers={"Origin": origin}))
