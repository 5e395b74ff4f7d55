"""What can be taken along of a report: a row, what is worth a look, a booking, or all that is up.

A table is taken as it is on screen: its filter, its order. For a spreadsheet amounts are written as
in the reader's language, since that is how a spreadsheet reads what is pasted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from pm_tui import formats, i18n
from pm_tui.i18n import _, ngettext
from pm_tui.models.booking import Booking
from pm_tui.models.result import Result
from pm_tui.services.copies import Copy, holding, in_lines, tabbed, whole
from pm_tui.services.report import Report, Row
from pm_tui.services.report_behind import Finding
from pm_tui.services.report_files import as_csv, guarded
from pm_tui.services.report_words import by_word, change, counted_words, label, period_words

LINE, CSV, TABBED = "l", "c", "v"  # keys, the same in every table


def of_rows(result: Result[Report], rows: Sequence[Row], chosen: Row | None) -> tuple[Copy, ...]:
    """Of the `rows` that are shown, and the one under the cursor."""
    report, offered = result.value, list[Copy]()
    if chosen is not None:
        offered.append(Copy("t", _("Row as text"), in_lines(_told(report, chosen))))
        offered.append(Copy(LINE, _("Row as a line with tabs"), tabbed([_cells(report, chosen)])))
    if rows:
        shown = replace(result, value=replace(report, rows=tuple(rows)))
        written = as_csv(shown).decode().replace("\r\n", "\n")
        offered.append(whole(CSV, _("Table as CSV"), written))
        table = [_titles(report), *(_cells(report, row) for row in rows), *_loud(report)]
        offered.append(whole(TABBED, _("Table with tabs, for a spreadsheet"), tabbed(table)))
    return tuple(holding(offered))


def of_findings(found: Sequence[Finding], chosen: Finding | None) -> tuple[Copy, ...]:
    """Of what is worth a look; a budget names no bookings of its own."""
    offered = list[Copy]()
    if chosen is not None:
        offered.append(Copy("t", _("Row as text"), in_lines([chosen.text])))
        offered.append(whole("b", _("IDs of its bookings"), "\n".join(map(guarded, chosen.ids))))
        offered.append(Copy(LINE, _("Row as a line with tabs"), tabbed([_finding(chosen)])))
    if found:
        table = [(_("Worth a look"), _("Bookings")), *map(_finding, found)]
        offered.append(whole(TABBED, _("Table with tabs, for a spreadsheet"), tabbed(table)))
    return tuple(holding(offered))


def of_bookings(bookings: Sequence[Booking]) -> tuple[Copy, ...]:
    """Of all bookings behind a line; a single one is `copies.of_booking`."""
    if not bookings:
        return ()
    titles = (
        _("Made"), _("Status"), _("Start"), _("End"), _("Price"), _("Currency"), _("Reference"),
        _("City"), _("Location"), "ID",
    )  # fmt: skip
    ids = "\n".join(guarded(one.id) for one in bookings)
    return tuple(
        holding(
            [
                whole("b", _("IDs of all of them"), ids),
                whole(
                    TABBED,
                    _("Table with tabs, for a spreadsheet"),
                    tabbed([titles, *map(_booking, bookings)]),
                ),
            ]
        )
    )


def _told(report: Report, row: Row) -> Iterator[str]:
    yield f"{by_word(report.by)}: {label(row.key, report.by)}"
    yield f"{period_words(report.period)}, {counted_words(report)}"
    count = ngettext("{n} booking", "{n} bookings", row.bookings)
    count = count.format(n=formats.number(row.bookings))
    yield f"{count}: {formats.money(row.total, row.currency)}"
    if row.unpriced:
        text = ngettext("{n} without a price", "{n} without a price", row.unpriced)
        yield text.format(n=formats.number(row.unpriced))
    if row.before is not None:
        text = _("before {total} ({change})")
        yield text.format(total=formats.money(row.before, row.currency), change=change(row))
    for cells in _loud(report):
        yield cells[0]


def _titles(report: Report) -> tuple[str, ...]:
    return (
        by_word(report.by), _("Bookings"), _("Without a price"), _("Total"), _("Currency"),
        _("Period before"),
    )  # fmt: skip


def _cells(report: Report, row: Row) -> tuple[str, ...]:
    name = row.key.name if report.by == "day" else label(row.key, report.by)
    numbers = (str(row.bookings), str(row.unpriced), _amount(row.total))
    return (guarded(name), *numbers, guarded(row.currency or ""), _amount(row.before))


def _loud(report: Report) -> Iterable[tuple[str]]:
    """A report that is not complete says so wherever it is taken."""
    return [(_("INCOMPLETE: {problem}").format(problem=one),) for one in report.problems]


def _finding(finding: Finding) -> tuple[str, str]:
    return guarded(finding.text), str(finding.bookings)


def _booking(one: Booking) -> tuple[str, ...]:
    times = (one.created_at, one.reservation_start, one.reservation_end)
    made, start, end = ("" if at is None else at.isoformat() for at in times)
    told = (one.client_price_currency, one.external_id, one.location_city, one.location_id, one.id)
    status = formats.status_mark(one.status).word
    texts = (guarded(text or "") for text in told)
    return (made, guarded(status), start, end, _amount(one.client_price), *texts)


def _amount(value: Decimal | None) -> str:
    text = "" if value is None else str(value)
    return text.replace(".", ",") if i18n.language() == "de" else text
