"""The two lines above the locations found: how many, from where and how old; and what to mind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from textual.content import Content

from pm_tui import formats
from pm_tui.i18n import _, ngettext
from pm_tui.models.route import RouteQuery
from pm_tui.models.zones import CHARGERS_ZONE
from pm_tui.tui.key_names import keyed

if TYPE_CHECKING:
    from pm_tui.models.query import SearchQuery
    from pm_tui.services.find import Found

MOST_GAPS = 4  # that are named
SLOW_MS = 1000  # an operator that keeps everybody waiting


def start() -> Content:
    """Before the first question."""
    first = keyed(_("Type a place and press Enter. {find.recent} brings back the last searches."))
    return Content(first + "\n" + _("Berlin > Leipzig > München searches along the way."))


def origin(found: Found, now: datetime, otherwise: Content) -> Content:
    """Where an answer is from, when it is a remembered one that was wanted live; else what holds
    for every value."""
    if not found.course:
        return otherwise
    words = {
        "asking": _("remembered {age} ago · asking again…"),
        "spared": _("remembered {age} ago · not asked again so soon, {find.refresh} asks"),
        "kept": _("remembered {age} ago"),
    }
    text = keyed(words[found.course], age=formats.age(found.age(now)))
    return Content.styled(text, "bold $text-warning")


def facts(found: Found, query: SearchQuery, label: str, now: datetime) -> Iterator[Content]:
    """How many were found, and what was asked."""
    of = len(found.value.locations)
    count = ngettext("{n} location", "{n} locations", of).format(n=formats.number(of))
    if of >= query.limit and not query.is_way:
        count = _("{n} nearest, out to {reach}").format(
            n=formats.number(of), reach=formats.distance(found.reach_km)
        )
        if found.value.total is not None and found.value.total > of:
            count += " " + _("of {total}").format(total=formats.number(found.value.total))
    yield Content(count)
    if isinstance(query, RouteQuery):
        yield from _way(found, query, now)
        return
    yield Content(
        _("{radius} round {place}").format(
            radius=f"{formats.number(query.radius_km, 1, trim=True)} km", place=label or "?"
        )
    )
    if query.start is not None and query.end is not None:
        start = formats.when(query.start, CHARGERS_ZONE, now=now)
        length = formats.duration(query.end - query.start)
        yield Content(_("free from {start} for {length}").format(start=start, length=length))


def _way(found: Found, query: RouteQuery, now: datetime) -> Iterator[Content]:
    """The same of a way: from the start of it, as far aside, and when one passes."""
    from pm_tui.services.corridor import way_of

    if found.done < found.parts:
        part = _("{n} of {all} parts").format(n=found.done, all=found.parts)
        yield Content.styled(part, "bold $text-accent")
    aside = f"{formats.number(query.radius_km, 1, trim=True)} km"
    length = formats.distance(way_of(query).length_km)
    text = _("up to {aside} beside {way}, {length}")
    yield Content(text.format(aside=aside, way=query.label, length=length))
    if query.start is not None and query.end is not None:
        start = formats.when(query.start, CHARGERS_ZONE, now=now)
        stay = formats.duration(query.end - query.start)
        text = _(
            "free when you pass, from {start} at {speed} km/h, for {stay} (@100 is another speed)"
        )
        yield Content(
            text.format(start=start, speed=formats.number(query.speed_kmh, 1, trim=True), stay=stay)
        )


def gaps(found: Found) -> str:
    """Which part of a way was not searched whole; empty where there is none."""
    if not found.gaps:
        return ""
    told = ", ".join(
        f"{formats.number(begin)}–{formats.number(end)}" for begin, end in found.gaps[:MOST_GAPS]
    )
    if len(found.gaps) > MOST_GAPS:
        told += " …"
    told = _("not searched whole: km {parts}").format(parts=told)
    if found.origin == "live" and found.done == found.parts:
        told += " · " + _("a plug, more power or a smaller radius make answers whole")
    return told


def warnings(found: Found, query: SearchQuery, shown: int) -> Iterator[Content]:
    """What to mind before the list is trusted; `shown` of its rows are left by the filters."""
    hidden = len(found.value.locations) - shown
    if hidden:
        yield Content.styled(
            _("{n} hidden by the filters").format(n=formats.number(hidden)), "bold $text-accent"
        )
    if found.problem is not None:
        yield Content.styled(str(found.problem), "$text-warning")
    if told := gaps(found):
        yield Content.styled(told, "$text-warning")
    if found.origin == "cache":
        yield from (Content.styled(text, "$text-warning") for text in unknown(found, query))
    is_all = found.done == found.parts and (found.origin == "live" or found.coverage.share == 1)
    if not found.value.locations and is_all:
        yield Content(_("Nothing found: try a larger radius, another plug or less power."))
    silent = [one for one in found.value.cpo_results if one.error]
    if silent:
        names = ", ".join(f"{one.cpo_name or one.cpo_party_id} ({one.error})" for one in silent)
        text = ngettext(
            "{n} operator silent: {names}", "{n} operators silent: {names}", len(silent)
        )
        yield Content.styled(text.format(n=len(silent), names=names), "$text-warning")
    slow = [
        one
        for one in found.value.cpo_results
        if not one.error and one.duration_ms is not None and one.duration_ms >= SLOW_MS
    ]
    if slow:
        names = ", ".join(one.cpo_name or one.cpo_party_id or "?" for one in slow)
        yield Content.styled(_("slow: {names}").format(names=names), "$text-muted")
    if found.value.skipped:
        unread = _("{n} not readable").format(n=found.value.skipped)
        yield Content.styled(unread, "$text-warning")


def unknown(found: Found, query: SearchQuery) -> Iterator[str]:
    """What a remembered answer cannot know."""
    if not found.exact and not query.is_way:
        percent = found.coverage.percent
        if percent == 100:
            yield _("this area was searched whole before")
        elif percent > 0:
            yield _("{n} % of this area was searched before; elsewhere there may be more").format(
                n=percent
            )
        else:
            yield _("only chargers seen before; there may be more")
    if query.start is not None:
        # the answer to the very question told it once, and somebody may have reserved since
        still = _("whether they are still free then is not known")
        yield still if found.exact else _("whether they are free then is not known")
