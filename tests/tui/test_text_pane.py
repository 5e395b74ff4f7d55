"""No letter of a long text is lost at the pane's edge."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.content import Content

from pm_tui.tui.widgets.text_pane import TextPane
from tests.tui.driving import until

LONG = "https://example.org/" + "0123456789" * 12


class OnePane(App[None]):
    CSS = "TextPane { border: round red; padding: 0 1; }"

    def compose(self) -> ComposeResult:
        yield TextPane(id="pane")


async def test_the_scroll_bar_covers_nothing() -> None:
    app = OnePane()
    async with app.run_test(size=(40, 10)) as pilot:
        pane = app.query_one(TextPane)
        for lines in ([Content(LONG)], [Content(LONG)] * 4, [Content("short")]):
            pane.show(lines)
            await pilot.pause()
            height = pane.content_size.height
            await until(lambda h=height: pane.show_vertical_scrollbar == (len(pane._wrapped) > h))  # type: ignore[misc]
            width = pane.scrollable_content_region.width
            assert all(piece.cell_length <= width for piece in pane._wrapped)
            assert "".join(piece.plain for piece in pane._wrapped) == "".join(
                line.plain for line in lines
            )
