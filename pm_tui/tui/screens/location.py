"""One location over the whole screen, where there is no room for it beside the table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Literal

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from pm_tui.i18n import N_
from pm_tui.tui.screens.base import Dialog
from pm_tui.tui.widgets.key_bar import KeyBar
from pm_tui.tui.widgets.location_detail import Known, LocationDetail

if TYPE_CHECKING:
    from pm_tui.services.copies import Copy

Wanted = Literal["book", "watch"]
AGES_EVERY = 30.0  # seconds


class LocationScreen(Dialog["Wanted | None"]):
    """Gives what the person wants to do here."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("b", "dismiss('book')", N_("Book"), id="location.book"),
        Binding("t", "dismiss('watch')", N_("Tell when free"), id="location.watch"),
        Binding("y", "app.copy", N_("Copy"), id="location.copy"),
        Binding("escape", "dismiss(None)", N_("Back"), id="dialog.back"),
        Binding("enter,q", "dismiss(None)", N_("Close"), show=False, id="location.close"),
    ]

    def __init__(self, known: Known) -> None:
        super().__init__()
        self._known = known

    def copies(self) -> Sequence[Copy]:
        from pm_tui.services import copies

        return copies.of_location(self._known.location)

    def compose(self) -> ComposeResult:
        yield LocationDetail(id="detail")
        yield KeyBar()

    def on_mount(self) -> None:
        self._show()
        self.set_interval(AGES_EVERY, self._show)
        self.query_one(LocationDetail).focus()

    def _show(self) -> None:
        detail = self.query_one(LocationDetail)
        detail.show_location(self._known, self.app.now(), self.app.limits)
