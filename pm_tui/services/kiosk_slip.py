"""What a visitor takes along: a slip of plain text, given to a command that prints it."""

from __future__ import annotations

import asyncio
import os
import textwrap
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from pm_tui import formats
from pm_tui.config.kiosk import KioskSettings
from pm_tui.i18n import _
from pm_tui.models.booking import Booking
from pm_tui.models.charger import Location
from pm_tui.models.text import clean
from pm_tui.models.zones import CHARGERS_ZONE
from pm_tui.services.kiosk_stay import token_number

WIDTH = 32  # what a receipt printer has at least
PATIENCE = 15.0  # seconds for the command


class NotPrinted(RuntimeError):
    """The text says why, for the desk."""


def way(location: Location | None) -> str:
    """A link that shows where the charger is; "" where nobody knows (RFC 5870)."""
    if location is None or location.latitude is None or location.longitude is None:
        return ""
    return f"geo:{location.latitude:.6f},{location.longitude:.6f}"


def text(kiosk: KioskSettings, booking: Booking, location: Location | None) -> str:
    """The slip in the language in force; without a name: it may be left lying about."""
    place = location and (location.name or location.cpo_name)
    address = location and ", ".join(filter(None, (location.address, location.city)))
    start, end = booking.reservation_start, booking.reservation_end
    clocks = [None if one is None else one.astimezone(CHARGERS_ZONE) for one in (start, end)]
    rows = [
        (_("Number"), token_number(booking)),
        (_("Charger"), (booking.evse_uid or "").rpartition("*")[2]),
        (_("Place"), place),
        (_("Address"), address),
        (_("Day"), clocks[0] and formats.day(clocks[0].date())),
        (_("From"), clocks[0] and f"{clocks[0]:%H:%M}"),
        (_("Until"), _until(clocks[0], clocks[1])),
        (_("Map"), way(location)),
        (_("Help"), kiosk.phone),
    ]
    lines = [*textwrap.wrap(_heading(booking), WIDTH), "-" * WIDTH]
    for name, told in rows:
        if told:
            lines += _row(name, clean(told, 200))
    lines.append("-" * WIDTH)
    if not booking.is_final and token_number(booking):
        known = _("To stay longer or to leave earlier, type the number at the reception.")
        lines += textwrap.wrap(known, WIDTH)
    return "\n".join([*lines, ""])


async def print_slip(command: Sequence[str], slip: str) -> None:
    """Give `slip` (UTF-8) to `command` on its standard input, without a shell and without our
    secrets in its environment. Raises `NotPrinted`."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            env={name: told for name, told in os.environ.items() if not _is_ours(name)},
            start_new_session=True,  # Ctrl+C at the kiosk is nothing to it
        )
    except OSError as problem:
        raise NotPrinted(f"{command[0]}: {problem.strerror or problem}") from None
    try:
        await asyncio.wait_for(process.communicate(slip.encode()), PATIENCE)
    except TimeoutError:
        raise NotPrinted(_("{command}: no end after 15 s").format(command=command[0])) from None
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode:
        raise NotPrinted(
            _("{command} ended with code {code}").format(
                command=command[0], code=process.returncode
            )
        )


def _heading(booking: Booking) -> str:
    """A slip is printed again later as well: it must not promise what no longer stands."""
    if booking.is_final:
        status = formats.status_mark(booking.status).word
        return _("Not reserved any more: {status}").format(status=status)
    if booking.is_waiting:
        return _("Not confirmed yet: ask at the reception")
    return _("Your charger is reserved")


def _until(start: datetime | None, end: datetime | None) -> str | None:
    """The time, with the day where it is not that of the start."""
    if end is None:
        return None
    if start is None or start.date() == end.date():
        return f"{end:%H:%M}"
    return f"{formats.day(end.date(), year=False)} {end:%H:%M}"


def _is_ours(name: str) -> bool:
    return name.startswith("PM_TUI_")


def _row(name: str, told: str) -> list[str]:
    """A name and its value on one line where they fit, else below each other."""
    if len(name) + 1 + len(told) <= WIDTH:
        return [f"{name} {told:>{WIDTH - len(name) - 1}}"]
    return [name, *textwrap.wrap(told, WIDTH)]
