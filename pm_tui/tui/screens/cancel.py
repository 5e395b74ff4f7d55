"""Ask before a booking is cancelled: what it may cost, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Input, Select, Static

from pm_tui.i18n import N_, _
from pm_tui.models.text import visible_id
from pm_tui.tui.screens.base import Dialog
from pm_tui.tui.styles import style
from pm_tui.tui.widgets.booking_table import window
from pm_tui.tui.widgets.key_bar import KeyBar

if TYPE_CHECKING:
    from pm_tui.models.booking import Booking
    from pm_tui.services.ledger import Ledger

REASONS = (
    N_("plans changed"),
    N_("another charger was booked"),
    N_("vehicle not available"),
    N_("charger not reachable"),
    N_("booked by mistake"),
)


class CancelScreen(Dialog["str | None"]):
    """Gives the reason, or None when the booking stays. `booking` was read just before."""

    CSS_PATH = style("bookings")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", N_("Keep the booking"), id="dialog.back"),
        Binding("ctrl+s", "cancel", N_("Cancel the booking"), id="dialog.do"),
    ]

    def __init__(self, booking: Booking, known: Ledger) -> None:
        super().__init__()
        self._booking, self._known = booking, known

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = _("Cancel this booking?")
            yield Static(Content(self._what()), id="what")
            yield Static(self._terms(), id="terms")
            yield Select(
                [(_(reason), reason) for reason in REASONS],
                value=REASONS[0],
                allow_blank=False,
                compact=True,
                id="reason",
            )
            words = Input(placeholder=_("or in your own words"), compact=True, id="words")
            words.cursor_blink = False
            yield words
            with Horizontal(classes="buttons"):
                yield Button(_("Keep the booking"), id="keep", compact=True)
                yield Button(_("Cancel the booking"), variant="error", id="cancel", compact=True)
        yield KeyBar()

    def _what(self) -> str:
        booking, known = self._booking, self._known
        words = (
            known.place(booking),
            window(booking, known.zone(booking)),
            booking.external_id or visible_id(booking.id),
        )
        return "\n".join(words)

    def _terms(self) -> Content:
        if self._booking.cancel_terms == "free":
            return Content.styled(_("Cancelling is free of charge now."), "$text-success")
        if self._booking.cancel_terms == "fee possible":
            return Content.styled(
                _("The operator has confirmed: cancelling may cost a fee. Its amount is not told."),
                "bold $text-warning",
            )
        return Content(_("Whether this costs something is not known."))

    def on_mount(self) -> None:
        self.query_one("#keep").focus()

    @on(Button.Pressed, "#keep")
    def _keep(self) -> None:
        self.dismiss(None)

    @on(Button.Pressed, "#cancel")
    def action_cancel(self) -> None:
        words = self.query_one("#words", Input).value.strip()
        # the server reads English or whatever the person wrote; the list's words stay English
        self.dismiss(words or str(self.query_one("#reason", Select).value))
