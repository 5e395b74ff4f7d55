"""What stands in the desk's view, as text."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from textual.content import Content

from pm_tui import formats
from pm_tui.i18n import _, ngettext
from pm_tui.models.text import clean
from pm_tui.models.zones import CHARGERS_ZONE
from pm_tui.tui.kiosk.pages import Choice, Page, clock
from pm_tui.tui.widgets.rebook_text import dropping

if TYPE_CHECKING:
    from pm_tui.models.booking import Booking
    from pm_tui.models.result import Result
    from pm_tui.services.kiosk_changes import Unfinished
    from pm_tui.services.kiosk_desk import Day, Guest
    from pm_tui.services.rebook import Standing
    from pm_tui.services.unsettled import Unsettled

Key = tuple[str, str]


def keys(*, prints: bool) -> list[Key]:
    """What can be done: the action and its label, which begins with the key."""
    found = [
        ("cancel", "c", _("Call off")),
        ("longer", "l", _("Longer")),
        ("print", "p", _("Print")),
        ("read", "r", _("Read")),
        ("back", "Esc", _("Back")),
    ]
    return [(action, f"{key} {label}") for action, key, label in found if prints or key != "p"]


def head(desk: str, now: datetime, state: str) -> Content:
    """`Visitors at lobby, Sat 21 Nov · read at 16:20:11`."""
    day = formats.day(now.astimezone(CHARGERS_ZONE).date(), year=False)
    title = _("Visitors at {desk}, {day}").format(desk=desk, day=day)
    return Content.assemble((title, "bold"), f" · {state}" if state else "")


def age(day: Result[Day], now: datetime) -> str:
    """Where the list comes from and how old it is."""
    at = f"{day.fetched_at.astimezone(CHARGERS_ZONE):%H:%M:%S}"
    if day.origin == "live":
        return _("read at {time}").format(time=at)
    if day.problem is None:
        return _("remembered from {time}").format(time=at)
    why = str(day.problem)
    if not day.value.guests:
        return _("not read: {problem}").format(problem=why)
    return _("OFFLINE COPY of {time}, {age} old: {problem}").format(
        time=at, age=formats.age(day.age(now)), problem=why
    )


def counts(day: Day) -> str:
    """`3 visitors: 1 confirmed · 2 completed`."""
    parts = [f"{n} {formats.status_mark(status).word}" for status, n in day.counts]
    if day.unclear:
        parts.append(_("{n} not certain").format(n=len(day.unclear)))
    everybody = sum(n for _status, n in day.counts)
    text = ngettext("{n} visitor", "{n} visitors", everybody).format(n=everybody)
    return text + (": " + " · ".join(parts) if parts else "")


def nobody(day: Result[Day]) -> str:
    if day.origin == "live":
        return _(
            "Nobody has booked at this desk today. Visitors do on the first page; r reads again."
        )
    return _("Nothing is remembered of today. r asks again.")


def window(booking: Booking) -> str:
    begin, end = booking.reservation_start, booking.reservation_end
    if begin is None or end is None:
        return formats.UNKNOWN
    return f"{clock(begin)}–{clock(end)}"


def guest(one: Guest) -> Content:
    """Lines: when, the number and how it stands; who and where; the earlier numbers, if any."""
    first, *rest = _lines(one)
    return Content.assemble((first, "bold"), *(f"\n  {line}" for line in rest))


def plain(one: Guest) -> str:
    return "\n".join(_lines(one))


def _lines(one: Guest) -> list[str]:
    status = str(formats.status_mark(one.booking.status))
    first = "  ".join((window(one.booking), one.number or formats.UNKNOWN, status))
    where = _("Charger {number}, {place}") if one.place else _("Charger {number}")
    where = where.format(number=one.charger or formats.UNKNOWN, place=one.place)
    goes_on = _("goes on longer") if one.goes_on else ""
    lines = [first, " · ".join(filter(None, (one.name, where, goes_on)))]
    if one.earlier:
        lines.append(_("earlier number: {numbers}").format(numbers=", ".join(one.earlier)))
    return lines


def unclear(one: Unsettled, now: datetime) -> Content:
    """What nobody knows the outcome of, and what comes next."""
    question = _("booked?") if one.kind == "book" else _("cancelled?")
    first = f"{window(one.wish)}  ? {question}  {one.wish.external_id or ''}".rstrip()
    if one.must_decide:
        then = _(
            "Ask the operator; then say in the bookings of pm-tui what became of it: “Decide”."
        )
    elif one.next_look is not None and one.next_look > now:
        then = _("It is looked for at {time} or later: r then.").format(time=clock(one.next_look))
    else:
        then = _("r looks for it.")
    return Content.assemble((first, "bold"), f"\n  {then} ", _("Do not book it again."))


def change(one: Unfinished) -> Content:
    """A change that was interrupted: what was wanted, what stands, and what can be done."""
    first, then = _change_lines(one)
    return Content.assemble(
        (first, "bold"), f"\n  {then}\n  ", _("Enter: go on with it or drop it.")
    )


def change_page(one: Unfinished) -> Page:
    """Leaving it as it is is the first answer."""
    return Page(
        _("This change was not finished"),
        "\n".join((*_change_lines(one), "", dropping(one.standing))),
        (
            Choice("", _("Leave it as it is")),
            Choice("on", _("Go on"), _("takes the steps that are left, none twice")),
            Choice("drop", _("Drop it"), _("sends nothing; what stands stays")),
        ),
    )


def _change_lines(one: Unfinished) -> tuple[str, str]:
    wanted = formats.UNKNOWN
    if one.start is not None and one.end is not None:
        wanted = f"{clock(one.start)}–{clock(one.end)}"
    number = clean(one.evse_uid.rpartition("*")[2], 20) or formats.UNKNOWN
    where = _("charger {number}").format(number=number)
    return f"! {_('not finished:')} {wanted}, {where}", _stands(one.standing)


def _stands(standing: Standing) -> str:
    texts = {
        "old": _("The old booking stands."),
        "both": _("The old booking and the new one stand."),
        "new": _("The old booking is cancelled, the new one is made."),
        "none": _("The old one is cancelled, nothing is booked instead."),
        "unclear": _("What was sent last is not certain."),
    }
    return texts[standing]


def wait() -> str:
    return _("Please wait: what was sent cannot be called back.")


def problem(error: Exception) -> str:
    """Why something did not work, and what is to be done, as far as somebody knows."""
    from pm_tui.api.errors import ApiError
    from pm_tui.services.book import JournalUnavailable

    if isinstance(error, ApiError):
        return f"{error} {error.advice}".strip()
    if isinstance(error, JournalUnavailable):
        return str(error)
    return _("That did not work; it is written down in the state folder. r reads again.")
