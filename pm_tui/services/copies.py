"""What can be taken along of a thing: short harmless texts, each under a key of its own.

Whatever a server said goes through `clean` line by line: a text is pasted anywhere, into a shell
as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from pm_tui import formats
from pm_tui.i18n import _
from pm_tui.models.text import clean
from pm_tui.services import request_log

if TYPE_CHECKING:
    from pm_tui.api.record import Sent
    from pm_tui.models.booking import Booking
    from pm_tui.models.charger import Location
    from pm_tui.models.home import Evse as HomeEvse

LONGEST = 4000  # bytes, a bound of ours: terminals cut what is long, each at its own length
MAP = "https://www.openstreetmap.org/?mlat={lat}&mlon={lon}#map=17/{lat}/{lon}"


@dataclass(frozen=True, slots=True)
class Copy:
    """`key` chooses it in the list, `label` says what it is. `secret`: not to be repeated on
    screen; `opens`: it is an address for a browser, and is opened instead of copied; `warning`
    is what to mind before it is used; `why_not` why there is no text although there could be."""

    key: str
    label: str
    text: str
    secret: bool = False
    opens: bool = False
    warning: str = ""
    why_not: str = ""


def of_location(location: Location) -> tuple[Copy, ...]:
    """Of a charger that a search found, or a favourite."""
    ids = [one.evse_uid for one in location.evses if one.evse_uid]
    every = [location.name, location.cpo_name, _address(location), location.location_id, *ids]
    place = None
    if location.latitude is not None and location.longitude is not None:
        place = (location.latitude, location.longitude)
        every.append(_degrees(place))
    return tuple(
        holding(
            [
                Copy("i", _("ID"), _line(location.location_id)),
                Copy("a", _("Address"), _line(_address(location))),
                *_of_place(place),
                Copy("e", _("EVSE IDs"), in_lines(ids)),
                Copy("t", _("All of it as text"), in_lines(every)),
            ]
        )
    )


def of_home(evse: HomeEvse) -> tuple[Copy, ...]:
    """Of a home charger. Whose it is stays out."""
    every = [" ".join(filter(None, (evse.make_name, evse.model_name))), evse.id, evse.cpid]
    if evse.location is not None:
        every.append(_degrees(evse.location))
    return tuple(
        holding(
            [
                Copy("i", _("ID"), _line(evse.id)),
                *_of_place(evse.location),
                Copy("t", _("All of it as text"), in_lines(every)),
            ]
        )
    )


def of_booking(
    booking: Booking, place: str, zone: ZoneInfo, base_url: str, now: datetime
) -> tuple[Copy, ...]:
    """Of a booking at `place` (its name), whose times are told in `zone`; `base_url` "" where
    nobody knows it."""
    tokens = [f"{name}: {value}" for name, value in booking.token.items()]
    return tuple(
        holding(
            [
                Copy("i", _("ID"), _line(booking.id)),
                Copy("r", _("Reference"), _line(booking.external_id)),
                Copy("k", _("Token"), in_lines(tokens), secret=True),
                Copy("t", _("All of it as text"), in_lines(_told(booking, place, zone, now))),
                Copy(
                    "u",
                    _("curl line that reads it (without the key)"),
                    base_url and request_log.booking_curl(base_url, booking.id),
                ),
            ]
        )
    )


def of_request(sent: Sent) -> tuple[Copy, ...]:
    """The curl line."""
    warning = ""
    if sent.method != "GET":
        warning = _("It changes something: sent again, it is done again.")
    line = request_log.curl(sent)
    return tuple(holding([Copy("u", _("curl line (without the key)"), line, warning=warning)]))


def whole(key: str, label: str, text: str, *, secret: bool = False) -> Copy:
    """All of it or nothing: a part of a table looks like a whole one."""
    size = len(text.encode())
    if size <= LONGEST:
        return Copy(key, label, text, secret=secret)
    why = _(
        "It has {size} bytes, and through a terminal {most} are sure to arrive. Fewer rows fit "
        "(filter them), or a file takes all."
    )
    return Copy(
        key, label, "", why_not=why.format(size=formats.number(size), most=formats.number(LONGEST))
    )


def tabbed(rows: Iterable[Sequence[str]]) -> str:
    """A line each, as spreadsheets take them from the clipboard; who calls this has seen to it that
    no cell is a formula (`report_files.guarded`)."""
    return "\n".join("\t".join(map(_line, row)) for row in rows)


def _told(booking: Booking, place: str, zone: ZoneInfo, now: datetime) -> Iterator[str]:
    yield f"{formats.status_mark(booking.status).word}: {place}"
    times = (booking.reservation_start, booking.reservation_end)
    yield " – ".join(formats.when(at, zone, now=now) for at in times)
    for label, value in (
        (_("EVSE"), booking.evse_uid),
        (_("Reference"), booking.external_id),
        (_("Operator's number"), booking.cpo_reservation_id),
        (_("ID"), booking.id),
        *booking.token.items(),
    ):
        if value:
            yield f"{label}: {value}"


def _of_place(place: tuple[float, float] | None) -> Iterator[Copy]:
    """Latitude and longitude in degrees, as text, for a phone and for a map."""
    if place is None:
        return
    lat, lon = (f"{one:.6f}" for one in place)
    link = MAP.format(lat=lat, lon=lon)
    yield Copy("c", _("Coordinates"), _degrees(place))
    yield Copy("g", _("geo: link"), f"geo:{lat},{lon}")
    yield Copy("m", _("Link to a map"), link)
    yield Copy("o", _("Open in a map"), link, opens=True)


def _degrees(place: tuple[float, float]) -> str:
    return f"{place[0]:.6f}, {place[1]:.6f}"


def _address(location: Location) -> str:
    town = " ".join(filter(None, (location.postal_code, location.city)))
    return ", ".join(filter(None, (location.address, town)))


def _line(text: str | None) -> str:
    return clean(text or "", 500)


def in_lines(texts: Iterable[str | None]) -> str:
    """Whole lines, as many as there is room for; a cut is marked."""
    kept: list[str] = []
    room = LONGEST
    for line in filter(None, map(_line, texts)):
        room -= len(line.encode()) + 1
        if room < 0:
            kept.append("…")
            break
        kept.append(line)
    return "\n".join(kept)


def holding(offered: Iterable[Copy]) -> Iterator[Copy]:
    """Those that hold something, or could."""
    return (one for one in offered if one.text or one.why_not)
