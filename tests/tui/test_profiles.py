"""Filters under names, the form as it was left, and taking back what was cleared or deleted."""

from __future__ import annotations

from textual.widgets import Checkbox, Input, Label, Select

from pm_tui.services.search_fields import Fields
from pm_tui.tui.screens.find import FindView
from tests.conftest import MakeSettings
from tests.sandbox_process import Sandbox
from tests.tui.driving import Driven, driven, until


def form(seen: Driven) -> Fields:
    screen = seen.app.screen
    assert isinstance(screen, FindView)
    return screen.form_fields()


def searches(gateway: Sandbox) -> int:
    """What a person asked; the list of bookings is followed meanwhile."""
    return len([one for one in gateway.log() if one["path"].endswith("/search")])


async def dialog(seen: Driven) -> None:
    await seen.press("P")
    await until(lambda: seen.screen_name == "ProfilesScreen", "the profiles")
    await until(lambda: seen.app.screen.query_one("#profiles-head", Label).content, "their head")


async def test_filters_are_saved_applied_deleted_and_what_is_cleared_comes_back(
    gateway: Sandbox, make_settings: MakeSettings
) -> None:
    settings = make_settings(gateway, memory=True)
    async with driven(settings) as seen:
        await seen.fill("#power", "50")
        seen.app.screen.query_one("#plug", Select).value = "IEC_62196_T2_COMBO"
        seen.app.screen.query_one("#reservable", Checkbox).value = True
        await seen.fill("#place", "Berlin")
        await seen.press("escape", "f", "enter")
        await until(lambda: seen.rows and seen.idle, "rows")
        asked = form(seen)
        assert (asked.place, asked.power, asked.reservable) == ("Berlin", "50", True)
        # saved under a name, then another one
        await dialog(seen)
        assert "None yet" in seen.text and "CCS" in seen.text
        await seen.press("s")
        await until(lambda: seen.screen_name == "NoteScreen", "the name")
        await seen.press(*"fast", "enter")
        await until(lambda: "fast  25 km · CCS" in seen.text, "the profile")
        # emptied, and taken back
        await seen.press("escape", "X")
        await until(lambda: form(seen) == Fields(radius="25"), "an empty form")
        await seen.press("escape", "u")
        await until(lambda: form(seen) == asked, "the form as it was")
        # a filter that was left comes back as well, without the focus
        await seen.press("slash", *"haus", "escape")
        await until(lambda: seen.focused == "locations", "the table")
        assert form(seen).text == ""
        await seen.press("u")
        await until(lambda: form(seen).text == "haus", "the filter")
        assert seen.focused == "locations"
        # the profile leaves the place alone, and asks nothing
        await seen.press("X")
        await seen.fill("#place", "Hamburg")
        await seen.press("escape", "escape")  # the choices of the place first
        sent = searches(gateway)
        await dialog(seen)
        await seen.press("enter")
        await until(lambda: form(seen).power == "50", "the profile's filters")
        assert form(seen).place == "Hamburg" and form(seen).reservable
        assert seen.focused == "place"
        assert searches(gateway) == sent
        # deleted: brought back in the view, where it stood
        await seen.press("escape")
        await dialog(seen)
        await seen.press("d")
        await until(lambda: "None yet" in seen.text, "none")
        await seen.press("escape", "u")
        await dialog(seen)
        await until(lambda: "fast  25 km · CCS" in seen.text, "the profile again")
    # the next window has the last search in its form, asks nothing, and typing begins another one
    gateway.clear_log()
    async with driven(settings) as seen:
        await until(lambda: form(seen).place == "Berlin", "the last search")
        assert form(seen) == asked
        assert searches(gateway) == 0
        await seen.press("K")
        assert seen.app.screen.query_one("#place", Input).value == "K"
