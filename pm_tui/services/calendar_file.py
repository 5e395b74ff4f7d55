"""Bookings as a calendar file (iCalendar, RFC 5545): one event a booking, in UTC.

A calendar that reads a later file finds the same events again by their UID and takes what has a
higher SEQUENCE over; what was cancelled is told as such, so that it disappears there. A library
for this is 30 times as large: the tests read what is written here with one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pm_tui import __version__, formats
from pm_tui.i18n import _, ngettext
from pm_tui.models.booking import Booking
from pm_tui.models.result import Result
from pm_tui.models.text import visible_id
from pm_tui.services.files import write_private

if TYPE_CHECKING:
    from pm_tui.services.ledger import Place
    from pm_tui.services.session import Session

FILE = "bookings.ics"
_FOLD = 75  # octets of a line (RFC 5545 §3.1)
_STEPS = 8  # changes that one second can tell apart
_MOST_SECONDS = 2**28 - 1  # a SEQUENCE is at most 2**31 - 1
# how far a booking has come (contract/agent-api.md §7); a state that we do not know is at its start
_RANKS = {
    "REQUESTED": 0, "PENDING": 1, "CONFIRMED": 2, "ATTENDING": 3, "COMPLETED": 4, "NO_SHOW": 4,
    "EXPIRED": 5, "CANCELLED": 5,
}  # fmt: skip
_GONE = ("CANCELLED", "EXPIRED")


def drawable(bookings: Iterable[Booking]) -> list[Booking]:
    """Those that tell when they are: without that there is no event."""
    return [
        one
        for one in bookings
        if one.reservation_start and one.reservation_end
        and one.reservation_start < one.reservation_end
    ]  # fmt: skip


def as_calendar(bookings: Sequence[Booking], places: Mapping[str, Place], now: datetime) -> bytes:
    """The file; `places` by location id. Bookings that are not `drawable` are left out."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:-//pm-tui//pm-tui {__version__}//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
    ]
    for one in drawable(bookings):
        lines += _event(one, places.get(one.location_id or ""), now)
    lines.append("END:VCALENDAR")
    return b"".join(_folded(line) for line in lines)


def sequence(booking: Booking) -> int:
    """Rises with every change of the booking, and never falls: the seconds from its creation to
    its last change, and how far it had come in that second."""
    rank = _RANKS.get(booking.status.upper(), 0)
    made, changed = booking.created_at, booking.status_updated_at
    if made is None or changed is None:
        return rank
    seconds = int((changed - made).total_seconds())
    return min(max(seconds, 0), _MOST_SECONDS) * _STEPS + rank


def _event(booking: Booking, place: Place | None, now: datetime) -> Iterator[str]:
    start, end = booking.reservation_start, booking.reservation_end
    if start is None or end is None:
        return
    gone = booking.status.upper() in _GONE
    name = (place and place.name) or booking.location_city
    name = name or visible_id(booking.location_id or "")
    title = _("Charging: {place}").format(place=name) if name else _("Charging")
    yield "BEGIN:VEVENT"
    yield f"UID:{_text(visible_id(booking.id))}@pm-tui"
    yield f"DTSTAMP:{_time(now)}"
    yield f"SEQUENCE:{sequence(booking)}"
    yield f"DTSTART:{_time(start)}"
    yield f"DTEND:{_time(end)}"
    yield f"SUMMARY:{_text(title)}"
    where = ", ".join(_distinct(name, booking.location_city, visible_id(booking.evse_uid or "")))
    if where:
        yield f"LOCATION:{_text(where)}"
    yield f"DESCRIPTION:{_text(chr(10).join(_told(booking)))}"
    yield f"STATUS:{_status(booking)}"
    yield f"TRANSP:{'TRANSPARENT' if gone else 'OPAQUE'}"
    if booking.created_at is not None:
        yield f"CREATED:{_time(booking.created_at)}"
    if booking.status_updated_at is not None:
        yield f"LAST-MODIFIED:{_time(booking.status_updated_at)}"
    yield "END:VEVENT"


def _status(booking: Booking) -> str:
    if booking.status.upper() in _GONE:
        return "CANCELLED"
    return "TENTATIVE" if booking.is_waiting else "CONFIRMED"


def _told(booking: Booking) -> Iterator[str]:
    yield formats.status_mark(booking.status).word
    facts = (
        (_("Reference"), booking.external_id),
        (_("EVSE"), visible_id(booking.evse_uid or "")),
        (_("Operator's number"), booking.cpo_reservation_id),
        ("ID", visible_id(booking.id)),
    )
    for label, value in facts:
        if value:
            yield f"{label}: {value}"


def _distinct(*words: str | None) -> list[str]:
    return list(dict.fromkeys(word for word in words if word))


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(value: str) -> str:
    """Escaped (RFC 5545 §3.3.11); the texts of a booking hold no controls any more."""
    for char, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        value = value.replace(char, escaped)
    return value


def _folded(line: str) -> bytes:
    """Lines of at most 75 octets, the continued ones behind a space; no character is parted."""
    out, width = bytearray(), 0
    for char in line:
        octets = char.encode("utf-8", "replace")
        if width + len(octets) > _FOLD:
            out += b"\r\n "
            width = 1
        out += octets
        width += len(octets)
    return bytes(out) + b"\r\n"


# -- for a person ----------------------------------------------------------------------


async def choose(session: Session, ids: Sequence[str]) -> Result[list[Booking]]:
    """The bookings with these ids, or all that are known: one request, and one for each that the
    list does not tell. Raises as `Session.booking` does."""
    if len(ids) == 1:
        single = await session.booking(ids[0])
        return Result([single.value], single.origin, single.fetched_at, single.problem)
    listed = await session.known_bookings()
    if not ids:
        known = list(listed.value.bookings)
        return Result(known, listed.origin, listed.fetched_at, listed.problem)
    there = {one.id: one for one in listed.value.bookings}
    found = [there.get(one) or (await session.booking(one)).value for one in dict.fromkeys(ids)]
    return Result(found, listed.origin, listed.fetched_at, listed.problem)


async def calendar(session: Session, bookings: Sequence[Booking]) -> bytes:
    """The file, with the names of the places as they were seen last."""
    ids = {one.location_id for one in bookings if one.location_id}
    return as_calendar(bookings, await session.places(ids), session.now())


async def write(session: Session, bookings: Sequence[Booking], path: Path) -> str:
    """Write the file, whole or not at all, and say what is in it. Raises `OSError`."""
    body = await calendar(session, bookings)
    await session.in_worker(write_private, path, body)
    return written_words(bookings)


def written_words(bookings: Sequence[Booking]) -> str:
    drawn = len(drawable(bookings))
    told = ngettext("{n} booking written", "{n} bookings written", drawn).format(n=drawn)
    if left := skipped_words(bookings):
        told += "; " + left
    return told


def skipped_words(bookings: Sequence[Booking]) -> str:
    """How many tell no time; nothing for none."""
    left = len(bookings) - len(drawable(bookings))
    if not left:
        return ""
    text = ngettext("{n} tells no time and is left out", "{n} tell no time and are left out", left)
    return text.format(n=left)
