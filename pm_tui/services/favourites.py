"""Chargers and searches that a person wants to find again, with notes. They need no network.

What is needed to show one lies in the favourite itself; the directory is asked only whether it has
seen the charger later.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from pm_tui.cache.favourites import CHARGER, SEARCH, Favourite
from pm_tui.cache.favourites import FavouritesUnavailable as FavouritesUnavailable
from pm_tui.cache.moments import believable, from_text, to_text
from pm_tui.models.charger import Location
from pm_tui.models.json import JsonObject
from pm_tui.models.query import SearchQuery
from pm_tui.models.text import clean

if TYPE_CHECKING:
    from pm_tui.cache.stores import Stores
    from pm_tui.services.account import Account

LONGEST_NOTE = 200


@dataclass(frozen=True, slots=True)
class Charger:
    """`seen_at` (UTC) is when the location was last told; None when that is not known."""

    note: str
    location: Location
    seen_at: datetime | None
    added_at: datetime

    @property
    def id(self) -> str:
        return self.location.location_id


@dataclass(frozen=True, slots=True)
class Search:
    """`query` can be asked again as it stands; `id` is its key."""

    id: str
    note: str
    label: str
    query: SearchQuery
    added_at: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """Every favourite, the first added first; `unread` could not be read. `problem` says why none
    of them could be."""

    chargers: tuple[Charger, ...] = ()
    searches: tuple[Search, ...] = ()
    unread: int = 0
    problem: str = ""

    @property
    def notes(self) -> dict[str, str]:
        """The note of each favourite charger, by location id."""
        return {charger.id: charger.note for charger in self.chargers}


async def listed(account: Account) -> Kept:
    """Every favourite, each charger as it was seen last by anybody here."""
    now = account.now()

    def read(stores: Stores) -> Kept:
        chargers, searches, unread = [], [], 0
        for favourite in stores.favourites.all():
            try:
                if favourite.kind == CHARGER:
                    chargers.append(_charger(stores, favourite, now))
                else:
                    searches.append(_search(favourite))
            except ValueError:
                unread += 1
        return Kept(tuple(chargers), tuple(searches), unread, stores.favourites.problem)

    return await account.with_stores(read)


def _charger(stores: Stores, favourite: Favourite, now: datetime) -> Charger:
    raw, seen_at = told(favourite.content, now)
    known = stores.directory.get(favourite.id)
    if known is not None and (seen_at is None or known.fetched_at > seen_at):
        raw, seen_at = known.raw, known.fetched_at
    location = Location.read({**raw, "location_id": favourite.id, "distance_km": None})
    return Charger(favourite.note, location, seen_at, favourite.added_at)


def told(content: JsonObject, now: datetime) -> tuple[JsonObject, datetime | None]:
    """The location in a favourite's content, and when it was told; a time that cannot be read or
    lies in the future is none."""
    raw = content.get("location")
    try:
        seen_at: datetime | None = from_text(content.get("seen_at"))
    except ValueError:
        seen_at = None
    if seen_at is not None and not believable(seen_at, now):
        seen_at = None
    return (raw if isinstance(raw, dict) else {}), seen_at


def _search(favourite: Favourite) -> Search:
    label = favourite.content.get("label")
    return Search(
        favourite.id,
        favourite.note,
        clean(label) if isinstance(label, str) else "",
        SearchQuery.from_key(favourite.id),
        favourite.added_at,
    )


async def add_charger(
    account: Account, location: Location, seen_at: datetime | None, note: str = ""
) -> None:
    """Keep a charger as it is known, or give the one that is kept another note. Raises
    `FavouritesUnavailable`, as do the others that write."""
    content: JsonObject = {"location": location.raw}
    if seen_at is not None:
        content["seen_at"] = to_text(seen_at)
    text = clean(note, LONGEST_NOTE)
    await account.with_stores(
        lambda stores: stores.favourites.add(CHARGER, location.location_id, text, content)
    )


async def add_search(account: Account, query: SearchQuery, label: str, note: str = "") -> None:
    """Keep a search, or give the one that is kept another note."""
    text = clean(note, LONGEST_NOTE)
    await account.with_stores(
        lambda stores: stores.favourites.add(SEARCH, query.key(), text, {"label": label})
    )


async def remove(account: Account, one: Charger | Search) -> None:
    """Forget a favourite. `restore` brings it back as it was."""
    kind = CHARGER if isinstance(one, Charger) else SEARCH
    await account.with_stores(lambda stores: stores.favourites.remove(kind, one.id))


async def restore(account: Account, one: Charger | Search, note: str | None = None) -> None:
    """Keep a favourite as it is at hand: after it was removed, or with another `note`."""
    text = one.note if note is None else note
    if isinstance(one, Charger):
        await add_charger(account, one.location, one.seen_at, text)
    else:
        await add_search(account, one.query, one.label, text)
