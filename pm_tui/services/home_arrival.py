"""How a home charger comes in without a browser: taken on from its maker by serial number; before
that, whether ev.energy can have it, and the waitlist for one that it cannot.

Each `POST` is sent once: after `OutcomeUnknown` the list tells whether a charger came.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pm_tui.i18n import _
from pm_tui.models.home import Evse
from pm_tui.models.json import JsonObject
from pm_tui.models.result import Result

if TYPE_CHECKING:
    from pm_tui.services.home import Home

# contract/evenergy-v2.md §11; another name is sent as well, and ev.energy says what it thinks
PROVIDERS = ("ChargePoint", "EO", "SyncEV", "EnelX", "Easee", "Wallbox", "Zaptec")


async def take_on(home: Home, provider: str, serial: str, user: str) -> Result[Evse]:
    """Take a charger of `user` (an id or an email) on, from its maker. Raises `NoSuchName`,
    `NoSuchSerial`, `NotTakenOn`; `OutcomeUnknown` when the answer is lost."""
    named = {one.casefold(): one for one in PROVIDERS}
    client = await home.line.open()
    who, _name = await home.whose(client, user)
    answer = await client.take_on(named.get(provider.casefold(), provider), serial, who)
    return Result(answer.value, "live", answer.received_at)


async def join_waitlist(home: Home, fields: Mapping[str, str]) -> Result[str]:
    """The id of the new entry. Raises `OutcomeUnknown` when the answer is lost."""
    answer = await (await home.line.open()).join_waitlist(fields)
    return Result(answer.value, "live", answer.received_at)


async def check(home: Home, fields: Mapping[str, str]) -> Result[JsonObject]:
    """What ev.energy says of a charger that it does not have, as it was sent."""
    answer = await (await home.line.open()).check_compatibility(fields)
    return Result(answer.value, "live", answer.received_at)


def fields_in(given: Sequence[str]) -> dict[str, str]:
    """`NAME=VALUE` of each. Raises `ValueError`."""
    found = {}
    for one in given:
        name, sign, value = one.partition("=")
        if not name or not sign:
            raise ValueError(_("NAME=VALUE is needed, not {text!r}").format(text=one))
        found[name] = value
    return found
