"""What is left out of Textual's styling is not missed: all that is shown looks as if every style
had been applied anew."""

from __future__ import annotations

from typing import Any

import pytest
from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode
from textual.widget import Widget

from pm_tui.config import Settings
from tests.tui.canned import CannedSession
from tests.tui.driving import Driven, driven, until


def looks(seen: Driven) -> dict[DOMNode, Any]:
    return {
        node: (
            dict(node.styles.base.get_rules()),
            {
                name: dict(node.get_component_styles(name).get_rules())
                for name in (node._get_component_classes() if isinstance(node, Widget) else ())
            },
        )
        for node in seen.app.screen.walk_children(with_self=True)
    }


async def test_views_and_dialogs_look_as_if_styled_anew(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with driven(settings, size=(120, 40)) as seen:

        async def whole(name: str) -> None:
            await until(lambda: seen.screen_name == name and seen.idle, name)
            await seen.pilot.pause()
            shown = looks(seen)
            seen.app.stylesheet.update(seen.app.screen)
            assert looks(seen) == shown, name

        await until(lambda: seen.app.gazetteer, "everything that is read after the start")
        again = 0
        reparse = seen.app.stylesheet.reparse

        def count() -> None:
            nonlocal again
            again += 1
            reparse()

        monkeypatch.setattr(seen.app.stylesheet, "reparse", count)
        await seen.search("Berlin")
        await whole("FindView")
        for key, name in {"f3": "BookingsView", "f7": "ReportView", "f8": "HomeView"}.items():
            await seen.press(key)
            await whole(name)
        await seen.press("f9")
        await whole("RequestsView")
        await seen.press("f2", "b")
        await whole("BookingFormScreen")
        assert again == 0, "what they need was read before"
        await seen.press("escape", "f9")
        seen.app.theme = "textual-light"
        await whole("RequestsView")
        await seen.press("f2")
        await whole("FindView")
        await seen.resize(80, 24)
        await seen.press("f3")
        await whole("BookingsView")
        await seen.press("question_mark")
        await whole("HelpScreen")


async def test_a_view_that_is_come_back_to_is_not_styled_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    styled: list[object] = []
    apply = Stylesheet.apply

    def counted(self: Stylesheet, node: DOMNode, **how: Any) -> None:
        styled.append(node)
        apply(self, node, **how)

    async with driven(settings, session=CannedSession) as seen:
        await seen.press("f3")
        await until(lambda: seen.screen_name == "BookingsView" and seen.rows, "the bookings")
        await seen.press("f2")
        await until(lambda: seen.screen_name == "FindView", "the first view")
        monkeypatch.setattr(Stylesheet, "apply", counted)
        await seen.press("f3")
        await until(lambda: seen.screen_name == "BookingsView", "the bookings again")
        assert styled == []
        seen.app.refresh_css()
        await until(lambda: styled, "what is counted")
