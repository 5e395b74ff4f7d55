"""Every key, read from the bindings themselves, so that help cannot say what is not so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.keys import format_key
from textual.widgets import Static

from pm_tui.data import ATTRIBUTION
from pm_tui.i18n import N_, _
from pm_tui.tui.screens.base import Dialog
from pm_tui.tui.widgets.key_bar import KeyBar

KEY_WIDTH = 22


def sections() -> Iterator[tuple[str, Sequence[BindingType]]]:
    """A title and the bindings below it, in the order a newcomer needs them."""
    from pm_tui.tui.app import PmTuiApp
    from pm_tui.tui.screens.batch import BatchView
    from pm_tui.tui.screens.booking_form import BookingFormScreen
    from pm_tui.tui.screens.bookings import BookingsView
    from pm_tui.tui.screens.find import FindView
    from pm_tui.tui.screens.home import HomeView
    from pm_tui.tui.screens.rebook import RebookScreen
    from pm_tui.tui.screens.report import ReportView
    from pm_tui.tui.widgets.map_pane import MapPane
    from pm_tui.tui.widgets.paged_table import PagedTable
    from pm_tui.tui.widgets.when_input import WhenLine

    yield _("Everywhere"), PmTuiApp.BINDINGS
    yield _("Find"), FindView.BINDINGS
    yield _("Map"), MapPane.BINDINGS
    yield _("Bookings"), BookingsView.BINDINGS
    yield _("Home"), HomeView.BINDINGS
    yield _("Tables"), PagedTable.BINDINGS
    yield _("Booking form"), BookingFormScreen.BINDINGS
    yield _("Changing a booking"), RebookScreen.BINDINGS
    yield _("Book a table"), BatchView.BINDINGS
    yield _("Reports"), ReportView.BINDINGS
    yield _("Times"), WhenLine.BINDINGS


class HelpScreen(Dialog[None]):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f1,question_mark,q", "dismiss(None)", N_("Back"), key_display="esc")
    ]

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog") as box:
            box.border_title = _("Keys")
            yield Static(Content("\n").join(self._lines()))
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()

    def _lines(self) -> Iterator[Content]:
        yield Content(
            _("Every action is in the command palette too (Ctrl+P), and takes the mouse.")
        )
        for title, bindings in sections():
            yield Content("")
            yield Content.styled(title, "bold $primary")
            for binding in bindings:
                if isinstance(binding, Binding) and binding.description:
                    yield self._line(binding)
        yield Content("")
        yield Content.styled(_("Times as you say them"), "bold $primary")
        yield Content(_("14:30, +2h, tomorrow 9, fri 8, 24.11. 14:30, 2026-11-24 14:30"))
        yield Content("")
        yield Content.styled(ATTRIBUTION, "$text-muted")

    @staticmethod
    def _line(binding: Binding) -> Content:
        keys = ", ".join(format_key(key) for key in binding.key.split(","))
        return Content.assemble(
            Content.styled(f"  {keys:<{KEY_WIDTH}}", "bold"), _(binding.description)
        )
