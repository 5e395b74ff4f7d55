"""What a report is asked: which days, and to which file."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Input, Select, Static

from pm_tui.i18n import N_, _, language
from pm_tui.tui.screens.base import Dialog
from pm_tui.tui.styles import style
from pm_tui.tui.widgets.key_bar import KeyBar

if TYPE_CHECKING:
    from pm_tui.services.report import Report
    from pm_tui.services.report_files import Format
    from pm_tui.services.report_period import Period

    Wanted = tuple[Format, Path]

FORMAT_WORDS: dict[Format, str] = {
    "csv-de": N_("CSV for a German Excel"),
    "csv": N_("CSV for programs"),
    "xlsx": N_("workbook (xlsx)"),
    "html": N_("page for an e-mail (html)"),
    "json": N_("JSON"),
}


class PeriodScreen(Dialog["Period | None"]):
    """Gives the period that was typed."""

    CSS_PATH = style("report")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", N_("Back"), id="dialog.back")
    ]

    def __init__(self, period: Period, now: datetime) -> None:
        super().__init__()
        self._period, self._now = period, now

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = _("Report of which period?")
            line = Input(self._period.name, id="period")
            line.cursor_blink = False
            yield line
            yield Static(
                Content(_("2026-10, 2026-Q3, 2026, this, last, 2026-10-03..2026-10-09")),
                id="period-forms",
            )
            yield Static("", id="period-wrong")
        yield KeyBar()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        from pm_tui.services.report_period import Period, PeriodError

        try:
            self.dismiss(Period.read(event.value, self._period.zone, self._now))
        except PeriodError as wrong:
            self.query_one("#period-wrong", Static).update(Content(f"✗ {wrong}"))


class ExportScreen(Dialog["Wanted | None"]):
    """Gives a format and a path. A file that is there is replaced only when asked twice."""

    CSS_PATH = style("report")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", N_("Back"), id="dialog.back"),
        Binding("ctrl+s", "save", N_("Write the file"), id="dialog.do"),
    ]

    def __init__(self, report: Report) -> None:
        super().__init__()
        self._report = report
        self._warned: Path | None = None

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = _("The report as a file")
            words = [(_(word), form) for form, word in FORMAT_WORDS.items()]
            first: Format = "csv-de" if language() == "de" else "csv"
            yield Select(words, value=first, allow_blank=False, id="format", compact=True)
            line = Input(f"~/{self._file_name(first)}", id="export-path", select_on_focus=False)
            line.cursor_blink = False
            yield line
            yield Static("", id="export-wrong")
            with Horizontal(classes="buttons"):
                yield Button(_("Back"), id="back", compact=True)
                yield Button(_("Write the file"), variant="primary", id="save", compact=True)
        yield KeyBar()

    def on_mount(self) -> None:
        if self._report.problems:
            text = _("This report is INCOMPLETE, and the file says so.")
            self.query_one("#export-wrong", Static).update(Content(f"! {text}"))
        self.query_one("#export-path").focus()

    def _file_name(self, form: Format) -> str:
        from pm_tui.services.report_save import file_name

        return file_name(self._report, form)

    @property
    def _format(self) -> Format:
        value = self.query_one("#format", Select).value
        return next(form for form in FORMAT_WORDS if form == value)

    @on(Select.Changed)
    def _other_format(self) -> None:
        """The ending follows the format; a name of one's own stays."""
        line = self.query_one("#export-path", Input)
        ending = Path(self._file_name(self._format)).suffix
        line.value = str(Path(line.value).with_suffix(ending)) if line.value else line.value

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self.action_save()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "save":
            self.action_save()
        else:
            self.dismiss(None)

    def action_save(self) -> None:
        from pm_tui.services.table_paths import expand

        text = self.query_one("#export-path", Input).value
        try:
            path = expand(text).absolute()
        except RuntimeError:
            self._refuse(_("no home folder is known"))
            return
        if not text.strip() or path.is_dir():
            self._refuse(_("the path of a file is needed"))
        elif path.exists() and path != self._warned:
            self._warned = path
            self._refuse(_("there is such a file: once more replaces it"))
        else:
            self.dismiss((self._format, path))

    def _refuse(self, why: str) -> None:
        self.query_one("#export-wrong", Static).update(Content(f"✗ {why}"))
