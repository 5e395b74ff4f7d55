"""What is remembered of an account, and forgetting it: bookings, favourites and journal never."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from pm_tui.cache.inventory import Shelf as Shelf
from pm_tui.cache.inventory import inventory
from pm_tui.cache.notebook import BROKEN, HABITS, LEFT

if TYPE_CHECKING:
    from pm_tui.cache.stores import Stores
    from pm_tui.config import Settings
    from pm_tui.services.account import Account


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How many of each went."""

    searches: int
    chargers: int
    areas: int


async def look(settings: Settings) -> list[Shelf]:
    """What lies on the disk now. Raises `ConfigError` where the account has no name but its key's
    and the key cannot be had."""

    def read() -> list[Shelf]:
        account = settings.account
        return inventory(settings.cache_dir / account, settings.state_dir / account)

    return await asyncio.to_thread(read)


def forget_the_person(settings: Settings) -> None:
    """Forget how the full screen was left, the last search and what was half filled in; what was
    saved under a name stays. Raises as `look` does, and `OSError`."""
    state = settings.state_dir
    for path in (state / HABITS, state / settings.account / LEFT):
        for there in (path, path.with_name(path.name + BROKEN)):
            there.unlink(missing_ok=True)


async def prune(account: Account, older_than: timedelta) -> Forgotten:
    """Forget searches and chargers that were last told before; favourite chargers stay."""
    before = account.now() - older_than

    def forget(stores: Stores) -> Forgotten:
        areas = stores.directory.count_areas()
        searches = stores.searches.prune(before)
        chargers = stores.directory.prune(before)
        return Forgotten(searches, chargers, areas - stores.directory.count_areas())

    return await account.with_stores(forget)


async def clear(account: Account) -> Forgotten:
    """Forget every search and the whole directory. A favourite keeps what it needs itself."""

    def forget(stores: Stores) -> Forgotten:
        areas = stores.directory.count_areas()
        return Forgotten(stores.searches.clear(), stores.directory.clear(), areas)

    return await account.with_stores(forget)
