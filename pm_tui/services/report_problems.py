"""Why a report is not complete, in words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pm_tui import formats
from pm_tui.cache.reports import Part, ReportStore
from pm_tui.i18n import _, ngettext
from pm_tui.services.report_period import Period
from pm_tui.services.report_read import NOT_WHOLE, Readout, gaps_of
from pm_tui.services.report_sweep import PAGE

_TOLD = 3  # stretches that are named one by one


def problems(store: ReportStore, period: Period, until: datetime, done: Readout) -> tuple[str, ...]:
    """Nothing when the report is complete up to `until`."""
    parts = store.parts(period.start, until)
    full = [one for one in parts if one.odd == NOT_WHOLE]
    told = [
        _(
            "more than {n} bookings were made in the second {time}: the gateway does not "
            "tell them all"
        ).format(n=PAGE, time=_told(one.since, period, seconds=True))
        for one in full
    ]
    told += _unread(store, period, until, full)
    if odd := sum(one.odd for one in parts if one.odd > 0):
        told.append(
            ngettext(
                "{n} row could not be read, or was made at another time than was asked for",
                "{n} rows could not be read, or were made at another time than was asked for",
                odd,
            ).format(n=odd)
        )
    if done.stopped:
        told.append(_("the last requests of the month were spared"))
    return tuple(told)


def _unread(store: ReportStore, period: Period, until: datetime, full: list[Part]) -> Iterator[str]:
    missing = [
        (first, last)
        for first, last in gaps_of(store, period.start, until)
        if not any(one.since <= first and last <= one.until for one in full)
    ]
    for first, last in missing[:_TOLD]:
        yield _("from {start} to {end} nothing was read").format(
            start=_told(first, period),
            end=_told(last, period),
        )
    if len(missing) > _TOLD:
        yield _("and {n} stretches more").format(n=len(missing) - _TOLD)


def _told(moment: datetime, period: Period, *, seconds: bool = False) -> str:
    """By the period's clock, a day as the reader's language has it."""
    local = moment.astimezone(period.zone)
    clock = "%H:%M:%S" if seconds else "%H:%M"
    return f"{formats.day(local.date())} {local:{clock}}"
