"""Jump mode: letters over what can have the focus, and nothing moves because of them."""

from __future__ import annotations

from textual.command import CommandInput
from textual.geometry import Region
from textual.widget import Widget
from textual.widgets import Button

from pm_tui.config import Settings
from pm_tui.tui.jump import ALL, letters
from pm_tui.tui.widgets.key_bar import KeyBar
from tests.tui.driving import Driven, driven, until


def test_a_letter_of_its_name_where_one_is_left_and_never_one_twice() -> None:
    assert letters(["place", "radius", "plug", "power"]) == ["p", "r", "l", "o"]
    assert letters(["x", "x", "x", "1"]) == ["x", "a", "b", "c"]
    many = letters(["aaa"] * 60)
    assert many[:52] == list(ALL) and set(many[52:]) == {""}


def labels(seen: Driven) -> dict[str, str]:
    """The name of what each letter leads to."""
    found = (seen.app._jump or {}).values()
    return {one.letter: one.target.id or type(one.target).__name__ for one in found}


def regions(seen: Driven) -> dict[int, Region]:
    return {id(one): one.region for one in seen.app.screen.walk_children(Widget)}


async def jumping(seen: Driven) -> None:
    await seen.press("ctrl+o")
    await until(lambda: labels(seen), "the letters")
    has_bar = bool(seen.app.screen.query(KeyBar))
    await until(lambda: ("Esc stays here" in seen.lines[-1]) == has_bar, "what they are for")


async def left(seen: Driven) -> None:
    await until(lambda: not labels(seen) and "Esc stays" not in seen.lines[-1], "no letters")


async def test_a_letter_goes_to_fields_tables_and_buttons_and_moves_nothing(
    settings: Settings,
) -> None:
    async with driven(settings) as seen:
        await seen.search()
        seen.table.focus()
        await seen.pilot.pause()
        before, lines = regions(seen), seen.lines[:-2]  # but for what counts down
        await jumping(seen)
        assert regions(seen) == before and seen.focused == "locations"
        assert "[p]Place" in seen.text and "[r]Radius" in seen.text
        assert {"place", "radius", "plug", "from", "locations", "detail"} <= set(
            labels(seen).values()
        )
        await seen.press("escape")
        await left(seen)
        assert seen.focused == "locations" and seen.lines[:-2] == lines
        for way in ("Z", "v", "ctrl+o"):  # no letter of ours; a command else; once more
            await jumping(seen)
            await seen.press(way)
            await left(seen)
            assert seen.focused == "locations" and seen.screen_name == "FindView"
        await jumping(seen)
        await seen.press("p")
        await left(seen)
        assert seen.focused == "place"
        await jumping(seen)  # from a field, and the letter is not typed
        letter = next(one for one, name in labels(seen).items() if name == "detail")
        await seen.press(letter)
        await until(lambda: seen.focused == "detail", "the pane")
        await jumping(seen)
        await seen.click("#radius", offset=(1, 0))  # on its letter
        await until(lambda: seen.focused == "radius", "the field clicked")
        await seen.press("escape")
        await left(seen)
        await jumping(seen)
        await seen.press("f3")  # does what it does elsewhere
        await until(lambda: seen.screen_name == "BookingsView", "the bookings")
        await seen.press("f2")
        await until(lambda: seen.screen_name == "FindView", "the search")
        await left(seen)


async def test_letters_in_a_form_and_none_over_the_palette(settings: Settings) -> None:
    async with driven(settings, size=(80, 24)) as seen:
        await seen.search()
        seen.table.focus()
        await seen.press("b")
        await until(lambda: seen.screen_name == "BookingFormScreen", "the form")
        await until(lambda: seen.app.screen.query("#cancel"), "its buttons")
        await jumping(seen)
        assert (
            " [e]*ENB" in seen.text or "[e]E*" in seen.text
        )  # whole, over a box and what is in it
        letter = next(one for one, name in labels(seen).items() if name == "cancel")
        await seen.press(letter)
        await until(lambda: isinstance(seen.app.focused, Button), "the button")
        assert seen.screen_name == "BookingFormScreen"  # it has the focus and is not pressed
        await jumping(seen)
        await seen.resize(100, 30)
        await left(seen)
        await seen.press("escape", "ctrl+p")
        await until(lambda: seen.app.screen.query(CommandInput), "the palette")
        await seen.press("ctrl+o")
        assert not labels(seen) and seen.app._jump is None
