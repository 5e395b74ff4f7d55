"""What a report is called and what its rows say, in the reader's language."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from pm_tui import formats
from pm_tui.i18n import _, ngettext
from pm_tui.models.text import clean
from pm_tui.services import caps
from pm_tui.services.report import Report, Row
from pm_tui.services.report_period import Period
from pm_tui.services.report_read import Progress
from pm_tui.services.report_rows import By, Key

LISTED = 12  # lines of a kind beside a table; a document has all


def by_word(by: By) -> str:
    """The title of the first column."""
    return {
        "department": _("Department"),
        "employee": _("Employee"),
        "group": _("Group"),
        "driver": _("Driver"),
        "operator": _("Operator"),
        "city": _("City"),
        "status": _("Status"),
        "day": _("Day"),
    }[by]


def label(key: Key, by: By) -> str:
    """What a row is of: never empty, never markup, one line."""
    if key.sort == "value":
        if by == "day":
            return formats.day(date.fromisoformat(key.text))
        if by == "status":
            return formats.status_mark(key.text).word
        return clean(key.text)
    if by in ("department", "employee", "driver"):
        return {
            "visitor": _("(visitors)"),
            "other": _("(other references)"),
            "unparsed": _("(reference not understood)"),
            "missing": _("(no reference)"),
        }[key.sort]
    return _("(no group)") if by == "group" else _("(not told)")


def period_words(period: Period) -> str:
    """`October 2026`-like is left to no locale: `2026-10`, and a range as two days."""
    if period.kind == "range":
        return f"{formats.day(period.first)} – {formats.day(period.last)}"
    return period.name


def counted_words(report: Report) -> str:
    """Which bookings were counted."""
    if report.status is None:
        return _("bookings in every state")
    word = formats.status_mark(report.status).word
    return _("bookings that are {status}").format(status=word)


def unpriced_words(report: Report) -> str:
    """How many bookings have no price; nothing for none."""
    if not report.unpriced:
        return ""
    return ngettext(
        "{n} booking has no price and is not in the total",
        "{n} bookings have no price and are not in the total",
        report.unpriced,
    ).format(n=formats.number(report.unpriced))


def notes(report: Report) -> list[str]:
    """What a reader must know beside the figures, the gravest first."""
    told = [_("INCOMPLETE: {problem}").format(problem=one) for one in report.problems]
    if not report.has_begun:
        text = _("not begun yet: it begins on {time}")
        told.append(text.format(time=_moment(report.period.start, report.period)))
    elif not report.is_over:
        text = _("not over yet: read until {time}")
        told.append(text.format(time=_moment(report.until, report.period)))
    if words := unpriced_words(report):
        told.append(words)
    if report.undated:
        told.append(
            ngettext(
                "{n} booking tells no time of creation and stands where the gateway listed it",
                "{n} bookings tell no time of creation and stand where the gateway listed them",
                report.undated,
            ).format(n=formats.number(report.undated))
        )
    if len(report.totals) > 1:
        told.append(_("several currencies: they are not added"))
    if report.checked is not None:
        told.append(
            ngettext(
                "known before; {n} booking was compared with the gateway again",
                "known before; {n} bookings were compared with the gateway again",
                report.checked,
            ).format(n=formats.number(report.checked))
        )
    return told


def _moment(moment: datetime, period: Period) -> str:
    """`Sun 22 Nov 2026 03:30 CET`, `So 22.11.2026 03:30 MEZ`."""
    local = moment.astimezone(period.zone)
    return f"{formats.day(local.date())} {local:%H:%M} {formats.zone_mark(local)}"


def anomaly_lines(report: Report, most: int = LISTED) -> list[str]:
    """What somebody should look at: a heading and a line each, `most` of them; nothing for none."""
    found = report.anomalies
    if not found:
        return []
    return [_("Worth a look:"), *_listed([one.reason for one in found], most)]


def also_counted(report: Report) -> str:
    """What the figures of budgets and anomalies are of, which is not what the rows count; nothing
    where there are none."""
    if not (report.anomalies or report.caps):
        return ""
    return _("Budgets and what is worth a look count all states but cancelled and expired.")


def _listed(texts: list[str], most: int) -> list[str]:
    lines = [f"- {one}" for one in texts[:most]]
    more = len(texts) - most
    if more > 0:
        text = ngettext("- and {n} more (--json has all)", "- and {n} more (--json has all)", more)
        lines.append(text.format(n=formats.number(more)))
    return lines


def cap_lines(report: Report) -> list[str]:
    """The budgets to warn of, below a heading; nothing without any in the configuration."""
    if not report.caps:
        return []
    told = caps.lines(report.caps)
    if not told:
        text = ngettext("Budgets: {n}, all well", "Budgets: {n}, all well", len(report.caps))
        return [text.format(n=formats.number(len(report.caps)))]
    return [_("Budgets:"), *_listed(told, LISTED), caps.ours_alone()]


def progress(now: Progress) -> str:
    """How far a reading is, and what it costs."""
    spent = ngettext("{n} request", "{n} requests", now.requests).format(
        n=formats.number(now.requests)
    )
    if now.left is not None:
        spent = _("{spent}, about {left} to go").format(spent=spent, left=formats.number(now.left))
    read = ngettext("{n} booking", "{n} bookings", now.bookings).format(
        n=formats.number(now.bookings)
    )
    text = f"{now.share * 100:.0f} % · {read} · {spent}"
    if now.month_left is not None:
        text += " · " + _("{n} left this month").format(n=formats.number(now.month_left))
    if now.waiting_until is not None:
        text += " · " + _("waiting for the minute's limit")
    return text


def change(row: Row, room: int | None = None) -> str:
    """`+€12.00`, `-€3.00`, or unknown: against the period before. In `room` cells."""
    if row.before is None:
        return formats.UNKNOWN
    return signed(row.total - row.before, row.currency, room)


def signed(amount: Decimal, currency: str | None, room: int | None = None) -> str:
    sign = "+" if amount > 0 else ""
    return sign + formats.money(amount, currency, room and room - len(sign))
