"""The grammar of the command line; nothing here imports what a verb needs to do its work."""

from __future__ import annotations

import argparse
from typing import Any, NoReturn

from pm_tui import __version__
from pm_tui.arguments import count, decimal
from pm_tui.cli.exits import MEANINGS, USAGE, CliError
from pm_tui.cli.home_parser import add_home
from pm_tui.cli.kiosk_parser import add_kiosk
from pm_tui.cli.report_parser import add_fleet, add_ics, add_report
from pm_tui.i18n import LANGUAGES, _
from pm_tui.models.statuses import STATUSES
from pm_tui.sandbox.options import add_arguments as add_sandbox_arguments

PLUG_WORDS = ("ccs", "type2", "chademo", "type1", "ccs1", "tesla", "schuko")
SORTS = ("distance", "price", "power", "name", "operator")
STRATEGIES = ("driver_token", "group_token", "ad_hoc", "pipelet")
SHELLS = ("bash", "zsh", "fish")
# setting -> argparse's name of it: what `config.load` takes as flags
FLAGS = (
    "profile",
    "config",
    "base_url",
    "cache_dir",
    "timezone",
    "language",
    "theme",
    "ascii",
    "offline",
    "sandbox",
    "memory",
    "lean",
    "mouse",
    "search_age",
)


class Parser(argparse.ArgumentParser):
    """argparse with errors of one line, and every option spelt out (a script that abbreviates
    breaks with the next option)."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_abbrev=False, **options)

    def error(self, message: str) -> NoReturn:
        raise CliError(
            USAGE, _("{message} (see {prog} --help)").format(message=message, prog=self.prog)
        )


def build() -> Parser:
    common = _common()
    parser = Parser(
        prog="pm-tui",
        parents=[common],
        description=_("Find, book and watch EV chargers. Without a verb the full screen opens."),
        epilog=_("Exit codes: {codes}.").format(
            codes=", ".join(f"{code} {_(meaning)}" for code, meaning in MEANINGS)
        ),
    )
    parser.add_argument(
        "-V",
        "--version",
        action="version",
        version=f"pm-tui {__version__}",
        help=_("show program's version number and exit"),  # not every argparse translates its own
    )
    parser.add_argument(
        "--tour",
        action="store_true",
        default=argparse.SUPPRESS,
        help=_("the full screen with a tour of six steps, in the sandbox"),
    )
    parser.set_defaults(verb=None)
    verbs = parser.add_subparsers(dest="verb", metavar=_("VERB"), title=_("verbs"))
    _add_search(verbs, common)
    _add_watch_free(verbs, common)
    _add_bookings(verbs, common)
    _add_book(verbs, common)
    _add_cancel(verbs, common)
    _add_rebook(verbs, common)
    _add_recover(verbs, common)
    add_ics(verbs, common)
    _add_favourites(verbs, common)
    add_home(verbs, common)
    add_kiosk(verbs, common)
    _add_cache(verbs, common)
    add_report(verbs, common)
    add_fleet(verbs, common)
    _add_usage(verbs, common)
    _add_doctor(verbs, common)
    _add_config(verbs, common)
    _add_completion(verbs)
    verbs.add_parser("man", help=_("print the manual page (troff): pm-tui man | man -l -"))
    sandbox = verbs.add_parser(
        "sandbox",
        help=_("serve a gateway to try it all on"),
        description=_(
            "Serve the Agent API on loopback until interrupted; the first line of the output "
            "is JSON with the base URL and the key."
        ),
    )
    add_sandbox_arguments(sandbox)
    return parser


def _common() -> argparse.ArgumentParser:
    """The flags that go before or after a verb. Those not given leave no trace (SUPPRESS), or
    the verb's default would undo what was said before it."""
    parser = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    group = parser.add_argument_group(_("everywhere"))
    add = group.add_argument
    add("--profile", metavar=_("NAME"), help=_("the profile of the configuration to use"))
    add("--config", metavar="FILE", help=_("the configuration file"))
    add("--base-url", metavar="URL", help=_("where the API answers"))
    add("--cache-dir", metavar="DIR", help=_("where answers are remembered"))
    add("--timezone", metavar=_("ZONE"), help=_("your time zone, such as Europe/Berlin"))
    add("--language", choices=LANGUAGES, help=_("the language of texts"))
    add("--offline", action="store_true", help=_("send nothing; show what is remembered"))
    add("--sandbox", action="store_true", help=_("use a sandbox started for this run"))
    add("--theme", metavar=_("NAME"), help=_("the theme of the full screen"))
    add("--ascii", action="store_true", help=_("borders and marks of ASCII alone"))
    add(
        "--search-age",
        metavar=_("TIME"),
        help=_("how long the full screen answers a search from memory first (default: 5 min)"),
    )
    add(
        "--no-memory",
        dest="memory",
        action="store_false",
        help=_("neither recall nor keep how the full screen was left"),
    )
    add(
        "--lean",
        action=argparse.BooleanOptionalAction,
        help=_("fewer bytes to the terminal (by itself over SSH)"),
    )
    add("--no-mouse", dest="mouse", action="store_false", help=_("leave the mouse alone"))
    return parser


def _add_window(add: Any, start: str) -> None:
    add("--from", dest="start", metavar="T", help=start)
    add("--to", dest="end", metavar="T", help=_("end; +2h counts from the start"))


def _add_search(verbs: Any, common: argparse.ArgumentParser) -> None:
    verb = verbs.add_parser(
        "search",
        parents=[common],
        help=_("find chargers"),
        description=_("Find chargers around a place, nearest first, or along a way."),
    )
    add = verb.add_argument
    add(
        "place",
        nargs="*",
        metavar=_("PLACE|LAT,LNG"),
        help=_("a town or district, or coordinates (52.52,13.41)"),
    )
    add(
        "--route",
        default="",
        metavar="'A > B > C'",
        help=_("along the straight legs between places; @100 behind it: at so many km/h"),
    )
    add("--radius", type=decimal, default=25.0, metavar="KM", help=_("default: %(default)g"))
    add("--connector", metavar="T", help=_("ccs, type2, chademo … or the API's own code"))
    add("--min-power", type=decimal, metavar="KW", help=_("the least power"))
    _add_window(add, _("start of a window, in the chargers' local time: 14:30, +2h, tomorrow 9"))
    add("--reservable", action="store_true", help=_("only what can be reserved"))
    add("--operator", default="", metavar=_("NAME"), help=_("only this operator (part of name)"))
    add("--sort", choices=SORTS, default="distance", help=_("default: %(default)s"))
    add("--limit", type=count, metavar="N", help=_("show at most so many"))
    _add_yes(verb)
    _add_json(verb)


def _add_watch_free(verbs: Any, common: argparse.ArgumentParser) -> None:
    verb = verbs.add_parser(
        "watch-free",
        parents=[common],
        help=_("wait until a charger is free"),
        description=_(
            "Wait until a charging point of a location is free, then end with 0; with 9 when the "
            "time or the requests are used up. Only what the server says now counts."
        ),
    )
    add = verb.add_argument
    add("location_id", metavar="LOCATION_ID", help=_("from a search"))
    add("evse_uid", metavar="EVSE_UID", nargs="?", help=_("this charging point only"))
    add("--connector", metavar="T", help=_("ccs, type2, chademo … or the API's own code"))
    add("--min-power", type=decimal, metavar="KW", help=_("the least power"))
    add("--for", dest="length", default="2h", metavar=_("TIME"), help=_("default: %(default)s"))
    add(
        "--requests",
        type=count,
        default=60,
        metavar="N",
        help=_("ask at most so often (default: %(default)s)"),
    )
    _add_json(verb)


def _add_bookings(verbs: Any, common: argparse.ArgumentParser) -> None:
    verb = verbs.add_parser("bookings", parents=[common], help=_("list bookings"))
    add = verb.add_argument
    add("--status", type=str.upper, choices=STATUSES, help=_("only those in this state"))
    add("--since", metavar="D", help=_("made on this day or later: 2026-11-01"))
    add("--until", metavar="D", help=_("made on this day or earlier"))
    _add_json(verb)
    one = verbs.add_parser("booking", parents=[common], help=_("show one booking"))
    one.add_argument("id", metavar="ID", help=_("the booking's id"))
    one.add_argument("--watch", action="store_true", help=_("follow it until it is decided"))
    _add_json(one)


def _add_book(verbs: Any, common: argparse.ArgumentParser) -> None:
    verb = verbs.add_parser(
        "book",
        parents=[common],
        help=_("book a charging point"),
        description=_(
            "Book a charging point. It is sent once; when the answer is lost, it is looked for "
            "and never sent again (exit code 8: pm-tui recover)."
        ),
    )
    add = verb.add_argument
    add("location_id", metavar="LOCATION_ID", nargs="?", help=_("from a search"))
    add(
        "evse_uid",
        metavar="EVSE_UID",
        nargs="?",
        help=_("the charging point (EVSE), from a search"),
    )
    _add_window(add, _("start, in the charger's local time: 14:30, +2h, tomorrow 9"))
    add(
        "--batch",
        metavar="FILE",
        help=_(
            "book every row of a table (CSV) instead, times without a zone being the charger's; "
            "what became of each is written beside it"
        ),
    )
    add("--connector-id", metavar="ID", help=_("the connector on the charging point"))
    add("--external-id", metavar="ID", help=_("your own reference (default: one is made)"))
    add("--strategy", choices=STRATEGIES, help=_("whose token opens the charger"))
    payer = verb.add_mutually_exclusive_group()
    payer.add_argument("--customer-id", metavar="ID", help=_("with driver_token: the driver"))
    payer.add_argument("--token-id", metavar="ID", help=_("with driver_token: their token"))
    payer.add_argument("--fleet-group-id", metavar="ID", help=_("with group_token: the group"))
    payer.add_argument("--token-uid", metavar="HEX", help=_("with pipelet: your own token"))
    add("--wait", action="store_true", help=_("until the operator has decided"))
    _add_yes(verb)
    _add_json(verb)


def _add_cancel(verbs: Any, common: argparse.ArgumentParser) -> None:
    verb = verbs.add_parser("cancel", parents=[common], help=_("cancel a booking"))
    add = verb.add_argument
    add("id", metavar="ID", help=_("the booking's id"))
    add("--reason", metavar=_("TEXT"), default="", help=_("told to the operator"))
    _add_yes(verb)
    _add_json(verb)


def _add_rebook(verbs: Any, common: argparse.ArgumentParser) -> None:
    verb = verbs.add_parser(
        "rebook",
        parents=[common],
        help=_("move a booking to another time or charging point"),
        description=_(
            "Book the new time first and cancel the old one when the new one is confirmed. What "
            "was interrupted goes on when it is asked for again."
        ),
    )
    add = verb.add_argument
    add("id", metavar="ID", help=_("the booking's id"))
    _add_window(add, _("start, in the charger's local time: 14:30, +2h, tomorrow 9"))
    add("--evse", metavar="UID", help=_("another charging point of the location"))
    _add_yes(verb)
    _add_json(verb)


def _add_recover(verbs: Any, common: argparse.ArgumentParser) -> None:
    verb = verbs.add_parser(
        "recover",
        parents=[common],
        help=_("find out what became of bookings without an answer"),
        description=_(
            "Look for bookings and cancellations whose answer was lost, twice, with a minute "
            "between. Nothing is sent again."
        ),
    )
    add = verb.add_argument
    add(
        "--give-up",
        metavar="ID",
        action="append",
        default=[],
        help=_("this one did not happen: you have looked, and it may be booked anew"),
    )
    _add_json(verb)


def _add_favourites(verbs: Any, common: argparse.ArgumentParser) -> None:
    verb = verbs.add_parser("favourites", help=_("list, export and import favourites"))
    actions = verb.add_subparsers(dest="action", required=True, metavar=_("ACTION"))
    listing = actions.add_parser(
        "list", parents=[common], help=_("chargers and searches, as last seen; sends nothing")
    )
    out = actions.add_parser("export", parents=[common], help=_("write them all to a file (JSON)"))
    into = actions.add_parser(
        "import", parents=[common], help=_("add those of such a file; nothing is lost")
    )
    for action in (out, into):
        action.add_argument("file", metavar="FILE")
    for action in (listing, out, into):
        _add_json(action)


def _add_cache(verbs: Any, common: argparse.ArgumentParser) -> None:
    verb = verbs.add_parser("cache", help=_("what is remembered, and forgetting it"))
    actions = verb.add_subparsers(dest="action", required=True, metavar=_("ACTION"))
    info = actions.add_parser(
        "info", parents=[common], help=_("how much, how old, how big and where")
    )
    prune = actions.add_parser(
        "prune",
        parents=[common],
        help=_("forget old searches and chargers; never bookings and favourites"),
    )
    prune.add_argument(
        "--older-than",
        type=count,
        required=True,
        metavar=_("DAYS"),
        help=_("what was last told so many days ago or earlier"),
    )
    clear = actions.add_parser(
        "clear",
        parents=[common],
        help=_("forget all searches and chargers; never bookings and favourites"),
    )
    _add_yes(clear)
    clear.add_argument(
        "--memory",
        dest="person",
        action="store_true",
        help=_("also how the full screen was left, the last search and drafts of bookings"),
    )
    for action in (info, prune, clear):
        _add_json(action)


def _add_usage(verbs: Any, common: argparse.ArgumentParser) -> None:
    verb = verbs.add_parser("usage", parents=[common], help=_("what is left of the quota"))
    _add_json(verb)


def _add_doctor(verbs: Any, common: argparse.ArgumentParser) -> None:
    verb = verbs.add_parser(
        "doctor", parents=[common], help=_("whether everything is in order, and what is not")
    )
    _add_json(verb)


def _add_config(verbs: Any, common: argparse.ArgumentParser) -> None:
    verb = verbs.add_parser("config", help=_("show the settings in force"))
    actions = verb.add_subparsers(dest="action", required=True, metavar=_("ACTION"))
    show = actions.add_parser(
        "show", parents=[common], help=_("every setting, its value and where it is from")
    )
    _add_json(show)
    keys = actions.add_parser(
        "keys",
        parents=[common],
        help=_("every key and its id; checks keys of your own"),
    )
    _add_json(keys)
    actions.add_parser("path", parents=[common], help=_("the path of the configuration file"))
    actions.add_parser("example", help=_("a commented configuration file"))


def _add_completion(verbs: Any) -> None:
    verb = verbs.add_parser("completion", help=_("print a completion script for a shell"))
    verb.add_argument("shell", choices=SHELLS)


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help=_("one JSON document"))


def _add_yes(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--yes", action="store_true", help=_("do not ask"))
