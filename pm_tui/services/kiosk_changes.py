"""Bookings of a desk's visitors whose change was interrupted: what the desk sees of them, and how
it goes on with one or drops it.

A visitor's booking that is to last longer is changed by a rebooking where it has not begun
(`kiosk_stay.extend`); nothing of it is done by itself after a start.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pm_tui.cache.intent import Intent
from pm_tui.models.times import read_time
from pm_tui.services import rebook
from pm_tui.services import rebook_parts as parts
from pm_tui.services.kiosk import Kiosk
from pm_tui.services.kiosk_open import concerns
from pm_tui.services.kiosk_stay import Longer, longer_of


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A change that was interrupted. `start` and `end` (UTC) are what was wanted, `evse_uid` where,
    `old_id` is the booking that it was to replace."""

    old_id: str
    part: str
    start: datetime | None
    end: datetime | None
    evse_uid: str
    standing: rebook.Standing


async def unfinished(kiosk: Kiosk) -> tuple[Unfinished, ...]:
    """Those of this desk, the newest first; whose time is over is none. Asks nobody. Raises
    `JournalUnavailable`."""
    found = await parts.open_parts(kiosk.session)
    ours = [_read(part, made) for part, made in found if concerns(made, kiosk.settings.desk)]
    now = kiosk.session.server_now()
    return tuple(one for one in ours if one.end is None or one.end >= now)


async def go_on(kiosk: Kiosk, change: Unfinished) -> Longer | None:
    """Do what is left to do, after a look at what is not certain (which may take the grace time);
    None where nothing is left. Raises `CannotRebook`, `JournalUnavailable`, and the `ApiError` of
    what could not be looked up: what is done stays done."""
    session = kiosk.session
    old = (await session.booking(change.old_id)).value
    left = await rebook.unfinished(session, old)
    if left is None:
        return None
    name = kiosk.guests.name(old.id, session.now())
    longer = longer_of(await rebook.go_on(session, left))
    if longer.booking_id is not None:
        kiosk.guests.note(longer.booking_id, name, left.request.reservation_end)
    return longer


async def drop(kiosk: Kiosk, change: Unfinished) -> None:
    """End it for good: nothing is sent, and what stands stays. Raises as `rebook.drop` does."""
    await parts.drop(kiosk.session, change.part)


def _read(part: str, made: list[Intent]) -> Unfinished:
    wish = next(one for one in made if parts.step_of(one) == "book").request
    done = parts.steps_in(made, "confirmed")
    return Unfinished(
        parts.old_id(part),
        part,
        read_time(wish.get("reservation_start")),
        read_time(wish.get("reservation_end")),
        str(wish.get("evse_uid") or ""),
        parts.standing(done, parts.steps_in(made, "sending", "unknown")),
    )
