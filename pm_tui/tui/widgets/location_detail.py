"""All that is known of one location, as text that scrolls."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from textual.content import Content

from pm_tui import formats
from pm_tui.i18n import _, ngettext
from pm_tui.models.text import visible_id
from pm_tui.models.zones import CHARGERS_ZONE
from pm_tui.tui.widgets.location_table import KINDS, STAR
from pm_tui.tui.widgets.text_pane import TextPane

if TYPE_CHECKING:
    from pm_tui.models.charger import Evse, Location
    from pm_tui.services.ages import Aged, Limits


class LocationDetail(TextPane):
    def on_mount(self) -> None:
        self.border_title = _("Location")
        self.offer_copying()

    def show_nothing(self) -> None:
        """Say how to see something here."""
        self.show([Content(_("Choose a row to see its chargers."))])

    def show_location(self, known: Known, now: datetime, limits: Limits) -> None:
        """Show a location as it was known at its time."""
        self.show(lines(known, now, limits), key=known.location.location_id)


@dataclass(frozen=True, slots=True)
class Known:
    """A location, when it was fetched (UTC), from where, and the person's own note on it (None:
    it is no favourite). `along`: its distance is that along a way, on which one comes by
    at `passed_at`."""

    location: Location
    fetched_at: datetime
    live: bool
    note: str | None = None
    along: bool = False
    passed_at: datetime | None = None


def lines(known: Known, now: datetime, limits: Limits) -> Iterator[Content]:
    """The detail's lines. Every text is `Content`: server text is never markup."""
    location = known.location
    status, priced, seen = (limits.look(kind, known.fetched_at, now) for kind in KINDS)
    yield Content.styled(location.name or visible_id(location.location_id), "bold")
    if known.note is not None:
        note = known.note or _("Favourite")
        yield Content.styled(f"{STAR} {note}", "$text-accent")
    yield Content(location.cpo_name or location.cpo_party_id or "–")
    town = " ".join(filter(None, (location.postal_code, location.city)))
    address = ", ".join(filter(None, (location.address, town))) or "–"
    if seen.old:
        address += " · " + _("address seen {ago}").format(ago=seen.ago)
    yield Content.styled(address, "dim" if seen.old else "")
    label = _("Along the way") if known.along else _("Distance")
    yield _labelled(label, formats.distance(location.distance_km))
    if known.passed_at is not None:
        yield _labelled(_("You pass"), formats.when(known.passed_at, CHARGERS_ZONE, now=now))
    yield _labelled(_("Opening hours"), opening(location))
    price = formats.money(location.estimated_price, location.currency)
    if location.estimated_price is not None:
        price = _("{price} (estimate)").format(price=price)
        if priced.old:
            price = _("was {price}, seen {ago}").format(price=price, ago=priced.ago)
    yield _labelled(_("Price"), price, dim=priced.old)
    yield _labelled(_("Reservation"), reservation(location))
    source = _("live, {ago}") if known.live and not status.old else _("remembered, {ago}")
    yield _labelled(_("Known"), source.format(ago=status.lately))
    yield _labelled("ID", visible_id(location.location_id))
    if location.latitude is not None and location.longitude is not None:
        yield _labelled(_("Position"), f"{location.latitude:.5f}, {location.longitude:.5f}")
    yield Content("")
    n = len(location.evses)
    points = ngettext("{n} charging point", "{n} charging points", n).format(n=n)
    if status.old:
        points += ", " + _("as they were {ago}").format(ago=status.ago)
    yield Content.styled(points, "bold")
    for evse in location.evses:
        yield from evse_lines(evse, status)


def evse_lines(evse: Evse, known: Aged) -> Iterator[Content]:
    status = str(formats.status_mark(evse.status))
    if known.old:
        status = _("was: {status}").format(status=status)
    colour = "$text-success" if evse.available else "$text-muted"
    yield Content.assemble(
        visible_id(evse.evse_uid) or "–",
        "  ",
        Content.styled(status, "dim" if known.old else colour),
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


def _labelled(label: str, value: str, *, dim: bool = False) -> Content:
    shown = Content.styled(value or "–", "dim" if dim else "")
    return Content.assemble(Content.styled(f"{label}: ", "$text-muted"), shown)
