"""How the application keeps the list of bookings current, and who is there to see it."""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from textual import events, work

from pm_tui.i18n import _
from pm_tui.models.route import FEW
from pm_tui.tui.budget_actions import BudgetActions
from pm_tui.tui.unclear_actions import LONG

if TYPE_CHECKING:
    from pm_tui.models.booking import Booking
    from pm_tui.models.result import Result
    from pm_tui.services.bookings import BookingList
    from pm_tui.services.connection import Connection
    from pm_tui.services.ledger import Change, Ledger, Place
    from pm_tui.services.plan import Look, Presence
    from pm_tui.services.watcher import Watcher

LOOK_AGAIN = timedelta(seconds=2)
ASK_BELOW = 0.05  # of the month's limit, left


class WatchActions(BudgetActions):
    """Mixed into the application, whose session, clock and settings it needs: it is the
    `Audience` of the watcher."""

    if TYPE_CHECKING:
        connection: Connection

        def tell(self, changes: Sequence[Change]) -> None: ...
        def explain(self, problem: BaseException) -> str: ...

    _journal_told = ""
    _looked_at = datetime.min.replace(tzinfo=UTC) + LOOK_AGAIN
    _touched_at: datetime | None = None
    _look_due = False
    _agreed_at: int | None = None  # requests that were left when a person said yes
    _watcher: Watcher | None = None
    next_look: Look | None = None

    @property
    def known(self) -> Ledger:
        """What is known of the bookings; made when first asked for, after the first paint."""
        if not hasattr(self, "_ledger"):
            from pm_tui.services.ledger import Ledger

            self._ledger = Ledger(self.settings.reports.patterns)
        return self._ledger

    @work(exclusive=True, group="watch", exit_on_error=False)
    async def watch_bookings(self) -> None:
        """Read the list whenever something in it can have changed, or when asked."""
        from pm_tui.services.watcher import Watcher

        session = await self.session()
        self._watcher = Watcher(session, self.known, self, lambda: self.now())
        await self._watcher.run()

    # -- what the watcher tells ----------------------------------------------

    def read(self, result: Result[BookingList], places: dict[str, Place]) -> None:
        self.tell(self.known.take(result, places))
        self._refresh_lists()
        self.count_budgets()

    def told(self, result: Result[Booking]) -> None:
        self.tell(self.known.take_one(result))
        self._refresh_lists()
        self.count_budgets()

    def failed(self, problem: Exception) -> None:
        self.known.fail(self.explain(problem))
        self._refresh_lists()

    async def take_stock(self, listed: Sequence[Booking] | None) -> None:
        await self.read_unsettled()

    def no_journal(self, problem: Exception) -> None:
        if self._journal_told != str(problem):
            self._journal_told = str(problem)
            title = _("Booking is not possible here")
            self.notify(str(problem), title=title, severity="error", markup=False, timeout=LONG)

    def planned(self, look: Look) -> None:
        from pm_tui.tui.screens.base import View

        self.next_look = look
        for screen in self.screen_stack:
            if isinstance(screen, View):
                screen.show_next_look(look)

    def _refresh_lists(self) -> None:
        from pm_tui.tui.screens.bookings import BookingsView

        if isinstance(self.screen, BookingsView):
            self.screen.show_rows()

    # -- who is there --------------------------------------------------------

    def presence(self) -> Presence:
        """A terminal that does not tell of its focus has it."""
        from pm_tui.services.plan import Presence

        if self._touched_at is None:
            self._touched_at = self.now()
        return Presence(self.current_mode == "bookings", self.app_focus, self._touched_at)

    def on_app_focus(self) -> None:
        self._touch()

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.InputEvent) and not event.is_forwarded:
            self._touch()
        await super().on_event(event)

    def _touch(self) -> None:
        """Somebody is here; who has been away wants to see how things are now."""
        if self._watcher is None:
            return
        was_awake = self.presence().is_awake(self.now())
        self._touched_at = self.now()
        if not was_awake:
            self._watcher.wake()

    # -- asked for -----------------------------------------------------------

    def look_now(self) -> None:
        """A person asks: whatever the plan, and also when the month is said to be spent, for it
        may have been raised. A held key asks no more than once in two seconds."""
        wait = (self._looked_at + LOOK_AGAIN - self.now()).total_seconds()
        if wait <= 0:
            self._look_now()
        elif not self._look_due:
            self._look_due = True
            self.set_timer(wait, self._look_now)

    def _look_now(self) -> None:
        self._look_due = False
        if self._watcher is not None:
            self._looked_at = self.now()
            if self.connection.state == "spent":
                self._try_although_spent()
            else:
                self._watcher.ask()

    @work(exclusive=True, group="spent", exit_on_error=False)
    async def _try_although_spent(self) -> None:
        session = await self.session()
        session.line.try_anyway()
        if self._watcher is not None:
            self._watcher.ask()

    async def may_spend(self, *, report: bool = False) -> bool:
        """Whether a search, or a `report`, may go out: near the month's end of requests a person is
        asked, and not again before half of what was left then is used. For a worker."""
        used, limit = self.connection.month_used, self.connection.month_limit
        if used is None or limit is None:
            return True
        left = max(limit - used, 0)
        agreed = self._agreed_at is not None and left > self._agreed_at // 2
        if left >= limit * ASK_BELOW or agreed:
            return True
        from pm_tui.tui.screens.spend import SpendScreen

        if not await self.push_screen_wait(SpendScreen(left, report=report)):
            return False
        self._agreed_at = left
        return True

    async def may_search(self, least: int, most: int) -> int:
        """How many requests a search may spend that needs so many, or up to `most` to be whole: of
        more than a few a person says how many before the first is sent. For a worker."""
        if least <= FEW:
            if not await self.may_spend():
                return 0
            if least > 1:
                text = _("This way takes {n} requests.").format(n=least)
                self.notify(text, markup=False)
            return least
        from pm_tui.tui.screens.spend import WayScreen

        used, limit = self.connection.month_used, self.connection.month_limit
        left = None if used is None or limit is None else max(limit - used, 0)
        allowed = await self.push_screen_wait(WayScreen(least, most, left))
        if allowed is None:
            raise CancelledError  # as Escape does to a search that is under way
        return allowed

    def look_soon(self) -> None:
        """Something was done or opened: look now, unless the next look is all but here."""
        if self._watcher is not None:
            self._watcher.soon()
