"""Keys of one's own: what is refused and told, what follows, and the preset for who knows vi."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import pytest
from textual.binding import Binding

from pm_tui.config import Settings
from pm_tui.config.keymap import KeySettings
from pm_tui.tui.key_check import conflicts, is_a_key, keys_of, resolve
from pm_tui.tui.key_places import catalogue, places
from pm_tui.tui.keymap import PRESETS, is_command
from pm_tui.tui.screens.base import Spoken
from pm_tui.tui.screens.find import FindView
from pm_tui.tui.widgets.key_bar import KeyBar
from pm_tui.tui.widgets.map_pane import MapPane
from tests.tui.driving import driven, until


def told(**keys: str | tuple[str, ...]) -> KeySettings:
    """As the file says it; a double underscore stands for the point of an id."""
    listed = {
        name.replace("__", "."): (one,) if isinstance(one, str) else one
        for name, one in keys.items()
    }
    return KeySettings("default", listed, "config.toml keys")


def why(settings: KeySettings) -> dict[str, str]:
    return {one.id: one.why for one in resolve(settings)[1]}


# -- the bindings themselves ------------------------------------------------------


def test_every_binding_of_every_screen_has_an_id_that_is_listed() -> None:
    known = catalogue()
    ours = [
        (owner.__name__, one)
        for place in places()
        for owner in (*place.screen.__mro__, *place.widgets)
        if owner.__module__.startswith("pm_tui.")
        for one in owner.__dict__.get("BINDINGS", ())
    ]
    assert len(ours) > 80
    assert [one for one in ours if not isinstance(one[1], Binding) or one[1].id not in known] == []
    assert [name for name, one in known.items() if not one.description] == []


def test_an_id_means_one_thing() -> None:
    means: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for place in places():
        for chain in place.chains():
            for one in chain:
                if one.id and not one.id.startswith("dialog."):
                    means[one.id].add((one.action, one.description))
    assert {name: found for name, found in means.items() if len(found) > 1} == {}


def test_every_screen_has_its_place() -> None:
    listed = [place.screen for place in places()]
    assert len(listed) == len(set(listed))
    below = {one for one in Spoken.__subclasses__() if one.__module__.startswith("pm_tui.")}
    assert below <= set(listed)


def test_no_preset_takes_a_key_twice() -> None:
    known = catalogue()
    for name, keymap in PRESETS.items():
        assert keymap.keys() <= known.keys(), name
        assert all(is_a_key(key) for keys in keymap.values() for key in keys), name
        assert conflicts(keymap) == [], name
        assert resolve(KeySettings(name)) == (keymap, [])


# -- what is wrong with keys of one's own --------------------------------------------


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        (told(find__boook="B"), "did you mean find.book?"),
        (told(find__book="ctrll+b"), "“ctrll+b” is no key"),
        (told(find__book="pgup"), "is no key"),
        (told(find__book="ctrl+i"), "cannot tell ctrl+i from tab"),
        (told(find__book="enter"), "belongs to whatever has the focus"),
        (told(app__quit="q"), "needed to type"),
        (told(app__palette="ctrl+w"), "needed to type"),
        (told(when__hour="h"), "needed to type"),
        (told(find__book="r"), "r is “Refresh” already (find.refresh)"),
        (told(table__sort="b"), "b is “Book” already (find.book)"),
        (told(home__all="w"), "w is “Watched” already (app.watched)"),
        (told(booking__book="ctrl+q"), "ctrl+q is “Quit” already (app.quit)"),
        (told(watched__book="delete"), "(watched.stop)"),
        (told(app__quit=()), "needs a key"),
        (told(find__back=()), "Esc always leads back"),
    ],
)
def test_what_cannot_be_is_told_and_stays_as_it_was(settings: KeySettings, word: str) -> None:
    keymap, problems = resolve(settings)
    assert keymap == {}
    assert [word in one.why for one in problems] == [True]
    assert [one.id for one in problems] == list(settings.keys)


def test_what_is_good_holds_beside_what_is_wrong() -> None:
    keymap, problems = resolve(told(find__book=("B", "f11"), find__note="r", find__star="?"))
    assert keymap == {"find.book": ("B", "f11")}
    assert {one.id for one in problems} == {"find.note", "find.star"}


def test_two_may_change_places_but_not_when_one_of_them_may_not() -> None:
    swapped = told(find__book="f", find__edit="b")
    assert resolve(swapped) == ({"find.book": ("f",), "find.edit": ("b",)}, [])
    # the second is wrong for a reason of its own, so its old key is taken, and the first goes back
    assert set(why(told(find__book="f", find__edit="nokey"))) == {"find.book", "find.edit"}
    assert set(why(told(find__book="F", find__edit="F"))) == {"find.book", "find.edit"}


def test_the_same_key_in_views_that_are_never_seen_together_is_no_conflict() -> None:
    assert resolve(told(bookings__cancel="b", home__all="R", home__reconnect="c"))[1] != []
    assert resolve(told(bookings__cancel="b", decide__look="l"))[1] == []


def test_a_key_has_one_name_however_it_is_written() -> None:
    assert resolve(told(find__star="%"))[0] == {"find.star": ("percent_sign",)}
    assert resolve(told(find__star="ctrl+%"))[0] == {"find.star": ("ctrl+percent_sign",)}
    assert resolve(told(find__star="*")) == ({}, [])
    assert keys_of(catalogue()["app.find"]) == ("1", "f2")


def test_a_key_can_be_taken_away_and_esc_stays_beside_another() -> None:
    mine = told(find__star=(), find__note="asterisk", find__back="f11", choices__close="f12")
    assert resolve(mine) == (
        {
            "find.star": (),
            "find.note": ("asterisk",),  # which is free now
            "find.back": ("f11", "escape"),
            "choices.close": ("f12", "escape"),
        },
        [],
    )


def test_the_palette_leaves_out_what_only_moves_about() -> None:
    assert is_command("find.book") and is_command("table.sort") and is_command("dialog.do")
    assert not any(map(is_command, ("list.down", "table.top", "app.palette", "choices.next")))


# -- on the screen ------------------------------------------------------------------


async def test_bar_help_palette_and_fields_follow_the_keys_of_ones_own(settings: Settings) -> None:
    mine = told(
        find__book="f11",
        find__recent="ctrl+k",
        app__bookings="f12",
        app__quit="f20",
        app__help="f10",
        booking__book="ctrl+y",
        find__map=(),
        find__watch=(),
    )
    mine = replace(mine, preset="vi", keys={**mine.keys, "find.note": ("r",)})
    async with driven(replace(settings, keymap=mine), size=(120, 120)) as seen:
        await until(lambda: any("find.note: r is" in one for one in seen.told), "what is wrong")
        assert any("config.toml keys" in one for one in seen.told)
        assert "Ctrl+K brings back the last searches" in seen.text
        await seen.search()
        seen.table.focus()
        await until(lambda: "f11 Book" in seen.lines[-1] and "f20 Quit" in seen.lines[-1], "bar")
        assert " f12 Bookings" in seen.lines[0] and " 1 Find" in seen.lines[0]
        assert "r Refresh" in seen.lines[-1]  # which had been taken, until it was checked
        assert seen.lines[-1].rstrip().endswith(" Help  Map")  # to be clicked
        await seen.press("m")
        row = seen.table.cursor_row
        await seen.press("b")  # its key no longer
        await seen.press("ctrl+d", "j")
        await until(lambda: seen.table.cursor_row > row + 1, "a page, and a row")
        offered = {one.title: one.help for one in seen.app.get_system_commands(seen.app.screen)}
        assert offered["Book"] == "key: f11" and offered["Quit"] == "key: f20"
        assert offered["Map"] == "it has no key" and "Tell when free" in offered
        view = seen.app.screen
        assert isinstance(view, FindView) and not view.query(MapPane)
        await seen.click(KeyBar, offset=(seen.lines[-1].index(" Map ") + 1, 0))
        await until(lambda: view.query_one(MapPane).display, "the map")
        await seen.click(KeyBar, offset=(seen.lines[-1].index(" Map ") + 1, 0))
        await until(lambda: not view.query_one(MapPane).display, "no map")
        seen.table.focus()
        assert "Down" not in offered and "Page down" not in offered
        await seen.press("f11")
        await until(lambda: "Book (Ctrl+Y)" in seen.text, "the form")
        await seen.press("escape")
        await until(lambda: seen.screen_name == "FindView", "the search")
        await seen.press("i")  # typed over, not into: a place is asked for
        await until(lambda: seen.focused == "place", "the form")
        await seen.press("f10")  # works in a field, where ? is typed
        await until(lambda: seen.screen_name == "HelpScreen", "the help")
        lines = [line.strip(" │") for line in seen.lines]
        assert any(line.startswith("f11 ") and "Book" in line for line in lines)
        assert any(line.startswith("ctrl+d, ctrl+f, pgdn") for line in lines)
        await seen.press("escape", "ctrl+q")
        assert seen.app.is_running
        await seen.press("f12")
        await until(lambda: seen.screen_name == "BookingsView", "the bookings")
