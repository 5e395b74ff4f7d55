"""Whose wish a cancellation was: what a person of this host asked for is no loss to be told of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pm_tui.models.booking import Booking
    from pm_tui.services.ledger import Ledger
    from pm_tui.services.session import Session


async def note_own(session: Session, known: Ledger, bookings: Iterable[Booking]) -> None:
    """Before the ledger takes these: which of them that are cancelled now were cancelled from
    this host, in another window, by a verb or for a change. The journal knows, and is asked only
    where something would be told."""
    if ids := known.newly_cancelled(bookings):
        known.cancelled_here |= await session.cancelled_here(ids)
