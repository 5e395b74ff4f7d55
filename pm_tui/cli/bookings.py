"""`pm-tui bookings`: the account's bookings."""

from __future__ import annotations

import re
from argparse import Namespace
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pm_tui import formats
from pm_tui.cli import common, exits
from pm_tui.cli.booking_text import as_json, state
from pm_tui.cli.exits import CliError
from pm_tui.cli.output import Column, complain, document, table, wire
from pm_tui.i18n import _, ngettext
from pm_tui.models.booking import Booking
from pm_tui.models.result import Result
from pm_tui.models.text import visible_id
from pm_tui.services.bookings import BookingList
from pm_tui.services.ledger import Place
from pm_tui.services.session import Session
from pm_tui.services.when import NoSuchTime, at, later, parse_when

_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})|(\d{1,2})\.(\d{1,2})\.(\d{4})", re.ASCII)


def run(arguments: Namespace) -> int:
    settings = common.settings_of(arguments)
    since = edge(arguments.since, settings.timezone, end=False)
    until = edge(arguments.until, settings.timezone, end=True)
    if since and until and until < since:
        raise CliError(exits.USAGE, _("--until lies before --since."))

    async def ask(session: Session) -> tuple[Result[BookingList], Mapping[str, Place]]:
        found = await session.bookings(status=arguments.status, since=since, until=until)
        where = {one.location_id for one in found.value.bookings if one.location_id}
        return found, await session.places(where)

    result, places = common.ask(settings, ask)
    common.tell_problem(result)
    _warn(result)
    if arguments.json:
        document(
            {
                "origin": result.origin,
                "fetched_at": wire(result.fetched_at),
                "bookings": [as_json(booking) for booking in result.value.bookings],
            }
        )
    else:
        _print(result, places)
    return exits.DONE


def edge(text: str | None, zone: ZoneInfo, *, end: bool) -> datetime | None:
    """The first (with `end` the last) second of a day in `zone`, or any moment that one can type.

    Raises `CliError` for what is neither.
    """
    if text is None:
        return None
    try:
        first = day_of(text)
        if first is None:
            return parse_when(text, now=common.now(), zone=zone)
        if not end:
            return _midnight(first, zone)
        return later(_midnight(first + timedelta(days=1), zone), timedelta(seconds=-1))
    except (ValueError, OverflowError) as error:
        raise CliError(exits.USAGE, f"{'--until' if end else '--since'}: {error}") from None


def day_of(text: str) -> date | None:
    """A day as one types it, `2026-11-01` or `1.11.2026`; None for what is none. `ValueError` for
    one that no calendar has."""
    match = _DAY.fullmatch(text.strip())
    if match is None:
        return None
    year, month, day = match.group(1, 2, 3) if match[1] else match.group(6, 5, 4)
    return date(int(year), int(month), int(day))


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    try:
        return at(day, time(0), zone)
    except NoSuchTime as gap:  # there are zones whose clocks change at midnight
        return gap.next_valid


def _warn(result: Result[BookingList]) -> None:
    """A list that may be short must not pass for a whole one."""
    if result.origin == "live" and not result.value.complete:
        complain(_("the server may hold more bookings than it told; narrow the list with --since"))
    if skipped := result.value.skipped:
        complain(
            ngettext(
                "{n} booking could not be read", "{n} bookings could not be read", skipped
            ).format(n=skipped)
        )


def _print(result: Result[BookingList], places: Mapping[str, Place]) -> None:
    bookings = result.value.bookings
    found = ngettext("{n} booking", "{n} bookings", len(bookings)).format(n=len(bookings))
    print(f"{found}, {common.origin_of(result)}")
    if bookings:
        table(_columns(), _rows(bookings, places))


def _columns() -> tuple[Column, ...]:
    return (
        Column(_("STATUS"), shrinks=True, least=7),  # with a whole date beside it as well
        Column(_("START")),
        Column(_("LENGTH"), right=True, drops=2),
        Column(_("CITY"), shrinks=True, drops=3),
        Column(_("LOCATION"), shrinks=True, drops=1),
        Column(_("PRICE"), right=True, drops=5),
        Column(_("REFERENCE"), shrinks=True, drops=4),
        Column(_("ID")),
    )


def _rows(bookings: Sequence[Booking], places: Mapping[str, Place]) -> list[tuple[str, ...]]:
    """Each start in the charger's zone, as it is typed."""
    now = common.now()
    rows: list[tuple[str, ...]] = []
    for booking in bookings:
        start, end = booking.reservation_start, booking.reservation_end
        zone = places.get(booking.location_id or "", Place()).clock
        rows.append(
            (
                state(booking),
                formats.when(start, zone, now=now),
                formats.duration(end - start if start and end else None),
                booking.location_city or formats.UNKNOWN,
                visible_id(booking.location_id) if booking.location_id else formats.UNKNOWN,
                formats.money(booking.client_price, booking.client_price_currency),
                booking.external_id or formats.UNKNOWN,
                visible_id(booking.id),
            )
        )
    return rows
