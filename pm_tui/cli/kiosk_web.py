"""`pm-tui kiosk --web`: the kiosk in the browser of a tablet, by Textual's own web server.

Each tab is a process of its own, as each terminal would be: they share the journal, the caches,
the request budget and the count of wrong PINs, and nothing of a visitor. Closing a tab ends its
process; one that is reloaded, or whose process ended, begins at the first page. The server is a
child of ours, started again however it ends, on a socket that we keep.
"""

from __future__ import annotations

import ipaddress
import json
import signal
import socket
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from pm_tui.cli import exits
from pm_tui.cli.exits import CliError
from pm_tui.cli.kiosk_keeper import Keeper
from pm_tui.cli.output import complain
from pm_tui.config.kiosk import KioskSettings
from pm_tui.i18n import _

SERVER = ("-P", "-m", "pm_tui.cli.kiosk_server")


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


class WebKeeper(Keeper):
    """Keeps the web server of a kiosk running; its terminal stays as it is, Ctrl+C and all."""

    ignored = ()
    ends = (*Keeper.ends, signal.SIGINT)

    def __init__(
        self, flags: Mapping[str, Any], kiosk: KioskSettings, url: str, listening: socket.socket
    ) -> None:
        super().__init__(flags, kiosk)
        self._listening = listening
        told = {name: value for name, value in flags.items() if value is not None}
        spec = {"flags": told, "url": url, "listen": listening.fileno()}
        self._command = [sys.executable, *SERVER, json.dumps(spec)]

    def _kept(self, descriptor: int) -> tuple[int, ...]:
        return descriptor, self._listening.fileno()

    def _tell(self, before: list[Any] | None) -> None:
        complain(_("The web server of the kiosk has ended; it is started again."))

    def _tell_no_more(self) -> None:
        pass

    def _mute(self, before: list[Any] | None) -> None:
        pass

    def _restore(self, before: list[Any] | None) -> None:
        pass


def serve(flags: Mapping[str, Any], kiosk: KioskSettings, web: str, url: str | None = None) -> int:
    """Serve until Ctrl+C, SIGTERM or SIGHUP; the exit code. `kiosk` must not lack anything. Raises
    `CliError`, also where the extra `web` is not installed or the address is not to be had."""
    where = address(web)
    shown = (url or where.url).rstrip("/")
    if urlsplit(shown).scheme not in ("http", "https"):
        raise CliError(exits.USAGE, _("--web-url: a URL is needed: https://kiosk.example"))
    if any(find_spec(name) is None for name in ("textual_serve", "aiohttp")):
        raise CliError(
            exits.USAGE,
            _("--web needs an extra: pip install '{extra}'").format(extra="pm-tui[web]"),
        )
    with _listening(where) as listening:
        complain(_("The kiosk is at {url}; Ctrl+C ends it and every tab.").format(url=shown))
        if not where.is_local and urlsplit(shown).scheme != "https":
            complain(
                _(
                    "Whoever reaches this address can book as a visitor, and nothing is "
                    "encrypted: a network of its own, or a proxy that speaks https."
                )
            )
        return WebKeeper(flags, kiosk, shown, listening).run()


def _listening(where: Address) -> socket.socket:
    """Raises `CliError`."""
    try:
        family = socket.getaddrinfo(where.host, where.port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((where.host, where.port), family=family)
    except OSError as problem:
        text = _("--web: {address} is not to be had: {problem}")
        why = (problem.strerror or "").partition(" (")[0]  # Python names the address once more
        told = text.format(address=f"{where.host}:{where.port}", problem=why)
        raise CliError(exits.USAGE, told) from None
