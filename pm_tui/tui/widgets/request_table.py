"""A row a request: when, what, how it ended, what it cost and why it was sent."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from rich.text import Text

from pm_tui import formats
from pm_tui.i18n import N_, _
from pm_tui.tui.widgets.paged_table import Cells, Column

if TYPE_CHECKING:
    from pm_tui.api.record import Sent, Why

COLUMNS = (
    Column("time", N_("Time"), 8),
    Column("method", N_("Method"), 6, rank=2),
    Column("path", N_("Request"), 18, grow=3),
    Column("answer", N_("Answer"), 10),
    Column("took", N_("Took"), 7, rank=1, right=True),
    Column("why", N_("Why"), 14, grow=1),
    Column("left", N_("Left"), 8, rank=3, right=True),
    Column("size", N_("Size"), 8, rank=4, right=True),
    Column("attempt", N_("Try"), 7, rank=5, right=True),
)

WORDS: dict[Why, str] = {
    "search": N_("search"),
    "watched": N_("watched charger"),
    "plan": N_("planned look"),
    "confirmation": N_("confirmation"),
    "look": N_("list, asked for"),
    "read": N_("one booking"),
    "booking": N_("a booking"),
    "table": N_("a table's row"),
    "cancelling": N_("cancelling"),
    "change": N_("changing"),
    "settling": N_("outcome unknown"),
    "report": N_("report"),
    "export": N_("export"),
    "usage": N_("month's count"),
    "home": N_("home chargers"),
    "home change": N_("home, changing"),
    "login": N_("ev.energy token"),
    "other": N_("other"),
}


def word(why: Why) -> str:
    """A reason in the reader's language."""
    return _(WORDS[why])


def cells(sent: Sent, zone: tzinfo) -> Cells:
    """The cells of one request."""
    return {
        "time": Text(moment(sent.at, zone)),
        "method": Text(sent.method),
        "path": Text(sent.path),
        "answer": Text(answer(sent), "green" if sent.is_good else "red" if sent.left else ""),
        "took": Text(took(sent.seconds)),
        "why": Text(word(sent.why)),
        "left": Text(left(sent)),
        "size": Text(size(sent.received) if sent.left else formats.UNKNOWN),
        "attempt": Text(str(sent.attempt)),
    }


def moment(at: datetime, zone: tzinfo) -> str:
    """The time of day; the session is shorter than its date is long."""
    return f"{at.astimezone(zone):%H:%M:%S}"


def answer(sent: Sent) -> str:
    """The status, or what came instead of one; never told by its colour alone."""
    if not sent.left:
        return _("unsent")
    if sent.status is None:
        return _("no answer")
    return str(sent.status) if sent.is_good else f"{sent.status} !"


def left(sent: Sent) -> str:
    """What was left of the minute (at ev.energy of the hour)."""
    if sent.remaining is None:
        return formats.UNKNOWN
    return str(sent.remaining) if sent.limit is None else f"{sent.remaining}/{sent.limit}"


def took(seconds: float) -> str:
    if seconds < 1:
        return f"{round(seconds * 1000)} ms"
    return f"{formats.number(seconds, 1)} s"


def size(n: int) -> str:
    """In thousands, as a bill would count them."""
    if n < 1000:
        return f"{n} B"
    if n < 1_000_000:
        return f"{formats.number(n / 1000, 1)} kB"
    return f"{formats.number(n / 1_000_000, 1)} MB"
