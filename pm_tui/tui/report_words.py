"""What the report view says above its table: what it is of, how it stands, how far a reading is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from typing import TYPE_CHECKING

from textual.content import Content

from pm_tui import formats
from pm_tui.i18n import _, ngettext
from pm_tui.models.text import clean
from pm_tui.tui.key_names import keyed, with_key
from pm_tui.tui.widgets.status_bar import clock

if TYPE_CHECKING:
    from pm_tui.models.result import Result
    from pm_tui.services.report import Report, Row
    from pm_tui.services.report_behind import Finding
    from pm_tui.services.report_months import Month
    from pm_tui.services.report_period import Period
    from pm_tui.services.report_read import Progress
    from pm_tui.tui.report_question import Question

BLOCKS = "▁▂▃▄▅▆▇█"
BAR = 20  # cells of a reading's bar
UNKNOWN_MONTH = "·"
LONGEST_NAME = 40  # of a row, in the line above its bookings


def title(asked: Question) -> Content:
    """Which period, by what, counting what: all of it to be clicked."""
    from pm_tui.services.report_words import by_word, period_words

    earlier = Content("◂").stylize("@click=screen.earlier")
    later = Content("▸").stylize("@click=screen.later")
    name = Content.styled(f" {period_words(asked.period)} ", "bold").stylize("@click=screen.dates")
    by_text = _("by {column}").format(column=by_word(asked.by))
    grouping = Content(by_text).stylize("@click=screen.next_grouping")
    counted = _("all states")
    if asked.status is not None:
        counted = formats.status_mark(asked.status).word
    states = Content(counted).stylize("@click=screen.states")
    return Content(" · ").join([Content("").join([earlier, name, later]), grouping, states])


def as_read(result: Result[Report], now: datetime, zone: tzinfo) -> Content:
    """When it was read; where parts of it were not read again, how old those are as well."""
    latest = result.value.latest or result.fetched_at
    age = formats.age(result.age(now))
    text = _("as read {time}, parts {age} ago")
    if formats.age(max(now - latest, timedelta())) == age:
        text, latest = _("as read {time}, {age} ago"), result.fetched_at
    text = text.format(time=clock(latest, now, zone), age=age)
    return Content.styled(text, "$text-muted")


def totals(report: Report) -> Content:
    """The sums, one of each currency, and what the period before cost."""
    pieces: list[Content] = []
    for one in report.totals:
        count = ngettext("{n} booking", "{n} bookings", one.bookings)
        text = count.format(n=formats.number(one.bookings))
        pieces.append(Content(text))
        pieces.append(Content.styled(formats.money(one.total, one.currency), "bold"))
        if report.previous is not None:
            from pm_tui.services.report_words import signed

            before = report.previous.get(one.currency, Decimal(0))
            text = _("before {total} ({change})").format(
                total=formats.money(before, one.currency),
                change=signed(one.total - before, one.currency),
            )
            pieces.append(Content.styled(text, "$text-muted"))
    if not report.totals:
        pieces.append(Content(_("no bookings in this period")))
    return Content(" · ").join(pieces)


def figures(report: Report, inside: Row | Finding | None, listing: bool) -> list[Content]:
    """The sums and what keeps them from being the last word, the gravest first; of a line that is
    open its own sum instead, and still that the report is not complete."""
    grave = remarks(report)[: len(report.problems)]
    if inside is not None:
        return [_opened(report, inside), *grave]
    if listing:
        return [*_listed(report), *grave]
    return [totals(report) + _worth_a_look(report), *remarks(report)]


def _opened(report: Report, inside: Row | Finding) -> Content:
    """Of what the bookings below are."""
    from pm_tui.services.report_behind import Finding
    from pm_tui.services.report_words import label

    count = ngettext("{n} booking", "{n} bookings", inside.bookings)
    pieces = [Content(count.format(n=formats.number(inside.bookings))), _way_back()]
    if isinstance(inside, Finding):
        return Content(" · ").join([Content.styled(inside.text, "bold"), *pieces])
    name = Content.styled(clean(label(inside.key, report.by), LONGEST_NAME), "bold")
    pieces.insert(1, Content.styled(formats.money(inside.total, inside.currency), "bold"))
    return Content(" · ").join([name, *pieces])


def _way_back() -> Content:
    return Content(_("Esc goes back")).stylize("@click=screen.back")


def _found(n: int) -> str:
    return ngettext("{n} worth a look", "{n} worth a look", n).format(n=formats.number(n))


def _worth_a_look(report: Report) -> Content:
    """How many lines the list has; nothing for none."""
    from pm_tui.services.report_behind import findings

    n = len(findings(report))
    if not n:
        return Content("")
    told = Content.styled("! " + with_key(_found(n), "report.findings"), "$text-warning")
    return Content(" · ") + told.stylize("@click=screen.findings")


def _listed(report: Report) -> list[Content]:
    """Above the list of what is worth a look: how many, and how far budgets are known."""
    from pm_tui.services import caps
    from pm_tui.services.report_behind import findings
    from pm_tui.services.report_words import also_counted, cap_lines

    n = len(findings(report))
    lines = [Content(" · ").join([Content.styled(_found(n), "bold"), _way_back()])]
    if not n:
        text = _("All is as usual. What counts is yours to say: [report.anomalies] and [caps].")
        lines.append(Content(text))
    elif text := also_counted(report):
        lines.append(Content.styled(text, "$text-muted"))
    if report.caps:
        all_well = not caps.warned(report.caps)
        told = cap_lines(report)[0] if all_well else caps.ours_alone()
        lines.append(Content.styled(told, "$text-muted"))
    return lines


def filtered(shown: int, every: int) -> Content:
    """How much of what is listed fits the filter."""
    count = ngettext("{n} row", "{n} rows", every).format(n=formats.number(every))
    pieces = [_("{n} of {count}").format(n=formats.number(shown), count=count)]
    if every and not shown:
        pieces.append(_("Nothing fits the filter: Esc leaves it."))
    return Content.styled(" · ".join(pieces), "$text-warning")


def of_file(name: str, result: Result[Report], now: datetime, zone: tzinfo) -> Content:
    """Whose figures these are, and the way back to the account's own."""
    at = clock(result.fetched_at, now, zone)
    text = _("of the file {name}, as of {time}").format(name=clean(name, LONGEST_NAME), time=at)
    own = Content(_("Esc: the account's own")).stylize("@click=screen.own")
    return Content(" · ").join([Content.styled(text, "bold $text-warning"), own])


def remarks(report: Report) -> list[Content]:
    """What keeps the figures from being the last word, the gravest first."""
    from pm_tui.services.report_words import notes

    return [
        Content.styled(
            ("! " if n < len(report.problems) else "") + text,
            "bold $text-error" if n < len(report.problems) else "$text-warning",
        )
        for n, text in enumerate(notes(report))
    ]


def reading(now: Progress) -> Content:
    """A bar that moves only when something was read, and what it costs."""
    from pm_tui.services.report_words import progress

    full = int(now.share * BAR)
    bar = Content.styled("█" * full + "░" * (BAR - full), "$text-accent")
    stop = Content.styled(keyed(_("{report.stop} stops it")), "$text-muted")
    return Content(" ").join([bar, Content(progress(now)), stop.stylize("@click=screen.stop")])


def months(known: Sequence[Month]) -> list[Content]:
    """Two lines: a block a month, its name below; a month that was not read is a dot."""
    if not any(month.total is not None for month in known):
        return []
    most = max((month.total for month in known if month.total is not None), default=Decimal(0))
    blocks = Content(" ").join(_block(month, most) for month in known)
    names = " ".join(f"{month.period.first:%m}" for month in known)
    told = ""
    if most:
        highest = formats.money(most, _currency(known))
        told = _("a year, a month {total} at most").format(total=highest)
    return [
        Content.assemble(blocks, "  ", Content.styled(told, "$text-muted")),
        Content.styled(names, "$text-muted"),
    ]


def _block(month: Month, most: Decimal) -> Content:
    if month.total is None:
        return Content.styled(UNKNOWN_MONTH * 2, "$text-muted")
    height = int(month.total * (len(BLOCKS) - 1) / most) if most else 0
    return Content.styled(BLOCKS[height] * 2, "$text-accent")


def _currency(known: Iterable[Month]) -> str | None:
    return next((month.currency for month in known if month.currency), None)


def nothing_yet(period: Period, offline: bool) -> Content:
    """How an empty report gets filled."""
    from pm_tui.services.report_words import period_words

    text = _("Nothing of {period} has been read yet.").format(period=period_words(period))
    more = _("That needs the network.")
    if not offline:
        more = keyed(
            _(
                "{report.read} reads it: a request for some 65 bookings, once."
                " Of what is over, later reports cost one."
            )
        )
    other = Content(keyed(_("{report.file} shows a billing table of the fleet API."))).stylize(
        "@click=screen.file"
    )
    return Content(" ").join([Content(text), Content(more), other])
