"""All that is known of one booking, as text that scrolls."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from textual.content import Content

from pm_tui import formats
from pm_tui.i18n import _
from pm_tui.models.text import visible_id
from pm_tui.tui.widgets.booking_table import is_old, to_start
from pm_tui.tui.widgets.text_pane import TextPane

if TYPE_CHECKING:
    from pm_tui.models.booking import Booking
    from pm_tui.services.ages import Limits
    from pm_tui.services.ledger import Ledger

CANCELLING = {
    "free": lambda: _("free of charge"),
    "fee possible": lambda: _("possible, the operator may charge a fee"),
    "impossible": lambda: _("not possible any more"),
    "unknown": lambda: _("unclear: the gateway decides"),
}


class BookingDetail(TextPane):
    def on_mount(self) -> None:
        self.border_title = _("Booking")

    def show_booking(
        self,
        booking: Booking | None,
        known: Ledger,
        now: datetime,
        viewer: ZoneInfo,
        limits: Limits,
    ) -> None:
        """Show a booking as the ledger knows it."""
        if booking is None:
            self.show([Content(_("Choose a row to see the booking."))])
        else:
            self.show(lines(booking, known, now, viewer, limits), key=booking.id)


def lines(
    booking: Booking, known: Ledger, now: datetime, viewer: ZoneInfo, limits: Limits
) -> Iterator[Content]:
    """The detail's lines. Every text is `Content`: server text is never markup."""
    zone = known.zone(booking)
    mark = formats.status_mark(booking.status)
    tone = "$text-muted" if mark.tone == "muted" else f"$text-{mark.tone}"
    if is_old(booking, known, now, limits):
        ago = limits.look("status", known.time_of(booking.id), now).ago
        text = _("was: {status}").format(status=mark)
        yield Content.styled(f"{text}, {ago}", "dim")
    else:
        yield Content.styled(str(mark), f"bold {tone}")
    yield Content(known.place(booking))
    for label, at in (
        (_("From"), booking.reservation_start),
        (_("Until"), booking.reservation_end),
    ):
        yield _labelled(label, "–" if at is None else formats.when(at, zone, viewer, now=now))
    yield _labelled(_("Starts"), to_start(booking, now))
    price = formats.money(booking.client_price, booking.client_price_currency)
    estimate = booking.client_price is not None and not booking.is_final
    yield _labelled(_("Price"), _("{price} (estimate)").format(price=price) if estimate else price)
    yield _labelled(_("Cancelling"), CANCELLING[booking.cancel_terms]())
    yield _labelled(_("Reference"), booking.external_id or "–")
    yield _labelled(_("Operator's number"), booking.cpo_reservation_id or "–")
    yield _labelled(_("EVSE"), visible_id(booking.evse_uid or "") or "–")
    yield _labelled(_("Paid by"), _payer(booking))
    for name, value in booking.token.items():
        yield Content.assemble(
            Content.styled(f"{name}: ", "$text-muted"), Content.styled(value, "bold")
        )
    if booking.created_at is not None:
        yield _labelled(_("Booked"), formats.when(booking.created_at, viewer, now=now))
    age = formats.age(now - known.time_of(booking.id))
    source = _("live, {age} ago") if known.is_live(booking.id) else _("remembered, {age} ago")
    yield _labelled(_("Known"), source.format(age=age))
    yield _labelled("ID", visible_id(booking.id))


def _payer(booking: Booking) -> str:
    who = booking.customer_id or booking.token_id or booking.fleet_group_id or booking.token_uid
    return " ".join(filter(None, (booking.token_strategy, visible_id(who or "")))) or "–"


def _labelled(label: str, value: str) -> Content:
    return Content.assemble(Content.styled(f"{label}: ", "$text-muted"), value)
