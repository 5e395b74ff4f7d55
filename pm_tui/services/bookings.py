"""Bookings as the account has them: read whole, remembered for ever, aged honestly."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

from pm_tui.api.agent import Answer
from pm_tui.cache.stores import Stores
from pm_tui.models.booking import Booking
from pm_tui.models.json import JsonObject

PAGE = 100  # rows a request may bring (contract/agent-api.md §14 U2)
MOST_REQUESTS = 128  # enough for some 6,000 bookings, a hundredth of the month's quota
SMALLEST_RANGE = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class BookingList:
    """`complete` is false when the server may hold more than it showed; `skipped` counts rows that
    could not be read. `seen_at` is when each booking was last fetched (UTC), by id."""

    bookings: tuple[Booking, ...]
    complete: bool
    skipped: int = 0
    seen_at: Mapping[str, datetime] = field(default_factory=dict)


class Lister(Protocol):
    """The one call of the client that this needs."""

    async def bookings(
        self,
        *,
        status: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = PAGE,
        background: bool = False,
    ) -> Answer[tuple[Booking, ...]]: ...


Asked = Callable[[datetime | None, datetime | None], Awaitable[Answer[tuple[Booking, ...]]]]


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[JsonObject]
    complete: bool
    at: datetime


async def read_all(
    client: Lister,
    status: str | None,
    since: datetime | None,
    until: datetime | None,
    *,
    background: bool = False,
) -> Page:
    """Every booking of a range: a full answer is split in halves and asked again, merged by id
    (contract/agent-api.md §14 U1). Without `since` there is no range to split: one page.

    A gateway that minds no range would be asked for ever: at most `MOST_REQUESTS`, then the list
    is not complete.
    """

    async def page(since: datetime | None, until: datetime | None) -> Answer[tuple[Booking, ...]]:
        return await client.bookings(
            status=status, since=since, until=until, limit=PAGE, background=background
        )

    return await _read(page, since, until, [MOST_REQUESTS])


async def _read(
    page: Asked,
    since: datetime | None,
    until: datetime | None,
    left: list[int],
) -> Page:
    left[0] -= 1
    answer = await page(since, until)
    rows = booking_rows(answer.raw)
    if len(rows) < PAGE:
        return Page(rows, True, answer.received_at)
    end = until or answer.received_at
    if since is None or end - since <= SMALLEST_RANGE or left[0] < 2:
        return Page(rows, False, answer.received_at)
    middle = (since + (end - since) / 2).replace(microsecond=0)
    if middle <= since:
        middle = since + SMALLEST_RANGE
    early = await _read(page, since, middle, left)
    late = await _read(page, middle, until, left)
    merged = {str(row.get("id")): row for row in (*rows, *early.rows, *late.rows)}
    return Page(list(merged.values()), early.complete and late.complete, late.at)


def booking_rows(raw: JsonObject) -> list[JsonObject]:
    rows = raw.get("bookings")
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def recall(
    stores: Stores, status: str | None, since: datetime | None, until: datetime | None
) -> tuple[BookingList, datetime] | None:
    """The remembered bookings of a range and the time of the oldest among them; None for none.

    Never `complete`: memory cannot know what others booked since.
    """
    seen: dict[str, datetime] = {}
    found: list[Booking] = []
    for kept in stores.bookings.all():
        booking = Booking.read(kept.raw)
        if _within(booking, status, since, until):
            found.append(booking)
            seen[booking.id] = kept.fetched_at
    if not found:
        return None
    return BookingList(tuple(newest_first(found)), False, 0, seen), min(seen.values())


def _within(
    booking: Booking, status: str | None, since: datetime | None, until: datetime | None
) -> bool:
    if status is not None and booking.status != status:
        return False
    if since is None and until is None:
        return True
    made = booking.created_at
    return (
        made is not None and (since is None or made >= since) and (until is None or made <= until)
    )


def newest_first(bookings: list[Booking]) -> list[Booking]:
    """By creation; those without a time last (no order is promised: contract §14 U28)."""
    ancient = datetime.min.replace(tzinfo=UTC)
    return sorted(bookings, key=lambda booking: booking.created_at or ancient, reverse=True)
