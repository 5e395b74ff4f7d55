"""`pm-tui report`: what a period cost, by department, employee, city …; fit for cron."""

from __future__ import annotations

import asyncio
import sys
from argparse import Namespace
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from pm_tui import formats
from pm_tui.cli import asking, common, exits
from pm_tui.cli.bookings import day_of
from pm_tui.cli.exits import CliError
from pm_tui.cli.output import Column, complain, document, layout, table
from pm_tui.config import ConfigError, Settings
from pm_tui.i18n import _
from pm_tui.models.result import Result
from pm_tui.services import report_files, report_words
from pm_tui.services.files import write_private
from pm_tui.services.fleet import opened, zone_of
from pm_tui.services.report import COMPLETED, Report
from pm_tui.services.report_files import Format
from pm_tui.services.report_period import Period, PeriodError
from pm_tui.services.report_read import Progress
from pm_tui.services.report_reference import PatternError, Reader
from pm_tui.services.report_rows import By
from pm_tui.services.report_save import Opener, as_file
from pm_tui.services.report_xlsx import NoLibrary

if TYPE_CHECKING:
    from pm_tui.services.session import Session

ALL = "ALL"
Form = Format | Literal["table"]


@dataclass(frozen=True, slots=True)
class Made:
    """A report and, where a format wants it, the file made of it."""

    result: Result[Report]
    body: bytes | None


def run(arguments: Namespace) -> int:
    settings = common.settings_of(arguments)
    from_file = arguments.input is not None
    zone = zone_of(settings) if from_file else settings.report_zone
    period = period_of(arguments, zone)
    form = form_of(arguments)
    if form == "xlsx" and arguments.output is None:
        raise CliError(exits.USAGE, _("a workbook needs --output FILE."))
    try:
        Reader(settings.reports.patterns)
    except PatternError as wrong:
        raise ConfigError(f"{settings.sources['report']} patterns: {wrong}") from None
    if from_file:
        made = _of_file(settings, arguments, period, form)
    else:
        made = common.ask(settings, lambda session: _make(session, arguments, period, form))
    common.tell_problem(made.result)
    report = made.result.value
    whole = report.complete or arguments.allow_incomplete
    for problem in report.problems:
        complain(_("INCOMPLETE: {problem}").format(problem=problem))
    _write(made, form, arguments.output, whole)
    return exits.DONE if whole else exits.OTHER


def form_of(arguments: Namespace) -> Form:
    """Raises `CliError` for two forms at once."""
    told: Form | None = arguments.format
    if arguments.json and told not in (None, "json"):
        text = _("--json or --format {form}: one of them.")
        raise CliError(exits.USAGE, text.format(form=told))
    return "json" if arguments.json else told or "table"


def period_of(arguments: Namespace, zone: ZoneInfo) -> Period:
    """What was asked for: a period by name, or days; else the month before this one. Raises
    `CliError`."""
    first, last = day_given("--from", arguments.start), day_given("--to", arguments.end)
    try:
        if first is None and last is None:
            return Period.read(arguments.period or "last", zone, common.now())
        if arguments.period is not None or first is None or last is None:
            raise CliError(exits.USAGE, _("a period, or --from and --to."))
        return Period.range(first, last, zone)
    except PeriodError as wrong:
        raise CliError(exits.USAGE, str(wrong)) from None


def day_given(flag: str, text: str | None) -> date | None:
    """The day behind an option. Raises `CliError`."""
    if text is None:
        return None
    try:
        found = day_of(text)
    except ValueError:
        found = None
    if found is None:
        raise CliError(exits.USAGE, _("{flag}: a day is needed: 2026-11-01").format(flag=flag))
    return found


async def _make(session: Session, arguments: Namespace, period: Period, form: Form) -> Made:
    by: By = arguments.by
    status = status_of(arguments.status, by)
    teller, spender = _Teller(), _Spender(session, yes=arguments.yes)
    try:
        result = await session.report(
            period,
            by,
            status=status,
            compare=arguments.compare,
            on_progress=teller.tell,
            may_ask=spender.may_spend,
        )
    finally:
        teller.end()
    return await _as_made(session, result, form)


def _of_file(settings: Settings, arguments: Namespace, period: Period, form: Form) -> Made:
    """The same of a table of the fleet API; without a period of all that is in it."""
    from pm_tui.services.fleet_table import FleetError

    path = Path(arguments.input).expanduser()
    try:
        file = opened(path, settings)
    except FleetError as wrong:
        raise CliError(exits.OTHER, f"{path}: {wrong}") from None
    if arguments.period is None and arguments.start is None:
        period = file.period
    result = file.report(period, arguments.by, status_of(arguments.status, arguments.by))
    return asyncio.run(_as_made(file, result, form))


async def _as_made(account: Opener, result: Result[Report], form: Form) -> Made:
    if form == "table":
        return Made(result, None)
    try:
        return Made(result, await as_file(account, result, form))
    except NoLibrary as missing:
        raise CliError(exits.OTHER, str(missing)) from None


def status_of(given: str | None, by: By) -> str | None:
    """Which bookings count: the completed ones, as the API's guide sums them, unless another state
    or all are asked for; by status all do."""
    if given is None:
        return None if by == "status" else COMPLETED
    return None if given == ALL else given


class _Spender:
    """The month's last requests are for bookings, unless a person says otherwise; asked once."""

    def __init__(self, session: Session, *, yes: bool) -> None:
        self._session = session
        self._agreed: bool | None = True if yes else None if asking.can_ask() else False

    async def may_spend(self) -> bool:
        if self._agreed is None:
            question = _("{n} requests are left this month. Spend them on the report?")
            try:
                asking.confirm(
                    question.format(n=formats.number(self._session.month_left)), yes=False
                )
                self._agreed = True
            except CliError:
                self._agreed = False
        return self._agreed


class _Teller:
    """One line on a terminal that is written again and again; nothing anywhere else."""

    def __init__(self) -> None:
        self._shows = sys.stderr.isatty()
        self._told = False

    def tell(self, progress: Progress) -> None:
        if self._shows:
            self._told = True
            text = report_words.progress(progress)
            print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        """Leave the line empty for what is said next."""
        if self._told:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def _write(made: Made, form: Form, output: str | None, whole: bool) -> None:
    """To the file, in one step, or to stdout. No file is replaced by one that lacks something."""
    if output is not None:
        body = made.body
        if body is None:
            body = "".join(f"{line}\n" for line in _lines(made.result)).encode()
        if whole:
            write_private(Path(output).expanduser(), body)
        else:
            complain(_("{path} was not written (--allow-incomplete writes it)").format(path=output))
        return
    if form == "json":
        document(report_files.as_document(made.result))
    elif made.body is not None:
        sys.stdout.flush()
        sys.stdout.buffer.write(made.body)
    else:
        _print(made.result)


def _print(result: Result[Report]) -> None:
    report = result.value
    print(_head(result))
    if report.rows:
        table(_columns(report), _table_rows(report))
    for line in report_words.notes(report)[len(report.problems) :]:
        print(line)
    for line in _below(report):
        print(line)


def _lines(result: Result[Report]) -> list[str]:
    report = result.value
    return [
        _head(result),
        *layout(_columns(report), _table_rows(report), None),
        *report_words.notes(report),
        *_below(report),
    ]


def _below(report: Report) -> list[str]:
    lines = [*report_words.cap_lines(report), *report_words.anomaly_lines(report)]
    return [*lines, *filter(None, [report_words.also_counted(report)])]


def _head(result: Result[Report]) -> str:
    report = result.value
    period = report_words.period_words(report.period)
    head = f"{period} ({report.period.zone.key}), {report_words.counted_words(report)}"
    if not report.has_begun:
        return head
    head += f", {common.origin_of(result)}"
    if result.origin == "cache" and report.latest is not None:
        newest = formats.age(Result(report, "cache", report.latest).age(common.now()))
        if newest != formats.age(result.age(common.now())):
            head += ", " + _("the newest part {age} old").format(age=newest)
    return head


def _columns(report: Report) -> tuple[Column, ...]:
    columns = [
        Column(report_words.by_word(report.by).upper(), shrinks=True),
        Column(_("BOOKINGS"), right=True),
        Column(_("NO PRICE"), right=True, drops=1),
        Column(_("TOTAL"), right=True),
    ]
    if report.previous is not None:
        columns.append(Column(_("CHANGE"), right=True, drops=2))
    return tuple(columns)


def _table_rows(report: Report) -> list[tuple[str, ...]]:
    rows = [
        (
            report_words.label(row.key, report.by),
            formats.number(row.bookings),
            formats.number(row.unpriced) if row.unpriced else "",
            formats.money(row.total, row.currency),
            report_words.change(row),
        )
        for row in report.rows
    ]
    for one in report.totals:
        change = formats.UNKNOWN
        if report.previous is not None:
            change = report_words.signed(
                one.total - report.previous.get(one.currency, one.total * 0), one.currency
            )
        rows.append(
            (
                _("Total"),
                formats.number(one.bookings),
                formats.number(one.unpriced) if one.unpriced else "",
                formats.money(one.total, one.currency),
                change,
            )
        )
    width = 4 if report.previous is None else 5
    return [row[:width] for row in rows]
