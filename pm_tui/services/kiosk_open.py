"""What nobody knows of a desk's bookings, and what that forbids at the kiosk.

The rule: while it is not known what became of a booking of this desk, no other one is sent for a
visitor. It is looked for at once and once more after the grace time, and again ever more slowly
while nobody answers. Found, it is its visitor's. Absent twice, a person decides
(contract/agent-api.md §14 U4): it may be booked again when the desk says so behind its PIN, or
when nobody has been at the kiosk for a minute, for then the next one is another visitor. Going
back to the first page makes nobody another visitor: the same holds for one that was found when
its visitor had left the page, and for one that an interruption left untold.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pm_tui.api.errors import ApiError
from pm_tui.cache.journal import JournalUnavailable
from pm_tui.models.times import read_time
from pm_tui.services import kiosk_marks, references
from pm_tui.services.rebook_parts import CLASH, SAFE
from pm_tui.services.settle import ABSENT_TWICE, NEVER_SENT

if TYPE_CHECKING:
    from pm_tui.cache.intent import Intent
    from pm_tui.cache.journal import Journal
    from pm_tui.services.kiosk import Kiosk, Visit

_WISH = "kiosk:"  # how everything is named that a kiosk wishes for once
_FIRST_PAUSE, _LONGEST_PAUSE = 5.0, 300.0  # seconds between looks that nobody answered


@dataclass(frozen=True, slots=True)
class Left:
    """What became of the wishes of an earlier run; `unclear` ones a person decides."""

    made: int = 0
    cancelled: int = 0
    unclear: int = 0


def wish_of(visit: Visit) -> str:
    """The name under which a visit's booking is sent once."""
    return _WISH + visit.id


def is_looked_for(intent: Intent) -> bool:
    """Whether looking may still find it; else a person decides."""
    return intent.reason != ABSENT_TWICE


def pauses() -> Iterator[float]:
    """Seconds between looks while nobody answers, without end."""
    pause = _FIRST_PAUSE
    while True:
        yield pause
        pause = min(pause * 2, _LONGEST_PAUSE)


async def unclear(kiosk: Kiosk, besides: Visit | None = None) -> list[Intent]:
    """This desk's bookings that may or may not exist, but that of the visit `besides`; those that
    would be over are none. Asks nobody. Raises `JournalUnavailable`."""
    found = [one for one in await _open_wishes(kiosk) if one.kind == "book"]
    now = kiosk.session.server_now()
    own = None if besides is None else wish_of(besides)
    return [
        one
        for one in found
        if (own is None or (one.once or "").partition("#")[0] != own)
        and (read_time(one.request.get("reservation_end")) or now) >= now
    ]


async def settle(kiosk: Kiosk) -> list[Intent]:
    """Look for what is unclear until it is found or a person has to decide; the bookings that are
    left to one. No request where nothing is unclear."""
    for pause in pauses():
        try:
            if await _open_wishes(kiosk):
                await kiosk.session.recover()
            left = await unclear(kiosk)
        except (ApiError, JournalUnavailable):
            pass  # nobody has answered: the line has noted it
        else:
            if not any(is_looked_for(one) for one in left):
                return left
        await asyncio.sleep(pause)
    raise AssertionError("pauses have no end")


async def outcome(kiosk: Kiosk, visit: Visit) -> tuple[Literal["booked", "none", "unknown"], str]:
    """How the booking of a visit stands, and its id. Asks nobody. Raises `JournalUnavailable`."""
    desk, account = await kiosk.session.desk(), kiosk.session.settings.account
    intents = await desk.worker(lambda: desk.journal.intents(account))
    own = [one for one in intents if (one.once or "").partition("#")[0] == wish_of(visit)]
    for one in own:
        if one.state == "confirmed":
            return "booked", one.booking_id or ""
    return ("unknown" if any(one.is_open for one in own) else "none"), ""


async def give_up(kiosk: Kiosk) -> None:
    """The desk says that what is unclear did not happen. Raises `JournalUnavailable`."""
    for one in await unclear(kiosk):
        if not is_looked_for(one):
            await kiosk.session.give_up(one.id)


# -- what a run that ended in the middle leaves --------------------------------


async def begin(kiosk: Kiosk) -> None:
    """A visitor's wish is under way, until `told`: an end in between is told at the next start."""
    with suppress(OSError):  # then the journal cannot be written either, and that one says so
        await asyncio.to_thread(kiosk_marks.put, _folder(kiosk), datetime.now(UTC))


async def told(kiosk: Kiosk) -> None:
    """The visitor has been told how it ended."""
    await asyncio.to_thread(kiosk_marks.take_away, _folder(kiosk))


async def wake(kiosk: Kiosk) -> datetime | None:
    """At a start: since when (UTC) an earlier run had something under way, or something of it is
    unclear; None: it left nothing. What it had written down and not begun to send is never sent.
    Told once; asks nobody. Raises `JournalUnavailable`."""
    desk, account = await kiosk.session.desk(), kiosk.session.settings.account

    def withdraw() -> None:
        for one in desk.journal.open_intents(account):
            if one.state == "planned" and _is_of(desk.journal, one, kiosk.settings.desk):
                desk.journal.withdrawn(one.id, NEVER_SENT)

    await desk.worker(withdraw)
    marked = await asyncio.to_thread(kiosk_marks.left, _folder(kiosk))
    found = [one.created_at for one in await _open_wishes(kiosk)]
    return min([*found, *([marked] if marked else [])], default=None)


async def since(kiosk: Kiosk, began: datetime) -> Left:
    """What became of this desk's wishes since then. Asks nobody. Raises `JournalUnavailable`."""
    desk, account = await kiosk.session.desk(), kiosk.session.settings.account

    def look() -> list[Intent]:
        found = desk.journal.intents(account, began)
        return [one for one in found if _is_of(desk.journal, one, kiosk.settings.desk)]

    ours = await desk.worker(look)
    done = [one.kind for one in ours if one.state == "confirmed"]
    unsure = [one for one in ours if one.is_open and one.state != "planned"]
    return Left(done.count("book"), done.count("cancel"), len(unsure))


def concerns(intents: Iterable[Intent], desk: str) -> bool:
    """Whether the steps of one change are those of a visitor of this desk: the reference of its
    booking says so, its cancellation has none."""
    return any(references.is_visitor_of(one.external_id, desk) for one in intents)


# -- below ---------------------------------------------------------------------


def _folder(kiosk: Kiosk) -> Path:
    return kiosk.session.settings.state_dir / "kiosk"


async def _open_wishes(kiosk: Kiosk) -> list[Intent]:
    desk, account = await kiosk.session.desk(), kiosk.session.settings.account

    def work() -> list[Intent]:
        desk.journal.expire_stale()
        return [
            one
            for one in desk.journal.open_intents(account)
            if _is_of(desk.journal, one, kiosk.settings.desk)
            and (one.state == "unknown" or _is_left(one))
        ]

    return await desk.worker(work)


def _is_left(intent: Intent) -> bool:
    """Whether its sender is of an earlier start of this machine: nobody sends it any more, though
    the journal waits for the end of the lease to say so."""
    if intent.state != "sending" or intent.claimer is None:
        return False
    return kiosk_marks.is_of_an_earlier_run(intent.claimer)


def _is_of(journal: Journal, intent: Intent, desk: str) -> bool:
    """In the journal's worker, for a cancellation's reference is that of what it belongs to."""
    if intent.kind == "book":
        return references.is_visitor_of(intent.external_id, desk)
    part = intent.part_of or ""
    if part.startswith((SAFE, CLASH)):
        return concerns(journal.parts(part), desk)
    return (intent.once or "").startswith(_WISH)
