"""A row a location: what decides whether to drive there."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from rich.text import Text

from pm_tui import formats
from pm_tui.i18n import N_, _
from pm_tui.models.text import visible_id
from pm_tui.tui.widgets.paged_table import Cells, Column

if TYPE_CHECKING:
    from pm_tui.models.charger import Location

COLUMNS = (
    Column("distance", N_("km"), 5, right=True),
    Column("name", N_("Location"), 18, grow=4),
    Column("operator", N_("Operator"), 14, grow=1, rank=2),
    Column("plugs", N_("Plugs"), 12, grow=1, rank=3),
    Column("power", N_("kW"), 4, right=True),
    Column("free", N_("Free"), 5, right=True),
    Column("price", N_("~Price"), 8, rank=1, right=True),
    Column("reservable", N_("Reserve"), 7),
    Column("age", N_("Age"), 6, rank=4, right=True),
)


def cells(location: Location, fetched_at: datetime, now: datetime, *, live: bool) -> Cells:
    """The cells of one location. Unknown is a dash, never a zero; what is not live is dimmed."""
    style = "" if live else "dim"
    total = len(location.evses)
    free = location.evses_available
    return {
        "distance": Text(formats.number(location.distance_km, 1), style),
        "name": Text(_name(location), style),
        "operator": Text(location.cpo_name or location.cpo_party_id or "–", style),
        "plugs": Text(" ".join(map(formats.plug, location.connector_types)) or "–", style),
        "power": Text(formats.number(location.max_power_kw, 0), style),
        "free": Text(f"{'?' if free is None else free}/{total}", style or _colour(free)),
        "price": Text(formats.money(location.estimated_price, location.currency), style),
        "reservable": _reservable(location.supports_reservation, style),
        "age": Text(formats.age(now - fetched_at), style),
    }


def _name(location: Location) -> str:
    return location.name or location.address or visible_id(location.location_id)


def _colour(free: int | None) -> str:
    return "" if free is None else "green" if free else "red"


def _reservable(value: bool | None, style: str) -> Text:
    if value is None:
        return Text("–", style)
    return Text(f"✓ {_('yes')}", style) if value else Text(f"✗ {_('no')}", style)
