"""No verb: the full screen, where there is a screen."""

from __future__ import annotations

import gc
import os
import sys
from argparse import Namespace

from pm_tui import crash, i18n
from pm_tui.cli.exits import USAGE, CliError
from pm_tui.cli.parser import FLAGS
from pm_tui.config import load
from pm_tui.i18n import _


def run(arguments: Namespace) -> int:
    tour: bool = getattr(arguments, "tour", False)
    flags = {name: getattr(arguments, name, None) for name in FLAGS}
    settings = load({**flags, "sandbox": True} if tour else flags)  # it books on the way
    i18n.use(settings.language)
    crash.keep_in(settings.state_dir)
    if not is_terminal():
        raise CliError(
            USAGE,
            _(
                "the full screen needs a terminal. Without one: "
                "pm-tui search, bookings, booking, usage (see pm-tui --help)"
            ),
        )
    # until the first paint nothing is thrown away, and looking for garbage in what Textual and we
    # import and build costs a tenth of it; the app switches the collector on again
    gc.disable()
    from pm_tui.tui.app import run as run_app  # Textual, for the screen alone

    return run_app(settings, tour=tour)


def is_terminal() -> bool:
    """Keys come from stdin and Textual draws on stderr; a redirected stdout says that somebody
    wants text, and a dumb terminal would show escape codes as letters."""
    streams = (sys.stdin, sys.stdout, sys.stderr)
    return all(stream is not None and stream.isatty() for stream in streams) and os.environ.get(
        "TERM", ""
    ) not in ("", "dumb")
