"""A line of a form: what it is called, its field, and below it what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

if TYPE_CHECKING:
    from pm_tui.services.rules import Finding


class FormRow(Horizontal):
    """`label` beside its `field`; with a `name`, `show_findings` tells what the rules say of it.

    `name` is that of the request's field. Rows without one carry no place for findings: a form
    opens noticeably faster with fewer widgets.
    """

    def __init__(self, label: str, field: Widget, *, name: str | None = None) -> None:
        super().__init__(name=name, id=f"row-{name}" if name else None)
        self._label, self._field = label, field
        self._findings = Static(classes="form-finding")
        self._shown: tuple[Finding, ...] = ()

    def compose(self) -> ComposeResult:
        yield Static(Content(self._label), classes="form-label")
        if self.name is None:
            yield self._field
        else:
            yield Vertical(self._field, self._findings, classes="form-body")

    def show_findings(self, findings: Iterable[Finding]) -> None:
        """Put the findings below the field; errors first. Nothing is drawn when none changed."""
        found = tuple(sorted(findings, key=lambda finding: finding.severity))
        if found == self._shown:
            return
        self._shown = found
        self._findings.update(Content("\n".join(marked(finding) for finding in found)))
        self.set_class(any(finding.severity == "error" for finding in found), "-error")
        self.set_class(bool(found), "-found")


def marked(finding: Finding) -> str:
    """The text of a finding behind a sign for its severity, so that colour is not needed."""
    return f"{'✗' if finding.severity == 'error' else '!'} {finding.text}"
