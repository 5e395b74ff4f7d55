"""argparse speaks through the standard library's catalogue, which has no German: lend it ours."""

from __future__ import annotations

import argparse

from pm_tui import i18n
from pm_tui.i18n import N_

# what a user of ours can meet; marked here because the extractor does not read argparse itself
MESSAGES = (
    N_("usage: "),
    N_("options"),
    N_("positional arguments"),
    N_("show this help message and exit"),
    N_("show program's version number and exit"),
    N_("argument %(argument_name)s: %(message)s"),
    N_("expected one argument"),
    N_("expected at least one argument"),
    N_("ignored explicit argument %r"),
    N_("invalid choice: %(value)r (choose from %(choices)s)"),
    N_("not allowed with argument %s"),
    N_("one of the arguments %s is required"),
    N_("the following arguments are required: %s"),
    N_("unrecognized arguments: %s"),
)


def translate_argparse() -> None:
    """argparse reads these two module names at each use; it has no better door."""
    vars(argparse).update(_=i18n._, ngettext=i18n.ngettext)
