"""How a cell looks, and the shortest way from one look to the next.

Textual writes every piece of text with all of its colours and takes them off again after it. Here
only what is different between two neighbours is written.
"""

from __future__ import annotations

from functools import lru_cache

from rich.color import ColorSystem
from rich.style import Style
from textual.strip import Strip

# SGR (ECMA-48 8.3.117): what switches an attribute off again
_OFF = {
    "1": "22", "2": "22", "3": "23", "4": "24", "5": "25", "6": "25", "7": "27", "8": "28",
    "9": "29", "21": "24", "51": "54", "52": "54", "53": "55",
}  # fmt: skip
_SEEN_ON_BLANKS = {"4", "7", "9", "21", "51", "52", "53"}  # lines, and the ground by `reverse`
_TEXT = "\0"


class Look:
    """Compared by identity: there is one of each kind (`look_of`)."""

    __slots__ = ("attributes", "back", "blank", "fore", "link")

    def __init__(self, fore: str, back: str, attributes: tuple[str, ...], link: str) -> None:
        self.fore, self.back = fore, back  # as SGR parameters, empty for the terminal's own
        self.attributes = attributes
        self.link = link  # the OSC 8 that opens it
        self.blank: Look = self
        """What a space of this look is: most attributes do not show on one."""

    @property
    def parameters(self) -> list[str]:
        return [one for one in (*self.attributes, self.fore, self.back) if one]


@lru_cache(8192)
def _look(fore: str, back: str, attributes: tuple[str, ...], link: str) -> Look:
    look = Look(fore, back, attributes, link)
    seen = tuple(one for one in attributes if one in _SEEN_ON_BLANKS)
    if not seen and (fore or attributes or link):
        look.blank = _look("", back, (), "")
    return look


PLAIN = _look("", "", (), "")


def look_of(style: Style | None, colors: ColorSystem) -> Look:
    """The look of a style on a terminal with so many colours."""
    return PLAIN if style is None else _parsed(Strip.render_style(style, _TEXT, colors))


@lru_cache(8192)
def _parsed(rendered: str) -> Look:
    before = rendered.partition(_TEXT)[0]
    link, fore, back = "", "", ""
    if before.startswith("\x1b]"):
        link, _, before = before.partition("\x1b\\")
        link += "\x1b\\"
    attributes: list[str] = []
    codes = before.removeprefix("\x1b[").removesuffix("m").split(";")
    while codes and codes[0]:
        code = codes.pop(0)
        if code in ("38", "48"):
            rest = 2 if codes[0] == "5" else 4
            colour = ";".join((code, *codes[:rest]))
            del codes[:rest]
            fore, back = (colour, back) if code == "38" else (fore, colour)
        elif len(code) >= 2 and code[:-1] in ("3", "9"):
            fore = "" if code == "39" else code
        elif len(code) >= 2 and code[:-1] in ("4", "10"):
            back = "" if code == "49" else code
        else:
            attributes.append(code)
    return _look(fore, back, tuple(attributes), link)


@lru_cache(8192)
def change(old: Look, new: Look) -> str:
    """What to write between text of one look and text of another."""
    link = "" if old.link == new.link else new.link or "\x1b]8;;\x1b\\"
    codes = _difference(old, new)
    if not codes:
        return link
    anew = ["0", *new.parameters] if new.parameters else [""]
    return f"{link}\x1b[{min(';'.join(codes), ';'.join(anew), key=len)}m"


def _difference(old: Look, new: Look) -> list[str]:
    codes: list[str] = []
    kept = set(old.attributes)
    for code in old.attributes:
        off = _OFF.get(code, "0")
        if code not in new.attributes and off not in codes:
            codes.append(off)
            kept -= {one for one in kept if _OFF.get(one, "0") == off}
    if "0" in codes:
        return ["0", *new.parameters]
    codes += [code for code in new.attributes if code not in kept]
    if old.fore != new.fore:
        codes.append(new.fore or "39")
    if old.back != new.back:
        codes.append(new.back or "49")
    return codes
