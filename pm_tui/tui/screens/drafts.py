"""Bookings that were left half filled in, to go on with one or to throw it away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar
from zoneinfo import ZoneInfo

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Label, OptionList

from pm_tui.i18n import N_, _
from pm_tui.models.text import visible_id
from pm_tui.models.zones import CHARGERS_ZONE
from pm_tui.services.drafts import FormDraft
from pm_tui.tui.screens.base import Dialog
from pm_tui.tui.screens.draft import made_at, what
from pm_tui.tui.widgets.key_bar import KeyBar

if TYPE_CHECKING:
    from pm_tui.models.charger import Location


class DraftsScreen(Dialog["FormDraft | None"]):
    """Gives the one to go on with. `places` are the locations that are known."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", N_("Go on with it"), id="drafts.take"),
        Binding("d,delete", "remove", N_("Delete"), id="drafts.remove", key_display="d"),
        Binding("u", "undo", N_("Undo"), id="drafts.undo"),
        Binding("escape", "dismiss(None)", N_("Back"), id="drafts.back"),
    ]

    def __init__(
        self,
        drafts: Sequence[FormDraft],
        places: Mapping[str, Location],
        now: datetime,
        viewer: ZoneInfo,
    ) -> None:
        super().__init__()
        self._drafts, self._places = list(drafts), places
        self._now, self._viewer = now, viewer
        self._gone: list[tuple[FormDraft, int]] = []  # and where each stood

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = _("Half-filled bookings")
            yield Label(id="drafts-head")
            yield OptionList(markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        self._show()

    def _show(self) -> None:
        options = self.query_one(OptionList)
        chosen = options.highlighted or 0
        options.set_options(self._line(one) for one in self._drafts)
        if self._drafts:
            options.highlighted = min(chosen, len(self._drafts) - 1)
        hint = _("None: what you type into a booking form and leave is kept here for a week.")
        if self._drafts:
            hint = _("Nothing of this was sent. Enter goes on with one.")
        self.query_one("#drafts-head", Label).update(Content(hint))

    def _line(self, one: FormDraft) -> Content:
        place = self._places.get(one.location_id)
        name = (place.name if place else None) or visible_id(one.location_id)
        zone = ZoneInfo(place.time_zone) if place and place.time_zone else CHARGERS_ZONE
        at = _("draft of {time}").format(time=made_at(one, self._now, self._viewer))
        words = " · ".join((at, *what(one, zone)))
        return Content.assemble(Content.styled(name, "bold"), "  ", words)

    @on(OptionList.OptionSelected)
    def action_take(self) -> None:
        index = self.query_one(OptionList).highlighted
        if index is not None:
            self.dismiss(self._drafts[index])

    @work(exclusive=True, exit_on_error=False)
    async def action_remove(self) -> None:
        index = self.query_one(OptionList).highlighted
        if index is not None:
            draft = self._drafts.pop(index)
            self._gone.append((draft, index))
            await self.app.throw_away(draft)
            self._show()

    @work(exclusive=True, exit_on_error=False)
    async def action_undo(self) -> None:
        """As in the view below, whose steps these are as well."""
        if self._gone:
            draft, index = self._gone.pop()
            await self.app.action_undo().wait()
            self._drafts.insert(index, draft)
            self._show()
