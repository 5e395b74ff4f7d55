"""What nobody knows the outcome of: kept in sight, told when it is settled, decided by a person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from textual import work

from pm_tui.i18n import _
from pm_tui.tui.notice_actions import NoticeActions

if TYPE_CHECKING:
    from pm_tui.cache.intent import State
    from pm_tui.config import Settings
    from pm_tui.services.ledger import Ledger
    from pm_tui.services.session import Session
    from pm_tui.services.unsettled import Unsettled
    from pm_tui.tui.screens.booking_form import BookingFormScreen

LONG, SHORT = 20.0, 6.0  # seconds a toast stays: what must be read, what is good to know


class UnclearActions(NoticeActions):
    """Mixed into the application; needs its session, clock and settings."""

    if TYPE_CHECKING:
        settings: Settings
        now: Callable[[], datetime]

        @property
        def known(self) -> Ledger: ...
        async def session(self) -> Session: ...
        def look_soon(self) -> None: ...
        def _refresh_lists(self) -> None: ...
        def no_journal(self, problem: Exception) -> None: ...

    async def read_unsettled(self) -> None:
        """Take over from the journal what nobody knows the outcome of, and tell what became of
        that which is not among it any more."""
        from pm_tui.services.book import JournalUnavailable
        from pm_tui.services.unsettled import how_it_ended, unsettled

        session = await self.session()
        before = self.known.unsettled
        try:
            self.known.unsettled = await unsettled(session)
            left = {one.id: one for one in self.known.unsettled}
            for one in before:
                if one.id not in left:
                    self._tell_settled(one, await how_it_ended(session, one.id))
                elif left[one.id].must_decide and not one.must_decide:
                    self._tell_undecided(left[one.id])
        except JournalUnavailable as problem:
            self.no_journal(problem)
            return
        ids = {one.wish.location_id for one in self.known.unsettled if one.wish.location_id}
        for location_id, place in (await session.places(ids - self.known.known_places)).items():
            self.known.note_place(location_id, place)
        self._refresh_lists()

    def _tell_settled(self, unsettled: Unsettled, state: State | None) -> None:
        if (form := self._form_of(unsettled.id)) is not None:
            form.dismiss(None)
        titles = {
            ("book", "confirmed"): _("Found: it was booked, once"),
            ("cancel", "confirmed"): _("Found: it was cancelled"),
            ("cancel", "refused"): _("Found: it was not cancelled"),
        }
        title = titles.get((unsettled.kind, state or ""))
        if title is not None:  # what a person gave up needs no telling
            self.bell()
            text = f"{self.known.place(unsettled.wish)} · {unsettled.wish.external_id or ''}"
            self.notify(text.rstrip(" ·"), title=title, markup=False, timeout=LONG)

    def _tell_undecided(self, unsettled: Unsettled) -> None:
        from pm_tui.tui.widgets.unsettled_text import doing

        if (form := self._form_of(unsettled.id)) is not None:
            form.show_unknown(unsettled.id, self._unknown_text(unsettled))
        self.bell()
        self.notify(
            f"{unsettled.why} {doing(unsettled, self.now(), self.settings.timezone)}",
            title=_("We still do not know: {place}").format(place=self.known.place(unsettled.wish)),
            severity="warning",
            markup=False,
            timeout=LONG,
        )

    @work(exclusive=True, group="decide", exit_on_error=False)
    async def decide(self, unsettled: Unsettled) -> None:
        """Ask the person what the program cannot find out; waiting is the default."""
        from pm_tui.services.book import JournalUnavailable
        from pm_tui.tui.screens.decide import DecideScreen

        decision = await self.push_screen_wait(DecideScreen(unsettled, self.known))
        if decision == "look":
            self.look_soon()
        elif decision == "did not happen":
            session = await self.session()
            try:
                done = await session.give_up(unsettled.id)
            except JournalUnavailable as problem:
                self.no_journal(problem)
                return
            if done:
                text = _("Noted as not happened. Should it turn up after all, the list shows it.")
                self.notify(text, markup=False, timeout=SHORT)
            await self.read_unsettled()

    def _unknown_text(self, unsettled: Unsettled) -> str:
        """Why nobody knows, what is being done about it, and what must not be done meanwhile."""
        from pm_tui.tui.widgets.unsettled_text import doing, must_not

        now, viewer = self.now(), self.settings.timezone
        return " ".join((unsettled.why, doing(unsettled, now, viewer), must_not(unsettled)))

    def _form_of(self, intent_id: str) -> BookingFormScreen | None:
        """The form that is on screen to say that nobody knows what became of this."""
        from pm_tui.tui.screens.booking_form import BookingFormScreen

        screen = self.screen
        if isinstance(screen, BookingFormScreen) and screen.unknown_intent == intent_id:
            return screen
        return None
