"""What a person filters by, under a name: all of a search form but its place.

They lie in the account's state folder and stay whatever is cleared; the file of favourites carries
them to another machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pm_tui.cache.notebook import FILTERS
from pm_tui.models.json import JsonObject
from pm_tui.models.text import clean
from pm_tui.services.search_fields import Fields

if TYPE_CHECKING:
    from pm_tui.services.account import Account

MOST = 50
LONGEST_NAME = 40
_KEY = "filters"


@dataclass(frozen=True, slots=True)
class Profile:
    """Filters under a name; no two have the same."""

    name: str
    fields: Fields

    @property
    def raw(self) -> JsonObject:
        return {"name": self.name, **self.fields.filters.raw}


def read(raw: Any) -> list[Profile]:
    """The profiles in a list of JSON objects; what has no name is left out."""
    found: dict[str, Profile] = {}
    for one in raw if isinstance(raw, list) else []:
        name = one.get("name") if isinstance(one, dict) else None
        name = clean(name, LONGEST_NAME) if isinstance(name, str) else ""
        if name:
            found.setdefault(name, Profile(name, Fields.read(one).filters))
    return list(found.values())[:MOST]


async def listed(account: Account) -> list[Profile]:
    """Every profile, in the order in which they were first saved."""
    values = await account.with_notebook(FILTERS, lambda book: book.read(), always=True)
    return read(values.get(_KEY))


async def keep(account: Account, profile: Profile, place: int | None = None) -> bool:
    """Save a profile, in place of the one of its name; `place` is where a new one stands. Whether
    it is kept (there may be `MOST`; what else went wrong is among the session's notices)."""

    def put(known: list[Profile]) -> list[Profile] | None:
        names = [one.name for one in known]
        if profile.name in names:
            known[names.index(profile.name)] = profile
        elif len(known) >= MOST:
            return None
        else:
            known.insert(len(known) if place is None else place, profile)
        return known

    return await _change(account, put)


async def rename(account: Account, old: str, new: str) -> bool:
    """Give a profile another name; False where that name is taken."""

    def put(known: list[Profile]) -> list[Profile] | None:
        if new in [one.name for one in known]:
            return None
        return [Profile(new, one.fields) if one.name == old else one for one in known]

    return await _change(account, put)


async def remove(account: Account, name: str) -> bool:
    """Forget a profile. `keep` brings it back."""
    return await _change(account, lambda known: [one for one in known if one.name != name])


async def merge(account: Account, theirs: Iterable[Profile]) -> int:
    """Take over those of a file; ours stay, and where they differ under one name, theirs comes
    under another. How many were new."""
    added = 0

    def put(known: list[Profile]) -> list[Profile]:
        nonlocal added
        before = len(known)
        for one in theirs:
            if one.fields not in [mine.fields for mine in known]:
                known.append(Profile(_free_name(one.name, known), one.fields))
        added = len(known[:MOST]) - before
        return known[:MOST]

    return added if await _change(account, put) else 0


def _free_name(name: str, known: Sequence[Profile]) -> str:
    taken = {one.name for one in known}
    tries = (f"{name[: LONGEST_NAME - 4]} {n}" for n in range(2, MOST + 3))
    return name if name not in taken else next(one for one in tries if one not in taken)


async def _change(account: Account, alter: Callable[[list[Profile]], list[Profile] | None]) -> bool:
    """None from `alter` leaves everything as it is."""
    refused = False

    def put(values: JsonObject) -> None:
        nonlocal refused
        changed = alter(read(values.get(_KEY)))
        refused = changed is None
        if changed is not None:
            values[_KEY] = [one.raw for one in changed]

    kept = await account.with_notebook(FILTERS, lambda book: book.change(put), always=True)
    return kept and not refused
