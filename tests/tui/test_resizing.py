"""A terminal that is dragged about takes nothing from who works in it. `python -m tests.resizing`
does so at random for a minute."""

from __future__ import annotations

from tests.conftest import MakeSettings
from tests.resizing import back, in_a_booking, in_a_dialog, in_the_form, in_the_table, state
from tests.sandbox_process import Sandbox
from tests.tui.driving import driven

PLACES = (in_the_form, in_the_table, in_a_dialog, in_a_booking)
SIZES = ((200, 60), (60, 20), (3, 12))  # three cells: a list in a dialog has none of them


async def test_form_table_and_booking_keep_focus_selection_and_text(
    gateway: Sandbox, make_settings: MakeSettings
) -> None:
    async with driven(make_settings(gateway), (80, 24)) as seen:
        for begin in PLACES:
            await begin(seen)
            await seen.pilot.pause()
            before = state(seen)
            assert before["focus"] is not None
            for size in SIZES:
                await seen.resize(*size)
            await back(seen)
            assert state(seen) == before, begin.__name__
