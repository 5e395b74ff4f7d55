"""The command line. `main` answers `--version` itself, so that asking for it imports nothing."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from pm_tui import __version__


def main(argv: Sequence[str] | None = None) -> int:
    """Run `pm-tui`; gives the exit code (see `pm_tui.cli.exits`)."""
    os.umask(0o077)  # whatever is written from here on is the user's alone
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments in (["--version"], ["-V"]):
        print(f"pm-tui {__version__}")
        return 0
    from pm_tui.cli.run import run

    return run(arguments)
