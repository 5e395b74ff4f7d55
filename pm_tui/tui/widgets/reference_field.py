"""The reference of a booking, filled from department and employee until the person edits it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input

from pm_tui.i18n import _
from pm_tui.services.references import VISITOR, suggest
from pm_tui.tui.widgets.form_row import FormRow

_FIELDS = ("department", "employee", "external_id")


class ReferenceField(Vertical):
    """Department, employee and `external_id`; its inputs post their `Input.Changed`.

    `day` is the day of the start in the charger's zone. For a `visitor` the department may stay
    empty and the employee is the desk that receives the guest.
    """

    def __init__(self, *, day: date, taken: Collection[str] = ()) -> None:
        super().__init__(id="reference")
        self._day, self._taken, self._visitor = day, taken, False
        self._suggested = ""

    def compose(self) -> ComposeResult:
        yield FormRow(_("Department"), Input(id="department", compact=True, max_length=40))
        yield FormRow(_("Employee"), Input(id="employee", compact=True, max_length=40))
        hint = _("department-employee-date, or your own")
        line = Input(id="external_id", compact=True, placeholder=hint, max_length=200)
        yield FormRow(_("Reference"), line, name="external_id")

    def on_mount(self) -> None:
        self.describe(self._day, visitor=self._visitor)

    @property
    def value(self) -> str:
        """The reference as it stands."""
        return self.query_one("#external_id", Input).value.strip()

    @property
    def typed(self) -> tuple[str, str, str]:
        """Department, employee, and the reference where it is the person's own."""
        texts = [self.query_one(f"#{one}", Input).value.strip() for one in _FIELDS]
        return texts[0], texts[1], "" if texts[2] == self._suggested else texts[2]

    def restore(self, department: str, employee: str, external_id: str) -> None:
        """Say what a draft says; without a reference of its own the suggestion is made anew."""
        for one, text in zip(_FIELDS, (department, employee, external_id), strict=True):
            self.query_one(f"#{one}", Input).value = text
        self._assist()

    def describe(self, day: date, *, visitor: bool) -> None:
        """Tell the day of the booking and whether it is a visitor's."""
        self._day, self._visitor = day, visitor
        self.query_one("#department", Input).placeholder = VISITOR if visitor else _("engineering")
        self.query_one("#employee", Input).placeholder = _("reception") if visitor else "emp042"
        self._assist()

    @on(Input.Changed, "#department, #employee")
    def _assist(self) -> None:
        reference = self.query_one("#external_id", Input)
        if reference.value not in ("", self._suggested):
            return  # the person's own
        department = self.query_one("#department", Input).value.strip()
        employee = self.query_one("#employee", Input).value.strip()
        if self._visitor and not department:
            department = VISITOR
        try:
            self._suggested = suggest(department, employee, self._day, self._taken)
        except ValueError:
            self._suggested = ""  # not enough to go on yet
        reference.value = self._suggested
