"""A kiosk on a terminal that has ASCII alone: every page of it, large letters and link included."""

from __future__ import annotations

from dataclasses import replace

from pm_tui.tui.kiosk.desk_ask import DeskAsk
from pm_tui.tui.kiosk.gate import GateScreen
from pm_tui.tui.kiosk.pages import Choice, Page
from pm_tui.tui.kiosk.screen import KioskScreen, told_in_words
from pm_tui.tui.widgets import large_type
from tests.conftest import MakeSettings
from tests.tui.driving import until
from tests.tui.test_kiosk_flood import PAGES, puts
from tests.tui.visiting import a_kiosk


async def test_every_page_is_ascii(make_settings: MakeSettings) -> None:
    poor = replace(make_settings(offline=True), ascii=True, letters=False)
    async with a_kiosk(poor, (60, 20)) as visitor:
        await visitor.sees("Willkommen")
        title = large_type.plain(large_type.drawn("Willkommen", 56))
        await until(lambda: all(row.strip() in visitor.text for row in title), "large letters")
        for page in PAGES:
            puts(visitor.app, page)
            await visitor.pilot.pause()
            assert visitor.text.isascii(), page().title
        puts(visitor.app, PAGES[8])  # the number, large, and where the charger is
        large = large_type.plain(large_type.drawn("4711", 56))
        await until(lambda: all(row in visitor.text for row in large), "the number, large")
        await until(lambda: "https://example.org/way" in visitor.text, "the link itself")
        await visitor.pilot.resize_terminal(120, 40)
        puts(visitor.app, PAGES[8])
        large = large_type.plain(large_type.drawn("4711", 116, 2))
        await until(lambda: all(row in visitor.text for row in large), "twice as large")
        assert visitor.text.isascii() and "https://example.org/way" in visitor.text
        visitor.app.action_gate()
        await visitor.at(GateScreen)
        await until(lambda: " < " in visitor.text, "its pad")
        assert visitor.text.isascii()
        visitor.app.close_gate()
        await visitor.at(KioskScreen)
        await visitor.app.push_screen(DeskAsk(Page("Wählen", "„so“ …", (Choice("", "–"),))))
        await until(lambda: "+-" in visitor.text, "its frame")
        assert visitor.text.isascii()


def test_the_link_is_told_in_words_where_no_code_can_be_drawn() -> None:
    page = Page("Confirmed", "Your number: 7", code="geo:1,2")
    assert told_in_words(page) == replace(page, code="", text="Your number: 7\nMap: geo:1,2")
    assert told_in_words(replace(page, code="")) == replace(page, code="")
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    faces = {letter: tuple(large_type.plain(large_type.drawn(letter, 9))) for letter in letters}
    assert len(set(faces.values())) == len(letters), "each is another one"
    assert "".join("".join(face) for face in faces.values()).isascii()
