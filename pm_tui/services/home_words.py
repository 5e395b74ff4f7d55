"""Home chargers in the words of people; for every screen and every verb the same ones."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pm_tui import formats
from pm_tui.formats import UNKNOWN
from pm_tui.i18n import _
from pm_tui.models.home import Evse, SubSession
from pm_tui.models.home_contact import Connectivity
from pm_tui.models.text import visible_id
from pm_tui.services.home_codes import doing
from pm_tui.services.home_reach import Reach, reach_of

if TYPE_CHECKING:
    from pm_tui.services.home_contact import Contact


def reach(found: Reach) -> str:
    """`● reachable`: a glyph as well, for a word is long and a colour is not seen by all."""
    words = {
        "reachable": _("● reachable"),
        "stale": _("○ silent"),
        "unknown": _("? unknown"),
    }
    return words[found.answer]


def yes(value: bool | None) -> str:
    """What is not told is neither yes nor no."""
    return UNKNOWN if value is None else _("yes") if value else _("no")


def watts(value: int | None) -> str:
    """In kilowatts; below zero it flows back."""
    return formats.power(None if value is None else value / 1000)


def energy(watt_hours: int | None) -> str:
    text = formats.number(None if watt_hours is None else watt_hours / 1000, 1)
    return text if text == UNKNOWN else f"{text}{formats.HARD_SPACE}kWh"


def state(evse: Evse) -> str:
    """The lifecycle in a word; one that we do not know as it was sent."""
    words = {
        "CREATED_LINKED": _("linked"),
        "INSTALLED": _("installed"),
        "COMMISSIONED": _("in service"),
        "DECOMMISSIONED": _("decommissioned"),
        "UNKNOWN": _("unknown"),
        "PROBABLY_INSTALLED": _("probably installed"),
        "UNPAIRED": _("unpaired"),
        "PENDING": _("pending"),
        "ENROLLED": _("enrolled"),
    }
    given = evse.lifecycle_state
    return UNKNOWN if given is None else words.get(given, given)


def place(location: tuple[float, float] | None) -> str:
    if location is None:
        return UNKNOWN
    return f"{location[0]:.5f}, {location[1]:.5f}"


def placed(wanted: tuple[float, float] | None, evse: Evse) -> str:
    """What became of a location that was sent: an answer may leave it out
    (contract/evenergy-v2.md §10), and says nothing against it then."""
    if wanted is None and evse.location is None:
        return _("Location cleared.")
    if wanted is not None and same_place(wanted, evse.location):
        return _("Location saved: {place}").format(place=place(evse.location))
    if evse.location is None:
        text = _("The location {place} was sent and accepted; ev.energy does not show it.")
        return text.format(place=place(wanted))
    text = _("The location was sent and accepted; ev.energy shows {place}.")
    return text.format(place=place(evse.location))


def same_place(one: tuple[float, float] | None, other: tuple[float, float] | None) -> bool:
    """To a millionth of a degree, a tenth of a metre."""
    if one is None or other is None:
        return one is other
    return all(abs(a - b) < 1e-6 for a, b in zip(one, other, strict=True))


def place_in(text: str) -> tuple[float, float]:
    """Latitude and longitude in degrees, as a person types them. `ValueError` for anything else."""
    latitude, _comma, longitude = text.partition(",")
    try:
        found = float(latitude), float(longitude)
    except ValueError:
        found = (100.0, 0.0)
    if not (-90 <= found[0] <= 90 and -180 <= found[1] <= 180):
        raise ValueError(_("LAT,LNG in degrees is needed, such as 52.52,13.41"))
    return found


def row(evse: Evse, now: datetime, threshold: timedelta) -> tuple[str, ...]:
    """The cells of a table: model, make, user, state, plugged in, charging, power, age of the last
    sample, reachability."""
    status = evse.status
    found = reach_of(evse, now, threshold)
    return (
        evse.model_name or UNKNOWN,
        evse.make_name or UNKNOWN,
        evse.user_name or UNKNOWN,
        state(evse),
        yes(status.is_plugged_in if status else None),
        yes(status.is_charging if status else None),
        watts(status.charge_rate_watts if status else None),
        formats.age(found.age),
        reach(found),
    )


def connection(found: Connectivity | None) -> str:
    """`-71 dBm (-80 to -62 in 7 days), 97 % reliable in 30 days`: as much as is told."""
    if found is None:
        return UNKNOWN
    parts = []
    if found.signal is not None:
        text = _("{n} dBm").format(n=found.signal)
        if found.lowest is not None and found.highest is not None:
            span = _("{low} to {high} in 7 days")
            text += " (" + span.format(low=found.lowest, high=found.highest) + ")"
        parts.append(text)
    if found.reliability is not None:
        share = f"{found.reliability}{formats.HARD_SPACE}%"
        parts.append(_("{share} reliable in 30 days").format(share=share))
    return ", ".join(parts) or UNKNOWN


def reached(found: Contact) -> list[tuple[str, str]]:
    """How it is reached: title and value, and why where something is not told."""
    it = found.connectivity
    rows = [(_("Connection"), connection(it))]
    if it is not None:
        rows += [(_("IP address"), it.ip_address or ""), (_("SIM card"), it.iccid or "")]
        rows.append((_("Firmware"), it.firmware or UNKNOWN))
    if found.modes is not None:
        rows.append((_("Grid modes"), ", ".join(map(doing, found.modes)) or UNKNOWN))
    return [row for row in rows if row[1]] + [(_("Not told"), why) for why in found.why]


def name(evse: Evse) -> str:
    """What a charger is called: its make and model, else its id."""
    parts = [part for part in (evse.make_name, evse.model_name) if part]
    return " ".join(parts) or visible_id(evse.id)


def cost(session: SubSession) -> str:
    """As far as one can tell in the currency's hundredths."""
    from decimal import Decimal

    amount = None if session.cost is None else Decimal(session.cost) / 100
    return formats.money(amount, session.currency)
