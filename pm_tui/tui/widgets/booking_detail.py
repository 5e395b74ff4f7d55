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
from pm_tui.tui.key_names import keyed
from pm_tui.tui.widgets.booking_table import is_old, to_start
from pm_tui.tui.widgets.text_pane import TextPane
from pm_tui.tui.widgets.unsettled_text import doing, must_not, question

if TYPE_CHECKING:
    from pm_tui.models.booking import Booking
    from pm_tui.models.result import Result
    from pm_tui.services.ages import Limits
    from pm_tui.services.caps import Budgets
    from pm_tui.services.ledger import Ledger
    from pm_tui.services.unsettled import Unsettled

CANCELLING = {
    "free": lambda: _("free of charge"),
    "fee possible": lambda: _("possible, the operator may charge a fee"),
    "impossible": lambda: _("not possible any more"),
    "unknown": lambda: _("unclear: the gateway decides"),
}


class BookingDetail(TextPane):
    def on_mount(self) -> None:
        self.border_title = _("Booking")
        self.offer_copying()

    def show_booking(
        self,
        booking: Booking | None,
        known: Ledger,
        now: datetime,
        viewer: ZoneInfo,
        limits: Limits,
        budgets: Result[Budgets] | None = None,
    ) -> None:
        """Show a booking as the ledger knows it, and the budgets that it counts against."""
        if booking is None:
            self.show([Content(_("Choose a row to see the booking."))])
        else:
            told = [*lines(booking, known, now, viewer, limits), *_budgets(booking, budgets, now)]
            self.show(told, key=booking.id)

    def show_unsettled(
        self, unsettled: Unsettled, known: Ledger, now: datetime, viewer: ZoneInfo
    ) -> None:
        """Show a wish whose outcome nobody knows."""
        self.show(unsettled_lines(unsettled, known, now, viewer), key=unsettled.id)


def lines(
    booking: Booking, known: Ledger, now: datetime, viewer: ZoneInfo, limits: Limits
) -> Iterator[Content]:
    """The detail's lines. Every text is `Content`: server text is never markup."""
    zone = known.zone(booking)
    mark = formats.status_mark(booking.status)
    tone = "$text-muted" if mark.tone == "muted" else f"$text-{mark.tone}"
    if is_old(booking, known, now, limits):
        ago = limits.look("booking", known.time_of(booking.id), now).ago
        text = _("was: {status}").format(status=mark)
        yield Content.styled(f"{text}, {ago}", "dim")
    else:
        yield Content.styled(str(mark), f"bold {tone}")
    if booking.id in known.half_changed:
        text = _(
            "A change of this booking was interrupted: {bookings.change} says what is left, and "
            "goes on."
        )
        yield Content.styled(f"! {keyed(text)}", "bold $text-warning")
    yield Content(known.place(booking))
    yield from _window(booking, zone, viewer, now)
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
    ago = limits.look("booking", known.time_of(booking.id), now).lately
    source = _("live, {ago}") if known.is_live(booking.id) else _("remembered, {ago}")
    yield _labelled(_("Known"), source.format(ago=ago))
    yield _labelled("ID", visible_id(booking.id))


def unsettled_lines(
    unsettled: Unsettled, known: Ledger, now: datetime, viewer: ZoneInfo
) -> Iterator[Content]:
    """What was sent, why nobody knows, what is being done, and what must not be done meanwhile."""
    wish = unsettled.wish
    yield Content.styled(question(unsettled), "bold $text-error")
    yield Content(known.place(wish))
    yield from _window(wish, known.zone(wish), viewer, now)
    yield _labelled(_("EVSE"), visible_id(wish.evse_uid or "") or formats.UNKNOWN)
    yield _labelled(_("Reference"), wish.external_id or formats.UNKNOWN)
    sent = _("{time}, {age} ago").format(
        time=formats.when(unsettled.sent_at, viewer, now=now),
        age=formats.age(now - unsettled.sent_at),
    )
    yield _labelled(_("Sent"), sent)
    yield Content("")
    yield Content.styled(_("We do not know yet."), "bold") + Content(" " + unsettled.why)
    yield Content("")
    yield Content(doing(unsettled, now, viewer))
    yield Content.styled(must_not(unsettled), "bold $text-warning")


def _budgets(booking: Booking, known: Result[Budgets] | None, now: datetime) -> Iterator[Content]:
    """What this month's booking counts against, as this client knows it."""
    if known is None:
        return
    from pm_tui.services import caps  # not before the first paint

    found = known.value.of_booking(booking)
    for one in found:
        words = " ".join(filter(None, (caps.level_words(one), caps.line(one))))
        yield _labelled(_("Budget this month"), words)
    if found:
        text = _("(known to this client only, {age} old)").format(age=formats.age(known.age(now)))
        yield Content.styled(text, "$text-muted")


def _window(booking: Booking, zone: ZoneInfo, viewer: ZoneInfo, now: datetime) -> Iterator[Content]:
    for label, at in (
        (_("From"), booking.reservation_start),
        (_("Until"), booking.reservation_end),
    ):
        told = formats.UNKNOWN if at is None else formats.when(at, zone, viewer, now=now)
        yield _labelled(label, told)


def _payer(booking: Booking) -> str:
    who = booking.customer_id or booking.token_id or booking.fleet_group_id or booking.token_uid
    return " ".join(filter(None, (booking.token_strategy, visible_id(who or "")))) or "–"


def _labelled(label: str, value: str) -> Content:
    return Content.assemble(Content.styled(f"{label}: ", "$text-muted"), value)
