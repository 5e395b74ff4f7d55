"""Bookings: the list that keeps itself current, the chosen one beside it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.events import ScreenResume
from textual.widgets import Input, Static

from pm_tui.i18n import N_, _, ngettext
from pm_tui.tui.screens.base import View
from pm_tui.tui.styles import style
from pm_tui.tui.widgets import booking_table
from pm_tui.tui.widgets.booking_detail import BookingDetail
from pm_tui.tui.widgets.filter_field import FilterField
from pm_tui.tui.widgets.paged_table import Cells, PagedTable

if TYPE_CHECKING:
    from pm_tui.models.booking import Booking

AGES_EVERY = 30.0  # seconds
FRESH = timedelta(minutes=5)  # a list younger than this is not read again for being opened


class BookingsView(View):
    NAME = "bookings"
    CSS_PATH = style("bookings")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "cancel", N_("Cancel booking"), id="bookings.cancel"),
        Binding("r", "look", N_("Look now"), id="bookings.look"),
        Binding("o", "only_open", N_("Open only"), id="bookings.open"),
        Binding("enter", "details", N_("Details"), show=False, id="bookings.details"),
        Binding("slash", "filter", N_("Filter"), id="bookings.filter", key_display="/"),
        Binding("escape", "back", N_("Back"), show=False, id="bookings.back"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._sort, self._reverse = "starts", False
        self._open_only = False
        self._text = ""
        self._shown: dict[str, Booking] = {}
        self._to_choose = ""

    def compose_view(self) -> ComposeResult:
        yield Static(id="bookings-head")
        yield FilterField()
        with Horizontal(id="booking-results"):
            yield PagedTable(booking_table.COLUMNS, self._cells, id="bookings")
            yield BookingDetail(id="booking-detail")

    def on_mount(self) -> None:
        self.query_one(PagedTable).focus()
        self.show_bookings()
        self.set_interval(AGES_EVERY, self.show_bookings)

    @on(ScreenResume)
    def _look_again(self) -> None:
        self.show_bookings()
        known = self.app.known.result
        # a dialog that closes over the list brings the view back as well: no reason to ask anew
        if known is None or known.origin != "live" or known.age(self.app.now()) > FRESH:
            self.app.look_soon()

    def _cells(self, booking: Booking) -> Cells:
        return booking_table.cells(booking, self.app.known, self.app.now())

    # -- showing -------------------------------------------------------------

    def show_bookings(self, *, from_top: bool = False) -> None:
        """Show what the app knows, filtered and sorted."""
        if not self.is_mounted:
            return
        known = self.app.known
        kept = [booking for booking in known.bookings if self._wanted(booking)]
        kept = known.sort(kept, self._sort, self._reverse, self.app.now())
        self._shown = {booking.id: booking for booking in kept}
        table = self.query_one("#bookings", PagedTable)
        table.mark_sort(self._sort, self._reverse)
        table.show(list(self._shown.items()), from_top=from_top)
        if self._to_choose in self._shown:
            table.choose(self._to_choose)
            self._to_choose = ""
        self._head()
        self._show_detail(table.chosen)

    def _wanted(self, booking: Booking) -> bool:
        if self._open_only and booking.is_final:
            return False
        if not self._text:
            return True
        place = self.app.known.place(booking)
        words = (place, booking.external_id, booking.status, booking.id, booking.evse_uid)
        return any(self._text in word.casefold() for word in words if word)

    def _head(self) -> None:
        known = self.app.known
        if known.result is None:
            text = known.problem or _("Reading the bookings…")
            self.query_one("#bookings-head", Static).update(Content(text))
            return
        n, of = len(self._shown), len(known.bookings)
        count = ngettext("{n} booking", "{n} bookings", of).format(n=of)
        pieces = [Content(count if n == of else _("{n} of {count}").format(n=n, count=count))]
        if not of:
            pieces = [Content(_("No bookings yet: press 1, search, choose a row and press B."))]
        pieces.append(self.app.origin_text(known.result))
        if known.problem:
            pieces.append(Content.styled(known.problem, "bold $text-error"))
        elif known.result.problem is not None:
            pieces.append(Content.styled(str(known.result.problem), "$text-warning"))
        elif known.result.origin == "live" and not known.result.value.complete:
            pieces.append(Content.styled(_("older ones are not shown"), "$text-warning"))
        self.query_one("#bookings-head", Static).update(Content(" · ").join(pieces))

    def _show_detail(self, booking_id: str | None) -> None:
        booking = self._shown.get(booking_id or "")
        viewer = self.app.settings.timezone
        self.query_one(BookingDetail).show_booking(booking, self.app.known, self.app.now(), viewer)

    def choose(self, booking_id: str) -> None:
        """Put the cursor on a booking that was just made, as soon as it is in the list."""
        self._to_choose = booking_id
        self.show_bookings()

    @on(PagedTable.Chosen)
    def _chosen(self, event: PagedTable.Chosen) -> None:
        self.show_soon(lambda: self._show_detail(event.table.chosen))

    @on(PagedTable.SortRequested)
    def _sort_requested(self, event: PagedTable.SortRequested) -> None:
        self._sort, self._reverse = event.key, event.reverse
        self.show_bookings(from_top=True)

    @on(PagedTable.RowSelected)
    def _row_selected(self) -> None:
        self.action_details()

    @on(Input.Changed, "#filter")
    def _text_changed(self, event: Input.Changed) -> None:
        self._text = event.value.strip().casefold()
        self.show_bookings()

    @on(Input.Submitted, "#filter")
    def _text_done(self) -> None:
        self.query_one("#bookings").focus()

    # -- actions -------------------------------------------------------------

    def action_filter(self) -> None:
        self.query_one(FilterField).open()

    def action_back(self) -> None:
        field = self.query_one(FilterField)
        if self.has_class("-details"):
            self.remove_class("-details")
        elif field.is_open:
            field.close()
        self.query_one("#bookings").focus()

    def action_details(self) -> None:
        """Where there is no room beside the list, the details take its place until Escape."""
        if self.has_class("-narrow"):
            self.toggle_class("-details")
        self.query_one(BookingDetail).focus()

    def action_look(self) -> None:
        self.app.look_now()

    def action_only_open(self) -> None:
        self._open_only = not self._open_only
        self.show_bookings()

    def action_cancel(self) -> None:
        chosen = self.query_one("#bookings", PagedTable).chosen
        if chosen is None:
            self.app.notify(_("There is no booking to cancel."))
        else:
            self.app.cancel_booking(chosen)
