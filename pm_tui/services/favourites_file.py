"""Favourites as a plain file, to carry to another machine or account.

    {"format": "pm-tui favourites", "version": 1, "exported_at": "2026-11-21T09:03:27Z",
     "favourites": [
       {"kind": "charger", "id": "DE-ENB-E1", "note": "", "added_at": "...",
        "seen_at": "..." or null, "location": {the location as the API gave it}},
       {"kind": "search", "id": "lat=52.52&limit=500&lng=13.405&radius=25", "note": "",
        "added_at": "...", "label": "Berlin"}],
     "filters": [{"name": "fast", "power": "150", "plug": "IEC_62196_T2_COMBO"}]}

`filters` are the filter profiles. Times are UTC. A file is taken whole or not at all, and nothing
that was there is lost by it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pm_tui.cache.favourites import CHARGER, SEARCH, Favourite, FavouritesUnavailable
from pm_tui.cache.moments import believable, to_text
from pm_tui.i18n import _, ngettext
from pm_tui.models.json import JsonObject, dumps, loads
from pm_tui.models.query import SearchQuery
from pm_tui.models.reading import identifier
from pm_tui.models.text import clean
from pm_tui.models.times import read_time, wire_time
from pm_tui.services import filter_profiles
from pm_tui.services.favourites import LONGEST_NOTE, told
from pm_tui.services.files import write_private

if TYPE_CHECKING:
    from pm_tui.cache.stores import Stores
    from pm_tui.services.account import Account

FORMAT = "pm-tui favourites"
VERSION = 1
LARGEST = 32 * 2**20  # bytes: some 20,000 chargers; a file beyond is none of ours
_SECOND = timedelta(seconds=1)
BETWEEN = " | "  # two notes on one favourite


class NotFavourites(ValueError):
    """A file that cannot be taken; the text says what is wrong with it, and where."""


@dataclass(frozen=True, slots=True)
class Merged:
    """How many favourites were new, changed by the file, or known as they stand."""

    added: int = 0
    changed: int = 0
    known: int = 0


async def export(account: Account, path: Path) -> int:
    """Write every favourite to `path`, whole or not at all, for its owner only; how many. Raises
    `OSError`, and `FavouritesUnavailable` where they cannot be read."""

    def every(stores: Stores) -> list[Favourite]:
        found = stores.favourites.all()
        if stores.favourites.problem:
            raise FavouritesUnavailable(stores.favourites.problem)
        return found

    kept = await account.with_stores(every)
    document = {
        "format": FORMAT,
        "version": VERSION,
        "exported_at": wire_time(account.now()),
        "favourites": [_as_entry(one, account.now()) for one in kept],
        "filters": [one.raw for one in await filter_profiles.listed(account)],
    }
    write_private(path, dumps(document).encode() + b"\n")
    return len(kept)


def _as_entry(one: Favourite, now: datetime) -> JsonObject:
    entry: JsonObject = {
        "kind": one.kind,
        "id": one.id,
        "note": one.note,
        "added_at": wire_time(one.added_at),
    }
    if one.kind == SEARCH:
        return {**entry, "label": one.content.get("label", "")}
    raw, seen_at = told(one.content, now)
    return {**entry, "seen_at": seen_at and wire_time(seen_at), "location": raw}


async def merge(account: Account, path: Path) -> Merged:
    """Take over every favourite of the file at `path`. Raises `NotFavourites` and `OSError`
    (nothing was taken), and `FavouritesUnavailable`."""
    with path.open("rb") as file:
        body = file.read(LARGEST + 1)
    told_ones = list(read(body, account.now()))
    profiles = filter_profiles.read(loads(body).get("filters"))

    def take(stores: Stores) -> Merged:
        known = {(one.kind, one.id): one for one in stores.favourites.all()}
        merged = dict(known)
        for one in told_ones:
            key = (one.kind, one.id)
            merged[key] = _both(merged[key], one, account.now()) if key in merged else one
        new = [one for key, one in merged.items() if key not in known]
        changed = [one for key, one in merged.items() if key in known and one != known[key]]
        stores.favourites.keep([*new, *changed])
        return Merged(len(new), len(changed), len(merged) - len(new) - len(changed))

    merged = await account.with_stores(take)
    added = await filter_profiles.merge(account, profiles) if profiles else 0
    known = merged.known + len(profiles) - added
    return Merged(merged.added + added, merged.changed, known)


def _both(ours: Favourite, theirs: Favourite, now: datetime) -> Favourite:
    """Our note stays and theirs is added; of two sightings the later one counts. A file has whole
    seconds, so that what is apart by less is the same."""
    notes = ours.note.split(BETWEEN) if ours.note else []
    notes += [text for text in theirs.note.split(BETWEEN) if text and text not in notes]
    (raw, seen), (_raw, also_seen) = told(ours.content, now), told(theirs.content, now)
    later = also_seen is not None and (seen is None or also_seen - seen > _SECOND)
    earlier = ours.added_at - theirs.added_at > _SECOND
    return Favourite(
        ours.kind,
        ours.id,
        BETWEEN.join(notes),
        theirs.content if later or (ours.kind == CHARGER and not raw) else ours.content,
        theirs.added_at if earlier else ours.added_at,
    )


def read(body: bytes, now: datetime) -> Iterator[Favourite]:
    """The favourites in a file. A time in the future is not believed. Raises `NotFavourites`."""
    if len(body) > LARGEST:
        raise NotFavourites(_("too large to be a file of favourites"))
    try:
        document = loads(body)
    except ValueError:
        raise NotFavourites(_("not a JSON file")) from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise NotFavourites(_("not a file of favourites: it should say “{it}”").format(it=FORMAT))
    if document.get("version") != VERSION:
        raise NotFavourites(
            _("version {told} of the file is not known here, only {ours} is").format(
                told=clean(str(document.get("version")), 20), ours=VERSION
            )
        )
    entries = document.get("favourites")
    if not isinstance(entries, list):
        raise NotFavourites(_("there is no list “favourites”"))
    for number, entry in enumerate(entries, 1):
        try:
            yield _as_favourite(entry, now)
        except ValueError as wrong:
            text = _("favourite {n}: {wrong}").format(n=number, wrong=wrong)
            raise NotFavourites(text) from None


def _as_favourite(entry: Any, now: datetime) -> Favourite:
    if not isinstance(entry, dict):
        raise ValueError(_("not an object"))
    kind, key, note = entry.get("kind"), identifier(entry.get("id")), entry.get("note", "")
    if kind not in (CHARGER, SEARCH):
        raise ValueError(_("its “kind” is neither “charger” nor “search”"))
    if key is None or not isinstance(entry.get("id"), str):
        raise ValueError(_("it has no “id”"))
    if not isinstance(note, str):
        raise ValueError(_("its “note” is no text"))
    added_at = _time(entry, "added_at", now) or now
    content = _search(key, entry) if kind == SEARCH else _charger(entry, now)
    return Favourite(kind, key, clean(note, LONGEST_NOTE), content, added_at)


def _time(entry: JsonObject, name: str, now: datetime) -> datetime | None:
    given = entry.get(name)
    if given is None:
        return None
    at = read_time(given)
    if at is None:
        raise ValueError(_("its “{name}” is no time").format(name=name))
    return at if believable(at, now) else None


def _search(key: str, entry: JsonObject) -> JsonObject:
    try:
        SearchQuery.from_key(key)
    except (ValueError, TypeError):
        raise ValueError(_("its “id” is no search")) from None
    label = entry.get("label", "")
    if not isinstance(label, str):
        raise ValueError(_("its “label” is no text"))
    return {"label": clean(label)}


def _charger(entry: JsonObject, now: datetime) -> JsonObject:
    raw = entry.get("location", {})
    if not isinstance(raw, dict):
        raise ValueError(_("its “location” is no object"))
    seen_at = _time(entry, "seen_at", now)
    return {"location": raw} | ({} if seen_at is None else {"seen_at": to_text(seen_at)})


def exported_words(count: int) -> str:
    """What was exported."""
    return ngettext("{n} favourite written", "{n} favourites written", count).format(n=count)


def merged_words(merged: Merged) -> str:
    """What an import did."""
    return _("{added} new, {changed} changed, {known} known already").format(
        added=merged.added, changed=merged.changed, known=merged.known
    )
