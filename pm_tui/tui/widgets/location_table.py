"""A row a location: what decides whether to drive there."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from rich.text import Text

from pm_tui import formats
from pm_tui.i18n import N_, _
from pm_tui.models.text import visible_id
from pm_tui.tui.widgets.columns import RowCells
from pm_tui.tui.widgets.paged_table import Cells, Column

if TYPE_CHECKING:
    from pm_tui.models.charger import Location
    from pm_tui.services.ages import Aged, Kind, Limits

KINDS: tuple[Kind, ...] = ("status", "price", "address")

FREE_WIDTH, PRICE_WIDTH = 7, 10
COLUMNS = (
    Column("distance", N_("km"), 5, right=True),
    Column("name", N_("Location"), 18, grow=4),
    Column("operator", N_("Operator"), 14, grow=1, rank=2),
    Column("plugs", N_("Plugs"), 12, grow=1, rank=3),
    Column("power", N_("kW"), 4, right=True),
    Column("free", N_("Free"), FREE_WIDTH, right=True),
    Column("price", N_("~Price"), PRICE_WIDTH, rank=1, right=True),
    Column("reservable", N_("Reserve"), 7),
    Column("age", N_("Age"), 6, rank=4, right=True),
    Column("address", N_("Address"), 18, grow=2, extra=True),
    Column("zip", N_("Postcode"), 8, extra=True),
    Column("city", N_("City"), 12, grow=1, extra=True),
    Column("points", N_("Points"), 6, right=True, extra=True),
    Column("open", N_("Open"), 14, grow=1, extra=True),
    Column("id", "ID", 16, extra=True),
)
STAR = "★"


def cells(
    location: Location,
    fetched_at: datetime,
    now: datetime,
    limits: Limits,
    *,
    starred: bool = False,
    mark: str = "",
) -> Cells:
    """The cells of one location. Unknown is a dash, never a zero. A figure older than its kind's
    limit is dimmed and says in words what it is: what it was."""
    status, price, address = (limits.look(kind, fetched_at, now) for kind in KINDS)
    described = "dim" if address.old else ""
    cells = {
        "distance": Text(formats.number(location.distance_km, 1), described),
        "name": Text(_name(location, address, starred, mark), described),
        "operator": Text(location.cpo_name or location.cpo_party_id or "–", described),
        "plugs": Text(" ".join(map(formats.plug, location.connector_types)) or "–", described),
        "power": Text(formats.number(location.max_power_kw, 1, trim=True), described),
        "free": _free(location, status),
        "price": _price(location, price),
        "reservable": _reservable(location.supports_reservation, described),
        "age": Text(
            formats.UNKNOWN if status.age is None else formats.age(status.age),
            "dim" if status.old else "",
        ),
    }
    return RowCells(cells, lambda key: _extra(location, key, described))


def _extra(location: Location, key: str, style: str) -> Text:
    """What is shown only where a person asked for it."""
    if key == "open":
        from pm_tui.tui.widgets.location_detail import opening

        return Text(opening(location), style)
    told = {
        "address": location.address,
        "zip": location.postal_code,
        "city": location.city,
        "points": formats.number(len(location.evses)) if location.evses else None,
        "id": visible_id(location.location_id),
    }
    return Text(told[key] or formats.UNKNOWN, style)


def _name(location: Location, address: Aged, starred: bool, mark: str) -> str:
    name = location.name or location.address or visible_id(location.location_id)
    if address.old:
        age = "?" if address.age is None else formats.age(address.age)
        name = f"({age}) {name}"
    return " ".join(filter(None, (mark, STAR if starred else "", name)))


def _free(location: Location, status: Aged) -> Text:
    free = location.evses_available
    text = f"{'?' if free is None else free}/{len(location.evses)}"
    if status.old:
        return _was(text, FREE_WIDTH)
    return Text(text, "" if free is None else "green" if free else "red")


def _price(location: Location, price: Aged) -> Text:
    text = formats.money(location.estimated_price, location.currency, PRICE_WIDTH)
    if price.old and location.estimated_price is not None:
        return _was(text, PRICE_WIDTH)
    return Text(text)


def _was(figure: str, width: int) -> Text:
    """An old figure; whole, also where it is long: `was 3/4`, `17/20?`."""
    was = _("was {figure}").format(figure=figure)
    return Text(was if len(was) <= width else f"{figure}?", "dim")


def _reservable(value: bool | None, style: str) -> Text:
    if value is None:
        return Text("–", style)
    return Text(f"✓ {_('yes')}", style) if value else Text(f"✗ {_('no')}", style)
