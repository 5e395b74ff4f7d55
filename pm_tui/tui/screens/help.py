"""Every key, read from the bindings themselves, so that help cannot say what is not so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from pm_tui.data import ATTRIBUTION
from pm_tui.i18n import N_, _
from pm_tui.tui.key_names import keyed
from pm_tui.tui.plain import key_words
from pm_tui.tui.screens.base import Dialog
from pm_tui.tui.widgets.key_bar import KeyBar

KEY_WIDTH = 22


class HelpScreen(Dialog[None]):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", N_("Back"), id="dialog.back"),
        Binding("f1,question_mark,q", "dismiss(None)", N_("Close"), show=False, id="help.close"),
    ]

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog") as box:
            box.border_title = _("Keys")
            yield Static(Content("\n").join(self._lines()))
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()

    def _lines(self) -> Iterator[Content]:
        text = _("Every action is in the command palette too ({app.palette}), and takes the mouse.")
        yield Content(keyed(text))
        from pm_tui.tui.key_places import places, sections

        below = self.app.screen_stack[-2:][0]
        here = next((one.title for one in places() if isinstance(below, one.screen)), "")
        # the keys of where one is come first, and what that is called
        for title, bindings in sorted(sections(), key=lambda section: section[0] != here):
            yield Content("")
            yield Content.styled(title, "bold $primary")
            for binding in bindings:
                yield self._line(binding)
        yield Content("")
        yield Content.styled(_("Times as you say them"), "bold $primary")
        yield Content(_("14:30, +2h, tomorrow 9, fri 8, 24.11. 14:30, 2026-11-24 14:30"))
        yield Content("")
        yield Content.styled(ATTRIBUTION, "$text-muted")

    def _line(self, binding: Binding) -> Content:
        keys = ", ".join(
            key_words(key, ascii_only=self.app.settings.ascii)
            for key in self.app.keymap.get(binding.id or "", binding.key.split(","))
        )
        keys = keys or "–"
        return Content.assemble(
            Content.styled(f"  {keys:<{KEY_WIDTH}}", "bold"), _(binding.description)
        )
