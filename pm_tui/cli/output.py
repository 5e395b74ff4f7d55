"""What verbs print: plain aligned tables that a pipe and a screen reader can take, and JSON."""

from __future__ import annotations

import os
import shutil
import sys
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pm_tui.i18n import _
from pm_tui.models.json import JsonObject, dumps
from pm_tui.models.text import clean
from pm_tui.models.times import wire_time

GAP = "  "
NARROWEST = 10  # cells that a shrinking column keeps
LONGEST_COMPLAINT = 500


@dataclass(frozen=True, slots=True)
class Column:
    """`shrinks`: gives way, with an ellipsis, where the terminal is too narrow, down to `least`
    cells. Where that is not enough, columns with a `drops` are left out, 1 first."""

    title: str
    right: bool = False
    shrinks: bool = False
    drops: int = 0
    least: int = NARROWEST


def document(value: JsonObject) -> None:
    """One JSON document on one line, ASCII; a Decimal is a number with its own digits."""
    print(dumps(value))


def complain(text: str) -> None:
    """One line on stderr, whatever a server or a system put into it."""
    print(f"pm-tui: {clean(text, LONGEST_COMPLAINT)}", file=sys.stderr)


def table(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
    """Print rows under their titles; cut to the width of a terminal, whole into a pipe."""
    terminal = sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if terminal else None
    header, *lines = layout(columns, rows, width)
    print(f"\x1b[1m{header}\x1b[0m" if terminal and _colours() else header)
    for line in lines:
        print(line)


def layout(
    columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int | None
) -> list[str]:
    """The lines of a table, at most `width` cells wide as far as its columns give way."""
    kept = list(range(len(columns)))
    lines = [[column.title for column in columns], *rows]
    widths = [max(cells(line[i]) for line in lines) for i in kept]
    if width is not None:
        kept = _keep(columns, widths, width)
        _shrink(columns, kept, widths, width)
    return [
        GAP.join(_fit(line[i], widths[i], right=columns[i].right) for i in kept).rstrip()
        for line in lines
    ]


def facts(pairs: Sequence[tuple[str, str]]) -> None:
    """Print `name: value` lines with the values under each other."""
    width = max(cells(name) for name, _value in pairs)
    for name, value in pairs:
        print(f"{_fit(name, width)}{GAP}{value}".rstrip())


def cells(text: str) -> int:
    """How many cells of a terminal `text` takes."""
    if text.isascii():
        return len(text)
    return sum(_cell(char) for char in text)


def wire(moment: datetime | None) -> str | None:
    """A time as the documents have it (UTC, `Z`, whole seconds); None is unknown."""
    return None if moment is None else wire_time(moment)


def origin_words(origin: str, age: str) -> str:
    """Where a list comes from and how old it is."""
    return _("live") if origin == "live" else _("remembered, {age} old").format(age=age)


def _cell(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _keep(columns: Sequence[Column], widths: Sequence[int], width: int) -> list[int]:
    """The columns that fit when all that can shrink have shrunk."""
    kept = list(range(len(columns)))
    while True:
        least = [
            min(widths[i], columns[i].least) if columns[i].shrinks else widths[i] for i in kept
        ]
        droppable = [i for i in kept if columns[i].drops]
        if sum(least) + len(GAP) * (len(kept) - 1) <= width or not droppable:
            return kept
        kept.remove(min(droppable, key=lambda i: columns[i].drops))


def _shrink(columns: Sequence[Column], kept: Sequence[int], widths: list[int], width: int) -> None:
    """Take what is too much from the widest shrinking column, cell by cell."""
    while sum(widths[i] for i in kept) + len(GAP) * (len(kept) - 1) > width:
        able = [i for i in kept if columns[i].shrinks and widths[i] > columns[i].least]
        if not able:
            return
        widths[max(able, key=lambda i: widths[i])] -= 1


def _fit(text: str, size: int, *, right: bool = False) -> str:
    if cells(text) > size:
        kept, used = "", 0
        for char in text:
            used += _cell(char)
            if used > size - 1:
                break
            kept += char
        text = kept + "…"
    padding = " " * (size - cells(text))
    return padding + text if right else text + padding


def _colours() -> bool:
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM", "dumb") != "dumb"
