"""The token strategy and just the fields that it needs (`contract/agent-api.md §5`)."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Select

from pm_tui.i18n import _
from pm_tui.services.rules import IDENTITY_FIELDS, STRATEGY_FIELDS
from pm_tui.tui.widgets.form_row import FormRow


class TokenFields(Vertical):
    """A choice of strategy; hidden fields keep their text but are not part of `values`."""

    def __init__(self) -> None:
        super().__init__(id="token")

    def compose(self) -> ComposeResult:
        names = {
            "": _("as the account has it"),
            "driver_token": _("driver's own card or app (driver_token)"),
            "group_token": _("vehicle pool (group_token)"),
            "ad_hoc": _("visitor, this once (ad_hoc)"),
            "pipelet": _("token system of our own (pipelet)"),
        }
        options = [(Content(name), value) for value, name in names.items()]
        yield FormRow(
            _("Token"),
            Select[str](options, allow_blank=False, value="", compact=True, id="token_strategy"),
            id="row-token_strategy",
        )
        rows = {
            "customer_id": (_("Customer id"), _("cust_emp042; or the token id below")),
            "token_id": (_("Token id"), _("instead of the customer id")),
            "fleet_group_id": (_("Fleet group"), "group_abc123"),
            "token_uid": (_("Token UID"), _("8, 14 or 20 hexadecimal digits")),
        }
        for field, (label, hint) in rows.items():
            line = Input(id=field, compact=True, placeholder=hint, max_length=200)
            yield FormRow(label, line, id=f"row-{field}")

    def on_mount(self) -> None:
        self._show_needed()

    @property
    def strategy(self) -> str | None:
        """The strategy chosen; None leaves it to the server."""
        return self.query_one("#token_strategy", Select).selection or None

    @property
    def values(self) -> dict[str, str | None]:
        """The identity fields of the chosen strategy, None where empty."""
        needed = STRATEGY_FIELDS.get(self.strategy or "", ())
        return {field: self.query_one(f"#{field}", Input).value.strip() or None for field in needed}

    @on(Select.Changed, "#token_strategy")
    def _show_needed(self) -> None:
        needed = STRATEGY_FIELDS.get(self.strategy or "", ())
        for field in IDENTITY_FIELDS:
            self.query_one(f"#row-{field}").display = field in needed
