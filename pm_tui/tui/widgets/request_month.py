"""The month's count of requests in a line: used, left, since when that is known, and whose."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from textual.content import Content

from pm_tui import formats
from pm_tui.i18n import _
from pm_tui.tui.widgets.status_bar import LOW, clock, spent_until

if TYPE_CHECKING:
    from pm_tui.services.request_month import Month


def line(month: Month, now: datetime, zone: tzinfo) -> Content:
    """Its times in `zone`, its end by UTC, as the quota's is."""
    used = formats.number(month.used)
    if month.limit is None or month.left is None:
        pieces = [Content(_("this month {used}").format(used=used))]
    else:
        text = _("this month {used} of {limit}, {left} left {until}")
        text = text.format(
            used=used,
            limit=formats.number(month.limit),
            left=formats.number(month.left),
            until=spent_until(month.ends_at),
        )
        low = month.left < month.limit * LOW
        pieces = [Content.styled(text, "bold $text-warning" if low else "")]
    if month.told_at is not None:
        at = clock(month.told_at, now, zone)
        pieces.append(Content(_("told {time}").format(time=at)))
    else:
        pieces.append(Content(_("told to another window")))
    whose = _("here {asked} asked for, {itself} by itself")
    whose = whose.format(
        asked=formats.number(month.asked_for), itself=formats.number(month.by_itself)
    )
    pieces.append(Content.styled(whose, "$text-muted"))
    if month.today is not None:
        today = _("all windows today {n} by themselves").format(n=formats.number(month.today))
        pieces.append(Content.styled(today, "$text-muted"))
    return Content(" · ").join(pieces)
