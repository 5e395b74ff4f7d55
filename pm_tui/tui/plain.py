"""Borders and marks for terminals that have ASCII alone: one sign for another, cell for cell.

A filter over what is drawn, so that nothing that draws need know of it, Textual's own borders and
arrows included, and that no layout changes.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter
from textual.keys import format_key

# those that mean something are told apart: of each pair below both can stand in one column
SIGNS = {
    "✓": "+", "✗": "x", "●": "*", "○": "o", "◐": "%", "◍": "!", "◆": "=", "■": "#", "◎": "@",
    "◌": "-", "▣": "8", "□": "0", "◇": "/", "◈": "&", "✚": "X", "∙": ".", "▪": ":", "≥": ">",
    "≤": "<", "★": "*", "▸": ">", "◂": "<", "»": ">", "▼": "v", "▲": "^", "▶": ">", "◀": "<",
    "↑": "^", "↓": "v", "←": "<", "→": ">", "…": ".", "·": ".", "•": "*", "–": "-", "—": "-",
    "−": "-", "‑": "-", "“": '"', "”": '"', "„": '"', "’": "'", "‘": "'", "⭘": "o",
    "▁": "_", "▂": ",", "▃": "-", "▄": "=", "▅": "+", "▆": "*", "▇": "%", "█": "#", "░": ".",
    "▒": ":", "▓": "%", "▀": "-", "▔": "-", "€": "E", "£": "L", "°": "o", "µ": "u", "©": "c",
    "ß": "s", "ẞ": "S", "ø": "o", "Ø": "O", "æ": "a", "Æ": "A", "œ": "o", "ł": "l", "Ł": "L",
    "đ": "d", "ð": "d", "þ": "t", "ı": "i", "⏎": "<", "⌫": "<", "¿": "?", "¡": "!",
}  # fmt: skip
_BARS = range(0x2589, 0x2596)  # blocks that begin or end at the left or the right
_BRAILLE = range(0x2800, 0x2900)
_DENSER = " .:-=+*%#"  # by the dots of a braille cell


@lru_cache(4096)
def plain(text: str, letters: bool) -> str:
    """`text` without signs beyond ASCII, in as many cells; with `letters` those stay."""
    return text if text.isascii() else "".join(_plain(one, letters) for one in text)


def _plain(one: str, letters: bool) -> str:
    if one.isascii() or (letters and unicodedata.category(one)[0] in "LM"):
        return one
    if one in SIGNS:
        return SIGNS[one]
    code = ord(one)
    if code in _BRAILLE:
        return _DENSER[(code & 0xFF).bit_count()]
    if code in _BARS:
        return "|"
    name = unicodedata.name(one, "")
    if name.startswith("BOX DRAWINGS"):
        return "+" if " AND " in name else "-" if "HORIZONTAL" in name else "|"
    base = unicodedata.normalize("NFKD", one)[:1]
    width = cell_len(one)
    return (base if base.isascii() and base.isprintable() else "?") * width


class Plain(LineFilter):
    """The filter; with `letters` it leaves those to the terminal."""

    def __init__(self, *, letters: bool) -> None:
        super().__init__()
        self._letters = letters

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [
            Segment(plain(text, self._letters), style, control) for text, style, control in segments
        ]


def key_words(key: str, *, ascii_only: bool) -> str:
    """A key as it is shown; by its name where its sign is not ASCII (`enter` for `⏎`)."""
    sign = format_key(key)
    return sign if sign.isascii() or not ascii_only else key
