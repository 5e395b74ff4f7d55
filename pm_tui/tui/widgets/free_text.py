"""What is said of chargers that are watched until they are free."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from textual.content import Content

from pm_tui import formats
from pm_tui.i18n import _, ngettext
from pm_tui.models.text import visible_id
from pm_tui.services.plan import Look, Why
from pm_tui.tui.key_names import keyed
from pm_tui.tui.widgets.next_look import REASONS, hour

if TYPE_CHECKING:
    from pm_tui.models.charger import Location
    from pm_tui.services.free_plan import Terms, Watch, Wish

WATCHED, FREE = "◎", "✓"


def name_of(location: Location) -> str:
    return location.name or visible_id(location.location_id)


def wish_text(wish: Wish) -> str:
    """What of the location must be free."""
    if wish.evse_uid is not None:
        return visible_id(wish.evse_uid)
    words = [] if wish.plug is None else [formats.plug(wish.plug)]
    if wish.power_kw:
        words.append(_("from {power}").format(power=formats.power(wish.power_kw)))
    if not words:
        return _("any charging point")
    return _("any point with {what}").format(what=" ".join(words))


def terms_text(agreed: Terms, now: datetime, zone: tzinfo) -> str:
    """What watching costs at most, before it begins."""
    requests = ngettext("{n} request at most", "{n} requests at most", agreed.most).format(
        n=formats.number(agreed.most)
    )
    return _("Looks now, then every {gap} until {time}: {requests}.").format(
        gap=formats.age(agreed.gap), time=hour(agreed.until, now, zone), requests=requests
    )


def status_text(watches: Sequence[Watch], look: Look, now: datetime, zone: tzinfo) -> Content:
    """For the bar below: what has become free, else what is watched and when the next look is."""
    free = [one for one in watches if one.state == "free"]
    if free:
        last = max(free, key=lambda one: one.free_at or one.started_at)
        at = hour(last.free_at or last.started_at, now, zone)
        text = _("{mark} was free {time}: {app.book_free} books")
        if last.location.supports_reservation is False:
            text = _("{mark} was free {time}, takes no reservations")
        text = keyed(text, mark=FREE, time=at)
        return Content.styled(text, "bold $text-success")
    waiting = [one for one in watches if one.state == "waiting"]
    if not waiting:
        return Content("")
    n = len(waiting)
    text = f"{WATCHED} " + ngettext("watching {n} charger", "watching {n} chargers", n).format(n=n)
    return Content(f"{text}, {when_text(look, now, zone)}")


def when_text(look: Look, now: datetime, zone: tzinfo) -> str:
    """When the next look at a watched charger comes, or why none does."""
    if look.at is not None:
        time = hour(look.at, now, zone)
        reason = REASONS.get(look.why, "") if look.why in (Why.SPARING, Why.LIMIT) else ""
        text = _("next {time}").format(time=time)
        return f"{text}, {_(reason)}" if reason else text
    if look.why is Why.SPARING:
        return _("no looks: sparing the month")
    return _("no looks: {why}").format(
        why=_("quota spent") if look.why is Why.SPENT else _("offline")
    )


def row_mark(watch: Watch | None, now: datetime, zone: tzinfo) -> str:
    """Before the name of a location in a list."""
    if watch is None or watch.state == "over":
        return ""
    if watch.free_at is None:
        return WATCHED
    return f"{FREE} {hour(watch.free_at, now, zone)}"


def told(watch: Watch, now: datetime, zone: tzinfo) -> tuple[str, str]:
    """Title and text when a watch has ended."""
    name = name_of(watch.location)
    if watch.free_at is not None:
        text = _("{what} was free at {time}. {app.book_free} opens the booking form.")
        if watch.location.supports_reservation is False:
            text = _("{what} was free at {time}. Its operator takes no reservations.")
        text = keyed(
            text,
            what=visible_id(watch.evse_uid) if watch.evse_uid else wish_text(watch.wish),
            time=hour(watch.free_at, now, zone),
        )
        return _("Free: {name}").format(name=name), text
    return _("Not free: {name}").format(name=name), over_text(watch, now, zone)


def over_text(watch: Watch, now: datetime, zone: tzinfo) -> str:
    """Why it is watched no longer."""
    n = watch.spent
    if now >= watch.terms.until:
        text = ngettext(
            "Not free until {time} in {n} look: it is watched no longer.",
            "Not free until {time} in {n} looks: it is watched no longer.",
            n,
        )
    else:
        text = ngettext(
            "Its {n} request is used up by {time}: it is watched no longer.",
            "Its {n} requests are used up by {time}: it is watched no longer.",
            n,
        )
    at = min(now, watch.terms.until)
    return text.format(n=formats.number(n), time=hour(at, now, zone))


def lines(watch: Watch, now: datetime, zone: tzinfo) -> Content:
    """A watch in the list of them, in two lines."""
    mark = {"waiting": WATCHED, "free": FREE, "over": "–"}[watch.state]
    words = [f"{mark} {name_of(watch.location)}", wish_text(watch.wish)]
    if watch.state == "waiting":
        looked = _("not looked yet")
        if watch.looked_at is not None:
            looked = (
                _("not free at {time}") if not watch.missed else _("no answer about it at {time}")
            )
            looked = looked.format(time=hour(watch.looked_at, now, zone))
        below = _("{looked} · until {time} · {spent} of {most} requests").format(
            looked=looked,
            time=hour(watch.terms.until, now, zone),
            spent=formats.number(watch.spent),
            most=formats.number(watch.terms.most),
        )
    elif watch.free_at is not None:
        below = _("{what} was free at {time}").format(
            what=visible_id(watch.evse_uid) if watch.evse_uid else wish_text(watch.wish),
            time=hour(watch.free_at, now, zone),
        )
    else:
        below = over_text(watch, now, zone)
    return Content.assemble(" · ".join(words), "\n  ", Content.styled(below, "dim"))
