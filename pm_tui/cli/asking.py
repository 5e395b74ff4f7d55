"""What is said to a person at a terminal, and asked; a script hears nothing of it."""

from __future__ import annotations

import sys

from pm_tui.cli import exits
from pm_tui.cli.exits import CliError
from pm_tui.cli.output import complain
from pm_tui.i18n import _
from pm_tui.models.text import clean


def can_ask() -> bool:
    """Whether a person sits at both ends of a question."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def confirm(question: str, *, yes: bool, otherwise: str = "") -> None:
    """Ask on a terminal unless `yes`; a script has said what it wants by calling us. Raises
    `CliError` for a no, which says `otherwise`."""
    if yes or not can_ask():
        return
    print(f"{clean(question, 1000)} [{_('y/N')}] ", end="", file=sys.stderr, flush=True)
    answer = sys.stdin.readline().strip().casefold()
    # the letter of the language in force, and the English one everywhere
    if not answer or answer[0] not in {"y", _("y/N")[0].casefold()}:
        raise CliError(exits.OTHER, otherwise or _("not confirmed; nothing was sent."))


def progress(text: str) -> None:
    """Say what is being waited for."""
    if sys.stderr.isatty():
        complain(text)
