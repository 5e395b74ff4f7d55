"""When the list is read next, and why, in a few words for the status bar."""

from __future__ import annotations

from datetime import datetime, tzinfo

from pm_tui.i18n import N_, _, ngettext
from pm_tui.services.plan import Look, Why

# the reason behind a time
REASONS = {
    Why.STARTS: N_("a booking starts"),
    Why.ENDS: N_("a booking ends"),
    Why.RUNS: N_("a booking is under way"),
    Why.AHEAD: N_("in case a booking is lost"),
    Why.SHOWN: N_("the list is open"),
    Why.SETTLING: N_("something is unclear"),
    Why.ASLEEP: N_("asleep"),
    Why.SPARING: N_("sparing the month"),
    Why.LIMIT: N_("the minute is used up"),
}


def words(look: Look, now: datetime, zone: tzinfo) -> str:
    """ "" where the state of the line says it all."""
    if look.why is Why.FOLLOWING:
        return ngettext("following {n} booking", "following {n} bookings", look.n).format(n=look.n)
    if look.why is Why.NOTHING:
        return _("asleep: nothing open")
    if look.why is Why.SPARING and look.at is None:
        return _("no looks: sparing the month")
    if look.at is None:
        return ""
    time = hour(look.at, now, zone)
    if look.why is Why.RETRY:
        return _("next try {time}").format(time=time)
    reason = REASONS.get(look.why)
    if reason is None:
        return ""
    return _("next look {time}, {reason}").format(time=time, reason=_(reason))


def hour(at: datetime, now: datetime, zone: tzinfo) -> str:
    """A time of today to the minute, another one with its date."""
    local = at.astimezone(zone)
    same_day = local.date() == now.astimezone(zone).date()
    return f"{local:%H:%M}" if same_day else f"{local:%Y-%m-%d %H:%M}"
