"""`pm-tui kiosk --web`: the kiosk in the browser of a tablet, by Textual's own web server.

Each tab is a process of its own, as each terminal would be: they share the journal, the caches,
the request budget and the count of wrong PINs, and nothing of a visitor. Closing a tab ends its
process; one that is reloaded begins at the first page.
"""

from __future__ import annotations

import ipaddress
import json
import shlex
import sys
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from pm_tui.cli import exits
from pm_tui.cli.exits import CliError
from pm_tui.cli.output import complain
from pm_tui.config.kiosk import KioskSettings
from pm_tui.i18n import _

CHILD = ("-P", "-m", "pm_tui.cli.kiosk_child")


class Address(NamedTuple):
    """What to listen on."""

    host: str
    port: int

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def is_local(self) -> bool:
        """Whether only this machine reaches it."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def address(text: str) -> Address:
    """`8000`, `192.168.1.20:8000`, `[::1]:8000`. Raises `CliError`."""
    host, _colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]") or "127.0.0.1"
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise CliError(
            exits.USAGE, _("--web: a port is needed, or HOST:PORT as the tablet reaches it")
        )
    if host in ("0.0.0.0", "::"):  # noqa: S104 - refused: the page says where its socket is
        raise CliError(
            exits.USAGE, _("--web: give the address that the tablet asks for, not {host}").format(
                host=host
            )
        )  # fmt: skip
    return Address(host, int(port))


def command(flags: Mapping[str, Any]) -> str:
    """What a tab runs, for a shell. `flags` are those of the command line."""
    told = {name: value for name, value in flags.items() if value is not None}
    return shlex.join((sys.executable, *CHILD, json.dumps(told)))


def serve(flags: Mapping[str, Any], kiosk: KioskSettings, web: str, url: str | None = None) -> int:
    """Serve until Ctrl+C or SIGTERM; the exit code. `kiosk` must not lack anything. Raises
    `CliError`, also where the extra `web` is not installed."""
    where = address(web)
    shown = (url or where.url).rstrip("/")
    if urlsplit(shown).scheme not in ("http", "https"):
        raise CliError(exits.USAGE, _("--web-url: a URL is needed: https://kiosk.example"))
    server = _server_class()(
        command(flags), host=where.host, port=where.port, title=kiosk.desk, public_url=shown
    )
    complain(_("The kiosk is at {url}; Ctrl+C ends it and every tab.").format(url=shown))
    if not where.is_local and urlsplit(shown).scheme != "https":
        complain(
            _(
                "Whoever reaches this address can book as a visitor, and nothing is encrypted: a "
                "network of its own, or a proxy that speaks https."
            )
        )
    server.serve()
    return exits.DONE


def _server_class() -> Any:
    try:
        from aiohttp import web
        from textual_serve.server import Server
    except ImportError:
        raise CliError(
            exits.USAGE,
            _("--web needs an extra: pip install '{extra}'").format(extra="pm-tui[web]"),
        ) from None

    class KioskServer(Server):  # type: ignore[misc, unused-ignore]
        """Says nothing of what is typed, and answers no page but its own."""

        def initialize_logging(self) -> None:
            """Python's own: warnings, on stderr. Theirs writes every variable of a fault."""

        async def on_startup(self, app: Any) -> None:
            """No banner."""

        async def handle_websocket(self, request: Any) -> Any:
            origin = request.headers.get("Origin")
            if origin is not None and urlsplit(origin)[:2] != urlsplit(self.public_url)[:2]:
                raise web.HTTPForbidden()
            return await super().handle_websocket(request)

    return KioskServer
