"""A charging point, its connectors and its price in a line each, as forms show them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from pm_tui import formats
from pm_tui.i18n import _
from pm_tui.models.text import visible_id

if TYPE_CHECKING:
    from pm_tui.models.charger import Connector, Evse, Location


def evse_text(evse: Evse, *, live: bool = True) -> str:
    """`DE*ENB*E1*2  ✓ available  CCS  150 kW`; a state that is not live is told as a past one."""
    plugs = ", ".join(formats.plug(code) for code in evse.connector_types)
    power = formats.power(evse.max_power_kw) if evse.max_power_kw is not None else ""
    state = str(formats.status_mark(evse.status))
    if not live:
        state = _("was: {status}").format(status=state) if evse.status else ""
    return "  ".join(filter(None, (visible_id(evse.evse_uid), state, plugs, power)))


def best_evse(location: Location, plug: str | None) -> str | None:
    """The uid of the first free charging point with this plug, where one was asked for."""
    fitting = [evse for evse in location.evses if plug is None or plug in evse.connector_types]
    free = [evse for evse in fitting if evse.available]
    return next((evse.evse_uid for evse in (*free, *fitting)), None)


def connector_text(connector: Connector) -> str:
    power = formats.power(connector.power_kw) if connector.power_kw is not None else ""
    kinds = {"CABLE": _("fixed cable"), "SOCKET": _("socket")}
    kind = kinds.get(connector.format or "", connector.format or "")
    name = visible_id(connector.id or "")
    return "  ".join(filter(None, (name, formats.plug(connector.standard), power, kind)))


def price_text(evse: Evse | None, location: Location | None) -> str:
    """The estimate of `evse`, else that of its location, which may be another point's."""
    price, currency = estimate(evse, location)
    if price is None:
        return _("{nothing} no estimate given").format(nothing=formats.UNKNOWN)
    told = formats.money(price, currency)
    if evse is not None and evse.estimated_price is not None:
        return _("about {price}: an estimate, the invoice may differ").format(price=told)
    return _("about {price}: an estimate for the location, not the point").format(price=told)


def estimate(*holders: Evse | Location | None) -> tuple[Decimal | None, str | None]:
    """The price and currency of the first that has a price."""
    for holder in holders:
        if holder is not None and holder.estimated_price is not None:
            return holder.estimated_price, holder.currency
    return None, None
