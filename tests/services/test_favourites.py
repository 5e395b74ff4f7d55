"""Favourites: kept with what they need, listed as last seen, carried as a file."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pm_tui.services import favourites, favourites_file, remembered
from pm_tui.services.favourites import Charger, Search
from pm_tui.services.favourites_file import Merged, NotFavourites
from pm_tui.services.session import Session
from tests.conftest import MakeSettings
from tests.fakes import NOON, FixedClock
from tests.sandbox_process import Sandbox
from tests.services.conftest import BERLIN

pytestmark = pytest.mark.usefixtures("hasty")


async def star(session: Session, note: str = "") -> str:
    found = await session.search(BERLIN)
    location = found.value.locations[0]
    await favourites.add_charger(session, location, found.fetched_at, note)
    return location.location_id


async def test_a_charger_is_kept_with_all_that_is_needed_to_show_it(
    session: Session, make_settings: MakeSettings, gateway: Sandbox
) -> None:
    location_id = await star(session, "am Tor links")
    await remembered.clear(session)
    async with Session(make_settings(gateway, offline=True)) as later:
        kept = await favourites.listed(later)
    (charger,) = kept.chargers
    assert (charger.id, charger.note) == (location_id, "am Tor links")
    assert charger.location.name == "Berlin Ladepark 0"
    assert charger.location.evses
    assert charger.seen_at is not None
    assert charger.location.distance_km is None  # from where, nobody asked


async def test_it_is_shown_as_it_was_seen_last_by_any_search(session: Session) -> None:
    await star(session)
    before = (await favourites.listed(session)).chargers[0].seen_at
    again = await session.search(replace(BERLIN, radius_km=5))
    seen_at = (await favourites.listed(session)).chargers[0].seen_at
    assert before is not None and seen_at is not None
    assert before < seen_at == again.fetched_at


async def test_removed_and_brought_back_it_is_the_same(session: Session) -> None:
    await star(session, "note")
    await favourites.add_search(session, BERLIN, "Berlin", "mornings")
    kept = await favourites.listed(session)
    both: list[Charger | Search] = [*kept.chargers, *kept.searches]
    for one in both:
        await favourites.remove(session, one)
    assert (await favourites.listed(session)).chargers == ()
    for one in both:
        await favourites.restore(session, one)
    back = await favourites.listed(session)
    assert (back.chargers[0].note, back.searches[0].note) == ("note", "mornings")
    assert back.searches[0].query == BERLIN
    assert back.notes == {kept.chargers[0].id: "note"}


async def test_a_time_in_the_future_is_no_time(session: Session) -> None:
    await star(session)
    await remembered.clear(session)
    session.now = FixedClock(NOON - timedelta(days=5000))
    assert (await favourites.listed(session)).chargers[0].seen_at is None


# -- the file ------------------------------------------------------------------------


async def test_another_account_takes_over_everything(
    session: Session, make_settings: MakeSettings, gateway: Sandbox, tmp_path: Path
) -> None:
    await star(session, "am Tor links")
    await favourites.add_search(session, BERLIN, "Berlin", "mornings")
    path = tmp_path / "favourites.json"
    assert await favourites_file.export(session, path) == 2
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.glob(".*json*")] == []
    kept = await favourites.listed(session)
    async with Session(make_settings(gateway, home=tmp_path / "other")) as other:
        assert await favourites_file.merge(other, path) == Merged(added=2)
        taken = await favourites.listed(other)
        assert await favourites_file.merge(other, path) == Merged(known=2)
    assert [one.location for one in taken.chargers] == [one.location for one in kept.chargers]
    assert taken.chargers[0].seen_at is not None
    assert [(one.note, one.query) for one in taken.searches] == [("mornings", BERLIN)]


async def test_nothing_is_lost_by_an_import(session: Session, tmp_path: Path) -> None:
    await star(session, "theirs")
    path = tmp_path / "favourites.json"
    await favourites_file.export(session, path)
    charger = (await favourites.listed(session)).chargers[0]
    await favourites.restore(session, charger, "ours")
    await favourites.add_search(session, BERLIN, "Berlin")
    assert await favourites_file.merge(session, path) == Merged(changed=1, known=1)
    assert (await favourites.listed(session)).chargers[0].note == "ours | theirs"
    assert await favourites_file.merge(session, path) == Merged(known=2)


def document(**changes: Any) -> dict[str, Any]:
    one = {"kind": "charger", "id": "DE-1", "note": "", "location": {}} | changes
    return {"format": "pm-tui favourites", "version": 1, "favourites": [one]}


REFUSED = [
    ("{", "not a JSON file"),
    ("[]", "not a file of favourites"),
    ({"format": "other"}, "not a file of favourites"),
    ({"format": "pm-tui favourites", "version": 2}, "version 2 of the file is not known"),
    ({"format": "pm-tui favourites", "version": 1}, "no list"),
    (document(kind="place"), "favourite 1: its “kind”"),
    (document(id=7), "no “id”"),
    (document(note=7), "“note”"),
    (document(location=[]), "“location”"),
    (document(added_at="yesterday"), "“added_at”"),
    (document(seen_at=5), "“seen_at”"),
    (document(kind="search", id="nowhere"), "no search"),
]


@pytest.mark.parametrize(("told", "says"), REFUSED)
async def test_what_is_no_such_file_is_refused_whole(
    session: Session, tmp_path: Path, told: Any, says: str
) -> None:
    path = tmp_path / "f.json"
    path.write_text(told if isinstance(told, str) else json.dumps(told))
    with pytest.raises(NotFavourites, match=says):
        await favourites_file.merge(session, path)
    assert await favourites.listed(session) == favourites.Kept()


def test_the_future_is_not_imported() -> None:
    body = json.dumps(document(seen_at="2031-01-01T00:00:00Z", added_at="2031-01-01T00:00:00Z"))
    (one,) = favourites_file.read(body.encode(), NOON)
    assert one.added_at == NOON
    assert "seen_at" not in one.content


async def test_a_folder_that_cannot_be_written_is_told(session: Session, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nowhere"):
        await favourites_file.export(session, tmp_path / "nowhere" / "f.json")
