"""A row a line of the table: how it stands, where and when it is, what it costs, what to know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from rich.text import Text
from textual.content import Content

from pm_tui import formats
from pm_tui.i18n import N_, _
from pm_tui.models.text import clean, visible_id
from pm_tui.models.zones import CHARGERS_ZONE
from pm_tui.tui.widgets.paged_table import Cells, Column

if TYPE_CHECKING:
    from pm_tui.services.batch import Row
    from pm_tui.services.ledger import Place

    Places = Mapping[str, Place]

ESTIMATE = 9  # cells
COLUMNS = (
    Column("number", N_("Row"), 5, rank=1, right=True),
    Column("state", N_("State"), 16),
    Column("location", N_("Location"), 13, grow=1),
    Column("window", N_("Window"), 22),
    Column("estimate", N_("Estimate"), ESTIMATE, rank=2, right=True),
    Column("reference", N_("Reference"), 24, rank=4),
    Column("evse", N_("EVSE"), 18, rank=5),
    Column("message", N_("Message"), 22, grow=2, rank=3),
)
# sign, word, colour; the order is that of sorting by state: what needs a person comes first
STATES = {
    "error": ("✗", N_("error"), "red"),
    "unknown": ("?", N_("unknown"), "red"),
    "refused": ("✗", N_("refused"), "red"),
    "hint": ("!", N_("ready, a hint"), "yellow"),
    "sending": ("▸", N_("being sent"), "cyan"),
    "ready": ("·", N_("ready"), ""),
    "not sent": ("–", N_("not sent"), "yellow"),
    "booked already": ("✓", N_("booked already"), "green"),
    "booked": ("✓", N_("booked"), "green"),
}
_ORDER = list(STATES)


def state_of(row: Row, *, known: bool, over: bool) -> str:
    """`known`: it was booked before this table was sent; `over`: nothing more is sent."""
    if row.errors:
        return "error"
    if row.state == "booked":
        return "booked already" if known else "booked"
    if row.state != "not sent":
        return row.state
    if over:
        return "not sent"
    return "hint" if row.warnings else "ready"


def cells(row: Row, state: str, places: Places) -> Cells:
    """The cells of one row; what stands in the file is shown where no place is known."""
    sign, word, colour = STATES[state]
    return {
        "number": Text(str(row.number)),
        "state": Text(f"{sign} {_(word)}", colour),
        "location": Text(place_name(row, places)),
        "window": Text(window(row, places)),
        "estimate": Text(
            formats.money(*row.estimate, ESTIMATE) if row.estimate else formats.UNKNOWN
        ),
        "reference": Text(reference(row) or formats.UNKNOWN),
        "evse": Text(visible_id(row.cells.get("evse_uid", ""))),
        "message": Text(next(messages(row), "")),
    }


def place_name(row: Row, places: Places) -> str:
    where = row.cells.get("location_id", "")
    known = places.get(where)
    return (known.name if known else None) or visible_id(where) or formats.UNKNOWN


def zone_of(row: Row, places: Places) -> ZoneInfo:
    """The charger's, or that of most chargers where it is not known."""
    known = places.get(row.cells.get("location_id", ""))
    return known.clock if known else CHARGERS_ZONE


def reference(row: Row) -> str:
    return clean(row.booked_as or row.cells.get("external_id", ""))


def window(row: Row, places: Places) -> str:
    """`Tue 24 Nov 14:30–16:30` in the charger's zone; as it is written where it is no time."""
    if row.request is None:
        written = (row.cells.get("from", ""), row.cells.get("to", ""))
        return clean("–".join(filter(None, written))) or formats.UNKNOWN
    zone = zone_of(row, places)
    begins = row.request.reservation_start.astimezone(zone)
    ends = row.request.reservation_end.astimezone(zone)
    days = (ends.date() - begins.date()).days
    day = formats.day(begins.date(), year=False)
    return f"{day} {begins:%H:%M}–{ends:%H:%M}" + (f"+{days}" if days else "")


def messages(row: Row) -> Iterator[str]:
    """What is to be known of a row, the gravest first."""
    yield from row.errors
    if row.reason:
        yield clean(row.reason, 1000)
    yield from row.warnings


def detail(
    row: Row, state: str, places: Places, viewer: ZoneInfo, now: datetime
) -> Iterator[Content]:
    """All of a row, for the pane below the table."""
    sign, word, _colour = STATES[state]
    heading = _("Row {n}").format(n=row.number)
    marked = _(word) if sign == "·" else f"{sign} {_(word)}"  # one dot parts them
    yield Content.styled(f"{heading} · {marked}", "bold")
    for text in messages(row):
        yield Content(text)
    names = [place_name(row, places), visible_id(row.cells.get("evse_uid", "")), reference(row)]
    yield Content(" · ".join(filter(None, names)))
    if row.request is not None:
        zone = zone_of(row, places)
        times = (row.request.reservation_start, row.request.reservation_end)
        yield Content(" – ".join(formats.when(one, zone, viewer, now=now) for one in times))
    if row.booking_id:
        yield Content(_("Booking {id}").format(id=visible_id(row.booking_id)))


def in_order(
    rows: Sequence[Row], key: str, reverse: bool, states: Mapping[int, str], places: Places
) -> list[Row]:
    """By a column; what has no value comes last, either way."""

    def value(row: Row) -> Any:
        if key == "window":
            return row.request and row.request.reservation_start
        if key == "estimate":
            return row.estimate and (row.estimate[1], row.estimate[0])
        texts = {"number": row.number, "state": _ORDER.index(states[row.number])}
        if key in texts:
            return texts[key]
        words = {
            "location": place_name(row, places),
            "reference": reference(row),
            "evse": row.cells.get("evse_uid", ""),
            "message": next(messages(row), ""),
        }
        return words[key].casefold() or None

    known = [row for row in rows if value(row) is not None]
    unknown = [row for row in rows if value(row) is None]
    return sorted(known, key=value, reverse=reverse) + unknown
