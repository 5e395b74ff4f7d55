"""Which table of the fleet API is to be shown as a report."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Label

from pm_tui.i18n import N_, _
from pm_tui.tui.screens.base import Dialog
from pm_tui.tui.styles import style
from pm_tui.tui.widgets.key_bar import KeyBar
from pm_tui.tui.widgets.path_field import PathField

if TYPE_CHECKING:
    from pm_tui.services.fleet import FleetFile

    Chosen = FleetFile | None


class FleetScreen(Dialog["Chosen"]):
    """Gives the table at the path that was typed, read; a path that leads to none can be mended."""

    CSS_PATH = [style("report"), style("batch")]  # noqa: RUF012 - as in Screen
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", N_("Back"), id="dialog.back")
    ]

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = _("The fleet's billing table as a report")
            yield PathField()
            yield Label(_("pm-tui fleet export stores one. Nothing is sent."), id="fleet-said")
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(PathField).input.focus()

    @on(Input.Submitted, "#batch-path")
    def _path_given(self, event: Input.Submitted) -> None:
        event.stop()
        field = self.query_one(PathField)
        if field.accept() and event.input.value.endswith("/"):
            return  # the choices go on in that folder
        field.close()
        if field.input.value.strip():
            self._say(Content(_("Reading…")))
            self._read(field.input.value)

    @work(exclusive=True, group="fleet-file", exit_on_error=False)
    async def _read(self, typed: str) -> None:
        from pm_tui.services.fleet import opened
        from pm_tui.services.table_paths import expand

        try:
            path = expand(typed).absolute()
            if path.exists() and not path.is_file():
                self._refuse(_("the path of a file is needed"))
                return
            file = await asyncio.to_thread(opened, path, self.app.settings)
        except (OSError, RuntimeError, ValueError) as problem:
            self._refuse(getattr(problem, "strerror", None) or str(problem))
        else:
            self.dismiss(file)

    def _refuse(self, why: str) -> None:
        self._say(Content.styled(f"✗ {why}", "$text-warning"))

    def _say(self, text: Content) -> None:
        self.query_one("#fleet-said", Label).update(text)
