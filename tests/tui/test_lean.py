"""What is written is the least, and the terminal shows the same as if all of it were."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pyte
import pytest
from rich.cells import cell_len
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style

from pm_tui.tui.lean.cells import cells
from pm_tui.tui.lean.looks import PLAIN, change, look_of
from pm_tui.tui.lean.shown import Shown

SIZE = (44, 18)
STYLES = [
    None,
    *map(
        Style.parse,
        (
            "red",
            "bold #102030 on #405060",
            "dim #102030 on #405060",
            "italic underline on blue",
            "reverse bright_white",
            "bold dim strike color(120) on color(7)",
            "on #405060",
        ),
    ),
]
WORDS = ("Berlin ", "    ", "Straße 7", "●", "東京", "€7.85", "x")
Line = list[Segment]


class Glass:
    """A terminal, and the memory of what it shows."""

    def __init__(self) -> None:
        self.shown = Shown()
        self.screen = pyte.Screen(*SIZE)
        self.screen.reset_mode(pyte.modes.DECAWM)
        self.stream = pyte.Stream(self.screen)

    def draw(self, lines: dict[int, Line], column: int = 0, *, whole: bool = True) -> str:
        spans = [(line, column, segments) for line, segments in lines.items()]
        written = self.shown.paint(SIZE, spans, ColorSystem.TRUECOLOR, whole=whole)
        self.stream.feed(written)
        return written

    def cells(self) -> Iterator[tuple[object, ...]]:
        for line in range(SIZE[1]):
            for column in range(SIZE[0]):
                cell = self.screen.buffer[line][column]
                seen = cell.underscore or cell.strikethrough or cell.reverse
                blank = cell.data == " " and not seen
                # neither colour nor weight of a space can be seen
                yield (cell.data, cell.bg) if blank else tuple(cell)


def plainly(lines: list[Line]) -> Glass:
    """All of it as rich would write it: nothing here knows how we do it."""
    glass = Glass()
    for line, segments in enumerate(lines, 1):
        texts = ((style or Style()).render(text) for text, style, _control in segments)
        glass.stream.feed(f"\x1b[{line}H{''.join(texts)}")
    return glass


def a_line(width: int, rng: random.Random) -> Line:
    line: Line = []
    while (used := sum(cell_len(text) for text, _style, _control in line)) < width:
        word = rng.choice(WORDS)
        if used + cell_len(word) > width:
            word = " " * (width - used)
        line.append(Segment(word, rng.choice(STYLES)))
    return line


@pytest.mark.parametrize("seed", range(3))
def test_whatever_changes_the_screen_is_as_if_drawn_anew(seed: int) -> None:
    rng = random.Random(seed)
    width, height = SIZE
    glass = Glass()
    lines = [a_line(width, rng) for _line in range(height)]
    glass.draw(dict(enumerate(lines)))
    for _frame in range(14):
        kind = rng.choice(("scroll", "scroll", "some", "all"))
        if kind == "scroll":
            top = rng.randrange(3)
            by = rng.choice((1, 2, 5))
            body = lines[top:]
            fresh = [a_line(width, rng) for _line in range(by)]
            lines[top:] = [*body[by:], *fresh] if rng.random() < 0.5 else [*fresh, *body[:-by]]
            still = rng.randrange(height - top)
            lines[top + still] = body[still]  # while its neighbours moved
        else:
            for line in range(height):
                if kind == "all" or rng.random() < 0.2:
                    lines[line] = a_line(width, rng)
        glass.draw(dict(enumerate(lines)))
        assert list(glass.cells()) == list(plainly(lines).cells())


def test_what_is_there_already_costs_nothing() -> None:
    glass = Glass()
    rng = random.Random(1)
    lines = {line: a_line(SIZE[0], rng) for line in range(SIZE[1])}
    assert glass.draw(lines)
    assert glass.draw(lines) == ""
    glass.shown.forget()
    assert len(glass.draw(lines)) > SIZE[0] * SIZE[1]  # all of it, whatever was there


def test_only_what_changed_is_written_and_colours_where_they_change() -> None:
    glass = Glass()
    green, plain = Style.parse("#00ff00 on #101010"), Style.parse("#ffffff on #101010")
    glass.draw({3: [Segment("free 1/2 now", green)]})
    assert glass.draw({3: [Segment("free 2/2 now", green)]}) == (
        "\x1b[4;6H\x1b[38;2;0;255;0;48;2;16;16;16m2\x1b[m"
    )
    # the space between two words belongs to neither colour
    written = glass.draw({3: [Segment("FREE ", green), Segment("YES", plain)]})
    assert written == (
        "\x1b[4H\x1b[38;2;0;255;0;48;2;16;16;16mFREE \x1b[38;2;255;255;255mYES\x1b[m"
    )


def table(first: int, pane: str = "pane") -> dict[int, Line]:
    """A table of names beside a pane that does not move."""
    on, off = Style.parse("on blue"), Style.parse("on black")
    rows = {}
    for line in range(2, 18):
        name = "".join(random.Random(first + line).choices("abcdefgh", k=26))
        rows[line] = [Segment(name, on), Segment(f"|{pane}", off)]
    return rows


def test_a_table_that_scrolls_is_moved_by_the_terminal() -> None:
    glass = Glass()
    glass.draw(table(0, "same"))
    rows = {line: segments[:1] for line, segments in table(1).items()}
    written = glass.draw(rows)
    assert "\x1b[3;18r" in written and "\x1b[1M" in written and "\x1b[r" in written
    assert len(written) < 400 < len("".join(text for ((text, *_),) in rows.values()))
    rows = {line: segments[:1] for line, segments in table(0).items()}
    assert "\x1b[1L" in glass.draw(rows)
    anew = Glass()
    anew.draw(table(0, "same"))
    assert list(glass.cells()) == list(anew.cells())


def test_a_pane_is_not_moved_for_a_moment_where_the_terminal_would_show_it() -> None:
    for whole in (True, False):
        glass = Glass()
        rows = table(0)
        glass.draw({n: [rows[n][0], Segment(chr(65 + n) * 9)] for n in rows})
        written = glass.draw({n: row[:1] for n, row in table(1).items()}, whole=whole)
        assert ("\x1b[r" in written) is whole
        assert glass.screen.display[10][26:] == "KKKKKKKKK" + " " * 9


def test_letters_that_join_others_stay_one_piece() -> None:
    joined = "cafe\u0301 👩‍🚀"
    assert cells(joined)[0] == joined and len(cells(joined)) == cell_len(joined)
    assert cells("東a") == ["東", "", "a"]
    assert cells("a\x1b[2Jb\x07") == list("a[2Jb")  # what is no text is not written
    glass = Glass()
    glass.draw({0: [Segment("0123456789abc")]})
    written = glass.draw({0: [Segment(joined), Segment("|end")]})
    # nothing old beside it, and what follows stands where it should
    assert written.startswith("\x1b[1H" + " " * cell_len(joined) + "\x1b[1G" + joined)
    assert f"\x1b[1;{cell_len(joined) + 1}H|" in written


def test_a_wide_letter_cut_in_half_is_gone() -> None:
    glass = Glass()
    glass.draw({0: [Segment("東京都")]})
    glass.draw({0: [Segment("ab")]}, 1)
    assert glass.screen.display[0].rstrip() == " ab 都"


def test_attributes_go_as_they_came() -> None:
    bold, dim, both = (
        look_of(Style.parse(style), ColorSystem.STANDARD) for style in ("bold", "dim", "bold dim")
    )
    assert change(PLAIN, bold) == "\x1b[1m" and change(bold, PLAIN) == "\x1b[m"
    assert change(both, dim) == "\x1b[0;2m"
    assert change(bold, dim) == "\x1b[0;2m"
    red = look_of(Style.parse("bold red on blue"), ColorSystem.STANDARD)
    assert change(red, look_of(Style.parse("red on blue"), ColorSystem.STANDARD)) == "\x1b[22m"
    link = look_of(Style(link="https://example.org"), ColorSystem.TRUECOLOR)
    assert "example.org" in change(PLAIN, link)
    assert change(link, PLAIN) == "\x1b]8;;\x1b\\"
