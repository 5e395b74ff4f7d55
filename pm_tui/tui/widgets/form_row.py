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
    """`label` beside its `fields`; `show_findings` tells what the rules say about them."""

    def __init__(self, label: str, *fields: Widget, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._label, self._fields = label, fields
        self._shown: tuple[Finding, ...] = ()

    def compose(self) -> ComposeResult:
        yield Static(Content(self._label), classes="form-label")
        with Vertical(classes="form-body"):
            if len(self._fields) == 1:
                yield self._fields[0]
            else:
                yield Horizontal(*self._fields, classes="form-fields")
            yield Static(classes="form-finding")

    def show_findings(self, findings: Iterable[Finding]) -> None:
        """Put the findings below the field; errors first. Nothing is drawn when none changed."""
        found = tuple(sorted(findings, key=lambda finding: finding.severity))
        if found == self._shown:
            return
        self._shown = found
        line = self.query_one(".form-finding", Static)
        line.update(Content("\n".join(marked(finding) for finding in found)))
        self.set_class(any(finding.severity == "error" for finding in found), "-error")
        self.set_class(bool(found), "-found")


def marked(finding: Finding) -> str:
    """The text of a finding behind a sign for its severity, so that colour is not needed."""
    return f"{'✗' if finding.severity == 'error' else '!'} {finding.text}"
