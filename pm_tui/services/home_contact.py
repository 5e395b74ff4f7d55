"""How a home charger is reached: its connection, its firmware, what it can do for the grid.

Two requests a charger, so only of one that is looked into. Not every account and not every charger
has them (contract/evenergy-v2.md §9): what is refused is told in a word and spoils nothing else.
"""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from pm_tui.api.agent import Answer
from pm_tui.api.errors import BadRequest, NotFound
from pm_tui.api.home_errors import NotAllowed
from pm_tui.i18n import _
from pm_tui.models.home_contact import Connectivity, modes_in
from pm_tui.models.json import JsonObject
from pm_tui.models.result import Result

if TYPE_CHECKING:
    from pm_tui.api.home import HomeClient
    from pm_tui.cache.home import HomeStore
    from pm_tui.services.home import Home

T = TypeVar("T")

_KIND = "contact"
_REFUSALS = (NotAllowed, NotFound, BadRequest)


@dataclass(frozen=True, slots=True)
class Contact:
    """None is not told; `why` says of each that was refused why. `raw` is as it was sent."""

    connectivity: Connectivity | None
    modes: tuple[str, ...] | None
    raw: JsonObject
    why: tuple[str, ...] = ()


async def contact(home: Home, evse_id: str) -> Result[Contact]:
    """Live, else as it was remembered. Raises `NothingRemembered`."""

    def recall(store: HomeStore, problem: Exception) -> Result[Contact] | None:
        kept = store.rows(_KIND, evse_id)
        if kept is None or not kept[0]:
            return None
        return Result(_of(kept[0][0]), "cache", kept[1], problem)

    async def live(client: HomeClient) -> Result[Contact]:
        why: list[str] = []
        at = home.now()
        connection = await _allowed(client.connectivity(evse_id), why)
        modes = await _allowed(client.vpp_modes(evse_id), why)
        raw: JsonObject = {
            "connectivity": None if connection is None else connection.raw,
            "vpp_modes": None if modes is None else modes.raw["vpp_modes"],
        }
        if connection is not None or modes is not None:  # a refusal takes nothing from memory
            await home.with_store(lambda store: store.put_rows(_KIND, evse_id, [raw], at))
        return Result(_of(raw, tuple(dict.fromkeys(why))), "live", at)

    return await home.live_or(live, recall)


async def _allowed(asked: Awaitable[Answer[T]], why: list[str]) -> Answer[T] | None:
    try:
        return await asked
    except NotAllowed:
        why.append(_("These credentials do not allow to see all of it."))
    except _REFUSALS:
        why.append(_("ev.energy does not tell all of it for this charger."))
    return None


def _of(raw: JsonObject, why: tuple[str, ...] = ()) -> Contact:
    connection: Any = raw.get("connectivity")
    modes = raw.get("vpp_modes")
    return Contact(
        Connectivity.read(connection) if isinstance(connection, dict) else None,
        None if modes is None else modes_in(modes),
        raw,
        why,
    )
