"""Undoing what can be undone: the last step first, and only those of the view that is seen.

What was sent is never among them: a cancelled booking stays cancelled.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any

from textual import on, work
from textual.app import App

from pm_tui.i18n import _
from pm_tui.tui.widgets.filter_field import FilterField

MOST = 50  # steps


@dataclass(frozen=True, slots=True)
class Step:
    """`text` names what comes back; `back` brings it, or gives (or resolves to) False where it
    could not. `view` is where it was done."""

    text: str
    back: Callable[[], Any]
    view: str


class UndoActions(App[None]):
    """Mixed into the application."""

    _steps: tuple[Step, ...] = ()

    def undoable(self, text: str, back: Callable[[], Any]) -> None:
        """Something was taken away or changed that `back` puts back as it was."""
        self._steps = (*self._steps, Step(text, back, self.current_mode))[-MOST:]

    @on(FilterField.Cleared)
    def _filter_cleared(self, event: FilterField.Cleared) -> None:
        text = _("the filter “{text}”").format(text=event.text)
        self.undoable(text, lambda: event.field.put(event.text))

    @work(group="undo", exit_on_error=False)
    async def action_undo(self) -> None:
        """Take back the last step that was done in this view."""
        here = [step for step in self._steps if step.view == self.current_mode]
        if not here:
            self.notify(_("There is nothing to undo here."))
            return
        step = here[-1]
        self._steps = tuple(one for one in self._steps if one is not step)
        done = step.back()
        if isawaitable(done):
            done = await done
        if done is not False:
            self.notify(step.text, title=_("Brought back"), markup=False)
