"""A booking form that was left half filled: go on with it, or begin anew."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar
from zoneinfo import ZoneInfo

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Label

from pm_tui import formats
from pm_tui.i18n import N_, _
from pm_tui.models.text import visible_id
from pm_tui.tui.key_names import keyed
from pm_tui.tui.screens.base import Dialog
from pm_tui.tui.styles import style
from pm_tui.tui.widgets.booking_table import span
from pm_tui.tui.widgets.key_bar import KeyBar

if TYPE_CHECKING:
    from pm_tui.models.charger import Location
    from pm_tui.services.drafts import FormDraft


class DraftScreen(Dialog[bool]):
    """Whether the draft is taken."""

    CSS_PATH = style("booking_form")
    AUTO_FOCUS = "#take"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(False)", N_("Begin anew"), id="draft.anew"),
        Binding("ctrl+s", "dismiss(True)", N_("Go on with it"), id="dialog.do"),
    ]

    def __init__(
        self, location: Location, draft: FormDraft, now: datetime, viewer: ZoneInfo
    ) -> None:
        super().__init__()
        self._location, self._draft, self._now, self._viewer = location, draft, now, viewer

    def compose(self) -> ComposeResult:
        name = self._location.name or visible_id(self._location.location_id)
        with Vertical(classes="dialog") as box:
            box.border_title = Content(name)
            at = made_at(self._draft, self._now, self._viewer)
            text = _("You left a booking half filled in: draft of {time}").format(time=at)
            yield Label(Content(text))
            told = self._location.time_zone
            for line in what(self._draft, ZoneInfo(told) if told else self._viewer):
                yield Label(Content(f"  {line}"))
            text = _("Nothing of it was sent. Begun anew, {app.undo} brings it back in the view.")
            yield Label(Content(keyed(text)))
            with Horizontal(classes="buttons"):
                yield Button(_("Begin anew"), compact=True, id="anew")
                yield Button(_("Go on with it"), variant="primary", compact=True, id="take")
        yield KeyBar()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "take")


def made_at(draft: FormDraft, now: datetime, viewer: ZoneInfo) -> str:
    """When a draft was typed, in the viewer's time; the day where it was another."""
    at, today = draft.saved_at.astimezone(viewer), now.astimezone(viewer).date()
    day = "" if at.date() == today else f"{formats.day(at.date(), year=False)} "
    return f"{day}{at:%H:%M}"


def what(draft: FormDraft, zone: ZoneInfo) -> Iterator[str]:
    """The window in the charger's `zone`, and for whom, as far as that was typed."""
    if draft.start is not None:
        yield span(draft.start, draft.end, zone)
    elif draft.start_text:
        yield draft.start_text
    who = " · ".join(filter(None, (draft.department, draft.employee, draft.external_id)))
    if who:
        yield who
