"""The pictures of the README show the program as it is."""

from __future__ import annotations

import difflib
import re
from pathlib import Path

import pytest

from tests.sandbox_process import ROOT
from tests.screenshots import FOLDER, WIDE, take, visible_text
from tests.sheets import WIDTH as CELL_WIDTH
from tests.sheets import Look, sheet

README = ROOT / "README.md"


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Pictures of the program as it is now, by name."""
    return {path.name: path for path in take(tmp_path_factory.mktemp("screenshots"))}


def test_pictures_are_not_stale(fresh: dict[str, Path]) -> None:
    assert {path.name for path in FOLDER.glob("*.svg")} == set(fresh)
    changes: list[str] = []
    for name, path in fresh.items():
        now, before = _lines(path), _lines(FOLDER / name)
        changes += difflib.unified_diff(before, now, f"screenshots/{name}", "now", "", "", 0, "")
    assert not changes, "make them anew: python -m tests.screenshots\n" + "\n".join(changes)


def _lines(picture: Path) -> list[str]:
    """What is read, but for the counts of requests: which of two that are under way together
    arrives first is anybody's guess, and whether the minute is over."""
    text = visible_text(picture.read_text(encoding="utf-8"))
    return re.sub(r"\d+/100(, \d+ s| a minute)|\d+(?=/10,000)", "#", text).splitlines()


def test_pictures_load_nothing_and_fill_their_terminal(fresh: dict[str, Path]) -> None:
    for name, path in fresh.items():
        told = re.search(r"(\d+)x(\d+)", name)
        width, height = map(int, told.groups()) if told else WIDE
        svg = path.read_text(encoding="utf-8")
        assert not re.search(r"url\(\"?http|@import|<script|<image", svg)
        lines = visible_text(svg).splitlines()
        assert width * 0.7 < max(len(line) for line in lines) <= width
        # a visitor reads a few large words
        assert height * (0.2 if name.startswith("kiosk") else 0.7) < len(lines) <= height


def test_readme_shows_pictures_that_exist() -> None:
    shown = re.findall(r"\]\((screenshots/[^)]+)\)", README.read_text(encoding="utf-8"))
    assert shown
    assert [name for name in shown if not (ROOT / name).is_file()] == []


def test_a_sheet_shows_every_text_in_its_place_and_loads_nothing() -> None:
    dark, light = Look("#ffffff", "#000000", True), Look("#000000", "#ffffff", False)
    one = [[("a <b> ", dark), ("  c", light)], [("d", light)]]
    svg = sheet([[one, one], [one]])
    assert svg == sheet([[one, one], [one]])
    found = re.findall(r'<text class="(\w+)" x="(\d+)" y="\d+" textLength="\d+">(.*)</text>', svg)
    assert [text for _look, _x, text in found] == ["a &lt;b&gt;", "c", "d"] * 3
    first, second, third = found[:3]
    assert int(second[1]) - int(first[1]) == 8 * CELL_WIDTH
    assert first[0] != second[0] == third[0]
    assert not re.search(r"url|@import|<script|<image", svg)
