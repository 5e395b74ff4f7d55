"""Bookings: the list that keeps itself current, the chosen one beside it. What nobody knows the
outcome of stands on top, whatever the order and the filter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.events import ScreenResume
from textual.widgets import Static

from pm_tui.i18n import N_, _, ngettext
from pm_tui.tui.key_names import after_key, keyed
from pm_tui.tui.screens.listing import Listing
from pm_tui.tui.styles import style
from pm_tui.tui.widgets import booking_table
from pm_tui.tui.widgets.booking_detail import BookingDetail
from pm_tui.tui.widgets.filter_field import FilterField
from pm_tui.tui.widgets.paged_table import Cells, PagedTable

if TYPE_CHECKING:
    from pm_tui.models.booking import Booking
    from pm_tui.services.copies import Copy
    from pm_tui.services.unsettled import Unsettled

_UNCLEAR = "?"  # before the key of a row that is no booking's
AGES_EVERY = 30.0  # seconds
FRESH = timedelta(minutes=5)  # a list younger than this is not read again for being opened


class BookingsView(Listing):
    NAME = "bookings"
    LIST = "bookings"
    CSS_PATH = style("bookings")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "cancel", N_("Cancel booking"), id="bookings.cancel"),
        Binding(
            "m", "change", N_("Change"), tooltip=N_("Change time or point"), id="bookings.change"
        ),
        Binding("r", "look", N_("Look now"), show=False, id="bookings.look"),
        Binding("x", "decide", N_("Decide"), id="bookings.decide"),
        Binding("o", "only_open", N_("Open only"), show=False, id="bookings.open"),
        Binding("t", "app.view('batch')", N_("Book a table"), show=False, id="bookings.batch"),
        Binding(
            "i",
            "calendar",
            N_("Calendar"),
            tooltip=N_("Calendar file of these bookings"),
            show=False,
            id="bookings.calendar",
        ),
        Binding("enter", "details", N_("Details"), show=False, id="bookings.details"),
        Binding("slash", "filter", N_("Filter"), id="bookings.filter", key_display="/"),
        Binding("escape", "back", N_("Back"), show=False, id="bookings.back"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._sort, self._reverse = self.app.kept_sort("bookings", booking_table.COLUMNS, "starts")
        self._open_only = False
        self._shown: dict[str, Booking] = {}
        self._unsettled: dict[str, Unsettled] = {}
        self._to_choose = ""

    def compose_view(self) -> ComposeResult:
        yield Static(id="bookings-head")
        yield FilterField()
        with Horizontal(id="booking-results"):
            yield PagedTable(booking_table.COLUMNS, self._cells, id="bookings")
            yield BookingDetail(id="booking-detail")

    def on_mount(self) -> None:
        self.query_one(PagedTable).focus()
        self.show_rows()
        self.set_interval(AGES_EVERY, self.show_rows)

    @on(ScreenResume)
    def _look_again(self) -> None:
        self.show_rows()
        known = self.app.known.result
        # a dialog that closes over the list brings the view back as well: no reason to ask anew
        if known is None or known.origin != "live" or known.age(self.app.now()) > FRESH:
            self.app.look_soon()

    def _cells(self, row: Booking | Unsettled) -> Cells:
        from pm_tui.services.unsettled import Unsettled  # not before the first paint

        if isinstance(row, Unsettled):
            return booking_table.unsettled_cells(row, self.app.known, self.app.now())
        return booking_table.cells(row, self.app.known, self.app.now(), self.app.limits)

    # -- showing -------------------------------------------------------------

    def show_rows(self, *, from_top: bool = False) -> None:
        """Show what the app knows, filtered and sorted."""
        if not self.is_mounted:
            return
        known = self.app.known
        kept = [booking for booking in known.bookings if self._wanted(booking)]
        kept = known.sort(kept, self._sort, self._reverse, self.app.now())
        self._shown = {booking.id: booking for booking in kept}
        had_unsettled = bool(self._unsettled)
        self._unsettled = {_UNCLEAR + one.id: one for one in known.unsettled}
        if had_unsettled != bool(self._unsettled):
            self.refresh_bindings()
        table = self.query_one("#bookings", PagedTable)
        table.mark_sort(self._sort, self._reverse)
        table.show([*self._unsettled.items(), *self._shown.items()], from_top=from_top)
        if self._to_choose in self._shown or self._to_choose in self._unsettled:
            table.choose(self._to_choose)
            self._to_choose = ""
        self._head()
        self._show_detail(table.chosen)

    def _wanted(self, booking: Booking) -> bool:
        if self._open_only and booking.is_final and booking.id not in self.app.known.half_changed:
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
            if known.problem:
                text += " " + keyed(_("{bookings.look} reads them when there is a network."))
            self.query_one("#bookings-head", Static).update(Content(text))
            return
        n, of = len(self._shown), len(known.bookings)
        count = ngettext("{n} booking", "{n} bookings", of).format(n=of)
        pieces = [Content(count if n == of else _("{n} of {count}").format(n=n, count=count))]
        if not of:
            text = _(
                "No bookings yet: press {app.find}, search, choose a row and press {find.book}."
            )
            pieces = [Content(keyed(text))]
        pieces.append(self.app.origin_text(known.result))
        if known.problem:
            pieces.append(Content.styled(known.problem, "bold $text-error"))
        elif known.result.problem is not None:
            pieces.append(Content.styled(str(known.result.problem), "$text-warning"))
        elif known.result.origin == "live" and not known.result.value.complete:
            pieces.append(Content.styled(_("older ones are not shown"), "$text-warning"))
        if halves := len(known.half_changed):
            text = ngettext("{n} change not finished", "{n} changes not finished", halves)
            pieces.append(Content.styled(text.format(n=halves), "bold $text-warning"))
        if self.app.budgets is not None:
            from pm_tui.services import caps  # not before the first paint

            if text := caps.head(self.app.budgets.value):
                pieces.append(Content.styled(text, "bold $text-warning"))
        # for the mouse: the line of keys is full
        pieces.append(
            Content(after_key("bookings.batch", _("book a table"))).stylize(
                "@click=app.view('batch')"
            )
        )
        pieces.append(
            Content(after_key("bookings.calendar", _("calendar"))).stylize("@click=screen.calendar")
        )
        self.query_one("#bookings-head", Static).update(Content(" · ").join(pieces))

    def _show_detail(self, key: str | None) -> None:
        pane, viewer = self.query_one(BookingDetail), self.app.settings.timezone
        unsettled = self._unsettled.get(key or "")
        if unsettled is not None:
            pane.show_unsettled(unsettled, self.app.known, self.app.now(), viewer)
        else:
            booking = self._shown.get(key or "")
            now, limits = self.app.now(), self.app.limits
            pane.show_booking(booking, self.app.known, now, viewer, limits, self.app.budgets)

    def choose(self, booking_id: str) -> None:
        """Put the cursor on a booking that was just made, as soon as it is in the list."""
        self._to_choose = booking_id
        self.show_rows()

    def choose_unsettled(self, intent_id: str) -> None:
        """Put the cursor on what nobody knows the outcome of."""
        self.choose(_UNCLEAR + intent_id)

    @on(PagedTable.Chosen)
    def _chosen(self, event: PagedTable.Chosen) -> None:
        self.show_soon(lambda: self._show_detail(event.table.chosen))

    # -- actions -------------------------------------------------------------

    def action_details(self) -> None:
        """Where there is no room beside the list, the details take its place until Escape."""
        if self.has_class("-narrow"):
            self.toggle_class("-details")
        self.query_one(BookingDetail).focus()

    def action_look(self) -> None:
        self.app.look_now()

    def action_only_open(self) -> None:
        self._open_only = not self._open_only
        self.show_rows()

    def copies(self) -> Sequence[Copy]:
        from pm_tui.services import copies

        booking = self._shown.get(self.query_one("#bookings", PagedTable).chosen or "")
        if booking is None:
            return ()
        known = self.app.known
        where, zone = known.place(booking), known.zone(booking)
        return copies.of_booking(booking, where, zone, self.app.base_url, self.app.now())

    def action_calendar(self) -> None:
        self.app.write_calendar(list(self._shown.values()))

    def action_cancel(self) -> None:
        if chosen := self._chosen_booking():
            self.app.cancel_booking(chosen)

    def action_change(self) -> None:
        if chosen := self._chosen_booking():
            self.app.change_booking(chosen)

    def _chosen_booking(self) -> str | None:
        """The id of the booking under the cursor; says why where there is none."""
        chosen = self.query_one("#bookings", PagedTable).chosen
        if chosen in self._unsettled:
            text = _(
                "Nobody knows yet whether this exists. {bookings.look} looks, {bookings.decide} "
                "decides."
            )
            self.app.notify(keyed(text), markup=False)
            return None
        if chosen is None:
            self.app.notify(_("There is no booking here."))
        return chosen

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        """Deciding is named below while there is something to decide; its key says so else."""
        found = super().active_bindings
        return {
            key: one._replace(binding=replace(one.binding, show=bool(self._unsettled)))
            if one.binding.action == "decide"
            else one
            for key, one in found.items()
        }

    def action_decide(self) -> None:
        """The chosen one if it is unclear, else the one that has waited longest."""
        chosen = self.query_one("#bookings", PagedTable).chosen or ""
        unsettled = self._unsettled.get(chosen) or next(iter(self._unsettled.values()), None)
        if unsettled is None:
            self.app.notify(_("Nothing is unclear: there is nothing to decide."))
        else:
            self.app.decide(unsettled)
