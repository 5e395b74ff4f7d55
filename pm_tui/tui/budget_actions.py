"""The month's budgets beside the bookings: counted anew whenever the list is another."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from textual import work

from pm_tui.tui.unclear_actions import UnclearActions

if TYPE_CHECKING:
    from pm_tui.models.result import Result
    from pm_tui.services.caps import Budgets
    from pm_tui.services.ledger import Ledger


class BudgetActions(UnclearActions):
    """Mixed into the application; needs its session, settings and ledger."""

    if TYPE_CHECKING:

        @property
        def known(self) -> Ledger: ...

        def _refresh_lists(self) -> None: ...

    budgets: Result[Budgets] | None = None
    """This month's; None without any in the configuration, or before they are counted."""

    async def budgets_now(self) -> Result[Budgets] | None:
        """As they are with all that is known; nothing is asked. For a worker."""
        if not self.settings.caps:
            return None
        known = self.known
        seen = [(one, known.time_of(one.id)) for one in known.bookings]
        read_at: datetime | None = None if known.result is None else known.result.fetched_at
        session = await self.session()
        self.budgets = await session.budgets(seen, read_at)
        return self.budgets

    def count_budgets(self) -> None:
        if self.settings.caps:
            self._count_budgets()

    @work(exclusive=True, group="budgets", exit_on_error=False)
    async def _count_budgets(self) -> None:
        await self.budgets_now()
        self._refresh_lists()
