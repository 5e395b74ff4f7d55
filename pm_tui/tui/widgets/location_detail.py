"""All that is known of one location, as text that scrolls."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from textual.content import Content

from pm_tui import formats
from pm_tui.i18n import _, ngettext
from pm_tui.models.text import visible_id
from pm_tui.tui.widgets.text_pane import TextPane

if TYPE_CHECKING:
    from pm_tui.models.charger import Evse, Location


STATUS_HOLDS = timedelta(minutes=2)  # then "available" is what it was, not what it is


class LocationDetail(TextPane):
    def on_mount(self) -> None:
        self.border_title = _("Location")

    def show_location(
        self, location: Location | None, fetched_at: datetime, now: datetime, live: bool
    ) -> None:
        """Show a location as known at `fetched_at` (UTC)."""
        if location is None:
            self.show([Content(_("Choose a row to see its chargers."))])
        else:
            self.show(lines(location, fetched_at, now, live), key=location.location_id)


def lines(location: Location, fetched_at: datetime, now: datetime, live: bool) -> Iterator[Content]:
    """The detail's lines. Every text is `Content`: server text is never markup."""
    yield Content.styled(location.name or visible_id(location.location_id), "bold")
    yield Content(location.cpo_name or location.cpo_party_id or "–")
    town = " ".join(filter(None, (location.postal_code, location.city)))
    yield Content(", ".join(filter(None, (location.address, town))) or "–")
    yield _labelled(_("Distance"), formats.distance(location.distance_km))
    yield _labelled(_("Opening hours"), opening(location))
    price = formats.money(location.estimated_price, location.currency)
    if location.estimated_price is not None:
        price = _("{price} (estimate)").format(price=price)
    yield _labelled(_("Price"), price)
    yield _labelled(_("Reservation"), reservation(location))
    age = formats.age(now - fetched_at)
    live = live and now - fetched_at < STATUS_HOLDS
    known = _("live, {age} ago") if live else _("remembered, {age} ago")
    yield _labelled(_("Known"), known.format(age=age))
    yield _labelled("ID", visible_id(location.location_id))
    if location.latitude is not None and location.longitude is not None:
        yield _labelled(_("Position"), f"{location.latitude:.5f}, {location.longitude:.5f}")
    yield Content("")
    n = len(location.evses)
    yield Content.styled(
        ngettext("{n} charging point", "{n} charging points", n).format(n=n), "bold"
    )
    for evse in location.evses:
        yield from evse_lines(evse, live)


def evse_lines(evse: Evse, live: bool) -> Iterator[Content]:
    status = str(formats.status_mark(evse.status))
    if not live:
        status = _("was: {status}").format(status=status)
    colour = "$text-success" if evse.available else "$text-muted"
    yield Content.assemble(
        visible_id(evse.evse_uid) or "–", "  ", Content.styled(status, colour if live else "dim")
    )
    for connector in evse.connectors:
        words = [formats.plug(connector.standard), formats.power(connector.power_kw)]
        if connector.format in ("SOCKET", "CABLE"):
            words.append(_("socket") if connector.format == "SOCKET" else _("cable"))
        yield Content.styled("   " + " · ".join(words), "$text-muted")


def opening(location: Location) -> str:
    if location.always_open:
        return _("always open")
    periods = location.opening or ()
    if not periods:
        return location.opening_text or _("not stated")
    return ", ".join(
        f"{formats.weekday(period.weekday)} {period.begin}–{period.end}" for period in periods
    )


def reservation(location: Location) -> str:
    if location.supports_reservation is None:
        return _("not stated")
    return _("possible") if location.supports_reservation else _("not offered here")


def _labelled(label: str, value: str) -> Content:
    return Content.assemble(Content.styled(f"{label}: ", "$text-muted"), value or "–")
