"""The kiosk itself, as the keeper starts it: `python -m pm_tui.cli.kiosk_child FLAGS [SOCKET]`.

Exit code 0: ended by its PIN. Whatever else happens, it says nothing on the terminal: a visitor
stands there.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from collections.abc import Sequence

from pm_tui import crash, i18n
from pm_tui.cli.exits import OTHER
from pm_tui.config import load


def main(argv: Sequence[str]) -> int:
    os.umask(0o077)
    # until the driver sees to it, and for a driver that does not
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP):
        signal.signal(number, signal.SIG_IGN)
    try:
        settings = load(json.loads(argv[0]))
        i18n.use(settings.kiosk.languages[0])
        crash.keep_in(settings.state_dir)
        keeper = socket.socket(fileno=int(argv[1])) if len(argv) > 1 else None
        from pm_tui.tui.kiosk.run import run

        return run(settings, keeper)
    except Exception as error:
        crash.report(error, "the kiosk ended")
        return OTHER


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
