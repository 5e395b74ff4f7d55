"""The part of a session that knows the month's budgets. Nothing is asked for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from pm_tui.cache.reports import Entry, ReportStore, Scanned
from pm_tui.models.booking import Booking
from pm_tui.models.result import Result
from pm_tui.services import bookings as booking_service
from pm_tui.services.caps import Budgets, budgets, passed
from pm_tui.services.report_facts import GONE
from pm_tui.services.report_period import Period
from pm_tui.services.report_rows import entry_of
from pm_tui.services.reporting import Reporting
from pm_tui.services.spending import spending_of

Seen = tuple[Booking, datetime]  # a booking, and when it was told
_FINAL = GONE | {"COMPLETED", "NO_SHOW"}


class Capping(Reporting):
    async def budgets(
        self, known: Sequence[Seen] | None = None, read_at: datetime | None = None
    ) -> Result[Budgets] | None:
        """This month's; None without any in the configuration. Counted is what reports have read
        and what is known besides: `known`, else all that is remembered. `read_at` is when the list
        was read last. As old as the oldest booking in them that may still change."""
        caps = self.settings.caps
        if not caps:
            return None
        if known is None:
            stores = await self._open_stores()
            kept = await self.in_worker(booking_service.recall, stores, None, None, None)
            known = [] if kept is None else _with_times(*kept)
        now = self.server_now()
        month = Period.read("this", self.settings.report_zone, now)

        def count(store: ReportStore) -> Result[Budgets]:
            rows, times = self._of_month(store, month, known)
            latest = [one.read_at for one in store.parts(month.start, month.end)]
            latest += [at for _booking, at in known] + ([] if read_at is None else [read_at])
            at = min([max(latest, default=month.start), *times])
            share = passed(month.start, month.end, now)
            found = budgets(spending_of(rows, caps.currency), caps, share)
            told = Budgets(found, caps, self._reader, month.start, month.end)
            return Result(told, "cache", at)

        return await self._in_reports(count)

    def _of_month(
        self, store: ReportStore, month: Period, known: Iterable[Seen]
    ) -> tuple[list[Entry | Scanned], list[datetime]]:
        """The month's bookings, each as it was told last, and the times of those still open."""
        parts = store.parts(month.start, month.end)
        # a part is read anew when something in it may have changed
        oldest = min((one.read_at for one in parts), default=month.start)
        found: dict[str, Entry | Scanned] = {}
        for row in store.scan(month.start, month.end, lambda row: row, words=False):
            found[row.id] = row
        times = {key: oldest for key, row in found.items() if row.status not in _FINAL}
        for booking, at in known:
            made = booking.created_at
            if made is None or not month.start <= made < month.end:
                continue
            if booking.id in found and at < oldest:
                continue
            found[booking.id] = entry_of(booking.raw, self._reader, made)
            times.pop(booking.id, None)
            if not booking.is_final:
                times[booking.id] = at
        return list(found.values()), list(times.values())


def _with_times(kept: booking_service.BookingList, at: datetime) -> list[Seen]:
    return [(one, kept.seen_at.get(one.id, at)) for one in kept.bookings]
