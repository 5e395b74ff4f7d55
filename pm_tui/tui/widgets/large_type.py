"""Letters three rows high, of half blocks, to be read from two metres; or six rows, of whole ones.

What is drawn is a picture: whoever shows it shows the words as text as well.
"""

from __future__ import annotations

import re

HIGH = 3  # rows of a line of letters at scale 1
_ROWS = 6  # of pixels; most letters leave the first one to the dots of an umlaut
# from top to bottom; small letters are drawn as large ones
_GLYPHS = {
    "A": "010 101 111 101 101", "B": "110 101 110 101 110", "C": "011 100 100 100 011",
    "D": "110 101 101 101 110", "E": "111 100 110 100 111", "F": "111 100 110 100 100",
    "G": "0111 1000 1011 1001 0111", "H": "101 101 111 101 101", "I": "111 010 010 010 111",
    "J": "001 001 001 101 010", "K": "1001 1010 1100 1010 1001", "L": "100 100 100 100 111",
    "M": "10001 11011 10101 10001 10001", "N": "1001 1101 1011 1001 1001",
    "O": "0110 1001 1001 1001 0110", "P": "110 101 110 100 100",
    "Q": "0110 1001 1001 1010 0101", "R": "110 101 110 101 101", "S": "011 100 010 001 110",
    "T": "111 010 010 010 010", "U": "101 101 101 101 111", "V": "101 101 101 101 010",
    "W": "10001 10001 10101 11011 10001", "X": "101 101 010 101 101", "Y": "101 101 010 010 010",
    "Z": "111 001 010 100 111", "Ä": "101 000 010 101 111 101", "Ö": "101 000 111 101 101 111",
    "Ü": "101 000 101 101 101 111",
    "0": "111 101 101 101 111", "1": "010 110 010 010 111", "2": "111 001 111 100 111",
    "3": "111 001 011 001 111", "4": "101 101 111 001 001", "5": "111 100 111 001 111",
    "6": "111 100 111 101 111", "7": "111 001 001 010 010", "8": "111 101 111 101 111",
    "9": "111 101 111 001 111",
    " ": "00 00 00 00 00", "-": "000 000 111 000 000", "_": "000 000 000 000 111",
    ".": "0 0 0 0 1", ",": "00 00 00 01 10", ":": "0 1 0 1 0", "!": "1 1 1 0 1",
    "?": "111 001 011 000 010", "/": "001 001 010 100 100", "*": "000 101 010 101 000",
    "+": "000 010 111 010 000", "…": "00000 00000 00000 00000 10101",
    "(": "01 10 10 10 01", ")": "10 01 01 01 10", "'": "1 1 0 0 0",
}  # fmt: skip
_HALVES = {(True, True): "█", (True, False): "▀", (False, True): "▄", (False, False): " "}

_SEGMENTS = str.maketrans({"█": "#", "▀": '"', "▄": "_"})


def drawn(text: str, width: int, scale: int = 1) -> list[str]:
    """`text` in rows of at most `width` cells: broken behind hyphens and blanks, and elsewhere
    only where nothing else helps. Empty where not even one letter fits."""
    glyphs = [part for part in _broken(text.upper(), width, scale) if part]
    if any(_width(part, scale) > width for part in glyphs):
        return []
    return [row for part in glyphs for row in _line(part, scale)]


def plain(rows: list[str]) -> list[str]:
    """The same rows of ASCII, as a display of seven segments would have them."""
    return [row.translate(_SEGMENTS) for row in rows]


def fits(text: str, width: int, scale: int = 1) -> bool:
    """Whether `text` goes into `width` cells without being broken inside of a word."""
    return all(_width(word, scale) <= width for word in _words(text.upper()))


def _words(text: str) -> list[str]:
    return re.findall(r"[^ -]*[ -]|[^ -]+", text)


def _broken(text: str, width: int, scale: int) -> list[str]:
    lines = [""]
    for word in _words(text):
        if _width((lines[-1] + word).rstrip(), scale) <= width:
            lines[-1] += word
            continue
        lines.append("")
        for letter in word:
            if _width((lines[-1] + letter).rstrip(), scale) > width:
                lines.append("")
            lines[-1] += letter
    return [line.strip() for line in lines]


def _pixels(letter: str) -> list[str] | None:
    """Its rows of pixels; None for one that cannot be drawn."""
    rows = _GLYPHS.get(letter, "").split()
    if not rows:
        return None
    return ["0" * len(rows[0])] * (_ROWS - len(rows)) + rows


def _width(text: str, scale: int) -> int:
    widths = [len(rows[0]) if (rows := _pixels(letter)) else 2 for letter in text]
    return (sum(widths) + max(len(text) - 1, 0)) * scale


def _line(text: str, scale: int) -> list[str]:
    rows = [_letter(letter, scale) for letter in text]
    gap = " " * scale
    return [gap.join(row).rstrip() for row in zip(*rows, strict=True)]


def _letter(letter: str, scale: int) -> list[str]:
    pixels = _pixels(letter)
    if pixels is None:  # as it is, in the middle, in its own cells
        from rich.cells import set_cell_size

        blank, middle = " " * (2 * scale), HIGH * scale // 2
        rows = [blank] * (HIGH * scale)
        rows[middle] = set_cell_size(letter, 2 * scale)
        return rows
    lit = [[pixel == "1" for pixel in row] for row in pixels]
    if scale > 1:
        return ["".join(("█" if one else " ") * scale for one in row) for row in lit]
    return [
        "".join(_HALVES[pair] for pair in zip(upper, lower, strict=True))
        for upper, lower in zip(lit[::2], lit[1::2], strict=True)
    ]
