"""The token strategy and just the fields that it needs (`contract/agent-api.md §5`)."""

from __future__ import annotations

from collections.abc import Mapping

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Select

from pm_tui.i18n import _
from pm_tui.services import rules
from pm_tui.tui.widgets.form_row import FormRow


class TokenFields(Vertical):
    """A choice of strategy. Its fields come when they are first needed; hidden ones keep their
    text but are not part of `values`."""

    def __init__(self) -> None:
        super().__init__(id="token")
        self._lines: dict[rules.Field, Input] = {}
        self._kept: dict[str, str] = {}

    def compose(self) -> ComposeResult:
        names = {
            "": _("as the account has it"),
            "driver_token": _("driver's own card or app (driver_token)"),
            "group_token": _("vehicle pool (group_token)"),
            "ad_hoc": _("visitor, this once (ad_hoc)"),
            "pipelet": _("token system of our own (pipelet)"),
        }
        options = [(Content(name), value) for value, name in names.items()]
        select = Select[str](options, allow_blank=False, value="", compact=True)
        select.id = "token_strategy"
        yield FormRow(_("Token"), select, name="token_strategy")

    @property
    def strategy(self) -> str | None:
        """The strategy chosen; None leaves it to the server."""
        return self.query_one("#token_strategy", Select).selection or None

    @property
    def values(self) -> dict[str, str | None]:
        """The identity fields of the chosen strategy, None where empty."""
        return {
            field: self._lines[field].value.strip() or None
            for field in self._needed
            if field in self._lines
        }

    @property
    def typed(self) -> dict[str, str]:
        """What stands in any field, also of another strategy."""
        shown = {field: line.value.strip() for field, line in self._lines.items()}
        return {field: text for field, text in (self._kept | shown).items() if text}

    def restore(self, strategy: str, typed: Mapping[str, str]) -> None:
        """Say what a draft says, before anything is typed."""
        self._kept = dict(typed)
        if strategy in rules.STRATEGY_FIELDS:
            self.query_one("#token_strategy", Select).value = strategy

    @property
    def _needed(self) -> tuple[rules.Field, ...]:
        return rules.STRATEGY_FIELDS.get(self.strategy or "", ())

    @on(Select.Changed, "#token_strategy")
    async def _show_needed(self) -> None:
        await self.mount_all(self._row(field) for field in self._needed if field not in self._lines)
        for row in self.query(FormRow):
            row.display = row.name == "token_strategy" or row.name in self._needed

    def _row(self, field: rules.Field) -> FormRow:
        texts = {
            "customer_id": (_("Customer id"), _("cust_emp042; or the token id below")),
            "token_id": (_("Token id"), _("instead of the customer id")),
            "fleet_group_id": (_("Fleet group"), "group_abc123"),
            "token_uid": (_("Token UID"), _("8, 14 or 20 hexadecimal digits")),
        }
        label, hint = texts[field]
        text = self._kept.get(field, "")
        line = Input(text, id=field, compact=True, placeholder=hint, max_length=200)
        line.cursor_blink = False
        self._lines[field] = line
        return FormRow(label, line, name=field)
