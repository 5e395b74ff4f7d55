"""`pm-tui sandbox`, or `python -m pm_tui.sandbox`: start, say where, serve until interrupted."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pm_tui.i18n import _
from pm_tui.sandbox.options import Options, add_arguments

if TYPE_CHECKING:
    from pm_tui.sandbox.stations import Network

_DAMAGED = (11, 26)  # SQLITE_CORRUPT, SQLITE_NOTADB


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="pm-tui sandbox", description=_("Serve the Agent API on loopback, to try it out.")
    )
    add_arguments(parser)
    return run(parser.parse_args(argv))


def load_network(stations: Path | None, seed: int) -> Network:
    """Raises `OSError`, `EOFError` or `ValueError` when the file cannot be read."""
    if stations is not None:
        from pm_tui.sandbox.register import RegisterNetwork

        return RegisterNetwork(stations, seed)
    from pm_tui.sandbox.network import GeneratedNetwork

    return GeneratedNetwork(seed)


Loader = Callable[[Path | None, int], "Network"]


def run(namespace: argparse.Namespace, load: Loader = load_network) -> int:
    """Serve until SIGINT or SIGTERM. 0 after a clean end, 1 when the start failed."""
    try:
        return _run(Options.of(namespace), load)
    except KeyboardInterrupt:  # while starting; later the server's own handler takes it
        return 0


def _run(options: Options, load: Loader) -> int:
    import asyncio
    import sqlite3

    from pm_tui.sandbox.gateway import Gateway
    from pm_tui.sandbox.serve import listen, serve

    try:
        public = listen(options.port)
    except OSError as problem:
        where = f"127.0.0.1:{options.port}"
        return _fail(_("cannot listen on {where}: {problem}"), where, problem)
    with public:
        try:
            network = load(options.stations, options.seed)
        except (OSError, EOFError, ValueError) as problem:
            return _fail(
                _("cannot read the stations {where}: {problem}"), options.stations, problem
            )
        try:
            gateway = Gateway.open(options, network)
        except (OSError, sqlite3.Error) as problem:
            if options.state and getattr(problem, "sqlite_errorcode", 0) in _DAMAGED:
                text = _("{where} is damaged ({problem}). Move it away: all in it was invented.")
                return _fail(text, options.state / "sandbox.db", problem)
            return _fail(
                _("cannot use the state folder {where}: {problem}"), options.state, problem
            )
        try:
            asyncio.run(serve(gateway, public))
        finally:
            gateway.store.close()
    return 0


def _fail(message: str, where: object, problem: Exception) -> int:
    reason = getattr(problem, "strerror", None) or str(problem) or type(problem).__name__
    line = " ".join(message.format(where=where, problem=reason).split())
    sys.stderr.write(f"pm-tui sandbox: {line}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
