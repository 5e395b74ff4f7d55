"""What was told in this window, the newest first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content

from pm_tui.i18n import N_, _
from pm_tui.tui.key_names import keyed
from pm_tui.tui.screens.base import Dialog
from pm_tui.tui.styles import style
from pm_tui.tui.widgets.key_bar import KeyBar
from pm_tui.tui.widgets.status_bar import clock
from pm_tui.tui.widgets.text_pane import TextPane

MARKS = {"information": ("·", ""), "warning": ("!", "$text-warning"), "error": ("✗", "$text-error")}


class NoticesScreen(Dialog[None]):
    CSS_PATH = style("notices")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", N_("Back"), id="dialog.back"),
        Binding("N,q", "dismiss(None)", N_("Close"), show=False, id="notices.close"),
    ]

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = _("Notices")
            yield TextPane(id="notices")
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(TextPane).focus()
        self.app.notice_told = self.show_notices
        self.show_notices()

    def on_unmount(self) -> None:
        del self.app.notice_told

    def show_notices(self) -> None:
        """Show them as they are now."""
        for pane in self.query(TextPane):  # none while it is put together
            pane.show(self._lines())

    def _lines(self) -> Iterator[Content]:
        """Every text is `Content`: a charger's name is never markup."""
        if not self.app.notices:
            text = _(
                "Nothing was told yet. What shows up over the screen is kept here; "
                "{app.clear_notices} clears it from there."
            )
            yield Content(keyed(text))
        now, zone = self.app.now(), self.app.settings.timezone
        for one in self.app.notices:
            mark, colour = MARKS.get(one.severity, MARKS["information"])
            head = Content.styled(f"{clock(one.at, now, zone)}  ", "$text-muted")
            lines = [line for line in (one.title, *one.text.splitlines()) if line]
            first = Content.styled(f"{mark} {lines[0] if lines else ''}", f"bold {colour}".strip())
            yield head + first
            yield from (Content(f"  {line}") for line in lines[1:])
