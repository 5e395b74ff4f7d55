"""The grammar of `pm-tui kiosk`."""

from __future__ import annotations

import argparse
from typing import Any

from pm_tui.arguments import decimal
from pm_tui.config.kiosk import ASKS
from pm_tui.i18n import _


def add_kiosk(verbs: Any, common: argparse.ArgumentParser) -> None:
    verb = verbs.add_parser(
        "kiosk",
        parents=[common],
        help=_("let visitors at the reception book a charger by themselves"),
        description=_(
            "Show the visitors' pages on this terminal until somebody ends it with the PIN (F10). "
            "It starts again by itself after a crash; set it up first (see setup)."
        ),
    )
    verb.add_argument(
        "--web",
        metavar="[HOST:]PORT",
        help=_("in a browser instead of this terminal; without HOST for this machine alone"),
    )
    verb.add_argument(
        "--web-url", metavar="URL", help=_("with --web: what the browser asks for, behind a proxy")
    )
    actions = verb.add_subparsers(dest="action", metavar="[" + _("ACTION") + "]")
    setup = actions.add_parser(
        "setup",
        parents=[common],
        help=_("write down the site, the desk and the PIN"),
        description=_(
            "Write the table [kiosk] of the configuration file. What is not said stays as it is; "
            "without any option a terminal is asked. Sends nothing."
        ),
    )
    add = setup.add_argument
    site = setup.add_mutually_exclusive_group()
    site.add_argument(
        "--location",
        dest="locations",
        metavar="ID",
        nargs="+",
        help=_("the site's chargers, which a search has shown before"),
    )
    site.add_argument("--point", metavar="LAT,LNG", help=_("where the site is"))
    add("--radius", type=decimal, metavar="KM", help=_("with --point: how far its chargers are"))
    add("--desk", metavar=_("NAME"), help=_("stands in the reference of every booking"))
    add("--pin-stdin", action="store_true", help=_("read the PIN from the standard input"))
    add("--languages", metavar="de,en", help=_("for the visitor; the first one greets"))
    add(
        "--hours",
        metavar=_("HOURS"),
        help=_(
            "when the desk is open: 'mon-fri 07:00-19:00; sat 9:00-13:00', past midnight 'fri "
            "19:00-07:00'; '' is always"
        ),
    )
    add("--longest", type=decimal, metavar=_("HOURS"), help=_("the longest stay (default: 4)"))
    add("--phone", metavar=_("TEXT"), help=_("whom a visitor calls when something goes wrong"))
    add("--ask", choices=ASKS, help=_("what a visitor may leave (default: nothing)"))
    add(
        "--print-command",
        metavar=_("COMMAND"),
        help=_("gets the visitor's slip on its standard input; '' is none"),
    )
