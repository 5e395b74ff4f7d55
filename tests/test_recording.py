"""The recorded session that is kept, and how one is written."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path

import pyte
from pyte.screens import Char

from tests.canary import MARK
from tests.recording import FILE, SIZE, cast
from tests.sandbox_process import ROOT

LARGEST = 300_000  # bytes


def events(text: str) -> list[tuple[float, str]]:
    """When, and what; after a look at the form (asciicast, version 2)."""
    first, *rest = map(json.loads, text.splitlines())
    assert (first["version"], first["width"], first["height"]) == (2, *SIZE)
    assert all(kind == "o" for _at, kind, _text in rest)
    times = [at for at, _kind, _text in rest]
    assert times == sorted(times)
    return [(at, told) for at, _kind, told in rest]


def test_the_session_that_is_kept_shows_every_step_and_nothing_of_the_machine() -> None:
    text = FILE.read_text(encoding="utf-8")
    assert len(text.encode()) < LARGEST
    assert f"]({FILE.relative_to(ROOT)})" in (ROOT / "README.md").read_text(encoding="utf-8")
    screen = pyte.Screen(*SIZE)
    stream = pyte.Stream(screen)
    seen = []
    for _at, told in events(text):
        stream.feed(told)
        seen.append("\n".join(screen.display))
    for word in ("New here?", *(f"Tour {n}/6" for n in range(1, 7)), "✓ confirmed", "worth a look"):
        assert any(word in one for one in seen), word
    whole = "".join(seen)
    assert re.findall(rf"pm_sandbox_[0-9a-f]|{MARK}", whole + text) == []
    # of whichever machine this is, and of any: no path that begins at the top of its disk
    for folder in (Path.home(), ROOT, Path(tempfile.gettempdir())):
        assert str(folder) not in whole + text
    assert re.findall(r"(?<![\w/.:<])/[a-z]+/[\w.-]+/[\w.-]+", whole) == []


def test_a_player_shows_each_frame_as_it_was() -> None:
    def row(*cells: Char) -> list[list[Char]]:
        blank = [[Char(" ")] * SIZE[0] for _ in range(SIZE[1] - 1)]
        return [[*cells, *[Char(" ")] * (SIZE[0] - len(cells))], *blank]

    red = Char("a", fg="ff0000", bold=True)
    frames = [row(red, Char("車"), Char(""), Char("b")), row(red, Char("c"), Char("d"), Char("b"))]
    told = events(cast([(0.5, frames[0]), (1.0, frames[0]), (1.5, frames[1])]))
    assert [at for at, _text in told] == [0.0, 0.5, 1.5]  # what shows nothing new is left out
    assert "b" not in told[-1][1]
    screen = pyte.Screen(*SIZE)
    stream = pyte.Stream(screen)
    for (_at, text), line in zip(told, ("", "a車b", "acdb"), strict=True):
        stream.feed(text)
        assert screen.display[0].rstrip() == line
    assert (screen.buffer[0][0].fg, screen.buffer[0][0].bold) == ("ff0000", True)
