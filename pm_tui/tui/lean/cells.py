"""Text as the cells that it takes on a terminal."""

from __future__ import annotations

from functools import lru_cache

from rich.cells import cell_len, get_character_cell_size

REST = ""  # in the cells that a wide letter takes besides its first


def cells(text: str) -> list[str]:
    """One entry a cell; what is no text is left out."""
    if text.isascii():
        return list(text if text.isprintable() else "".join(filter(str.isprintable, text)))
    return list(_cells(text))


@lru_cache(8192)
def _cells(text: str) -> tuple[str, ...]:
    widths = [get_character_cell_size(letter) for letter in text]
    whole = cell_len(text)
    if min(widths) < 1 or sum(widths) != whole:
        # letters that join others: no two terminals agree where those stand, so it stays one piece
        return (text, *[REST] * (whole - 1)) if whole else ()
    found: list[str] = []
    for letter, width in zip(text, widths, strict=True):
        found += (letter, *[REST] * (width - 1))
    return tuple(found)


def mend(row: list[str]) -> None:
    """A wide letter of which a part was written over is gone, as it is on a terminal."""
    at = 0
    while at < len(row):
        if row[at] == REST:
            row[at] = " "
        width = 1 if len(row[at]) == 1 and row[at].isascii() else max(cell_len(row[at]), 1)
        if row[at + 1 : at + width] != [REST] * (width - 1):
            row[at] = " "
            width = 1
        at += width
