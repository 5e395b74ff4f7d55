"""What the desk does with a change of a booking that was interrupted: go on with it, or drop it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from textual.dom import DOMNode

from pm_tui.i18n import _
from pm_tui.tui.kiosk import desk_words as words
from pm_tui.tui.kiosk.desk_ask import DeskAsk

if TYPE_CHECKING:
    from pm_tui.services.kiosk_changes import Unfinished
    from pm_tui.tui.kiosk.app import KioskApp


class DeskChanges(DOMNode):
    """A part of the desk's view."""

    _changing = False  # something is on its way that cannot be called back

    if TYPE_CHECKING:
        app: KioskApp

        def tell(self, text: str) -> None: ...
        def change(self, doing: str, deed: Callable[[], Awaitable[str]]) -> None: ...

    def ask_about(self, change: Unfinished) -> None:
        if self._changing:
            self.tell(words.wait())
        else:
            self.app.push_screen(DeskAsk(words.change_page(change)), partial(self._end_if, change))

    def _end_if(self, change: Unfinished, answer: str | None) -> None:
        if answer:
            doing = _("The change goes on …") if answer == "on" else _("Being dropped …")
            self.change(doing, partial(self._ended, change, drop=answer == "drop"))

    async def _ended(self, change: Unfinished, *, drop: bool) -> str:
        from pm_tui.services import kiosk_changes, kiosk_desk, kiosk_stay
        from pm_tui.tui.widgets.rebook_text import dropped

        kiosk = await self.app.kiosk()
        try:
            if drop:
                await kiosk_changes.drop(kiosk, change)
                return " ".join((_("The change is dropped."), dropped(change.standing)))
            longer = await kiosk_changes.go_on(kiosk, change)
        except kiosk_stay.CannotRebook as reason:
            return str(reason)
        return _("Nothing is left to do.") if longer is None else kiosk_desk.how_longer(longer)
