"""The web server of a kiosk: `python -m pm_tui.cli.kiosk_server SPEC SOCKET`, from its keeper.

SPEC is JSON: the `flags` of the command line, the `url` that browsers ask for, and the descriptor
of the socket to `listen` on, which the keeper holds, so that a browser that asks while the server
starts again is answered a moment later. It ends with its keeper, and on SIGTERM and SIGHUP; every
tab ends with it. Needs the extra `web`, which the keeper has looked for.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from collections.abc import Sequence
from typing import Any

from pm_tui import crash, i18n
from pm_tui.cli.exits import OTHER
from pm_tui.config import load

CHILD = ("-P", "-m", "pm_tui.cli.kiosk_child")


def child_of(flags: dict[str, Any]) -> list[str]:
    """What a tab runs; `flags` are those of the command line."""
    return [sys.executable, *CHILD, json.dumps(flags)]


def main(argv: Sequence[str]) -> int:
    os.umask(0o077)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the keeper's
    spec = json.loads(argv[0])
    settings = load(spec["flags"])
    i18n.use(settings.kiosk.languages[0])
    crash.keep_in(settings.state_dir)
    try:
        from pm_tui.cli.kiosk_site import KioskServer  # takes a moment, and may not be there

        server = KioskServer(child_of(spec["flags"]), spec["url"], settings.kiosk)
        server.run(socket.socket(fileno=spec["listen"]), socket.socket(fileno=int(argv[1])))
    except Exception as error:
        crash.report(error, "the web server of the kiosk ended")
    return OTHER  # nothing ends it in order but its keeper, which does not ask


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
