"""The grammar of the verbs for reports and for files of bookings."""

from __future__ import annotations

import argparse
from typing import Any

from pm_tui.i18n import _
from pm_tui.models.statuses import STATUSES

REPORT_BYS = (
    "department", "employee", "group", "driver", "operator", "city", "status", "day",
)  # fmt: skip
REPORT_FORMATS = ("table", "csv", "csv-de", "json", "xlsx", "html")


def add_ics(verbs: Any, common: argparse.ArgumentParser) -> None:
    verb = verbs.add_parser(
        "ics",
        parents=[common],
        help=_("bookings as a calendar file"),
        description=_(
            "Bookings as a calendar file (iCalendar). A calendar that reads a later one changes "
            "what it knows: cancelled bookings are told as such."
        ),
    )
    verb.add_argument("ids", metavar="ID", nargs="*", help=_("the ids of bookings"))
    verb.add_argument("--all", action="store_true", help=_("every booking that is known"))
    _add_output(verb, required=False)


def add_fleet(verbs: Any, common: argparse.ArgumentParser) -> None:
    verb = verbs.add_parser("fleet", help=_("what the fleet API alone has"))
    actions = verb.add_subparsers(dest="action", required=True, metavar=_("ACTION"))
    export = actions.add_parser(
        "export",
        parents=[common],
        help=_("its billing table (CSV), as it was sent"),
        description=_(
            "Store the billing table of the fleet API as it was sent, byte for byte. "
            "pm-tui report --input FILE sums it."
        ),
    )
    add = export.add_argument
    add("--from", dest="start", metavar="D", required=True, help=_("from this day: 2026-11-01"))
    add("--to", dest="end", metavar="D", required=True, help=_("to this day, which is included"))
    _add_output(export, required=True)


def add_report(verbs: Any, common: argparse.ArgumentParser) -> None:
    verb = verbs.add_parser(
        "report",
        parents=[common],
        help=_("what a month cost, by department, employee, city …"),
        description=_(
            "All bookings made in a period, summed. What was read before is compared and not read "
            "again. Exit code 1, and no file, when the gateway did not tell them all."
        ),
    )
    add = verb.add_argument
    add(
        "period",
        nargs="?",
        metavar=_("PERIOD"),
        help=_("2026-10, 2026-Q3, 2026, this or last (default: last, the month before this one)"),
    )
    add("--from", dest="start", metavar="D", help=_("from this day: 2026-11-01"))
    add("--to", dest="end", metavar="D", help=_("to this day, which is included"))
    add(
        "--input",
        metavar="FILE",
        help=_("sum a table of the fleet API (fleet export) instead; without a period all of it"),
    )
    add("--by", choices=REPORT_BYS, default="department", help=_("default: %(default)s"))
    add(
        "--status",
        type=str.upper,
        choices=(*STATUSES, "ALL"),
        help=_("only those in this state (default: COMPLETED; with --by status: ALL)"),
    )
    add("--compare", action="store_true", help=_("read the period before as well"))
    add(
        "--format",
        choices=REPORT_FORMATS,
        help=_("csv-de is for a German Excel (default: table)"),
    )
    add("--output", metavar="FILE", help=_("write it there, whole or not at all, and say nothing"))
    add(
        "--allow-incomplete",
        action="store_true",
        help=_("exit code 0 although bookings may be missing"),
    )
    verb.add_argument(
        "--yes", action="store_true", help=_("spend the last requests of the month as well")
    )
    verb.add_argument("--json", action="store_true", help=_("one JSON document"))


def _add_output(verb: argparse.ArgumentParser, *, required: bool) -> None:
    verb.add_argument(
        "--output",
        metavar="FILE",
        required=required,
        help=_("write it there, whole or not at all, and say nothing"),
    )
