"""The kiosk in a browser: where it listens, what a tab runs, and what is said when it cannot."""

from __future__ import annotations

import json
import socket
import sys

import pytest

from pm_tui.cli import kiosk_server, kiosk_web
from pm_tui.cli.exits import USAGE, CliError
from pm_tui.cli.kiosk_page import ENDED, page
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


def test_a_tab_runs_the_kiosk_with_the_same_flags() -> None:
    words = kiosk_server.child_of({"config": "/a b/$(x).toml"})
    assert words[:-1] == [sys.executable, *kiosk_server.CHILD]
    assert json.loads(words[-1]) == {"config": "/a b/$(x).toml"}


def test_without_the_extra_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kiosk_web, "find_spec", lambda name: None)
    with pytest.raises(CliError, match=r"pm-tui\[web\]"):
        kiosk_web.serve({}, KIOSK, "8000")


def test_it_warns_where_others_reach_it_and_says_when_the_port_is_taken(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(kiosk_web, "find_spec", lambda name: object())
    monkeypatch.setattr(kiosk_web.WebKeeper, "run", lambda self: 143)
    monkeypatch.setattr(kiosk_web, "_listening", lambda where: socket.socket())
    assert kiosk_web.serve({}, KIOSK, "8000") == 143
    assert "http://127.0.0.1:8000" in (said := capsys.readouterr().err)
    assert "encrypted" not in said
    assert kiosk_web.serve({}, KIOSK, "10.0.0.7:8000") == 143
    assert "encrypted" in capsys.readouterr().err
    assert kiosk_web.serve({}, KIOSK, "10.0.0.7:8000", "https://kiosk.example/") == 143
    assert "encrypted" not in capsys.readouterr().err
    with pytest.raises(CliError, match="--web-url"):
        kiosk_web.serve({}, KIOSK, "8000", "kiosk.example")
    monkeypatch.undo()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        where = kiosk_web.address(f"{taken.getsockname()[1]}")
        with pytest.raises(CliError, match="not to be had"):
            kiosk_web._listening(where)


def test_the_page_hides_what_it_showed_and_holds_no_markup_of_the_settings() -> None:
    told = page(
        KioskSettings(desk="lobby", phone="<b>1</b>", languages=("de", "en")),
        "https://k.example",
        20,
    )
    assert "startet von selbst neu" in told and "this starts again by itself" in told
    assert "&lt;b&gt;1" in told and "<b>" not in told
    assert 'data-session-websocket-url="wss://k.example/ws"' in told
    assert f"event.code === {ENDED}" in told and "googleapis" not in told
