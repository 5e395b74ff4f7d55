"""What of a page is shown how large: as large as the terminal allows, and the number first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from pm_tui.i18n import _
from pm_tui.tui.kiosk.pages import Block, Choice, Page
from pm_tui.tui.widgets import large_type
from pm_tui.tui.widgets.plug_pictures import WIDTH as PICTURE

WAY, NUMBER = "way", "way-back"  # choices of the screen itself
_AIR = 4  # cells beside the text
_FIELD = 3  # rows of a field to type in
_GAP = 4  # cells between two blocks side by side


@dataclass(frozen=True, slots=True)
class Layout:
    """`title` is large or empty; `code` beside the rest; `below`: the text follows the choices,
    which have `rows` rows each, `room` for all of them and `pictures` pictures of connectors."""

    title: tuple[str, ...]
    large: tuple[str, ...]
    code: tuple[str, ...]
    below: bool
    choices: tuple[Choice, ...]
    rows: int
    room: int
    pictures: int = 0


def lay_out(page: Page, width: int, height: int, code: Sequence[str]) -> Layout:
    """For a terminal of that many cells. `code` are the lines of the page's QR code."""
    if page.large:
        return _with_number(page, width, height, code)
    beside = 2 + max(map(len, code)) if code else 0
    inner, many = width - _AIR - beside, len(page.choices)
    text = _rows(page.text, inner)
    left = height - 1 - (text and text + 1) - (_FIELD if page.field is not None else 0)
    title = _title(page, inner, left - 3 * many)
    left -= (len(title) or 1) + 2
    rows = 3 if 3 * many <= left else 2
    # a picture is worth a list that scrolls only where it scrolls anyway
    pictures = _pictures(page, inner) if rows == 3 or 2 * many > left else 0
    rows = 3 if pictures else rows
    room = max(left, 2 * rows)
    return Layout(title, (), tuple(code), False, page.choices, rows, room, pictures)


def way(page: Page) -> Page:
    """The same once more, without the large letters that leave no room for it."""
    choices = (Choice(NUMBER, _("Back to the number")),)
    return Page(_("The way there"), page.text, choices, code=page.code)


def _with_number(page: Page, width: int, height: int, code: Sequence[str]) -> Layout:
    beside = 2 + max(map(len, code)) if code else 0
    narrow = width - _AIR - beside
    values = [value for line in page.large for _caption, value in line]
    if (
        not code
        or len(code) + 2 > height
        or not all(large_type.fits(value, narrow) for value in values)
    ):
        beside, code = 0, ()
    inner, left = width - _AIR - beside, height - 3
    for scale in (2, 1):
        large = blocks(page.large, inner, scale)
        high = [len(large_type.drawn(value, inner, scale)) for value in values]
        whole = all(0 < rows <= 2 * large_type.HIGH * scale for rows in high)
        if whole and len(large) + 3 * len(page.choices) + _rows(page.text, inner) <= left:
            break
    choices = page.choices
    needed = len(large) + 2 * len(choices) + _rows(page.text, inner)
    if (page.code and not code) or needed > left:
        # before the last one, which ends it
        choices = (*choices[:-1], Choice(WAY, _("The way there")), *choices[-1:])
    rows = 3 if len(large) + 3 * len(choices) + _rows(page.text, inner) <= left else 2
    return Layout((), tuple(large), tuple(code), True, choices, rows, rows * len(choices))


def blocks(large: Sequence[Sequence[Block]], width: int, scale: int) -> list[str]:
    """Captions and values, those of a line side by side where they fit."""
    lines: list[str] = []
    for line in large:
        drawn = [[caption, *large_type.drawn(value, width, scale)] for caption, value in line]
        columns = [max(map(cell_len, rows)) for rows in drawn]
        if sum(columns) + _GAP * (len(columns) - 1) > width:
            lines += [row for rows in drawn for row in rows]
            continue
        high = max(map(len, drawn))
        for n in range(high):
            row = ""
            for rows, column in zip(drawn, columns, strict=True):
                cell = rows[n] if n < len(rows) else ""
                row += cell + " " * (column - cell_len(cell) + _GAP)
            lines.append(row.rstrip())
    return lines


def _title(page: Page, width: int, left: int) -> tuple[str, ...]:
    for scale in (2, 1):
        rows = large_type.drawn(page.title, width, scale)
        if len(rows) == large_type.HIGH * scale and len(rows) + 2 <= left:
            return tuple(rows)
    return ()


def _pictures(page: Page, width: int) -> int:
    """How many pictures stand before each choice; all of them have room, or there are none."""
    most = max((len(one.pictures) for one in page.choices), default=0)
    words = max((max(cell_len(one.label), cell_len(one.note)) for one in page.choices), default=0)
    return most if 6 + most * (PICTURE + 1) + words + 2 <= width else 0


def _rows(text: str, width: int) -> int:
    if not text:
        return 0
    return sum(max(-(-cell_len(line) // max(width, 1)), 1) for line in text.split("\n"))
