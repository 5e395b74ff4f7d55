"""The tour on the screen: it listens to what happens and goes on when that was really done.

It presses no key and sends nothing. Since a person books on the way, it is for the sandbox alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from textual import events, on
from textual.screen import Screen

from pm_tui.i18n import _
from pm_tui.tui.key_names import keyed
from pm_tui.tui.making_actions import MakingActions
from pm_tui.tui.memory_actions import MemoryActions
from pm_tui.tui.screens.base import Dialog, View
from pm_tui.tui.tour import STEPS, Tour
from pm_tui.tui.unclear_actions import LONG
from pm_tui.tui.widgets.top_bar import TopBar
from pm_tui.tui.widgets.tour_bar import TourBar

if TYPE_CHECKING:
    from pm_tui.services.ledger import Change
    from pm_tui.tui.screens.find import FindView

TOLD = "tour"  # the habit: "" until it was taken or refused
DEEDS = {"LocationScreen": "looked", "HelpScreen": "helped", "CommandPalette": "helped"}


class TourActions(MakingActions, MemoryActions):
    """Mixed into the application."""

    tour: Tour | None = None
    tour_at_start = False
    _offering = False

    def on_mount(self) -> None:
        self.screen_change_signal.subscribe(self, self._screen_changed)
        settings = self.settings
        if self.tour_at_start:
            self.call_after_refresh(self.action_tour)
        elif settings.sandbox and settings.key is None and settings.memory:
            self._offering = not (settings.offline or self.recall(TOLD, str, ""))
            self._show_tour()

    # -- what a person does with it ---------------------------------------------

    async def action_tour(self) -> None:
        """Begin it; while it is on, leave it."""
        if self.tour is not None:
            self._end_tour()
            return
        if not self.settings.sandbox or self.settings.offline:
            text = _("It searches and books on the way. “pm-tui --tour” takes it in the sandbox.")
            title = _("The tour is for the sandbox alone, and not offline")
            self.notify(text, title=title, markup=False, timeout=LONG)
            return
        self.tour, self._offering = Tour(), False
        if self.current_mode != "find":
            await self.switch_mode("find")
        self._show_tour()

    def action_tour_next(self) -> None:
        """Skip a step; or say no to the offer, for good."""
        if self.tour is not None:
            self._go_on()
        elif self._offering:
            self._end_tour()
        else:
            text = _("No tour is on: {app.tour} begins it.")
            self.notify(keyed(text), markup=False)

    # -- what happens -------------------------------------------------------------

    def did(self, deed: str) -> None:
        """Something was done; if the tour waits for it, it goes on."""
        if self.tour is not None and self.tour.waits_for(deed):
            self._go_on()

    def on_find_view_answered(self, event: FindView.Answered) -> None:
        if event.found.value.locations:
            self.did("found")

    def on_map_in_view_mapped(self) -> None:
        self.did("looked")

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        if event.widget.id == "detail":
            self.did("looked")

    @on(MakingActions.BookingEnded)
    def _tour_booked(self, event: MakingActions.BookingEnded) -> None:
        if self.tour is not None and event.ended.kind == "booked":
            self.tour.booking_id = event.ended.booking_id
            self.did("booked")
            self._look_for_answer()

    def tell(self, changes: Sequence[Change]) -> None:
        super().tell(changes)
        self._look_for_answer()

    def _look_for_answer(self) -> None:
        if self.tour is not None and self.tour.booking_id is not None:
            booking = self.known.booking(self.tour.booking_id)
            if booking is not None and not booking.is_waiting:
                self.did("answered")

    def on_report_reading_progressed(self) -> None:
        self.did("read")

    def _screen_changed(self, screen: Screen[Any]) -> None:
        self.did(DEEDS.get(type(screen).__name__, ""))
        self._show_tour()

    # -- what is seen ---------------------------------------------------------------

    def _go_on(self) -> None:
        if self.tour is None:
            return
        self.tour.go_on()
        if self.tour.step is None:
            self._end_tour()
            text = _("With a key in the configuration all of it is real: pm-tui config example.")
            self.notify(text, title=_("That was the tour"), markup=False, timeout=LONG)
        else:
            self._show_tour()

    def _end_tour(self) -> None:
        """Taken or refused, it is not offered again."""
        self.tour, self._offering = None, False
        self.remember(TOLD, "told")
        self._show_tour()

    def _show_tour(self) -> None:
        screen = self.screen
        if isinstance(screen, View | Dialog) and (self._lines(screen) or screen.query(TourBar)):
            screen.call_after_refresh(self._put_bar, screen)  # when it has been put together

    def _put_bar(self, screen: Screen[Any]) -> None:
        lines, bars = self._lines(screen), screen.query(TourBar)
        if not lines:
            bars.remove()
        elif bars:
            bars.first().say(*lines)
        elif screen.is_attached:
            bar = TourBar()
            bar.say(*lines)
            screen.mount(bar, after=screen.query_one(TopBar) if screen.query(TopBar) else None)

    def _lines(self, screen: Screen[Any]) -> tuple[str, str, tuple[tuple[str, str], ...]] | None:
        """What the bar says on that screen, and what can be clicked in it."""
        step = self.tour.step if self.tour is not None else None
        if self.tour is not None and step is not None:
            title = _("Tour {n}/{of}: {title}").format(
                n=self.tour.number, of=len(STEPS), title=_(step.title)
            )
            name, dialog = type(screen).__name__, isinstance(screen, Dialog)
            words = keyed(step.words(self.current_mode, name, dialog=dialog))
            skip, leave = _("{app.tour_next} next"), _("{app.tour} leave")
        elif self._offering and isinstance(screen, View):
            title = _("New here? There is a tour of six steps.")
            words, skip, leave = "", _("{app.tour_next} not again"), _("{app.tour} begins it")
        else:
            return None
        handles = ((skip, "app.tour_next"), (leave, "app.tour"))
        return title, words, tuple((keyed(text), action) for text, action in handles)
