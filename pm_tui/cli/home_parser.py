"""The grammar of `pm-tui home`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from pm_tui.i18n import _


def add_home(verbs: Any, common: argparse.ArgumentParser) -> None:
    verb = verbs.add_parser("home", help=_("home chargers (ev.energy)"))
    actions = verb.add_subparsers(dest="action", required=True, metavar=_("ACTION"))

    def action(name: str, text: str, more: str = "") -> Any:
        return actions.add_parser(name, parents=[common], help=text, description=more or text)

    listing = action("list", _("list home chargers"))
    listing.add_argument("--user", metavar="U", help=_("only this user's (an id)"))
    listing.add_argument(
        "--expand",
        metavar="F",
        nargs="+",
        help=_("what comes whole instead of as a link (default: all that the table shows)"),
    )
    show = action("show", _("show one home charger"))
    log = action("log", _("what a home charger reported, newest first"))
    log.add_argument(
        "--since", metavar="T", help=_("from this day or time on (default: the last 24 hours)")
    )
    place = action("location", _("set or clear where a home charger stands"))
    off = action(
        "decommission",
        _("take a home charger off ev.energy, for good"),
        _(
            "Take a home charger off ev.energy, for good. It is sent once; when the answer is "
            "lost, the charger is read and nothing is sent again (exit code 8: look again later)."
        ),
    )
    again = action(
        "reconnect",
        _("the link with which its owner connects a home charger anew"),
        _("The link with which its owner connects a home charger anew. It is asked for once."),
    )
    for one in (show, log, place, off, again):
        one.add_argument("id", metavar="ID", help=_("the charger's id, from home list"))
    where = place.add_mutually_exclusive_group(required=True)
    where.add_argument(
        "place", metavar="LAT,LNG", nargs="?", help=_("degrees, such as 52.52,13.41")
    )
    where.add_argument("--clear", action="store_true", help=_("forget it"))
    off.add_argument(
        "--confirm",
        metavar=_("TEXT"),
        help=_("the model's name or the last characters of the id (a terminal is asked)"),
    )
    onboard = action(
        "onboard",
        _("the link with which an employee takes a charger on"),
        _("The link with which an employee takes a charger on, in a browser of their own."),
    )
    onboard.add_argument(
        "--make", metavar="M", required=True, help=_("a make or model, by name or id")
    )
    onboard.add_argument(
        "--user", metavar="U", required=True, help=_("the employee, by id or email")
    )
    for one in (listing, show, log, place, off, again, onboard, *_arrivals(action)):
        one.add_argument("--json", action="store_true", help=_("one JSON document"))


def _arrivals(action: Callable[..., Any]) -> tuple[Any, ...]:
    """The verbs for what ev.energy does not have yet."""
    taking = action(
        "import",
        _("take a home charger on from its maker, by serial number"),
        _(
            "Take a home charger on from its maker, by serial number. It is sent once; when the "
            "answer is lost (exit code 8), home list tells whether it came."
        ),
    )
    names = "ChargePoint, EO, SyncEV, EnelX, Easee, Wallbox, Zaptec"
    taking.add_argument("--provider", metavar="P", required=True, help=names)
    taking.add_argument("--serial", metavar="S", required=True, help=_("the serial number"))
    taking.add_argument("--user", metavar="U", required=True, help=_("whose it is, id or email"))
    fields = _("a field of the request, as ev.energy names it; it says which it misses")
    check = action("check", _("whether ev.energy can have a charger"))
    waitlist = action("waitlist", _("wait for a charger that ev.energy cannot have yet"))
    for one in (check, waitlist):
        one.add_argument("fields", metavar=_("NAME=VALUE"), nargs="+", help=fields)
    return taking, check, waitlist
