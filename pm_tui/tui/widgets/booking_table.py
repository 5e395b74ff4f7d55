"""A row a booking: what it is, when it is, and whether it stands. Those of which nobody knows the
outcome are rows as well, on top."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from rich.text import Text

from pm_tui import formats
from pm_tui.i18n import N_, _
from pm_tui.models.text import visible_id
from pm_tui.tui.widgets.columns import RowCells
from pm_tui.tui.widgets.paged_table import Cells, Column
from pm_tui.tui.widgets.unsettled_text import question

if TYPE_CHECKING:
    from pm_tui.models.booking import Booking
    from pm_tui.services.ages import Limits
    from pm_tui.services.ledger import Ledger
    from pm_tui.services.unsettled import Unsettled

STATUS_WIDTH, PRICE = 14, 8
COLUMNS = (
    Column("status", N_("Status"), STATUS_WIDTH),
    Column("window", N_("Window"), 24),
    Column("starts", N_("Starts"), 11, rank=2, right=True),
    Column("location", N_("Location"), 13, grow=1),
    Column("price", N_("Price"), PRICE, rank=1, right=True),
    Column("external_id", N_("Reference"), 27, grow=1, rank=4),
    Column("age", N_("Age"), 6, rank=3, right=True),
    Column("department", N_("Department"), 12, grow=1, extra=True),
    Column("employee", N_("Employee"), 11, extra=True),
    Column("made", N_("Made"), 21, extra=True),
    Column("city", N_("City"), 12, grow=1, extra=True),
    Column("evse", N_("EVSE"), 18, extra=True),
    Column("token", N_("Token"), 12, extra=True),
    Column("id", "ID", 36, extra=True),
)
TONES = {"success": "green", "warning": "yellow", "error": "red", "accent": "cyan", "muted": ""}


def cells(booking: Booking, known: Ledger, now: datetime, limits: Limits) -> Cells:
    """The cells of one booking; what is not live is dimmed and says so by its age. A status that
    can still change and is older than its limit is what it was."""
    dim = "" if known.is_live(booking.id) else "dim"
    mark = status_words(booking.status)
    status = Text(str(mark), dim or TONES[mark.tone])
    if is_old(booking, known, now, limits):
        was = _("was: {status}").format(status=mark.word)
        status = Text(was if len(was) <= STATUS_WIDTH else f"{mark.word}?", "dim")
    cells = {
        "status": status,
        "window": Text(window(booking, known.zone(booking)), dim),
        "starts": Text(to_start(booking, now), dim),
        "location": Text(known.place(booking), dim),
        "price": Text(
            formats.money(booking.client_price, booking.client_price_currency, PRICE), dim
        ),
        "external_id": Text(booking.external_id or "–", dim),
        "age": Text(formats.age(now - known.time_of(booking.id)), dim),
    }
    return RowCells(cells, lambda key: Text(_extra(booking, known, key), dim))


def status_words(status: str | None) -> formats.Mark:
    """A status in words that have room in the column; the details have the longer ones."""
    mark = formats.status_mark(status)
    short = {"PENDING": _("waiting"), "ATTENDING": _("arrived")}.get(status or "", mark.word)
    return mark if len(str(mark)) <= STATUS_WIDTH else mark._replace(word=short)


def _extra(booking: Booking, known: Ledger, key: str) -> str:
    """What is shown only where a person asked for it."""
    if key == "department":
        return known.who(booking).department or formats.UNKNOWN
    if key == "employee":
        return known.who(booking).employee or formats.UNKNOWN
    if key == "made":
        made = booking.created_at
        if made is None:
            return formats.UNKNOWN
        local = made.astimezone(known.zone(booking))
        return f"{formats.day(local.date())} {local:%H:%M}"
    told = {
        "city": booking.location_city,
        "evse": visible_id(booking.evse_uid or ""),
        "token": booking.token_strategy,
        "id": visible_id(booking.id),
    }
    return told[key] or formats.UNKNOWN


def is_old(booking: Booking, known: Ledger, now: datetime, limits: Limits) -> bool:
    """Whether the status may have changed since; what is final stays so."""
    return not booking.is_final and limits.look("booking", known.time_of(booking.id), now).old


def unsettled_cells(unsettled: Unsettled, known: Ledger, now: datetime) -> Cells:
    """The cells of a wish whose outcome is not known; its age is that of the sending."""
    wish = unsettled.wish
    cells = {
        "status": Text(question(unsettled), "bold red"),
        "window": Text(window(wish, known.zone(wish))),
        "starts": Text(to_start(wish, now)),
        "location": Text(known.place(wish)),
        "price": Text(formats.UNKNOWN),
        "external_id": Text(wish.external_id or formats.UNKNOWN),
        "age": Text(formats.age(now - unsettled.sent_at)),
    }
    return RowCells(cells, lambda key: Text(_extra(wish, known, key)))


def window(booking: Booking, zone: ZoneInfo) -> str:
    """Its `span`."""
    return span(booking.reservation_start, booking.reservation_end, zone)


def span(start: datetime | None, end: datetime | None, zone: ZoneInfo) -> str:
    """`Tue 24 Nov 14:30–16:30`, in `zone`; the end with its day where that is another."""
    if start is None:
        return "–"
    begins = start.astimezone(zone)
    text = f"{formats.day(begins.date(), year=False)} {begins:%H:%M}"
    if end is None:
        return text
    ends = end.astimezone(zone)
    days = (ends.date() - begins.date()).days
    return f"{text}–{ends:%H:%M}" + (f"+{days}" if days else "")


def to_start(booking: Booking, now: datetime) -> str:
    """What a person waits for: `2 h 10 min`, `now`, or nothing for what is over."""
    start, end = booking.reservation_start, booking.reservation_end
    if start is None or booking.is_final:
        return "–"
    if start > now:
        wait = timedelta(minutes=-(-(start - now) // timedelta(minutes=1)))  # never "0 min"
        if wait >= timedelta(days=1):
            wait -= wait % timedelta(hours=1)  # two units are enough
        return formats.duration(wait)
    return _("now") if end is None or end > now else _("over")
