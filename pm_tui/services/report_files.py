"""A report as a file: JSON, CSV for programs, CSV for a German Excel, and an HTML page.

What came from outside is text there and nothing else: a cell that a spreadsheet would take for a
formula gets an apostrophe before it, and HTML is escaped. `report_xlsx` makes the workbook.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from decimal import Decimal
from html import escape
from typing import Literal

from pm_tui import formats, i18n
from pm_tui.i18n import _
from pm_tui.models.json import JsonObject, dumps
from pm_tui.models.result import Result
from pm_tui.models.text import clean, visible_id
from pm_tui.models.times import wire_time
from pm_tui.services import caps
from pm_tui.services.caps import Budget
from pm_tui.services.report import Report, Row
from pm_tui.services.report_words import (
    also_counted,
    by_word,
    counted_words,
    label,
    notes,
    period_words,
)

Format = Literal["csv", "csv-de", "json", "xlsx", "html"]
FORMATS: tuple[Format, ...] = ("csv", "csv-de", "json", "xlsx", "html")
# of any script: LibreOffice takes the wide ones for the narrow ones
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
_NAMED = 10  # bookings of an anomaly that the page names
_FIELDS = (
    "period",
    "by",
    "key",
    "currency",
    "bookings",
    "unpriced",
    "total",
    "previous",
    "complete",
    "until",
    "over",
)


def guarded(text: str) -> str:
    """`text` for a cell: one line, and no formula in any spreadsheet (OWASP, CSV injection)."""
    text = clean(text)
    return "'" + text if text.startswith(_FORMULA) else text


def as_document(result: Result[Report]) -> JsonObject:
    """The stable document. `complete` is that nothing is missing up to `until` (null: the period
    has not begun); only what is `over` as well is the whole period. With several currencies there
    is no one total: then `currency` and `total` are null, `totals` has each and every row says its
    own."""
    report = result.value
    several = len(report.totals) > 1
    one = report.totals[0] if len(report.totals) == 1 else None
    document: JsonObject = {
        "period": {
            "from": wire_time(report.period.start),
            "to": wire_time(report.period.end),
            "zone": report.period.zone.key,
        },
        "complete": report.complete,
        "origin": result.origin,
        "fetched_at": wire_time(result.fetched_at),
        "currency": one.currency if one else None,
        "total": None if several else str(one.total if one else Decimal("0.00")),
        "bookings": report.bookings,
        "unpriced": report.unpriced,
        "rows": [_row(row, several) for row in _real(report)],
        "anomalies": [
            {"kind": one.kind, "reason": one.reason, "bookings": list(one.ids)}
            for one in report.anomalies
        ],
        "caps": [_cap(one) for one in report.caps],
        "until": wire_time(report.until) if report.has_begun else None,
        "over": report.is_over,
    }
    if several:
        document["totals"] = {str(t.currency or ""): str(t.total) for t in report.totals}
    return document


def _row(row: Row, several: bool) -> JsonObject:
    told: JsonObject = {
        "key": row.key.name,
        "bookings": row.bookings,
        "unpriced": row.unpriced,
        "total": str(row.total),
    }
    return {**told, "currency": row.currency} if several else told


def _cap(one: Budget) -> JsonObject:
    return {
        "kind": one.kind,
        "name": one.name,
        "currency": one.currency,
        "limit": str(one.limit),
        "used": str(one.used),
        "left": str(one.left),
        "forecast": None if one.forecast is None else str(one.forecast),
        "level": one.level,
        "bookings": one.bookings,
        "unpriced": one.unpriced,
        "other_currency": one.foreign,
    }


def _real(report: Report) -> list[Row]:
    """The rows of this period; those that stand there for the comparison alone are not its."""
    return [row for row in report.rows if row.bookings]


def as_json(result: Result[Report]) -> bytes:
    return dumps(as_document(result)).encode() + b"\n"


def as_csv(result: Result[Report]) -> bytes:
    """RFC 4180: commas, points, CRLF, UTF-8; field names and special keys as in JSON. The rows add
    up to the total, so that there is no row of it."""
    return _table(_FIELDS, _cells(result.value, german=False), ",").encode()


def as_german_csv(result: Result[Report]) -> bytes:
    """For a double click in a German Excel: semicolons, decimal commas, a byte order mark."""
    titles = (
        _("Period"), _("By"), by_word(result.value.by), _("Currency"), _("Bookings"),
        _("Without a price"), _("Total"), _("Period before"), _("Complete"), _("Read until"),
        _("Period over"),
    )  # fmt: skip
    text = _table(titles, _cells(result.value, german=True), ";")
    return text.encode("utf-8-sig")


def _cells(report: Report, *, german: bool) -> list[list[str]]:
    def amount(value: Decimal | None) -> str:
        text = "" if value is None else str(value)
        return text.replace(".", ",") if german else text

    def words(yes: bool) -> str:
        if german:
            return _("yes") if yes else _("no")
        return "true" if yes else "false"

    reach = (_until(report, german=german), words(report.is_over))
    rows = [
        [
            report.period.name,
            by_word(report.by) if german else report.by,
            guarded(label(row.key, report.by) if german and report.by != "day" else row.key.name),
            row.currency or "",
            str(row.bookings),
            str(row.unpriced),
            amount(row.total),
            amount(row.before),
            words(report.complete),
            *reach,
        ]
        for row in report.rows
    ]
    empty = [""] * 5
    loud = [f"INCOMPLETE: {clean(one, 500)}" for one in report.problems]
    return rows + [
        [report.period.name, report.by, one, *empty, words(False), *reach] for one in loud
    ]


def _until(report: Report, *, german: bool) -> str:
    """UTC as on the wire; for a German Excel as it reads a time, in the report's zone."""
    if not report.has_begun:
        return ""
    local = report.until.astimezone(report.zone)
    return f"{local:%d.%m.%Y %H:%M}" if german else wire_time(report.until)


def _table(titles: Sequence[str], rows: Sequence[Sequence[str]], delimiter: str) -> str:
    text = io.StringIO()
    out = csv.writer(text, delimiter=delimiter, lineterminator="\r\n")
    out.writerow(titles)
    out.writerows(rows)
    return text.getvalue()


def as_html(result: Result[Report]) -> bytes:
    """One page with everything in it: no script, no picture, nothing is fetched."""
    report = result.value
    title = _("Charging bookings {period}").format(period=period_words(report.period))
    head = "".join(
        f"<th{' class=n' if n else ''}>{escape(text)}</th>"
        for n, text in enumerate(
            (
                by_word(report.by),
                _("Bookings"),
                _("Without a price"),
                _("Total"),
                _("Period before"),
            )
        )
    )
    largest = max((row.total for row in report.rows), default=Decimal(0)) or Decimal(1)
    body = "".join(_html_row(row, report, largest) for row in report.rows)
    total = "".join(
        f"<tr class=t><td>{escape(_('Total'))}</td><td class=n>{formats.number(one.bookings)}</td>"
        f"<td class=n>{formats.number(one.unpriced)}</td>"
        f"<td class=n>{escape(formats.money(one.total, one.currency))}</td>"
        f"<td class=n>{escape(_before(report, one.currency))}</td></tr>"
        for one in report.totals
    )
    told = "".join(
        f"<p{' class=bad' if n < len(report.problems) else ''}>{escape(text)}</p>"
        for n, text in enumerate(notes(report))
    )
    zone = report.period.zone.key
    facts = f"{counted_words(report)} · {zone} · {wire_time(result.fetched_at)}"
    facts += " · " + _("prices are estimates until the invoice")
    return (
        f'<!DOCTYPE html><html lang="{i18n.language()}"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>"
        f"<h1>{escape(title)}</h1><p>{escape(facts)}</p>{told}"
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}{total}</tbody></table>"
        f"{_html_counted(report)}{_html_caps(report)}{_html_anomalies(report)}</body></html>\n"
    ).encode()


def _html_counted(report: Report) -> str:
    text = also_counted(report)
    return f"<p>{escape(text)}</p>" if text else ""


def _html_caps(report: Report) -> str:
    if not report.caps:
        return ""
    rows = "".join(
        f"<li>{escape(' '.join(filter(None, (caps.level_words(one), caps.line(one)))))}</li>"
        for one in report.caps
    )
    title = _("Budgets")
    return f"<h2>{escape(title)}</h2><p>{escape(caps.ours_alone())}</p><ul>{rows}</ul>"


def _html_anomalies(report: Report) -> str:
    if not report.anomalies:
        return ""
    rows = "".join(
        f"<li>{escape(one.reason)} <small>{escape(', '.join(map(visible_id, one.ids[:_NAMED])))}"
        f"{' …' if len(one.ids) > _NAMED else ''}</small></li>"
        for one in report.anomalies
    )
    title = _("Worth a look")  # the texts of an f-string are not found by who collects them
    return f"<h2>{escape(title)}</h2><ul>{rows}</ul>"


def _html_row(row: Row, report: Report, largest: Decimal) -> str:
    share = max(0, int(row.total * 100 / largest))
    return (
        f"<tr><td>{escape(label(row.key, report.by))}"
        f'<div class=bar style="width:{share}%"></div></td>'
        f"<td class=n>{formats.number(row.bookings)}</td>"
        f"<td class=n>{formats.number(row.unpriced)}</td>"
        f"<td class=n>{escape(formats.money(row.total, row.currency))}</td>"
        f"<td class=n>{escape(formats.money(row.before, row.currency))}</td></tr>"
    )


def _before(report: Report, currency: str | None) -> str:
    if report.previous is None:
        return formats.UNKNOWN
    return formats.money(report.previous.get(currency, Decimal(0)), currency)


_STYLE = (
    "body{font:15px/1.4 system-ui,sans-serif;margin:2em;max-width:60em;"
    "color:#1a1a1a;background:#fff}"
    "table{border-collapse:collapse;width:100%}td,th{padding:.3em .6em;text-align:left;"
    "border-bottom:1px solid #ccc}.n{text-align:right;font-variant-numeric:tabular-nums}"
    ".t td{font-weight:bold;border-top:2px solid #333}.bar{height:.35em;background:#3465a4}"
    "li{margin:.3em 0}small{color:#555}.bad{font-weight:bold;border:3px solid #a40000;padding:.5em}"
)
