"""From arguments to an exit code: pick the language, parse, run the verb, explain what failed."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Sequence
from importlib import import_module

from pm_tui import i18n
from pm_tui.cli import exits
from pm_tui.cli.parser import build
from pm_tui.cli.texts import translate_argparse

# each module has `run(arguments) -> int`; only the one asked for is imported
VERBS = {
    None: "pm_tui.cli.screen",
    "search": "pm_tui.cli.search",
    "watch-free": "pm_tui.cli.watch_free",
    "bookings": "pm_tui.cli.bookings",
    "booking": "pm_tui.cli.booking",
    "book": "pm_tui.cli.book",
    "cancel": "pm_tui.cli.cancel",
    "rebook": "pm_tui.cli.rebook",
    "recover": "pm_tui.cli.recover",
    "doctor": "pm_tui.cli.doctor",
    "favourites": "pm_tui.cli.favourites",
    "home": "pm_tui.cli.home",
    "ics": "pm_tui.cli.ics",
    "kiosk": "pm_tui.cli.kiosk",
    "cache": "pm_tui.cli.cache",
    "report": "pm_tui.cli.report",
    "fleet": "pm_tui.cli.fleet",
    "usage": "pm_tui.cli.usage",
    "config": "pm_tui.cli.config_verb",
    "completion": "pm_tui.cli.completion",
    "man": "pm_tui.cli.man",
    "sandbox": "pm_tui.sandbox.__main__",
}


def run(argv: Sequence[str]) -> int:
    """The exit code; whatever fails is explained in one line on stderr."""
    i18n.use(early_language(argv))
    translate_argparse()
    _survive_any_encoding()
    try:
        code = _run_verb(argv)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return exits.INTERRUPTED
    except BrokenPipeError:
        # the reader left; what is still buffered must not fail again when Python ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return exits.BROKEN_PIPE
    except Exception as error:  # the last line of defence: one line and a code, never a traceback
        return _complain(error)
    return code


def early_language(argv: Sequence[str]) -> str:
    """The language before anything is parsed: help and usage errors are read in it."""
    for position, given in enumerate(argv):
        if given == "--language":
            return "".join(argv[position + 1 : position + 2])
        if given.startswith("--language="):
            return given.partition("=")[2]
    return os.environ.get("PM_TUI_LANGUAGE") or i18n.preferred()


def _run_verb(argv: Sequence[str]) -> int:
    try:
        arguments: Namespace = build().parse_args(argv)
    except SystemExit as end:  # argparse's way to say that it printed the help
        return end.code if isinstance(end.code, int) else exits.DONE
    code: int = import_module(VERBS[arguments.verb]).run(arguments)
    return code


def _complain(error: Exception) -> int:
    from pm_tui.cli.output import complain

    code, text = exits.explain(error)
    complain(text)
    return code


def _survive_any_encoding() -> None:
    """A terminal that cannot show a letter gets a question mark, not a traceback."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="replace")
