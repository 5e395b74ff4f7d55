"""The part of a booking form that outlives it: what is typed is told, as it changes, to whoever
keeps drafts, and a draft is put back into the fields."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from textual import on
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input, Select

from pm_tui.i18n import _
from pm_tui.tui.screens.base import Dialog
from pm_tui.tui.widgets.reference_field import ReferenceField
from pm_tui.tui.widgets.token_fields import TokenFields
from pm_tui.tui.widgets.when_input import WhenInput

if TYPE_CHECKING:
    from pm_tui.models.charger import Evse, Location
    from pm_tui.services.drafts import FormDraft

TOLD_AFTER = 1.0  # seconds: more is not lost by a crash


class DraftInForm(Dialog[None]):
    """`last_draft` is what was typed last; None while nothing was."""

    if TYPE_CHECKING:
        _location: Location
        _now: Callable[[], datetime]

        @property
        def evse(self) -> Evse | None: ...

    _draft: FormDraft | None = None  # to be put into the fields
    _first: FormDraft | None = None  # what they said before anything was typed
    _proposed: tuple[datetime | None, datetime | None] | None = None  # a window nobody typed
    _telling: Timer | None = None
    last_draft: FormDraft | None = None

    @dataclass
    class DraftChanged(Message):
        """Something else is typed by now."""

        draft: FormDraft

    def on_mount(self) -> None:
        draft = self._draft
        if draft is None or not (draft.start or draft.start_text):
            self._proposed = self._window
        if draft is None:
            self.call_after_refresh(self._note_first)
            return
        self.query_one(TokenFields).restore(draft.token_strategy, draft.identity)
        for name, text in (("start", draft.start_text), ("end", draft.end_text)):
            if text:
                self.query_one(f"#{name}", WhenInput).line.value = text
        reference = self.query_one(ReferenceField)
        reference.restore(draft.department, draft.employee, draft.external_id)
        self.last_draft = self._first = draft

    def _note_first(self) -> None:
        self._first = self.typed_draft()

    def typed_draft(self) -> FormDraft:
        """What the fields say now."""
        from pm_tui.services.drafts import FormDraft

        start, end = self._window
        texts = [self.query_one(f"#{name}", WhenInput).line.value for name in ("start", "end")]
        if (start, end) == self._proposed:
            start = end = None  # the next form proposes another one
            texts = ["", ""]
        evse, token = self.evse, self.query_one(TokenFields)
        department, employee, external_id = self.query_one(ReferenceField).typed
        return FormDraft(
            self._location.location_id,
            self._now(),
            evse_uid=evse.evse_uid if evse else "",
            connector_id=self.query_one("#connector", Select).selection or "",
            start=start,
            end=end,
            start_text="" if start else texts[0],
            end_text="" if end else texts[1],
            token_strategy=token.strategy or "",
            identity=token.typed,
            department=department,
            employee=employee,
            external_id=external_id,
        )

    @property
    def _window(self) -> tuple[datetime | None, datetime | None]:
        start, end = (self.query_one(f"#{name}", WhenInput) for name in ("start", "end"))
        return start.value, end.value

    @on(WhenInput.Changed)
    @on(Input.Changed)
    @on(Select.Changed)
    def _something_changed(self) -> None:
        if self._telling is None:
            self._telling = self.set_timer(TOLD_AFTER, self.tell_draft)

    def tell_draft(self) -> FormDraft | None:
        """Tell what is typed, if that is something else than when it was told last, or at first;
        what was told."""
        if self._telling is not None:
            self._telling.stop()
            self._telling = None
        before = self.last_draft or self._first
        if before is None or not self.query(ReferenceField):
            return None  # not whole yet, or not any more
        now = self.typed_draft()
        if now.says_the_same(before):
            return None
        self.last_draft = now
        self.app.post_message(self.DraftChanged(now))  # this screen may be about to go
        return now

    def leave_draft(self) -> None:
        """The form is left: say that what was typed is not lost."""
        self.tell_draft()
        if self.last_draft is not None:
            text = _("Kept as a draft: this charger's form brings it back, for a week.")
            self.app.notify(text, markup=False)
