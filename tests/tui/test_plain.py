"""Terminals that have ASCII alone: nothing of ours is drawn that they lack, and all in its cell."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
from rich.cells import cell_len

import pm_tui
from pm_tui.config import Settings
from pm_tui.tui.plain import SIGNS, key_words, plain
from tests.tui.driving import driven, until

PACKAGE = Path(pm_tui.__file__).parent
DRAWN = ("formats.py", "tui", "services", "models", "locale")


def signs_of_ours() -> set[str]:
    """Every sign beyond ASCII in what is drawn or said, letters and what stands for them aside."""
    paths = [
        path
        for part in DRAWN
        for path in (PACKAGE / part, *(PACKAGE / part).rglob("*"))
        if path.suffix in (".py", ".po")
    ]
    text = "".join(path.read_text() for path in paths)
    return {one for one in text if not one.isascii() and unicodedata.category(one)[0] not in "LMZ"}


def test_every_sign_of_ours_has_one_of_ascii_in_as_many_cells() -> None:
    found = signs_of_ours()
    assert len(found) > 30
    lacking = {one for one in found if plain(one, False).strip() in ("", "?")}
    assert lacking <= set("§¿")  # which are in comments and in a table of what is not drawn
    assert all(len(plain(one, False)) == cell_len(one) for one in found)


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("╭─ Ort ─╮", "+- Ort -+"),
        ("│┌├┼┤║═╍", "|++++|--"),
        ("▏▎▊▐▕▔▁", "|||||-_"),
        ("⠀⠁⠿⣿", " .*#"),
        ("✓ bestätigt · 12,50\xa0€", "+ bestatigt . 12,50 E"),
        ("Łódź – Größe", "Lodz - Grose"),
        ("a\u0308北", "a??"),
    ],
)
def test_a_sign_stands_for_another_cell_for_cell(text: str, drawn: str) -> None:
    assert plain(text, False) == drawn
    assert cell_len(text) == len(drawn)


def test_letters_stay_where_the_terminal_has_them() -> None:
    assert plain("✓ Größe …", True) == "+ Größe ."
    assert not any(one.isascii() for one in SIGNS)


def test_a_key_is_named_where_its_sign_is_none_of_ascii() -> None:
    assert key_words("enter", ascii_only=True) == "enter"
    assert key_words("enter", ascii_only=False) == "⏎"
    assert key_words("question_mark", ascii_only=True) == "?"


async def test_every_cell_of_every_screen_is_ascii(settings: Settings) -> None:
    poor = replace(settings, ascii=True, letters=False)
    async with driven(poor) as seen:
        await seen.search()
        seen.table.focus()
        for key, name in (
            ("b", "BookingFormScreen"),
            ("escape", "FindView"),
            ("f8", "HomeView"),
            ("f1", "HelpScreen"),
        ):
            await seen.press(key)
            await until(lambda name=name: seen.screen_name == name, name)  # type: ignore[misc]
            assert [line for line in seen.lines if not line.isascii()] == []
            assert {len(line) for line in seen.lines} == {120}
            if key == "b":
                assert "EUR " in seen.text and not re.search(r"\bE\d+\.\d\d", seen.text)
        assert "+-" in seen.text and " | " in seen.text
        seen.app.notify("— “so” —")
        await until(lambda: '- "so" -' in seen.text, "a notice")
        assert seen.text.isascii()
